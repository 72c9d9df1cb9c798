"""Work that waits or went wrong: exceptions, tenders in doubt, shifts, jobs, nodes, and reports that are late."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.administration.nodes import NodeCondition
from app.domain.billing import ExceptionReason
from app.domain.payments import ControlStatus
from app.domain.payments.reconciliation import DoubtReason
from app.queries.administration.nodes import nodes
from app.queries.records import fetch_each
from app.queries.reports import ReportRequest, late, of_kind, parted, within

#: First days of the ages of work that waits.
_AGES = (0, 8, 31)


class OpenExceptions(NamedTuple):
    """Exceptions of bill runs that nobody settled, by reason and by the days since the run; without a last day: and older."""

    division_id: int
    exception_reason: ExceptionReason
    days_from_no: int
    days_to_no: int | None
    exceptions: int


def open_exceptions(session: Session, asked: ReportRequest) -> Iterator[OpenExceptions]:
    """Yield open exceptions by age now.

    Source: ``bill_exception``.
    """
    statement = f"""
        SELECT x.division_id, x.exception_reason, x.first_day AS days_from_no, x.next_day - 1 AS days_to_no, x.exceptions
        FROM (
            SELECT part.part_id AS division_id, e.reason AS exception_reason, age.first_day, age.next_day, count(*) AS exceptions
            FROM bill_exception e {parted("e")} JOIN bill_run r ON r.id = e.bill_run_id
            JOIN (
                SELECT first_day, lead(first_day) OVER (ORDER BY first_day) AS next_day FROM unnest(CAST(:ages AS int[])) a (first_day)
            ) age ON greatest(CAST(:start AS date) - (r.created_at AT TIME ZONE 'Asia/Tashkent')::date, 0)
                BETWEEN age.first_day AND coalesce(age.next_day - 1, 999999)
            WHERE e.status = 'OPEN' AND {of_kind("e")}
            GROUP BY 1, 2, 3, 4
        ) x ORDER BY x.division_id, x.exception_reason, x.first_day
        """
    given = {**asked.parameters, "ages": list(_AGES)}
    del given["end"]
    return fetch_each(session, statement, OpenExceptions, **given)


class DoubtfulTenders(NamedTuple):
    """Transactions that provider, bank and ledger do not agree on and nobody decided; the sum is the largest that any of them names."""

    division_id: int
    doubt_reason: DoubtReason
    tenders: int
    amount_tiyin: int


def doubtful_tenders(session: Session, asked: ReportRequest) -> Iterator[DoubtfulTenders]:
    """Yield transactions in doubt now.

    Source: ``reconciliation_row``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, w.doubt_reason, count(*) AS tenders,
               coalesce(sum(greatest(w.theirs_tiyin, w.ours_tiyin, w.ledger_tiyin)), 0)::bigint AS amount_tiyin
        FROM reconciliation_row w {parted("w")}
        WHERE w.verdict = 'IN_DOUBT' AND w.doubt_reason IS NOT NULL AND w.status IN ('WAITS', 'NEEDS_PERSON')
        GROUP BY part.part_id, w.doubt_reason ORDER BY part.part_id, w.doubt_reason
        """
    return fetch_each(session, statement, DoubtfulTenders, divisions=list(asked.divisions), parts=list(asked.parts))


class UnbalancedShifts(NamedTuple):
    """Shifts whose cash was over or short when it was counted."""

    division_id: int
    control_status: ControlStatus
    shifts: int
    over_tiyin: int
    short_tiyin: int


def unbalanced_shifts(session: Session, asked: ReportRequest) -> Iterator[UnbalancedShifts]:
    """Yield shifts whose cash differed from what it should be, by their business day.

    Source: ``payment_control``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, c.status AS control_status, count(*) AS shifts,
               coalesce(sum(greatest(c.counted_tiyin - c.float_tiyin - c.received_tiyin, 0)), 0)::bigint AS over_tiyin,
               coalesce(sum(greatest(c.received_tiyin + c.float_tiyin - c.counted_tiyin, 0)), 0)::bigint AS short_tiyin
        FROM payment_control c {parted("c")}
        WHERE c.kind = 'SHIFT' AND c.counted_tiyin <> c.float_tiyin + c.received_tiyin AND {within("c.business_day")}
        GROUP BY part.part_id, c.status ORDER BY part.part_id, c.status
        """
    given = asked.parameters
    del given["consumers"]
    return fetch_each(session, statement, UnbalancedShifts, **given)


class FailedJobs(NamedTuple):
    """Jobs of a kind that failed."""

    division_id: int
    job_kind: JobKind
    jobs: int


def failed_jobs(session: Session, asked: ReportRequest) -> Iterator[FailedJobs]:
    """Yield jobs that failed, by the day they were asked for.

    Source: ``job_run``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, j.kind AS job_kind, count(*) AS jobs
        FROM job_run j {parted("j")}
        WHERE j.status = 'FAILED' AND j.created_at >= CAST(:start AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
          AND j.created_at < CAST(:end AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
        GROUP BY part.part_id, j.kind ORDER BY part.part_id, j.kind
        """
    given = asked.parameters
    del given["consumers"]
    return fetch_each(session, statement, FailedJobs, **given)


class NodeLag(NamedTuple):
    """A division's own database: how the monitor judges it, and how long ago its last heartbeat came."""

    division_id: int
    node: str
    node_condition: NodeCondition
    silent_minutes_no: int | None
    nodes: int
    nodes_behind: int


def node_lags(session: Session, asked: ReportRequest, *, now: datetime) -> Iterator[NodeLag]:
    """Yield the nodes of divisions as the centre knows them.

    Source: ``node_state``.
    """
    parts = dict(zip(asked.divisions, asked.parts, strict=True))
    for each in nodes(session, now=now):
        if each.division_id in parts:
            minutes = int((now - each.seen_at).total_seconds()) // 60 if each.seen_at else None
            is_behind = each.condition in {NodeCondition.BEHIND, NodeCondition.SILENT, NodeCondition.STOPPED}
            yield NodeLag(parts[each.division_id], each.name, each.condition, minutes, 1, int(is_behind))


class LateReports(NamedTuple):
    """Reports of divisions that were due on a day and are not signed."""

    division_id: int
    due_on: date
    late: int


def late_reports(session: Session, asked: ReportRequest, names: Sequence[str], months: Sequence[date]) -> Iterator[LateReports]:
    """Yield the reports of some months that are late now, by the day they were due.

    Source: ``stored_report``, ``report_step``.

    :param names: those that are submitted each month
    """
    parts = dict(zip(asked.divisions, asked.parts, strict=True))
    found = late.late_reports(session, names, months, today=asked.period.start)
    counts = Counter((parts[each.division_id], each.due_on) for each in found if each.division_id in parts)
    for (division_id, due_on), count in sorted(counts.items()):
        yield LateReports(division_id, due_on, count)
