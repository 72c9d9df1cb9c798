"""Papers: which kinds are counted as printed, and what a balance on paper is made of."""

from enum import StrEnum
from typing import NamedTuple


class PrintedKind(StrEnum):
    """A document whose first print is recorded; every further one is a copy."""

    BILL = "BILL"
    RECEIPT = "RECEIPT"
    TAX_INVOICE = "TAX_INVOICE"
    STATEMENT = "STATEMENT"


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
