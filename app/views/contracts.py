"""Contracts of supply: the list, the card, the register of a day, drafts, papers, and the texts papers are made from."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app import clock, labels
from app.documents import contracts as documents
from app.documents import downloads, tables
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.billing import TermKind
from app.domain.contracts import (
    ContractKind,
    ContractPaperKind,
    ContractState,
    ContractStatus,
    StepRefused,
    TemplateRefused,
    check_template,
)
from app.domain.documents import FORM
from app.extensions import db, record_disclosure, transaction
from app.models.accounts import Account, Consumer
from app.models.contracts import Contract, ContractPaper, ContractTemplate
from app.queries import administration
from app.queries import contracts as queries
from app.queries.contracts import ContractRecord, RegisterFilter
from app.services.contracts import drafts, papers
from app.views import fields, menu
from app.views.acts import contract_buttons
from app.views.base import EntityView, FactView
from app.views.lists.files import limit_of
from app.views.refusals import FormRefused

#: Contracts on a page of the register, and in a file of it.
_TYPES = {kind: tables.FORMATS[kind].media_type for kind in ("csv", "xlsx")}


class RegisterForm(FlaskForm):
    """Which contracts of which day."""

    class Meta:
        """It only asks."""

        csrf = False

    on = fields.day_field(_l("On the day"), [Optional()])
    kind = fields.enum_field(labels.COLUMN_LABELS["kind"], ContractKind, optional=True)
    state = fields.enum_field(labels.COLUMN_LABELS["state"], ContractState, optional=True)
    division = fields.division_field(
        choices=lambda: [("", ""), *fields.division_choices()], coerce=lambda value: int(value) if value else None, validate_choice=False
    )
    word = StringField(_l("Number, consumer or STIR"), [Length(max=100)])
    ending = BooleanField(_l("About to end"))


class ContractView(FactView):
    page = Page(
        _l("Contracts"),
        {LOOK: roles.DOCUMENT_READERS, "can_export can_pdf can_register": roles.DOCUMENT_READERS, "can_draft": roles.CONTRACT_STAFF},
        menu.ACCOUNTS.at(50, "Contracts"),
    )
    datamodel = SQLAInterface(Contract)
    list_template = "contracts.html"
    list_columns = ["number", "kind", "status", "consumer", "signed_on", "valid_from", "valid_to", "division"]
    search_columns = ["number", "kind", "status", "signed_on", "valid_from", "division"]
    base_order = ("id", "desc")
    searched = ("number", "consumer")
    base_permissions = ["can_list", "can_show", "can_pdf", "can_register", "can_export", "can_draft"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a contract with its accounts, their common balance, and its papers."""
        found, today = _contract(pk), clock.today()
        accounts = queries.accounts_of(db.session(), found.id, on=max(today, found.valid_from))
        record_disclosure("account", [account.id for account in accounts])
        return self.render_template(
            "contract.html",
            contract=found,
            state=found.state(today),
            is_to_be_renewed=found.is_to_be_renewed(today, _notice_days()),
            accounts=accounts,
            debt_tiyin=sum(account.debt_tiyin for account in accounts),
            advance_tiyin=sum(account.advance_tiyin for account in accounts),
            documents=queries.papers_of(db.session(), found.id),
            buttons=contract_buttons(found),
            ContractKind=ContractKind,
            ContractState=ContractState,
        )

    @expose("/pdf/<pk>", methods=["GET"])
    @has_access
    def pdf(self, pk: str) -> Response:
        """Send a paper of a contract: one that was made, the standard form, or a draft's text as it would be today."""
        found, wanted = _contract(pk), request.args.get("paper", "")
        with transaction() as session:
            contract = session.get_one(Contract, found.id)
            if wanted:
                paper = next((each for each in queries.papers_of(session, found.id) if str(each.id) == wanted), None) or abort(404)
            else:
                paper = _text_of(contract)
            texts = papers.draft_texts(session, contract, on=clock.today()) if paper is None else paper.texts
        content = documents.paper_pdf(texts, form=FORM if paper is None else paper.form, is_draft=paper is None)
        return downloads.inline(content, documents.paper_name(found.number, paper), "application/pdf")

    @expose("/register", methods=["GET"])
    @has_access
    def register(self) -> Any:
        """Show which contracts stood where on a day."""
        form, wanted = _register_form()
        after = request.args.get("after", "0")
        size, most = limit_of("lists.page_size"), limit_of("lists.wait_rows")
        rows = queries.register(db.session(), wanted, after=int(after) if after.isdecimal() and len(after) < 19 else 0, limit=size + 1)
        record_disclosure("consumer", [row.consumer_id for row in rows[:size]])
        given = {name: value for name, value in request.args.items() if name not in {"after", "file"}}
        return self.render_template(
            "contract_register.html",
            form=form,
            on=wanted.on,
            rows=rows[:size],
            count=queries.register_count(db.session(), wanted, limit=most),
            largest=most,
            given=given,
            notice_days=_notice_days(),
            next_after=rows[size - 1].id if len(rows) > size else None,
        )

    @expose("/export/<file_kind>", methods=["GET"])
    @has_access
    def export(self, file_kind: str) -> Response:
        """Send the register of a day as a file; it is refused whole where it is too long for one."""
        if file_kind not in _TYPES:
            abort(404)
        _form, wanted = _register_form()
        most = limit_of("lists.wait_rows")
        if queries.register_count(db.session(), wanted, limit=most) > most:
            flash(_("More than %(count)s contracts: choose a division, a kind or a state.", count=labels.number(most)), "warning")
            return redirect(url_for("ContractView.register", **request.args))  # type: ignore[return-value]
        rows = queries.register(db.session(), wanted, limit=most)
        record_disclosure("consumer", [row.consumer_id for row in rows])
        return downloads.attachment(documents.register_file(rows, file_kind), f"contracts-{wanted.on}.{file_kind}", _TYPES[file_kind])

    @expose("/draft/<int:consumer_id>", methods=["POST"])
    @has_access
    def draft(self, consumer_id: int) -> Any:
        """Begin a draft for a legal consumer."""
        consumer = db.session.get(Consumer, consumer_id) or abort(404)
        try:
            with transaction() as session:
                contract_id = drafts.open_draft(session, consumer.id, consumer.division_id, on=clock.today()).id
        except (drafts.NotForContract, drafts.NoAccounts) as error:
            flash(_PHRASES[type(error)](), "warning")
            return redirect(request.referrer or url_for("ContractView.list"))
        return redirect(url_for("ContractDraftView.edit", contract_id=contract_id))


