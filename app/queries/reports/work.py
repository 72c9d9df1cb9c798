"""Work that waits or went wrong: exceptions, tenders in doubt, shifts, jobs, nodes, and reports that are late."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.administration.nodes import NodeCondition
from app.domain.billing import ExceptionReason
from app.domain.payments import ControlStatus
from app.domain.payments.reconciliation import DoubtReason
from app.queries.administration.nodes import nodes
from app.queries.reports import Documents, ReportRequest, late, of_kind, parted, within

#: First days of the ages of work that waits.
_AGES = (0, 8, 31)


class OpenExceptions(NamedTuple):
    """Exceptions of bill runs that nobody settled, by reason and by the days since the run; without a last day: and older.

    Source: ``bill_exception``.
    """

    division_id: int
    exception_reason: ExceptionReason
    days_from_no: int
    days_to_no: int | None
    exceptions: int


EXCEPTIONS = Documents(
    f"""
    SELECT part.part_id AS division_id, e.division_id AS own_id, 'bill_exception' AS row_table, e.id AS row_id, e.account_id,
           (r.created_at AT TIME ZONE 'Asia/Tashkent')::date AS row_on, e.reason AS exception_reason, age.first_day AS days_from_no,
           age.next_day - 1 AS days_to_no, 1 AS exceptions
    FROM bill_exception e {parted("e")} JOIN bill_run r ON r.id = e.bill_run_id
    JOIN (
        SELECT first_day, lead(first_day) OVER (ORDER BY first_day) AS next_day FROM unnest(CAST(:ages AS int[])) a (first_day)
    ) age ON greatest(CAST(:start AS date) - (r.created_at AT TIME ZONE 'Asia/Tashkent')::date, 0)
        BETWEEN age.first_day AND coalesce(age.next_day - 1, 999999)
    WHERE e.status = 'OPEN' AND {of_kind("e")}
    """,
    given=lambda _session, _asked: {"ages": list(_AGES)},
)


class DoubtfulTenders(NamedTuple):
    """Transactions that provider, bank and ledger do not agree on and nobody decided; the sum is the largest that any of them names.

    Source: ``reconciliation_row``.
    """

    division_id: int
    doubt_reason: DoubtReason
    tenders: int
    amount_tiyin: int


DOUBTFUL = Documents(
    f"""
    SELECT part.part_id AS division_id, w.division_id AS own_id, 'reconciliation_row' AS row_table, w.id AS row_id,
           NULL::bigint AS account_id, NULL::date AS row_on, w.doubt_reason, 1 AS tenders,
           coalesce(greatest(w.theirs_tiyin, w.ours_tiyin, w.ledger_tiyin), 0) AS amount_tiyin
    FROM reconciliation_row w {parted("w")}
    WHERE w.verdict = 'IN_DOUBT' AND w.doubt_reason IS NOT NULL AND w.status IN ('WAITS', 'NEEDS_PERSON')
    """
)


class UnbalancedShifts(NamedTuple):
    """Shifts whose cash was over or short when it was counted.

    Source: ``payment_control``.
    """

    division_id: int
    control_status: ControlStatus
    shifts: int
    over_tiyin: int
    short_tiyin: int


UNBALANCED = Documents(
    f"""
    SELECT part.part_id AS division_id, c.division_id AS own_id, 'payment_control' AS row_table, c.id AS row_id, NULL::bigint AS account_id,
           c.business_day AS row_on, c.status AS control_status, 1 AS shifts,
           greatest(c.counted_tiyin - c.float_tiyin - c.received_tiyin, 0) AS over_tiyin,
           greatest(c.received_tiyin + c.float_tiyin - c.counted_tiyin, 0) AS short_tiyin
    FROM payment_control c {parted("c")}
    WHERE c.kind = 'SHIFT' AND c.counted_tiyin <> c.float_tiyin + c.received_tiyin AND {within("c.business_day")}
    """
)


class FailedJobs(NamedTuple):
    """Jobs of a kind that failed.

    Source: ``job_run``.
    """

    division_id: int
    job_kind: JobKind
    jobs: int


FAILED = Documents(
    f"""
    SELECT part.part_id AS division_id, j.division_id AS own_id, 'job_run' AS row_table, j.id AS row_id, NULL::bigint AS account_id,
           (j.created_at AT TIME ZONE 'Asia/Tashkent')::date AS row_on, j.kind AS job_kind, 1 AS jobs
    FROM job_run j {parted("j")}
    WHERE j.status = 'FAILED' AND j.created_at >= CAST(:start AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
      AND j.created_at < CAST(:end AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
    """
)


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


LATE = Documents(
    f"""
    SELECT part.part_id AS division_id, x.division_id AS own_id, x.name AS row_table, x.stored_report_id AS row_id,
           NULL::bigint AS account_id, x.month AS row_on, x.due_on, 1 AS late
    FROM ({late.LATE}) x {parted("x")}
    """
)
