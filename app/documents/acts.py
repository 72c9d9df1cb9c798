"""The document of an act, from what was stored with it: in the consumer's language and in Russian."""

from typing import Any

from app import labels
from app.documents import pdf

_RUSSIAN = "ru"


def act_pdf(act: Any, approval: Any) -> bytes:
    """Return the document of an act as PDF, a leaf for each language.

    :param act: the stored act
    :param approval: who agreed, if a second person decided
    """
    language = (act.result.get("language") or _RUSSIAN) if act.result else _RUSSIAN
    languages = dict.fromkeys((language, _RUSSIAN))
    return pdf.joined([pdf.page("documents/act_document.html", each, act=act, approval=approval, labels=labels) for each in languages])


def file_name(act: Any) -> str:
    """Return the name of the file."""
    return f"act-{act.id}.pdf"
