"""Seals: received, issued, applied to devices by acts and documents, taken off, and found broken."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.seals import (
    KEPT,
    ON_PLACE,
    SealedPart,
    SealEvent,
    SealPlace,
    SealRefusal,
    SealRefused,
    SealState,
    read_ranges,
)
from app.models.seals import SealKind
from app.queries import administration as parameters
from app.queries import seals as queries
from app.queries.seals import FoundSeal
from app.services.seals import inspections
from app.services.seals.movements import SealCause, added, move, undo
from app.services.seals.receipts import ReceivedSeals, receive, seals_of

__all__ = [
    "ReceivedSeals",
    "SealCause",
    "SealWork",
    "apply",
    "check",
    "find_broken",
    "inspections",
    "move",
    "receive",
    "seals_of",
    "take_off",
    "take_off_device",
    "take_off_switch",
    "undo",
]

_FROM_REGISTER = "equipment.seals_from_register"
#: Codes of kinds of seals that the register is told by.
_USUAL, _OF_VERIFICATION = "INSTALLATION", "STATE_VERIFICATION"


class SealWork(NamedTuple):
    """What is done with seals on a day, in a division, and why."""

    division_id: int
    on: date
    today: date
    cause: SealCause


def apply(
    session: Session, work: SealWork, numbers: Sequence[str], to: SealPlace, *, keeper_id: int | None, of_verification: bool = False
) -> list[str]:
    """Apply seals that a warehouse or a brigade keeps to a device, or to a place of supply; return their numbers.

    A number that the register does not know is refused, unless the operating parameter says that seals are entered as they come. Seals of
    verification are another body's: they come with the certificate, and are taken over as they are.

    :param keeper_id: the warehouse or brigade whose seals they are
    :raises SealRefused: if one is on another device, kept elsewhere, or not known
    """
    ids, unknown = check(session, numbers, to, keeper_id=keeper_id, on=work.on, of_verification=of_verification)
    if unknown:
        _take_over(session, work, unknown, to, _OF_VERIFICATION if of_verification else _USUAL)
    if ids:
        move(session, ids, SealEvent.APPLY, on=work.on, today=work.today, cause=work.cause, to=to)
    return list(numbers)


def check(
    session: Session, numbers: Sequence[str], to: SealPlace, *, keeper_id: int | None, on: date, of_verification: bool = False
) -> tuple[list[int], list[str]]:
    """Return the seals that would be applied, and the numbers that would be taken over; those that are there already are neither.

    :raises SealRefused: as ``apply``
    """
    found = queries.seals_numbered(session, numbers)
    unknown = [number for number in numbers if number not in found or found[number].state is None]
    known = [each for each in dict.fromkeys(found.values()) if each.state is not None]
    for each in known:
        _check_kept(each, to, keeper_id)
    if unknown and not of_verification and parameters.value_on(session, _FROM_REGISTER, on):
        raise SealRefused(SealRefusal.UNKNOWN, ", ".join(unknown), column="seals")
    return [each.id for each in known if not _is_on(each, to)], unknown


def _check_kept(seal: FoundSeal, to: SealPlace, keeper_id: int | None) -> None:
    if seal.state in ON_PLACE:
        if _is_on(seal, to) and seal.state == SealState.APPLIED:
            return
        raise SealRefused(SealRefusal.USED, f"{seal.number}: {seal.place}", column="seals")
    if seal.state not in KEPT:
        raise SealRefused(SealRefusal.NOT_POSSIBLE, f"{seal.number}: {seal.state}", column="seals")
    if keeper_id is None:
        raise SealRefused(SealRefusal.NO_KEEPER, seal.number, column="brigade_id")
    if seal.stock_place_id != keeper_id:
        raise SealRefused(SealRefusal.OTHER_KEEPER, f"{seal.number}: {seal.place}", column="seals")


def _is_on(seal: FoundSeal, place: SealPlace) -> bool:
    """Return whether a seal is on the very device or place of supply, whatever it locks."""
    return (seal.device_id, seal.service_point_id) == (place.device_id, place.service_point_id) and seal.state in ON_PLACE


def _take_over(session: Session, work: SealWork, numbers: Sequence[str], to: SealPlace, code: str) -> list[int]:
    """Let the register know seals that were on their device before it did.

    :raises SealRefused: if one is no number, or is another division's
    """
    kind_id = session.scalars(select(SealKind.id).where(SealKind.code == code)).one()
    ranges = read_ranges(numbers)
    ids = added(session, ranges, division_id=work.division_id, kind_id=kind_id)
    if len(ids) < sum(each.seals for each in ranges):
        raise SealRefused(SealRefusal.OTHER_DIVISION, ", ".join(numbers), column="seals")
    move(session, ids, SealEvent.TAKE_OVER, on=work.on, today=work.today, cause=work.cause, to=to)
    return ids


def take_off(session: Session, work: SealWork, numbers: Sequence[str], place: SealPlace) -> list[str]:
    """Take seals off a device or a place of supply; one that the register does not know is taken over first; return their numbers.

    :raises SealRefused: if one is elsewhere
    """
    ids = _seals_there(session, work, numbers, place)
    if ids:
        move(session, ids, SealEvent.TAKE_OFF, on=work.on, today=work.today, cause=work.cause)
    return list(numbers)


def take_off_device(session: Session, work: SealWork, device_id: int, parts: Sequence[SealedPart]) -> list[str]:
    """Take the seals off some parts of a device; return their numbers."""
    return _take_off_all(session, work, [each for each in queries.seals_on(session, device_id=device_id) if each.sealed_part in parts])


def take_off_switch(session: Session, work: SealWork, place: SealPlace) -> list[str]:
    """Take the seals off where a supply was cut; return their numbers."""
    there = queries.seals_on(session, device_id=place.device_id, service_point_id=place.service_point_id)
    return _take_off_all(session, work, [each for each in there if each.sealed_part == SealedPart.SWITCH])


def _take_off_all(session: Session, work: SealWork, found: Sequence[FoundSeal]) -> list[str]:
    if found:
        move(session, [each.id for each in found], SealEvent.TAKE_OFF, on=work.on, today=work.today, cause=work.cause)
    return [each.number for each in found]


def find_broken(session: Session, work: SealWork, numbers: Sequence[str], place: SealPlace) -> list[str]:
    """Record that seals were found broken without an act; each opens an inspection, once; return their numbers.

    One that was found broken before stays so.

    :raises SealRefused: if one is elsewhere
    """
    ids = _seals_there(session, work, numbers, place)
    known = {each.id: each for each in queries.seals_numbered(session, numbers).values()}
    whole = [seal_id for seal_id in ids if known[seal_id].state == SealState.APPLIED]
    if whole:
        move(session, whole, SealEvent.BREAK, on=work.on, today=work.today, cause=work.cause)
    for seal_id in whole:
        inspections.open_for_seal(session, known[seal_id], division_id=work.division_id, on=work.on, cause=work.cause)
    return [known[seal_id].number for seal_id in ids]


def _seals_there(session: Session, work: SealWork, numbers: Sequence[str], place: SealPlace) -> list[int]:
    """Return the seals with some numbers on a device or at a place of supply; unknown ones are taken over there.

    :raises SealRefused: if one is elsewhere
    """
    found = queries.seals_numbered(session, numbers)
    unknown = [number for number in numbers if number not in found or found[number].state is None]
    for number, each in found.items():
        if number not in unknown and not _is_on(each, place):
            raise SealRefused(SealRefusal.NOT_ON_IT, f"{each.number}: {each.place or each.state}", column="seals")
    taken = _take_over(session, work, unknown, place, _USUAL) if unknown else []
    return [*(each.id for each in dict.fromkeys(found.values()) if each.state is not None), *taken]
