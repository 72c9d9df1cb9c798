"""Filing of an application at the office, for whoever stands before it."""

from typing import Any
from uuid import uuid4

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app import clock, labels
from app.documents import applications as forms
from app.domain import identifiers
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.applications import WORKS, AccountNeed, ApplicationRequest, ApplicationWay, ApplicationWork
from app.extensions import db, record_disclosure, transaction
from app.models.accounts import Account
from app.queries import accounts
from app.queries.applications import KindRecord
from app.services import applications as service
from app.views import fields, languages


class ApplicantForm(FlaskForm):
    """Who files an application, and about which account."""

    account = fields.LookupField(labels.COLUMN_LABELS["account"], [Optional()], model=Account)
    is_owner = BooleanField(_l("The applicant showed to be the consumer of the account, or has a power of attorney"))
    division = fields.division_field([InputRequired()])
    applicant_name = StringField(labels.COLUMN_LABELS["applicant_name"], [DataRequired(), Length(max=200)])
    phone = StringField(labels.COLUMN_LABELS["phone"], [fields.Identifier(identifiers.phone)])
    language = SelectField(labels.COLUMN_LABELS["language"], choices=languages.choices)
    reference = HiddenField(validators=[InputRequired(), Length(max=80)])


class NewApplicationView(BaseView):
    """Filing of an application by staff: first its kind, then its form."""

    page = Page(
        _l("New application"),
        {"can_application_kinds can_file_application": (roles.CASHIER, roles.ENGINEER, roles.LAWYER, *roles.BILLING_STAFF)},
        under="ApplicationView",
    )
    route_base = "/new-application"
    default_view = "application_kinds"
    base_permissions = ["can_application_kinds", "can_file_application"]

    @expose("/")
    @has_access
    def application_kinds(self) -> Any:
        """Show the kinds of applications that can be filed today."""
        offered = service.offered(db.session(), clock.today())
        return self.render_template("application_kinds.html", kinds=offered, account_id=_account_id())

    @expose("/<kind_code>", methods=["GET", "POST"])
    @has_access
    def file_application(self, kind_code: str) -> Any:
        """Show the form of a kind, then file the application."""
        kind = next((each for each in service.offered(db.session(), clock.today()) if each.code == kind_code), None)
        if kind is None:
            abort(404)
        form, filled = ApplicantForm(), forms.form_of(db.session(), kind.form_schema, request.form, on=clock.today())
        if WORKS[ApplicationWork(kind.work or "")].account == AccountNeed.NONE:
            del form.account, form.is_owner
        refusal = ""
        if request.method == "GET":
            _begin(form)
        elif form.validate():
            values = forms.read(filled)
            if not filled.faults:
                try:
                    return self._filed(kind, form, values)
                except forms.REFUSALS as refused:
                    refusal = forms.refused_words(refused, filled)
        return self.render_template(
            "application_new.html", kind=kind, form=form, filled=filled, prefix=forms.PREFIX, refusal=refusal, on=clock.today()
        )

    def _filed(self, kind: KindRecord, form: ApplicantForm, values: dict[str, Any]) -> Any:
        account = form.account.data if "account" in form else None
        asked = ApplicationRequest(
            kind.code, ApplicationWay.OFFICE, f"office {form.reference.data}", form.division.data, account.id if account else None,
            form.applicant_name.data.strip(), form.phone.data, values, forms.given_files(request.files.getlist("files")),
            form.language.data, is_owner="is_owner" in form and form.is_owner.data,
        )  # fmt: skip
        with transaction() as session:
            filed_id = service.file(session, asked, today=clock.today(), now=clock.now()).id
        flash(_("The application was filed under № %(number)s.", number=filed_id), "success")
        return redirect(url_for("ApplicationView.show", pk=filed_id))


def _account_id() -> int | None:
    given = request.args.get("account", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def _begin(form: ApplicantForm) -> None:
    """Fill an empty form from the account whose card it was opened from."""
    form.reference.data = uuid4().hex
    account_id = _account_id()
    card = accounts.card(db.session(), account_id) if account_id and "account" in form else None
    if card is not None:
        record_disclosure("account", [card.id])
        record_disclosure("consumer", [card.consumer_id])
        form.account.data, form.division.data = db.session.get(Account, card.id), card.division_id
        form.applicant_name.data, form.phone.data, form.language.data = card.consumer_name, card.phone, card.language
