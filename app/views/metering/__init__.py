"""Readings: entered by hand, loaded from files, looked at."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.documents import downloads, tables
from app.documents.metering import report_rows
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.metering import Doubt, ImportContent, ImportStatus, ReadingSource, RegisterCode
from app.domain.readers import FileProblem
from app.extensions import db, record_disclosure, transaction
from app.gateways.device_data import DEVICE_READINGS
from app.gateways.device_data.profiles import PROFILES
from app.gateways.meter_data import READINGS
from app.models.metering import MeterDataSource, Reading, ReadingImport
from app.queries import accounts, administration
from app.queries import metering as queries
from app.services import metering as service
from app.views import fields, menu
from app.views.administration import start_and_show
from app.views.base import FactView
from app.views.fields import day_field
from app.views.metering.devices import HeadEndEventView, ParkedDeviceView, ReadingRuleView
from app.views.metering.doubtful import DoubtfulReadingView
from app.views.metering.profiles import IntervalDayView
from app.views.proposed import TYPED_ANEW, ProposedView, are_networks, typed_key
from app.views.refusals import FormRefused
from app.views.uploads import FileForm, LoadsFiles, upload_page

SHOWN_ROWS = 50


class ReadingEntryForm(FlaskForm):
    """What the registers of a meter showed, typed in the office; a line for each register stands in ``dials``."""

    meter_number = SelectField(labels.COLUMN_LABELS["meter_number"], validate_choice=False)
    read_on = day_field(labels.COLUMN_LABELS["read_on"], [InputRequired()])
    sure = BooleanField()
    #: register code → name of its line
    lines: ClassVar[Mapping[str, str]] = {}

    def line_of(self, column: str, register: str) -> Any:
        """Return the field a refusal is about."""
        return self[self.lines.get(register) or next(iter(self.lines.values())) if column in {"dial", "register"} else column]


def _form_of(series: Sequence[queries.Series]) -> type[ReadingEntryForm]:
    """Return the form for the registers of an account's meters; a meter with one register has the plain line."""
    codes = [code.value for code in RegisterCode if code in {each.register for each in series}]
    lines = {code: "dial" if place == 0 else f"dial_{code.lower()}" for place, code in enumerate(codes)}
    fields: dict[str, Any] = {
        name: StringField(labels.COLUMN_LABELS["dial"] if len(codes) == 1 else labels.register(code), [DataRequired()] * (len(codes) == 1))
        for code, name in lines.items()
    }
    return type("ReadingForm", (ReadingEntryForm,), fields | {"lines": lines})


class ReadingCorrectionForm(FlaskForm):
    """The right value of a reading."""

    dial = StringField(labels.COLUMN_LABELS["dial"], [DataRequired()])
    sure = BooleanField()


class ReadingFileForm(FileForm):
    """A file of readings for a division."""

    division = fields.division_field()


class ReadingView(FactView):
    page = Page(_l("Readings"), {LOOK: roles.ACCOUNT_READERS}, menu.METERING.at(10, "Readings"))
    datamodel = SQLAInterface(Reading)
    list_columns = ["read_on", "account", "register", "dial_milli", "kind", "source", "created_by"]
    show_columns = ["id", *list_columns, "reading_import", "created_at"]
    base_order = ("id", "desc")
    read_along = ("register.meter.model",)
    searched = ("account",)
    formatters_columns = {"register": lambda register: f"{register.meter} · {labels.register(register.code)}"}


