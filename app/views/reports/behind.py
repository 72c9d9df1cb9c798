"""Where the cells of a report lead: to the documents that they add up."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from flask import url_for

from app.documents.reports import ReportSpec, RowsBehind
from app.extensions import appbuilder, db
from app.queries.ledger.debts import age_bands
from app.queries.reports import ReportRequest
from app.views.lists import filtered_by


def cell_links(spec: ReportSpec, asked: ReportRequest, row: Sequence[Any], lowest: Collection[int]) -> dict[int, str]:
    """Return where the cells of a row lead, by their places; a row of a division with others below it leads to its parts only.

    :param lowest: divisions without others below them
    """
    values = dict(zip((column.name for column in spec.columns), row, strict=True))
    places = {column.name: place for place, column in enumerate(spec.columns)}
    if spec.name == "debts":
        return _debts(asked, values, places)
    if row[0] not in lowest or asked.consumers is not None:
        return {}
    may = appbuilder.sm.has_access
    return {
        places[name]: filtered_by(behind.view, _filters(behind, asked, values))
        for name, behind in spec.behind.items()
        if may("can_list", behind.view) and values[name] and (behind.only is None or values[behind.only[0]] == behind.only[1])
    }


def _filters(behind: RowsBehind, asked: ReportRequest, values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    first, last = (values[behind.own_day],) * 2 if behind.own_day else (asked.period.start, asked.period.last)
    yield "division", "FilterRelationOneToManyEqual", str(values["division_id"])
    yield behind.days, "DayFrom", first.isoformat()
    yield behind.days, "DayTo", last.isoformat()
    for column, name in behind.same.items():
        yield column, "FilterEqual", str(values[name])


def _debts(asked: ReportRequest, values: dict[str, Any], places: dict[str, int]) -> dict[int, str]:
    """Return where the cells of debts of an age lead: to the page of unpaid bills of that age, whatever the level."""
    if not appbuilder.sm.has_access("can_rows", "DebtsByAgeView"):
        return {}
    ages = [band.first_day for band in age_bands(db.session(), asked.period.start)]
    address = url_for(
        "DebtsByAgeView.rows",
        division_id=values["division_id"],
        place=ages.index(values["days_from_no"]),
        consumers=values["consumer_kind"],
    )
    return {places[name]: address for name in ("bills", "debt_tiyin")}
