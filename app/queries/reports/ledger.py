"""Turnover, advances and corrections."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.ledger import DocumentKind
from app.queries.records import fetch_each
from app.queries.reports import Documents, ReportRequest, kind_counts, of_kind, parted, within


class TurnoverOfDivision(NamedTuple):
    """What a division's accounts owed together at the beginning, what came and went, and what they owe at the end."""

    division_id: int
    opening_tiyin: int
    charged_tiyin: int
    adjusted_tiyin: int
    paid_tiyin: int
    closing_tiyin: int


def _net(condition: str) -> str:
    return f"coalesce(sum(b.charged_tiyin + b.adjusted_tiyin - b.paid_tiyin) FILTER (WHERE {condition}), 0)::bigint"


_IN = within("b.billing_month")
_TURNOVER = f"""
    {_net("b.billing_month < CAST(:start AS date)")} AS opening_tiyin,
    coalesce(sum(b.charged_tiyin) FILTER (WHERE {_IN}), 0)::bigint AS charged_tiyin,
    coalesce(sum(b.adjusted_tiyin) FILTER (WHERE {_IN}), 0)::bigint AS adjusted_tiyin,
    coalesce(sum(b.paid_tiyin) FILTER (WHERE {_IN}), 0)::bigint AS paid_tiyin,
    {_net("b.billing_month < CAST(:end AS date)")} AS closing_tiyin
"""


def turnover(session: Session, asked: ReportRequest) -> Iterator[TurnoverOfDivision]:
    """Yield the turnover of divisions; of one kind of consumers from the months of its accounts.

    Source: ``division_turnover``, or ``account_balance``.
    """
    of_all = f"""
        SELECT part.part_id AS division_id, {_TURNOVER} FROM division_turnover b {parted("b")}
        WHERE b.billing_month < CAST(:end AS date) AND CAST(:consumers AS text) IS NULL GROUP BY part.part_id
        """
    of_some = f"""
        SELECT part.part_id AS division_id, {_TURNOVER} FROM account_balance b {parted("b")}
        JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id AND c.kind = CAST(:consumers AS text)
        WHERE b.billing_month < CAST(:end AS date) GROUP BY part.part_id
        """
    return fetch_each(session, of_some if asked.consumers else of_all, TurnoverOfDivision, **asked.parameters)


class TurnoverOfAccount(NamedTuple):
    """What an account owed at the beginning, what came and went, and what it owes at the end; below 0 it has paid ahead."""

    division_id: int
    account_id: int
    account_number: str
    consumer: str
    opening_tiyin: int
    charged_tiyin: int
    adjusted_tiyin: int
    paid_tiyin: int
    closing_tiyin: int


#: The months of accounts that ``division_turnover`` adds up, an account a row.
ACCOUNTS = Documents(
    f"""
    SELECT part.part_id AS division_id, b.division_id AS own_id, 'account' AS row_table, b.account_id AS row_id, b.account_id,
           NULL::date AS row_on, {_TURNOVER}
    FROM account_balance b {parted("b")}
    WHERE b.billing_month < CAST(:end AS date) AND {of_kind("b")}
    GROUP BY part.part_id, b.division_id, b.account_id
    """
)


def _entries(plus: str, minus: str, accounts: str) -> str:
    return f"e.amount_tiyin * ((e.{plus} IN ({accounts}))::int - (e.{minus} IN ({accounts}))::int)"


