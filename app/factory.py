"""Builds the application: database, back office with its menu, console, portal, interfaces for machines, commands."""

import logging
import math
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, render_template, request
from flask_appbuilder import expose  # noqa: F401 - imported first, so that its models precede ours
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import configure_mappers
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from app import clock, labels
from app.api import health, providers, readings
from app.cli import commands
from app.console.views import init_console
from app.domain.payments import payment_number
from app.extensions import appbuilder, db, independent_transaction, init_database, init_forms, init_logs
from app.jobs import billing as _billing_jobs  # noqa: F401 - registers its work
from app.jobs import claims as _claim_jobs  # noqa: F401
from app.jobs import documents as _document_jobs  # noqa: F401
from app.jobs import ledger as _ledger_jobs  # noqa: F401
from app.jobs import metering as _metering_jobs  # noqa: F401
from app.jobs import notices as _notice_jobs  # noqa: F401
from app.jobs import payments as _payment_jobs  # noqa: F401
from app.jobs import reference as _reference_jobs  # noqa: F401
from app.portal import calculator
from app.portal import views as portal
from app.services.administration import audit, maintenance
from app.views import (
    accounts,
    acts,
    administration,
    billing,
    claims,
    contracts,
    equipment,
    household_consumers,
    ledger,
    legal_consumers,
    metering,
    monitoring,
    notices,
    payments,
    reference,
    session_guard,
    supply,
    tariffs,
)
from app.views import documents as papers
from app.views.accounts import documents as account_documents
from app.views.administration import approvals
from app.views.billing import corrections, holds, shadow
from app.views.ledger import periods
from app.views.payments import batches, files, held, reconciliation
from app.views.payments import contracts as payment_contracts
from app.views.refusals import place_refusal
from app.views.texts import init_texts

