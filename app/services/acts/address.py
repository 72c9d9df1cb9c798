"""The address of a place, corrected by a document: papers that were made keep the one that stood in them."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.models.accounts import ServicePoint, Supply
from app.models.acts import Act
from app.models.reference import Street
from app.services.acts.core import performs

_COLUMNS = ("street_id", "house", "flat")


def _reverse(session: Session, counter: Act, undone: Act, _today: date) -> ActOutcome:
    """Give the address back that the act replaced, if nobody changed it since."""
    point, undo = _point(session, counter), undone.result["undo"]
    if point.id != undo["service_point_id"] or _address(point) != undo["after"]:
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    return _write(session, point, undo["before"])


@performs(ActKind.CORRECT_ADDRESS, reverse=_reverse, is_ordered=False)
def correct_address(session: Session, act: Act, _today: date) -> ActOutcome:
    """Write the address that the document says.

    :raises ActRefused: if nothing differs, or the street lies in another division
    """
    point = _point(session, act)
    wanted = {
        "street_id": int(act.parameters["street"]), "house": str(act.parameters["house"]).strip(),
        "flat": (act.parameters["flat"] or "").strip() or None,
    }  # fmt: skip
    if wanted == _address(point):
        raise ActRefused(ActRefusal.NOTHING_CHANGES, column="house")
    street = session.get(Street, wanted["street_id"])
    if street is None or street.division_id != point.division_id:
        raise ActRefused(ActRefusal.FOREIGN_STREET, column="street")
    return _write(session, point, wanted)


def _write(session: Session, point: ServicePoint, wanted: dict[str, Any]) -> ActOutcome:
    before, address_before = _address(point), str(point)
    for name, value in wanted.items():
        setattr(point, name, value)
    session.flush()
    session.refresh(point)
    undo = {"service_point_id": point.id, "before": before, "after": wanted}
    return ActOutcome({"address_before": address_before, "address": str(point)}, undo)


def _address(point: ServicePoint) -> dict[str, Any]:
    return {name: getattr(point, name) for name in _COLUMNS}


def _point(session: Session, act: Act) -> ServicePoint:
    """Return the place an account is supplied at, or was last."""
    supplied = select(Supply.service_point_id).where(Supply.account_id == act.account_id).order_by(Supply.valid_from.desc()).limit(1)
    point = session.get(ServicePoint, session.scalar(supplied) or 0)
    if point is None:
        raise ActRefused(ActRefusal.NOT_SUPPLIED)
    return point