class ContractDraftView(BaseView):
    """Drafts: changed until they are signed or withdrawn."""

    page = Page(_l("Drafts of contracts"), {"can_edit can_withdraw": roles.CONTRACT_STAFF}, under="ContractView")
    route_base = "/contractdraftview"

    @expose("/edit/<int:contract_id>", methods=["GET", "POST"])
    @has_access
    def edit(self, contract_id: int) -> Any:
        """Change the term of a draft, its accounts and their terms."""
        found = _contract(str(contract_id))
        if found.status != ContractStatus.DRAFT:
            abort(404)
        contract = db.session.get_one(Contract, found.id)
        accounts = db.session.scalars(
            select(Account)
            .where(Account.consumer_id == found.consumer_id, Account.division_id == found.division_id, Account.closed_on.is_(None))
            .order_by(Account.number)
        ).all()
        record_disclosure("account", [account.id for account in accounts])
        form = _draft_form(contract, accounts)
        if form.validate_on_submit() and _stored(form, contract.id, accounts):
            flash(_("The draft was changed."), "success")
            return redirect(url_for("ContractView.show", pk=found.id))
        return self.render_template("contract_draft.html", form=form, contract=found, accounts=accounts)

    @expose("/withdraw/<int:contract_id>", methods=["POST"])
    @has_access
    def withdraw(self, contract_id: int) -> Any:
        """Give a draft up."""
        found = _contract(str(contract_id))
        try:
            with transaction() as session:
                drafts.withdraw_draft(session, found.id, on=clock.today())
        except StepRefused:
            abort(404)
        except drafts.NoAccounts:
            flash(_("An account would have no contract at all. Begin another draft first."), "warning")
        else:
            flash(_("The draft was withdrawn."), "success")
        return redirect(url_for("ContractView.show", pk=found.id))