#: The menu: (category, its label, icon, ((view, name, label), …)).
MENU: tuple[tuple[str, Any, str, tuple[tuple[Any, str, Any], ...]], ...] = (
    ("Accounts", _("Accounts"), "fa-address-card", (
        (accounts.AccountView, "Accounts list", _("Accounts")),
        (acts.AccountActView, "Acts", _("Acts")),
        (household_consumers.HouseholdConsumerView, "Household consumers", _("Household consumers")),
        (legal_consumers.LegalConsumerView, "Legal consumers", _("Legal consumers")),
        (contracts.ContractView, "Contracts", _("Contracts")),
        (household_consumers.AccountBenefitView, "Account benefits", _("Benefits of accounts")),
        (accounts.SupplyView, "Supplies", _("Supplies")),
        (supply.SupplyTermView, "Supply terms", _("Terms of accounts")),
        (supply.PrepaidVolumeView, "Prepaid volumes", _("Prepaid volumes")),
        (accounts.ServicePointView, "Service points", _("Service points")),
    )),
    ("Metering", _("Metering"), "fa-tachometer", (
        (metering.ReadingView, "Readings", _("Readings")),
        (metering.ReadingImportView, "Reading files", _("Files of readings")),
        (metering.MeterDataSourceView, "Sources of readings", _("Sources of readings")),
        (equipment.MeterView, "Meters", _("Meters")),
        (equipment.MeterInstallationView, "Meter installations", _("Meter installations")),
        (equipment.MeterModelView, "Meter models", _("Meter models")),
    )),
    ("Billing", _("Billing"), "fa-file-text", (
        (billing.BillRunView, "Bill runs", _("Bill runs")),
        (billing.BillView, "Bills", _("Bills")),
        (billing.BillExceptionView, "Bill exceptions", _("Exceptions")),
        (holds.BillHoldView, "Bill holds", _("Bills on hold")),
        (corrections.BillCorrectionView, "Bill corrections", _("Corrections of bills")),
        (corrections.AdjustmentView, "Adjustments", _("Credit notes")),
        (periods.PeriodsView, "Accounting periods", _("Accounting periods")),
        (papers.TaxInvoiceView, "Tax invoices", _("Tax invoices")),
        (papers.PapersView, "Documents", _("Monthly documents")),
        (shadow.ShadowRunView, "Shadow runs", _("Shadow runs")),
    )),
    ("Claims", _("Penalties and inspections"), "fa-gavel", (
        (claims.BillableChargeView, "Billable charges", _("Billable charges")),
        (claims.PenaltyRunView, "Penalty runs", _("Penalty runs")),
        (claims.PenaltyView, "Penalties of bills", _("Penalties of bills")),
        (claims.PenaltyHoldView, "Days without penalty", _("Days without penalty")),
        (claims.InspectionRecordView, "Inspection records", _("Inspection records")),
        (claims.SubsidyView, "Subsidies", _("Subsidies")),
    )),
    ("Payments", _("Payments"), "fa-money", (
        (payments.CashierView, "Cashier", _("Cashier")),
        (payments.PaymentView, "Payments list", _("Payments")),
        (payments.TenderView, "Tenders", _("Tenders")),
        (batches.PaymentControlView, "Payment controls", _("Collection batches")),
        (held.HeldRowView, "Held rows", _("Rows held")),
        (files.SuspenseView, "Suspense", _("Money in suspense")),
        (files.RegistryProfileView, "Registry layouts", _("Layouts of payment files")),
        (reconciliation.ReconciliationView, "Reconciliations", _("Reconciliation with providers")),
        (reconciliation.ReconciliationRowView, "Reconciliation rows", _("Transactions that differ")),
        (payments.PaymentBlockView, "Payment blocks", _("Accounts that take no payments")),
        (payment_contracts.PaymentContractView, "Payment contracts", _("Contracts with providers")),
    )),
    ("Ledger", _("Ledger"), "fa-book", (
        (ledger.LedgerEntryView, "Entries", _("Entries")),
        (ledger.AccountBalanceView, "Ledger balances", _("Balances by month")),
        (ledger.DebtView, "Debts", _("Debts")),
    )),
    ("Monitoring", _("Monitoring"), "fa-bar-chart", (
        (monitoring.ChartsView, "Charts", _("Charts")),
        (administration.JobView, "Jobs", _("Jobs")),
        (notices.NoticeView, "Notices", _("Messages")),
    )),
    ("Reference information", _("Reference information"), "fa-list", (
        (tariffs.TariffView, "Tariffs", _("Tariffs")),
        (tariffs.TariffVersionView, "Tariff versions", _("Tariff versions")),
        (tariffs.TariffBlockView, "Tariff blocks", _("Tariff blocks")),
        (reference.TariffGroupView, "Tariff groups", _("Tariff groups")),
        (reference.ResourceView, "Resources", _("Resources")),
        (reference.VatRateView, "VAT rates", _("VAT rates")),
        (reference.BankView, "Banks", _("Banks")),
        (reference.BenefitView, "Benefits", _("Benefits")),
        (contracts.ContractTemplateView, "Contract texts", _("Texts of contracts")),
        (reference.MahallaView, "Mahallas", _("Mahallas")),
        (reference.StreetView, "Streets", _("Streets")),
    )),
    ("Administration", _("Administration"), "fa-sitemap", (
        (approvals.ApprovalView, "Approvals", _("Approvals")),
        (administration.DivisionView, "Divisions", _("Divisions")),
        (administration.UserView, "Users", _("Users")),
        (administration.RoleView, "Roles", _("Roles")),
        (administration.GroupView, "Groups of users", _("Groups of users")),
        (administration.DivisionAccessView, "Division access", _("Access to divisions")),
        (administration.UserSessionView, "Sessions", _("Sessions")),
        (administration.TotpDeviceView, "Second factors", _("Second factors")),
        (administration.AccessTodayView, "Access today", _("Who has access today")),
        (administration.StructureView, "Structure", _("Organisational structure")),
        (administration.DepartmentView, "Departments", _("Departments")),
        (administration.PostView, "Posts", _("Posts")),
        (administration.StaffMemberView, "People", _("People")),
        (administration.SubstitutionView, "Substitutions", _("Substitutions")),
        (administration.TranslationView, "Translations", _("Translations")),
        (administration.AuditTrailView, "Audit trail", _("Audit trail")),
        (administration.AuditChainView, "Audit", _("Audit")),
        (administration.NodesView, "Nodes", _("Nodes")),
    )),
)  # fmt: skip

