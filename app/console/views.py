"""Flask-Admin for system administrators: the technical tables, read-only."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask, abort, g, redirect, url_for
from flask_admin import Admin, AdminIndexView, expose
from flask_admin import babel as admin_babel
from flask_admin import translations as admin_translations
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import SecureForm
from flask_admin.theme import Theme
from flask_babel import get_domain, lazy_gettext

from app import labels
from app.console import formatters
from app.domain.administration import JobStatus, roles
from app.domain.administration.audit import AuditOperation
from app.domain.administration.pages import Page
from app.extensions import PERSONAL_TABLES, appbuilder, csp_nonce, db, record_disclosure, record_disclosures
from app.models.administration import AuditEntry, JobEvent, JobRun, StoredFile
from app.models.metering import ReadingImport
from app.models.notices import Notice
from app.models.payments import Tender
from app.models.payments.calls import GatewayCall, UnkeptCalls
from app.queries import accounts
from app.queries import administration as queries

#: What roles may do in the console.
CONSOLE = Page(
    lazy_gettext("Console"),
    {"can_use can_read_calls": (roles.AUDITOR, roles.ADMINISTRATOR)},
    company_wide="can_use",
)


def _is_administrator() -> bool:
    return bool(g.user.is_authenticated and appbuilder.sm.has_access("can_use", "Console"))


class ConsoleHome(AdminIndexView):
    """The console's first page: how the machinery is."""

    def is_accessible(self) -> bool:
        """Let administrators in."""
        return _is_administrator()

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        """Send the others to the login, or away."""
        return _turn_away()

    @expose("/")
    def index(self) -> Any:
        """Show the states of jobs."""
        counts = queries.job_counts(db.session())
        return self.render("console/index.html", counts={labels.member_of(JobStatus, name): count for name, count in counts.items()})


class ConsoleView(ModelView):
    """A technical table, to look at."""

    form_base_class = SecureForm
    list_template = "console/list.html"
    can_create = can_edit = can_delete = False
    can_view_details = True
    can_export = False
    page_size = 50
    can_set_page_size = False
    column_default_sort = ("id", True)
    column_display_pk = True
    #: how columns are written, where that does not follow from the table
    written: Mapping[str, Any] = {}

    def __init__(self, model: Any, name: Any, **kwargs: Any) -> None:
        self.column_details_list = self.column_details_list or self.column_list
        self.column_labels = {column: labels.COLUMN_LABELS[column] for column in (*self.column_list, *self.column_details_list)}
        self.column_formatters = formatters.of_columns(model) | formatters.of_values(self.written) | (self.column_formatters or {})
        super().__init__(model, db, name=name, endpoint=f"console_{model.__tablename__}", url=model.__tablename__, **kwargs)

    def is_accessible(self) -> bool:
        """Let administrators in."""
        return _is_administrator()

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        """Send the others to the login, or away."""
        return _turn_away()

    def get_list(self, *args: Any, **kwargs: Any) -> Any:
        """Return the number of rows and a page of them; whose they are is written down."""
        count, rows = super().get_list(*args, **kwargs)
        record_disclosures(rows)
        return count, rows

    def get_one(self, id: Any) -> Any:  # noqa: A002 - the framework's own name
        """Return a row; whose it is is written down."""
        row = super().get_one(id)
        record_disclosures([row] if row is not None else [])
        return row


class JobRunConsole(ConsoleView):
    """Jobs with all that is known of them."""

    column_list = ["id", "kind", "status", "done", "total", "attempts", "created_at", "created_by", "finished_at", "error"]
    column_details_list = [*column_list, "division", "subject_id", "started_at", "seen_at", "cancel_requested", "parameters", "checkpoint"]


class JobEventConsole(ConsoleView):
    """Logs of jobs."""

    column_list = ["id", "happened_at", "message"]
    column_formatters = {"message": lambda _view, _context, row, _name: labels.job_message(row.message, row.parameters)}


class NoticeConsole(ConsoleView):
    """The outbox: what was or will be sent, without the codes in it."""

    list_template = "console/notices.html"
    column_list = [
        "id", "kind", "channel", "account", "user", "phone", "text", "status", "problem", "attempts", "provider_reference", "expires_at",
        "created_at", "sent_at",
    ]  # fmt: skip
    column_details_list = [*column_list, "email", "subject", "provider", "detail", "due_at", "decided_by", "decided_at"]
    column_sortable_list = ["id", "status", "created_at", "sent_at"]
    written = {"text": labels.personal.message}

    def render(self, template: str, **kwargs: Any) -> Any:
        """Render a page that also says which channels have no gateway."""
        return super().render(template, silent=labels.silent_channels(db.session()), **kwargs)


