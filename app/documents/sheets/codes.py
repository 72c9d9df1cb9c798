"""Codes that a telephone scans: as dots of a page, and as a picture."""

import segno

#: Light modules that a reader needs around a code.
_BORDER = 2
#: One of the eight patterns laid over a code. Any is read; to find the most even one takes four fifths of the time of a code.
_PATTERN = 3


#: A module is four dots a side, so that no program smooths its edges away: four light dots are F in hexadecimal, four dark ones 0.
_DOTS = bytes.maketrans(b"\x00\x01", b"F0")
_SCALE = 4


def dots(text: str) -> tuple[int, str]:
    """Return a code as dots: how many a side, its border included, and the rows of them in hexadecimal, 1 for a light one."""
    rows = [bytes(row).translate(_DOTS).decode() for row in _code(text).matrix]
    side = len(rows) + 2 * _BORDER
    light, edge = "F" * side, "F" * _BORDER
    framed = [*[light] * _BORDER, *(f"{edge}{row}{edge}" for row in rows), *[light] * _BORDER]
    # A row of dots fills whole bytes.
    fill = "F" * (side % 2)
    return side * _SCALE, "".join((row + fill) * _SCALE for row in framed)


def picture(text: str) -> str:
    """Return a code as the address of an embedded picture."""
    return str(_code(text).png_data_uri(scale=4, border=_BORDER))


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False, mask=_PATTERN, boost_error=False)
