"""One way to make a PDF: from a template, with our font embedded, touching nothing but the static folder."""

import io
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

STATIC = Path(__file__).resolve().parent.parent / "static"


class NotRendered(RuntimeError):
    """A PDF could not be made whole; a page with holes is worse than none."""


def render(template: str, language: str, **context: Any) -> bytes:
    """Return a PDF of a template in a language.

    :raises NotRendered: if anything was left out: a font, a picture, a style
    """
    _register_fonts()
    with force_locale(language):
        html = render_template(template, **context)
    policy = ResourceAccessPolicy(
        allow_remote=False,
        base_dir=str(STATIC),
        max_render_seconds=20,
        max_document_bytes=5_000_000,
        max_resources=50,
        max_image_pixels=20_000_000,
    )
    out = io.BytesIO()
    status = pisa.CreatePDF(html, dest=out, encoding="utf-8", resource_policy=policy)
    if status.err or status.warn:
        raise NotRendered(f"{template}: {status.log}")
    return out.getvalue()


def qr_png(text: str) -> str:
    """Return a QR code as the address of an embedded picture."""
    return segno.make(text, error="m").png_data_uri(scale=4, border=2)


@cache
def _register_fonts() -> None:
    # Registered here and not by @font-face: a face the policy drops would leave black boxes and no error.
    pdfmetrics.registerFont(TTFont("Sans", STATIC / "fonts" / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont("Sans-Bold", STATIC / "fonts" / "DejaVuSans-Bold.ttf"))
    for bold, italic, name in ((0, 0, "Sans"), (0, 1, "Sans"), (1, 0, "Sans-Bold"), (1, 1, "Sans-Bold")):
        addMapping("sans", bold, italic, name)
    DEFAULT_FONT["sans"] = "sans"