_OWED, _CHARGED = _entries("debit", "credit", "'RECEIVABLE', 'ADVANCE'"), _entries("credit", "debit", "'REVENUE', 'VAT'")
_PAID, _IN_PERIOD = _entries("debit", "credit", "'CASH', 'PROVIDER'"), within("e.billing_month")
#: The ledger entries that balances of accounts add up.
ENTRIES = Documents(
    f"""
    SELECT x.*, a.number AS account_number, c.name AS consumer
    FROM (
        SELECT part.part_id AS division_id, e.division_id AS own_id, 'ledger_entry' AS row_table, e.id AS row_id, e.account_id,
               e.posted_on AS row_on,
               CASE WHEN e.billing_month < CAST(:start AS date) THEN {_OWED} ELSE 0 END AS opening_tiyin,
               CASE WHEN {_IN_PERIOD} AND e.document_kind <> 'ADJUSTMENT' THEN {_CHARGED} ELSE 0 END AS charged_tiyin,
               CASE WHEN {_IN_PERIOD} AND e.document_kind = 'ADJUSTMENT' THEN {_CHARGED} ELSE 0 END AS adjusted_tiyin,
               CASE WHEN {_IN_PERIOD} THEN {_PAID} ELSE 0 END AS paid_tiyin,
               {_OWED} AS closing_tiyin
        FROM ledger_entry e {parted("e")}
        WHERE e.billing_month < CAST(:end AS date) AND {of_kind("e")}
    ) x JOIN account a ON a.id = x.account_id JOIN consumer c ON c.id = a.consumer_id
    """
)


def account_turnover(session: Session, asked: ReportRequest) -> Iterator[TurnoverOfAccount]:
    """Yield the turnover of accounts, in the order of their numbers.

    Source: ``account_balance``.
    """
    statement = f"""
        SELECT t.division_id, t.account_id, a.number AS account_number, c.name AS consumer,
               t.opening_tiyin, t.charged_tiyin, t.adjusted_tiyin, t.paid_tiyin, t.closing_tiyin
        FROM (
            SELECT part.part_id AS division_id, b.account_id, {_TURNOVER} FROM account_balance b {parted("b")}
            WHERE b.billing_month < CAST(:end AS date) GROUP BY part.part_id, b.account_id
        ) t
        JOIN account a ON a.id = t.account_id JOIN consumer c ON c.id = a.consumer_id
        WHERE {kind_counts("c.kind")}
        ORDER BY a.number, t.division_id
        """
    return fetch_each(session, statement, TurnoverOfAccount, **asked.parameters)


class DivisionAdvances(NamedTuple):
    """How many accounts of a division have paid ahead, and how much.

    Source: ``account_position``.
    """

    division_id: int
    accounts: int
    advance_tiyin: int


ADVANCES = Documents(
    f"""
    SELECT part.part_id AS division_id, b.division_id AS own_id, 'account' AS row_table, b.id AS row_id, b.id AS account_id,
           NULL::date AS row_on, 1 AS accounts, p.advance_tiyin
    FROM account_position p JOIN account b ON b.id = p.account_id {parted("b")}
    WHERE p.advance_tiyin > 0 AND {of_kind("p")}
    """
)


class Corrections(NamedTuple):
    """Documents of a kind that changed what was billed before: how many, their energy, and by how much.

    Source: ``bill`` (those that take another back), ``adjustment``.
    """

    division_id: int
    document_kind: DocumentKind
    documents: int
    quantity_milli: int
    vat_tiyin: int
    amount_tiyin: int


CORRECTIONS = Documents(
    f"""
    SELECT part.part_id AS division_id, b.division_id AS own_id, 'bill' AS row_table, b.id AS row_id, b.account_id, b.issued_on AS row_on,
           'BILL_CANCELLATION' AS document_kind, 1 AS documents, b.quantity_milli, b.vat_tiyin, b.amount_tiyin
    FROM bill b {parted("b")} WHERE b.cancels_id IS NOT NULL AND {within("b.issued_on")} AND {of_kind("b")}
    UNION ALL
    SELECT part.part_id, a.division_id, 'adjustment', a.id, a.account_id, a.posted_on, 'ADJUSTMENT', 1, 0,
           CASE WHEN a.reverses_id IS NULL THEN -a.vat_tiyin ELSE a.vat_tiyin END,
           CASE WHEN a.reverses_id IS NULL THEN -a.amount_tiyin ELSE a.amount_tiyin END
    FROM adjustment a {parted("a")} WHERE {within("a.posted_on")} AND {of_kind("a")}
    """
)
