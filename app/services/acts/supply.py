"""What acts about an account's supply share: where it is cut, the readings of that day, the bill up to it, and taking all that back."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.accounts import AccountStatus
from app.domain.acts import ActRefusal, ActRefused
from app.domain.billing.corrections import CorrectionKind
from app.domain.calendar import month_start, months_after
from app.domain.metering import ReadingKind, ReadingSource
from app.domain.notices import KINDS, NoticeKind, Value
from app.models.accounts import Account, Consumer, Supply
from app.models.acts import Act
from app.models.billing.corrections import BillCorrection
from app.models.household_consumers import AccountBenefit
from app.models.metering import Reading
from app.queries import acts as queries
from app.queries import administration as parameters
from app.queries.acts import RegisterOnDay
from app.queries.billing.corrections import BilledMonth
from app.services import notices, runs
from app.services.billing import corrections
from app.services.billing.corrections import CorrectionRequest
from app.services.claims import penalties
from app.services.ledger import totals


def account_of(session: Session, act: Act) -> Account:
    """Return the account an act is about."""
    return session.execute(select(Account).where(Account.id == act.account_id)).scalar_one()


def tell(session: Session, act: Act, kind: NoticeKind, values: Mapping[str, Value], *, today: date) -> list[int]:
    """Tell the consumer what an act did, unless it is of a day so old that the message would be late; return the messages.

    An act keeps them as ``told`` of what its counter-act needs, which withdraws those that wait.
    """
    if act.account_id is None or today - act.effective_on > KINDS[kind].lifetime:
        return []
    return notices.notify(session, act.account_id, kind, {"day": act.effective_on, **values}, now=act.created_at).ids


def pass_to(session: Session, account: Account, consumer: Consumer) -> None:
    """Give an account with its debts to another consumer."""
    totals.remove_account(session, account.id)
    account.consumer_id = consumer.id
    session.flush()
    totals.add_account(session, account.id)


def open_account_of(session: Session, act: Act) -> Account:
    """Return the account an act is about, which is open.

    :raises ActRefused: if it is closed, or was opened on the day or later
    """
    account = account_of(session, act)
    if account.status != AccountStatus.OPEN:
        raise ActRefused(ActRefusal.NOT_OPEN)
    if account.opened_on >= act.effective_on:
        raise ActRefused(ActRefusal.NOT_SUPPLIED, account.opened_on.isoformat(), column="effective_on")
    return account


def cut(session: Session, act: Act) -> tuple[Supply, dict[str, Any]]:
    """End the account's supply and its benefits on the day of the act; return the supply, and what the counter-act needs.

    :raises ActRefused: if it had no supply until then, or another supply or a benefit begins later
    """
    day = act.effective_on
    rows = session.scalars(select(Supply).where(Supply.account_id == act.account_id).order_by(Supply.valid_from)).all()
    supply = next((row for row in rows if row.valid_from < day and (row.valid_to is None or row.valid_to >= day)), None)
    if supply is None:
        raise ActRefused(ActRefusal.NOT_SUPPLIED, day.isoformat(), column="effective_on")
    benefits = session.scalars(select(AccountBenefit).where(AccountBenefit.account_id == act.account_id)).all()
    if any(row.valid_from >= day for row in rows) or any(row.valid_from >= day for row in benefits):
        raise ActRefused(ActRefusal.LATER_FACTS, day.isoformat(), column="effective_on")
    ended = []
    for benefit in benefits:
        if benefit.valid_to is None or benefit.valid_to > day:
            ended.append([benefit.id, _iso(benefit.valid_to)])
            benefit.valid_to = day
    undo = {"supply_id": supply.id, "valid_to": _iso(supply.valid_to), "benefits": ended}
    supply.valid_to = day
    session.flush()
    return supply, undo


def mend(session: Session, undo: Mapping[str, Any]) -> Supply:
    """Let a supply and the benefits that were cut go on as before."""
    supply = session.execute(select(Supply).where(Supply.id == undo["supply_id"])).scalar_one()
    supply.valid_to = _day(undo["valid_to"])
    for benefit_id, valid_to in undo["benefits"]:
        session.execute(select(AccountBenefit).where(AccountBenefit.id == benefit_id)).scalar_one().valid_to = _day(valid_to)
    session.flush()
    return supply


def record_readings(
    session: Session, act: Act, registers: Sequence[RegisterOnDay], kind: ReadingKind, *, account_id: int, anew: bool = False
) -> list[int]:
    """Record what the registers showed on the day of the act; return the new readings.

    One that was read on that day already is not recorded twice.

    :param anew: record it nevertheless, for an account that begins with it
    :raises ActRefused: if one is missing, cannot be, or contradicts the readings around it
    """
    given, made = act.parameters.get("readings", {}), []
    for register in registers:
        dial = given.get(str(register.register_id), register.dial_milli)
        _check(register, dial)
        if register.dial_milli is None or anew:
            reading = Reading(
                division_id=act.division_id, account_id=account_id, meter_installation_id=register.meter_installation_id,
                register_id=register.register_id, read_on=act.effective_on, dial_milli=dial, kind=kind, source=ReadingSource.OFFICE,
            )  # fmt: skip
            session.add(reading)
            session.flush()
            made.append(reading.id)
    return made


def _check(register: RegisterOnDay, dial: int | None) -> None:
    column, place = f"reading_{register.register_id}", f"{register.serial_number} {register.code}"
    if dial is None:
        raise ActRefused(ActRefusal.READING_MISSING, place, column=column)
    if not 0 <= dial < 1000 * 10**register.digits or dial % 10 ** (3 - register.decimals):
        raise ActRefused(ActRefusal.READING_WRONG, place, column=column)
    if register.dial_milli is not None and register.dial_milli != dial:
        raise ActRefused(ActRefusal.READING_DIFFERS, place, column=column)
    lower, upper = register.before_milli, register.after_milli
    if register.dial_milli is None and ((lower is not None and dial < lower) or (upper is not None and dial > upper)):
        raise ActRefused(ActRefusal.READING_GOES_BACK, place, column=column)


def withdraw_readings(session: Session, reading_ids: Sequence[int]) -> None:
    """Take readings back by further records that leave none in their place.

    :raises ActRefused: if one was replaced since
    """
    for reading in session.scalars(select(Reading).where(Reading.id.in_(reading_ids)).order_by(Reading.id)).all():
        if session.scalar(select(Reading.id).where(Reading.replaces_id == reading.id)):
            raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
        names = ("division_id", "account_id", "meter_installation_id", "register_id", "read_on", "dial_milli", "source")
        fields = {name: getattr(reading, name) for name in names}
        session.add(Reading(**fields, kind=ReadingKind.WITHDRAWAL, replaces_id=reading.id))
    session.flush()


class FinalBill(NamedTuple):
    """A bill up to the day of an act; the bills after it were taken back with those it replaces."""

    correction: BillCorrection | None
    #: months after it, still to be billed again
    later: list[BilledMonth]
    #: months that had no bill before
    fresh: list[date]


def bill_to(session: Session, act: Act, *, today: date) -> FinalBill:
    """Bill an account up to the day of an act, penalty up to it included: take back what reaches beyond it, and bill again up to there.

    :raises ActRefused: if no bill reaches the day, say because the account has no tariff; or if penalty is being charged just now
    """
    day, account_id = act.effective_on, act.account_id
    assert account_id is not None
    _charge_penalty(session, act, today)
    before, last = queries.standing(session, account_id), month_start(day - timedelta(days=1))
    if (
        before.billed_to == day
        and before.actual_to == day
        and not queries.unbilled_charges(session, account_id, before_day=months_after(last, 1))
    ):
        return FinalBill(None, [], [])
    correction, ids = correct(session, act, account_id, last), np.array([account_id], dtype=np.int64)
    taken = corrections.take_back(session, correction, ids, today=today)
    # A month without a bill is billed together with the one after it.
    until = next((each.month for each in taken.months), last)
    fresh = [] if taken.months else [last]
    due = [BilledMonth(month, due_day(session, month, today=today), today, [account_id]) for month in fresh]
    corrections.bill_months_again(session, correction, [*due, *(each for each in taken.months if each.month == until)], today=today)
    if queries.standing(session, account_id).billed_to != day:
        raise ActRefused(ActRefusal.NO_FINAL_BILL, day.isoformat(), column="effective_on")
    return FinalBill(correction, [each for each in taken.months if each.month > until], fresh)


def _charge_penalty(session: Session, act: Act, today: date) -> None:
    """Charge what is late up to today, a day on which it is paid included: later it would stand on somebody else's bill."""
    assert act.account_id is not None
    try:
        penalties.charge_account(session, act.account_id, act.division_id, left_on=act.effective_on, to=today + timedelta(days=1))
    except runs.RunAlreadyOpen as error:
        raise ActRefused(ActRefusal.PENALTY_RUN, str(error)) from error


