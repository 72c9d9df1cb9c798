"""Seals: where they are, what moved them there, what warehouses and brigades keep, and the proof of all that."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.seals import SealedPart, SealEvent, SealState
from app.queries.equipment import DEVICE_PROOFS
from app.queries.movements import SEALS
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_optional

#: How a seal (``s``) says where it is: what keeps it, or the device or place of supply it is on.
_PLACE = """
    coalesce(k.name, concat_ws(' ', o.name, d.serial_number), (
        SELECT concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, ''))
        FROM service_point sp JOIN street st ON st.id = sp.street_id WHERE sp.id = s.service_point_id), '')
"""
_FROM = """
    FROM seal s LEFT JOIN stock_place k ON k.id = s.stock_place_id LEFT JOIN device d ON d.id = s.device_id
    LEFT JOIN device_model o ON o.id = d.model_id
"""


class FoundSeal(NamedTuple):
    """A seal found by its number, with where it is in words."""

    id: int
    number: str
    division_id: int
    state: SealState | None
    stock_place_id: int | None
    device_id: int | None
    service_point_id: int | None
    sealed_part: SealedPart | None
    place: str


_FOUND = f"""
    SELECT s.id, s.number, s.division_id, s.state, s.stock_place_id, s.device_id, s.service_point_id, s.sealed_part, {_PLACE} AS place
    {_FROM}
"""


def seals_numbered(session: Session, numbers: Sequence[str]) -> dict[str, FoundSeal]:
    """Return the seals with some numbers, however they are written, in the reader's divisions, in that order: number as asked → seal."""
    statement = f"""
        SELECT w.number AS asked, f.* FROM unnest(CAST(:numbers AS text[])) WITH ORDINALITY w (number, place)
        JOIN LATERAL ({_FOUND} WHERE s.number_key = device_serial(w.number)) f ON true
        ORDER BY w.place
        """
    return {row.asked: FoundSeal(*row[1:]) for row in fetch_all(session, statement, _AskedSeal, numbers=list(numbers))}


class _AskedSeal(NamedTuple):
    asked: str
    id: int
    number: str
    division_id: int
    state: SealState | None
    stock_place_id: int | None
    device_id: int | None
    service_point_id: int | None
    sealed_part: SealedPart | None
    place: str


def seals_on(session: Session, *, device_id: int | None = None, service_point_id: int | None = None) -> list[FoundSeal]:
    """Return the seals on a device, or at a place of supply where no device stands."""
    statement = f"""
        {_FOUND} WHERE s.device_id = CAST(:device AS bigint) OR s.service_point_id = CAST(:point AS bigint) ORDER BY s.number, s.id
        """
    return fetch_all(session, statement, FoundSeal, device=device_id, point=service_point_id)


def meter_at(session: Session, service_point_id: int, on: date) -> int | None:
    """Return the meter that counts at a place of supply on a day; the first one, if there are several."""
    statement = """
        SELECT i.meter_id FROM meter_installation i
        WHERE i.service_point_id = :point AND i.valid_from <= :day AND coalesce(i.valid_to > :day, true) ORDER BY i.valid_from, i.id LIMIT 1
        """
    return fetch_optional(session, statement, int, point=service_point_id, day=on)


class AccountAt(NamedTuple):
    """Whose account is supplied where a device stands."""

    account_id: int | None
    service_point_id: int


def account_at(session: Session, device_id: int | None, service_point_id: int | None, on: date) -> AccountAt | None:
    """Return the place of supply where a device stands on a day, or the given one, and the account that is supplied there."""
    statement = """
        SELECT u.account_id, p.id AS service_point_id
        FROM service_point p
        LEFT JOIN supply u ON u.service_point_id = p.id AND u.valid_from <= :day AND coalesce(u.valid_to > :day, true)
        WHERE p.id = coalesce(CAST(:point AS bigint), (
            SELECT i.service_point_id FROM meter_installation i
            WHERE i.meter_id = CAST(:device AS bigint) AND i.valid_from <= :day AND coalesce(i.valid_to > :day, true)
            ORDER BY i.valid_from DESC LIMIT 1), (SELECT d.service_point_id FROM device d WHERE d.id = CAST(:device AS bigint)))
        ORDER BY u.valid_from DESC NULLS LAST LIMIT 1
        """
    return fetch_optional(session, statement, AccountAt, device=device_id, point=service_point_id, day=on)


class SealablePlace(NamedTuple):
    """The meter of an account; where none stands, its place of supply."""

    device_id: int | None
    service_point_id: int | None


def place_of_account(session: Session, account_id: int, on: date) -> SealablePlace | None:
    """Return what is sealed at an account on a day: its meter, or its place of supply where none stands."""
    statement = """
        SELECT i.meter_id AS device_id, CASE WHEN i.meter_id IS NULL THEN u.service_point_id END AS service_point_id
        FROM supply u LEFT JOIN meter_installation i ON i.service_point_id = u.service_point_id AND i.valid_from <= :day
            AND coalesce(i.valid_to > :day, true)
        WHERE u.account_id = :account AND u.valid_from <= :day AND coalesce(u.valid_to > :day, true)
        ORDER BY u.valid_from DESC, i.valid_from, i.id LIMIT 1
        """
    return fetch_optional(session, statement, SealablePlace, account=account_id, day=on)


