"""One consumer entered twice becomes one: what the other row had goes to the one that is kept."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused, ActStatus
from app.models.accounts import Account, Consumer
from app.models.acts import Act
from app.models.contracts import Contract
from app.services.acts.core import performs

#: What the kept row takes from the other where it has none itself.
_FILLED = ("phone", "pinfl", "stir")


def _undo(session: Session, _counter: Act, undone: Act, _today: date) -> ActOutcome:
    """Give the other row back what it had, as far as nobody took it elsewhere."""
    undo = undone.result["undo"]
    kept, other = _consumer(session, undone.consumer_id), _consumer(session, undo["other_id"])
    accounts = session.scalars(select(Account).where(Account.id.in_(undo["account_ids"])).order_by(Account.id)).all()
    contracts = session.scalars(select(Contract).where(Contract.id.in_(undo["contract_ids"])).order_by(Contract.id)).all()
    moved: list[Account | Contract] = [*accounts, *contracts]
    if other.joined_to_id != kept.id or any(row.consumer_id != kept.id for row in moved):
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    other.joined_to_id = None
    for name, value in undo["filled"].items():
        setattr(kept, name, None)
        session.flush()
        setattr(other, name, value)
    for row in moved:
        row.consumer_id = other.id
    session.flush()
    return ActOutcome({"consumer": kept.name, "other_consumer": other.name, "accounts": [account.number for account in accounts]})


@performs(ActKind.JOIN_CONSUMERS, reverse=_undo, is_ordered=False)
def join(session: Session, act: Act, _today: date) -> ActOutcome:
    """Move the accounts and contracts of the other row, and what identifies the consumer where the kept row has none.

    :raises ActRefused: if the rows are one, of two kinds, divisions or persons, joined already, or an act about the other one waits
    """
    kept, other = _consumer(session, act.consumer_id), _consumer(session, act.parameters.get("other_id"))
    _check(session, kept, other)
    names = [name for name in _FILLED if getattr(kept, name, None) is None and getattr(other, name, None) is not None]
    filled = {name: getattr(other, name) for name in names}
    for name, value in filled.items():
        setattr(other, name, None)
        session.flush()
        setattr(kept, name, value)
    accounts = session.scalars(select(Account).where(Account.consumer_id == other.id).order_by(Account.id).with_for_update()).all()
    contracts = session.scalars(select(Contract).where(Contract.consumer_id == other.id).order_by(Contract.id).with_for_update()).all()
    moved: list[Account | Contract] = [*accounts, *contracts]
    for row in moved:
        row.consumer_id = kept.id
    other.joined_to_id = kept.id
    session.flush()
    details: dict[str, Any] = {"consumer": kept.name, "other_consumer": other.name, "accounts": [each.number for each in accounts]}
    undo = {
        "other_id": other.id, "filled": filled,
        "account_ids": [each.id for each in accounts], "contract_ids": [each.id for each in contracts],
    }  # fmt: skip
    return ActOutcome(details | filled, undo)


def _check(session: Session, kept: Consumer, other: Consumer) -> None:
    if kept.id == other.id:
        raise ActRefused(ActRefusal.SAME_CONSUMER, column="other_id")
    if kept.kind != other.kind:
        raise ActRefused(ActRefusal.OTHER_KIND, column="other_id")
    if kept.division_id != other.division_id:
        raise ActRefused(ActRefusal.OTHER_DIVISION, column="other_id")
    if kept.joined_to_id is not None or other.joined_to_id is not None:
        raise ActRefused(ActRefusal.JOINED_ALREADY, column="other_id")
    for name in ("pinfl", "stir"):
        mine, theirs = getattr(kept, name, None), getattr(other, name, None)
        if mine and theirs and mine != theirs:
            raise ActRefused(ActRefusal.OTHER_PERSON, column="other_id")
    waiting = select(Act.id).where(Act.status == ActStatus.REQUESTED, Act.consumer_id == other.id, Act.account_id.is_(None))
    if session.scalar(waiting.limit(1)):
        raise ActRefused(ActRefusal.REQUESTED_ALREADY, column="other_id")


def _consumer(session: Session, consumer_id: int | None) -> Consumer:
    found = session.execute(select(Consumer).where(Consumer.id == consumer_id).with_for_update()).scalar_one_or_none()
    if found is None:
        raise ActRefused(ActRefusal.NO_NEW_OWNER, column="other_id")
    return found