def correct(session: Session, act: Act, account_id: int, since: date) -> BillCorrection:
    """Record the correction that holds the bills an act takes back and makes."""
    wanted = CorrectionRequest(
        act.division_id, since, CorrectionKind.REBILL, act.reason, f"act {act.id} {account_id}", account_id=account_id
    )
    return corrections.open_correction(session, wanted)


def due_day(session: Session, month: date, *, today: date) -> date:
    """Return the day by which a bill of a month that is made today is to be paid."""
    day = int(parameters.value_on(session, "billing.due_day", today))
    return months_after(max(month, month_start(today)), 1).replace(day=day)


def unbill(session: Session, counter: Act, undone: Act, account_id: int, *, today: date) -> None:
    """Bill an account again as if an act had not billed it up to its day: months that had no bill before have none again."""
    undo = undone.result["undo"]
    if not undo["billed"]:
        return
    correction, ids = correct(session, counter, account_id, since_of(undone)), np.array([account_id], dtype=np.int64)
    taken = corrections.take_back(session, correction, ids, today=today)
    fresh, standing = {date.fromisoformat(each) for each in undo["fresh"]}, {each.month for each in taken.months}
    stored = [_month(each, account_id) for each in undo["later"]]
    months = [each for each in taken.months if each.month not in fresh] + [each for each in stored if each.month not in standing]
    corrections.bill_months_again(session, correction, sorted(months, key=lambda each: each.month), today=today)


