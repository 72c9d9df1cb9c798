"""Indicators are kept as they were counted, get targets, and the company's own words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import readers
from app.domain.indicators import Direction, IndicatorUnit, Measured, read_figure
from app.domain.reference import RefusedRow, RowFault, RowRefused, value_of
from app.gateways.targets_file import TargetLine
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


class TargetScope(NamedTuple):
    """What targets a user may set.

    :ivar divisions: code of a division → its id
    :ivar indicators: what an indicator is called in small letters → its name and unit
    """

    divisions: Mapping[str, int]
    indicators: Mapping[str, tuple[str, IndicatorUnit]]


def import_targets(session: Session, lines: Sequence[TargetLine], scope: TargetScope) -> tuple[int, int, list[RefusedRow]]:
    """Set the targets of a file; return how many rows were taken, how many targets that changed, and the rows that were not taken."""
    taken, refused = dict[tuple[date, int, str], int](), list[RefusedRow]()
    for line in lines:
        try:
            month, division_id, name, target = _target_of(line, scope)
        except RowRefused as found:
            refused.append(found.of(line.row_no))
            continue
        if (month, division_id, name) in taken:
            refused.append(RefusedRow(line.row_no, "indicator", RowFault.REPEATED, line.indicator))
        taken.setdefault((month, division_id, name), target)
    changed = 0
    for month in sorted({month for month, _division_id, _name in taken}):
        of_month = {(division_id, name): target for (on, division_id, name), target in taken.items() if on == month}
        changed += set_targets(session, month, of_month)
    return len(taken), changed, refused


def _target_of(line: TargetLine, scope: TargetScope) -> tuple[date, int, str, int]:
    if line.refusal:
        raise RowRefused(line.refusal.column, line.refusal.fault, line.refusal.value)
    division_id = scope.divisions.get(value_of("division", line.division, readers.code))
    if division_id is None:
        raise RowRefused("division", RowFault.FOREIGN_DIVISION, line.division)
    indicator = scope.indicators.get(value_of("indicator", line.indicator, readers.cell).casefold())
    if indicator is None:
        raise RowRefused("indicator", RowFault.UNKNOWN_ROW if line.indicator.strip() else RowFault.EMPTY, line.indicator)
    name, unit = indicator
    month = value_of("billing_month", line.month, readers.month)
    return month, division_id, name, value_of("target", line.target, lambda text: read_figure(text, unit, least=0))


def set_words(session: Session, name: str, *, definition: str, source: str, owner: str, direction: Direction | None) -> None:
    """Say of an indicator what the company says of it; what is empty is as declared."""
    row = session.scalar(select(Indicator).where(Indicator.name == name))
    if row is None:
        row = Indicator(name=name)
        session.add(row)
    row.definition, row.source, row.owner, row.direction = definition, source, owner, direction
    session.flush()
