"""Builds the application: database, back office with its menu, console, portal, interfaces for machines, commands."""

import logging
import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from flask_appbuilder import expose  # noqa: F401 - imported first, so that its models precede ours
from flask_babel import gettext, lazy_gettext
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Conflict, HTTPException, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

from app import clock, labels
from app.api import applications as applications_api
from app.api import consumer, health, messages, providers, readings
from app.assets import init_assets
from app.cli import commands
from app.console.views import CONSOLE, init_console
from app.domain.payments import payment_number
from app.extensions import appbuilder, db, independent_transaction, init_database, init_forms, init_logs, works_somewhere
from app.jobs.kinds import JOBS
from app.portal import pages as portal
from app.services.administration import audit, maintenance
from app.services.administration.approvals import permission_of
from app.views import (
    accounts,
    acts,
    administration,
    alerts,
    applications,
    billing,
    claims,
    contracts,
    documents,
    equipment,
    field_work,
    household_consumers,
    indicators,
    inquiries,
    ledger,
    legal_consumers,
    menu,
    metering,
    monitoring,
    notices,
    outages,
    payments,
    reference,
    reports,
    session_guard,
    supply,
    tariffs,
    tasks,
)
from app.views import portal as portal_views
from app.views.base import init_labels
from app.views.languages import init_languages
from app.views.lists.files import write_asked
from app.views.refusals import place_refusal
from app.views.shell import init_shell
from app.views.texts import init_texts

#: What the back office shows: each area names its pages.
VIEWS = tuple(
    view
    for area in (
        accounts, acts, administration, alerts, applications, billing, claims, contracts, documents, equipment, field_work,
        household_consumers, indicators, inquiries, ledger, legal_consumers, metering, monitoring, notices, outages, payments,
        portal_views, reference, reports, supply, tariffs, tasks,
    )
    for view in area.VIEWS
)  # fmt: skip


class LateRule(Rule):
    """A rule whose addresses are first prepared when one is asked for: for all of a thousand rules it is half of the start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        prepared: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not prepared:
                prepared.append(super(LateRule, self)._compile_builder(append_unknown))
            return prepared[0](rule, **values)

        return build


def create_app(settings: dict[str, Any]) -> Flask:
    """Return the application for the settings of ``config.settings``."""
    app = Flask("app")
    app.url_rule_class = LateRule
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
        init_languages(app)
        app.before_request(_tell_who_has_no_access)
        init_labels()
        _register_views()
        app.extensions["jobs"], app.extensions["list_files"] = JOBS, write_asked
        labels.add_members({kind: job.label for kind, job in JOBS.items()})
        labels.add_members({kind: lazy_gettext(spec.label) for kind, spec in administration.APPROVALS.items()})
        labels.add_permissions({permission_of(kind): lazy_gettext(spec.permits) for kind, spec in administration.APPROVALS.items()})
        init_console(app)
        _register_blueprints(app)
        portal.limit()
        consumer.limit_calls()
        _limit_logins(app)
    app.extensions["of_divisions"] = {type(view).__name__ for view in appbuilder.baseviews} - _NEED_NO_DIVISION
    _register_pages(app)
    commands.register(app)
    return app


def _register_views() -> None:
    """Register every page, those of the menu in its order, and remember what they say about themselves."""
    listed = sorted((view for view in VIEWS if view.page.menu), key=_place)
    unlisted = [view for view in VIEWS if not view.page.menu]
    for view in unlisted:
        appbuilder.add_view_no_menu(view)
    for view in listed:
        category, _order, name = view.page.menu
        appbuilder.add_view(
            view, name, label=view.page.title, category=category.name, category_label=category.label, category_icon=category.icon
        )
    declared = {view.__name__: view.page for view in (*listed, *unlisted)}
    current_app.extensions["pages"] = declared | {"Console": CONSOLE, "PersonalData": administration.PERSONAL_DATA}


def _place(view: Any) -> tuple[int, int]:
    return menu.CATEGORIES.index(view.page.menu.category), view.page.menu.order


def _register_blueprints(app: Flask) -> None:
    machines = (health.blueprint, messages.blueprint, providers.blueprint, readings.blueprint, applications_api.blueprint)
    for blueprint in (*machines, portal.blueprint, consumer.blueprint):
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
_GO_ON = {
    "AuthDBView", "DatabaseLoginView", "LoginCodeView", "LanguageView", "UtilView",
    "applications", "consumer", "health", "providers", "readings",
}  # fmt: skip
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
    if request.blueprint not in current_app.extensions["of_divisions"] or not g.user.is_authenticated or works_somewhere():
        return None
    return render_template("no_access.html"), HTTPStatus.FORBIDDEN


def _register_pages(app: Flask) -> None:
    app.before_request(_refuse_while_maintained)
    init_shell(app)
    init_assets(app)
    app.after_request(_record_readings)
    app.context_processor(lambda: {"appbuilder": appbuilder, "base_template": "base.html"})
    # Globals, because widgets are rendered without the context of pages.
    app.jinja_env.globals.update(
        labels=labels, may=_may, audited_table=_audited_table, maintenance=lambda: maintenance.message(db.session())
    )
    app.jinja_env.filters.update(
        payment_number=payment_number,
        actor=labels.actor,
        money=labels.money,
        quantity=labels.quantity,
        day=labels.day,
        month=labels.month,
        moment=labels.moment,
        number=labels.number,
        register=labels.register,
        word=labels.word,
        badge=labels.badge,
        personal=labels.personal.shown,
        # Errors of forms are finished texts, whatever signs of percent they hold.
        in_words=lambda error: gettext(str(error)),
    )
    app.register_error_handler(CSRFError, _error_page)
    app.register_error_handler(DataError, _not_data)
    app.register_error_handler(IntegrityError, _not_here)
    app.register_error_handler(StaleDataError, _changed_meanwhile)
    app.register_error_handler(OperationalError, _changed_meanwhile)
    for status in (400, 403, 404, 413, 500):
        app.register_error_handler(status, _error_page)
    app.register_error_handler(405, lambda error: _error_page(error) if request.path.startswith(consumer.PREFIX) else error)
    app.register_error_handler(429, _too_many)


def _not_data(_error: DataError) -> tuple[Any, int]:
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


def _changed_meanwhile(error: StaleDataError | OperationalError) -> tuple[Any, int]:
    """Say that a row went while it was edited, or that two changes waited for one another; nothing of this one is kept."""
    if isinstance(error, OperationalError) and not isinstance(error.orig, DeadlockDetected | SerializationFailure):
        raise error
    db.session.rollback()
    return _error_page(Conflict())


def _may(permission: str, view: str) -> bool:
    """Tell templates whether the user has a permission on a view."""
    return bool(appbuilder.sm.has_access(permission, view))


def _audited_table(view: str) -> str | None:
    """Return the table behind a view whose rows have a history; what has no number of its own has none."""
    found = next((each for each in appbuilder.baseviews if type(each).__name__ == view), None)
    model = getattr(getattr(found, "datamodel", None), "obj", None)
    return str(model.__tablename__) if model is not None and "id" in model.__table__.c else None


def _error_page(error: Exception) -> tuple[Any, int]:
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    if status == 500:
        db.session.rollback()
    if request.path.startswith(consumer.PREFIX):
        return consumer.error(status)
    template = "portal/error.html" if request.path.startswith("/portal/") else "error.html"
    if not hasattr(g, "user"):
        template = "portal/error.html"
    return render_template(template, status=status), status


def _too_many(error: Exception) -> tuple[Any, int, dict[str, str]]:
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
