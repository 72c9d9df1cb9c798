"""Checks of the books: why they are made, what they find, and how sure the books are after them."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

#: A whole check that is older says nothing any more: the nightly one did not come to its end.
PROVED_FOR = timedelta(hours=36)


class CheckCause(StrEnum):
    """Why the books were checked."""

    NIGHT = "NIGHT"
    BILL_RUN = "BILL_RUN"  # the division of the run only
    COMMAND = "COMMAND"


class BooksState(StrEnum):
    """What is known about documents, entries, sums and reports."""

    PROVED = "PROVED"
    DIFFERS = "DIFFERS"
    UNCHECKED = "UNCHECKED"  # the whole was not checked lately


class ProofArea(StrEnum):
    """What a rule compares."""

    LINES = "LINES"  # a document with its lines
    ENTRIES = "ENTRIES"  # a document with its entries
    DEBTS = "DEBTS"  # debts and allocations with bills and entries
    BALANCES = "BALANCES"  # balances of accounts with entries
    SUMMARIES = "SUMMARIES"  # sums of divisions with entries and debts
    RECEIPTS = "RECEIPTS"  # money received with payments and what was counted
    EQUIPMENT = "EQUIPMENT"  # devices with their movements
    REPORTS = "REPORTS"  # reports with documents
    COMPUTED = "COMPUTED"  # bills with what they are computed to


class ProofUnit(StrEnum):
    """What a rule's figures are."""

    MONEY = "MONEY"
    QUANTITY = "QUANTITY"
    COUNT = "COUNT"


class ProofRule(NamedTuple):
    """What a rule compares, and what its figures are."""

    area: ProofArea
    unit: ProofUnit = ProofUnit.MONEY


#: ProofRule → what it compares; what is not named here is a figure of a bill that was computed again.
RULES: Mapping[str, ProofRule] = {
    "bill amount = sum of its lines": ProofRule(ProofArea.LINES),
    "bill VAT = sum of its lines": ProofRule(ProofArea.LINES),
    "bill energy = sum of its lines": ProofRule(ProofArea.LINES, ProofUnit.QUANTITY),
    "bill amount = its ledger entries": ProofRule(ProofArea.ENTRIES),
    "payment amount = its ledger entries": ProofRule(ProofArea.ENTRIES),
    "entry has its document": ProofRule(ProofArea.ENTRIES),
    "entry is of its document's division": ProofRule(ProofArea.ENTRIES),
    "what is of a bill has its month": ProofRule(ProofArea.LINES, ProofUnit.COUNT),
    "what is of a bill is of its division": ProofRule(ProofArea.LINES, ProofUnit.COUNT),
    "debt = bill − allocations": ProofRule(ProofArea.DEBTS),
    "position debt = receivable entries": ProofRule(ProofArea.BALANCES),
    "position debt = open debts": ProofRule(ProofArea.DEBTS),
    "debts by due day = open debts": ProofRule(ProofArea.SUMMARIES),
    "position advance = advance entries": ProofRule(ProofArea.BALANCES),
    "month's charges = entries": ProofRule(ProofArea.BALANCES),
    "month's payments = entries": ProofRule(ProofArea.BALANCES),
    "month's adjustments = entries": ProofRule(ProofArea.BALANCES),
    "entries have their month": ProofRule(ProofArea.BALANCES, ProofUnit.COUNT),
    "opening = closing of the month before": ProofRule(ProofArea.BALANCES),
    "last closing = debt − advance": ProofRule(ProofArea.BALANCES),
    "bill VAT = its ledger entries": ProofRule(ProofArea.ENTRIES),
    "allocations of a payment = its receivable entries": ProofRule(ProofArea.DEBTS),
    "adjustment = its ledger entries": ProofRule(ProofArea.ENTRIES),
    "allocations of advances = their receivable entries": ProofRule(ProofArea.DEBTS),
    "cancellation negates its bill": ProofRule(ProofArea.LINES),
    "cancellation negates each line": ProofRule(ProofArea.LINES),
    "multiplier of a bill's energy = its meter installation's": ProofRule(ProofArea.COMPUTED, ProofUnit.COUNT),
    "one live bill a month": ProofRule(ProofArea.LINES, ProofUnit.COUNT),
    "position = newest live bill": ProofRule(ProofArea.BALANCES, ProofUnit.COUNT),
    "account with entries has a position": ProofRule(ProofArea.BALANCES, ProofUnit.COUNT),
    "turnover = entries": ProofRule(ProofArea.SUMMARIES),
    "credited tender = the payment that stands": ProofRule(ProofArea.RECEIPTS),
    "money in suspense = its entries": ProofRule(ProofArea.RECEIPTS),
    "closed control = its tenders": ProofRule(ProofArea.RECEIPTS),
    "closed control = what was counted": ProofRule(ProofArea.RECEIPTS),
    "state and place of a device = its movements": ProofRule(ProofArea.EQUIPMENT, ProofUnit.COUNT),
    "movement begins where the one before ended": ProofRule(ProofArea.EQUIPMENT, ProofUnit.COUNT),
    "state and place of a seal = its movements": ProofRule(ProofArea.EQUIPMENT, ProofUnit.COUNT),
    "movement of a seal begins where the one before ended": ProofRule(ProofArea.EQUIPMENT, ProofUnit.COUNT),
    "supplies without a meter = those that are kept": ProofRule(ProofArea.EQUIPMENT, ProofUnit.COUNT),
    "stored report = its fingerprint": ProofRule(ProofArea.REPORTS, ProofUnit.COUNT),
}
#: A report at a level with the documents of its divisions.
REPORT_RULE = "report = documents"


def rule_named(name: str) -> ProofRule:
    """Return what a rule compares.

    >>> rule_named("report = documents: sales.amount_tiyin").area.value, rule_named("amount_tiyin").area.value
    ('REPORTS', 'COMPUTED')
    """
    if name.startswith(REPORT_RULE):
        return ProofRule(ProofArea.REPORTS)
    return RULES.get(name, ProofRule(ProofArea.COMPUTED, ProofUnit.MONEY if name.endswith("_tiyin") else ProofUnit.COUNT))


class NamedRow(NamedTuple):
    """The row a rule names: its table, its key, and the number by which its division is found."""

    table: str
    key: str
    number: int


def named_row(text: str) -> NamedRow:
    """Return the row that a rule names.

    >>> named_row("account_balance 5 2026-01-01")
    NamedRow(table='account_balance', key='5 2026-01-01', number=5)
    >>> named_row("bill_line of bill 7")
    NamedRow(table='bill_line', key='of bill 7', number=7)
    """
    table, _space, key = text.partition(" ")
    found = re.search(r"\d+", key)
    return NamedRow(table, key, int(found[0]) if found else 0)


def state_of(differences: int, checked_at: datetime | None, now: datetime) -> BooksState:
    """Return what is known about the books.

    :param checked_at: when the whole was checked; None: never
    """
    if differences:
        return BooksState.DIFFERS
    return BooksState.PROVED if checked_at is not None and now - checked_at < PROVED_FOR else BooksState.UNCHECKED
