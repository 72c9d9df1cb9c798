"""Figures for supervisors, from the maintained turnover of districts; each opens the rows behind it."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.names import shown
from app.queries.records import fetch_all, fetch_one, fetch_optional


class DivisionMonth(NamedTuple):
    """A division's month: itself and all below it."""

    division_id: int
    name: str
    level: str
    has_children: bool
    billed_tiyin: int
    paid_tiyin: int
    debt_tiyin: int
    advance_tiyin: int


class MonthTotals(NamedTuple):
    """A division subtree's figures of a month."""

    billing_month: date
    billed_tiyin: int
    paid_tiyin: int
    debt_tiyin: int
    advance_tiyin: int


_SUMS = """
    coalesce(sum(t.charged_tiyin) FILTER (WHERE t.billing_month = :month), 0)::bigint AS billed_tiyin,
    coalesce(sum(t.paid_tiyin) FILTER (WHERE t.billing_month = :month), 0)::bigint AS paid_tiyin,
    coalesce(sum(t.debt_change_tiyin), 0)::bigint AS debt_tiyin,
    coalesce(sum(t.advance_change_tiyin), 0)::bigint AS advance_tiyin
"""


def by_division(session: Session, parent_id: int, month: date) -> list[DivisionMonth]:
    """Return the month of each division right below a parent; debt and advance as at the end of the month."""
    statement = f"""
        SELECT c.id AS division_id, {shown("c")} AS name, c.level,
               EXISTS (SELECT 1 FROM division g WHERE g.parent_id = c.id) AS has_children, {_SUMS}
        FROM division c
        JOIN division d ON starts_with(d.path, c.path)
        LEFT JOIN division_turnover t ON t.division_id = d.id AND t.billing_month <= :month
        WHERE c.parent_id = :parent_id
        GROUP BY c.id ORDER BY c.name, c.id
        """
    return fetch_all(session, statement, DivisionMonth, parent_id=parent_id, month=month)


def one_division(session: Session, division_id: int, month: date) -> DivisionMonth:
    """Return a division's month."""
    statement = f"""
        SELECT c.id AS division_id, {shown("c")} AS name, c.level,
               EXISTS (SELECT 1 FROM division g WHERE g.parent_id = c.id) AS has_children, {_SUMS}
        FROM division c
        JOIN division d ON starts_with(d.path, c.path)
        LEFT JOIN division_turnover t ON t.division_id = d.id AND t.billing_month <= :month
        WHERE c.id = :division_id GROUP BY c.id
        """
    return fetch_one(session, statement, DivisionMonth, division_id=division_id, month=month)


def months_of(session: Session, division_id: int, months: list[date]) -> list[MonthTotals]:
    """Return a division subtree's months in the order given."""
    result = []
    for month in months:
        row = one_division(session, division_id, month)
        result.append(MonthTotals(month, row.billed_tiyin, row.paid_tiyin, row.debt_tiyin, row.advance_tiyin))
    return result


def latest_month(session: Session) -> date | None:
    """Return the latest month anything was billed in, in the divisions of the reader."""
    return fetch_optional(session, "SELECT max(billing_month) FROM division_turnover WHERE charged_tiyin <> 0", date)


class AccountMonth(NamedTuple):
    """What an account adds to its district's month."""

    account_id: int
    number: str
    consumer_name: str
    billed_tiyin: int
    paid_tiyin: int
    debt_tiyin: int
    advance_tiyin: int


def account_months(session: Session, division_id: int, month: date, *, after: int = 0, limit: int) -> list[AccountMonth]:
    """Return the accounts of a district with their figures of a month, by id from a key on."""
    statement = """
        SELECT a.id AS account_id, a.number, c.name AS consumer_name, coalesce(m.charged_tiyin, 0) AS billed_tiyin,
               coalesce(m.paid_tiyin, 0) AS paid_tiyin,
               greatest(coalesce(b.closing_tiyin, 0), 0) AS debt_tiyin, greatest(-coalesce(b.closing_tiyin, 0), 0) AS advance_tiyin
        FROM account a JOIN consumer c ON c.id = a.consumer_id
        LEFT JOIN account_balance m ON m.account_id = a.id AND m.billing_month = :month
        LEFT JOIN LATERAL (
            SELECT closing_tiyin FROM account_balance l
            WHERE l.account_id = a.id AND l.billing_month <= :month ORDER BY l.billing_month DESC LIMIT 1
        ) b ON true
        WHERE a.division_id = :division_id AND a.id > :after ORDER BY a.id LIMIT :limit
        """
    return fetch_all(session, statement, AccountMonth, division_id=division_id, month=month, after=after, limit=limit)
