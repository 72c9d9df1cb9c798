"""Seals of the demo: received by documents, issued to brigades, and used by their acts."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.equipment import EquipmentDocumentKind, StockPlaceKind
from app.models.equipment import StockPlace
from app.models.reference import Brigade
from app.queries.records import fetch_one, fetch_optional
from app.services import equipment
from app.services.equipment import DocumentRequest
from app.services.once import added

#: Seals that a brigade gets at once.
_ISSUED = 200
_STORE = "Plombalar ombori"
_HAD = """
    SELECT 1 FROM seal_movement m JOIN stock_place p ON p.id = m.to_stock_place_id WHERE p.brigade_id = :id LIMIT 1
"""
_NEXT = "SELECT number FROM seal WHERE stock_place_id = (SELECT id FROM stock_place WHERE brigade_id = :id) ORDER BY number LIMIT 1"


#: Acts that are entered late are of earlier days.
_BEFORE = timedelta(days=150)


def draw(
    session: Session, kind: EquipmentDocumentKind, seals: list[str], on: date, *, division_id: int, to: StockPlace | None = None
) -> None:
    """Draw up a document of seals."""
    given = {"seals": seals} | (
        {"seal_kind_id": 1, "supplier": "Namuna plomba zavodi"} if kind == EquipmentDocumentKind.RECEIVE_SEALS else {}
    )
    reference = f"demo seals {division_id} {kind} {seals[0]}"
    wanted = DocumentRequest(kind, division_id, on, "", "Namuna", given, reference, stock_place_id=to.id if to else None)
    equipment.submit(session, wanted, today=on)


def provide(session: Session, brigade: Brigade, *, on: date) -> None:
    """Let a brigade that never had seals get some, long before a day, received in a warehouse then."""
    if fetch_optional(session, _HAD, int, id=brigade.id):
        return
    own, on = {"division_id": brigade.division_id}, on - _BEFORE
    kept = session.scalar(select(StockPlace).where(StockPlace.brigade_id == brigade.id)) or added(
        session, StockPlace(kind=StockPlaceKind.BRIGADE, name=brigade.name, keeper=brigade.name, brigade_id=brigade.id, **own)
    )
    known = select(StockPlace).where(StockPlace.name == _STORE, StockPlace.division_id == brigade.division_id)
    store = session.scalar(known) or added(session, StockPlace(kind=StockPlaceKind.WAREHOUSE, name=_STORE, keeper="Karimov A.", **own))
    seals = [f"B{brigade.id:03d}-0001 .. B{brigade.id:03d}-{_ISSUED:04d}"]
    draw(session, EquipmentDocumentKind.RECEIVE_SEALS, seals, on, division_id=brigade.division_id, to=store)
    draw(session, EquipmentDocumentKind.ISSUE_SEALS, seals, on, division_id=brigade.division_id, to=kept)


def next_of(session: Session, brigade: Brigade) -> str:
    """Return the next seal that a brigade has."""
    return fetch_one(session, _NEXT, str, id=brigade.id)
