"""Reports: each declared once, and shown, exported and stored from the same rows."""

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import labels
from app.documents.tables import Cell
from app.domain.calendar import Period, months_after
from app.domain.reference import ConsumerKind
from app.domain.reports import PeriodKind, Placed, ReportColumn, ReportUnit, Sums, columns_of, filled, parts_of
from app.queries.reports import ReportRequest, accounts, billing, claims, ledger, payments


class ReportSpec(NamedTuple):
    """A report, declared once.

    :ivar name: in addresses and commands
    :ivar about: what is counted, and by which day
    :ivar rows: yields records, the division they are counted in first; what their fields hold is told by the ends of their names
    :ivar permission: permission and page: who may look at the rows behind the report may ask for it
    :ivar shares: columns that are a share in percent: the column that is divided, and by which
    :ivar by_account: a row is an account, and bears the division it is of
    :ivar of_all_only: rows belong to no kind of consumers
    """

    name: str
    title: Any
    about: Any
    rows: Callable[[Session, ReportRequest], Iterator[Any]]
    record: type
    period: PeriodKind
    permission: tuple[str, str]
    shares: Mapping[str, tuple[str, str]] = {}
    by_account: bool = False
    of_all_only: bool = False

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """What the rows hold."""
        return columns_of(typing.get_type_hints(self.record), self.shares)

    def request(self, divisions: Sequence[Placed], chosen: Placed, period: Period, consumers: ConsumerKind | None = None) -> ReportRequest:
        """Return what the report of a division is asked for.

        :param divisions: those of the reader
        """
        inside, parts = parts_of(divisions, chosen, each=self.by_account)
        return ReportRequest(inside, parts, period, consumers)

    def cells(self, session: Session, asked: ReportRequest) -> Iterator[tuple[Any, ...]]:
        """Yield rows with their shares: amounts in tiyin, quantities in thousandths, shares in tenths of a percent."""
        columns = self.columns
        for row in self.rows(session, asked):  # not asked before the first row is wanted: a page that is sent while it is made begins then
            yield filled(columns, row)


MONTHS, DAYS, NOW = PeriodKind.MONTHS, PeriodKind.DAYS, PeriodKind.NOW
_CHARTS, _BILLS, _DEBTS = ("can_divisions", "ChartsView"), ("can_list", "BillView"), ("can_divisions", "DebtsByAgeView")
_PAYMENTS = ("can_list", "PaymentView")

REPORTS: Mapping[str, ReportSpec] = {
    spec.name: spec
    for spec in (
        ReportSpec(
            "turnover", _l("Turnover by division"),
            _l("Opening balance, charged, adjusted, paid, closing balance, by billing month"),
            ledger.turnover, ledger.DivisionTurnover, MONTHS, _CHARTS, {"collected_percent": ("paid_tiyin", "charged_tiyin")},
        ),
        ReportSpec(
            "account_turnover", _l("Turnover by account"), _l("What each account owed, was charged and paid, by billing month"),
            ledger.account_turnover, ledger.AccountTurnover, MONTHS, ("can_accounts", "ChartsView"), by_account=True,
        ),
        ReportSpec(
            "sales", _l("Consumption and revenue"),
            _l("Energy and sums by tariff group, charge, block and zone, by billing month (form 46-ЭЭ)"),
            billing.sales, billing.Sales, MONTHS, _BILLS,
        ),
        ReportSpec(
            "bill_quality", _l("Readings and estimates in bills"), _l("How the energy of bills that stand was told, by billing month"),
            billing.qualities, billing.BillQualities, MONTHS, _BILLS, {"estimated_percent": ("estimated", "bills")},
        ),
        ReportSpec(
            "benefits", _l("Benefits and subsidies"), _l("What was taken off bills, by billing month"),
            billing.benefits, billing.Benefits, MONTHS, _BILLS,
        ),
        ReportSpec(
            "holds", _l("Bills on hold"), _l("Bills that were held and what was decided, by billing month"),
            billing.holds, billing.HeldBills, MONTHS, ("can_list", "BillHoldView"),
        ),
        ReportSpec(
            "corrections", _l("Corrections and withdrawn bills"),
            _l("Bills that were taken back and credit notes, by the day they were made"),
            ledger.corrections, ledger.Corrections, DAYS, _BILLS,
        ),
        ReportSpec(
            "tax_invoices", _l("Tax invoices"), _l("By the day they bear"),
            billing.invoices, billing.TaxInvoices, DAYS, _BILLS,
        ),
        ReportSpec(
            "payments", _l("Payments by channel"),
            _l("Credited and reversed, by the day received, for each contract with a bank or provider"),
            payments.by_channel, payments.ChannelPayments, DAYS, _PAYMENTS,
        ),
        ReportSpec(
            "payments_by_day", _l("Payments by day"), _l("Credited and reversed on each day"),
            payments.by_day, payments.DayPayments, DAYS, _PAYMENTS,
        ),
        ReportSpec(
            "suspense", _l("Money in suspense"), _l("Received for no known account, as it stands now"),
            payments.suspense, payments.Suspense, NOW, ("can_list", "SuspenseView"), of_all_only=True,
        ),
        ReportSpec(
            "debts", _l("Debts by age"), _l("Unpaid bills by the days since they were due, as it stands now"),
            claims.debts, claims.AgedDebts, NOW, _DEBTS,
        ),
        ReportSpec(
            "advances", _l("Advances"), _l("What accounts have paid ahead, as it stands now"),
            ledger.advances, ledger.DivisionAdvances, NOW, _DEBTS,
        ),
        ReportSpec(
            "penalties", _l("Penalties"), _l("Charged and taken back, by day"),
            claims.penalties, claims.Penalties, DAYS, ("can_list", "PenaltyView"),
        ),
        ReportSpec(
            "accounts", _l("Accounts opened and closed"), _l("By the day of opening and closing"),
            accounts.movement, accounts.AccountMovement, DAYS, ("can_list", "AccountView"),
        ),
        ReportSpec(
            "contracts", _l("Contracts concluded"), _l("Signed and ended in the period, in force at its end"),
            accounts.contracts, accounts.ContractMovement, DAYS, ("can_register", "ContractView"),
        ),
        ReportSpec(
            "unread_meters", _l("Meters read and not read"),
            _l("Meters installed at the end of the period, and those without a reading in it"),
            accounts.unread, accounts.UnreadMeters, DAYS, ("can_list", "MeterInstallationView"), {"read_percent": ("read", "meters")},
        ),
    )
}  # fmt: skip

