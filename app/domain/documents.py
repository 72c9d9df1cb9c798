"""Papers: which kinds are counted as printed, and what a balance on paper is made of."""

from enum import StrEnum
from typing import NamedTuple


class PrintedKind(StrEnum):
    """A document whose first print is recorded; every further one is a copy."""

    BILL = "BILL"
    RECEIPT = "RECEIPT"
    TAX_INVOICE = "TAX_INVOICE"
    STATEMENT = "STATEMENT"


class Agreement(StrEnum):
    """What a consumer says of a reconciliation statement."""

    AGREED = "AGREED"
    OBJECTED = "OBJECTED"


#: The forms of papers: a paper is always printed in the one it was printed in first.
FIRST_FORM, FORM = 1, 2


class BalanceAfter(NamedTuple):
    """What a consumer owed after a document, and how it came from the bill before; negative: paid ahead. In tiyin."""

    #: after the bill before this document; 0: there was none
    previous_tiyin: int
    #: received since, less what was given back
    paid_tiyin: int
    #: notes and other postings since
    adjusted_tiyin: int
    #: what the document itself charges (a bill) or takes off (a payment: negative)
    own_tiyin: int

    @property
    def before_tiyin(self) -> int:
        """Return what was owed before the document."""
        return self.previous_tiyin - self.paid_tiyin + self.adjusted_tiyin

    @property
    def after_tiyin(self) -> int:
        """Return what was owed after the document."""
        return self.before_tiyin + self.own_tiyin


LARGEST_PICTURE_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
#: Photographs an act may have.
MOST_PHOTOS = 6


class PictureFault(StrEnum):
    """Why a photograph is not taken."""

    EMPTY = "EMPTY"
    TOO_LARGE = "TOO_LARGE"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    HEIC = "HEIC"  # of a telephone, which other programs do not read
    KIND = "KIND"
    BROKEN = "BROKEN"


class PictureRefused(Exception):
    """A file is not taken as a photograph."""

    def __init__(self, fault: PictureFault) -> None:
        super().__init__(fault)
        self.fault = fault
