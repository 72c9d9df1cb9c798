"""The table over the readers: a case is an input, what reads it, and the right value; where two were right, which was chosen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from app.domain.payments.files import Profile
from app.domain.payments.layouts import SHIPPED
from app.domain.readers import Misread
from app.gateways.payment_files import PaymentFileRow, reading, row_of
from app.gateways.tables import TableRefusal

FOLDER = Path(__file__).parent


class Case(NamedTuple):
    """An input and the right value."""

    #: the input's file in this folder
    name: str
    read: Callable[[Path], object]
    right: object
    #: which of the answers a case allows was chosen, and why
    chosen: str = ""


def found(case: Case) -> object:
    """Return what is read."""
    return case.read(FOLDER / case.name)


def inputs(first: str, last: str) -> set[str]:
    """Return the names of the inputs whose numbers lie between two."""
    return {path.name for path in FOLDER.iterdir() if path.name[:2].isdecimal() and first <= path.name[:2] <= last} - {
        path.name for path in FOLDER.glob("*.right.txt")
    }


def value(read: Callable[[str], Any], text: str) -> Any:
    """Return what a reader reads, or the name of its fault."""
    try:
        return read(text)
    except Misread as misread:
        return misread.fault.value


def refused(refusal: TableRefusal) -> tuple[str, str, str]:
    """Return why a row is refused: fault, column, what stands there."""
    return refusal.fault.value, refusal.column, refusal.value


def payment_file_rows(path: Path, profile: Profile | str) -> list[PaymentFileRow]:
    """Return the rows of a payment file.

    :param profile: a profile, or the name of a shipped one
    """
    with reading(path, SHIPPED[profile] if isinstance(profile, str) else profile, timeout_s=30) as payment_file:
        return [row_of(line) for chunk in payment_file.chunks for line in chunk.decode().removesuffix("\n").split("\n")]
