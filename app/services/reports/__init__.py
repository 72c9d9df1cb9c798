"""Reports are kept as they were made, and go their way up: signed, taken, accepted or returned."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from app.domain.calendar import Period, months_between
from app.domain.ledger.periods import PeriodStatus
from app.domain.reference import ConsumerKind
from app.domain.reports import (
    REPORT_TRANSITIONS,
    PartReport,
    ReportEvent,
    ReportStatus,
    StepFault,
    StepProblem,
    faults_of_parts,
    kept_rows,
    step_problem,
    sums_of,
)
from app.models.reports import ReportStep, StoredReport
from app.queries import administration, locks
from app.queries.ledger import periods
from app.queries.locks import Lock
from app.queries.reports import stored as queries
from app.queries.reports.stored import StoredReportRecord


class ReportStepRefused(Exception):
    """What is wanted cannot happen to a report as it stands."""

    def __init__(self, problems: Sequence[StepProblem]) -> None:
        self.problems = problems
        super().__init__(", ".join(problem.fault for problem in problems))


def store(
    session: Session,
    name: str,
    division_id: int,
    period: Period,
    consumers: ConsumerKind | None,
    *,
    contents: bytes,
    rows: int,
    ledger_sha256: str,
) -> int:
    """Keep a report and return its id; one with the same contents and books is that report."""
    locks.acquire(session, Lock.REPORT, division_id)
    earlier = queries.versions(session, [division_id], [name], period.start, period.end, consumers)
    sha256 = hashlib.sha256(contents).hexdigest()
    if earlier and (earlier[0].sha256, earlier[0].ledger_sha256) == (sha256, ledger_sha256) and earlier[0].status != ReportStatus.RETURNED:
        return earlier[0].id
    made = StoredReport(
        division_id=division_id, name=name, period_from=period.start, period_to=period.end, consumers=consumers,
        version=earlier[0].version + 1 if earlier else 1, rows=rows, contents=contents, sha256=sha256, ledger_sha256=ledger_sha256,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def advance(session: Session, report_id: int, event: ReportEvent, *, remark: str = "") -> ReportStatus:
    """Let something happen to a stored report and return where it stands then; nobody else does so meanwhile.

    It is signed when all its months are closed and the newest reports of its parts were taken and add up to it.

    :raises ReportStepRefused: if it stands otherwise, is not the newest version, is returned without a remark, or cannot be signed yet
    """
    record = queries.stored(session, report_id)
    assert record is not None
    locks.acquire(session, Lock.REPORT, record.division_id)
    newest = queries.versions(session, [record.division_id], [record.name], record.period_from, record.period_to, record.consumers)[0]
    current = newest if newest.id == report_id else queries.stored(session, report_id) or record
    problem = step_problem(current.status, event, is_newest=newest.id == report_id, remark=remark)
    problems = [problem] if problem else [*_open_months(session, record), *_parts(session, record)] if event == ReportEvent.SIGN else []
    if problems:
        raise ReportStepRefused(problems)
    status = REPORT_TRANSITIONS[current.status, event]
    step = {"event": event, "status": status, "remark": remark.strip()[:300]}
    session.add(ReportStep(division_id=record.division_id, stored_report_id=report_id, **step))
    session.flush()
    return status


def _open_months(session: Session, record: StoredReportRecord) -> Iterator[StepProblem]:
    """Yield the months of a report that are open."""
    for each in sorted(periods.months_of(session, record.division_id, months_between(record.period_from, record.period_to))):
        if each.status != PeriodStatus.CLOSED:
            yield StepProblem(StepFault.MONTH_OPEN, month=each.month)


def _parts(session: Session, record: StoredReportRecord) -> Iterator[StepProblem]:
    """Yield the parts of a report whose own reports do not make it up."""
    columns, rows = kept_rows(queries.contents(session, record.id))
    parts = [each.id for each in administration.divisions(session) if each.parent_id == record.division_id]
    found = dict[int, PartReport]()
    for each in queries.versions(session, parts, [record.name], record.period_from, record.period_to, record.consumers):
        if each.division_id not in found:
            found[each.division_id] = PartReport(each.status, sums_of(*kept_rows(queries.contents(session, each.id))).cells)
    for part, fault in faults_of_parts(columns, rows, parts, found).items():
        yield StepProblem(fault, division_id=part)
