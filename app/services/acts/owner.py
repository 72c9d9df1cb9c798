"""The owner changes on a day: last readings and final bill of the old one, and what becomes of what is owed.

The number of an account belongs to its place. It is kept when nothing is owed, or when the new owner takes the debt or advance over: the
same account goes on under the new consumer. Where the debt or advance stays with the old owner, so does the account with its number,
closed but payable while it owes; the new owner gets an account of their own at the place (``Account.continues_id``). So no entry moves
money from one person to another. Who held an account on a day is told by ``queries.acts.holder_on``.
"""

from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain import identifiers
from app.domain.accounts import AccountStatus
from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused, OwnerDebt
from app.domain.billing import TermKind
from app.domain.metering import ReadingKind
from app.domain.reference import ConsumerKind
from app.models.accounts import Account, Consumer, Supply
from app.models.acts import Act
from app.models.administration import Division
from app.models.supply import SupplyTerm
from app.queries import acts as queries
from app.queries.accounts import next_number
from app.services import accounts
from app.services import ledger as ledger_service
from app.services.accounts import NewConsumer
from app.services.acts import supply as steps
from app.services.acts.core import performs
from app.services.billing import corrections
from app.services.contracts import leave_contract, make_standard_contract, return_to_contract, unmake_contract


def consumer_given(session: Session, act: Act) -> Consumer:
    """Return the consumer an act names, found or entered anew.

    :raises ActRefused: if nobody is named, or the one found is another division's or was joined to another
    """
    given = act.parameters
    consumer_id = given.get("consumer_id") or _entered(session, act)
    consumer = session.execute(select(Consumer).where(Consumer.id == consumer_id)).scalar_one()
    if consumer.division_id != act.division_id:
        raise ActRefused(ActRefusal.OTHER_DIVISION, column="consumer_id")
    if consumer.joined_to_id is not None:
        raise ActRefused(ActRefusal.JOINED_ALREADY, column="consumer_id")
    return consumer


def _entered(session: Session, act: Act) -> int:
    given = act.parameters
    if not given.get("name"):
        raise ActRefused(ActRefusal.NO_NEW_OWNER, column="consumer_id")
    texts = {name: given.get(name) or None for name in ("identifier", "phone")}
    wanted = NewConsumer(act.division_id, ConsumerKind(given["kind"]), given["name"], **texts, language=given["language"])
    try:
        return accounts.add_consumer(session, wanted)
    except identifiers.InvalidIdentifier as error:
        raise ActRefused(ActRefusal.WRONG_IDENTIFIER, error.reason, column="identifier") from error


def check_number(session: Session, number: str | None, division_id: int) -> str:
    """Return the number of a new account: the one given, or the next after the highest of its branch.

    :raises ActRefused: if there is none, it is taken, or it is another branch's
    """
    division = session.execute(select(Division).where(Division.id == division_id)).scalar_one()
    number = number or next_number(session, division.branch_code or "")
    if not number:
        raise ActRefused(ActRefusal.NO_NUMBER, column="number")
    if session.scalar(select(Account.id).where(Account.number == number)):
        raise ActRefused(ActRefusal.NUMBER_TAKEN, number, column="number")
    try:
        accounts.check_number(number, division)
    except accounts.ForeignNumber as error:
        raise ActRefused(ActRefusal.FOREIGN_NUMBER, str(error), column="number") from error
    return number


def _undo(session: Session, counter: Act, undone: Act, today: date) -> ActOutcome:
    """Give the account back to the old owner as if nothing had changed."""
    account, undo = steps.account_of(session, undone), undone.result["undo"]
    if undo["new_account_id"]:
        _undo_own_account(session, counter, account, undo, today)
    elif account.status != AccountStatus.OPEN or account.consumer_id != undo["consumer_id"]:
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    unmake_contract(session, undo["contract_id"])
    session.execute(delete(Supply).where(Supply.id == undo["new_supply_id"]))
    steps.mend(session, undo)
    steps.withdraw_readings(session, undo["readings"])
    steps.pass_to(session, account, session.get_one(Consumer, undo["old_consumer_id"]))
    return_to_contract(session, account.id, undo["contracts"])
    steps.unbill(session, counter, undone, account.id, today=today)
    session.refresh(account)
    details = {"account_number": account.number, "consumer": account.consumer.name}
    return ActOutcome(details, account_ids=tuple(filter(None, (undo["new_account_id"],))), moved_tiyin=int(undone.result["moved_tiyin"]))


def _undo_own_account(session: Session, counter: Act, account: Account, undo: dict[str, Any], today: date) -> None:
    """Take back what was billed on the new owner's account, and end it on the day it began."""
    new = session.execute(select(Account).where(Account.id == undo["new_account_id"])).scalar_one()
    if account.status != AccountStatus.CLOSED or new.status != AccountStatus.OPEN:
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    steps.withdraw_readings(session, undo["new_readings"])
    since = queries.first_month_after(session, new.id, new.opened_on)
    if since:
        steps.cancel(session, counter, new.id, since, today=today)
    if balance := queries.standing(session, new.id).balance_tiyin:
        raise ActRefused(ActRefusal.UNSETTLED, str(balance))
    new.status, new.closed_on = AccountStatus.CLOSED, new.opened_on
    account.status, account.closed_on = AccountStatus.OPEN, None


