"""Builds the application: database, back office with its menu, console, portal, interfaces for machines, commands."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, render_template, request, session
from flask_appbuilder import expose  # noqa: F401 - imported first, so that its models precede ours
from flask_babel import lazy_gettext as _
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import configure_mappers
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from app import clock, labels
from app.api import health, payme
from app.cli import commands
from app.console.views import init_console
from app.extensions import Scope, appbuilder, db, init_database, init_forms, scope
from app.jobs import billing as _billing_jobs  # noqa: F401 - registers its work
from app.jobs import divisions as _division_jobs  # noqa: F401
from app.jobs import metering as _metering_jobs  # noqa: F401
from app.jobs import notices as _notice_jobs  # noqa: F401
from app.portal import views as portal
from app.views import (
    accounts,
    administration,
    billing,
    equipment,
    household_consumers,
    ledger,
    legal_consumers,
    metering,
    monitoring,
    notices,
    payments,
    reference,
    tariffs,
)
from app.views.base import place_refusal

#: The menu: (category, its label, icon, ((view, name, label), …)).
MENU: tuple[tuple[str, Any, str, tuple[tuple[Any, str, Any], ...]], ...] = (
    ("Accounts", _("Accounts"), "fa-address-card", (
        (accounts.AccountView, "Accounts list", _("Accounts")),
        (household_consumers.HouseholdConsumerView, "Household consumers", _("Household consumers")),
        (legal_consumers.LegalConsumerView, "Legal consumers", _("Legal consumers")),
        (legal_consumers.ContractView, "Contracts", _("Contracts")),
        (household_consumers.AccountBenefitView, "Account benefits", _("Benefits of accounts")),
        (accounts.SupplyView, "Supplies", _("Supplies")),
        (accounts.ServicePointView, "Service points", _("Service points")),
    )),
    ("Metering", _("Metering"), "fa-tachometer", (
        (metering.ReadingView, "Readings", _("Readings")),
        (metering.ReadingImportView, "Reading files", _("Files of readings")),
        (equipment.MeterView, "Meters", _("Meters")),
        (equipment.MeterInstallationView, "Meter installations", _("Meter installations")),
        (equipment.MeterModelView, "Meter models", _("Meter models")),
    )),
    ("Billing", _("Billing"), "fa-file-text", (
        (billing.BillRunView, "Bill runs", _("Bill runs")),
        (billing.BillView, "Bills", _("Bills")),
        (billing.BillExceptionView, "Bill exceptions", _("Exceptions")),
    )),
    ("Payments", _("Payments"), "fa-money", (
        (payments.CashierView, "Cashier", _("Cashier")),
        (payments.PaymentView, "Payments list", _("Payments")),
        (payments.TenderView, "Tenders", _("Tenders")),
        (payments.PaymentContractView, "Payment contracts", _("Contracts with providers")),
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
        (reference.MahallaView, "Mahallas", _("Mahallas")),
        (reference.StreetView, "Streets", _("Streets")),
    )),
    ("Administration", _("Administration"), "fa-sitemap", (
        (administration.DivisionView, "Divisions", _("Divisions")),
        (administration.DivisionAccessView, "Division access", _("Access to divisions")),
        (administration.NodesView, "Nodes", _("Nodes")),
    )),
)  # fmt: skip

#: Views without a menu entry of their own.
UNLISTED = (
    accounts.NewAccountView,
    accounts.SearchView,
    administration.DivisionFileView,
    administration.FileView,
    administration.LanguageView,
    administration.LookupView,
    equipment.RegisterView,
    metering.ConsumptionView,
    metering.ReadingEntryView,
    payments.AllocationView,
)


def create_app(settings: dict[str, Any]) -> Flask:
    """Return the application for the settings of ``config.settings``."""
    app = Flask("app")
    # The framework warns of every column type it has no search filter for.
    logging.getLogger("flask_appbuilder.models.filters").setLevel(logging.ERROR)
    app.config.update(settings)
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    configure_mappers()
    init_forms(app)  # before Flask-AppBuilder, or its actions stay unprotected
    app.before_request(_enter_request)
    init_database(app)
    with app.app_context():
        appbuilder.init_app(app, db.session)
        _register_views()
        init_console(app)
        _register_blueprints(app)
        portal.limit_logins()
        _limit_logins(app)
    _register_pages(app)
    commands.register(app)
    return app


def _register_views() -> None:
    for view in UNLISTED:
        appbuilder.add_view_no_menu(view)
    for category, category_label, icon, entries in MENU:
        for view, name, label in entries:
            appbuilder.add_view(view, name, label=label, category=category, category_label=category_label, category_icon=icon)


def _register_blueprints(app: Flask) -> None:
    for blueprint in (health.blueprint, payme.blueprint, portal.blueprint):
        app.register_blueprint(blueprint)


def _limit_logins(app: Flask) -> None:
    """Let whoever tries one user's password fail only so often, and an address, which an office shares, ten times that.

    The framework's own limit counts successes too, and does not cover its API.
    """
    limiter = appbuilder.sm.limiter
    for endpoint in (f"{appbuilder.sm.auth_view.endpoint}.login", "SecurityApi.login"):
        if endpoint in app.view_functions:
            view = app.view_functions[endpoint]
            for key, rate in ((_tried_user, app.config["LOGIN_LIMIT"]), (get_remote_address, app.config["ADDRESS_LIMIT"])):
                view = limiter.limit(rate, key_func=key, methods=["POST"], deduct_when=_failed)(view)
            app.view_functions[endpoint] = view


def _tried_user() -> str:
    typed = request.get_json(silent=True) or request.form
    return f"user:{str(typed.get('username', ''))[:64].lower()}"


def _failed(response: Response) -> bool:
    """Tell a refused login: the form leads back to itself, the API answers 401."""
    return response.status_code != HTTPStatus.FOUND or "/login" in response.location


def _enter_request() -> None:
    """Work as the user of the session, in his divisions; without one, in none."""
    if session.get("locale") not in (None, *(appbuilder.bm.languages if appbuilder.bm else ())):
        session.pop("locale")
    user_id = session.get("_user_id")
    name = session.get("user_name") or (f"user:{user_id}" if user_id else "anonymous")
    scope.set(Scope(actor=name, today=clock.today(), address=request.remote_addr or "", user_id=int(user_id) if user_id else None))


def _register_pages(app: Flask) -> None:
    app.after_request(_protect)
    app.context_processor(lambda: {"labels": labels, "appbuilder": appbuilder, "base_template": "base.html", "may": _may})
    app.jinja_env.filters.update(
        money=labels.money,
        quantity=labels.quantity,
        day=labels.day,
        month=labels.month,
        moment=labels.moment,
        number=labels.number,
        word=labels.word,
    )
    app.register_error_handler(CSRFError, _error_page)
    app.register_error_handler(DataError, _not_data)
    app.register_error_handler(IntegrityError, _not_here)
    for status in (400, 403, 404, 413, 429, 500):
        app.register_error_handler(status, _error_page)


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


def _error_page(error: Exception) -> tuple[str, int]:
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    if status == 500:
        db.session.rollback()
    template = "portal/error.html" if request.path.startswith("/portal/") else "error.html"
    if not hasattr(g, "user"):
        template = "portal/error.html"
    return render_template(template, status=status), status


def _protect(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