class ContractTemplateView(EntityView):
    page = Page(
        _l("Texts of contracts"),
        {LOOK: roles.REFERENCE_READERS, "can_add": roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(90, "Contract texts"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(ContractTemplate)
    list_columns = ["kind", "language", "valid_from", "source", "created_by"]
    show_columns = ["kind", "language", "valid_from", "body", "source", "created_at", "created_by"]
    form_columns = ["kind", "language", "valid_from", "body", "source"]
    base_order = ("valid_from", "desc")
    base_permissions = ["can_list", "can_show", "can_add"]
    description_columns = {
        "body": _l("A paragraph a line; # begins a headline. Variables stand in braces: {number}, {consumer}, {accounts}, {limit} …")
    }
    add_form_extra_fields = {
        "body": TextAreaField(labels.COLUMN_LABELS["body"], [InputRequired(), Length(max=50_000)], render_kw={"rows": 20})
    }

    def pre_add(self, item: ContractTemplate) -> None:
        """Refuse a text whose variables are wrong, or that would change papers of days that are over."""
        if item.valid_from < clock.today():
            raise FormRefused(
                _("A text is in force from today on at the earliest: documents of days that are over stay as they are."), "valid_from"
            )
        try:
            check_template(item.kind, item.body)
        except TemplateRefused as refused:
            raise FormRefused(labels.member(refused.fault) + (f" {{{refused.variable}}}" if refused.variable else ""), "body") from None


_PHRASES: dict[type[Exception], Callable[[], str]] = {
    drafts.NotForContract: lambda: _("A contract of supply is for a legal consumer's own accounts in its division."),
    drafts.NoAccounts: lambda: _("A contract is about one open account at least."),
    drafts.TermFalls: lambda: _("The end is after the beginning."),
}


def _contract(pk: str) -> ContractRecord:
    found = queries.contract(db.session(), int(pk)) if pk.isdecimal() and len(pk) < 19 else None
    if found is None:
        abort(404)
    record_disclosure("consumer", [found.consumer_id])
    return found


def _text_of(contract: Contract) -> ContractPaper | None:
    """Return the paper that is the contract's own text; None: it is not signed."""
    if contract.kind == ContractKind.OFFER:
        return papers.offer_paper(db.session(), contract)
    return db.session.scalar(
        select(ContractPaper).where(ContractPaper.contract_id == contract.id, ContractPaper.kind == ContractPaperKind.SUPPLY)
    )


def _register_form() -> tuple[RegisterForm, RegisterFilter]:
    form = RegisterForm(request.args)
    form.validate()
    on = form.on.data or clock.today()
    form.on.data = on
    word = (form.word.data or "").replace("\0", "").strip()[:100]
    division_id = form.division.data if isinstance(form.division.data, int) else None
    ends_by = queries.notice_until(on, _notice_days()) if form.ending.data else None
    return form, RegisterFilter(on, form.kind.data, form.state.data, division_id, word, ends_by)


def _notice_days() -> int:
    """Return how many days before its end a contract is to be renewed or ended."""
    return administration.value_on(db.session(), "contracts.notice_days", clock.today())


def _draft_form(contract: Contract, accounts: Any) -> FlaskForm:
    """Return the form of a draft: its term, and a row of fields an account."""
    under = {account.id for account in queries.accounts_of(db.session(), contract.id, on=contract.valid_from)}
    made: dict[str, Any] = {
        "valid_from": fields.day_field(labels.COLUMN_LABELS["valid_from"], [InputRequired()], default=contract.valid_from),
        "valid_to": fields.day_field(
            labels.COLUMN_LABELS["valid_to"], [InputRequired()], description=_l("That day is excluded."),
            default=contract.valid_to or drafts.usual_end(db.session(), contract.valid_from),
        ),
    }  # fmt: skip
    for account in accounts:
        terms = contract.draft_terms.get(str(account.id), {})
        made[f"account_{account.id}"] = BooleanField(account.number, default=account.id in under)
        for name, kind in (("limit", TermKind.CONTRACT_LIMIT), ("demand", TermKind.DEMAND)):
            made[f"{name}_{account.id}"] = fields.quantity_field(
                labels.COLUMN_LABELS[f"{name}_milli"], [Optional()], default=terms.get(kind)
            )
    return type("DraftForm", (FlaskForm,), made)()  # type: ignore[no-any-return]


def _stored(form: FlaskForm, contract_id: int, accounts: Any) -> bool:
    chosen = {
        account.id: {
            kind.value: form[f"{name}_{account.id}"].data
            for name, kind in (("limit", TermKind.CONTRACT_LIMIT), ("demand", TermKind.DEMAND))
            if form[f"{name}_{account.id}"].data is not None
        }
        for account in accounts
        if form[f"account_{account.id}"].data
    }
    change: Callable[..., None] = partial(drafts.change_draft, valid_from=form["valid_from"].data, valid_to=form["valid_to"].data)
    try:
        with transaction() as session:
            change(session, contract_id, accounts=chosen)
    except StepRefused:
        abort(404)
    except tuple(_PHRASES) as error:
        form["valid_to"].errors = [_PHRASES[type(error)]()]
        return False
    return True


#: The pages of this area.
VIEWS = (
    ContractView,
    ContractTemplateView,
    ContractDraftView,
)
