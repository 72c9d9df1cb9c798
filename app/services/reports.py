"""Reports are kept as they were made, and go their way up: signed, taken, accepted or returned."""

import hashlib

from sqlalchemy.orm import Session

from app.domain.calendar import Period
from app.domain.reference import ConsumerKind
from app.domain.reports import REPORT_TRANSITIONS, ReportEvent, ReportStatus
from app.models.reports import ReportStep, StoredReport
from app.queries import locks
from app.queries.locks import Lock
from app.queries.reports import stored as queries


class ReportStepRefused(Exception):
    """What is wanted does not fit where the report stands, or a newer version of it is there."""


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
    """Let something happen to a stored report and return where it stands then.

    :raises ReportStepRefused: if it stands otherwise, is not the newest version, or is returned without a remark
    """
    record = queries.stored(session, report_id)
    assert record is not None
    locks.acquire(session, Lock.REPORT, record.division_id)
    newest = queries.versions(session, [record.division_id], [record.name], record.period_from, record.period_to, record.consumers)[0]
    status = REPORT_TRANSITIONS.get((newest.status, event))
    if status is None or newest.id != report_id or (event == ReportEvent.RETURN and not remark.strip()):
        raise ReportStepRefused
    step = {"event": event, "status": status, "remark": remark.strip()[:300]}
    session.add(ReportStep(division_id=record.division_id, stored_report_id=report_id, **step))
    session.flush()
    return status