def brigade_keeps(session: Session, brigade_id: int) -> int | None:
    """Return where a brigade keeps devices and seals."""
    return fetch_optional(session, "SELECT id FROM stock_place WHERE brigade_id = :id", int, id=brigade_id)


class SealStep(NamedTuple):
    """What happened to a seal, for its history."""

    id: int
    seal_id: int
    number: str
    moved_on: date
    event: SealEvent
    to_state: SealState | None
    to_part: SealedPart | None
    place: str
    equipment_document_id: int | None
    act_id: int | None
    field_proposal_id: int | None
    inspection_record_id: int | None
    is_undone: bool
    reverses_id: int | None
    created_by: str


_STEPS = """
    SELECT m.id, m.seal_id, s.number, m.moved_on, m.event, m.to_state, m.to_part,
           coalesce(k.name, concat_ws(' ', o.name, d.serial_number), '') AS place, m.equipment_document_id, m.act_id, m.field_proposal_id,
           m.inspection_record_id, EXISTS (SELECT FROM seal_movement u WHERE u.reverses_id = m.id) AS is_undone, m.reverses_id, m.created_by
    FROM seal_movement m JOIN seal s ON s.id = m.seal_id LEFT JOIN stock_place k ON k.id = m.to_stock_place_id
    LEFT JOIN device d ON d.id = m.to_device_id LEFT JOIN device_model o ON o.id = d.model_id
"""


def history(session: Session, seal_id: int) -> list[SealStep]:
    """Return what happened to a seal, the latest first."""
    return fetch_all(session, f"{_STEPS} WHERE m.seal_id = :id ORDER BY m.step_no DESC", SealStep, id=seal_id)


def history_of_device(session: Session, device_id: int) -> list[SealStep]:
    """Return what happened to the seals of a device, the latest first, those included that are no longer on it."""
    statement = f"{_STEPS} WHERE m.to_device_id = :id OR m.from_device_id = :id ORDER BY m.moved_on DESC, m.id DESC"
    return fetch_all(session, statement, SealStep, id=device_id)


class KeptSeal(NamedTuple):
    """A seal that a warehouse or a brigade kept at the end of a day."""

    id: int
    number: str
    kind: str


def stock(session: Session, stock_place_id: int, on: date) -> list[KeptSeal]:
    """Return the seals a warehouse or a brigade kept at the end of a day: the replay of movements, not what stands on seals."""
    statement = f"""
        SELECT r.seal_id AS id, s.number, {shown("k")} AS kind
        FROM ({SEALS.kept()}) r JOIN seal s ON s.id = r.seal_id JOIN seal_kind k ON k.id = s.seal_kind_id
        ORDER BY k.id, s.number, s.id
        """
    return fetch_all(session, statement, KeptSeal, place=stock_place_id, day=on)


class CarriedSeal(NamedTuple):
    """A seal an inspector takes along: what keeps it, and its number."""

    brigade_id: int
    number: str


def carried(session: Session, brigades: Sequence[int], *, limit: int) -> list[CarriedSeal]:
    """Return the seals that some brigades keep, those of the lowest numbers of each, up to a limit a brigade."""
    statement = """
        SELECT p.brigade_id, x.number FROM stock_place p
        CROSS JOIN LATERAL (SELECT s.number FROM seal s WHERE s.stock_place_id = p.id ORDER BY s.number LIMIT :limit) x
        WHERE p.brigade_id = ANY (:brigades) ORDER BY p.brigade_id, x.number
        """
    return fetch_all(session, statement, CarriedSeal, brigades=list(brigades), limit=limit)


class MeterSeal(NamedTuple):
    """A seal on a meter of an account, or where its supply was cut."""

    account_id: int
    number: str
    sealed_part: SealedPart


def seals_of_accounts(session: Session, accounts: Sequence[int], on: date) -> list[MeterSeal]:
    """Return the seals that are whole, on the meters of accounts and where their supplies were cut."""
    statement = """
        WITH place AS (
            SELECT u.account_id, u.service_point_id FROM supply u
            WHERE u.account_id = ANY (:accounts) AND u.valid_from <= :day AND coalesce(u.valid_to > :day, true)
        )
        SELECT p.account_id, s.number, coalesce(s.sealed_part, 'SWITCH') AS sealed_part
        FROM place p JOIN seal s ON s.service_point_id = p.service_point_id
        WHERE s.state = 'APPLIED'
        UNION ALL
        SELECT p.account_id, s.number, coalesce(s.sealed_part, 'TERMINAL_COVER')
        FROM place p JOIN meter_installation i ON i.service_point_id = p.service_point_id AND i.valid_from <= :day
            AND coalesce(i.valid_to > :day, true)
        JOIN seal s ON s.device_id = i.meter_id
        WHERE s.state = 'APPLIED' ORDER BY 1, 2
        """
    return fetch_all(session, statement, MeterSeal, accounts=list(accounts), day=on)


#: Rules of the proof of the books about devices and seals: each selects (row, stored, computed) where the two differ.
MOVED_PROOFS = {
    **DEVICE_PROOFS,
    "state and place of a seal = its movements": SEALS.of_things(),
    "movement of a seal begins where the one before ended": SEALS.of_movements(),
}
