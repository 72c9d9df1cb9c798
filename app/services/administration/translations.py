"""Correction of the texts of the screens: proposed by one person, approved by another."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, roles
from app.domain.administration.translations import catalog_text, check_texts
from app.models.administration import Approval, Translation
from app.queries import administration as queries
from app.services.administration import approvals


class CorrectionWaits(Exception):
    """A correction of the message in the language waits for a second person."""


def propose_text(session: Session, *, language: str, source: Sequence[str], before: Sequence[str], texts: Sequence[str]) -> Approval:
    """Put a correction of a message into the inbox of the whole company, for all of it reads the text.

    :param before: what stands there now
    :raises CorrectionWaits: if another one of the message waits
    :raises EmptyText: if a form is empty
    :raises HoldsMarkup: if a form holds a tag, an entity or a backslash
    :raises PlacesDiffer: if a place of the source is missing, or one is there that the source has not
    """
    check_texts(source, texts)
    what = {"language": language, "message": source[0]}
    if queries.contents_wait(session, ApprovalKind.TRANSLATION, what):
        raise CorrectionWaits
    return approvals.ask(
        session,
        ApprovalKind.TRANSLATION,
        division_id=queries.whole_company(session),
        subject=f"{language}: {source[0]}",
        contents=what | {"source": list(source), "before": list(before), "texts": list(texts)},
    )


class Correction(NamedTuple):
    """A message with the texts that stand there and those that are to."""

    source: Sequence[str]
    before: Sequence[str]
    texts: Sequence[str]


def propose_file(session: Session, *, language: str, name: str, corrections: Sequence[Correction]) -> Approval:
    """Put the corrections of a file into the inbox of the whole company, as one request.

    :raises EmptyText: if a form is empty
    :raises HoldsMarkup: if a form holds a tag, an entity or a backslash
    :raises PlacesDiffer: if a place of the source is missing, or one is there that the source has not
    """
    for each in corrections:
        check_texts(each.source, each.texts)
    return approvals.ask(
        session,
        ApprovalKind.TRANSLATION,
        division_id=queries.whole_company(session),
        subject=f"{language}: {name}"[:200],
        contents={"language": language, "file": name, "entries": [each._asdict() for each in corrections]},
    )


def apply_text(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    """Show the corrected texts once a second person agrees."""
    held = request.contents
    for each in held.get("entries", [held]):
        correct_text(session, language=held["language"], source=each["source"], texts=each["texts"])


def correct_text(session: Session, *, language: str, source: Sequence[str], texts: Sequence[str]) -> None:
    """Put texts in place of a message's shipped ones in a language; the old correction stays in the audit trail.

    :raises EmptyText: if a form is empty
    :raises HoldsMarkup: if a form holds a tag, an entity or a backslash
    :raises PlacesDiffer: if a place of the source is missing, or one is there that the source has not
    """
    check_texts(source, texts)
    session.execute(delete(Translation).where(Translation.language == language, Translation.message == source[0]))
    # A new row rather than a changed one, so that the highest number tells every process that something changed.
    session.add(Translation(language=language, message=source[0], texts=list(texts)))
    session.flush()


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.TRANSLATION,
        catalog_text("Correction of a translation"),
        catalog_text("approve corrections of translations"),
        (roles.SUPERVISOR, roles.RNI_EDITOR, roles.TRANSLATOR, roles.ADMINISTRATOR),
        apply_text,
    )
)
