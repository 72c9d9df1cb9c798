"""The consumers' portal: account number and a code by SMS, then balance, bills, payments, consumption."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

from app import clock, labels
from app.documents import downloads, monitoring
from app.documents.billing import bills as documents
from app.domain import identifiers
from app.domain.billing.explanation import explain
from app.domain.calendar import months_after
from app.domain.documents import PrintedKind
from app.domain.payments.channels import Channel
from app.extensions import Scope, appbuilder, db, is_local_path, set_scope, transaction
from app.portal import codes
from app.queries import accounts, billing, payments
from app.queries import notices as openings
from app.queries.accounts import details
from app.services import documents as papers
from app.services import portal as service

blueprint = Blueprint("portal", __name__, url_prefix="/portal")

MONTHS = 24
IDLE_S = 30 * 60


class NumberForm(FlaskForm):
    """Which account."""

    account = StringField(labels.COLUMN_LABELS["account_number"], [DataRequired()])


class PortalCodeForm(FlaskForm):
    """The code that came by SMS."""

    code = StringField(validators=[DataRequired()])


@blueprint.before_request
def enter_scope() -> None:
    """Work in no division until the consumer has shown who he is; then in his account's only."""
    account_id = _account_id()
    scope = Scope(actor="portal", today=clock.today(), address=request.remote_addr or "")
    set_scope(scope._replace(division_id=session.get("portal_division_id")) if account_id else scope)
    if account_id and not openings.is_open(db.session(), session.get("portal_code_id", 0), account_id):
        session.pop("portal_account_id")
        set_scope(scope)


@blueprint.after_request
def forbid_storing(response: Response) -> Response:
    """Keep personal pages out of caches: after the exit, Back shows nothing."""
    response.headers["Cache-Control"] = "no-store"
    return codes.remember_device(response)


def consumers_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only consumers in who showed who they are."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.account_id = _account_id()
        if g.account_id is None:
            return redirect(url_for("portal.login"))
        return view(*args, **kwargs)

    return guarded


@blueprint.route("/", methods=["GET", "POST"])
def login() -> Any:
    """Ask for the account number and send a code; whether the account exists is not told."""
    if _account_id():
        return redirect(url_for("portal.home"))
    form = NumberForm(account=request.args.get("account", "")[:20])
    if form.validate_on_submit():
        try:
            number = codes.account_number(form.account.data)
        except identifiers.InvalidIdentifier:
            form.account.errors = [_("An account number has 12 or 13 digits.")]
        else:
            session["portal_number"] = number
            codes.ask(number)
            return redirect(url_for("portal.code"))
    return render_template("portal/login.html", form=form, is_silent=codes.is_silent())


@blueprint.route("/code", methods=["GET", "POST"])
def code() -> Any:
    """Ask for the code; a right one opens the account in a fresh session."""
    number = session.get("portal_number")
    if not number:
        return redirect(url_for("portal.login"))
    form = PortalCodeForm()
    if form.validate_on_submit():
        if _open(number, "".join(form.code.data.split())):
            return redirect(url_for("portal.home"))
        form.code.errors = [_("The code is wrong or too old. Check it, or ask for a new one.")]
    return render_template(
        "portal/code.html",
        form=form,
        number=number,
        budgets=codes.budgets(),
        is_silent=codes.is_silent(),
        is_trial=not current_app.config["PRODUCTION"],
    )


@blueprint.get("/home")
@consumers_only
def home() -> Any:
    """Show the balance first, then how to pay, bills, payments and consumption."""
    database = db.session()
    card = accounts.card(database, g.account_id)
    if card is None:
        return _forget()
    today = clock.today()
    since = months_after(today, 1 - MONTHS)
    rows = monitoring.consumption_rows(billing.consumption_by_month(database, card.id, since=months_after(since, -12)), since)
    return render_template(
        "portal/home.html",
        card=card,
        due=details.due(database, card.id, today),
        ways=documents.paying_ways(database, card.number, card.debt_tiyin) if card.debt_tiyin else [],
        bills=[(bill, bill.state(today)) for bill in billing.account_bills(database, card.id, limit=12)],
        payments=payments.account_payments(database, card.id, limit=12),
        Channel=Channel,
        chart=monitoring.consumption(rows, unit=card.unit),
        chart_rows=rows,
    )


