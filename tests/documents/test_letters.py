"""Letters that our font has not: a name in another script is printed with a replacement and stops no document."""

import io
from html import escape

import pypdf
import pytest

from app.documents import pdf

_STYLE = "<style>b {{font-family: sans; font-weight: bold}} body {{font-family: sans}}</style>"
_PAGE = f"<html><head>{_STYLE}</head><body><p>{{0}}</p><b>{{0}}</b></body></html>"


def shown(name: str) -> str:
    made = pdf.joined([_PAGE.format("before"), _PAGE.format(escape(name))])
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Aziza 😀 🦊", "Aziza \ufffd \ufffd"),
        ("漢字 Ltd", "\ufffd\ufffd Ltd"),
        ("𝒳", "\ufffd"),
        ("a\ufffeb", "a\ufffdb"),
        ("a\x7fb\x80", "a\ufffdb\ufffd"),
        ("a\x01b", "a\ufffdb"),
        ("ܐ", "\ufffd"),
        ("Ғулом Oʻktam ҳ", "Ғулом Oʻktam ҳ"),
        ("<!-- </script> &#128512;", "<!-- </script> &#128512;"),
    ],
    ids=ascii,
)
def test_letter_the_font_has_not_is_replaced(name: str, printed: str) -> None:
    assert shown(name).count(printed) == 2
