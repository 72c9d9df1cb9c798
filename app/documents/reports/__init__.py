"""Reports: each declared once, and shown, exported and stored from the same rows."""

import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock, labels
from app.documents.reports.cells import period_text
from app.domain.calendar import Period, months_after
from app.domain.ledger import DocumentKind
from app.domain.reference import ConsumerKind
from app.domain.reports import PeriodKind, Placed, ReportColumn, columns_of, filled, parts_of
from app.queries.reports import ReportRequest, accounts, billing, claims, ledger, payments, people, work


class RowsBehind(NamedTuple):
    """The list of the documents that a cell of a report adds up.

    :ivar view: a list of the office; it is filtered by the division of the row and by the days of the report
    :ivar days: its column of days or months
    :ivar total: its column that is added up; empty: its rows are counted
    :ivar same: its columns that must hold what the row holds, by the names of the report's
    :ivar only: column of the report and the one value for which the list has the rows
    :ivar own_day: the column of the report with the row's own day, in place of the days of the report
    """

    view: str
    days: str
    total: str = ""
    same: Mapping[str, str] = {}
    only: tuple[str, str] | None = None
    own_day: str = ""


class ReportSpec(NamedTuple):
    """A report, declared once.

    :ivar name: in addresses and commands
    :ivar about: what is counted, and by which day
    :ivar rows: yields records, the division they are counted in first; what their fields hold is told by the ends of their names
    :ivar permission: permission and page: who may look at the rows behind the report may ask for it
    :ivar shares: columns that are a share in percent: the column that is divided, and by which
    :ivar by_account: a row is an account, and bears the division it is of
    :ivar of_all_only: rows belong to no kind of consumers
    :ivar is_submitted: it is kept, signed and sent up each month
    :ivar behind: summed columns that open the list of their documents
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
    is_submitted: bool = False
    behind: Mapping[str, RowsBehind] = {}

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


def _node_lags(session: Session, asked: ReportRequest) -> Iterator[work.NodeLag]:
    return work.node_lags(session, asked, now=clock.now())


def _late_reports(session: Session, asked: ReportRequest) -> Iterator[work.LateReports]:
    """Yield the reports of the month before that are late."""
    names = [spec.name for spec in REPORTS.values() if spec.is_submitted]
    return work.late_reports(session, asked, names, [months_after(asked.period.start, -1)])


REPORTS: Mapping[str, ReportSpec] = {
    spec.name: spec
    for spec in (
        ReportSpec(
            "turnover", _l("Turnover by division"),
            _l("Opening balance, charged, adjusted, paid, closing balance, by billing month"),
            ledger.turnover, ledger.TurnoverOfDivision, MONTHS, _CHARTS,
            {"collected_percent": ("paid_tiyin", "charged_tiyin")}, is_submitted=True,
            behind={
                name: RowsBehind("AccountBalanceView", "billing_month", name) for name in ("charged_tiyin", "adjusted_tiyin", "paid_tiyin")
            },
        ),
        ReportSpec(
            "account_turnover", _l("Turnover by account"), _l("What each account owed, was charged and paid, by billing month"),
            ledger.account_turnover, ledger.TurnoverOfAccount, MONTHS, ("can_accounts", "ChartsView"), by_account=True,
        ),
        ReportSpec(
            "sales", _l("Consumption and revenue"),
            _l("Energy and sums by tariff group, charge, block and zone, by billing month"),
            billing.sales, billing.Sales, MONTHS, _BILLS, is_submitted=True,
        ),
        ReportSpec(
            "form_46", _l("Form 46-ЭЭ: sales by rows"),
            _l("Thousand kWh and sums without VAT by the rows of the form, by billing month; the row without a code gathers the rest"),
            billing.form_46, billing.FormRow, MONTHS, _BILLS, is_submitted=True,
        ),
        ReportSpec(
            "bill_quality", _l("Readings and estimates in bills"), _l("How the energy of bills that stand was told, by billing month"),
            billing.qualities, billing.BillQualities, MONTHS, _BILLS, {"estimated_percent": ("estimated", "bills")}, is_submitted=True,
        ),
        ReportSpec(
            "benefits", _l("Benefits and subsidies"), _l("What was taken off bills, by billing month"),
            billing.benefits, billing.BenefitSums, MONTHS, _BILLS, is_submitted=True,
        ),
        ReportSpec(
            "holds", _l("Bills on hold"), _l("Bills that were held and what was decided, by billing month"),
            billing.holds, billing.HeldBills, MONTHS, ("can_list", "BillHoldView"),
            behind={
                name: RowsBehind("BillHoldView", "billing_month", total, {"reason": "hold_reason", "status": "hold_status"})
                for name, total in (("bills", ""), ("quantity_milli", "quantity_milli"), ("amount_tiyin", "amount_tiyin"))
            },
        ),
        ReportSpec(
            "corrections", _l("Corrections and withdrawn bills"),
            _l("Bills that were taken back and credit notes, by the day they were made"),
            ledger.corrections, ledger.Corrections, DAYS, _BILLS,
            behind={"documents": RowsBehind("AdjustmentView", "posted_on", only=("document_kind", DocumentKind.ADJUSTMENT))},
        ),
        ReportSpec(
            "tax_invoices", _l("Tax invoices"), _l("By the day they bear"),
            billing.invoices, billing.TaxInvoices, DAYS, _BILLS,
            behind={
                name: RowsBehind("TaxInvoiceView", "invoiced_on", total)
                for name, total in (("invoices", ""), ("vat_tiyin", "vat_tiyin"), ("amount_tiyin", "amount_tiyin"))
            },
        ),
        ReportSpec(
            "payments", _l("Payments by channel"),
            _l("Credited and reversed, by the day received, for each contract with a bank or provider"),
            payments.by_channel, payments.ChannelPayments, DAYS, _PAYMENTS,
        ),
        ReportSpec(
            "payments_by_day", _l("Payments by day"), _l("Credited and reversed on each day"),
            payments.by_day, payments.DayPayments, DAYS, _PAYMENTS,
            behind={"kept_tiyin": RowsBehind("PaymentView", "received_on", "amount_tiyin", own_day="received_on")},
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
            behind={"kept_tiyin": RowsBehind("PenaltyView", "created_at", "amount_tiyin")},
        ),
        ReportSpec(
            "accounts", _l("Accounts opened and closed"), _l("By the day of opening and closing"),
            accounts.movement, accounts.AccountMovement, DAYS, ("can_list", "AccountView"),
        ),
        ReportSpec(
            "contracts", _l("Contracts concluded"), _l("Signed and ended in the period, in force at its end"),
            accounts.contracts, accounts.ContractMovement, DAYS, ("can_register", "ContractView"),
            behind={"concluded": RowsBehind("ContractView", "signed_on", same={"kind": "contract_kind"})},
        ),
        ReportSpec(
            "unread_meters", _l("Meters read and not read"),
            _l("Meters installed at the end of the period, and those without a reading in it"),
            accounts.unread, accounts.UnreadMeters, DAYS, ("can_list", "MeterInstallationView"), {"read_percent": ("read", "meters")},
        ),
        ReportSpec(
            "contracts_concluded", _l("New contracts"), _l("By the day they were signed"),
            accounts.concluded, accounts.ConcludedContracts, DAYS, ("can_register", "ContractView"),
        ),
        ReportSpec(
            "exceptions", _l("Open exceptions by age"), _l("Exceptions of bill runs that nobody settled, by the days since the run"),
            work.open_exceptions, work.OpenExceptions, NOW, ("can_list", "BillExceptionView"),
        ),
        ReportSpec(
            "doubtful_tenders", _l("Payments in doubt"),
            _l("What provider, bank and ledger do not agree on and nobody decided, as it stands now"),
            work.doubtful_tenders, work.DoubtfulTenders, NOW, ("can_list", "ReconciliationRowView"), of_all_only=True,
        ),
        ReportSpec(
            "unbalanced_shifts", _l("Shifts over or short"), _l("Cash that differed when it was counted, by business day"),
            work.unbalanced_shifts, work.UnbalancedShifts, DAYS, ("can_list", "PaymentControlView"), of_all_only=True,
        ),
        ReportSpec(
            "failed_jobs", _l("Failed jobs"), _l("By the day they were asked for"),
            work.failed_jobs, work.FailedJobs, DAYS, ("can_list", "JobView"), of_all_only=True,
        ),
        ReportSpec(
            "node_lags", _l("Autonomous divisions"), _l("Their databases as the centre knows them now"),
            _node_lags, work.NodeLag, NOW, ("can_show", "NodesView"), of_all_only=True,
        ),
        ReportSpec(
            "late_reports", _l("Reports of the month before"), _l("Those that were due and are not signed today"),
            _late_reports, work.LateReports, NOW, ("can_submission", "StoredReportView"), of_all_only=True,
        ),
        ReportSpec(
            "work", _l("Work of departments and people"),
            _l("Readings, decisions, payments and corrections of each person by day, as the audit trail tells of them"),
            people.work, people.WorkOfPerson, DAYS, ("can_late", "LateWorkView"), of_all_only=True,
        ),
    )
}  # fmt: skip


def title_of(spec: ReportSpec, division: str, asked: ReportRequest) -> str:
    """Return what a report is, of whom, and of when."""
    words = [str(spec.title), division, period_text(spec.period, asked.period)]
    return " · ".join([*words, *([labels.member(asked.consumers)] if asked.consumers else [])])