@performs(ActKind.CHANGE_OWNER, reverse=_undo)
def change(session: Session, act: Act, today: date) -> ActOutcome:
    """Bill the old owner up to the day and let the new one begin there.

    :raises ActRefused: if the account does not stand so, the new owner is not named, or money is left against what was agreed
    """
    account = steps.open_account_of(session, act)
    old, new = account.consumer, consumer_given(session, act)
    if new.id == old.id:
        raise ActRefused(ActRefusal.SAME_CONSUMER, column="consumer_id")
    debt = OwnerDebt(act.parameters["debt"])
    supply, undo = steps.cut(session, act)
    registers = queries.registers_on(session, supply.service_point_id, act.effective_on, until=True)
    readings = steps.record_readings(session, act, registers, ReadingKind.FINAL, account_id=account.id)
    left = leave_contract(session, account.id, on=act.effective_on, reason=act.reason)
    final = steps.bill_to(session, act, today=today)
    balance = queries.standing(session, account.id).balance_tiyin
    if balance and debt == OwnerDebt.SETTLED:
        raise ActRefused(ActRefusal.UNSETTLED, str(balance), column="debt")
    going_on = _own_account(session, act, account, new) if debt == OwnerDebt.STAYS else account
    group = act.parameters.get("tariff_group_id")
    begun = steps.begin_supply(session, supply, going_on.id, act, tariff_group_id=group)
    undo |= steps.undo_of(final, readings) | {"old_consumer_id": old.id, "consumer_id": new.id, "new_supply_id": begun.id}
    undo |= {"new_account_id": None, "new_readings": []}
    if going_on is account:
        steps.pass_to(session, account, new)
    else:
        undo |= {"new_account_id": going_on.id, "new_readings": _begin_readings(session, act, supply, going_on)}
    session.flush()
    session.refresh(going_on)
    undo |= {"contracts": left, "contract_id": make_standard_contract(session, going_on, on=act.effective_on).id}
    _bill_on(session, act, going_on, final, today)
    act.consumer_id = old.id
    details = _details(act, account, going_on, old, new, balance) | {"dials": steps.dials_of(act, registers)}
    return ActOutcome(details, undo, (going_on.id,), moved_tiyin=balance if debt == OwnerDebt.TAKEN_OVER else 0)


def _own_account(session: Session, act: Act, account: Account, new: Consumer) -> Account:
    """Leave the account to the old owner, closed, and open one for the new owner."""
    number = check_number(session, act.parameters.get("number"), act.division_id)
    account.status, account.closed_on = AccountStatus.CLOSED, act.effective_on
    opened = Account(division_id=act.division_id, number=number, consumer_id=new.id, opened_on=act.effective_on, continues_id=account.id)
    session.add(opened)
    session.flush()
    ledger_service.lock_positions(session, np.array([opened.id], dtype=np.int64))
    _keep_capacity(session, act, account.id, opened.id)
    return opened


def _keep_capacity(session: Session, act: Act, account_id: int, opened_id: int) -> None:
    """Let the connected capacity of a place go on with the account that goes on there."""
    on = act.effective_on
    present = select(SupplyTerm).where(
        SupplyTerm.account_id == account_id, SupplyTerm.kind == TermKind.CAPACITY, SupplyTerm.valid_from <= on,
        SupplyTerm.valid_to.is_(None) | (SupplyTerm.valid_to > on),
    )  # fmt: skip
    for term in session.scalars(present):
        session.add(
            SupplyTerm(
                division_id=act.division_id, account_id=opened_id, kind=term.kind, value_milli=term.value_milli, basis=term.basis,
                valid_from=on, valid_to=term.valid_to,
            )
        )  # fmt: skip
    session.flush()


def _begin_readings(session: Session, act: Act, supply: Supply, opened: Account) -> list[int]:
    """Record what the registers showed as the new account's first readings.

    :raises ActRefused: if readings of later days stand on the old account
    """
    registers = queries.registers_on(session, supply.service_point_id, act.effective_on, until=False)
    if later := [row.after_on for row in registers if row.after_on]:
        raise ActRefused(ActRefusal.LATER_READING, min(later).isoformat(), column="effective_on")
    return steps.record_readings(session, act, registers, ReadingKind.INITIAL, account_id=opened.id, anew=True)


def _bill_on(session: Session, act: Act, account: Account, final: steps.FinalBill, today: date) -> None:
    """Bill the months after the day again that had been billed to the old owner."""
    if not final.later:
        return
    months = [each._replace(account_ids=[account.id]) for each in final.later]
    since = min(each.month for each in months)
    correction = final.correction if account.id == act.account_id else steps.correct(session, act, account.id, since)
    assert correction is not None
    corrections.bill_months_again(session, correction, months, today=today)


def _details(act: Act, account: Account, going_on: Account, old: Consumer, new: Consumer, balance: int) -> dict[str, Any]:
    return {
        "account_number": account.number,
        "old_owner": old.name,
        "new_owner": new.name,
        "debt_tiyin": max(balance, 0) or None,
        "advance_tiyin": max(-balance, 0) or None,
        "owner_debt": act.parameters["debt"],
        "new_account_number": going_on.number if going_on is not account else None,
    }
