"""Codes of papers: the modules of another encoder, for every size a link can have."""

import pytest
import segno

from app.documents.sheets.codes import dots

#: Lengths around the ends of versions, of blocks of two lengths, and of counts of 8 and 16 bits.
LENGTHS = [*range(1, 30), 42, 43, 62, 84, 106, 122, 123, 152, 180, 181, 213, 214, 251, 252, 287, 288, 400, 900, 2331]


@pytest.mark.parametrize("length", LENGTHS)
def test_code_has_the_modules_of_segno(length: int) -> None:
    text = ("https://checkout.paycom.uz/bT01ZTczMGU4?a=B&" * 60)[: length - 1] + "z"
    code = segno.make(text, error="m", micro=False, mode="byte", mask=3, boost_error=False)
    rows = [bytes(row) for row in code.matrix_iter(border=2)]

    side, shown = dots(text)

    # Four dots a module, each way; a row fills whole bytes.
    digits = -(-side // 8) * 2
    assert side == len(rows) * 4
    assert [shown[start : start + digits][: side // 4] for start in range(0, len(shown), digits * 4)] == [
        "".join("0" if module else "F" for module in row) for row in rows
    ]
    assert all(shown[start : start + digits] == shown[start + digits : start + 2 * digits] for start in range(0, len(shown), digits * 4))
