"""A provider's day beside ours and the ledger's: what is equal, what only one of us has, what is in doubt.

Money is compared, not words: a payment that is cancelled at the provider and unknown or reversed here is no money on either side,
so it is equal. Providers differ in whether their statements list what was cancelled at all. A transaction that the provider has
not finished is in doubt, for it may still become money.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from app.domain.payments import TenderStatus
from app.domain.values import Flags, Integers, half_up


class StatementSource(StrEnum):
    """Whose statement it is."""

    GATEWAY = "GATEWAY"  # the provider's, a row a transaction
    BANK = "BANK"  # our bank's, a row what the provider paid out for a day


class StatementState(StrEnum):
    """How a transaction stands by a statement."""

    PENDING = "PENDING"  # neither finished nor given up
    PERFORMED = "PERFORMED"
    CANCELLED = "CANCELLED"  # before or after it was performed


class TransactionVerdict(StrEnum):
    """What comparing a transaction comes to."""

    EQUAL = "EQUAL"
    ONLY_THEIRS = "ONLY_THEIRS"
    ONLY_OURS = "ONLY_OURS"
    IN_DOUBT = "IN_DOUBT"


class DoubtReason(StrEnum):
    """Why a transaction is in doubt; the first that holds is told."""

    PENDING = "PENDING"  # the provider has not finished it
    AMOUNT = "AMOUNT"
    STATE = "STATE"  # one says performed, the other not
    NOT_CREDITED = "NOT_CREDITED"  # ours is performed, the ledger has not heard of it
    NOT_UNDONE = "NOT_UNDONE"  # ours is undone, the ledger has not heard of it


class Decision(StrEnum):
    """What a person found out."""

    OURS_HOLDS = "OURS_HOLDS"
    THEIRS_HOLDS = "THEIRS_HOLDS"
    BOTH_WRONG = "BOTH_WRONG"


class ReconciliationStatus(StrEnum):
    """Where a transaction that was not equal stands."""

    WAITS = "WAITS"  # it is asked about again by itself
    NEEDS_PERSON = "NEEDS_PERSON"
    SETTLED = "SETTLED"  # it became equal by itself
    DECIDED = "DECIDED"


STATES: tuple[StatementState, ...] = tuple(StatementState)
STATUSES: tuple[TenderStatus, ...] = tuple(TenderStatus)
VERDICTS: tuple[TransactionVerdict, ...] = tuple(TransactionVerdict)
DOUBTS: tuple[DoubtReason, ...] = tuple(DoubtReason)
_NO_DOUBT = -1

#: When a transaction is asked about again, counted from its appearance; source: Kill Bill's janitor (unknown: 5m, 1h, 1d).
ASKED_AFTER = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))


class ProviderRecords(NamedTuple):
    """Transactions of a statement, each reference once."""

    reference: Sequence[str]
    amount_tiyin: Integers
    state: Integers  #: place among ``STATES``

    @property
    def money_tiyin(self) -> Integers:
        """What each of them is worth: nothing unless it is performed."""
        return np.where(self.state == STATES.index(StatementState.PERFORMED), self.amount_tiyin, 0)


class OurRecords(NamedTuple):
    """Tenders, each reference once, and what the ledger has of each."""

    reference: Sequence[str]
    amount_tiyin: Integers
    status: Integers  #: place among ``STATUSES``
    ledger_tiyin: Integers

    @property
    def money_tiyin(self) -> Integers:
        """What each of them is worth: nothing unless it is performed."""
        return np.where(self.status == STATUSES.index(TenderStatus.PERFORMED), self.amount_tiyin, 0)


class Matched(NamedTuple):
    """One line a transaction: all of theirs in their order, then those only we have in ours."""

    reference: list[str]
    theirs: Integers  #: place among theirs, −1: they have it not
    ours: Integers  #: place among ours, −1: we have it not
    verdict: Integers  #: place among ``VERDICTS``
    doubt: Integers  #: place among ``DOUBTS``, −1: none
    theirs_tiyin: Integers  #: money, not amounts: nothing unless performed
    ours_tiyin: Integers
    ledger_tiyin: Integers


class Total(NamedTuple):
    """How many transactions a verdict has, and their money by each of the three."""

    rows: int
    theirs_tiyin: int
    ours_tiyin: int
    ledger_tiyin: int
    #: the largest that any of the three says of each transaction
    disputed_tiyin: int


def match(theirs: ProviderRecords, ours: OurRecords) -> Matched:
    """Give every transaction of a day its verdict."""
    at_ours = {reference: place for place, reference in enumerate(ours.reference)}
    of_theirs = np.array([at_ours.pop(reference, -1) for reference in theirs.reference], dtype=np.int64)
    only_ours = np.array(list(at_ours.values()), dtype=np.int64)
    their_place = np.concatenate([np.arange(len(of_theirs)), np.full(len(only_ours), -1)])
    our_place = np.concatenate([of_theirs, only_ours])
    sides = (
        _picked(theirs.money_tiyin, their_place),
        _picked(ours.money_tiyin, our_place),
        _picked(ours.ledger_tiyin, our_place),
    )
    doubt = _doubts(theirs, ours, their_place, our_place, sides)
    verdict = _verdicts(their_place, our_place, sides, doubt)
    doubt[verdict != VERDICTS.index(TransactionVerdict.IN_DOUBT)] = -1
    reference = [*theirs.reference, *at_ours]
    assert len(reference) == len(verdict) == len(theirs.reference) + len(only_ours)
    return Matched(reference, their_place, our_place, verdict, doubt, *sides)


def _picked(values: Integers, place: Integers) -> Integers:
    """Return the values at some places; nothing where there is no place."""
    return np.append(values, 0)[place] if len(values) else np.zeros(len(place), dtype=np.int64)


_Sides = tuple[Integers, Integers, Integers]


def _doubts(theirs: ProviderRecords, ours: OurRecords, their_place: Integers, our_place: Integers, sides: _Sides) -> Integers:
    """Return why each transaction would be in doubt, −1 if nothing speaks against it."""
    their_money, our_money, ledger = sides
    both = (their_place >= 0) & (our_place >= 0)
    pending = (their_place >= 0) & (_picked(theirs.state, their_place) == STATES.index(StatementState.PENDING))
    amounts = both & (_picked(theirs.amount_tiyin, their_place) != _picked(ours.amount_tiyin, our_place))
    holds: dict[DoubtReason, Flags] = {
        DoubtReason.PENDING: pending,
        DoubtReason.AMOUNT: amounts,
        DoubtReason.STATE: both & ((their_money > 0) != (our_money > 0)),
        DoubtReason.NOT_CREDITED: (our_money > 0) & (ledger != our_money),
        DoubtReason.NOT_UNDONE: (our_place >= 0) & (our_money == 0) & (ledger != 0),
    }
    return np.select([holds[each] for each in DOUBTS], range(len(DOUBTS)), _NO_DOUBT).astype(np.int64)


def _verdicts(their_place: Integers, our_place: Integers, sides: _Sides, doubt: Integers) -> Integers:
    their_money, our_money, _ledger = sides
    found = {
        TransactionVerdict.ONLY_THEIRS: (our_place < 0) & (their_money > 0),
        TransactionVerdict.ONLY_OURS: (their_place < 0) & (our_money > 0),
        TransactionVerdict.IN_DOUBT: doubt >= 0,
    }
    equal = VERDICTS.index(TransactionVerdict.EQUAL)
    return np.select(list(found.values()), [VERDICTS.index(each) for each in found], equal).astype(np.int64)


def totals(matched: Matched) -> Mapping[TransactionVerdict, Total]:
    """Add up the transactions of each verdict."""
    disputed = np.maximum(np.maximum(matched.theirs_tiyin, matched.ours_tiyin), matched.ledger_tiyin)
    columns = (matched.theirs_tiyin, matched.ours_tiyin, matched.ledger_tiyin, disputed)
    chosen = {verdict: matched.verdict == place for place, verdict in enumerate(VERDICTS)}
    return {verdict: Total(int(rows.sum()), *(int(each[rows].sum()) for each in columns)) for verdict, rows in chosen.items()}


def less_commission(amount_tiyin: int, percent: Decimal) -> int:
    """Return what a provider pays out of an amount, having kept its commission.

    >>> less_commission(1_000_01, Decimal("1.5"))
    98501
    """
    return amount_tiyin - half_up(Fraction(amount_tiyin) * Fraction(percent) / 100)


def next_ask(appeared_at: datetime, asked_times: int) -> datetime | None:
    """Return when a transaction is asked about again; None: it was asked about often enough, people decide."""
    return appeared_at + ASKED_AFTER[asked_times] if asked_times < len(ASKED_AFTER) else None
