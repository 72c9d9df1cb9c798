"""What departments and people did on each day, by the audit trail."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.names import shown
from app.queries.records import fetch_each
from app.queries.reports import PART, ReportRequest

#: Entries of the trail that are people's work; the index of the trail has the same tables.
_WORK = "e.table_name IN ('reading', 'bill_hold', 'payment', 'approval', 'adjustment', 'bill_correction')"
#: Rows an entry tells of: one of a mass table counts the rows of its statement.
_ROWS = "coalesce((e.after ->> 'rows')::bigint, 1)"


class WorkOfPerson(NamedTuple):
    """What a person did on a day in a part: how many of each."""

    division_id: int
    department: str | None
    person: str
    worked_on: date
    readings_entered: int
    holds_parked: int
    holds_released: int
    payments_taken: int
    approvals_decided: int
    corrections_made: int


def work(session: Session, asked: ReportRequest) -> Iterator[WorkOfPerson]:
    """Yield how many readings, decisions about holds, payments, decisions about requests and corrections each person made on each day.

    What jobs and systems did is nobody's; a person is counted in the department of that day. Nothing says when somebody did nothing.

    Source: ``audit_entry``.
    """
    statement = f"""
        WITH counted AS (
            SELECT e.division_id, e.actor, (e.happened_at AT TIME ZONE 'Asia/Tashkent')::date AS worked_on,
                   coalesce(sum({_ROWS}) FILTER (WHERE e.table_name = 'reading' AND e.operation = 'INSERT'), 0)::bigint AS readings_entered,
                   count(*) FILTER (WHERE {_decided("bill_hold", "'PARKED'")}) AS holds_parked,
                   count(*) FILTER (WHERE {_decided("bill_hold", "'RELEASED'")}) AS holds_released,
                   coalesce(sum({_ROWS}) FILTER (WHERE e.table_name = 'payment' AND e.operation = 'INSERT'), 0)::bigint AS payments_taken,
                   count(*) FILTER (WHERE {_decided("approval", "'APPROVED', 'REFUSED'")}) AS approvals_decided,
                   count(*) FILTER (WHERE e.table_name IN ('adjustment', 'bill_correction') AND e.operation = 'INSERT') AS corrections_made
            FROM audit_entry e
            WHERE {_WORK} AND e.happened_at >= CAST(:start AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
              AND e.happened_at < CAST(:end AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
            GROUP BY 1, 2, 3
        )
        SELECT part.part_id AS division_id, {shown("dep")} AS department, c.actor AS person, c.worked_on,
               sum(c.readings_entered)::bigint AS readings_entered, sum(c.holds_parked)::bigint AS holds_parked,
               sum(c.holds_released)::bigint AS holds_released, sum(c.payments_taken)::bigint AS payments_taken,
               sum(c.approvals_decided)::bigint AS approvals_decided, sum(c.corrections_made)::bigint AS corrections_made
        FROM counted c JOIN ab_user u ON u.username = c.actor
        LEFT JOIN staff_member m ON m.user_id = u.id AND m.valid_from <= c.worked_on AND coalesce(m.valid_to > c.worked_on, true)
        LEFT JOIN department dep ON dep.id = m.department_id
        JOIN {PART} ON part.division_id = coalesce(c.division_id, m.division_id)
        WHERE c.readings_entered + c.holds_parked + c.holds_released + c.payments_taken + c.approvals_decided + c.corrections_made > 0
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2 NULLS LAST, 3, 4
        """
    given = {"divisions": list(asked.divisions), "parts": list(asked.parts), "start": asked.period.start, "end": asked.period.end}
    return fetch_each(session, statement, WorkOfPerson, **given)


def _decided(table: str, statuses: str) -> str:
    """Return the SQL that tells whether an entry moves a row to one of some states."""
    return (
        f"e.table_name = '{table}' AND e.operation = 'UPDATE' AND e.after ->> 'status' IN ({statuses}) "
        "AND e.before ->> 'status' IS DISTINCT FROM e.after ->> 'status'"
    )
