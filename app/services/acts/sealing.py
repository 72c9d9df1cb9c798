"""Seals of acts: applied from the stock of the act's brigade, taken off, and found broken."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.domain.acts import ActRefusal, ActRefused
from app.domain.seals import OPENED_AT_REMOVAL, SealedPart, SealPlace, SealRefusal, SealRefused, numbers_in
from app.models.acts import Act
from app.queries import seals as queries
from app.services import seals
from app.services.seals import SealCause, SealWork


@contextmanager
def in_words(column: str) -> Iterator[None]:
    """Refuse the act where a seal is not moved."""
    try:
        yield
    except SealRefused as refused:
        of_form = "brigade_id" if refused.refusal == SealRefusal.NO_KEEPER else column
        raise ActRefused(ActRefusal.SEAL_REFUSED, f"{refused.refusal.value} {refused.detail}", column=of_form) from refused


def work_of(act: Act, today: date) -> SealWork:
    """Return what an act does with seals, on its day."""
    return SealWork(act.division_id, act.effective_on, today, SealCause(act_id=act.id))


def take_off(session: Session, act: Act, device_id: int, *, today: date) -> dict[str, Any]:
    """Take the seals off a meter that is removed: those of what is opened, and further ones that the form names; return which.

    Those that were found broken open an inspection first.

    :raises ActRefused: if one is not on the meter
    """
    work, place = work_of(act, today), SealPlace(device_id=device_id, sealed_part=SealedPart.TERMINAL_COVER)
    broken = broken_of(session, act, place, today=today)
    with in_words("seals_removed"):
        named = seals.take_off(session, work, numbers_in(act.parameters.get("seals_removed")), place)
    others = seals.take_off_device(session, work, device_id, OPENED_AT_REMOVAL)
    return {"seals_removed": sorted({*named, *others}), "seals_broken": broken}


def broken_of(session: Session, act: Act, place: SealPlace, *, today: date) -> list[str]:
    """Record the seals that the act's form names as found broken; return their numbers.

    :raises ActRefused: if one is elsewhere
    """
    with in_words("seals_broken"):
        return seals.find_broken(session, work_of(act, today), numbers_in(act.parameters.get("seals_broken")), place)


def take_off_switch(session: Session, act: Act, place: SealPlace, *, today: date) -> list[str]:
    """Take the seals off where a supply was cut; return their numbers.

    :raises ActRefused: if one was moved on a later day
    """
    with in_words("effective_on"):
        return seals.take_off_switch(session, work_of(act, today), place)


def apply(session: Session, act: Act, numbers: list[str], place: SealPlace, *, today: date, column: str) -> None:
    """Apply seals of the act's brigade.

    :param column: the field of the form that names them
    :raises ActRefused: if one is not in the stock of the brigade
    """
    if not numbers:
        return
    brigade_id = act.parameters.get("brigade_id")
    keeper_id = queries.brigade_keeps(session, int(brigade_id)) if brigade_id else None
    with in_words(column):
        seals.apply(session, work_of(act, today), numbers, place, keeper_id=keeper_id)


def place_of_supply(session: Session, service_point_id: int, on: date) -> SealPlace:
    """Return where a supply is cut and sealed: at its meter, or at the place of supply where none stands."""
    meter_id = queries.meter_at(session, service_point_id, on)
    return SealPlace(device_id=meter_id, service_point_id=None if meter_id else service_point_id, sealed_part=SealedPart.SWITCH)


def take_back(session: Session, undone: Act, counter: Act) -> None:
    """Take back what an act did with seals.

    :raises ActRefused: if one was moved since
    """
    with in_words("reason"):
        found = seals.undo(session, SealCause(act_id=undone.id), counter_id=counter.id)
    seals.inspections.withdraw(session, found, act_id=undone.id)
