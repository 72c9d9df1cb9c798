"""One way to make a PDF: from a template, with our font embedded, touching nothing but the static folder."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import render_template
from flask_babel import force_locale
from markupsafe import escape

from app.documents import fonts
from app.documents.issuer import author

#: The PDF library's own word for a new leaf.
_NEXT_PAGE = "<pdf:nextpage />"
STATIC = Path(__file__).resolve().parent.parent / "static"


class NotRendered(RuntimeError):
    """A PDF could not be made whole; a page with holes is worse than none."""


def render(template: str, language: str, **context: Any) -> bytes:
    """Return a PDF of a template in a language.

    :raises NotRendered: if anything was left out: a font, a picture, a style
    """
    return joined([page(template, language, **context)])


def page(template: str, language: str, **context: Any) -> str:
    """Return a template in a language, ready to be made a PDF alone or together with others."""
    with force_locale(language):
        made = render_template(template, document_language=language_tag(language), **context)
        return made.replace("<head>", f'<head><meta name="author" content="{escape(author())}">', 1)


def language_tag(language: str) -> str:
    """Return a language as PDF and HTML name it.

    >>> language_tag("uz_Cyrl")
    'uz-Cyrl'
    """
    return language.replace("_", "-")


def joined(pages: Sequence[str]) -> bytes:
    """Return one PDF of pages that share their style, each beginning on a new leaf.

    Fonts are embedded and styles are read once for all of them, which is what makes many at once cheaper than one by one.

    :raises NotRendered: if anything was left out: a font, a picture, a style
    """
    from xhtml2pdf import pisa  # noqa: PLC0415 - 20 MB that only printing needs
    from xhtml2pdf.files import ResourceAccessPolicy  # noqa: PLC0415

    fonts.register()
    count = len(pages)
    policy = ResourceAccessPolicy(
        allow_remote=False,
        base_dir=str(STATIC),
        max_render_seconds=20 * count,
        max_document_bytes=5_000_000 * count,
        max_resources=50 * count,
        max_image_pixels=20_000_000,
    )
    out = io.BytesIO()
    status = pisa.CreatePDF(fonts.marked(_bound(pages)), dest=out, encoding="utf-8", resource_policy=policy)
    if status.err or status.warn:
        raise NotRendered(str(status.log))
    return out.getvalue()


def _bound(pages: Sequence[str]) -> str:
    """Return one page with the bodies of all; the head is the first one's."""
    if len(pages) == 1:
        return pages[0]
    head = pages[0].partition("<body>")[0]
    bodies = (each.partition("<body>")[2].rpartition("</body>")[0] for each in pages)
    return f"{head}<body>{_NEXT_PAGE.join(bodies)}</body></html>"
