"""Identity data of a consumer corrected by a document: papers that were made keep what stood in them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.domain.reference import ConsumerKind
from app.models.accounts import Consumer
from app.models.acts import Act
from app.models.reference import Bank
from app.services.acts.core import performs

#: What identifies a consumer of each kind, and how to reach him.
IDENTITY: Mapping[ConsumerKind, tuple[str, ...]] = {
    ConsumerKind.HOUSEHOLD: ("name", "pinfl", "phone", "language"),
    ConsumerKind.LEGAL: ("name", "stir", "vat_registration", "oked", "bank_id", "bank_account", "director", "phone", "language"),
}


def _reverse(session: Session, _counter: Act, undone: Act, _today: date) -> ActOutcome:
    """Give the data back that the act replaced, if nobody changed them since."""
    consumer = _consumer(session, undone)
    before, after = undone.result["undo"]["before"], undone.result["undo"]["after"]
    if any(getattr(consumer, name) != value for name, value in after.items()):
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    return _write(session, consumer, after, before)


@performs(ActKind.CORRECT_IDENTITY, reverse=_reverse, is_ordered=False)
def correct(session: Session, act: Act, _today: date) -> ActOutcome:
    """Write what the document says.

    :raises ActRefused: if nothing differs
    """
    consumer = _consumer(session, act)
    wanted = {name: act.parameters.get(name) or None for name in IDENTITY[ConsumerKind(consumer.kind)]}
    before = {name: getattr(consumer, name) for name in wanted}
    after = {name: value for name, value in wanted.items() if value != before[name]}
    if not after:
        raise ActRefused(ActRefusal.NOTHING_CHANGES)
    return _write(session, consumer, {name: before[name] for name in after}, after)


def _write(session: Session, consumer: Consumer, before: Mapping[str, Any], after: Mapping[str, Any]) -> ActOutcome:
    for name, value in after.items():
        setattr(consumer, name, value)
    session.flush()
    details: dict[str, Any] = {"consumer": consumer.name}
    for name in after:
        details |= {f"{name}_before": before[name], name: after[name]}
    if "bank_id" in after:
        for side in ("", "_before"):
            details[f"bank{side}"] = _bank_name(session, details.pop(f"bank_id{side}"))
    return ActOutcome(details, undo={"before": dict(before), "after": dict(after)})


def _bank_name(session: Session, bank_id: int | None) -> str | None:
    found: str | None = session.scalar(select(Bank.name).where(Bank.id == bank_id))
    return found


def _consumer(session: Session, act: Act) -> Consumer:
    return session.execute(select(Consumer).where(Consumer.id == act.consumer_id)).scalar_one()