@blueprint.get("/bills/<uuid:public_id>")
@consumers_only
def bill(public_id: Any) -> Any:
    """Show how a bill was counted."""
    head = _bill(str(public_id))
    database = db.session()
    lines, consumption = billing.bill_lines(database, head.id), billing.bill_consumption(database, head.id)
    explanation = explain(lines, consumption)
    standing = billing.account_bill(database, head.id)
    assert standing is not None
    return render_template(
        "portal/bill.html", bill=head, lines=lines, consumption=billing.bill_readings(database, head.id), explanation=explanation,
        remaining_tiyin=standing.remaining_tiyin, state=standing.state(clock.today()),
    )  # fmt: skip


@blueprint.get("/bills/<uuid:public_id>.pdf")
@consumers_only
def bill_pdf(public_id: Any) -> Any:
    """Send a bill as PDF."""
    head = _bill(str(public_id))
    with transaction() as database:
        copy_of = papers.record_print(database, PrintedKind.BILL, head.id)
        content = documents.bill_pdf(database, head, copy_of=copy_of)
    return downloads.inline(content, documents.file_name(head), "application/pdf")


@blueprint.get("/language/<code_>")
def language(code_: str) -> Any:
    """Switch the language and stay where one is."""
    if code_ not in current_app.config["LANGUAGES"]:
        abort(404)
    session["locale"] = code_
    refresh()
    back = request.args.get("next", "")
    return redirect(back if is_local_path(back) and back.startswith("/portal/") else url_for("portal.login"))


@blueprint.post("/logout")
def logout() -> Any:
    """End the session, also where its cookie was copied to."""
    if "portal_code_id" in session:
        with transaction() as database:
            service.close_code(database, session["portal_code_id"], now=clock.now())
    return _forget()


def limit_logins() -> None:
    """Let an account be tried only so often from one address; many consumers share an address, so its own limit is wide.

    What all addresses together may ask for an account is counted in the database, with the codes.
    """
    limiter = appbuilder.sm.limiter
    limits = (("portal.login", _typed_number, "10 per 5 minutes"), ("portal.login", get_remote_address, "300 per 5 minutes"),
              ("portal.code", _typed_number, "10 per 5 minutes"), ("portal.code", get_remote_address, "300 per 5 minutes"))  # fmt: skip
    for endpoint, key, rate in limits:
        view = current_app.view_functions[endpoint]
        current_app.view_functions[endpoint] = limiter.limit(rate, key_func=key, methods=["POST"])(view)


def _typed_number() -> str:
    typed = request.form.get("account", session.get("portal_number", ""))[:60]
    try:
        typed = codes.account_number(typed)
    except identifiers.InvalidIdentifier:
        typed = "none"
    return f"account:{typed}:{get_remote_address()}"


def _account_id() -> int | None:
    seen = session.get("portal_seen", 0)
    now = int(clock.now().timestamp())
    if "portal_account_id" not in session or now - seen > IDLE_S:
        return None
    if now - seen > 60:
        session["portal_seen"] = now
    return int(session["portal_account_id"])


def _open(number: str, typed: str) -> bool:
    set_scope(Scope(actor="portal", today=clock.today(), address=request.remote_addr or "", everywhere=True))
    opened = codes.open_with(number, typed)
    card = accounts.card(db.session(), opened.account_id) if opened else None
    if opened is None or card is None:
        return False
    chosen = session.get("locale")
    session.clear()
    session["locale"] = chosen or card.language
    session["portal_account_id"], session["portal_division_id"] = card.id, card.division_id
    session["portal_seen"], session["portal_code_id"] = int(clock.now().timestamp()), opened.code_id
    return True


def _bill(public_id: str) -> billing.BillHead:
    database = db.session()
    bill_id = billing.bill_id_of(database, public_id, g.account_id)
    head = billing.bill_head(database, bill_id) if bill_id else None
    if head is None:
        abort(404)
    return head


def _forget() -> Any:
    chosen = session.get("locale")
    session.clear()
    if chosen:
        session["locale"] = chosen
    return redirect(url_for("portal.login"))