class GatewayCallConsole(ConsoleView):
    """Calls of providers and our answers; they belong to no division, so whoever looks works in the whole company."""

    def is_accessible(self) -> bool:
        """Let in who may read calls; that asks for the whole company."""
        return _is_administrator() and bool(appbuilder.sm.has_access("can_read_calls", "Console"))

    column_list = ["id", "happened_at", "channel", "method", "reference", "address"]
    column_details_list = ["id", "happened_at", "channel", "method", "reference", "address", "request", "reply"]
    written = dict.fromkeys(("request", "reply"), formatters.record) | dict.fromkeys(("method", "reference"), formatters.plain)
    column_searchable_list = ["reference"]

    def get_one(self, id: Any) -> Any:  # noqa: A002 - the framework's own name
        """Return a call; whose account it is about is written down."""
        call = super().get_one(id)
        numbers = re.findall(r"(?<![0-9])[0-9]{12,13}(?![0-9])", f"{call.request} {call.reply}") if call is not None else []
        record_disclosure(
            "account", [card.id for card in (accounts.card_by_number(db.session(), number) for number in set(numbers)) if card]
        )
        return call


class UnkeptCallConsole(ConsoleView):
    """How many calls a day showed no key, or wrong keys without end; they are counted and not kept."""

    column_list = ["day", "channel", "reason", "count"]
    column_default_sort = ("day", True)


class TenderConsole(ConsoleView):
    """Idempotency keys of providers: what they sent and where it stands."""

    column_list = ["id", "payment_contract", "reference", "account", "amount_tiyin", "status", "created_at"]
    column_details_list = [
        *column_list, "account_number", "payer", "purpose", "received_on", "problem", "provider_ms", "created_ms", "performed_ms",
        "cancelled_ms", "cancel_reason",
    ]  # fmt: skip
    column_searchable_list = ["reference"]


class AuditConsole(ConsoleView):
    """Who changed what."""

    column_list = ["id", "happened_at", "actor", "address", "table_name", "row_id", "operation", "reason"]
    column_details_list = [*column_list, "before", "after"]
    written = {
        "operation": lambda value: labels.member_of(AuditOperation, value),
        "table_name": formatters.table,
        "before": formatters.record,
        "after": formatters.record,
    }
    column_filters = ["table_name", "actor"]

    def get_one(self, id: Any) -> Any:  # noqa: A002 - the framework's own name
        """Return an entry; the person whose row it keeps is shown with it."""
        entry = super().get_one(id)
        if entry is not None and entry.table_name in PERSONAL_TABLES:
            record_disclosure(entry.table_name, [entry.row_id])
        return entry


class StoredFileConsole(ConsoleView):
    """Files that came in or were made here."""

    column_list = ["id", "name", "sha256", "created_at", "created_by"]


class ReadingImportConsole(ConsoleView):
    """Files of readings and their counts."""

    column_list = ["id", "stored_file", "status", "received", "accepted", "rejected", "created_at"]
    column_details_list = [*column_list, "created_by", "meter_data_source", "problem", "idempotency_key", "reply"]


def _speak_ours(folder: str) -> None:
    """Let the console speak from its own catalogs and from ours, corrected texts included.

    The library looks for ours beside a view alone, and keeps what it found before there was one.
    """
    domain, shipped = admin_babel.domain, admin_translations.__path__[0]
    kind = type(domain)
    kind.translation_directories = property(lambda _domain: [shipped, folder])  # type: ignore[assignment]
    domain.get_translations = lambda: get_domain().with_corrected(kind.get_translations(domain))  # type: ignore[method-assign]


def init_console(app: Flask) -> None:
    """Register the console at /console/."""
    _speak_ours(app.config["BABEL_TRANSLATION_DIRECTORIES"].rsplit(";", 1)[-1])
    console = Admin(
        name="PC Billing",
        theme=Theme(folder="own", base_template="console/base.html"),  # nothing of the stock themes is shown
        index_view=ConsoleHome(name=lazy_gettext("Console"), url="/console"),
        csp_nonce_generator=csp_nonce,
    )
    console.add_view(JobRunConsole(JobRun, lazy_gettext("Jobs")))
    console.add_view(JobEventConsole(JobEvent, lazy_gettext("Job logs")))
    console.add_view(NoticeConsole(Notice, lazy_gettext("Outbox")))
    console.add_view(GatewayCallConsole(GatewayCall, lazy_gettext("Gateway calls")))
    console.add_view(UnkeptCallConsole(UnkeptCalls, lazy_gettext("Calls not kept")))
    console.add_view(TenderConsole(Tender, lazy_gettext("Idempotency keys")))
    console.add_view(AuditConsole(AuditEntry, lazy_gettext("Audit trail")))
    console.add_view(ReadingImportConsole(ReadingImport, lazy_gettext("Files of readings")))
    console.add_view(StoredFileConsole(StoredFile, lazy_gettext("Files")))
    console.init_app(app)


def _turn_away() -> Any:
    if g.user.is_authenticated:
        abort(403)
    return redirect(url_for(f"{appbuilder.sm.auth_view.endpoint}.login", next="/console/"))
