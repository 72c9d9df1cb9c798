"""Planned outages: entered by a district, told to whom they concern by a job, cancelled with a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.notices import NoticeKind, Value
from app.domain.outages import OutageFault, OutageRefused, OutageStatus
from app.models.outages import OutageStreet, PlannedOutage
from app.queries import outages as queries
from app.services import notices
from app.services.administration import start_job
from app.services.once import added

#: Accounts told in one transaction.
ROWS = 500


class OutageRequest(NamedTuple):
    """An outage a district plans.

    :ivar feeder: the feeder or substation; empty: the streets say it all
    :ivar streets: names of streets of the division; none: nobody is told by message, and the portal shows it to the whole division
    """

    division_id: int
    begins_at: datetime
    ends_at: datetime
    feeder: str
    streets: Sequence[str]
    reason: str


class PlannedNow(NamedTuple):
    """An outage just planned or cancelled, and the job that tells of it."""

    outage_id: int
    job_id: int


def plan(session: Session, request: OutageRequest, *, now: datetime) -> PlannedNow:
    """Plan an outage, and have a job tell whom it concerns.

    :raises OutageRefused: if its hours fall or are over, or its area is not known
    """
    if request.ends_at <= request.begins_at:
        raise OutageRefused(OutageFault.TERM_FALLS)
    if request.begins_at <= now:
        raise OutageRefused(OutageFault.IN_THE_PAST)
    if not request.feeder and not request.streets:
        raise OutageRefused(OutageFault.NO_AREA)
    streets = _streets(session, request)
    row = PlannedOutage(
        division_id=request.division_id, begins_at=request.begins_at, ends_at=request.ends_at, feeder=request.feeder or None,
        outage_reason=request.reason,
    )  # fmt: skip
    outage = added(session, row)
    session.add_all(OutageStreet(division_id=request.division_id, planned_outage_id=outage.id, street_id=each) for each in streets)
    session.flush()
    return PlannedNow(outage.id, _tell(session, outage))


def cancel(session: Session, outage_id: int, *, reason: str, by: str, now: datetime) -> PlannedNow:
    """Cancel an outage that is not over; whoever was told of it is told so.

    :raises OutageRefused: if it is over, or was cancelled before
    """
    outage = session.execute(select(PlannedOutage).where(PlannedOutage.id == outage_id).with_for_update()).scalar_one()
    if outage.status != OutageStatus.PLANNED or outage.ends_at <= now:
        raise OutageRefused(OutageFault.OVER)
    outage.status, outage.cancel_reason, outage.cancelled_by, outage.cancelled_at = OutageStatus.CANCELLED, reason, by, now
    session.flush()
    return PlannedNow(outage.id, _tell(session, outage))


def tell(session: Session, outage_id: int, status: OutageStatus, *, after: int, now: datetime) -> tuple[int, int]:
    """Tell the next consumers an outage concerns that it is planned, or cancelled.

    :param status: what is told; once it stands otherwise, or is over, nobody is told any more
    :return: the last account, 0 if none is left; and how many are told by some way
    """
    outage = session.execute(select(PlannedOutage).where(PlannedOutage.id == outage_id).with_for_update()).scalar_one()
    if outage.status != status or outage.ends_at <= now:
        return 0, 0
    accounts = queries.concerned(session, outage_id, after=after, limit=ROWS)
    if not accounts:
        return 0, 0
    values: dict[str, Value] = {"begins": outage.begins_at, "ends": outage.ends_at, "reason": outage.outage_reason}
    kind = NoticeKind.PLANNED_OUTAGE if status == OutageStatus.PLANNED else NoticeKind.OUTAGE_CANCELLED
    told = [notices.NoticeAbout(each, values) for each in accounts]
    written = notices.notify_many(session, kind, told, now=now, lifetime=outage.ends_at - now)
    reached = written.reached
    if status == OutageStatus.PLANNED:
        outage.told += reached
    session.flush()
    return accounts[-1], reached


def _tell(session: Session, outage: PlannedOutage) -> int:
    parameters = {"status": str(outage.status)}
    return start_job(session, JobKind.OUTAGE_NOTICES, division_id=outage.division_id, subject_id=outage.id, parameters=parameters)


def _streets(session: Session, request: OutageRequest) -> list[int]:
    """Return the streets of a request.

    :raises OutageRefused: if the division has none of a name
    """
    found = {each.name.lower(): each.id for each in queries.streets_named(session, request.division_id, request.streets)}
    unknown = [name for name in request.streets if name.lower() not in found]
    if unknown:
        raise OutageRefused(OutageFault.UNKNOWN_STREET, unknown[0])
    return sorted({found[name.lower()] for name in request.streets})
