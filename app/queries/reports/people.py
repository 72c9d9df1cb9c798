"""What departments and people did on each day, by the audit trail."""

from datetime import date
from typing import NamedTuple

from app.queries.names import shown
from app.queries.reports import PART, Documents

#: Entries of the trail that are people's work; the index of the trail has the same tables.
_WORK = "e.table_name IN ('reading', 'bill_hold', 'payment', 'approval', 'adjustment', 'bill_correction')"
#: Rows an entry tells of: one of a mass table counts the rows of its statement.
_ROWS = "coalesce((e.after ->> 'rows')::bigint, 1)"


class WorkOfPerson(NamedTuple):
    """What a person did on a day in a part: how many of each.

    What jobs and systems did is nobody's; a person is counted in the department of that day. Nothing says when somebody did nothing.

    Source: ``audit_entry``.
    """

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


def _decided(table: str, statuses: str) -> str:
    """Return the SQL that tells whether an entry moves a row to one of some states."""
    return (
        f"e.table_name = '{table}' AND e.operation = 'UPDATE' AND e.after ->> 'status' IN ({statuses}) "
        "AND e.before ->> 'status' IS DISTINCT FROM e.after ->> 'status'"
    )


_DAY = "(e.happened_at AT TIME ZONE 'Asia/Tashkent')::date"
_MADE = "e.table_name IN ('adjustment', 'bill_correction') AND e.operation = 'INSERT'"
WORK = Documents(
    f"""
    SELECT * FROM (
        SELECT part.part_id AS division_id, part.division_id AS own_id, 'audit_entry' AS row_table, e.id AS row_id,
               NULL::bigint AS account_id, {_DAY} AS row_on, {shown("dep")} AS department, e.actor AS person, {_DAY} AS worked_on,
               CASE WHEN e.table_name = 'reading' AND e.operation = 'INSERT' THEN {_ROWS} ELSE 0 END AS readings_entered,
               coalesce({_decided("bill_hold", "'PARKED'")}, false)::int AS holds_parked,
               coalesce({_decided("bill_hold", "'RELEASED'")}, false)::int AS holds_released,
               CASE WHEN e.table_name = 'payment' AND e.operation = 'INSERT' THEN {_ROWS} ELSE 0 END AS payments_taken,
               coalesce({_decided("approval", "'APPROVED', 'REFUSED'")}, false)::int AS approvals_decided,
               ({_MADE})::int AS corrections_made
        FROM audit_entry e JOIN ab_user u ON u.username = e.actor
        LEFT JOIN staff_member m ON m.user_id = u.id AND m.valid_from <= {_DAY} AND coalesce(m.valid_to > {_DAY}, true)
        LEFT JOIN department dep ON dep.id = m.department_id
        JOIN {PART} ON part.division_id = coalesce(e.division_id, m.division_id)
        WHERE {_WORK} AND e.happened_at >= CAST(:start AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
          AND e.happened_at < CAST(:end AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
    ) x WHERE x.readings_entered + x.holds_parked + x.holds_released + x.payments_taken + x.approvals_decided + x.corrections_made > 0
    """
)