class ReadingEntryView(BaseView):
    """One reading of one account, with its history in sight."""

    page = Page(_l("Entry of a reading"), {"can_correct can_enter": roles.METERING_STAFF}, under="AccountView")
    route_base = "/reading-entry"

    @expose("/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def enter(self, account_id: int) -> Any:
        """Take a reading; what is odd is asked about at once, what is wrong is refused beside its field."""
        card = accounts.card(db.session(), account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        series = queries.series_of_account(db.session(), account_id)
        form = _form_of(series)()
        form.meter_number.choices = list(dict.fromkeys((each.meter_number, each.meter_number) for each in reversed(series)))
        if request.method == "GET":
            form.read_on.data = clock.today()
        doubts: list[tuple[str, str]] = []
        if form.validate_on_submit():
            try:
                return self._store(form, card)
            except service.ReadingRefused as refused:
                form.line_of(refused.column, refused.register).errors = [labels.member(refused.problem)]
            except service.Doubtful as doubtful:
                doubts = [
                    (_doubt_of(doubtful, register, each), _figure(quantity, register, card))
                    for register, each, quantity in doubtful.registers
                ]
        readings = queries.account_readings(db.session(), account_id, limit=12)
        return self.render_template(
            "reading_entry.html", form=form, card=card, series=series, last=_last_by_register(series), doubts=doubts, readings=readings
        )

    @expose("/<int:account_id>/correct/<int:reading_id>", methods=["GET", "POST"])
    @has_access
    def correct(self, account_id: int, reading_id: int) -> Any:
        """Take the right value of the newest reading; the wrong one stays on record, replaced."""
        card = accounts.card(db.session(), account_id)
        wrong = db.session.get(Reading, reading_id)
        if card is None or wrong is None or wrong.account_id != account_id:
            abort(404)
        record_disclosure("account", [card.id])
        form = ReadingCorrectionForm()
        if not queries.is_open(db.session(), reading_id):
            return self._corrected_by_act(account_id, reading_id, form.dial.data)
        doubt = None
        if form.validate_on_submit():
            try:
                with transaction() as session:
                    service.correct(
                        session, account_id=account_id, reading_id=reading_id, dial=form.dial.data, sure=form.sure.data, today=clock.today()
                    )
            except service.ReadingAlreadyBilled:
                return self._corrected_by_act(account_id, reading_id, form.dial.data)
            except service.ReadingRefused as refused:
                form.dial.errors = [labels.member(refused.problem)]
            except service.Doubtful as doubtful:
                doubt = (labels.member(doubtful.doubt), labels.quantity(doubtful.quantity_milli, card.unit))
            else:
                flash(_("The reading was replaced by a further one."), "success")
                return redirect(url_for("AccountView.show", pk=account_id))
        return self.render_template("reading_correct.html", form=form, card=card, wrong=wrong, doubt=doubt)

    def _corrected_by_act(self, account_id: int, reading_id: int, dial: str | None) -> Any:
        """Lead to the act that corrects a reading a bill was made with, or that others follow, with the value that was typed."""
        if not self.appbuilder.sm.has_access("can_perform", "CorrectReadingView"):
            flash(_("A bill was made with this reading, or others follow it: who bills corrects it."), "warning")
            return redirect(url_for("AccountView.show", pk=account_id))
        flash(_("A bill was made with this reading, or others follow it: they are billed again."), "info")
        return redirect(url_for("CorrectReadingView.perform", account_id=account_id, reading=reading_id, dial=dial or None))

    def _store(self, form: ReadingEntryForm, card: accounts.Card) -> Any:
        with transaction() as session:
            service.enter_registers(
                session,
                account_id=card.id,
                meter_number=form.meter_number.data or "",
                read_on=form.read_on.data.isoformat(),
                dials={code: form[name].data or "" for code, name in form.lines.items()},
                source=ReadingSource.OFFICE,
                sure=form.sure.data,
                today=clock.today(),
            )
        flash(_("The reading was recorded."), "success")
        return redirect(url_for("AccountView.show", pk=card.id))


class MeterDataSourceView(ProposedView):
    """Systems that send readings; of a key only the digest is kept."""

    page = Page(
        _l("Sources of readings"),
        {
            LOOK: (roles.INSPECTOR, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR, roles.ADMINISTRATOR),
            "can_add can_edit": (roles.ADMINISTRATOR,),
        },
        menu.METERING.at(30, "Sources of readings"),
    )
    datamodel = SQLAInterface(MeterDataSource)
    list_columns = ["name", "division", "source", "login", "is_active"]
    form_columns = ["name", "division", "source", "login", "new_key", "networks", "is_active"]
    show_columns = [column for column in form_columns if column != "new_key"]
    add_form_extra_fields = edit_form_extra_fields = {
        "source": SelectField(
            labels.COLUMN_LABELS["source"],
            choices=lambda: [(kind.value, labels.member(kind)) for kind in (ReadingSource.TELEMETRY, ReadingSource.CONTROLLER)],
        ),
        "new_key": PasswordField(_l("Key it sends"), [Length(max=200)], render_kw=TYPED_ANEW, description=_l("Empty: it stays as it is.")),
    }
    validators_columns = {"networks": [are_networks]}
    base_order = ("name", "asc")
    searched = ("name", "login")
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]

    def pre_add(self, item: MeterDataSource) -> None:
        """Keep the digest of a key that was typed; an active source has one."""
        self.pre_update(item)

    def pre_update(self, item: MeterDataSource) -> None:
        """Keep the digest of a key that was typed; an active source has one."""
        item.division_id = item.division.id
        if key := typed_key(item, "new_key"):
            item.key_sha256 = hashlib.sha256(key.encode()).hexdigest()
        if item.is_active and not item.key_sha256:
            raise FormRefused(_("Without a key the source cannot sign in."), "new_key")


class ReadingImportView(LoadsFiles, FactView):
    page = Page(
        _l("Files of readings"),
        {
            LOOK: (roles.INSPECTOR, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR),
            "can_accept can_discard can_load can_load_devices": roles.METERING_STAFF,
            "can_report": (roles.INSPECTOR, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR),
        },
        menu.METERING.at(20, "Reading files"),
    )
    datamodel = SQLAInterface(ReadingImport)
    list_columns = [
        "id", "stored_file", "content", "meter_data_source", "division", "status", "received", "accepted", "held", "parked", "rejected",
        "created_at", "created_by",
    ]  # fmt: skip
    base_order = ("id", "desc")
    base_permissions = ["can_list", "can_show", "can_load", "can_load_devices", "can_accept", "can_discard", "can_report"]
    list_template = "reading_imports.html"
    file_spec = READINGS

    @expose("/load", methods=["GET", "POST"])
    @has_access
    def load(self) -> Any:
        """Take in a file and start its check."""
        form = ReadingFileForm()
        if not form.validate_on_submit():
            return self.file_page(form)
        with transaction() as session:
            target = service.receive_file(session, form.stored(session, form.division.data))
            refused, target_id = target.status == ImportStatus.REFUSED, target.id
        if refused:
            return redirect(url_for("ReadingImportView.show", pk=target_id))
        return start_and_show(JobKind.READING_CHECK, division_id=form.division.data, subject_id=target_id)

    @expose("/load-devices", methods=["GET", "POST"])
    @has_access
    def load_devices(self) -> Any:
        """Take in a file of devices' readings or profiles and start its loading."""
        content = ImportContent.PROFILES if request.args.get("content") == ImportContent.PROFILES else ImportContent.DEVICES
        form = ReadingFileForm()
        if not form.validate_on_submit():
            spec = PROFILES if content == ImportContent.PROFILES else DEVICE_READINGS
            example = url_for("ReadingImportView.devices_example", content=content)
            return upload_page(spec, form, back=url_for("ReadingImportView.list"), example=example)
        with transaction() as session:
            target = service.receive_file(session, form.stored(session, form.division.data), content=content)
            refused, target_id = target.status == ImportStatus.REFUSED, target.id
        if refused:
            return redirect(url_for("ReadingImportView.show", pk=target_id))
        return start_and_show(JobKind.DEVICE_FILE_LOAD, division_id=form.division.data, subject_id=target_id)

    @expose("/devices-example/<content>.csv", methods=["GET"])
    @has_access
    @permission_name("load_devices")
    def devices_example(self, content: str) -> Any:
        """Send an example of a file of devices."""
        spec = PROFILES if content == ImportContent.PROFILES else DEVICE_READINGS
        header, rows = spec.sample(labels.locale_code())
        return downloads.attachment(downloads.csv_bytes(header, rows), "example.csv", "text/csv")

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show what the check found: counts, problems by kind, the first rejected and doubtful rows."""
        target = self._target(pk)
        record_disclosure("reading_import", [target.id])
        session = db.session()
        return self.render_template(
            "reading_import.html",
            target=target,
            problem=_problem_of(target),
            summary=queries.import_summary(session, target.id),
            rejected=report_rows(queries.import_rows(session, target.id, only=("REJECTED",), limit=SHOWN_ROWS)),
            doubtful=report_rows(
                [row for row in queries.import_rows(session, target.id, only=("GOOD",), limit=5000) if row.doubt][:SHOWN_ROWS]
            ),
            job=administration.latest_job_of(session, target.id, [JobKind.READING_CHECK, JobKind.READING_ACCEPT, JobKind.DEVICE_FILE_LOAD]),
            can_accept=target.status == ImportStatus.CHECKED,
            held=len(queries.import_rows(session, target.id, only=("GOOD",))) if target.meter_data_source else 0,
            unread_sheets=", ".join(target.unread_sheets),
        )

    @expose("/accept/<pk>", methods=["POST"])
    @has_access
    def accept(self, pk: str) -> Any:
        """Start the booking of the good rows."""
        target = self._target(pk)
        if target.status != ImportStatus.CHECKED:
            flash(_("Only a checked file can be accepted."), "warning")
            return redirect(url_for("ReadingImportView.show", pk=pk))
        return start_and_show(JobKind.READING_ACCEPT, division_id=target.division_id, subject_id=target.id)

    @expose("/discard/<pk>", methods=["POST"])
    @has_access
    def discard(self, pk: str) -> Any:
        """Put a checked file aside; it may be loaded again, for another division too."""
        self._target(pk)
        try:
            with transaction() as session:
                service.discard_file(session, service.reading_import(session, int(pk)))
        except service.NotChecked:
            flash(_("Only a checked file that is not being recorded can be discarded."), "warning")
        else:
            flash(_("The file was discarded. It can be loaded again."), "success")
        return redirect(url_for("ReadingImportView.show", pk=pk))

    @expose("/report/<pk>.<kind>", methods=["GET"])
    @has_access
    def report(self, pk: str, kind: str) -> Any:
        """Send every row with its verdict, as CSV or XLSX."""
        target = self._target(pk)
        makers = {
            "csv": (downloads.csv_bytes, "text/csv"),
            "xlsx": (downloads.xlsx_bytes, tables.XLSX),
        }
        if kind not in makers:
            abort(404)
        header = [
            labels.COLUMN_LABELS[name]
            for name in ("row_no", "account_number", "meter_number", "read_on", "register", "dial", "status", "column", "problem")
        ]
        record_disclosure("reading_import", [target.id])
        rows = report_rows(queries.import_rows(db.session(), target.id))
        make, media_type = makers[kind]
        return downloads.attachment(make([str(label) for label in header], rows), f"readings-{target.id}-report.{kind}", media_type)

    def _target(self, pk: str) -> ReadingImport:
        return self.found(pk)


def _doubt_of(doubtful: service.Doubtful, register: str, doubt: Doubt) -> str:
    """Return what is odd, with its register where there are several."""
    phrase = labels.member(doubt)
    return phrase if len(doubtful.registers) == 1 and register == RegisterCode.TOTAL else f"{labels.register(register)}: {phrase}"


def _figure(quantity_milli: int, register: str, card: accounts.Card) -> str:
    """Return energy with its unit; reactive energy and capacity have units of their own."""
    return labels.quantity(quantity_milli, "" if register in {RegisterCode.REACTIVE, RegisterCode.DEMAND} else card.unit)


def _last_by_register(series: Sequence[queries.Series]) -> dict[str, queries.Series]:
    """Return the newest series of each register that was read."""
    return {each.register: each for each in series if each.last_read_on is not None}


def _problem_of(target: ReadingImport) -> str:
    """Return why a whole file was refused; empty if it was not."""
    if not target.problem:
        return ""
    detail = labels.file_detail(target.problem["detail"], target.problem.get("parameters"))
    return f"{labels.member_of(FileProblem, target.problem['problem'])} {detail}"


#: The pages of this area.
VIEWS = (
    ReadingView,
    DoubtfulReadingView,
    ParkedDeviceView,
    HeadEndEventView,
    IntervalDayView,
    ReadingRuleView,
    ReadingImportView,
    MeterDataSourceView,
    ReadingEntryView,
)