#: Views without a menu entry of their own.
UNLISTED = (
    account_documents.AccountDocumentView,
    accounts.SearchView,
    administration.DivisionFileView,
    administration.FileView,
    administration.LanguageView,
    administration.LoginCodeView,
    administration.LookupView,
    administration.MySessionsView,
    administration.ProfileView,
    contracts.ContractDraftView,
    equipment.RegisterView,
    metering.ConsumptionView,
    metering.ReadingEntryView,
    payments.AllocationView,
    reference.DictionaryView,
)


def create_app(settings: dict[str, Any]) -> Flask:
    """Return the application for the settings of ``config.settings``."""
    app = Flask("app")
    app.url_map.converters["int"] = session_guard.RowNumber
    # The framework warns of every column type it has no search filter for.
    logging.getLogger("flask_appbuilder.models.filters").setLevel(logging.ERROR)
    app.config.update(settings, FAB_PASSWORD_COMPLEXITY_VALIDATOR=administration.validate_password)
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    init_logs()
    configure_mappers()
    init_forms(app)  # before Flask-AppBuilder, or its actions stay unprotected
    session_guard.init_boundary(app)
    init_database(app)
    with app.app_context():
        appbuilder.init_app(app, db.session)
        appbuilder.bm.babel.domain_instance = administration.CorrectedDomain()
        init_texts(app)
        app.before_request(_tell_who_has_no_access)
        _register_views()
        init_console(app)
        _register_blueprints(app)
        portal.limit_logins()
        calculator.limit_questions()
        _limit_logins(app)
    _register_pages(app)
    commands.register(app)
    return app


def _register_views() -> None:
    for view in (*UNLISTED, *acts.PAGES):
        appbuilder.add_view_no_menu(view)
    for category, category_label, icon, entries in MENU:
        for view, name, label in entries:
            appbuilder.add_view(view, name, label=label, category=category, category_label=category_label, category_icon=icon)


def _register_blueprints(app: Flask) -> None:
    for blueprint in (health.blueprint, providers.blueprint, readings.blueprint, portal.blueprint):
        app.register_blueprint(blueprint)


def _limit_logins(app: Flask) -> None:
    """Let whoever tries one user's secret fail only so often, and an address, which an office shares, ten times that.

    The framework's own limit counts successes too, and does not cover its API.
    """
    limiter = appbuilder.sm.limiter
    by_name = (session_guard.tried_user, app.config["LOGIN_LIMIT"])
    by_session = (session_guard.user_of_session, app.config["LOGIN_LIMIT"])
    by_address = (get_remote_address, app.config["ADDRESS_LIMIT"])
    own_password = f"{appbuilder.sm.resetmypasswordview.__name__}.this_form_post"
    limits = {f"{appbuilder.sm.auth_view.endpoint}.login": by_name, "SecurityApi.login": by_name,
              "LoginCodeView.code": by_session, "MySessionsView.device": by_session, own_password: by_session}  # fmt: skip
    for endpoint, first in limits.items():
        if endpoint in app.view_functions:
            view = app.view_functions[endpoint]
            for key, rate in (first, by_address):
                view = limiter.limit(rate, key_func=key, methods=["POST"], deduct_when=_failed)(view)
            app.view_functions[endpoint] = view


def _failed(response: Response) -> bool:
    """Tell a refused secret: a form comes again or leads back to the login, the interface answers 401."""
    return response.status_code != HTTPStatus.FOUND or "/login" in response.location


#: What goes on while maintenance lasts: the way in and out; providers' calls are not the back office's, and sources of readings are told
#: in their own words.
_GO_ON = {"AuthDBView", "DatabaseLoginView", "LoginCodeView", "LanguageView", "UtilView", "providers", "readings", "health"}
_READS = {"GET", "HEAD", "OPTIONS"}


def _refuse_while_maintained() -> tuple[str, int] | None:
    """Take nothing but payments while maintenance lasts."""
    if request.method in _READS or request.blueprint in _GO_ON:
        return None
    told = maintenance.message(db.session())
    if told is None:
        return None
    template = "portal/error.html" if request.path.startswith("/portal/") else "error.html"
    return render_template(template, status=HTTPStatus.SERVICE_UNAVAILABLE, reason=told), HTTPStatus.SERVICE_UNAVAILABLE


