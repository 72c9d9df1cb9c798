"""The fonts of our documents: one that is made for reading, and one that has the letters of all other scripts."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from xhtml2pdf.default import DEFAULT_FONT

FOLDER = Path(__file__).resolve().parent.parent / "static" / "fonts"
PLAIN, BOLD, REST = "Sans", "Sans-Bold", "Rest"
#: What is printed in place of a letter that no font has (pictures, signs no eye sees); the data keep the letter.
_NO_LETTER = "\ufffd"
#: Ends a text between two tags of a page.
_TAG = re.compile(r"(<[^>]*>)")
#: Letters that the first font surely has.
_COMMON = re.compile(r"[\n\r\t -~\xa0]*")


class FontRun(NamedTuple):
    """Letters that one font draws."""

    text: str
    is_rest: bool


@cache
def register() -> None:
    """Give the PDF library our first font, once a process."""
    # Registered here and not by @font-face: a face the policy drops would leave black boxes and no error.
    pdfmetrics.registerFont(TTFont(PLAIN, FOLDER / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, FOLDER / "DejaVuSans-Bold.ttf"))
    for bold, italic, name in ((0, 0, PLAIN), (0, 1, PLAIN), (1, 0, BOLD), (1, 1, BOLD)):
        addMapping("sans", bold, italic, name)
    DEFAULT_FONT["sans"] = "sans"


@cache
def _register_rest() -> None:
    """Give the PDF library the font of all other scripts; it is large, so only when a letter needs it."""
    pdfmetrics.registerFont(TTFont(REST, FOLDER / "Unifont.ttf"))
    for bold, italic in ((0, 0), (0, 1), (1, 0), (1, 1)):
        addMapping("rest", bold, italic, REST)
    DEFAULT_FONT["rest"] = "rest"


@cache
def _known() -> frozenset[int]:
    """Return the letters of the first font, plain and bold."""
    register()
    plain, bold = (pdfmetrics.getFont(name).face.charToGlyph for name in (PLAIN, BOLD))
    # Beyond 16 bits the library draws a letter and spoils the table by which a reader copies and finds the text.
    return frozenset(number for number in plain if number in bold and number < 1 << 16)


def runs(text: str) -> list[FontRun]:
    """Return a text in pieces, each with the font that has its letters; what no font has is replaced."""
    if _COMMON.fullmatch(text) or _known().issuperset(map(ord, text)):
        return [FontRun(text, is_rest=False)]
    found: list[FontRun] = []
    for sign, is_rest in _fonts_of(text):
        if found and found[-1].is_rest == is_rest:
            found[-1] = FontRun(found[-1].text + sign, is_rest)
        else:
            found.append(FontRun(sign, is_rest))
    return found


def _fonts_of(text: str) -> Iterator[tuple[str, bool]]:
    _register_rest()
    rest = pdfmetrics.getFont(REST).face.charToGlyph
    for sign in text:
        if sign.isspace() or ord(sign) in _known():
            yield sign, False
        elif ord(sign) in rest and ord(sign) < 1 << 16:
            yield sign, True
        else:
            yield _NO_LETTER, False


def marked(page: str) -> str:
    """Return a page of tags with the letters of other scripts marked, so that the PDF library draws them with their font."""
    if _known().issuperset(number for number in set(map(ord, page)) if not chr(number).isspace()):
        return page
    return "".join(part if part.startswith("<") and part.endswith(">") else _marked_text(part) for part in _TAG.split(page))


def _marked_text(text: str) -> str:
    return "".join(f'<font face="rest">{run.text}</font>' if run.is_rest else run.text for run in runs(text))


def plain(text: str) -> str:
    """Return a text of letters of the first font alone; others are replaced. For what stands in the margins of a page."""
    register()
    return "".join(sign if sign.isspace() or ord(sign) in _known() else _NO_LETTER for sign in text)
