"""Codes that a telephone scans: as dots of a page, and as a picture."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import zip_longest
from operator import itemgetter
from typing import NamedTuple

import segno
from segno import consts, encoder

#: Light modules that a reader needs around a code.
_BORDER = 2
#: One of the eight patterns laid over a code. Any is read; to find the most even one takes four fifths of the time of a code.
_PATTERN = 3
_LEVEL = consts.ERROR_LEVEL_M

#: A module is four dots a side, so that no program smooths its edges away: four light dots are F in hexadecimal, four dark ones 0.
_DOTS = str.maketrans("01", "F0")
_SCALE = 4


def dots(text: str) -> tuple[int, str]:
    """Return a code as dots: how many a side, its border included, and the rows of them in hexadecimal, 1 for a light one.

    The modules are those of segno, which sets each one by one: this takes a tenth of its time.
    """
    data = text.encode()
    layout = _layout(next(version for version in range(1, 41) if _bits(version, len(data)) <= _capacity(version)))
    placed = layout.modules(f"{_message(data, layout) ^ layout.pattern:0{layout.length}b}01")
    side = layout.side
    # A row of dots fills whole bytes.
    fill = "F" * (side % 2)
    shown = "".join(placed).translate(_DOTS)
    return side * _SCALE, "".join((shown[start : start + side] + fill) * _SCALE for start in range(0, side * side, side))


def picture(text: str) -> str:
    """Return a code as the address of an embedded picture."""
    return str(segno.make(text, error="m", micro=False, mask=_PATTERN, boost_error=False).png_data_uri(scale=4, border=_BORDER))


class _Layout(NamedTuple):
    """Where the bits of a message stand in the codes of a version (ISO/IEC 18004:2015, 7.5–7.10)."""

    version: int
    #: modules a side, with the border
    side: int
    #: bits of a message, and those that the pattern turns round
    length: int
    pattern: int
    #: bytes of data of each block, and how many correct its errors
    blocks: tuple[int, ...]
    correcting: int
    #: the bytes of all blocks as they follow each other
    order: Callable[[bytes], tuple[int, ...]]
    #: the modules row by row, taken out of the bits of a message and, behind them, a light and a dark one
    modules: Callable[[str], tuple[str, ...]]


@cache
def _layout(version: int) -> _Layout:
    width = encoder.calc_matrix_size(version)
    matrix = encoder.make_matrix(width, width)
    encoder.add_finder_patterns(matrix, width, width)
    encoder.add_alignment_patterns(matrix, width, width)
    places = _places(matrix)
    encoder.add_format_info(matrix, version, _LEVEL, _PATTERN)
    encoder.add_version_info(matrix, version)
    turns = encoder.get_data_mask_functions(False)[_PATTERN]
    numbers = {place: number for number, place in enumerate(places)}
    border = range(-_BORDER, width + _BORDER)
    framed = [numbers.get((row, column), len(places) + _fixed(matrix, row, column)) for row in border for column in border]
    blocks = [info.num_data for info in consts.ECC[version][_LEVEL] for _ in range(info.num_blocks)]
    correcting = consts.ECC[version][_LEVEL][0].num_total - consts.ECC[version][_LEVEL][0].num_data
    pattern = int("".join(str(int(turns(*place))) for place in places), 2)
    order = itemgetter(*_order(blocks, correcting))
    return _Layout(version, len(border), len(places), pattern, tuple(blocks), correcting, order, itemgetter(*framed))


def _places(matrix: Sequence[bytearray]) -> list[tuple[int, int]]:
    """Return the places of a message's bits in their order: in pairs of columns from the right, up and down by turns."""
    found, is_up = [], True
    for right in (column - (column <= 6) for column in range(len(matrix) - 1, 0, -2)):
        rows = range(len(matrix))
        found += [(row, column) for row in (reversed(rows) if is_up else rows) for column in (right, right - 1) if matrix[row][column] > 1]
        is_up = not is_up
    return found


def _fixed(matrix: Sequence[bytearray], row: int, column: int) -> int:
    """Return a module that no message changes; around the code all are light."""
    return matrix[row][column] if 0 <= row < len(matrix) and 0 <= column < len(matrix) else 0


def _order(blocks: Sequence[int], correcting: int) -> list[int]:
    """Return how the bytes of blocks follow each other: the first of each, the second of each …, then those that correct errors."""
    starts = [sum(blocks[:place]) for place in range(len(blocks))]
    data = zip_longest(*(range(start, start + length) for start, length in zip(starts, blocks, strict=True)))
    after = sum(blocks)
    errors = zip(*(range(after + place * correcting, after + (place + 1) * correcting) for place in range(len(blocks))), strict=True)
    return [number for group in (*data, *errors) for number in group if number is not None]


def _capacity(version: int) -> int:
    return int(consts.SYMBOL_CAPACITY[version][_LEVEL])


def _bits(version: int, length: int) -> int:
    """Return how many bits bytes take with what says that they are bytes, and how many."""
    return 4 + (8 if version < 10 else 16) + 8 * length


def _message(data: bytes, layout: _Layout) -> int:
    """Return the bits of a message, filled up, with what corrects its errors."""
    used, capacity = _bits(layout.version, len(data)), _capacity(layout.version)
    value = (consts.MODE_BYTE << (used - 4 - 8 * len(data)) | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    # segno leaves a byte of nothing behind the end, if there is room; no reader looks at what follows the end.
    filled = min((used + 4) // 8 + 1, capacity // 8)
    codewords = (value << (filled * 8 - used)).to_bytes(filled, "big")
    codewords += (b"\xec\x11" * capacity)[: capacity // 8 - filled]
    start, corrections = 0, b""
    for length in layout.blocks:
        corrections += _correction(codewords[start : start + length], layout.correcting)
        start += length
    message = int.from_bytes(bytes(layout.order(codewords + corrections)), "big")
    return message << (layout.length - 8 * (len(codewords) + len(corrections)))


def _correction(block: bytes, length: int) -> bytes:
    """Return the bytes that correct errors of a block: what is left when it is divided by a polynomial."""
    products, above = _products(length), 8 * (length - 1)
    below, left = (1 << above) - 1, 0
    for byte in block:
        left = (left & below) << 8 ^ products[left >> above ^ byte]
    return left.to_bytes(length, "big")


@cache
def _products(length: int) -> list[int]:
    """Return the polynomial of so many bytes, each of the 256 times."""
    powers, logs, polynomial = consts.GALIOS_EXP, consts.GALIOS_LOG, consts.GEN_POLY[length]
    times = (bytes(powers[logs[factor] + each] for each in polynomial) for factor in range(1, 256))
    return [0, *(int.from_bytes(product, "big") for product in times)]
