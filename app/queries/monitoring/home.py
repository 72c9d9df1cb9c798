"""The home page: what waits for somebody, how far a month is billed, and the accounts somebody had open lately."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.names import shown
from app.queries.records import fetch_all


class WorkQueue(NamedTuple):
    """Work of one kind: how many rows wait, and since when the oldest does."""

    kind: str
    rows: int
    oldest: datetime | None


_OF_WORKS = "count(*) AS rows, min(term_on)::timestamp AT TIME ZONE 'Asia/Tashkent' AS oldest FROM maintenance_work"
#: Kind of work → how many rows wait, and since when.
_WAITING = {
    "exceptions": "count(DISTINCT e.account_id) AS rows, min(r.created_at) AS oldest "
    "FROM bill_exception e JOIN bill_run r ON r.id = e.bill_run_id WHERE e.status = 'OPEN'",
    "holds": "count(*) AS rows, min(created_at) AS oldest FROM bill_hold WHERE status = 'OPEN'",
    "applications": "count(*) AS rows, min(created_at) AS oldest FROM application WHERE status = 'RECEIVED'",
    "reading_files": "count(*) AS rows, min(created_at) AS oldest FROM reading_import WHERE status = 'CHECKED'",
    "failed_jobs": "count(*) AS rows, min(created_at) AS oldest FROM job_run WHERE status = 'FAILED' AND created_at >= :since",
    "queued_notices": "count(*) AS rows, min(created_at) AS oldest FROM notice WHERE status = 'QUEUED'",
    "doubtful_notices": "count(*) AS rows, min(created_at) AS oldest FROM notice WHERE status = 'IN_DOUBT'",
    "unmetered_supplies": "count(*) AS rows, min(since)::timestamp AT TIME ZONE 'Asia/Tashkent' AS oldest FROM unmetered_supply",
    "late_works": f"{_OF_WORKS} WHERE status = 'PLANNED' AND term_on < :today",
    "late_orders": f"{_OF_WORKS} WHERE status = 'ORDERED' AND term_on < :today",
    # From the sums by due day: several million bills are overdue in a country.
    "overdue_bills": "coalesce(sum(debts), 0)::bigint AS rows, min(due_on)::timestamp AT TIME ZONE 'Asia/Tashkent' AS oldest FROM ("
    "SELECT due_on, sum(debts) AS debts FROM debt_total WHERE due_on < :today GROUP BY due_on HAVING sum(debts) > 0) d",
}


def waiting(session: Session, kinds: Sequence[str], *, today: date, since: datetime) -> list[WorkQueue]:
    """Return the work of some kinds that waits in the divisions of the reader, what has waited longest first.

    :param since: jobs that failed before are not waited for any more
    """
    each = (f"SELECT '{kind}' AS kind, {_WAITING[kind]}" for kind in kinds)
    statement = f"SELECT kind, rows, oldest FROM ({' UNION ALL '.join(each)}) w WHERE rows > 0 ORDER BY oldest"
    return fetch_all(session, statement, WorkQueue, today=today, since=since)


class DistrictMonth(NamedTuple):
    """A district and its month.

    :ivar run_id: the run that is under way or posted there
    """

    division_id: int
    name: str
    run_id: int | None
    status: str | None
    billed: bool


def district_months(session: Session, month: date) -> list[DistrictMonth]:
    """Return how far a month is billed in each district of the reader, in the order of the tree.

    A district is billed when its latest run of the month, its own or one of a division above it, is posted, or something was charged.
    """
    statement = f"""
        WITH run AS MATERIALIZED (
            SELECT r.id, r.status, d.path FROM bill_run r JOIN division d ON d.id = r.division_id
            WHERE r.billing_month = :month AND r.correction_id IS NULL AND r.status <> 'CANCELLED'
        ), charged AS MATERIALIZED (SELECT division_id FROM division_turnover WHERE billing_month = :month AND charged_tiyin <> 0)
        SELECT d.id AS division_id, {shown("d")} AS name, r.id AS run_id, r.status,
               coalesce(r.status = 'POSTED', d.id IN (SELECT division_id FROM charged)) AS billed
        FROM division d
        LEFT JOIN LATERAL (SELECT id, status FROM run WHERE starts_with(d.path, run.path) ORDER BY id DESC LIMIT 1) r ON true
        WHERE d.level = 'DISTRICT' AND d.id IN (SELECT unnest(app_divisions())) ORDER BY d.path
        """
    return fetch_all(session, statement, DistrictMonth, month=month)


class RecentAccount(NamedTuple):
    """An account somebody had open, and when last."""

    account_id: int
    number: str
    opened_at: datetime


def recent_accounts(session: Session, actor: str, *, since: datetime, limit: int) -> list[RecentAccount]:
    """Return the accounts whose cards somebody had open since a moment, by the audit trail, the latest first."""
    statement = """
        SELECT a.id AS account_id, a.number, seen.opened_at
        FROM (
            SELECT row_id, max(happened_at) AS opened_at FROM (
                SELECT row_id, happened_at FROM audit_entry
                WHERE actor = :actor AND happened_at > :since AND table_name = 'account' AND operation = 'READ' AND after ->> 'page' = :page
                ORDER BY happened_at DESC LIMIT 200
            ) latest GROUP BY row_id ORDER BY 2 DESC LIMIT :limit
        ) seen
        JOIN account a ON a.id = seen.row_id
        ORDER BY seen.opened_at DESC
        """
    return fetch_all(session, statement, RecentAccount, actor=actor, since=since, limit=limit, page="AccountView.show")
