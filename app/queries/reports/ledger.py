"""Turnover, advances and corrections."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.ledger import DocumentKind
from app.queries.records import fetch_each
from app.queries.reports import ReportRequest, kind_counts, of_kind, parted, within


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
    """How many accounts of a division have paid ahead, and how much."""

    division_id: int
    accounts: int
    advance_tiyin: int


def advances(session: Session, asked: ReportRequest) -> Iterator[DivisionAdvances]:
    """Yield what accounts have paid ahead now.

    Source: ``account_position``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, count(*) AS accounts, coalesce(sum(p.advance_tiyin), 0)::bigint AS advance_tiyin
        FROM account_position p JOIN account b ON b.id = p.account_id {parted("b")}
        WHERE p.advance_tiyin > 0 AND {of_kind("p")}
        GROUP BY part.part_id
        """
    return fetch_each(session, statement, DivisionAdvances, **asked.parameters)


class Corrections(NamedTuple):
    """Documents of a kind that changed what was billed before: how many, their energy, and by how much."""

    division_id: int
    document_kind: DocumentKind
    documents: int
    quantity_milli: int
    vat_tiyin: int
    amount_tiyin: int


def corrections(session: Session, asked: ReportRequest) -> Iterator[Corrections]:
    """Yield bills that were taken back and adjustments, by the day they were made.

    Source: ``bill`` (those that take another back), ``adjustment``.
    """
    statement = f"""
        SELECT x.division_id, x.document_kind, count(*) AS documents, coalesce(sum(x.quantity_milli), 0)::bigint AS quantity_milli,
               coalesce(sum(x.vat_tiyin), 0)::bigint AS vat_tiyin, coalesce(sum(x.amount_tiyin), 0)::bigint AS amount_tiyin
        FROM (
            SELECT part.part_id AS division_id, 'BILL_CANCELLATION' AS document_kind, b.quantity_milli, b.vat_tiyin, b.amount_tiyin
            FROM bill b {parted("b")} WHERE b.cancels_id IS NOT NULL AND {within("b.issued_on")} AND {of_kind("b")}
            UNION ALL
            SELECT part.part_id, 'ADJUSTMENT', 0, CASE WHEN a.reverses_id IS NULL THEN -a.vat_tiyin ELSE a.vat_tiyin END,
                   CASE WHEN a.reverses_id IS NULL THEN -a.amount_tiyin ELSE a.amount_tiyin END
            FROM adjustment a {parted("a")} WHERE {within("a.posted_on")} AND {of_kind("a")}
        ) x
        GROUP BY x.division_id, x.document_kind ORDER BY x.division_id, x.document_kind
        """
    return fetch_each(session, statement, Corrections, **asked.parameters)
