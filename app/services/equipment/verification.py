"""Verification: certificates from files, plans of a year that a second person approves, and consumers who are told ahead.

The day of a certificate goes before any interval; an interval is counted where a file says no end.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain import readers
from app.domain.administration import ApprovalKind
from app.domain.administration.translations import catalog_text
from app.domain.calendar import months_after
from app.domain.equipment import DeviceEvent, DocumentStatus, MovementRefusal, MovementRefused
from app.domain.notices import NoticeKind
from app.domain.reference import RefusedRow, RowFault, RowRefused, value_of
from app.gateways.certificates_file import CertificateLine
from app.models.equipment import Device, EquipmentDocument
from app.models.verification import PlannedVerification, VerificationPlan
from app.queries import equipment as devices
from app.queries import verification as queries
from app.services import notices
from app.services.equipment.documents import DocumentRequest, submit
from app.services.equipment.plans import YearPlanSpec, approval_of

#: Rows of a file that are recorded in one transaction.
ROWS = 200
_LONGEST_NUMBER = 40
_FAULTS = {
    MovementRefusal.OLDER_CERTIFICATE: ("issued_on", RowFault.OLDER_CERTIFICATE),
    MovementRefusal.EXPIRED_CERTIFICATE: ("verified_to", RowFault.BREAKS_RULE),
}


class _Certificate(NamedTuple):
    device: Device
    number: str
    organisation: str
    issued_on: date
    ends: date

    @property
    def reference(self) -> str:
        """Return what the reference of its document begins with: it stands once."""
        return f"certificate {self.device.id} {self.number}|"


def write_notices(session: Session, found: Sequence[queries.EndingVerification], *, now: datetime, today: date) -> int:
    """Tell consumers that the verification of a meter ends, once each; return how many are told by some way."""
    told = [notices.NoticeAbout(each.account_id, {"meter": each.meter, "day": each.ends_on}) for each in found]
    drafts = notices.drafted(session, NoticeKind.VERIFICATION, told, now=now)
    notices.write(session, NoticeKind.VERIFICATION, drafts, now=now)
    reached = {each.receiver.account_id for each in drafts if each.ways}
    ids = [each.planned_id for each in found if each.account_id in reached]
    session.execute(update(PlannedVerification).where(PlannedVerification.id.in_(ids)).values(noticed_on=today))
    return len(ids)


def record_certificates(
    session: Session, rows: Sequence[CertificateLine], *, reason: str, today: date, seen: dict[int, int]
) -> tuple[int, list[RefusedRow]]:
    """Record the good rows of a file, a document each; return how many, and the others with their faults.

    :param reason: what the documents bear as their reason: the name of the file
    :param seen: devices and the rows that certified them before; these are added
    """
    done, refused = 0, []
    for row in rows:
        try:
            certificate = _read(session, row, today, seen)
            _record(session, certificate, reason, today)
        except RowRefused as fault:
            refused.append(fault.of(row.row_no))
        else:
            seen[certificate.device.id], done = row.row_no, done + 1
    session.flush()
    return done, refused


def _read(session: Session, row: CertificateLine, today: date, seen: dict[int, int]) -> _Certificate:
    if row.refusal:
        raise RowRefused(row.refusal.column, row.refusal.fault, row.refusal.value)
    device = _device(session, row.serial_number)
    if device.id in seen:
        raise RowRefused("serial_number", RowFault.REPEATED, row.serial_number, seen[device.id])
    for column in ("certificate_number", "organisation"):
        if not getattr(row, column):
            raise RowRefused(column, RowFault.EMPTY)
    if len(row.certificate_number) > _LONGEST_NUMBER:
        raise RowRefused("certificate_number", RowFault.TEXT_TOO_LONG, row.certificate_number)
    issued_on = value_of("issued_on", row.issued_on, readers.day)
    if issued_on > today:
        raise RowRefused("issued_on", RowFault.OUT_OF_RANGE, row.issued_on)
    ends = value_of("verified_to", row.verified_to, readers.day) if row.verified_to else _end(session, device.id, issued_on, today)
    if ends <= issued_on:
        raise RowRefused("verified_to", RowFault.OUT_OF_RANGE, row.verified_to)
    return _Certificate(device, row.certificate_number, row.organisation[:200], issued_on, ends)


def _device(session: Session, serial: str) -> Device:
    if not serial:
        raise RowRefused("serial_number", RowFault.EMPTY)
    found = devices.devices_by_serial(session, serial)
    if len(found) != 1:
        raise RowRefused("serial_number", RowFault.NOT_ONE_DEVICE if found else RowFault.UNKNOWN_ROW, serial)
    return session.get_one(Device, found[0].id)


def _end(session: Session, device_id: int, issued_on: date, today: date) -> date:
    """Return the first day a verification no longer holds that is certified without one.

    :raises RowRefused: if no interval is known of such devices
    """
    months = queries.interval_months(session, device_id, issued_on, today)
    if months is None:
        raise RowRefused("verified_to", RowFault.EMPTY)
    month = months_after(issued_on.replace(day=1), months)
    return min(month + timedelta(days=issued_on.day - 1), months_after(month, 1) - timedelta(days=1))


def _record(session: Session, certificate: _Certificate, reason: str, today: date) -> None:
    """Record a certificate by a document of its own, on its day or the day the device was moved last.

    :raises RowRefused: if the device is not verified in its state, or a later certificate is known
    """
    device = certificate.device
    known = select(EquipmentDocument.status).where(EquipmentDocument.reference.startswith(certificate.reference, autoescape=True))
    earlier = session.scalars(known).all()
    if DocumentStatus.DONE in earlier:
        raise RowRefused("certificate_number", RowFault.REPEATED, certificate.number)
    day = max(certificate.issued_on, device.moved_on or certificate.issued_on)
    given = {
        "devices": [[f"#{device.id}"]], "certificate_number": certificate.number, "organisation": certificate.organisation,
        "issued_on": certificate.issued_on.isoformat(), "verified_to": certificate.ends.isoformat(),
    }  # fmt: skip
    request = DocumentRequest(
        DeviceEvent.VERIFY, device.division_id, day, certificate.number, reason, given, f"{certificate.reference}{len(earlier)}",
        stock_place_id=queries.sent_from(session, device.id),
    )  # fmt: skip
    try:
        with session.begin_nested():
            submit(session, request, today=today)
    except MovementRefused as refused:
        column, fault = _FAULTS.get(refused.refusal, ("serial_number", RowFault.NOT_VERIFIED_NOW))
        raise RowRefused(column, fault, refused.detail) from None


PLAN = YearPlanSpec(
    VerificationPlan,
    queries.INSERT_PLANNED,
    ApprovalKind.VERIFICATION_PLAN,
    catalog_text("Plan of verification"),
    catalog_text("approve plans of verification"),
    "VerificationPlanView.show",
)
APPROVAL = approval_of(PLAN)
