"""Flask-Admin for system administrators: the technical tables, read-only but for operating parameters."""

import json
import re
from datetime import date
from typing import Any

from flask import Flask, abort, flash, g, redirect, request, url_for
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import SecureForm
from flask_admin.theme import Theme
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app import clock, labels
from app.domain.administration import PARAMETERS, JobStatus, roles
from app.domain.administration.pages import Page
from app.domain.administration.privacy import PERSONAL
from app.extensions import PERSONAL_TABLES, appbuilder, csp_nonce, db, record_disclosure, record_disclosures, transaction
from app.models.administration import AuditEntry, JobEvent, JobRun, OperatingParameter, StoredFile
from app.models.metering import ReadingImport
from app.models.notices import Notice
from app.models.payments import GatewayCall, Tender, UnkeptCalls
from app.queries import accounts
from app.queries import administration as queries
from app.services import administration as service

#: What roles may do in the console.
CONSOLE = Page(
    lazy_gettext("Console"),
    {"can_use can_read_calls": (roles.AUDITOR, roles.ADMINISTRATOR), "can_set": (roles.ADMINISTRATOR,)},
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

    def __init__(self, model: Any, name: Any, **kwargs: Any) -> None:
        shown = [*(self.column_list or []), *(self.column_details_list or [])]
        self.column_labels = {column: labels.COLUMN_LABELS[column] for column in shown}
        made = {column: _personal for column in shown if column in PERSONAL} | {
            column: _member for column in shown if _is_enum(model, column)
        }
        self.column_formatters = made | (self.column_formatters or {})
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


def _personal(_view: Any, _context: Any, row: Any, column: str) -> str:
    return labels.personal.shown(getattr(row, column), column)


def _is_enum(model: Any, column: str) -> bool:
    found = model.__table__.columns.get(column)
    return found is not None and getattr(found.type, "enum_class", None) is not None


def _member(_view: Any, _context: Any, row: Any, column: str) -> str:
    value = getattr(row, column)
    return "" if value is None else str(labels.member(value))


def _message(_view: Any, _context: Any, row: Any, column: str) -> str:
    return labels.personal.message(getattr(row, column))


def _json(_view: Any, _context: Any, row: Any, column: str) -> str:
    value = getattr(row, column)
    return "" if value is None else json.dumps(labels.personal.record(value), ensure_ascii=False)


def _call(_view: Any, _context: Any, row: Any, column: str) -> str:
    return str(labels.personal.record(getattr(row, column)))


class JobRunConsole(ConsoleView):
    """Jobs with all that is known of them."""

    column_list = ["id", "kind", "status", "done", "total", "attempts", "created_at", "created_by", "finished_at", "error"]


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
    column_formatters = {"text": _message}

    def render(self, template: str, **kwargs: Any) -> Any:
        """Render a page that also says which channels have no gateway."""
        return super().render(template, silent=labels.silent_channels(), **kwargs)


class GatewayCallConsole(ConsoleView):
    """Calls of providers and our answers; they belong to no division, so whoever looks works in the whole company."""

    def is_accessible(self) -> bool:
        """Let in who may read calls; that asks for the whole company."""
        return _is_administrator() and bool(appbuilder.sm.has_access("can_read_calls", "Console"))

    column_list = ["id", "happened_at", "channel", "method", "reference", "address"]
    column_details_list = ["id", "happened_at", "channel", "method", "reference", "address", "request", "reply"]
    column_formatters = {"request": _call, "reply": _call}
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
    column_searchable_list = ["reference"]


class AuditConsole(ConsoleView):
    """Who changed what."""

    column_list = ["id", "happened_at", "actor", "address", "table_name", "row_id", "operation", "reason"]
    column_details_list = [*column_list, "before", "after"]
    column_formatters = {"before": _json, "after": _json}
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
    column_details_list = column_list


class ReadingImportConsole(ConsoleView):
    """Files of readings and their counts."""

    column_list = ["id", "stored_file", "status", "received", "accepted", "rejected", "created_at"]


class OperatingParameterConsole(ConsoleView):
    """Settings of the subsystems, each with its meaning, edited in place; what was in force stays as it was."""

    column_list = ["code", "valid_from", "value", "source"]
    can_view_details = False

    @expose("/")
    def index_view(self) -> Any:
        """Show every parameter with the value in force, even one never set."""
        return self._page()

    @expose("/set", methods=["POST"])
    def set(self) -> Any:
        """Put a value of a parameter from a day on before a second person, or say beside the field why not."""
        if not _may_set():
            abort(403)
        form = {name: request.form.get(name, "").replace("\0", "")[:300] for name in ("form", "code", "value", "source", "valid_from")}
        phrases = {
            service.UnknownParameter: ("value", _("No subsystem has an operating parameter %(code)s.", code=form["code"])),
            service.ParameterInThePast: ("valid_from", _("This day is over. A value can be changed from today on.")),
            service.NoSource: ("source", _("Name the document that says so.")),
            service.SettingWaits: ("value", _("Another value of this parameter waits for a second person already.")),
        }
        try:
            valid_from = date.fromisoformat(form["valid_from"])
            with transaction() as session:
                service.propose_parameter(
                    session, code=form["code"], value=form["value"], source=form["source"], valid_from=valid_from, today=clock.today()
                )
        except service.ParameterOutOfRange as error:
            return self._page(form, "value", _("The value must be a whole number in the range %(range)s.", range=str(error)))
        except ValueError:
            return self._page(form, "valid_from", _("This is no day."))
        except tuple(phrases) as error:
            return self._page(form, *phrases[type(error)])
        words = _("A second person decides about %(code)s: %(value)s from %(day)s on.", day=labels.day(valid_from), **_plain(form))
        flash(words, "success")
        return redirect(url_for(".index_view"))

    def _page(self, form: dict[str, str] | None = None, column: str = "", problem: str = "") -> Any:
        today, subsystems = clock.today(), {}
        for code, rows in sorted(queries.parameter_history(db.session()).items()):
            if code in PARAMETERS:
                begun = [row for row in rows if row.valid_from <= today]
                coming = [row for row in rows if row.valid_from > today][::-1]
                each = (code, PARAMETERS[code], labels.parameter_text(code), begun, coming)
                subsystems.setdefault(labels.subsystem(code), []).append(each)
        context = {"subsystems": subsystems, "today": today, "may_set": _may_set()}
        return self.render("console/parameters.html", typed=form or {}, column=column, problem=problem, **context)


def _may_set() -> bool:
    return bool(appbuilder.sm.has_access("can_set", "Console"))


def _plain(form: dict[str, str]) -> dict[str, str]:
    return {name: form[name] for name in ("code", "value")}


def init_console(app: Flask) -> None:
    """Register the console at /console/."""
    console = Admin(
        name="PC Billing",
        theme=Theme(folder="own", base_template="console/base.html"),  # nothing of the stock themes is shown
        index_view=ConsoleHome(name=lazy_gettext("Console"), url="/console"),
        translations_path=app.config["BABEL_TRANSLATION_DIRECTORIES"],
        csp_nonce_generator=csp_nonce,
    )
    console.add_view(OperatingParameterConsole(OperatingParameter, lazy_gettext("Operating parameters")))
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
