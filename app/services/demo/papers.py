"""Photographs and papers of the demo."""

import io

from PIL import Image, ImageDraw

_DISPLAY = (640, 240)
#: A paper of one empty page.
EMPTY_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def meter_photograph(shown: str) -> bytes:
    """Return a picture of what a meter shows."""
    picture, made = Image.new("RGB", _DISPLAY, "black"), io.BytesIO()
    ImageDraw.Draw(picture).text((80, 60), shown, fill="white", font_size=120)
    picture.save(made, "JPEG")
    return made.getvalue()
