"""Payment files of banks and of the post: how their files are laid out, trying a layout on a file, loading, and money in suspense."""

import tempfile
from pathlib import Path
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from sqlalchemy.exc import IntegrityError
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.payments import files as domain
from app.domain.payments import payment_number
from app.domain.payments.channels import Collection, collected_by
from app.domain.payments.files import (
    FIELDS,
    TOTALS_FIELDS,
    Column,
    Form,
    OwnTransfers,
    Profile,
    ProfileFault,
    ProfileProblem,
    TotalsPlace,
    Unit,
)
from app.domain.payments.layouts import SHIPPED
from app.extensions import db, record_disclosure, set_change_reason, transaction
from app.gateways import payment_files as gateway
from app.gateways.payment_files import PAYMENT_FILES
from app.jobs import runner
from app.models.payments import PaymentFileLayout, Tender
from app.queries import payments as queries
from app.services.payments import files, suspense
from app.views import fields, menu
from app.views.base import FactView
from app.views.uploads import FileForm, upload_page

_LABELS = labels.COLUMN_LABELS
_COLUMN_LABELS = {
    "account_number": _l("Account number"), "amount": _l("Amount"), "reference": _l("Number of the payment"), "paid_on": _l("Paid on"),
    "payer": _l("Payer"), "phone": _l("Telephone"), "purpose": _l("Purpose"), "period": _l("Period"), "count": _l("Total: rows"),
    "sum": _l("Total: sum"), "number": _l("Number of the payment file"), "dated_on": _l("Date of the payment file"),
}  # fmt: skip
_KEY_LABELS = _COLUMN_LABELS | {"occurrence": _l("its number among equal rows of the file")}
_NAMES = {"\t": _l("Tabulator"), " ": _l("Blank"), "": _l("none")}


def _words(values: Any) -> list[SelectChoice]:
    return [SelectChoice(str(value), labels.member(value) if hasattr(value, "name") else _NAMES.get(value, value)) for value in values]


class ProfileForm(FlaskForm):
    """A layout; what columns there are is said by number, name, or place and length."""

    payment_contract_id = SelectField(_LABELS["payment_contract"], coerce=int)
    name = StringField(_LABELS["name"], [DataRequired(), Length(max=200)])
    form = SelectField(_l("Kind of file"), choices=lambda: _words(Form))
    encoding = SelectField(_l("Encoding"), choices=_words(domain.ENCODINGS))
    delimiter = SelectField(_l("Delimiter"), choices=lambda: _words(domain.DELIMITERS))
    quote = SelectField(_l("Quotes"), choices=lambda: _words(('"', "'", "")))
    header_rows = IntegerField(_l("Rows above the first payment"), [NumberRange(0, domain.MOST_HEADER_ROWS)], default=0)
    decimal_separator = SelectField(_l("Decimal separator"), choices=_words(domain.DECIMAL_SEPARATORS))
    group_separator = SelectField(_l("Separator of thousands"), choices=lambda: _words(domain.GROUP_SEPARATORS))
    date_format = SelectField(_l("Form of days"), choices=_words(domain.DATE_FORMATS))
    unit = SelectField(_l("Amounts in"), choices=lambda: _words(Unit))
    account_pattern = StringField(
        _l("Pattern of the account number in the purpose"), [Length(max=domain.LONGEST_PATTERN)], description=_l("A regular expression.")
    )
    unique = fields.ChecksField(
        _l("What a payment is known by"),
        [DataRequired()],
        choices=lambda: [SelectChoice(part, _KEY_LABELS[part]) for part in domain.KEY_PARTS],
        default=domain.DEFAULT_KEY,
        coerce=str,
        description=_l("A row that has all of it in common with a row of another file is held for a person."),
    )
    own_transfers = SelectField(_l("Transfers between our own accounts"), choices=lambda: _words(OwnTransfers))
    own_accounts = StringField(
        _l("Our settlement accounts elsewhere"), [Length(max=2000)], description=_l("With blanks between; those of the file are known.")
    )
    totals_place = SelectField(_l("Control totals"), choices=lambda: _words(TotalsPlace))
    totals_row = IntegerField(_l("Header row of the totals"), [Optional(), NumberRange(1, domain.MOST_HEADER_ROWS)], default=1)
    totals_marker = StringField(_l("Word that begins the row of totals"), [Length(max=100)], default="ИТОГО")
    is_active = BooleanField(_LABELS["is_active"], default=True)
    file = FileField(_l("A file to try it on"))

    def layout(self) -> Profile:
        """Return the layout.

        :raises ProfileProblem: naming the field that is wrong
        """
        plain = ("form", "encoding", "delimiter", "quote", "header_rows", "decimal_separator", "group_separator", "date_format", "unit")
        totals = {"place": self.totals_place.data, "row": self.totals_row.data or 1, "marker": self.totals_marker.data or "ИТОГО"}
        record = {name: self[name].data for name in plain} | {"account_pattern": self.account_pattern.data or ""}
        record |= {"unique": self.unique.data, "own_transfers": self.own_transfers.data}
        record["own_accounts"] = (self.own_accounts.data or "").split()
        columns = {name: _column(text) for name in FIELDS if (text := self[f"column_{name}"].data)}
        totals["columns"] = {name: _column(text) for name in TOTALS_FIELDS if (text := self[f"totals_{name}"].data)}
        return Profile.from_dict(record | {"columns": columns, "totals": totals})

    def fill(self, profile: Profile) -> None:
        """Show a layout."""
        record = profile.to_dict()
        totals = record.pop("totals")
        self.own_accounts.data = " ".join(record.pop("own_accounts"))
        for name, place in record.pop("columns").items():
            self[f"column_{name}"].data = _column_text(place)
        for name, value in record.items():
            self[name].data = value
        for name, place in totals.pop("columns").items():
            self[f"totals_{name}"].data = _column_text(place)
        for name, value in totals.items():
            self[f"totals_{name}"].data = value


