"""Reports: each declared once, and shown, exported and stored from the same rows."""

import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock, labels
from app.documents.reports.cells import period_text
from app.domain.calendar import Period, months_after
from app.domain.reference import ConsumerKind
from app.domain.reports import SUMMED, PeriodKind, Placed, ReportColumn, ReportForm, columns_of, filled, in_form, key_read, parts_of
from app.queries.reports import (
    Documents,
    ReportRequest,
    SummedColumns,
    accounts,
    added_up,
    applications,
    billing,
    claims,
    equipment,
    forms,
    late,
    ledger,
    maintenance,
    metering,
    payments,
    people,
    seals,
    supply,
    work,
)
from app.queries.reports.behind import AskedFigure


class ReportSpec(NamedTuple):
    """A report, declared once.

    :ivar name: in addresses and commands
    :ivar about: what is counted, and by which day
    :ivar record: its rows, the division they are counted in first; what their fields hold is told by the ends of their names
    :ivar permission: permission and page: who may look at the rows behind the report may ask for it
    :ivar shares: columns that are a share in percent: the column that is divided, and by which
    :ivar by_account: a row is an account, and bears the division it is of
    :ivar of_all_only: rows belong to no kind of consumers
    :ivar is_submitted: it is kept, signed and sent up each month
    :ivar documents: the rows it adds up; None: its rows are what is counted, one each
    :ivar own_rows: yields its records; None: they are its documents, added up
    :ivar form: the form whose columns it has, dated as those are
    """

    name: str
    title: Any
    about: Any
    record: type
    period: PeriodKind
    permission: tuple[str, str]
    shares: Mapping[str, tuple[str, str]] = {}
    by_account: bool = False
    of_all_only: bool = False
    is_submitted: bool = False
    documents: Documents | None = None
    own_rows: Callable[[Session, ReportRequest], Iterator[Any]] | None = None
    form: ReportForm | None = None

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """What the rows hold."""
        return columns_of(typing.get_type_hints(self.record), self.shares)

    def columns_on(self, session: Session, period: Period) -> tuple[ReportColumn, ...]:
        """Return what the rows hold as people see it; of a form, with the columns that it has on the last day."""
        return in_form(self.columns, forms.columns(session, self.form, period.last)) if self.form else self.columns

    @property
    def told_apart(self) -> list[str]:
        """Return the columns that its rows are told apart by, the part they are counted in first."""
        return [column.name for column in self.columns if column.unit not in SUMMED and not column.part]

    def figure(self, column: str, keys: Mapping[str, str], part: int | None) -> AskedFigure | None:
        """Return a figure of the report whose rows may be asked for; None: it has no such figure.

        :param keys: what its row is told apart by: column → value as an address has it
        :param part: the part it is counted in; None: all
        """
        columns = {each.name: each for each in self.columns}
        if (
            self.documents is None
            or column not in columns
            or columns[column].unit not in SUMMED
            or not set(keys) <= set(self.told_apart[1:])
        ):
            return None
        try:
            read = {columns[name]: key_read(columns[name].unit, text) for name, text in keys.items()}
        except ValueError:
            return None
        return AskedFigure(self.documents, self.told_apart, column, read, part)

    def request(self, divisions: Sequence[Placed], chosen: Placed, period: Period, consumers: ConsumerKind | None = None) -> ReportRequest:
        """Return what the report of a division is asked for.

        :param divisions: those of the reader
        """
        inside, parts = parts_of(divisions, chosen, each=self.by_account)
        return ReportRequest(inside, parts, period, consumers)

    def rows(self, session: Session, asked: ReportRequest) -> Iterator[Any]:
        """Yield its records."""
        if self.own_rows is not None:
            return self.own_rows(session, asked)
        assert self.documents is not None
        return added_up(SummedColumns(self.documents, self.record), session, asked)

    def cells(self, session: Session, asked: ReportRequest) -> Iterator[tuple[Any, ...]]:
        """Yield rows with their shares: amounts in tiyin, quantities in thousandths, shares in tenths of a percent."""
        columns = self.columns
        for row in self.rows(session, asked):  # not asked before the first row is wanted: a page that is sent while it is made begins then
            yield filled(columns, row)


