"""The list of acts, the card of one with its document and its counter-act."""

from typing import Any
from uuid import uuid4

from flask import abort, request
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app import clock
from app.documents import acts as documents
from app.documents import downloads
from app.domain.acts import METER_KINDS, ActStatus
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.extensions import db, record_disclosure
from app.models.acts import Act
from app.queries import accounts
from app.queries import acts as queries
from app.queries import documents as papers
from app.queries.acts import meters
from app.services import acts as service
from app.views import menu
from app.views.acts.base import ActForm, answered, may_perform
from app.views.base import FactView
from app.views.stored_files import sent_file


class AccountActView(FactView):
    page = Page(
        _l("Acts"),
        {
            f"{LOOK} can_pdf can_photo can_statement": roles.ACCOUNT_READERS,
            "can_reverse_act": (roles.ENGINEER, roles.LAWYER, roles.BILLING_OPERATOR, roles.SUPERVISOR),
        },
        menu.ACCOUNTS.at(20, "Acts"),
    )
    datamodel = SQLAInterface(Act)
    list_columns = ["id", "effective_on", "kind", "account", "consumer", "status", "reason", "created_by"]
    show_columns = [*list_columns, "reverses_id", "created_at"]
    search_columns = ["kind", "status", "effective_on", "account", "division", "reason", "created_by"]
    base_order = ("id", "desc")
    searched = ("id", "account", "consumer")
    base_permissions = ["can_list", "can_show", "can_pdf", "can_photo", "can_statement", "can_reverse_act"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show an act with what it was given, what it wrote, who agreed, and its counter-act."""
        act = self._act_of(pk)
        reversed_by = queries.reversed_by(db.session(), act.id)
        return self.render_template(
            "act_show.html",
            act=act,
            approval=queries.approval_of(db.session(), act.id),
            reversed_by=reversed_by,
            photos=meters.photos_of(db.session(), act.id),
            has_statement=act.kind in METER_KINDS and act.status in (ActStatus.DONE, ActStatus.REVERSED),
            may_reverse=act.status == ActStatus.DONE and act.reverses_id is None and reversed_by is None and may_perform(act.kind),
        )

    @expose("/pdf/<pk>", methods=["GET"])
    @has_access
    def pdf(self, pk: str) -> Any:
        """Send the document of an act in the consumer's language and in Russian, as it was stored."""
        act = self._act_of(pk)
        approval = queries.approval_of(db.session(), act.id)
        return downloads.inline(
            documents.act_pdf(act, approval, papers.division_names(db.session(), act.division_id, act.created_at)),
            documents.file_name(act),
            "application/pdf",
        )

    @expose("/statement/<pk>", methods=["GET"])
    @has_access
    def statement(self, pk: str) -> Any:
        """Send what the consumer is told of an act about meters, in the consumer's language."""
        act = self._act_of(pk)
        card = accounts.card(db.session(), act.account_id) if act.account_id and act.kind in METER_KINDS else None
        if card is None:
            abort(404)
        names = papers.division_names(db.session(), act.division_id, act.created_at)
        return downloads.inline(documents.statement_pdf(act, card, names), f"statement-{act.id}.pdf", "application/pdf")

    @expose("/photo/<int:photo_id>", methods=["GET"])
    @has_access
    def photo(self, photo_id: int) -> Any:
        """Send a photograph of an act."""
        photo = meters.photo(db.session(), photo_id)
        return sent_file(photo.stored_file_id if photo else None, is_shown=True)

    @expose("/reverse/<pk>", methods=["GET", "POST"])
    @has_access
    def reverse_act(self, pk: str) -> Any:
        """Ask for day and reason of the counter-act, show what it would write, then perform it."""
        act, form, found = self._act_of(pk), ActForm(), None
        if not may_perform(act.kind):
            abort(403)
        if request.method == "GET":
            form.reference.data, form.effective_on.data = uuid4().hex, clock.today()
        elif form.validate():
            wanted = service.request_of(act, effective_on=form.effective_on.data, reason=form.reason.data, reference=form.reference.data)
            answer = answered(form, wanted)
            if answer is not None and not isinstance(answer, dict):
                return answer
            found, act = answer, self._act_of(pk)
        return self.render_template(
            "act.html", form=form, undone=act, subject=None, found=found, kind=act.kind, groups=(), back=self.url_of(act)
        )

    def url_of(self, act: Act) -> str:
        """Return the address of an act's card."""
        return f"{self.route_base}/show/{act.id}"

    def _act_of(self, pk: str) -> Act:
        act = self.found(pk)
        record_disclosure("account", [act.account_id])
        record_disclosure("consumer", [act.consumer_id])
        return act
