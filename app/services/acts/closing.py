"""An account closed on a day with its last readings and final bill, and one that was closed opened again."""

from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain.accounts import AccountStatus
from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused, Unsettled
from app.domain.metering import ReadingKind
from app.models.accounts import Supply
from app.models.acts import Act
from app.queries import acts as queries
from app.services.acts import supply as steps
from app.services.acts.core import performs
from app.services.contracts import leave_contract, make_standard_contract, return_to_contract, unmake_contract


def _undo_closing(session: Session, counter: Act, undone: Act, today: date) -> ActOutcome:
    """Let the account go on as if it had not been closed: bills, readings, supply and benefits are as before."""
    account, undo = steps.account_of(session, undone), undone.result["undo"]
    if account.status != AccountStatus.CLOSED or account.closed_on != undone.effective_on:
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    account.status, account.closed_on = AccountStatus.OPEN, None
    steps.mend(session, undo)
    steps.withdraw_readings(session, undo["readings"])
    return_to_contract(session, account.id, undo["contracts"])
    steps.unbill(session, counter, undone, account.id, today=today)
    return ActOutcome({"account_number": account.number, "status": account.status})


@performs(ActKind.CLOSE_ACCOUNT, reverse=_undo_closing)
def close(session: Session, act: Act, today: date) -> ActOutcome:
    """End the supply, record the last readings, bill up to the day, and close; money that is left must be named.

    :raises ActRefused: if the account does not stand so, or money is left and nobody said what happens with it
    """
    account = steps.open_account_of(session, act)
    supply, undo = steps.cut(session, act)
    registers = queries.registers_on(session, supply.service_point_id, act.effective_on, until=True)
    if later := [row.after_on for row in registers if row.after_on]:
        raise ActRefused(ActRefusal.LATER_READING, min(later).isoformat(), column="effective_on")
    readings = steps.record_readings(session, act, registers, ReadingKind.FINAL, account_id=account.id)
    left = leave_contract(session, account.id, on=act.effective_on, reason=act.reason)
    final = steps.bill_to(session, act, today=today)
    balance = queries.standing(session, account.id).balance_tiyin
    if balance and Unsettled(act.parameters["unsettled"]) == Unsettled.REFUSE:
        raise ActRefused(ActRefusal.UNSETTLED, str(balance), column="unsettled")
    account.status, account.closed_on = AccountStatus.CLOSED, act.effective_on
    details: dict[str, Any] = {
        "account_number": account.number,
        "consumer": account.consumer.name,
        "closed_on": act.effective_on.isoformat(),
    }
    details["dials"] = steps.dials_of(act, registers)
    details |= {"debt_tiyin": max(balance, 0) or None, "advance_tiyin": max(-balance, 0) or None}
    details |= {"unsettled": act.parameters["unsettled"]} if balance else {}
    return ActOutcome(details, undo | steps.undo_of(final, readings) | {"contracts": left})


def _undo_reopening(session: Session, counter: Act, undone: Act, today: date) -> ActOutcome:
    """Close the account again as it was; bills of the days since are taken back."""
    account, undo = steps.account_of(session, undone), undone.result["undo"]
    if account.status != AccountStatus.OPEN:
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    since = queries.first_month_after(session, account.id, undone.effective_on)
    session.execute(delete(Supply).where(Supply.id == undo["supply_id"]))
    steps.withdraw_readings(session, undo["readings"])
    unmake_contract(session, undo["contract_id"])
    if since:
        steps.cancel(session, counter, account.id, since, today=today)
    account.status, account.closed_on = AccountStatus.CLOSED, date.fromisoformat(undo["closed_on"])
    return ActOutcome({"account_number": account.number, "closed_on": undo["closed_on"]})


@performs(ActKind.REOPEN_ACCOUNT, reverse=_undo_reopening)
def reopen(session: Session, act: Act, _today: date) -> ActOutcome:
    """Begin a new supply at the same place from the day on; energy of the days between is nobody's.

    :raises ActRefused: if the account is not closed, the day is before its end, or its place is taken
    """
    account, day = steps.account_of(session, act), act.effective_on
    if account.status != AccountStatus.CLOSED or account.closed_on is None:
        raise ActRefused(ActRefusal.NOT_CLOSED)
    if day < account.closed_on:
        raise ActRefused(ActRefusal.BEFORE_CLOSING, account.closed_on.isoformat(), column="effective_on")
    last = session.scalars(select(Supply).where(Supply.account_id == account.id).order_by(Supply.valid_from.desc()).limit(1)).one_or_none()
    if last is None or last.valid_to is None:
        raise ActRefused(ActRefusal.NOT_SUPPLIED, day.isoformat())
    supply = steps.begin_supply(session, last, account.id, act)
    registers = queries.registers_on(session, last.service_point_id, day, until=False)
    readings = steps.record_readings(session, act, registers, ReadingKind.PERIODIC, account_id=account.id)
    undo: dict[str, Any] = {"supply_id": supply.id, "readings": readings, "closed_on": account.closed_on.isoformat()}
    account.status, account.closed_on = AccountStatus.OPEN, None
    undo["contract_id"] = make_standard_contract(session, account, on=day).id
    details = {"account_number": account.number, "consumer": account.consumer.name, "opened_on": day.isoformat(),
        "dials": steps.dials_of(act, registers)}  # fmt: skip
    return ActOutcome(details, undo)
