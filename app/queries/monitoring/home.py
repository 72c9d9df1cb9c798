"""The home page: what waits for somebody, how far a month is billed, and the accounts somebody had open lately."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all, fetch_one


class WorkQueue(NamedTuple):
    """Work of one kind: how many rows wait, and since when the oldest does."""

    kind: str
    rows: int
    oldest: datetime | None


#: Kind of work → the rows that wait, and the moment they wait since.
_WAITING = {
    "parked": "bill_exception e JOIN bill_run w ON w.id = e.bill_run_id "
    "WHERE e.parked AND w.billing_month = (SELECT max(billing_month) FROM bill_run)",
    "holds": "bill_hold w WHERE w.status = 'OPEN'",
    "reading_files": "reading_import w WHERE w.status = 'CHECKED'",
    "failed_jobs": "job_run w WHERE w.status = 'FAILED' AND w.created_at > now() - interval '7 days'",
    "queued_notices": "notice w WHERE w.status = 'QUEUED'",
    "doubtful_notices": "notice w WHERE w.status = 'IN_DOUBT'",
}


def waiting(session: Session) -> list[WorkQueue]:
    """Return the work that waits in the divisions of the reader, what has waited longest first."""
    each = (f"SELECT '{kind}' AS kind, count(*) AS rows, min(w.created_at) AS oldest FROM {rows}" for kind, rows in _WAITING.items())
    statement = f"SELECT kind, rows, oldest FROM ({' UNION ALL '.join(each)}) w WHERE rows > 0 ORDER BY oldest"
    return fetch_all(session, statement, WorkQueue)


class Progress(NamedTuple):
    """How many districts a month is billed in."""

    districts: int
    billed: int


class DistrictMonth(NamedTuple):
    """A district whose month is not billed, with the run that is under way there."""

    division_id: int
    name: str
    run_id: int | None
    status: str | None


#: A district is billed when its latest run of the month, its own or one of a division above it, is posted, or something was charged.
_DISTRICTS = """
    SELECT d.id AS division_id, d.name, d.path, r.id AS run_id, r.status,
           coalesce(r.status = 'POSTED', EXISTS (
               SELECT FROM division_turnover t WHERE t.division_id = d.id AND t.billing_month = :month AND t.charged_tiyin <> 0)) AS billed
    FROM division d
    LEFT JOIN LATERAL (
        SELECT r.id, r.status FROM bill_run r JOIN division of_run ON of_run.id = r.division_id
        WHERE r.billing_month = :month AND r.correction_id IS NULL AND r.status <> 'CANCELLED' AND starts_with(d.path, of_run.path)
        ORDER BY r.id DESC LIMIT 1
    ) r ON true
    WHERE d.level = 'DISTRICT' AND d.id = ANY (app_divisions())
"""


def progress(session: Session, month: date) -> Progress:
    """Return how far a month is billed in the districts of the reader."""
    statement = f"SELECT count(*) AS districts, count(*) FILTER (WHERE billed) AS billed FROM ({_DISTRICTS}) d"
    return fetch_one(session, statement, Progress, month=month)


def unbilled_districts(session: Session, month: date, *, limit: int) -> list[DistrictMonth]:
    """Return districts of the reader whose month is not billed, in the order of the tree."""
    statement = f"SELECT division_id, name, run_id, status FROM ({_DISTRICTS}) d WHERE NOT billed ORDER BY path LIMIT :limit"
    return fetch_all(session, statement, DistrictMonth, month=month, limit=limit)


class RecentAccount(NamedTuple):
    """An account somebody had open, and when last."""

    account_id: int
    number: str
    opened_at: datetime


def recent_accounts(session: Session, actor: str, *, since: datetime, limit: int) -> list[RecentAccount]:
    """Return the accounts whose cards somebody had open since a moment, by the audit trail, the latest first."""
    statement = """
        SELECT a.id AS account_id, a.number, shown.opened_at
        FROM (
            SELECT row_id, max(happened_at) AS opened_at FROM (
                SELECT row_id, happened_at FROM audit_entry
                WHERE actor = :actor AND happened_at > :since AND table_name = 'account' AND operation = 'READ' AND after ->> 'page' = :page
                ORDER BY happened_at DESC LIMIT 200
            ) latest GROUP BY row_id ORDER BY 2 DESC LIMIT :limit
        ) shown
        JOIN account a ON a.id = shown.row_id
        ORDER BY shown.opened_at DESC
        """
    return fetch_all(session, statement, RecentAccount, actor=actor, since=since, limit=limit, page="AccountView.show")