#: What a user without access to any division may open: the way in and out, and his own pages.
_NEED_NO_DIVISION = {
    "AuthDBView", "DatabaseLoginView", "LanguageView", "LoginCodeView", "MySessionsView", "ProfileView", "ResetMyPasswordView",
    "UserInfoEditView", "UtilView", "appbuilder",
}  # fmt: skip


def _tell_who_has_no_access() -> tuple[str, int] | None:
    """Show a user who may work nowhere today why he would see only empty lists."""
    theirs = {type(view).__name__ for view in appbuilder.baseviews} - _NEED_NO_DIVISION
    if not g.user.is_authenticated or request.blueprint not in theirs:
        return None
    if db.session.scalar(text("SELECT current_setting('app.divisions', true)")):
        return None
    return render_template("no_access.html"), HTTPStatus.FORBIDDEN


def _register_pages(app: Flask) -> None:
    app.before_request(_refuse_while_maintained)
    app.after_request(_record_readings)
    app.context_processor(lambda: {"appbuilder": appbuilder, "base_template": "base.html"})
    # Globals, because widgets are rendered without the context of pages.
    app.jinja_env.globals.update(
        labels=labels, may=_may, audited_table=_audited_table, maintenance=lambda: maintenance.message(db.session())
    )
    app.jinja_env.filters.update(
        payment_number=payment_number,
        money=labels.money,
        quantity=labels.quantity,
        day=labels.day,
        month=labels.month,
        moment=labels.moment,
        number=labels.number,
        register=labels.register,
        word=labels.word,
        personal=labels.personal.shown,
        # Errors of forms are finished texts, whatever signs of percent they hold.
        in_words=lambda error: gettext(str(error)),
    )
    app.register_error_handler(CSRFError, _error_page)
    app.register_error_handler(DataError, _not_data)
    app.register_error_handler(IntegrityError, _not_here)
    for status in (400, 403, 404, 413, 500):
        app.register_error_handler(status, _error_page)
    app.register_error_handler(429, _too_many)


def _not_data(_error: DataError) -> tuple[str, int]:
    """Answer an address that holds a number or text no column can hold: there is no such page."""
    db.session.rollback()
    return _error_page(NotFound())


def _not_here(error: IntegrityError) -> tuple[str, int]:
    """Say where a row is written that another place keeps; any other broken rule is a fault of ours."""
    reason = place_refusal(error)
    if reason is None:
        raise error
    db.session.rollback()
    template = "portal/error.html" if request.path.startswith("/portal/") else "error.html"
    return render_template(template, status=409, reason=reason), 409


def _may(permission: str, view: str) -> bool:
    """Tell templates whether the user has a permission on a view."""
    return bool(appbuilder.sm.has_access(permission, view))


def _audited_table(view: str) -> str | None:
    """Return the table behind a view whose rows have a history; what has no number of its own has none."""
    found = next((each for each in appbuilder.baseviews if type(each).__name__ == view), None)
    model = getattr(getattr(found, "datamodel", None), "obj", None)
    return str(model.__tablename__) if model is not None and "id" in model.__table__.c else None


def _error_page(error: Exception) -> tuple[str, int]:
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    if status == 500:
        db.session.rollback()
    template = "portal/error.html" if request.path.startswith("/portal/") else "error.html"
    if not hasattr(g, "user"):
        template = "portal/error.html"
    return render_template(template, status=status), status


def _too_many(error: Exception) -> tuple[str, int, dict[str, str]]:
    """Turn away who tried too often, and say in how many seconds he may try again."""
    reached = appbuilder.sm.limiter.current_limit
    seconds = max(1, math.ceil(reached.reset_at - clock.now().timestamp())) if reached else 60
    return *_error_page(error), {"Retry-After": str(seconds)}


def _record_readings(response: Response) -> Response:
    """Write down whose data the answer shows; an answer that cannot be written down is not given."""
    shown = g.get("rows_shown")
    if shown and response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        with independent_transaction() as connection:
            audit.record_reading(connection, request.endpoint or "", {**request.args.to_dict(), **_places()}, shown)
    return response


def _places() -> dict[str, str]:
    return {name: str(value) for name, value in (request.view_args or {}).items()}
