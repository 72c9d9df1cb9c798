"""Acts about a contract of supply, begun from its card."""

from datetime import date
from typing import Any

from flask import abort, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired, Optional

from app import clock, labels
from app.domain.acts import ActKind
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.contracts import ContractEvent, StepRefused, next_status
from app.extensions import appbuilder, db, record_disclosure
from app.queries import contracts
from app.queries.accounts import Card
from app.queries.contracts import ContractRecord
from app.services.contracts.drafts import usual_end
from app.views import fields
from app.views.acts.base import ActForm, ActView, may_perform


class ContractActForm(ActForm):
    """An act about a contract."""

    contract_id = HiddenField()

    def prepare(self, subject: Any, _today: date) -> None:
        self.contract_id.data = subject.id


class AnnexForm(ContractActForm):
    """What an additional agreement changes."""

    contract_account_id = SelectField(labels.COLUMN_LABELS["account"], coerce=int)
    valid_from = fields.day_field(labels.COLUMN_LABELS["in_force_from"], [InputRequired()])
    limit_milli = fields.quantity_field(labels.COLUMN_LABELS["limit_milli"], [Optional()])
    demand_milli = fields.quantity_field(labels.COLUMN_LABELS["demand_milli"], [Optional()])

    def prepare(self, subject: Any, today: date) -> None:
        super().prepare(subject, today)
        rows = contracts.accounts_of(db.session(), subject.id, on=max(today, subject.valid_from))
        self.contract_account_id.choices = [(row.id, row.number) for row in rows]
        if not self.is_submitted():
            self.valid_from.data = today


class RenewForm(ContractActForm):
    """How long a contract goes on."""

    valid_to = fields.day_field(labels.COLUMN_LABELS["valid_to"], [InputRequired()], description=_l("That day is excluded."))

    def prepare(self, subject: Any, today: date) -> None:
        super().prepare(subject, today)
        if not self.is_submitted():
            self.valid_to.data = usual_end(db.session(), subject.valid_to or today)


class EndForm(ContractActForm):
    """When a contract ends."""

    ends_on = fields.day_field(labels.COLUMN_LABELS["ends_on"], [InputRequired()])

    def prepare(self, subject: Any, today: date) -> None:
        super().prepare(subject, today)
        if not self.is_submitted():
            self.ends_on.data = today


class ContractActView(ActView):
    """The page of an act about a contract."""

    event: ContractEvent

    def is_offered(self, _card: Card) -> bool:
        return False

    def is_possible(self, contract: ContractRecord) -> bool:
        """Return whether a contract stands so that the act makes sense."""
        try:
            next_status(contract.kind, contract.state(clock.today()), self.event)
        except StepRefused:
            return False
        return True

    def subject(self, subject_id: int) -> Any:
        """Return the contract the act is about."""
        found = contracts.contract(db.session(), subject_id)
        if found is None or not self.is_possible(found):
            abort(404)
        record_disclosure("consumer", [found.consumer_id])
        return found

    def subject_ids(self, subject: Any, _form: ActForm) -> dict[str, int | None]:
        return {"division_id": subject.division_id, "consumer_id": subject.consumer_id}

    def back_url(self, subject: Any) -> str:
        return url_for("ContractView.show", pk=subject.id)

    @expose("/<int:contract_id>", methods=["GET", "POST"])
    @has_access
    def perform(self, contract_id: int) -> Any:
        """Show the form, then what the act would write, then perform it."""
        return self.respond(self.subject(contract_id))


class SignContractView(ContractActView):
    page = Page(_l("Act: sign a contract"), {"can_perform": roles.CONTRACT_STAFF}, under="ContractView")
    kind, event, form = ActKind.SIGN_CONTRACT, ContractEvent.SIGN, ContractActForm
    route_base = "/acts/sign-contract"


class AnnexContractView(ContractActView):
    page = Page(_l("Act: additional agreement"), {"can_perform": roles.CONTRACT_STAFF}, under="ContractView")
    kind, event, form = ActKind.ANNEX_CONTRACT, ContractEvent.ANNEX, AnnexForm
    route_base = "/acts/annex-contract"


class RenewContractView(ContractActView):
    page = Page(_l("Act: renew a contract"), {"can_perform": roles.CONTRACT_STAFF}, under="ContractView")
    kind, event, form = ActKind.RENEW_CONTRACT, ContractEvent.RENEW, RenewForm
    route_base = "/acts/renew-contract"


class EndContractView(ContractActView):
    page = Page(_l("Act: end a contract"), {"can_perform": roles.CONTRACT_STAFF}, under="ContractView")
    kind, event, form = ActKind.END_CONTRACT, ContractEvent.END, EndForm
    route_base = "/acts/end-contract"


def contract_buttons(contract: ContractRecord) -> list[tuple[str, str]]:
    """Return (text, address) of the acts the user may perform on a contract as it stands."""
    pages = [view for view in appbuilder.baseviews if isinstance(view, ContractActView) and view.is_possible(contract)]
    return [
        (labels.member(page.kind), url_for(f"{page.endpoint}.perform", contract_id=contract.id)) for page in pages if may_perform(page.kind)
    ]
