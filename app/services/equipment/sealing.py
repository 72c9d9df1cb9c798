"""What documents do with seals: those of devices apply and take off, those of seals alone receive, issue, return, and write off."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.equipment import DeviceEvent, EquipmentDocumentKind, MovementRefusal, MovementRefused, StockPlaceKind
from app.domain.seals import SealedPart, SealEvent, SealPlace, SealRefused, read_ranges
from app.models.equipment import EquipmentDocument, Movement, StockPlace
from app.models.seals import SealKind
from app.services import seals
from app.services.seals import SealCause, SealWork


@contextmanager
def in_words() -> Iterator[None]:
    """Refuse the movement or the document where a seal is not moved."""
    try:
        yield
    except SealRefused as refused:
        column = "devices" if refused.column == "brigade_id" else refused.column
        raise MovementRefused(MovementRefusal.SEAL_REFUSED, f"{refused.refusal.value} {refused.detail}", column=column) from refused


def follow(session: Session, movement: Movement, *, keeper_id: int | None, today: date) -> None:
    """Apply the seals that a sealing or a verification of a device names, and take off those that a repair opens.

    :param keeper_id: whose seals they are; None: those of the warehouse where the device is
    :raises MovementRefused: if a seal is not moved
    """
    cause = SealCause(equipment_document_id=movement.equipment_document_id, act_id=movement.act_id)
    work = SealWork(movement.division_id, movement.moved_on, today, cause)
    numbers, event = movement.details.get("seals") or [], DeviceEvent(movement.event)
    with in_words():
        if event == DeviceEvent.REPAIR:
            seals.take_off_device(session, work, movement.device_id, tuple(SealedPart))
        elif numbers and event in (DeviceEvent.SEAL, DeviceEvent.VERIFY):
            is_verified = event == DeviceEvent.VERIFY
            usual = SealedPart.CASING if is_verified else SealedPart.TERMINAL_COVER
            place = SealPlace(device_id=movement.device_id, sealed_part=SealedPart(movement.details.get("sealed_part") or usual))
            kept = keeper_id or movement.from_stock_place_id
            seals.apply(session, work, numbers, place, keeper_id=kept, of_verification=is_verified)


def take_back(session: Session, cause: SealCause, *, counter_id: int) -> int:
    """Take back what a document or an act did with seals; return with how many.

    :raises MovementRefused: if one was moved since
    """
    with in_words():
        found = seals.undo(session, cause, counter_id=counter_id)
    if cause.act_id is not None and found:
        seals.inspections.withdraw(session, found, act_id=cause.act_id)
    return len(found)


class _Way(NamedTuple):
    """What a document does with its seals.

    :ivar kind: the kind of place they come to; None: to none
    """

    event: SealEvent
    kind: StockPlaceKind | None = None


_W, _B = StockPlaceKind.WAREHOUSE, StockPlaceKind.BRIGADE
WAYS: Mapping[EquipmentDocumentKind, _Way] = {
    EquipmentDocumentKind.RECEIVE_SEALS: _Way(SealEvent.RECEIVE, _W),
    EquipmentDocumentKind.ISSUE_SEALS: _Way(SealEvent.ISSUE, _B),
    EquipmentDocumentKind.RETURN_SEALS: _Way(SealEvent.RETURN, _W),
    EquipmentDocumentKind.TAKE_OFF_SEALS: _Way(SealEvent.TAKE_OFF),
    EquipmentDocumentKind.LOSE_SEALS: _Way(SealEvent.LOSE),
    EquipmentDocumentKind.FIND_SEALS: _Way(SealEvent.FIND, _W),
    EquipmentDocumentKind.WRITE_OFF_SEALS: _Way(SealEvent.WRITE_OFF),
}


def perform(session: Session, document: EquipmentDocument, today: date) -> dict[str, Any]:
    """Perform a document of seals and return what it did, as JSON.

    :raises MovementRefused: if a seal is not moved, or the place is none of its kind in the division
    """
    way, given = WAYS[EquipmentDocumentKind(document.kind)], document.parameters
    cause, place = SealCause(equipment_document_id=document.id), SealPlace(stock_place_id=_place(session, document, way))
    with in_words():
        ranges = read_ranges(given.get("seals") or [])
        named = {"ranges": [str(each) for each in ranges]}
        if way.event == SealEvent.RECEIVE:
            received = seals.receive(
                session, ranges, division_id=document.division_id, kind_id=given.get("seal_kind_id"), to=place, on=document.document_on,
                today=today, cause=cause,
            )  # fmt: skip
            kind = session.get_one(SealKind, given["seal_kind_id"]).name
            return {"seals": named | received._asdict() | {"kind": kind}}
        ids = seals.seals_of(session, ranges, division_id=document.division_id)
        seals.move(session, ids, way.event, on=document.document_on, today=today, cause=cause, to=place)
    return {"seals": named | {"seals_count": len(ids)}}


def _place(session: Session, document: EquipmentDocument, way: _Way) -> int | None:
    if way.kind is None:
        return None
    place = session.get(StockPlace, document.stock_place_id or 0)
    if place is None or place.kind != way.kind:
        raise MovementRefused(MovementRefusal.NO_PLACE, column="stock_place")
    if place.division_id != document.division_id:
        raise MovementRefused(MovementRefusal.OTHER_PLACE, str(place), column="stock_place")
    return place.id
