"""The figures of a home page: those the reader may see, of the division he works in, refreshed while the page is open."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from app import clock, labels
from app.documents import monitoring
from app.documents.indicators import IndicatorSpec, figures
from app.documents.indicators.figures import Figure, Figures, Ranked
from app.domain.calendar import latest_months, months_after
from app.domain.indicators import IndicatorGroup, IndicatorSpan, Measured
from app.domain.payments import forecast
from app.domain.payments.forecast import CashForecast
from app.domain.reports import parts_of
from app.extensions import db
from app.queries import administration
from app.queries import indicators as queries
from app.queries.administration import DivisionRecord
from app.views.administration import division_asked, my_divisions
from app.views.indicators import last_month, permitted, rows_address

#: Indicators that regions are compared by on the home page.
COMPARED = ("collected", "billed", "overdue_debt", "read_meters", "estimated_bills", "exceptions")
#: Months of the chart, and days a forecast is told from.
CHART_MONTHS, FORECAST_MONTHS = 12, 13


class HomeFigures(NamedTuple):
    """What a home page shows of a division."""

    division: DivisionRecord
    tops: Sequence[DivisionRecord]
    month: date
    groups: Sequence[tuple[str, Sequence[tuple[Figure, str]]]]
    tiles: "Tiles | None"
    months: Sequence[Any]
    chart: Mapping[str, Any]
    forecast: CashForecast | None
    intervals: Mapping[str, int]


class Tiles(NamedTuple):
    """The parts of a division side by side: a column an indicator, and how each part stands in it."""

    specs: Sequence[IndicatorSpec]
    rows: Sequence[tuple[DivisionRecord, Sequence[tuple[Ranked, str]]]]
    whole: Sequence[Figure]


class MonthMoney(NamedTuple):
    """Billed and paid in a month; debt is told as it stands now, not by month."""

    billing_month: date
    billed_tiyin: int
    paid_tiyin: int


def home_figures() -> HomeFigures | None:
    """Return what the reader's home page shows; None: he may see none of it."""
    specs, mine = permitted(), my_divisions()
    if not specs or not mine:
        return None
    chosen, today = division_asked(mine), clock.today()
    read = _read(specs, mine, chosen)
    months = _months(mine, chosen) if any(spec.name == "billed" for spec in specs) else []
    return HomeFigures(
        chosen,
        [each for each in mine if each.parent_id not in {other.id for other in mine}],
        last_month(),
        _groups(specs, read, chosen),
        _tiles(specs, read, mine, chosen),
        months,
        monitoring.billed_and_paid(months),
        _forecast(read, mine, chosen) if "payments_today" in read.whole else None,
        administration.values_on(db.session(), "home", today),
    )


def refreshed(*, only_today: bool) -> dict[str, Any]:
    """Return the figures of an open home page as they are now: those of today, or all."""
    specs, mine = permitted(), my_divisions()
    specs = [spec for spec in specs if not only_today or spec.span == IndicatorSpan.TODAY]
    if not specs or not mine:
        return {"at": labels.moment(clock.now()), "figures": {}}
    found = _read(specs, mine, division_asked(mine), with_parts=False).whole
    return {
        "at": labels.moment(clock.now()),
        "figures": {name: {"value": each.text, "notes": each.notes, "trend": each.trend} for name, each in found.items()},
    }


def _read(specs: Sequence[IndicatorSpec], mine: Sequence[DivisionRecord], chosen: DivisionRecord, *, with_parts: bool = True) -> Figures:
    inside, parts = parts_of(mine, chosen)
    if not with_parts:
        parts = [chosen.id] * len(inside)
    return figures.read(db.session(), specs, inside, parts, chosen.id, month=last_month(), today=clock.today())


def _groups(specs: Sequence[IndicatorSpec], read: Figures, chosen: DivisionRecord) -> list[tuple[str, list[tuple[Figure, str]]]]:
    by_group: dict[IndicatorGroup, list[tuple[Figure, str]]] = {group: [] for group in IndicatorGroup}
    for spec in specs:
        by_group[spec.group].append((read.whole[spec.name], rows_address(spec, chosen.id, last_month())))
    return [(labels.member(group), rows) for group, rows in by_group.items() if rows]


def _tiles(specs: Sequence[IndicatorSpec], read: Figures, mine: Sequence[DivisionRecord], chosen: DivisionRecord) -> Tiles | None:
    compared = [spec for spec in specs if spec.name in COMPARED]
    parts = [each for each in mine if each.parent_id == chosen.id]
    if len(parts) < 2 or not compared:
        return None
    names = {each.id: each.name for each in parts}
    places: dict[str, dict[int, Ranked]] = {}
    for spec in compared:
        known = {key: figure for key, figure in read.parts[spec.name].items() if key in names}
        known |= {key: Figure(spec, spec.direction, Measured()) for key in names if key not in known}
        places[spec.name] = {row.division_id: row for row in figures.ranked(known, names)}
    rows = [(each, [(places[spec.name][each.id], rows_address(spec, each.id, last_month())) for spec in compared]) for each in parts]
    return Tiles(compared, rows, [read.whole[spec.name] for spec in compared])


def _months(mine: Sequence[DivisionRecord], chosen: DivisionRecord) -> list[MonthMoney]:
    """Return billed and paid of the months before, as they were counted last."""
    inside, _parts = parts_of(mine, chosen)
    months = latest_months(last_month(), CHART_MONTHS)[::-1]
    rows = queries.kept(db.session(), ["billed", "paid"], inside, [chosen.id] * len(inside), months)
    known = {(row.name, row.begins_on): row.part for row in rows}
    return [MonthMoney(month, known["billed", month], known["paid", month]) for month in months if ("billed", month) in known]


def _forecast(read: Figures, mine: Sequence[DivisionRecord], chosen: DivisionRecord) -> CashForecast | None:
    """Return what this month will bring: from the money of each day as it was counted last, and of today as it is."""
    inside, _parts = parts_of(mine, chosen)
    today = clock.today()
    days = {row.day: row.amount_tiyin for row in queries.received(db.session(), inside, months_after(today, -FORECAST_MONTHS))}
    now = read.whole["payments_today"].measured
    return forecast.forecast(days | ({today: now.part} if now else {}), today)