for _name in FIELDS:
    setattr(ProfileForm, f"column_{_name}", StringField(_COLUMN_LABELS[_name], [Length(max=60)]))
for _name in TOTALS_FIELDS:
    setattr(ProfileForm, f"totals_{_name}", StringField(_COLUMN_LABELS[_name], [Length(max=60)]))


def _column(written: str) -> Column | list[int]:
    """Return a column as it was written: 3, a name, or 5+12 for twelve characters from the fifth on."""
    start, plus, length = written.strip().partition("+")
    if plus and start.strip().isdecimal() and length.strip().isdecimal():
        return [int(start), int(length)]
    return int(start) if start.isdecimal() and not plus else written.strip()


def _column_text(place: Any) -> str:
    return "+".join(map(str, place)) if isinstance(place, list | tuple) else str(place)


class PaymentFileForm(FileForm):
    """A payment file somebody brings."""

    division = fields.division_field()
    profile = SelectField(_l("Layout"), coerce=int)
    again = BooleanField(_l("It was loaded already and is another file all the same: hold its rows for a decision"))


class PaymentFileLayoutView(FactView):
    page = Page(
        _l("Layouts of payment files"),
        {
            LOOK: (roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR, roles.ADMINISTRATOR),
            "can_load": roles.BILLING_STAFF,
            "can_lay_out": (roles.ADMINISTRATOR,),
        },
        menu.PAYMENTS.at(70, "Payment file layouts"),
        company_wide=f"{LOOK} can_load",
    )
    datamodel = SQLAInterface(PaymentFileLayout)
    list_template = "payment_file_layouts.html"
    list_columns = ["payment_contract", "name", "is_active", "created_by", "created_at"]
    search_columns = ["payment_contract", "name"]
    base_order = ("name", "asc")
    searched = ("name",)
    base_permissions = ["can_list", "can_show", "can_lay_out", "can_load"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a layout."""
        return self._page(self._filled(self._profile(pk)), pk)

    @expose("/lay_out/", methods=["GET", "POST"])
    @expose("/lay_out/<pk>", methods=["GET", "POST"])
    @has_access
    def lay_out(self, pk: str = "") -> Any:
        """Try a layout on a file, or keep it."""
        known = self._profile(pk) if pk else None
        form = self._filled(known)
        if request.method == "GET" or not form.validate_on_submit():
            return self._page(form, pk)
        try:
            layout = form.layout()
        except ProfileProblem as problem:
            return self._page(form, pk, problem=problem)
        if form.file.data:
            return self._page(form, pk, tried=_tried(form.file.data, layout))
        try:
            with transaction() as session:
                kept = known or PaymentFileLayout()
                kept.payment_contract_id, kept.name, kept.is_active = form.payment_contract_id.data, form.name.data, form.is_active.data
                kept.layout = layout.to_dict()
                session.add(kept)
        except IntegrityError:
            flash(_("The contract has a layout of this name already."), "danger")
            return self._page(form, pk)
        flash(_("Saved."), "success")
        return redirect(url_for("PaymentFileLayoutView.list"))

    @expose("/load", methods=["GET", "POST"])
    @has_access
    def load(self) -> Any:
        """Take a payment file in and start loading it."""
        form = PaymentFileForm()
        form.profile.choices = [SelectChoice(row.id, f"{row.contract}: {row.name}") for row in queries.profiles(db.session())]
        if request.method == "GET" or not form.validate_on_submit():
            return upload_page(PAYMENT_FILES, form, back=url_for("PaymentFileLayoutView.list"))
        brought = form.file.data
        upload = files.Upload(brought.filename or "file", brought.mimetype, brought.read())
        try:
            with transaction() as session:
                job_id = files.receive(
                    session, upload, profile_id=form.profile.data, division_id=form.division.data, today=clock.today(),
                    again=form.again.data,
                )  # fmt: skip
        except files.LoadedBefore as before:
            flash(_("This file was loaded already; nothing was taken again."), "warning")
            return redirect(url_for("PaymentControlView.show", pk=str(before)))
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    def _filled(self, known: PaymentFileLayout | None) -> ProfileForm:
        form = ProfileForm()
        contracts = queries.contract_choices(db.session(), collected_by(Collection.FILE))
        form.payment_contract_id.choices = [SelectChoice(key, name) for key, name in contracts]
        if known is not None and request.method == "GET":
            form.payment_contract_id.data, form.name.data, form.is_active.data = known.payment_contract_id, known.name, known.is_active
            form.fill(Profile.from_dict(known.layout))
        elif request.method == "GET" and (like := request.args.get("like")) in SHIPPED:
            form.name.data = like
            form.fill(SHIPPED[like])
        return form

    def _page(self, form: ProfileForm, pk: str, *, problem: ProfileProblem | None = None, tried: gateway.FirstRows | None = None) -> Any:
        said = None
        if problem is not None:
            said = _(
                "%(field)s: %(fault)s %(detail)s",
                field=problem.field,
                fault=labels.member(ProfileFault(problem.fault)),
                detail=problem.detail,
            )
        return self.render_template(
            "payment_file_layout.html",
            form=form,
            pk=pk,
            problem=said,
            tried=tried,
            fields=FIELDS,
            totals=TOTALS_FIELDS,
            shipped=list(SHIPPED),
        )

    def _profile(self, pk: str) -> PaymentFileLayout:
        return self.found(pk)


def _tried(brought: Any, layout: Profile) -> gateway.FirstRows:
    with tempfile.NamedTemporaryFile(prefix="try-") as file:
        brought.save(file)
        file.flush()
        return gateway.first_rows(Path(file.name), layout)


class TransferForm(FlaskForm):
    """Whose money it is, and how that is known."""

    account_number = StringField(_LABELS["account"], [Length(max=32)])
    basis = StringField(_LABELS["basis"], [DataRequired(), Length(min=5, max=300)])


class SuspenseView(FactView):
    """Money whose account nobody knows; a second person agrees to what is found."""

    page = Page(
        _l("Money in suspense"), {LOOK: roles.CORRECTION_READERS, "can_transfer": roles.BILLING_STAFF}, menu.PAYMENTS.at(60, "Suspense")
    )
    datamodel = SQLAInterface(Tender)
    base_filters = [["account_id", FilterEqual, None], ["status", FilterEqual, "PERFORMED"]]
    list_columns = ["id", "payment_contract", "reference", "account_number", "payer", "amount_tiyin", "received_on", "division"]
    search_columns = ["payment_contract", "reference", "account_number", "payer", "phone", "received_on", "division"]
    base_order = ("id", "desc")
    searched = ("id", "reference", "account_number", "payer")
    total_columns = ("amount_tiyin",)
    base_permissions = ["can_list", "can_show", "can_transfer"]
    formatters_columns = {"reference": payment_number}

    def _init_titles(self) -> None:
        super()._init_titles()
        self.list_title = self.title = _l("Money in suspense")

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show money in suspense beside the accounts it may be meant for."""
        tender = self._tender(pk)
        hits = queries.suspense_candidates(db.session(), tender.account_number, tender.payer or "", tender.phone or "")
        record_disclosure("account", [hit.id for hit in hits])
        return self.render_template("suspense.html", tender=tender, hits=hits, form=TransferForm())

    @expose("/transfer/<pk>", methods=["POST"])
    @has_access
    def transfer(self, pk: str) -> Any:
        """Ask a second person to transfer money to an account, or to give it back."""
        tender, form, goes_back = self._tender(pk), TransferForm(), "give_back" in request.form
        if not form.validate_on_submit():
            flash(_("Write the account and how you know that it is his money."), "danger")
            return redirect(url_for("SuspenseView.show", pk=pk))
        account_id = None if goes_back else queries.account_id_of(db.session(), "".join(form.account_number.data.split()))
        if account_id is None and not goes_back:
            flash(_("There is no account %(number)s in your divisions. Check the number.", number=form.account_number.data[:20]), "danger")
            return redirect(url_for("SuspenseView.show", pk=pk))
        set_change_reason(form.basis.data)
        try:
            with transaction() as session:
                asked = suspense.ask_transfer(session, tender.id, account_id=account_id, basis=form.basis.data)
        except suspense.NotInSuspense:
            flash(_("A transfer of this money waits for a decision already."), "warning")
            return redirect(url_for("SuspenseView.list"))
        flash(_("Asked. It is done when another person agrees."), "success")
        return redirect(url_for("ApprovalView.show", pk=asked.id))

    def _tender(self, pk: str) -> Tender:
        return self.found(pk)
