"""What the acceptance of an application does: the very act, document or correction that the screen makes.

A work that needs nothing but the application is done when it is accepted. One that needs what a person sees (dials, seals, a certificate)
leads to the page of its document, filled from the application; the document closes the application. Either bears a reference that the
application keeps, so that what a second person decides later ends it too.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import readers
from app.domain.acts import ActRequest
from app.domain.applications import (
    WORKS,
    ApplicationEvent,
    ApplicationRefusal,
    ApplicationRefused,
    ApplicationStatus,
    ApplicationWork,
    WorkPlace,
    WorkRule,
)
from app.domain.billing.corrections import CorrectionKind
from app.domain.reference import ConsumerKind
from app.domain.supply import OffReason
from app.models.accounts import Account, Consumer
from app.models.acts import Act
from app.models.applications import ConsumerApplication
from app.models.equipment import Device, EquipmentDocument
from app.queries import applications as queries
from app.queries.applications import WorkDocument
from app.services import acts
from app.services.acts.identity import IDENTITY
from app.services.applications import steps
from app.services.applications.steps import StepTaken
from app.services.billing import withdrawals
from app.services.billing.corrections import CorrectionRequest

#: Fields of an application that are the consumer's data, as the act about them names them.
_IDENTITY_FIELDS = ("name", "pinfl", "stir", "phone", "language")
#: Where an application stands from which the page of its document is filled.
FILLABLE = frozenset({ApplicationStatus.ACCEPTED})
#: Applications looked at in one transaction.
_AT_ONCE = 200


def rule_of(application: ConsumerApplication) -> WorkRule:
    """Return what is known of the work of an application.

    :raises ApplicationRefused: if its kind has none
    """
    work = application.application_kind.work
    if work is None or ApplicationWork(work) not in WORKS:
        raise ApplicationRefused(ApplicationRefusal.INACTIVE_KIND, str(application.application_kind))
    return WORKS[ApplicationWork(work)]


def accept(
    session: Session, application_id: int, taken: StepTaken, *, basis: str, today: date, now: datetime
) -> tuple[ConsumerApplication, WorkDocument | None]:
    """Agree to an application, and do what needs nothing but the application; return the document that was drawn up.

    :param basis: what the document bears as its reason
    :raises ApplicationRefused: if it cannot be accepted
    :raises ActRefused: if the act cannot be performed; nothing is accepted then
    :raises NothingToCancel: if no bill stands in the months that are to be billed again
    """
    found = steps.advance(session, application_id, taken, today=today, now=now)
    rule = rule_of(found)
    if rule.needs_person or rule.place == WorkPlace.LETTER:
        return found, None
    reference = new_reference(session, found)
    if rule.place == WorkPlace.CORRECTION:
        withdrawals.submit(session, correction_of(found, basis, reference), today=today)
    else:
        acts.submit(session, act_request(session, found, basis, reference, today), today=today)
    found.work_reference = reference
    session.flush()
    follow(session, found, today=today, now=now)
    return found, queries.work_document(session, reference)


def new_reference(session: Session, found: ConsumerApplication) -> str:
    """Return the reference of a document about an application; each attempt has its own."""
    return f"application {found.id} {len(queries.steps(session, found.id))}"


def correction_of(found: ConsumerApplication, basis: str, reference: str) -> CorrectionRequest:
    """Return the correction an application about bills asks for: from a month on they are taken back and billed again."""
    since = date.fromisoformat(found.given["since"]).replace(day=1)
    return CorrectionRequest(found.division_id, since, CorrectionKind.REBILL, basis, reference, account_id=found.account_id)


def act_request(session: Session, found: ConsumerApplication, basis: str, reference: str, today: date) -> ActRequest:
    """Return the act an application asks for, with the parameters that its page would send."""
    rule = rule_of(found)
    assert rule.act is not None
    assert found.account_id is not None
    subject: dict[str, int | None] = {"account_id": found.account_id}
    if found.application_kind.work == ApplicationWork.CORRECT_DATA:
        subject = {"consumer_id": session.get_one(Account, found.account_id).consumer_id}
    return ActRequest(rule.act, found.division_id, today, basis, _parameters(session, found, today), reference, **subject)


def _parameters(session: Session, found: ConsumerApplication, today: date) -> dict[str, Any]:
    """Return what the form of the act would hold."""
    work, given = ApplicationWork(found.application_kind.work or ""), found.given
    if work == ApplicationWork.GRANT_BENEFIT:
        return {"benefit_id": _benefit(session, given["benefit"]), "is_granted": True}
    if work in {ApplicationWork.DISCONNECT, ApplicationWork.RECONNECT}:
        wanted = max(given.get("wanted_on") or "", today.isoformat())
        order = {"order_id": None, "term_on": wanted, "brigade_id": None, "note": str(given.get("note", ""))[:300]}
        return order | ({"off_reason": OffReason.REQUEST.value} if work == ApplicationWork.DISCONNECT else {})
    account = session.get_one(Account, found.account_id)
    consumer = session.get_one(Consumer, account.consumer_id)
    held = {name: getattr(consumer, name) for name in IDENTITY[ConsumerKind(consumer.kind)]}
    return held | {name: given[name] for name in _IDENTITY_FIELDS if name in held and given.get(name)}


def _benefit(session: Session, code: str) -> int:
    found = queries.benefit_id(session, code)
    if found is None:
        raise ApplicationRefused(ApplicationRefusal.WRONG_FIELDS, "benefit", column="benefit")
    return found


def page_values(session: Session, found: ConsumerApplication, *, today: date) -> Mapping[str, Any]:
    """Return what the page of the document is filled with: field → value; a page takes those it has."""
    consumer = {"name": found.given.get("name") or found.applicant_name, "phone": found.given.get("phone") or found.phone}
    identifier = found.given.get("pinfl") or found.given.get("stir")
    work = ApplicationWork(found.application_kind.work or "")
    if work in {ApplicationWork.OPEN_ACCOUNT, ApplicationWork.CHANGE_OWNER}:
        kind = ConsumerKind.LEGAL if found.given.get("stir") else ConsumerKind.HOUSEHOLD
        place = {name: found.given[name] for name in ("house", "flat") if name in found.given}
        return consumer | {"identifier": identifier, "kind": kind, "language": found.language} | place | _capacity(found)
    if work == ApplicationWork.EXCHANGE_METER:
        return {"reason_id": queries.reason_id(session, "REQUEST")}
    if work == ApplicationWork.VERIFY_METER:
        return {"devices": "\n".join(queries.serving_meters(session, found.account_id or 0, today)), "division": found.division_id}
    return {}


def _capacity(found: ConsumerApplication) -> dict[str, int]:
    """Return the capacity that is asked for, in thousandths of a kilowatt."""
    text = found.given.get("capacity")
    return {"capacity_milli": readers.quantity(text)} if text else {}


def attach(session: Session, application_id: int, reference: str, *, today: date, now: datetime) -> ConsumerApplication:
    """Let the document with a reference, just drawn up, do the work of an accepted application.

    :raises ApplicationRefused: if the application is not accepted, or the document is another one than it asks for
    """
    found = steps.locked(session, application_id)
    if found.work_reference == reference:
        return found  # the form was sent twice
    if found.status != ApplicationStatus.ACCEPTED:
        raise ApplicationRefused(ApplicationRefusal.NOT_POSSIBLE)
    session.flush()
    document = queries.work_document(session, reference)
    if document is None or not _is_its_work(session, found, document):
        raise ApplicationRefused(ApplicationRefusal.NOT_ITS_WORK)
    found.work_reference = reference
    follow(session, found, today=today, now=now)
    return found


def _is_its_work(session: Session, found: ConsumerApplication, document: WorkDocument) -> bool:
    rule = rule_of(found)
    if document.place != rule.place:
        return False
    if rule.place == WorkPlace.EQUIPMENT:
        made = session.get_one(EquipmentDocument, document.id)
        return made.kind == "VERIFY" and made.division_id == found.division_id and _names_its_meter(session, found, made)
    act = session.get_one(Act, document.id)
    is_there = act.division_id == found.division_id if found.account_id is None else act.account_id == found.account_id
    return act.kind == rule.act and act.reverses_id is None and is_there


def _names_its_meter(session: Session, found: ConsumerApplication, made: EquipmentDocument) -> bool:
    serving = set(queries.serving_meters(session, found.account_id or 0, made.document_on))
    named = {str(row[0]) for row in made.parameters.get("devices", []) if row}
    ids = {int(each.removeprefix("#")) for each in named if each.startswith("#") and each[1:].isdecimal()}
    serials = set(session.scalars(select(Device.serial_number).where(Device.id.in_(ids)))) if ids else set()
    return bool(serving & (named | serials))


def follow(session: Session, found: ConsumerApplication, *, today: date, now: datetime) -> None:
    """End an accepted application whose document is performed; give it back to staff if a second person refused it."""
    document = queries.work_document(session, found.work_reference) if found.work_reference else None
    if document is None or document.state == "ASKED":
        return
    event = ApplicationEvent.FINISH if document.state == "DONE" else ApplicationEvent.REOPEN
    steps.advance(session, found.id, StepTaken(event), today=today, now=now)


def follow_all(session: Session, *, today: date, now: datetime) -> int:
    """Follow the documents of accepted applications that a second person may have decided; return how many were looked at."""
    ids = queries.accepted(session, limit=_AT_ONCE)
    for application_id in ids:
        found = steps.locked(session, application_id)
        if found.status == ApplicationStatus.ACCEPTED:
            follow(session, found, today=today, now=now)
    return len(ids)
