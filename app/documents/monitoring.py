"""Figures of charts: what is drawn is also given as rows, for a table beside the picture."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app import labels
from app.domain.calendar import months_after
from app.queries.billing import MonthEnergy


class MonthRow(NamedTuple):
    """A month's energy beside the same month a year before."""

    month: date
    quantity_milli: int
    #: None: there was no bill of that month
    year_before_milli: int | None
    amount_tiyin: int


def consumption_rows(energy: Sequence[MonthEnergy], since: date) -> list[MonthRow]:
    """Return a row for each month from one on that has a bill."""
    known = {row.month: row for row in energy}
    before = {row.month: known.get(months_after(row.month, -12)) for row in energy}
    return [
        MonthRow(row.month, row.quantity_milli, earlier.quantity_milli if (earlier := before[row.month]) else None, row.amount_tiyin)
        for row in energy
        if row.month >= since
    ]


def consumption(rows: Sequence[MonthRow], *, unit: str) -> dict[str, Any]:
    """Return the consumption chart of these rows: bars of the months, and of the same months a year before where there are any."""
    series = [{"label": _("Consumption"), "values": [row.quantity_milli / 1000 for row in rows]}]
    if any(row.year_before_milli is not None for row in rows):
        values = [None if row.year_before_milli is None else row.year_before_milli / 1000 for row in rows]
        series.append({"label": _("A year before"), "values": values})
    return {"type": "bar", "unit": labels.unit_name(unit), "labels": [labels.month(row.month) for row in rows], "series": series}


def by_division(rows: Sequence[Any], links: Sequence[str]) -> dict[str, Any]:
    """Return billed, paid and debt by division in millions of soʻm; a bar leads to the rows behind it."""
    return _in_millions(rows, links, {_("Billed"): "billed_tiyin", _("Paid"): "paid_tiyin", _("Debt"): "debt_tiyin"})


def by_month(rows: Sequence[Any]) -> dict[str, Any]:
    """Return billed, paid and debt by month in millions of soʻm."""
    return by_division([_Named(labels.month(row.billing_month), *row[1:4]) for row in rows], [])


def billed_and_paid(rows: Sequence[Any]) -> dict[str, Any]:
    """Return billed and paid by month in millions of soʻm."""
    named = [_Named(labels.month(row.billing_month), row.billed_tiyin, row.paid_tiyin, 0) for row in rows]
    return _in_millions(named, [], {_("Billed"): "billed_tiyin", _("Paid"): "paid_tiyin"})


class _Named(NamedTuple):
    name: str
    billed_tiyin: int
    paid_tiyin: int
    debt_tiyin: int


def proposed(rows: Sequence[Any], links: Sequence[str]) -> dict[str, Any]:
    """Return what was billed beside what proposed prices give, by division in millions of soʻm."""
    return _in_millions(rows, links, {_("Billed"): "amount_now_tiyin", _("Proposed"): "amount_proposed_tiyin"})


def _in_millions(rows: Sequence[Any], links: Sequence[str], series: dict[str, str]) -> dict[str, Any]:
    """Return bars of amounts, in millions of soʻm.

    :param series: label → the attribute of a row, in tiyin
    """
    return {
        "type": "bar",
        "unit": _("million soʻm"),
        "labels": [row.name for row in rows],
        "links": list(links),
        "series": [{"label": label, "values": [getattr(row, name) / 1e8 for row in rows]} for label, name in series.items()],
    }
