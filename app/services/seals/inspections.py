"""Inspections: opened once by a broken seal without an act, an event of a device or months without use; ended by a record or a reason."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.calendar import TASHKENT
from app.domain.seals import InspectionCause, InspectionStatus, SealedPart, SealRefusal, SealRefused, SealState
from app.models.equipment import Device
from app.models.seals import Inspection
from app.queries import seals as queries
from app.queries.seals import FoundSeal
from app.services.seals.movements import SealCause


def open_for_seal(session: Session, seal: FoundSeal, *, division_id: int, on: date, cause: SealCause) -> Inspection | None:
    """Open the inspection of a broken seal; None: it has one.

    One that is found by an inspection is ended by its record at once.
    """
    where = queries.account_at(session, seal.device_id, seal.service_point_id, on)
    made = Inspection(
        division_id=division_id, cause=InspectionCause.BROKEN_SEAL, opened_on=on, seal_id=seal.id, device_id=seal.device_id,
        service_point_id=where.service_point_id if where else None, account_id=where.account_id if where else None,
        act_id=cause.act_id, field_proposal_id=cause.field_proposal_id,
    )  # fmt: skip
    if cause.inspection_record_id is not None:
        made.inspection_record_id, made.status, made.ended_on = cause.inspection_record_id, InspectionStatus.ENDED, on
    return _opened(session, made)


def open_for_event(session: Session, device_id: int, *, event_id: int, at: datetime) -> Inspection | None:
    """Open the inspection of a device that told it was interfered with; None: one is open.

    Whether a seal is broken nobody saw yet: the seal on its terminal cover is named, and stays as it is.
    """
    device, on = session.get_one(Device, device_id), at.astimezone(TASHKENT).date()
    where = queries.account_at(session, device_id, None, on)
    there = [each for each in queries.seals_on(session, device_id=device_id) if each.state == SealState.APPLIED]
    cover = [each for each in there if each.sealed_part == SealedPart.TERMINAL_COVER] or there
    made = Inspection(
        division_id=device.division_id, cause=InspectionCause.TAMPER_EVENT, opened_on=on, device_id=device_id, device_event_id=event_id,
        seal_id=cover[0].id if cover else None, service_point_id=where.service_point_id if where else None,
        account_id=where.account_id if where else None,
    )  # fmt: skip
    return _opened(session, made)


def open_for_no_use(session: Session, installation_ids: Sequence[int], days: Sequence[int]) -> None:
    """Open the inspections of meters that counted nothing for several months; one that is open stays the only one.

    :param days: of the readings that say so, place by place, as day numbers
    """
    session.execute(_NO_USE, {"installations": list(installation_ids), "days": list(days)})


_NO_USE = text(
    """
    INSERT INTO inspection (division_id, cause, opened_on, device_id, service_point_id, account_id)
    SELECT DISTINCT ON (i.meter_id) i.division_id, 'NO_USE', DATE '1970-01-01' + k.day::int, i.meter_id, i.service_point_id, s.account_id
    FROM unnest(CAST(:installations AS bigint[]), CAST(:days AS bigint[])) k (installation_id, day)
    JOIN meter_installation i ON i.id = k.installation_id
    LEFT JOIN supply s ON s.service_point_id = i.service_point_id AND s.valid_from <= DATE '1970-01-01' + k.day::int
        AND coalesce(s.valid_to > DATE '1970-01-01' + k.day::int, true)
    ORDER BY i.meter_id, k.day DESC
    ON CONFLICT DO NOTHING
    """
)


def _opened(session: Session, made: Inspection) -> Inspection | None:
    """Add an inspection, unless the seal or the device has one."""
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        return None
    return made


def end(session: Session, inspection_id: int, *, on: date, conclusion: str = "", record_id: int | None = None) -> Inspection:
    """End an inspection by its record, or by the reason why there is none.

    :raises SealRefused: if it is not open, or neither is given
    """
    found = session.execute(select(Inspection).where(Inspection.id == inspection_id).with_for_update(of=Inspection)).scalar_one()
    if found.status != InspectionStatus.OPEN or not (conclusion.strip() or record_id):
        raise SealRefused(SealRefusal.ENDED, str(inspection_id))
    found.status, found.ended_on, found.conclusion, found.inspection_record_id = InspectionStatus.ENDED, on, conclusion.strip(), record_id
    session.flush()
    return found


def withdraw(session: Session, seal_ids: list[int], *, act_id: int) -> None:
    """Withdraw the inspections that an act opened which is taken back."""
    opened = select(Inspection).where(Inspection.act_id == act_id, Inspection.seal_id.in_(seal_ids))
    for each in session.scalars(opened.where(Inspection.status == InspectionStatus.OPEN)).all():
        each.status = InspectionStatus.WITHDRAWN
    session.flush()
