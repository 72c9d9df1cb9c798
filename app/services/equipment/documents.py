"""Documents of equipment: drawn up once, signed by as many as the kind needs, performed, and undone by counter-documents.

What a document would do is found by doing it in a savepoint and taking that back, so that a preview and a document that lacks signatures
show the very devices.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.equipment import (
    SIGNATURES,
    SIGNATURES_OF_A_DOUBLE,
    DeviceEvent,
    DevicePlace,
    DocumentStatus,
    EquipmentDocumentKind,
    MovementRefusal,
    MovementRefused,
    PlaceKind,
)
from app.models.equipment import Device, EquipmentDocument, EquipmentSignature, StockPlace
from app.queries import equipment as queries
from app.services.administration import approvals
from app.services.equipment import movements, sealing
from app.services.equipment.receipts import receive
from app.services.once import added, once

_PERFORMED_ALIKE = ("certificate_number", "verified_to", "organisation", "issued_on", "sealed_part")


class DocumentRequest(NamedTuple):
    """A document somebody draws up.

    ``parameters``: ``devices`` (a list a device: the serial number, then its seals), or ``seals`` (a number or a range a line), and what
    the kind's form asks for.
    """

    kind: EquipmentDocumentKind | DeviceEvent
    division_id: int
    document_on: date
    document_number: str
    reason: str
    parameters: Mapping[str, Any]
    #: the idempotency key of the form
    reference: str
    stock_place_id: int | None = None
    to_division_id: int | None = None
    reverses_id: int | None = None
    inventory_id: int | None = None


def submit(session: Session, request: DocumentRequest, *, today: date) -> EquipmentDocument:
    """Draw up a document once and perform it, or leave it to those who sign next; a repeat returns the first.

    :raises MovementRefused: if it cannot be performed
    """
    same = ("kind", "document_on", "document_number", "reason", "stock_place_id", "to_division_id", "reverses_id")
    return once(
        session,
        ("equipment document", request.reference),
        find=select(EquipmentDocument).where(EquipmentDocument.reference == request.reference),
        contents={name: getattr(request, name) for name in same} | {"parameters": dict(request.parameters)},
        conflict=lambda first: MovementRefused(MovementRefusal.OTHER_CONTENTS, first),
        make=lambda: _submit(session, request, today),
    )


def preview(session: Session, request: DocumentRequest, *, today: date) -> Mapping[str, Any]:
    """Return what a document would do; nothing of it stays. ``signatures_needed`` tells how many persons sign.

    :raises MovementRefused: if it cannot be performed
    """
    with session.begin_nested() as attempt:
        document = _record(session, request)
        needed = document.signatures_needed
        result = _perform(session, document, today)
        attempt.rollback()
    return result | {"signatures_needed": needed}


def sign(session: Session, document_id: int, *, today: date, now: datetime) -> EquipmentDocument:
    """Sign a document as the session's user; the last signature performs it.

    :raises MovementRefused: if the user signed already, or may be one person with somebody who did, or it cannot be performed any more
    """
    document = session.execute(
        select(EquipmentDocument).where(EquipmentDocument.id == document_id).with_for_update(of=EquipmentDocument)
    ).scalar_one()
    if document.status != DocumentStatus.REQUESTED:
        raise MovementRefused(MovementRefusal.NOT_STANDING)
    try:
        with session.begin_nested():
            mine = _add_signature(session, document)
            *others, _own = queries.signers(session, document.id)
            if any(approvals.may_be_same(session, each, mine.created_by, today=today, now=now) for each in others):
                raise MovementRefused(MovementRefusal.SAME_PERSON)
    except IntegrityError:
        raise MovementRefused(MovementRefusal.SIGNED_ALREADY) from None
    if len(others) + 1 >= document.signatures_needed:
        _finish(session, document, today)
    return document


def reversal_of(document: EquipmentDocument, *, reason: str, reference: str) -> DocumentRequest:
    """Return the request for the counter-document of a document; it bears the document's day."""
    return DocumentRequest(
        EquipmentDocumentKind(document.kind), document.division_id, document.document_on, document.document_number, reason, {}, reference,
        reverses_id=document.id,
    )  # fmt: skip


