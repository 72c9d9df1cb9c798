"""Indicators: figures of divisions, each declared once over the rows of a report.

An indicator adds up a column of its report, or divides one by another. So its rows are those of the report, and it belongs to who may
ask for the report. What counting reads bills or readings for is counted by the worker and kept (``is_kept``); the rest is counted when it
is shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.documents.reports import REPORTS, ReportSpec
from app.domain.calendar import Period, month_period
from app.domain.indicators import Direction, IndicatorGroup, IndicatorSpan, IndicatorUnit, Measured
from app.queries.reports import ReportRequest

MONEY, COUNT, PERCENT = IndicatorUnit.MONEY, IndicatorUnit.COUNT, IndicatorUnit.PERCENT
MORE, LESS = Direction.MORE, Direction.LESS
_SALES, _METERS, _CASH, _OFFICE = _l("Sales department"), _l("Metering department"), _l("Cash department"), _l("Head of the division")


def _every(_row: Any) -> bool:
    return True


class IndicatorSpec(NamedTuple):
    """An indicator, declared once.

    :ivar name: in addresses and tables
    :ivar definition: what is counted, until the company writes its own words
    :ivar owner: the department that answers for it, until the company names another
    :ivar part: the column of the report that is added up
    :ivar whole: of a share, the column it is a part of
    :ivar counts: tells which rows of the report count
    :ivar is_kept: pages show what the worker counted last
    """

    name: str
    group: IndicatorGroup
    title: Any
    definition: Any
    unit: IndicatorUnit
    direction: Direction
    owner: Any
    report_name: str
    part: str
    whole: str = ""
    span: IndicatorSpan = IndicatorSpan.MONTH
    counts: Callable[[Any], bool] = _every
    is_kept: bool = False

    @property
    def report(self) -> ReportSpec:
        """The report whose rows sum to it."""
        return REPORTS[self.report_name]

    def period(self, month: date, today: date) -> Period:
        """Return the days it is counted over."""
        return month_period(month) if self.span == IndicatorSpan.MONTH else Period(today, today + timedelta(days=1))

    def measured(self, row: Any) -> Measured:
        """Return what a row of its report adds to it."""
        return Measured(getattr(row, self.part), getattr(row, self.whole) if self.whole else 0) if self.counts(row) else Measured()


_G = IndicatorGroup
_TODAY, _NOW = IndicatorSpan.TODAY, IndicatorSpan.NOW

INDICATORS: Mapping[str, IndicatorSpec] = {
    spec.name: spec
    for spec in (
        IndicatorSpec(
            "payments_today", _G.TODAY, _l("Payments today"), _l("Credited today over all channels, less what was taken back"),
            MONEY, MORE, _CASH, "payments", "kept_tiyin", span=_TODAY,
        ),
        IndicatorSpec(
            "contracts_today", _G.TODAY, _l("Contracts today"), _l("Contracts signed today"),
            COUNT, MORE, _SALES, "contracts_concluded", "contracts", span=_TODAY,
        ),
        IndicatorSpec(
            "cut_today", _G.TODAY, _l("Disconnected today"), _l("Supplies that were cut today"),
            COUNT, LESS, _METERS, "supplies_switched", "cut", span=_TODAY,
        ),
        IndicatorSpec(
            "restored_today", _G.TODAY, _l("Reconnected today"), _l("Supplies that were restored today"),
            COUNT, MORE, _METERS, "supplies_switched", "restored", span=_TODAY,
        ),
        IndicatorSpec(
            "billed", _G.MONEY, _l("Billed"), _l("Charged by bills, penalties and other documents of the month"),
            MONEY, MORE, _SALES, "turnover", "charged_tiyin",
        ),
        IndicatorSpec(
            "paid", _G.MONEY, _l("Paid"), _l("Received in the month, less what was taken back"),
            MONEY, MORE, _CASH, "turnover", "paid_tiyin",
        ),
        IndicatorSpec(
            "collected", _G.MONEY, _l("Collection"), _l("What was paid in the month as a share of what was billed in it"),
            PERCENT, MORE, _SALES, "turnover", "paid_tiyin", "charged_tiyin",
        ),
        IndicatorSpec(
            "debt", _G.MONEY, _l("Debt"), _l("Unpaid bills now, those not due yet included"),
            MONEY, LESS, _SALES, "debts", "debt_tiyin", span=_NOW,
        ),
        IndicatorSpec(
            "overdue_debt", _G.MONEY, _l("Overdue debt"), _l("Unpaid bills whose due day has passed"),
            MONEY, LESS, _SALES, "debts", "debt_tiyin", span=_NOW, counts=lambda row: row.days_from_no > 0,
        ),
        IndicatorSpec(
            "old_debt", _G.MONEY, _l("Oldest debt"), _l("Unpaid bills of the oldest age that debts are told by"),
            MONEY, LESS, _SALES, "debts", "debt_tiyin", span=_NOW, counts=lambda row: row.days_to_no is None,
        ),
        IndicatorSpec(
            "read_meters", _G.READINGS, _l("Meters read"), _l("Installed meters with a reading in the month"),
            PERCENT, MORE, _METERS, "unread_meters", "read", "meters", is_kept=True,
        ),
        IndicatorSpec(
            "unread_points", _G.READINGS, _l("Meters nobody reads"), _l("Installed meters that no source read for the months that are set"),
            PERCENT, LESS, _METERS, "silent_points", "unread", "meters", span=_NOW, is_kept=True,
        ),
        IndicatorSpec(
            "silent_devices", _G.READINGS, _l("Silent devices"), _l("Devices read from afar that sent nothing for the days that are set"),
            COUNT, LESS, _METERS, "silent_points", "silent", span=_NOW, is_kept=True,
        ),
        IndicatorSpec(
            "estimated_bills", _G.READINGS, _l("Estimated bills"), _l("Bills of the month that rest on an estimate"),
            PERCENT, LESS, _METERS, "bill_quality", "estimated", "bills", is_kept=True,
        ),
        IndicatorSpec(
            "exceptions", _G.READINGS, _l("Open exceptions"), _l("Exceptions of bill runs that nobody settled"),
            COUNT, LESS, _SALES, "exceptions", "exceptions", span=_NOW,
        ),
        IndicatorSpec(
            "old_exceptions", _G.READINGS, _l("Old exceptions"), _l("Exceptions that nobody settled for more than 30 days"),
            COUNT, LESS, _SALES, "exceptions", "exceptions", span=_NOW, counts=lambda row: row.days_to_no is None,
        ),
        IndicatorSpec(
            "unmetered_supplies", _G.READINGS, _l("Supplies without a meter"), _l("Supplies that go on without a meter and without a norm"),
            COUNT, LESS, _METERS, "unmetered_supplies", "supplies", span=_NOW, is_kept=True,
        ),
        IndicatorSpec(
            "open_inspections", _G.READINGS, _l("Broken seals without an inspection record"),
            _l("Seals found broken and events of devices whose inspection has not ended"),
            COUNT, LESS, _METERS, "broken_seals", "open_inspections", span=_NOW,
        ),
        IndicatorSpec(
            "contracts", _G.WORK, _l("Contracts concluded"), _l("Contracts signed in the month"),
            COUNT, MORE, _SALES, "contracts_concluded", "contracts",
        ),
        IndicatorSpec(
            "doubtful_tenders", _G.WORK, _l("Payments in doubt"), _l("What provider, bank and ledger do not agree on and nobody decided"),
            COUNT, LESS, _CASH, "doubtful_tenders", "tenders", span=_NOW,
        ),
        IndicatorSpec(
            "unbalanced_shifts", _G.WORK, _l("Shifts over or short"), _l("Shifts of the month whose cash differed when it was counted"),
            COUNT, LESS, _CASH, "unbalanced_shifts", "shifts",
        ),
        IndicatorSpec(
            "failed_jobs", _G.WORK, _l("Failed jobs"), _l("Jobs of the month that failed"),
            COUNT, LESS, _OFFICE, "failed_jobs", "jobs",
        ),
        IndicatorSpec(
            "node_lag", _G.WORK, _l("Nodes behind"), _l("Autonomous divisions that are silent, stopped or behind"),
            COUNT, LESS, _OFFICE, "node_lags", "nodes_behind", span=_NOW,
        ),
        IndicatorSpec(
            "applications_in_term", _G.WORK, _l("Applications done in term"), _l("Applications done in the month within their term"),
            PERCENT, MORE, _OFFICE, "applications", "done_in_term", "done",
        ),
        IndicatorSpec(
            "late_applications", _G.WORK, _l("Late applications"), _l("Open applications whose term is over"),
            COUNT, LESS, _OFFICE, "applications", "late_open", span=_NOW,
        ),
        IndicatorSpec(
            "late_reports", _G.WORK, _l("Reports late"), _l("Reports of the month before that are due and not signed"),
            COUNT, LESS, _OFFICE, "late_reports", "late", span=_NOW,
        ),
    )
}  # fmt: skip


def measure(
    session: Session, specs: Iterable[IndicatorSpec], divisions: Sequence[int], parts: Sequence[int], *, month: date, today: date
) -> dict[str, dict[int, Measured]]:
    """Return indicators as they are counted now, by part; each report is asked once.

    :param parts: place by place, the division each of the divisions is counted in
    """
    found: dict[str, dict[int, Measured]] = {}
    asked: dict[tuple[str, Period], list[IndicatorSpec]] = {}
    for spec in specs:
        found[spec.name] = {part: Measured() for part in parts}
        asked.setdefault((spec.report_name, spec.period(month, today)), []).append(spec)
    for (name, period), of_report in asked.items():
        for row in REPORTS[name].rows(session, ReportRequest(divisions, parts, period)):
            for spec in of_report:
                mine = found[spec.name]
                mine[row.division_id] = mine[row.division_id].plus(spec.measured(row))
    return found
