"""The ledger's accounts and documents, and balanced entries as arrays.

An entry moves an amount from one ledger account (credit) to another (debit), so it is balanced by construction.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from app.domain.values import Integers


class LedgerAccount(StrEnum):
    """Accounts of the general ledger that billing posts to."""

    RECEIVABLE = "RECEIVABLE"  # what consumers owe
    ADVANCE = "ADVANCE"  # what consumers paid before they owed it
    REVENUE = "REVENUE"  # energy sold, without VAT
    VAT = "VAT"  # VAT owed to the budget
    CASH = "CASH"  # in the till
    PROVIDER = "PROVIDER"  # collected for us by a payment provider or bank


class DocumentKind(StrEnum):
    """What an entry was posted for."""

    BILL = "BILL"
    PAYMENT = "PAYMENT"
    PAYMENT_REVERSAL = "PAYMENT_REVERSAL"
    ADVANCE_USE = "ADVANCE_USE"
    BILL_CANCELLATION = "BILL_CANCELLATION"
    ADJUSTMENT = "ADJUSTMENT"


#: Ledger accounts in a fixed order, so that arrays can carry their index.
ACCOUNTS: tuple[LedgerAccount, ...] = tuple(LedgerAccount)
DOCUMENT_KINDS: tuple[DocumentKind, ...] = tuple(DocumentKind)


class Entries(NamedTuple):
    """Entries to post; ``account`` is an index into the accounts at hand, ``kind`` into ``DOCUMENT_KINDS``, debit and
    credit into ``ACCOUNTS``.
    """

    account: Integers
    kind: Integers
    document: Integers
    #: first day of the document's month, in days from 1970-01-01: the one a bill is for, a payment came in, a note was posted
    month_day: Integers
    debit: Integers
    credit: Integers
    amount_tiyin: Integers


class Movements(NamedTuple):
    """What entries do to each account: charged, paid and adjusted, and to its two ledger accounts."""

    charged_tiyin: Integers
    paid_tiyin: Integers
    debt_tiyin: Integers
    advance_tiyin: Integers
    adjusted_tiyin: Integers


def code(account: LedgerAccount) -> int:
    """Return the index of a ledger account in ``ACCOUNTS``."""
    return ACCOUNTS.index(account)


def entries(
    kind: DocumentKind,
    debit: LedgerAccount,
    credit: LedgerAccount,
    *,
    account: Integers,
    document: Integers,
    month_day: Integers,
    amount_tiyin: Integers,
) -> Entries:
    """Return one entry for each non-zero amount; a negative amount swaps debit and credit."""
    kept = amount_tiyin != 0
    amount = amount_tiyin[kept]
    forward = amount > 0
    return Entries(
        account=account[kept],
        kind=np.full(int(kept.sum()), DOCUMENT_KINDS.index(kind)),
        document=document[kept],
        month_day=month_day[kept],
        debit=np.where(forward, code(debit), code(credit)),
        credit=np.where(forward, code(credit), code(debit)),
        amount_tiyin=np.abs(amount),
    )


def bill_entries(
    kind: DocumentKind,
    *,
    account: Integers,
    document: Integers,
    month_day: int,
    amount_tiyin: Integers,
    vat_tiyin: Integers,
    sign: int = 1,
) -> Entries:
    """Return the entries of bills (sign 1), or those that reverse them (−1): what is charged is owed, what is given back is an advance.

    :param month_day: first day of the month the bills are for, in days from 1970-01-01
    """
    result = []
    for side, chosen in ((LedgerAccount.RECEIVABLE, amount_tiyin >= 0), (LedgerAccount.ADVANCE, amount_tiyin < 0)):
        target = {"account": account[chosen], "document": document[chosen], "month_day": np.full(int(chosen.sum()), month_day)}
        vat = vat_tiyin[chosen]
        for credit, part in ((LedgerAccount.REVENUE, amount_tiyin[chosen] - vat), (LedgerAccount.VAT, vat)):
            result.append(entries(kind, side, credit, amount_tiyin=sign * part, **target))
    return joined(*result)


def joined(*several: Entries) -> Entries:
    """Return the entries of several batches as one."""
    return Entries(*(np.concatenate(columns) for columns in zip(*several, strict=True)))


def movements(posted: Entries, accounts: int) -> Movements:
    """Return what the entries do to each account; debt and advance change by debits minus credits (or the reverse)."""
    net = {kind: _net_debit(posted, kind, accounts) for kind in LedgerAccount}
    adjusting = Entries(*(column[posted.kind == DOCUMENT_KINDS.index(DocumentKind.ADJUSTMENT)] for column in posted))
    adjusted = -_net_debit(adjusting, LedgerAccount.REVENUE, accounts) - _net_debit(adjusting, LedgerAccount.VAT, accounts)
    return Movements(
        charged_tiyin=-net[LedgerAccount.REVENUE] - net[LedgerAccount.VAT] - adjusted,
        paid_tiyin=net[LedgerAccount.CASH] + net[LedgerAccount.PROVIDER],
        debt_tiyin=net[LedgerAccount.RECEIVABLE],
        advance_tiyin=-net[LedgerAccount.ADVANCE],
        adjusted_tiyin=adjusted,
    )


def _net_debit(posted: Entries, kind: LedgerAccount, accounts: int) -> Integers:
    signed = np.where(posted.debit == code(kind), posted.amount_tiyin, 0)
    signed = signed - np.where(posted.credit == code(kind), posted.amount_tiyin, 0)
    result = np.zeros(accounts, dtype=np.int64)
    np.add.at(result, posted.account, signed)
    return result