def _submit(session: Session, request: DocumentRequest, today: date) -> EquipmentDocument:
    # What is refused leaves nothing, whatever the caller does with its transaction.
    with session.begin_nested():
        document = _record(session, request)
        _add_signature(session, document)
        if document.signatures_needed > 1:
            with session.begin_nested() as attempt:
                result = _perform(session, document, today)
                attempt.rollback()
            document.result = result
            session.flush()
        else:
            _finish(session, document, today)
    return document


def _record(session: Session, request: DocumentRequest) -> EquipmentDocument:
    needed = SIGNATURES.get(request.kind, SIGNATURES_OF_A_DOUBLE if request.parameters.get("is_double") else 1)
    return added(session, EquipmentDocument(**{**request._asdict(), "parameters": dict(request.parameters)}, signatures_needed=needed))


def _add_signature(session: Session, document: EquipmentDocument) -> EquipmentSignature:
    return added(session, EquipmentSignature(division_id=document.division_id, equipment_document_id=document.id))


def _finish(session: Session, document: EquipmentDocument, today: date) -> None:
    document.result, document.status = _perform(session, document, today), DocumentStatus.DONE
    session.flush()


def _perform(session: Session, document: EquipmentDocument, today: date) -> dict[str, Any]:
    """Perform a document or counter-document and return what it did, as JSON."""
    if document.reverses_id is not None:
        return _reverse(session, document)
    if document.kind in sealing.WAYS:
        return sealing.perform(session, document, today)
    perform = _OWN_WAYS.get(DeviceEvent(document.kind), _move_all)
    return perform(session, document, today)


def _reverse(session: Session, counter: EquipmentDocument) -> dict[str, Any]:
    undone = session.execute(
        select(EquipmentDocument).where(EquipmentDocument.id == counter.reverses_id).with_for_update(of=EquipmentDocument)
    ).scalar_one()
    if undone.status != DocumentStatus.DONE or undone.reverses_id is not None:
        raise MovementRefused(MovementRefusal.NOT_STANDING)
    differences = select(EquipmentDocument).where(
        EquipmentDocument.inventory_id == undone.id, EquipmentDocument.status == DocumentStatus.DONE
    )
    for document in (*session.scalars(differences.order_by(EquipmentDocument.id.desc())).all(), undone):
        movements.undo_document(session, document, counter_id=counter.id)
        document.status = DocumentStatus.REVERSED
    session.flush()
    return dict(undone.result)


def _move_all(session: Session, document: EquipmentDocument, today: date) -> dict[str, Any]:
    """Move every device of a document the same way."""
    kind, place = DeviceEvent(document.kind), _place(session, document)
    moved = []
    for device, seals in _devices(session, document):
        details = {name: document.parameters[name] for name in _PERFORMED_ALIKE if document.parameters.get(name)}
        details |= {"seals": seals} if seals else {}
        movement = movements.move(
            session, device.id, kind, on=document.document_on, today=today, to=place, document_id=document.id, details=details
        )
        moved.append(row_of(device, movement.from_state, movement.to_state, seals))
    return {"devices": moved}


def _install(session: Session, document: EquipmentDocument, today: date) -> dict[str, Any]:
    """Install or remove devices that count nothing; meters are, with their readings, by acts from the card of the account."""
    for device, _seals in _devices(session, document):
        if device.model.device_kind.has_registers:
            raise MovementRefused(MovementRefusal.BY_AN_ACT, str(device), column="devices")
    return _move_all(session, document, today)


def _count(session: Session, document: EquipmentDocument, today: date) -> dict[str, Any]:
    """Compare what was counted with what should be there; what is missing and what is too much gets documents of its own."""
    place, on = document.stock_place_id, document.document_on
    if place is None:
        raise MovementRefused(MovementRefusal.NO_PLACE, column="stock_place")
    expected = {each.device_id: each for each in queries.stock(session, place, on)}
    counted, unknown = set[int](), list[str]()
    surplus, elsewhere = list[queries.FoundDevice](), list[queries.FoundDevice]()
    for serial, *_seals in _written(document):
        found = queries.devices_by_serial(session, serial) or queries.device_listed(session, serial)
        here = [each.id for each in found if each.id in expected]
        if here:
            counted |= {*here}
        elif not found:
            unknown.append(serial)
        else:
            (surplus if found[0].state in (None, "LOST") else elsewhere).append(found[0])
    rows = [
        movements.move(session, device_id, DeviceEvent.COUNT, on=on, today=today, document_id=document.id).device
        for device_id in sorted(counted)
    ]
    missing = [each for device_id, each in expected.items() if device_id not in counted]
    _difference(session, document, DeviceEvent.LOSE, [each.serial_number for each in missing], today)
    _difference(session, document, DeviceEvent.FIND, [f"#{each.id}" for each in surplus], today)
    return {
        "devices": [row_of(device, device.state, device.state, []) for device in rows],
        "missing": [f"{each.model} {each.serial_number}" for each in missing],
        "surplus": [each.name for each in surplus],
        "elsewhere": [each.name for each in elsewhere],
        "unknown": unknown,
    }


