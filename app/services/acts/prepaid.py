"""An old price that was kept for what was paid ahead is kept no longer, from a day on; posted months are billed again."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.models.acts import Act
from app.models.supply import PrepaidVolume, PrepaidWithdrawal
from app.queries.billing import corrections as queries
from app.services.acts.core import performs
from app.services.acts.rebilling import bill_again


def _reverse(session: Session, counter: Act, undone: Act, today: date) -> ActOutcome:
    """Let the old price be kept as long as before the act."""
    undo = undone.result["undo"]
    volume = session.execute(select(PrepaidVolume).where(PrepaidVolume.id == undo["prepaid_volume_id"])).scalar_one()
    if volume.kept_to.isoformat() != undo["kept_to"]:
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    return _keep_to(session, counter, volume, date.fromisoformat(undo["kept_to_before"]), since=undone.effective_on, today=today)


@performs(ActKind.WITHDRAW_PREPAID, reverse=_reverse, is_ordered=False)
def withdraw_prepaid(session: Session, act: Act, today: date) -> ActOutcome:
    """Keep the old price of a prepaid volume no longer, for periods that begin on a day or later.

    :raises ActRefused: if it is not kept on the day any more, or begins later
    """
    chosen = select(PrepaidVolume).where(
        PrepaidVolume.id == int(act.parameters["prepaid_volume_id"]), PrepaidVolume.account_id == act.account_id
    )
    volume = session.execute(chosen).scalar_one()
    if not volume.valid_from <= act.effective_on < volume.kept_to:
        raise ActRefused(ActRefusal.NOTHING_CHANGES, column="effective_on")
    return _keep_to(session, act, volume, act.effective_on, since=act.effective_on, today=today)


def _keep_to(session: Session, act: Act, volume: PrepaidVolume, day: date, *, since: date, today: date) -> ActOutcome:
    before = volume.kept_to
    session.add(
        PrepaidWithdrawal(
            division_id=volume.division_id, account_id=volume.account_id, prepaid_volume_id=volume.id, valid_to=day, basis=act.reason
        )
    )
    session.flush()
    session.expire(volume)
    bill_again(session, act, since=queries.first_month_touched(session, volume.account_id, since), today=today)
    details: dict[str, Any] = {
        "tariff_version": str(volume.tariff_version), "quantity_milli": volume.quantity_milli,
        "kept_to_before": before.isoformat(), "kept_to": day.isoformat(),
    }  # fmt: skip
    undo = {"prepaid_volume_id": volume.id, "kept_to": day.isoformat(), "kept_to_before": before.isoformat()}
    return ActOutcome(details, undo)