MONTHS, DAYS, NOW = PeriodKind.MONTHS, PeriodKind.DAYS, PeriodKind.NOW
_CHARTS, _BILLS, _DEBTS = ("can_divisions", "ChartsView"), ("can_list", "BillView"), ("can_divisions", "DebtsByAgeView")
_PAYMENTS = ("can_list", "PaymentView")


def _node_lags(session: Session, asked: ReportRequest) -> Iterator[work.NodeLag]:
    return work.node_lags(session, asked, now=clock.now())


def _late_given(session: Session, asked: ReportRequest) -> Mapping[str, Any]:
    """Return what is asked of reports that are late: those of the month before."""
    names = [spec.name for spec in REPORTS.values() if spec.is_submitted]
    return late.given(session, names, [months_after(asked.period.start, -1)], today=asked.period.start)


#: Hours without supply are counted up to the last full hour, so that a report that is asked for twice says the same.
_SWITCHED = supply.SWITCHED._replace(given=lambda _session, _asked: {"now": clock.now().replace(minute=0, second=0, microsecond=0)})
_LATE = work.LATE._replace(given=_late_given)


REPORTS: Mapping[str, ReportSpec] = {
    spec.name: spec
    for spec in (
        ReportSpec(
            "turnover", _l("Turnover by division"),
            _l("Opening balance, charged, adjusted, paid, closing balance, by billing month"),
            ledger.TurnoverOfDivision, MONTHS, _CHARTS,
            {"collected_percent": ("paid_tiyin", "charged_tiyin")}, is_submitted=True,
            documents=ledger.ACCOUNTS, own_rows=ledger.turnover,
        ),
        ReportSpec(
            "account_turnover", _l("Turnover by account"), _l("What each account owed, was charged and paid, by billing month"),
            ledger.TurnoverOfAccount, MONTHS, ("can_accounts", "ChartsView"), by_account=True,
            documents=ledger.ENTRIES, own_rows=ledger.account_turnover,
        ),
        ReportSpec(
            "sales", _l("Consumption and revenue"),
            _l("Energy and sums by tariff group, voltage, charge, block and zone, by billing month"),
            billing.Sales, MONTHS, _BILLS, is_submitted=True,
            documents=billing.SALES,
        ),
        ReportSpec(
            "form_46", _l("Form 46-ЭЭ: sales by rows"),
            _l("Thousand kWh and sums without VAT by the rows of the form, by billing month; the row without a code gathers the rest"),
            billing.FormRow, MONTHS, _BILLS, is_submitted=True,
            documents=billing.FORM_46, form=ReportForm.FORM_46,
        ),
        ReportSpec(
            "bill_quality", _l("Readings and estimates in bills"), _l("How the energy of bills that stand was told, by billing month"),
            billing.BillQualities, MONTHS, _BILLS, {"estimated_percent": ("estimated", "bills")}, is_submitted=True,
            documents=billing.QUALITIES,
        ),
        ReportSpec(
            "benefits", _l("Benefits and subsidies"), _l("What was taken off bills, by billing month"),
            billing.BenefitSums, MONTHS, _BILLS, is_submitted=True,
            documents=billing.BENEFITS,
        ),
        ReportSpec(
            "holds", _l("Bills on hold"), _l("Bills that were held and what was decided, by billing month"),
            billing.HeldBills, MONTHS, ("can_list", "BillHoldView"),
            documents=billing.HOLDS,
        ),
        ReportSpec(
            "corrections", _l("Corrections and withdrawn bills"),
            _l("Bills that were taken back and credit notes, by the day they were made"),
            ledger.Corrections, DAYS, _BILLS,
            documents=ledger.CORRECTIONS,
        ),
        ReportSpec(
            "tax_invoices", _l("Tax invoices"), _l("By the day they bear"),
            billing.TaxInvoices, DAYS, _BILLS,
            documents=billing.INVOICES,
        ),
        ReportSpec(
            "payments", _l("Payments by channel"),
            _l("Credited and reversed, by the day received, for each contract with a bank or provider"),
            payments.ChannelPayments, DAYS, _PAYMENTS,
            documents=payments.PAYMENTS,
        ),
        ReportSpec(
            "payments_by_day", _l("Payments by day"), _l("Credited and reversed on each day"),
            payments.DayPayments, DAYS, _PAYMENTS,
            documents=payments.PAYMENTS,
        ),
        ReportSpec(
            "suspense", _l("Money in suspense"), _l("Received for no known account, as it stands now"),
            payments.Suspense, NOW, ("can_list", "SuspenseView"), of_all_only=True,
            documents=payments.SUSPENSE,
        ),
        ReportSpec(
            "debts", _l("Debts by age"), _l("Unpaid bills by the days since they were due, as it stands now"),
            claims.AgedDebts, NOW, _DEBTS,
            documents=claims.DEBTS, own_rows=claims.debts,
        ),
        ReportSpec(
            "advances", _l("Advances"), _l("What accounts have paid ahead, as it stands now"),
            ledger.DivisionAdvances, NOW, _DEBTS,
            documents=ledger.ADVANCES,
        ),
        ReportSpec(
            "penalties", _l("Penalties"), _l("Charged and taken back, by day"),
            claims.Penalties, DAYS, ("can_list", "PenaltyView"),
            documents=claims.PENALTIES,
        ),
        ReportSpec(
            "accounts", _l("Accounts opened and closed"), _l("By the day of opening and closing"),
            accounts.AccountMovement, DAYS, ("can_list", "AccountView"),
            documents=accounts.MOVEMENT,
        ),
        ReportSpec(
            "contracts", _l("Contracts concluded"), _l("Signed and ended in the period, in force at its end"),
            accounts.ContractMovement, DAYS, ("can_register", "ContractView"),
            documents=accounts.CONTRACTS,
        ),
        ReportSpec(
            "silent_points", _l("Points nobody reads"),
            _l("Installed meters that no source read for the months that are set, and devices read from afar that are silent"),
            metering.SilentPoints, NOW, ("can_list", "MeterInstallationView"),
            {"unread_percent": ("unread", "meters"), "silent_percent": ("silent", "remote_meters")}, documents=metering.SILENT,
        ),
        ReportSpec(
            "unread_meters", _l("Meters read and not read"),
            _l("Meters installed at the end of the period, and those without a reading in it"),
            accounts.UnreadMeters, DAYS, ("can_list", "MeterInstallationView"), {"read_percent": ("read", "meters")},
            documents=accounts.METERS,
        ),
        ReportSpec(
            "unmetered_supplies", _l("Supplies without a meter"),
            _l("Supplies that go on and that no meter counts now; those billed by norm are left out"),
            accounts.UnmeteredSupplies, NOW, ("can_list", "UnmeteredSupplyView"),
            documents=accounts.UNMETERED,
        ),
        ReportSpec(
            "readings", _l("Readings by source"), _l("Readings that stand, by the day they were taken"),
            accounts.ReadingsBySource, DAYS, ("can_list", "ReadingView"), documents=accounts.READINGS,
        ),
        ReportSpec(
            "contracts_concluded", _l("New contracts"), _l("By the day they were signed"),
            accounts.ConcludedContracts, DAYS, ("can_register", "ContractView"),
            documents=accounts.CONCLUDED,
        ),
        ReportSpec(
            "supplies_switched", _l("Supplies cut and restored"), _l("By the day of the switch, by reason and by who says so"),
            supply.SwitchedSupplies, DAYS, ("can_list", "PointStateView"),
            documents=_SWITCHED,
        ),
        ReportSpec(
            "stock", _l("Movement sheet of devices"),
            _l("Devices of each warehouse and brigade: at the beginning, in, out, at the end, by the day of the movement"),
            equipment.StockTurnover, DAYS, ("can_list", "MovementView"), of_all_only=True,
            documents=equipment.STOCK,
        ),
        ReportSpec(
            "meters", _l("Meters by type, age and verification"), _l("Meters that are not written off, as they stand now"),
            equipment.MetersByAge, NOW, ("can_list", "DeviceView"), of_all_only=True,
            documents=equipment.METERS,
        ),
        ReportSpec(
            "seal_stock", _l("Movement sheet of seals"),
            _l("Seals of each warehouse and brigade: at the beginning, in, out, at the end, by the day of the movement"),
            seals.SealTurnover, DAYS, ("can_list", "SealMovementView"), of_all_only=True,
            documents=seals.STOCK,
        ),
        ReportSpec(
            "seals_applied", _l("Seals applied"), _l("By the day, by whose they were and what they lock"),
            seals.AppliedSeals, DAYS, ("can_list", "SealMovementView"), of_all_only=True,
            documents=seals.APPLIED,
        ),
        ReportSpec(
            "broken_seals", _l("Broken seals and the inspections they opened"),
            _l("Seals that were found broken without an act, and events of devices, by the day they were found"),
            seals.BrokenSeals, DAYS, ("can_list", "InspectionView"),
            documents=seals.BROKEN,
        ),
        ReportSpec(
            "maintenance", _l("Works on devices: plan and fact"),
            _l("Works due in the period, and works done in it with their hours, by kind of work"),
            maintenance.WorksDone, DAYS, ("can_list", "MaintenanceWorkView"),
            {"done_percent": ("done_works", "planned_works")}, of_all_only=True, documents=maintenance.WORKS,
        ),
        ReportSpec(
            "materials", _l("Materials used in works"),
            _l("Materials of works done in the period and what their norms are, by warehouse or brigade"),
            maintenance.MaterialsUsed, DAYS, ("can_list", "MaterialUseView"), of_all_only=True,
            documents=maintenance.MATERIALS,
        ),
        ReportSpec(
            "exceptions", _l("Open exceptions by age"), _l("Exceptions of bill runs that nobody settled, by the days since the run"),
            work.OpenExceptions, NOW, ("can_list", "BillExceptionView"),
            documents=work.EXCEPTIONS,
        ),
        ReportSpec(
            "doubtful_tenders", _l("Payments in doubt"),
            _l("What provider, bank and ledger do not agree on and nobody decided, as it stands now"),
            work.DoubtfulTenders, NOW, ("can_list", "ReconciliationRowView"), of_all_only=True,
            documents=work.DOUBTFUL,
        ),
        ReportSpec(
            "unbalanced_shifts", _l("Shifts over or short"), _l("Cash that differed when it was counted, by business day"),
            work.UnbalancedShifts, DAYS, ("can_list", "PaymentControlView"), of_all_only=True,
            documents=work.UNBALANCED,
        ),
        ReportSpec(
            "failed_jobs", _l("Failed jobs"), _l("By the day they were asked for"),
            work.FailedJobs, DAYS, ("can_list", "JobView"), of_all_only=True,
            documents=work.FAILED,
        ),
        ReportSpec(
            "node_lags", _l("Autonomous divisions"), _l("Their databases as the centre knows them now"),
            work.NodeLag, NOW, ("can_show", "NodesView"), of_all_only=True, own_rows=_node_lags,
        ),
        ReportSpec(
            "late_reports", _l("Reports of the month before"), _l("Those that were due and are not signed today"),
            work.LateReports, NOW, ("can_submission", "StoredReportView"), of_all_only=True,
            documents=_LATE,
        ),
        ReportSpec(
            "applications", _l("Applications"),
            _l("By kind: filed in the period, ended in the period within the term and after it, and late at its end"),
            applications.ApplicationsByKind, DAYS, ("can_list", "ApplicationView"),
            shares={"in_term_percent": ("done_in_term", "done")}, documents=applications.APPLICATIONS, of_all_only=True,
        ),
        ReportSpec(
            "work", _l("Work of departments and people"),
            _l("Readings, decisions, payments and corrections of each person by day, as the audit trail tells of them"),
            people.WorkOfPerson, DAYS, ("can_late", "LateWorkView"), of_all_only=True,
            documents=people.WORK,
        ),
    )
}  # fmt: skip


def title_of(spec: ReportSpec, division: str, asked: ReportRequest) -> str:
    """Return what a report is, of whom, and of when."""
    words = [str(spec.title), division, period_text(spec.period, asked.period)]
    return " · ".join([*words, *([labels.member(asked.consumers)] if asked.consumers else [])])
