"""Letters of other scripts are drawn with the font that has them; what no font has is replaced, and stops no document."""

import io
import re
from html import escape

import pypdf
import pytest
from flask import Flask

from app.documents import pdf
from app.documents.sheets import SheetForm, drawing, html, layout, line

_STYLE = "<style>b {{font-family: sans; font-weight: bold}} body {{font-family: sans}}</style>"
_PAGE = f"<html><head>{_STYLE}</head><body><p>{{0}}</p><b>{{0}}</b></body></html>"


def shown(name: str) -> str:
    made = pdf.joined([_PAGE.format("before"), _PAGE.format(escape(name))])
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Aziza 😀 🦊", "Aziza \ufffd \ufffd"),
        ("漢字 Ltd", "漢字 Ltd"),
        ("김하늘", "김하늘"),
        ("สมชาย", "สมชาย"),
        ("አበበ", "አበበ"),
        ("अमित & Co", "अमित & Co"),
        ("𝒳", "\ufffd"),
        ("a\ufffeb", "a\ufffdb"),
        ("a\x7fb\x80", "a\ufffdb\ufffd"),
        ("a\x01b", "a\ufffdb"),
        ("ܐ", "ܐ"),
        ("Ғулом Oʻktam ҳ", "Ғулом Oʻktam ҳ"),
        ("<!-- </script> &#128512;", "<!-- </script> &#128512;"),
    ],
    ids=ascii,
)
def test_letter_is_printed_as_it_is_or_replaced_where_no_font_has_it(name: str, printed: str) -> None:
    assert shown(name).count(printed) == 2


@pytest.mark.parametrize("name", ["漢字 Ltd", "김하늘", "Әбдир 漢字", "x" * 160], ids=ascii)
def test_both_ways_of_printing_draw_every_letter(app: Flask, name: str) -> None:
    form = SheetForm("Title", "uz", (), (), (line(name), line("after")))
    with app.test_request_context():
        sheet = layout.laid(form, html.foot)
        papers = [html.printed(sheet), drawing.drawn([sheet])]

    texts = ["".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(each)).pages) for each in papers]
    assert all(word in re.sub(r"\s", "", text) for text in texts for word in name.split())
