"""Debts, balances and statements; the re-summing of the books is in ``proofs``."""

from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.settlement import BillAmounts
from app.domain.values import Integers
from app.queries import arrays
from app.queries.ledger.proofs import BilledDivision, Drift, drifts, proof_size
from app.queries.records import fetch_all, fetch_one, fetch_optional

__all__ = [
    "OWED",
    "BilledDivision",
    "Drift",
    "LedgerLine",
    "MonthBalance",
    "Position",
    "allocated",
    "divisions_of",
    "drifts",
    "month_balances",
    "months_from",
    "open_debts",
    "owed_before",
    "position",
    "proof_size",
    "statement_lines",
]


def divisions_of(session: Session, account_ids: Integers) -> Integers:
    """Return the divisions of accounts that have a position.

    :param account_ids: ascending
    """
    statement = "SELECT division_id FROM account_position WHERE account_id = ANY(:ids) ORDER BY account_id"
    return arrays.columns(session, statement, 1, ids=account_ids)[0]


_OPEN_DEBTS = """
    SELECT account_id, bill_id, due_on - DATE '1970-01-01', remaining_tiyin, billing_month - DATE '1970-01-01'
    FROM debt WHERE account_id = ANY(:ids)
"""
_ALLOCATED = """
    SELECT b.account_id, b.id, b.due_on - DATE '1970-01-01', sum(a.amount_tiyin), b.billing_month - DATE '1970-01-01'
    FROM allocation a JOIN bill b ON b.id = a.bill_id AND b.billing_month = a.bill_month
    WHERE a.account_id = ANY(:ids) GROUP BY b.account_id, b.id, b.due_on, b.billing_month HAVING sum(a.amount_tiyin) > 0
"""


def open_debts(session: Session, account_ids: Integers) -> BillAmounts:
    """Return what is open of the bills of accounts.

    :param account_ids: ascending
    """
    return _by_bill(session, _OPEN_DEBTS, account_ids)


def allocated(session: Session, account_ids: Integers) -> BillAmounts:
    """Return what is set against the bills of accounts by payments, advances and credit notes.

    :param account_ids: ascending
    """
    return _by_bill(session, _ALLOCATED, account_ids)


def _by_bill(session: Session, statement: str, account_ids: Integers) -> BillAmounts:
    account_id, *others = arrays.columns(session, statement, 5, ids=account_ids)
    return BillAmounts(arrays.positions(account_ids, account_id), *others)


def months_from(session: Session, account_ids: Integers, month: date) -> tuple[Integers, Integers]:
    """Return the accounts that have a balance of a month, and those that have one of a later month."""
    statement = (
        "SELECT w.id, (b.billing_month > :month)::int FROM unnest(CAST(:ids AS bigint[])) AS w (id) CROSS JOIN LATERAL "
        "(SELECT b.billing_month FROM account_balance b WHERE b.account_id = w.id AND b.billing_month >= :month OFFSET 0) b"
    )
    account, is_later = arrays.columns(session, statement, 2, ids=account_ids, month=month)
    return np.unique(account[is_later == 0]), np.unique(account[is_later > 0])


class MonthBalance(NamedTuple):
    """An account's month: what was owed before, what changed it, and what is owed after."""

    billing_month: date
    opening_tiyin: int
    charged_tiyin: int
    paid_tiyin: int
    adjusted_tiyin: int
    closing_tiyin: int


def month_balances(session: Session, account_id: int, months: int) -> list[MonthBalance]:
    """Return an account's latest months, newest first."""
    statement = (
        "SELECT billing_month, opening_tiyin, charged_tiyin, paid_tiyin, adjusted_tiyin, closing_tiyin "
        "FROM account_balance WHERE account_id = :account_id ORDER BY billing_month DESC LIMIT :months"
    )
    return fetch_all(session, statement, MonthBalance, account_id=account_id, months=months)


class Position(NamedTuple):
    """How an account stands, and the day it was billed to."""

    debt_tiyin: int
    advance_tiyin: int
    billed_to: date | None


def position(session: Session, account_id: int) -> Position:
    """Return how an account stands; one without a position owes nothing."""
    statement = "SELECT debt_tiyin, advance_tiyin, billed_to FROM account_position WHERE account_id = :account_id"
    return fetch_optional(session, statement, Position, account_id=account_id) or Position(0, 0, None)


#: What an entry adds to what its consumer owes: 1, −1 or nothing.
OWED = "(debit IN ('RECEIVABLE', 'ADVANCE'))::int - (credit IN ('RECEIVABLE', 'ADVANCE'))::int"


class LedgerLine(NamedTuple):
    """What a document did to what a consumer owes; positive: he owes more."""

    document_kind: str
    document_id: int
    posted_on: date
    billing_month: date
    net_tiyin: int
    #: the bill's or payment's own: month billed or channel, and what it takes back
    detail: str | None
    reverses_id: int | None


def owed_before(session: Session, account_id: int, month: date) -> int:
    """Return what a consumer owed (negative: had paid ahead) before a month, in tiyin, from the entries."""
    statement = (
        f"SELECT coalesce(sum(amount_tiyin * ({OWED})), 0)::bigint FROM ledger_entry "
        "WHERE account_id = :account_id AND billing_month < :month"
    )
    return fetch_one(session, statement, int, account_id=account_id, month=month)


def statement_lines(session: Session, account_id: int, *, since: date, until: date) -> list[LedgerLine]:
    """Return every document of the months [since, until) that changed what a consumer owes, in the order of posting.

    Setting an advance against a debt moves money between two books of the same consumer, so it is no line.
    """
    statement = f"""
        SELECT e.document_kind, e.document_id, e.posted_on, e.billing_month, e.net::bigint AS net_tiyin,
               CASE WHEN e.document_kind = 'BILL' THEN b.billing_month::text ELSE p.channel END AS detail,
               coalesce(b.cancels_id, p.reverses_id) AS reverses_id
        FROM (SELECT document_kind, document_id, min(posted_on) AS posted_on, min(billing_month) AS billing_month, min(id) AS first,
                     sum(amount_tiyin * ({OWED})) AS net
              FROM ledger_entry WHERE account_id = :account_id AND billing_month >= :since AND billing_month < :until
              GROUP BY document_kind, document_id) e
        LEFT JOIN bill b ON e.document_kind = 'BILL' AND b.id = e.document_id
        LEFT JOIN payment p ON e.document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL') AND p.id = e.document_id
        WHERE e.net <> 0 ORDER BY e.posted_on, e.first
        """
    parameters = {"account_id": account_id, "since": since, "until": until}
    return fetch_all(session, statement, LedgerLine, **parameters)
