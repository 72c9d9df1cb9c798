"""The audit trail: who looked at an account, who changed a row, what it was before; and whether the chain holds."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from flask import abort, current_app, flash, g, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from psycopg import errors
from sqlalchemy.exc import OperationalError

from app import clock, labels
from app.documents import administration as documents
from app.domain import identifiers
from app.domain.administration import roles
from app.domain.administration.audit import AuditOperation, ChainProblem, present_name
from app.domain.administration.pages import Page
from app.domain.administration.privacy import scrubbed_query
from app.domain.calendar import TASHKENT
from app.extensions import PERSONAL_TABLES, db, record_disclosure
from app.gateways import audit_heads
from app.queries import accounts
from app.queries.administration import audit as queries
from app.queries.billing.bills import account_numbers
from app.views import menu
from app.views.administration.role_grants import page_titles

#: What a search may take, and how many days it looks back when no days are given.
LIMIT_MS, DAYS = 15_000, 31


class AuditTrailView(BaseView):
    """What was changed and looked at; row-level security decides what is there."""

    page = Page(
        lazy_gettext("Audit trail"),
        {"can_entry can_history can_trail": roles.STRUCTURE_READERS},
        menu.ADMINISTRATION.at(160, "Audit trail"),
    )
    route_base = "/audit-trail"
    default_view = "trail"

    @expose("/")
    @has_access
    def trail(self) -> Any:
        """Search the trail by account, row, user and day."""
        search = _search()
        found = [] if search is None else _entries(search)
        return self.render_template(
            "audit_trail.html",
            tables=sorted(((table, str(name)) for table, name in labels.TITLES.items()), key=lambda each: each[1]),
            asked=request.args,
            rows=[_row(entry) for entry in found],
            older=_older(found),
        )

    @expose("/entry/<int:entry_id>")
    @has_access
    def entry(self, entry_id: int) -> Any:
        """Show what an entry changed, old beside new."""
        entry = queries.entry(db.session(), entry_id)
        if entry is None:
            abort(404)
        return self.render_template("audit_entry.html", entry=entry, row=_row(entry), is_reading=entry.operation == AuditOperation.READ)

    @expose("/history/<table>/<int:row_id>")
    @has_access
    def history(self, table: str, row_id: int) -> Any:
        """Show every change of a row, newest first."""
        table = present_name(table)
        if table not in labels.TITLES:
            abort(404)
        found = _entries(queries.Search(rows=((table, row_id),), reads=False))
        title = _("History of changes: %(what)s, row %(row)s", what=labels.TITLES[table], row=row_id)
        return self.render_template("audit_history.html", title=title, rows=[_row(entry) for entry in found], older=_older(found))


class AuditChainView(BaseView):
    """Whether the trail is as it was written."""

    page = Page(lazy_gettext("Audit"), {"can_chain": roles.ACCESS_READERS}, menu.ADMINISTRATION.at(170, "Audit"))
    route_base = "/audit-chain"
    default_view = "chain"

    @expose("/")
    @has_access
    def chain(self) -> Any:
        """Show the head of the chain, the heads kept outside and the last verifications."""
        try:
            kept = audit_heads.heads(Path(current_app.config["AUDIT_HEADS"]))[::-1][:DAYS]
        except (OSError, ValueError):
            kept = []
        checks = [(check, labels.member_of(ChainProblem, check.problem)) for check in queries.checks(db.session())]
        return self.render_template("audit_chain.html", chain=queries.chain(db.session()), kept=kept, checks=checks)


def _search() -> queries.Search | None:
    """Return what the address asks for; None if it asks for an account that is not there."""
    asked = request.args
    rows: tuple[tuple[str, int], ...] | None = None
    if number := identifiers.compact(asked.get("account", "")):
        card = accounts.card_by_number(db.session(), number) if number.isdecimal() else None
        if card is None:
            flash(_("There is no account %(number)s in your divisions. Check the number.", number=number[:20]), "danger")
            return None
        record_disclosure("account", [card.id])
        rows = (("account", card.id), ("consumer", card.consumer_id))
    elif asked.get("row", "").isdecimal() and asked.get("table"):
        rows = ((present_name(asked["table"]), int(asked["row"])),)
    reads = {"reads": True, "changes": False}.get(asked.get("what", ""))
    actor, since, until = asked.get("actor", "").strip() or None, _day("since"), _day("until")
    if since is None and until is None and rows is None and actor is None:
        since = clock.today() - timedelta(days=DAYS)
    table = present_name(asked.get("table", "")) or None
    return queries.Search(rows, table if rows is None else None, actor, _begin(since), _begin(until and until + timedelta(days=1)), reads)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args[name]) if request.args.get(name) else None
    except ValueError:
        abort(400)


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), TASHKENT) if day else None


def _entries(search: queries.Search) -> list[queries.AuditRecord]:
    """Return a page of entries; a search that would take too long is given up."""
    moment, _comma, entry_id = request.args.get("before", "").partition(",")
    try:
        before = (datetime.fromisoformat(moment), int(entry_id)) if moment else None
    except ValueError:
        abort(400)
    session = db.session()
    queries.limit_time(session, LIMIT_MS)
    try:
        return queries.entries(session, search, before=before)
    except OperationalError as error:
        if not isinstance(error.orig, errors.QueryCanceled):
            raise
        session.rollback()
        flash(_("The search takes too long. Give an account, a row, a user or fewer days."), "warning")
        return []
    finally:
        queries.limit_time(session, 0)


def _older(found: list[queries.AuditRecord]) -> str | None:
    """Return the address of the next page, if there may be one."""
    if len(found) < queries.PAGE:
        return None
    last = found[-1]
    asked = {**request.args.to_dict(), **(request.view_args or {}), "before": f"{last.happened_at.isoformat()},{last.id}"}
    return url_for(request.endpoint or "", **asked)


def _row(entry: queries.AuditRecord) -> dict[str, Any]:
    """Return an entry as its templates show it; whose row it keeps is written down."""
    is_reading = entry.operation == AuditOperation.READ
    if not is_reading:
        kept = entry.after or entry.before or {}
        record_disclosure("account", [kept.get("account_id")])
    # A look is named by whose row was looked at, so it is a look too.
    record_disclosure(entry.table_name, [entry.row_id] if entry.table_name in PERSONAL_TABLES else [])
    query = scrubbed_query(labels.personal.record((entry.after or {}).get("query") or {})) if is_reading else {}
    return {
        "entry": entry,
        "title": documents.title(entry.table_name),
        "operation": labels.member_of(AuditOperation, entry.operation),
        "differences": [] if is_reading else documents.differences(entry),
        "named": _named(entry),
        "page": _page(str((entry.after or {}).get("page", ""))) if is_reading else "",
        "query": ", ".join(f"{documents.label(name)}: {value}" for name, value in query.items() if name not in _PLACES),
    }


#: What an address names the row itself by, which the list names already.
_PLACES = frozenset({"pk", "account_id", "consumer_id", "payment_id", "file_id", "entry_id", "row_id", "table"})
#: Pages with a word of their own.
_CARDS = {
    "AccountView.show": lazy_gettext("Account card"),
    "BillView.pdf": lazy_gettext("Bill, printed"),
    "CashierView.receipt_pdf": lazy_gettext("Receipt, printed"),
}


def _page(endpoint: str) -> str:
    """Return the page of an endpoint in the reader's language."""
    if endpoint in _CARDS:
        return str(_CARDS[endpoint])
    view, _dot, method = endpoint.partition(".")
    title = page_titles().get(present_name(view))
    if title is None:
        return endpoint.replace("_", " ")
    return str(title) if method == "list" else labels.permission_on(f"can_{method}", title)


def _named(entry: queries.AuditRecord) -> str:
    """Return what the row of an entry is called: an account by its number, any other by its own."""
    if entry.table_name == "account" and entry.row_id is not None:
        known = g.setdefault("account_numbers", {})
        if entry.row_id not in known:
            known[entry.row_id] = account_numbers(db.session(), [entry.row_id]).get(entry.row_id)
        if known[entry.row_id]:
            return str(known[entry.row_id])
    return "" if entry.row_id is None else f"№ {entry.row_id}"
