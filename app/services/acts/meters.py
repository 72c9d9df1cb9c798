"""Meters of an account installed, removed and exchanged, the months after it billed again, and all that undone."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.accounts import AccountStatus
from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.domain.metering import ReadingKind
from app.domain.notices import NoticeKind
from app.domain.seals import SealedPart, SealPlace, numbers_in
from app.models.acts import Act
from app.models.equipment import MeterInstallation
from app.models.metering import Reading
from app.models.reference import Brigade, MeterChangeReason
from app.queries.acts import meters as queries
from app.queries.billing import corrections as bills
from app.services.acts import energy, sealing
from app.services.acts import supply as steps
from app.services.acts.core import performs
from app.services.acts.installing import Installed, install
from app.services.acts.moving import move_back
from app.services.acts.rebilling import bill_again
from app.services.acts.removing import Removed, remove


def _undo(session: Session, counter: Act, undone: Act, today: date) -> ActOutcome:
    """Let the place be served as if the act had not been: installations and readings are as before, and the months billed again."""
    undo, account_id = undone.result["undo"], undone.account_id
    assert account_id is not None
    move_back(session, undone, counter)
    readings = {*undo["readings"]}
    if installed_id := undo.get("installed_id"):
        installation = session.get_one(MeterInstallation, installed_id)
        if installation.valid_to is not None:
            raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
        readings |= {*queries.later_readings(session, installed_id, undone.effective_on)}
        steps.withdraw_readings(session, sorted(readings))
        installation.valid_to = installation.valid_from  # it never served
        session.flush()
    else:
        steps.withdraw_readings(session, sorted(readings))
    if removed_id := undo.get("removed_id"):
        _go_on(session, removed_id, undo["withdrawn"])
    # The bill that ends on the day rests on the readings of the act too.
    since = bills.first_month_touched(session, account_id, undone.effective_on - timedelta(days=1))
    bill_again(session, counter, since=since, today=today)
    details = {"meter_removed": undo["installed"], "meter_installed": undo["removed"], "readings_taken_back": len(readings)}
    return ActOutcome(details, energy=energy.split(session, account_id, undone.effective_on, today=today))


def _go_on(session: Session, installation_id: int, withdrawal_ids: Sequence[int]) -> None:
    """Let a meter serve on, with its readings that the act took back.

    :raises ActRefused: if another counts the same at its place
    """
    installation = session.get_one(MeterInstallation, installation_id)
    codes = [each.code for each in queries.registers_of(session, installation.meter_id)]
    assert installation.valid_to is not None
    for taken in (
        queries.meter_in_the_way(session, installation.service_point_id, installation.valid_to, codes),
        queries.place_of_meter(session, installation.meter_id, installation.valid_to),
    ):
        if taken:
            raise ActRefused(ActRefusal.METER_THERE, taken)
    installation.valid_to = None
    session.flush()
    _put_back(session, withdrawal_ids)


def _put_back(session: Session, withdrawal_ids: Sequence[int]) -> None:
    """Record readings again that the act took back, each in the place of what took it back."""
    for gone in session.scalars(select(Reading).where(Reading.id.in_(withdrawal_ids)).order_by(Reading.id)).all():
        names = ("division_id", "account_id", "meter_installation_id", "register_id", "read_on", "dial_milli", "source")
        session.add(Reading(**{name: getattr(gone, name) for name in names}, kind=ReadingKind.PERIODIC, replaces_id=gone.id))
    session.flush()


@performs(ActKind.EXCHANGE_METER, reverse=_undo, is_ordered=False)
def exchange(session: Session, act: Act, today: date) -> ActOutcome:
    """Take a meter off and install another in its place on the same day.

    :raises ActRefused: if either cannot be
    """
    point = _place(session, act)
    removed = remove(session, act, point, today=today)
    installed = install(session, act, point, today=today)
    meters = {"old_meter": removed.meter.serial_number, "new_meter": installed.serial_number}
    told = steps.tell(session, act, NoticeKind.METER_EXCHANGED, meters, today=today)
    outcome = _outcome(session, act, removed, installed, today)
    return outcome._replace(undo={**outcome.undo, "told": told})


@performs(ActKind.REMOVE_METER, reverse=_undo, is_ordered=False)
def remove_meter(session: Session, act: Act, today: date) -> ActOutcome:
    """Take a meter off; from the day on the energy is estimated, or by norm, until another is installed.

    :raises ActRefused: if it cannot be
    """
    return _outcome(session, act, remove(session, act, _place(session, act), today=today), None, today)


@performs(ActKind.INSTALL_METER, reverse=_undo, is_ordered=False)
def install_meter(session: Session, act: Act, today: date) -> ActOutcome:
    """Install a meter where none counts the same.

    :raises ActRefused: if it cannot be
    """
    return _outcome(session, act, None, install(session, act, _place(session, act), today=today), today)


def _place(session: Session, act: Act) -> int:
    """Return the place an open account is supplied at on the day of the act."""
    if steps.account_of(session, act).status != AccountStatus.OPEN:
        raise ActRefused(ActRefusal.NOT_OPEN)
    place = queries.place_on(session, act.account_id or 0, act.effective_on)
    if place is None:
        raise ActRefused(ActRefusal.NOT_SUPPLIED, act.effective_on.isoformat(), column="effective_on")
    return place.service_point_id


def _outcome(session: Session, act: Act, removed: Removed | None, installed: Installed | None, today: date) -> ActOutcome:
    """Bill the months again that the act changes, and tell what it did."""
    assert act.account_id is not None
    bill_again(session, act, since=bills.first_month_touched(session, act.account_id, act.effective_on), today=today)
    undo: dict[str, Any] = {"readings": [], "withdrawn": [], "removed": "", "installed": ""}
    counted = []
    if removed:
        undo |= removed.undo | {"removed": removed.meter.serial_number}
        counted += removed.counted
    if installed:
        undo |= installed.undo | {"installed": installed.serial_number, "readings": undo["readings"] + installed.undo["readings"]}
        counted += installed.counted
    details = _details(session, act, removed, installed) | _seal(session, act, removed, installed, today)
    return ActOutcome(details, undo, counted=counted, energy=energy.split(session, act.account_id, act.effective_on, today=today))


def _details(session: Session, act: Act, removed: Removed | None, installed: Installed | None) -> dict[str, Any]:
    given, account = act.parameters, steps.account_of(session, act)
    reason = session.get(MeterChangeReason, int(given["reason_id"])) if given.get("reason_id") else None
    brigade = session.get(Brigade, int(given["brigade_id"])) if given.get("brigade_id") else None
    return {
        "account_number": account.number,
        "consumer": account.consumer.name,
        "meter_removed": f"{removed.meter.model} {removed.meter.serial_number}" if removed else None,
        "meter_installed": f"{installed.model} {installed.serial_number}" if installed else None,
        "transformer_ratio": installed.ratio if installed else None,
        "meter_change_reason": reason.name if reason else None,
        "brigade": brigade.name if brigade else None,
        "readings_taken_back": len(removed.undo["withdrawn"]) or None if removed else None,
        "photos": len(given.get("photos") or []) or None,
    }


def _seal(session: Session, act: Act, removed: Removed | None, installed: Installed | None, today: date) -> dict[str, Any]:
    """Take the seals off the meter that goes, and apply those of the brigade to the one that comes, or where none stands; return which."""
    given, taken, place = act.parameters, dict[str, Any](), SealPlace()
    if removed:
        gone = session.get_one(MeterInstallation, removed.meter.id)
        taken = sealing.take_off(session, act, gone.meter_id, today=today)
        place = SealPlace(service_point_id=gone.service_point_id, sealed_part=SealedPart.SWITCH)
    if installed:
        device_id = session.get_one(MeterInstallation, installed.undo["installed_id"]).meter_id
        place = SealPlace(device_id=device_id, sealed_part=SealedPart(given.get("sealed_part") or SealedPart.TERMINAL_COVER))
    sealing.apply(session, act, numbers_in(given.get("seals")), place, today=today, column="seals")
    return {"seals": given.get("seals"), **taken}
