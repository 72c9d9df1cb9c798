"""One way to make a PDF: from a template, with our font embedded, touching nothing but the static folder."""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import segno
from flask import render_template
from flask_babel import force_locale
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from xhtml2pdf import pisa
from xhtml2pdf.default import DEFAULT_FONT
from xhtml2pdf.files import ResourceAccessPolicy

#: The PDF library's own word for a new leaf.
_NEXT_PAGE = "<pdf:nextpage />"
#: What is printed in place of a letter that our font has not; the data keep the letter.
_NO_LETTER = "\ufffd"
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
        return render_template(template, **context)


def joined(pages: Sequence[str]) -> bytes:
    """Return one PDF of pages that share their style, each beginning on a new leaf.

    Fonts are embedded and styles are read once for all of them, which is what makes many at once cheaper than one by one.

    :raises NotRendered: if anything was left out: a font, a picture, a style
    """
    register_fonts()
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
    status = pisa.CreatePDF(drawable(_bound(pages)), dest=out, encoding="utf-8", resource_policy=policy)
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


def drawable(text: str) -> str:
    """Return a text with every letter that the fonts cannot draw replaced: one name in another script stops no document."""
    faces = [pdfmetrics.getFont(name).face.charToGlyph for name in ("Sans", "Sans-Bold")]
    # Beyond 16 bits the library draws a letter and spoils the table by which a reader copies and finds the text.
    known = {sign for sign in set(text) if sign.isspace() or (ord(sign) < 1 << 16 and all(ord(sign) in glyphs for glyphs in faces))}
    return text.translate({ord(sign): _NO_LETTER for sign in {*text} - known})


def qr_png(text: str) -> str:
    """Return a QR code as the address of an embedded picture."""
    return segno.make(text, error="m").png_data_uri(scale=4, border=2)


@cache
def register_fonts() -> None:
    """Give the PDF library our font, once a process."""
    # Registered here and not by @font-face: a face the policy drops would leave black boxes and no error.
    pdfmetrics.registerFont(TTFont("Sans", STATIC / "fonts" / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont("Sans-Bold", STATIC / "fonts" / "DejaVuSans-Bold.ttf"))
    for bold, italic, name in ((0, 0, "Sans"), (0, 1, "Sans"), (1, 0, "Sans-Bold"), (1, 1, "Sans-Bold")):
        addMapping("sans", bold, italic, name)
    DEFAULT_FONT["sans"] = "sans"
