"""Indicators are kept as they were counted, get targets, and the company's own words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.indicators import Direction, Measured
from app.models.indicators import Indicator, IndicatorTarget


class CountedFigure(NamedTuple):
    """What was counted of a division: an indicator of a month, or a day's money."""

    name: str
    begins_on: date
    division_id: int
    measured: Measured


def keep(session: Session, counted: Sequence[CountedFigure], *, now: datetime) -> None:
    """Keep what was counted in place of what was counted before."""
    statement = text(
        """
        INSERT INTO indicator_value AS v (name, begins_on, division_id, part, whole, counted_at)
        SELECT u.*, :now FROM unnest(CAST(:names AS text[]), CAST(:days AS date[]), CAST(:divisions AS bigint[]),
                                     CAST(:parts AS bigint[]), CAST(:wholes AS bigint[])) AS u
        ON CONFLICT (name, begins_on, division_id)
            DO UPDATE SET part = excluded.part, whole = excluded.whole, counted_at = excluded.counted_at
        """
    )
    session.execute(
        statement,
        {
            "now": now,
            "names": [each.name for each in counted],
            "days": [each.begins_on for each in counted],
            "divisions": [each.division_id for each in counted],
            "parts": [each.measured.part for each in counted],
            "wholes": [each.measured.whole for each in counted],
        },
    )


def set_targets(session: Session, month: date, targets: Mapping[tuple[int, str], int | None]) -> int:
    """Set what divisions are to reach in a month and return how many targets changed; None takes a target back.

    :param targets: division and name of an indicator → its target
    """
    divisions = {division_id for division_id, _name in targets}
    found = session.scalars(
        select(IndicatorTarget).where(IndicatorTarget.billing_month == month, IndicatorTarget.division_id.in_(divisions))
    )
    known, changed = {(each.division_id, each.name): each for each in found}, 0
    for (division_id, name), target in targets.items():
        row = known.get((division_id, name))
        if target == (row and row.target):
            continue
        changed += 1
        if row is None:
            session.add(IndicatorTarget(division_id=division_id, name=name, billing_month=month, target=target))
        elif target is None:
            session.delete(row)
        else:
            row.target = target
    session.flush()
    return changed


def set_words(session: Session, name: str, *, definition: str, source: str, owner: str, direction: Direction | None) -> None:
    """Say of an indicator what the company says of it; what is empty is as declared."""
    row = session.scalar(select(Indicator).where(Indicator.name == name))
    if row is None:
        row = Indicator(name=name)
        session.add(row)
    row.definition, row.source, row.owner, row.direction = definition, source, owner, direction
    session.flush()