def _difference(session: Session, inventory: EquipmentDocument, kind: DeviceEvent, serials: Sequence[str], today: date) -> None:
    if not serials:
        return
    _submit(
        session,
        DocumentRequest(
            kind, inventory.division_id, inventory.document_on, inventory.document_number, inventory.reason,
            {"devices": [[serial] for serial in serials]}, f"{inventory.reference[:70]} {kind}",
            stock_place_id=inventory.stock_place_id if kind == DeviceEvent.FIND else None, inventory_id=inventory.id,
        ),
        today,
    )  # fmt: skip


def _place(session: Session, document: EquipmentDocument) -> DevicePlace | None:
    """Return where the devices of a document come to."""
    if document.to_division_id is not None:
        return DevicePlace(PlaceKind.TRANSIT, division_id=document.to_division_id)
    if document.stock_place_id is not None:
        return DevicePlace(PlaceKind(session.get_one(StockPlace, document.stock_place_id).kind), document.stock_place_id)
    if number := document.parameters.get("account_number"):
        point = queries.point_of_account(session, number, document.document_on)
        if point is None:
            raise MovementRefused(MovementRefusal.NO_POINT, column="account_number")
        return DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=point)
    return None


def _devices(session: Session, document: EquipmentDocument) -> list[tuple[Device, list[str]]]:
    """Return the devices a document names, with what stands behind them.

    :raises MovementRefused: if one is not there, or named twice
    """
    found: dict[int, list[str]] = {}
    for serial, *seals in _written(document):
        device_id = _device(session, serial)
        if device_id in found:
            raise MovementRefused(MovementRefusal.WRITTEN_TWICE, serial, column="devices")
        found[device_id] = seals
    return [(session.get_one(Device, device_id), seals) for device_id, seals in found.items()]


def _device(session: Session, serial: str) -> int:
    """Return the device with a serial number, or with ``#`` and its number in the list."""
    found = queries.devices_by_serial(session, serial) or queries.device_listed(session, serial)
    if not found:
        raise MovementRefused(MovementRefusal.UNKNOWN_DEVICE, serial, column="devices")
    if len(found) > 1:
        names = ", ".join(f"#{each.id} {each.name} ({each.division})" for each in found)
        raise MovementRefused(MovementRefusal.SEVERAL_DEVICES, names, column="devices")
    return found[0].id


def _written(document: EquipmentDocument) -> list[list[str]]:
    lines: list[list[str]] = document.parameters.get("devices") or []
    if not lines and document.kind != EquipmentDocumentKind.COUNT:
        raise MovementRefused(MovementRefusal.NO_DEVICE, column="devices")
    return lines


def row_of(device: Device, before: str | None, after: str | None, seals: Sequence[str]) -> dict[str, Any]:
    """Return a device as the result of a document names it."""
    return {
        "device_id": device.id, "model": str(device.model), "serial_number": device.serial_number, "before": before, "after": after,
        "seals": list(seals),
    }  # fmt: skip


def _receive(session: Session, document: EquipmentDocument, today: date) -> dict[str, Any]:
    """Add new devices and receive them."""
    place, moved = _place(session, document), []
    for serial, *_seals in _written(document):
        device = receive(session, document, serial)
        movement = movements.move(
            session, device.id, DeviceEvent.RECEIVE, on=document.document_on, today=today, to=place, document_id=document.id
        )
        moved.append(row_of(device, movement.from_state, movement.to_state, []))
    return {"devices": moved}


_OWN_WAYS: Mapping[DeviceEvent, Callable[[Session, EquipmentDocument, date], dict[str, Any]]] = {
    DeviceEvent.RECEIVE: _receive,
    DeviceEvent.INSTALL: _install,
    DeviceEvent.REMOVE: _install,
    DeviceEvent.COUNT: _count,
}
