"""What the checks of the books found: how the books stand for a reader, and the rows that differ."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.ledger.proofs import CheckCause
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_one

#: The checks that count: the last of everything, and after it the last of each division.
STANDING = """
    WITH whole AS (SELECT coalesce(max(id), 0) AS id FROM books_check WHERE checked_division_id IS NULL),
    standing AS (
        SELECT c.id, c.checked_at FROM books_check c JOIN whole USING (id)
        UNION ALL (
            SELECT DISTINCT ON (c.checked_division_id) c.id, c.checked_at FROM books_check c, whole
            WHERE c.checked_division_id IS NOT NULL AND c.id > whole.id ORDER BY c.checked_division_id, c.id DESC
        )
    )
"""


class BooksRecord(NamedTuple):
    """How the books stand in the reader's divisions.

    :ivar whole_at: when everything was checked last
    :ivar checked_at: when anything was
    :ivar differs_at: the check that found the differences, the last of them
    """

    whole_at: datetime | None
    checked_at: datetime | None
    differs_at: datetime | None
    differences: int


def books(session: Session) -> BooksRecord:
    """Return how the books stand."""
    statement = f"""
        {STANDING}
        SELECT (SELECT c.checked_at FROM books_check c JOIN whole USING (id)) AS whole_at, max(s.checked_at) AS checked_at,
               max(s.checked_at) FILTER (WHERE f.differences > 0) AS differs_at, coalesce(sum(f.differences), 0)::bigint AS differences
        FROM standing s CROSS JOIN LATERAL (SELECT count(*) AS differences FROM books_difference d WHERE d.books_check_id = s.id) f
        """
    return fetch_one(session, statement, BooksRecord)


class DifferenceRecord(NamedTuple):
    """A row that differs from what it should be."""

    id: int
    division: str
    rule: str
    row_table: str
    row_key: str
    stored: int
    computed: int
    checked_at: datetime


def differences(session: Session, *, limit: int) -> list[DifferenceRecord]:
    """Return the rows of the reader's divisions that differ, by the checks that count: documents first, reports last."""
    statement = f"""
        {STANDING}
        SELECT f.id, {shown("d")} AS division, f.rule, f.row_table, f.row_key, f.stored, f.computed, s.checked_at
        FROM standing s JOIN books_difference f ON f.books_check_id = s.id JOIN division d ON d.id = f.division_id
        ORDER BY f.id LIMIT :limit
        """
    return fetch_all(session, statement, DifferenceRecord, limit=limit)


class CheckRecord(NamedTuple):
    """A check of the books; without a division: of everything.

    :ivar differences: in the reader's divisions
    """

    id: int
    cause: CheckCause
    division: str | None
    checked_at: datetime
    rules: int
    differences: int


def latest(session: Session, *, limit: int) -> list[CheckRecord]:
    """Return the last checks, the newest first."""
    statement = f"""
        SELECT c.id, c.cause, {shown("d")} AS division, c.checked_at, c.rules,
               (SELECT count(*) FROM books_difference f WHERE f.books_check_id = c.id) AS differences
        FROM books_check c LEFT JOIN division d ON d.id = c.checked_division_id
        ORDER BY c.id DESC LIMIT :limit
        """
    return fetch_all(session, statement, CheckRecord, limit=limit)


class _Place(NamedTuple):
    id: int
    division_id: int


#: Table → where the division of its rows is told; others name the bill or the division themselves.
_TOLD_BY = {"account_balance": "account", "bill_line": "bill", "consumption": "bill", "debt": "bill", "allocation": "bill"}
_BY_ID = frozenset({"account", "adjustment", "bill", "ledger_entry", "payment", "payment_control", "stored_report", "tender"})


def divisions_of_rows(session: Session, table: str, numbers: Sequence[int]) -> dict[int, int]:
    """Return the divisions of rows that rules named, by the numbers they named them with; of a row that is gone none."""
    told_by = _TOLD_BY.get(table, table)
    if told_by not in _BY_ID:
        return {place.id: place.division_id for place in fetch_all(session, _OF_DIVISIONS, _Place, numbers=list(numbers))}
    statement = f"SELECT id, division_id FROM {told_by} WHERE id = ANY(:numbers)"
    return {place.id: place.division_id for place in fetch_all(session, statement, _Place, numbers=list(numbers))}


_OF_DIVISIONS = "SELECT id, id AS division_id FROM division WHERE id = ANY(:numbers)"


def people_of_company(session: Session, on: date) -> list[int]:
    """Return the users who work in the whole company on a day."""
    statement = """
        SELECT DISTINCT u.id FROM division d CROSS JOIN LATERAL access_on(d.id, :on) x JOIN ab_user u ON u.id = x.user_id
        WHERE d.parent_id IS NULL AND u.active ORDER BY u.id
        """
    return fetch_all(session, statement, int, on=on)