def since_of(act: Act) -> date:
    """Return the first month an act about a supply touches."""
    return month_start(act.effective_on - timedelta(days=1))


def dials_of(act: Act, registers: Sequence[RegisterOnDay]) -> list[str]:
    """Return what the registers showed, as the document names it."""
    given = act.parameters.get("readings", {})
    found = [(row, given.get(str(row.register_id), row.dial_milli) or 0) for row in registers]
    return [f"{row.serial_number} {row.code}: {dial // 1000}.{dial % 1000:03d}" for row, dial in found]


def _month(stored: Sequence[str], account_id: int) -> BilledMonth:
    month, due_on, first_issued_on = (date.fromisoformat(each) for each in stored)
    return BilledMonth(month, due_on, first_issued_on, [account_id])


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def begin_supply(session: Session, before: Supply, account_id: int, act: Act, *, tariff_group_id: int | None = None) -> Supply:
    """Begin a supply at the place of an earlier one on the day of the act; it is billed apart from that one.

    :raises ActRefused: if another account is supplied there
    """
    day, point = act.effective_on, before.service_point_id
    taken = select(Supply.id).where(Supply.service_point_id == point, (Supply.valid_to.is_(None)) | (Supply.valid_to > day))
    if session.scalar(taken.limit(1)):
        raise ActRefused(ActRefusal.POINT_TAKEN)
    supply = Supply(
        division_id=act.division_id, account_id=account_id, service_point_id=point, valid_from=day, begins_anew=True,
        tariff_group_id=tariff_group_id or before.tariff_group_id,
    )  # fmt: skip
    session.add(supply)
    session.flush()
    return supply


def undo_of(final: FinalBill, readings: Sequence[int]) -> dict[str, Any]:
    """Return what the counter-act needs of the readings and the final bill of an act."""
    return {
        "readings": list(readings),
        "billed": final.correction is not None,
        "fresh": [month.isoformat() for month in final.fresh],
        "later": [[each.month.isoformat(), each.due_on.isoformat(), each.first_issued_on.isoformat()] for each in final.later],
    }


def cancel(session: Session, act: Act, account_id: int, since: date, *, today: date) -> None:
    """Take back an account's bills of a month and all after it; nothing takes their place."""
    corrections.take_back(session, correct(session, act, account_id, since), np.array([account_id], dtype=np.int64), today=today)