_AS_IT_IS = {ReportUnit.TEXT, ReportUnit.COUNT, ReportUnit.PLACE, ReportUnit.DAY, ReportUnit.ACCOUNT}
_PLACES = {ReportUnit.MONEY: 2, ReportUnit.QUANTITY: 3, ReportUnit.THOUSANDS: 6, ReportUnit.PERCENT: 1}
_FORMATS = {2: "#,##0.00", 3: "#,##0.###", 6: "#,##0.000", 1: "#,##0.0"}


def shown_columns(columns: Iterable[ReportColumn]) -> list[int]:
    """Return the places of the columns people see: keys of accounts only lead to their cards."""
    return [place for place, column in enumerate(columns) if column.unit != ReportUnit.ACCOUNT]


def header(columns: Sequence[ReportColumn]) -> list[str]:
    """Return the heads of all columns, with the unit of their values."""
    return [_head(column) for column in columns]


def _head(column: ReportColumn) -> str:
    name = "division" if column.unit == ReportUnit.DIVISION else "account" if column.unit == ReportUnit.ACCOUNT else column.name
    text = str(labels.COLUMN_LABELS[name])
    if column.unit == ReportUnit.MONEY:
        return _("%(column)s, soʻm", column=text)
    return _("%(column)s, kWh", column=text) if column.unit == ReportUnit.QUANTITY else text


def file_cells(columns: Sequence[ReportColumn], cells: Sequence[Any], names: Mapping[int, str]) -> list[Cell]:
    """Return a row as files have it: numbers are numbers in the units of the header.

    :param names: division → its name
    """
    return [_file_cell(column, value, names) for column, value in zip(columns, cells, strict=True)]


def _file_cell(column: ReportColumn, value: Any, names: Mapping[int, str]) -> Cell:
    unit = column.unit
    if value is None or unit in _AS_IT_IS:
        return cast("Cell", value)
    if unit in _PLACES:
        return Decimal(value).scaleb(-_PLACES[unit])
    if unit == ReportUnit.DIVISION:
        return names[value]
    if unit == ReportUnit.MONTH:
        return labels.month(value)
    assert column.word is not None
    return labels.member_of(column.word, value)


def file_header(columns: Sequence[ReportColumn]) -> list[str]:
    """Return the heads of the columns files have."""
    heads = header(columns)
    return [heads[place] for place in shown_columns(columns)]


def file_rows(spec: ReportSpec, rows: Iterable[Sequence[Any]], names: Mapping[int, str]) -> Iterator[Sequence[Cell]]:
    """Yield the rows of a report as files have them, and what they add up to."""
    columns, places = spec.columns, shown_columns(spec.columns)
    sums = Sums(columns)
    for cells in rows:
        sums.add(cells)
        written = file_cells(columns, cells, names)
        yield [written[place] for place in places]
    totals = file_cells(columns, sums.cells, names)
    yield [_("Total"), *(totals[place] for place in places[1:])]


def page_cells(columns: Sequence[ReportColumn], cells: Sequence[Any], names: Mapping[int, str], *, total: bool = False) -> list[str]:
    """Return a row as pages show it, in the reader's way of writing numbers.

    :param total: it holds totals: what is not added up is left empty
    """
    return ["" if total and value is None else _page_cell(column, value, names) for column, value in zip(columns, cells, strict=True)]


def _page_cell(column: ReportColumn, value: Any, names: Mapping[int, str]) -> str:
    unit = column.unit
    if value is None:
        return "–"
    if unit in _PLACES:
        return labels.number(Decimal(value).scaleb(-_PLACES[unit]), _FORMATS[_PLACES[unit]])
    if unit == ReportUnit.COUNT:
        return labels.number(value)
    if unit == ReportUnit.DAY:
        return labels.day(value)
    return str(_file_cell(column, value, names))


def title_of(spec: ReportSpec, division: str, asked: ReportRequest) -> str:
    """Return what a report is, of whom, and of when."""
    words = [str(spec.title), division, period_text(spec.period, asked.period)]
    return " · ".join([*words, *([labels.member(asked.consumers)] if asked.consumers else [])])


def period_text(kind: PeriodKind, period: Period) -> str:
    """Return the days a report covers in words."""
    last = date.fromordinal(period.end.toordinal() - 1)
    if kind == PeriodKind.NOW:
        return _("as of %(day)s", day=labels.day(period.start))
    if kind == PeriodKind.DAYS:
        return _("%(first)s – %(last)s", first=labels.day(period.start), last=labels.day(last))
    first, end = labels.month(period.start), labels.month(months_after(last, 0))
    return first if first == end else _("%(first)s – %(last)s", first=first, last=end)
