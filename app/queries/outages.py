"""Planned outages: those of an account and of divisions, and whom one concerns."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.names import shown
from app.queries.records import Choice, fetch_all, fetch_one


class OutageRecord(NamedTuple):
    """A planned outage as a consumer reads it; without streets it concerns whoever the feeder supplies."""

    id: int
    division: str
    begins_at: datetime
    ends_at: datetime
    feeder: str | None
    reason: str
    streets: list[str]


_OUTAGES = f"""
    SELECT o.id, {shown("d")} AS division, o.begins_at, o.ends_at, o.feeder, o.outage_reason AS reason,
           ARRAY(SELECT s.name FROM outage_street t JOIN street s ON s.id = t.street_id
                 WHERE t.planned_outage_id = o.id ORDER BY s.name) AS streets
    FROM planned_outage o JOIN division d ON d.id = o.division_id
    WHERE o.status = 'PLANNED' AND o.ends_at > :now
    """
#: The streets an account is supplied on now.
_STREETS_OF_ACCOUNT = """
    SELECT p.street_id FROM supply s JOIN service_point p ON p.id = s.service_point_id
    WHERE s.account_id = :account_id AND s.valid_to IS NULL
    """


def of_account(session: Session, account_id: int, *, now: datetime) -> list[OutageRecord]:
    """Return the outages that come and concern an account, or may: those of its streets, and those of its division's feeders."""
    statement = f"""
        {_OUTAGES} AND o.division_id = (SELECT division_id FROM account WHERE id = :account_id)
        AND (EXISTS (SELECT 1 FROM outage_street t WHERE t.planned_outage_id = o.id AND t.street_id IN ({_STREETS_OF_ACCOUNT}))
             OR NOT EXISTS (SELECT 1 FROM outage_street t WHERE t.planned_outage_id = o.id))
        ORDER BY o.begins_at, o.id LIMIT 50
        """
    return fetch_all(session, statement, OutageRecord, account_id=account_id, now=now)


def coming(session: Session, *, now: datetime, division_id: int | None = None, limit: int = 200) -> list[OutageRecord]:
    """Return the outages that come, of a division with its parts or of all, the next first; nobody's data is among them."""
    statement = f"""
        {_OUTAGES} AND (CAST(:division_id AS bigint) IS NULL
                        OR d.path LIKE (SELECT path FROM division WHERE id = :division_id) || '%')
        ORDER BY o.begins_at, o.id LIMIT :limit
        """
    return fetch_all(session, statement, OutageRecord, now=now, division_id=division_id, limit=limit)


def streets_of(session: Session, outage_id: int) -> list[str]:
    """Return the names of an outage's streets."""
    statement = (
        "SELECT s.name FROM outage_street t JOIN street s ON s.id = t.street_id WHERE t.planned_outage_id = :id ORDER BY s.name, s.id"
    )
    return fetch_all(session, statement, str, id=outage_id)


def streets_named(session: Session, division_id: int, names: Sequence[str]) -> list[Choice]:
    """Return the streets of a division that bear one of some names; letters of both cases are alike."""
    statement = """
        SELECT id, name FROM street
        WHERE division_id = :division_id AND lower(name) = ANY(:names) AND retired_on IS NULL ORDER BY id
        """
    return fetch_all(session, statement, Choice, division_id=division_id, names=[name.lower() for name in names])


_CONCERNED = """
    FROM outage_street t JOIN service_point p ON p.street_id = t.street_id
    JOIN supply s ON s.service_point_id = p.id AND s.valid_to IS NULL
    JOIN account a ON a.id = s.account_id AND a.status = 'OPEN'
    WHERE t.planned_outage_id = :id
    """


def concerned(session: Session, outage_id: int, *, after: int, limit: int) -> list[int]:
    """Return the next accounts supplied on the streets of an outage, by their numbers in the database."""
    statement = f"SELECT DISTINCT a.id {_CONCERNED} AND a.id > :after ORDER BY a.id LIMIT :limit"
    return fetch_all(session, statement, int, id=outage_id, after=after, limit=limit)


def count_concerned(session: Session, outage_id: int) -> int:
    """Return how many accounts are supplied on the streets of an outage."""
    return fetch_one(session, f"SELECT count(DISTINCT a.id) {_CONCERNED}", int, id=outage_id)
