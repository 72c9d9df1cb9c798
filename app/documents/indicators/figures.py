"""Figures of divisions as pages show them: beside those of the month before and of the year before, and beside their targets."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import labels
from app.documents.indicators import IndicatorSpec, measure
from app.domain.calendar import month_start, months_after
from app.domain.indicators import Direction, IndicatorSpan, IndicatorUnit, Measured, change, fulfilment, heats, is_met, ranks, total
from app.queries import indicators as queries


class Figure(NamedTuple):
    """An indicator of a division.

    :ivar before: the same a month before, ``year_before`` a year before; None: not counted
    :ivar target: of the division itself, in the unit of the indicator
    :ivar counted_at: when it was counted; None: now
    """

    spec: IndicatorSpec
    direction: Direction
    measured: Measured | None
    before: Measured | None = None
    year_before: Measured | None = None
    target: int | None = None
    counted_at: datetime | None = None

    def _value(self, measured: Measured | None) -> int | None:
        return measured and measured.value(self.spec.unit)

    @property
    def value(self) -> int | None:
        """The figure in its unit; None: not known."""
        return self._value(self.measured)

    @property
    def text(self) -> str:
        """The figure in words."""
        return value_text(self.value, self.spec.unit)

    @property
    def before_text(self) -> str:
        """That of the month before."""
        return value_text(self._value(self.before), self.spec.unit)

    @property
    def year_before_text(self) -> str:
        """That of the year before."""
        return value_text(self._value(self.year_before), self.spec.unit)

    @property
    def target_text(self) -> str:
        """Its target; empty: none."""
        return "" if self.target is None else value_text(self.target, self.spec.unit)

    @property
    def fulfilment_text(self) -> str:
        """How much of its target it is; empty: none."""
        share = fulfilment(self.value, self.target)
        return "" if share is None else percent(share)

    @property
    def is_met(self) -> bool | None:
        """Whether it is as good as its target."""
        return is_met(self.value, self.target, self.direction)

    @property
    def trend(self) -> str:
        """Whether it became better since the month before: good, bad, or neither."""
        rise = change(self.value, self._value(self.before), self.spec.unit)
        if not rise:
            return ""
        return "good" if (rise > 0) == (self.direction == Direction.MORE) else "bad"

    @property
    def notes(self) -> list[str]:
        """What stands below the figure: how it changed, and how far its target is met."""
        found = []
        for template, earlier in ((_CHANGES[0], self.before), (_CHANGES[1], self.year_before)):
            rise = change(self.value, self._value(earlier), self.spec.unit)
            if rise is not None:
                found.append(template(_rise(rise, self.spec.unit)))
        if self.target is not None and self.fulfilment_text:
            found.append(_("%(percent)s of the target %(target)s", percent=self.fulfilment_text, target=self.target_text))
        if self.counted_at is not None:
            found.append(_("counted at %(moment)s", moment=labels.moment(self.counted_at)))
        return found


_CHANGES = (
    lambda rise: _("%(change)s to the month before", change=rise),
    lambda rise: _("%(change)s to the year before", change=rise),
)


def value_text(value: int | None, unit: IndicatorUnit) -> str:
    """Return a figure in words."""
    if value is None:
        return "–"
    if unit == IndicatorUnit.PERCENT:
        return percent(value)
    return labels.money(value) if unit == IndicatorUnit.MONEY else labels.number(value)


def percent(tenths: int) -> str:
    """Return a share in words."""
    return _("%(number)s %%", number=labels.number(Decimal(tenths) / 10, "#,##0.0"))


def _rise(tenths: int, unit: IndicatorUnit) -> str:
    sign, number = "▲" if tenths > 0 else "▼" if tenths < 0 else "=", labels.number(Decimal(abs(tenths)) / 10, "#,##0.0")
    if unit == IndicatorUnit.PERCENT:
        return _("%(sign)s %(number)s percentage points", sign=sign, number=number)
    return _("%(sign)s %(number)s %%", sign=sign, number=number)


class Figures(NamedTuple):
    """Indicators of a division and of its parts."""

    whole: Mapping[str, Figure]
    parts: Mapping[str, Mapping[int, Figure]]


def read(
    session: Session,
    specs: Sequence[IndicatorSpec],
    divisions: Sequence[int],
    parts: Sequence[int],
    whole_id: int,
    *,
    month: date,
    today: date,
) -> Figures:
    """Return indicators of a division and of its parts.

    What stands now is that of today as long as the month is this or the one before, and then what was counted last in the month.

    :param parts: place by place, the part each of the divisions is counted in
    """
    now_month = month_start(today)
    is_now = month >= months_after(now_month, -1)
    bases = {spec.name: now_month if is_now and spec.span != IndicatorSpan.MONTH else month for spec in specs}
    live = [spec for spec in specs if not spec.is_kept and (is_now or spec.span == IndicatorSpan.MONTH)]
    counted = measure(session, live, divisions, parts, month=month, today=today)
    # A figure of today has no month before and no target: an open home asks for nothing else every few seconds.
    lasting = [spec for spec in specs if spec.span != IndicatorSpan.TODAY]
    of_months = {bases[spec.name] for spec in lasting}
    months = {months_after(base, -back) for base in of_months for back in (0, 1, 12)}
    kept: dict[tuple[str, date], dict[int, queries.KeptFigure]] = {}
    for row in queries.kept(session, [spec.name for spec in lasting], divisions, parts, sorted(months)) if lasting else ():
        kept.setdefault((row.name, row.begins_on), {})[row.division_id] = row
    wanted = [whole_id, *parts]
    targets = {
        (base, row.name, row.division_id): row.target
        for base in of_months
        for row in queries.targets(session, [*dict.fromkeys(wanted)], base)
    }
    directions = {row.name: row.direction for row in queries.own_words(session) if row.direction}
    found = _Read(counted, kept, targets, directions)
    by_part = {spec.name: {part: found.figure(spec, bases[spec.name], [part], part) for part in dict.fromkeys(parts)} for spec in specs}
    return Figures({spec.name: found.figure(spec, bases[spec.name], parts, whole_id) for spec in specs}, by_part)


class _Read(NamedTuple):
    counted: Mapping[str, Mapping[int, Measured]]
    kept: Mapping[tuple[str, date], Mapping[int, queries.KeptFigure]]
    targets: Mapping[tuple[date, str, int], int]
    directions: Mapping[str, Direction]

    def figure(self, spec: IndicatorSpec, base: date, parts: Iterable[int], division_id: int) -> Figure:
        """Return an indicator of some parts together."""
        each, rows = dict.fromkeys(parts), self.kept.get((spec.name, base), {})
        is_live = spec.name in self.counted
        measured = total(self.counted[spec.name][part] for part in each) if is_live else self._kept(spec, base, each)
        return Figure(
            spec,
            self.directions.get(spec.name, spec.direction),
            measured,
            self._kept(spec, months_after(base, -1), each),
            self._kept(spec, months_after(base, -12), each),
            self.targets.get((base, spec.name, division_id)),
            None if is_live else min((rows[part].counted_at for part in each if part in rows), default=None),
        )

    def _kept(self, spec: IndicatorSpec, month: date, parts: Iterable[int]) -> Measured | None:
        rows = self.kept.get((spec.name, month), {})
        known = [Measured(rows[part].part, rows[part].whole) for part in parts if part in rows]
        return total(known) if known and spec.span != IndicatorSpan.TODAY else None


class Ranked(NamedTuple):
    """A part of a division with its figure and its place among the parts; heat: 1 for the best to 5."""

    division_id: int
    name: str
    figure: Figure
    place: int | None
    heat: int | None


def ranked(figures: Mapping[int, Figure], names: Mapping[int, str]) -> list[Ranked]:
    """Return the parts of a division, the best first."""
    if not figures:
        return []
    direction = next(iter(figures.values())).direction
    places = ranks([figure.value for figure in figures.values()], direction)
    rows = [
        Ranked(key, names[key], figure, place, heat)
        for (key, figure), place, heat in zip(figures.items(), places, heats(places), strict=True)
    ]
    return sorted(rows, key=lambda row: (row.place is None, row.place or 0, row.name))


def chart_of(rows: Sequence[Ranked], spec: IndicatorSpec, links: Sequence[str]) -> dict[str, Any]:
    """Return the bars of ranked parts beside their targets; a bar leads on."""
    scale = {IndicatorUnit.MONEY: 10**8, IndicatorUnit.COUNT: 1, IndicatorUnit.PERCENT: 10}[spec.unit]
    units = {IndicatorUnit.MONEY: _("million soʻm"), IndicatorUnit.COUNT: "", IndicatorUnit.PERCENT: "%"}

    def scaled(value: int | None) -> float | None:
        return None if value is None else value / scale

    series = [{"label": str(spec.title), "values": [scaled(row.figure.value) for row in rows]}]
    if any(row.figure.target is not None for row in rows):
        series.append({"label": _("Target"), "values": [scaled(row.figure.target) for row in rows]})
    return {"type": "bar", "unit": units[spec.unit], "labels": [row.name for row in rows], "links": list(links), "series": series}
