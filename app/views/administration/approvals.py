"""The inbox of what waits for a second person."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from app import clock, labels
from app.domain.acts import ActRefused
from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.domain.administration.pages import Page
from app.domain.administration.translations import catalog_text
from app.extensions import appbuilder, db, transaction
from app.models.administration import Approval
from app.queries import administration as queries
from app.queries import equipment, reference
from app.services.acts import core as acts
from app.services.administration import approvals as service
from app.services.administration import company, translations
from app.services.administration.approvals import ApprovalSpec
from app.services.billing import adjustments, withdrawals
from app.services.claims import charges, inspections, subsidies
from app.services.equipment import maintenance, verification
from app.services.ledger import periods
from app.services.notices import campaigns
from app.services.payments import held, moves, suspense
from app.services.reference import changes
from app.views import menu
from app.views.administration.company import differing
from app.views.administration.jobs import rejected_rows
from app.views.base import FactView
from app.views.lists import show_numbers
from app.views.refusals import explained
from app.views.values import ValueFormatter

#: Every kind of request, as the areas declare it.
SPECS: dict[ApprovalKind, ApprovalSpec] = {
    area.APPROVAL.kind: area.APPROVAL
    for area in (
        acts,
        adjustments,
        campaigns,
        changes,
        charges,
        company,
        held,
        inspections,
        moves,
        periods,
        subsidies,
        suspense,
        translations,
        withdrawals,
        verification,
        maintenance,
    )
}
_DECIDING = (roles.LAWYER, roles.SUPERVISOR, roles.RNI_EDITOR, roles.TRANSLATOR, roles.ADMINISTRATOR)
#: What areas show on the page of a request beside what it says of itself.
_BESIDE: dict[ApprovalKind, list[Callable[[Approval], Mapping[str, object]]]] = {}
#: Told to a user who may be the same person as the one who asked.
_SAME_PERSON = catalog_text(
    "Somebody else decides about this: one of you two has a password that the other one, or the same third person, gave him lately."
)
#: Why a decision may come too late, or from the wrong person.
_REFUSALS: dict[type[Exception], str] = {each.error: each.told for spec in SPECS.values() for each in spec.too_late}
_REFUSALS[service.SamePerson] = _SAME_PERSON


def show_beside(kind: ApprovalKind, parts: Callable[[Approval], Mapping[str, object]]) -> None:
    """Let an area add to the pages of a kind of request; its function returns what the template is given."""
    _BESIDE.setdefault(kind, []).append(parts)


def may_decide(kind: ApprovalKind) -> bool:
    """Tell whether the user's role decides about a kind of request."""
    return bool(appbuilder.sm.has_access(service.permission_of(kind), "ApprovalView"))


def kinds_to_decide() -> list[ApprovalKind]:
    """Return the kinds of requests that the user may decide."""
    return [kind for kind in ApprovalKind if may_decide(kind)]


def waiting_for_me() -> int:
    """Return how many requests of others the user may decide, and documents of equipment he may sign."""
    kinds, session, name = kinds_to_decide(), db.session(), g.user.username
    requests = queries.pending_count(session, kinds=kinds, not_by=name) if kinds else 0
    return requests + (equipment.unsigned_count(session, name) if may_sign() else 0)


def may_sign() -> bool:
    """Tell whether the user's role signs documents of equipment."""
    return bool(appbuilder.sm.has_access("can_sign", "EquipmentDocumentView"))


class ApprovalView(FactView):
    page = Page(
        _l("Approvals"),
        {
            "can_show": (
                roles.CASHIER,
                roles.INSPECTOR,
                roles.LAWYER,
                roles.BILLING_OPERATOR,
                roles.SUPERVISOR,
                roles.RNI_EDITOR,
                roles.TRANSLATOR,
                roles.AUDITOR,
                roles.ADMINISTRATOR,
            ),
            "can_withdraw": (
                roles.CASHIER,
                roles.INSPECTOR,
                roles.BILLING_OPERATOR,
                roles.SUPERVISOR,
                roles.RNI_EDITOR,
                roles.TRANSLATOR,
                roles.ADMINISTRATOR,
            ),
            "can_list": (
                roles.INSPECTOR,
                roles.LAWYER,
                roles.BILLING_OPERATOR,
                roles.SUPERVISOR,
                roles.RNI_EDITOR,
                roles.AUDITOR,
                roles.ADMINISTRATOR,
            ),
            "can_decide": _DECIDING,
            "can_inbox": (*_DECIDING, roles.ENGINEER, roles.BILLING_OPERATOR),
            **{service.permission_of(kind): spec.approvers for kind, spec in SPECS.items()},
        },
        menu.ADMINISTRATION.at(10, "Approvals"),
    )
    datamodel = SQLAInterface(Approval)
    list_template = "approvals.html"
    list_columns = ["id", "kind", "subject", "division", "status", "created_by", "created_at", "decided_by", "decided_at"]
    base_order = ("id", "desc")
    searched = ("id", "subject", "created_by")
    formatters_columns = {"subject": labels.request_subject}
    base_permissions = [
        "can_list",
        "can_show",
        "can_inbox",
        "can_decide",
        "can_withdraw",
        *map(service.permission_of, SPECS),
    ]

    @expose("/inbox")
    @has_access
    def inbox(self) -> Any:
        """Show what the user may decide or sign now, oldest first."""
        kinds = [kind for kind in ApprovalKind if may_decide(kind)]
        rows = queries.pending_approvals(db.session(), kinds=kinds, not_by=g.user.username)
        show_numbers(row.subject for row in rows)
        documents = equipment.documents_to_sign(db.session(), g.user.username) if may_sign() else []
        shown = [(row, self._topic(row)) for row in rows]
        return self.render_template("inbox.html", rows=shown, documents=documents, count=waiting_for_me())

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a request with everything it would change."""
        found, words = self._request(pk), ValueFormatter()
        changes = [(change, words) for change in reference.changes_of(db.session(), found.id)]
        mine = found.created_by == g.user.username
        pending = found.status == ApprovalStatus.PENDING
        decides = pending and not mine and may_decide(ApprovalKind(found.kind))
        is_same = decides and service.may_be_same(db.session(), found.created_by, g.user.username, today=clock.today(), now=clock.now())
        return self.render_template(
            "approval.html",
            approval=found,
            topic=self._topic(found),
            changes=changes,
            subject_url=_subject_url(found),
            differing=differing(found),
            rejected=rejected_rows(found.contents.get("rejected", [])),
            **SPECS[ApprovalKind(found.kind)].describe(found),
            **_beside(found),
            may_withdraw=pending and mine,
            may_decide=decides and not is_same,
            refused_to=_(_SAME_PERSON) if is_same else None,
        )

    @expose("/decide/<pk>", methods=["POST"])
    @has_access
    def decide(self, pk: str) -> Any:
        """Grant or refuse a request of somebody else's."""
        found, grant = self._request(pk), request.form.get("decision") == "approve"
        if not may_decide(ApprovalKind(found.kind)) or found.created_by == g.user.username:
            abort(403)
        remark = request.form.get("remark", "").strip()
        if not grant and not remark:
            flash(_("Say why it is refused."), "warning")
            return redirect(url_for("ApprovalView.show", pk=pk))
        try:
            with transaction() as session:
                service.decide(session, found.id, grant=grant, by=g.user.username, remark=remark, today=clock.today(), now=clock.now())
        except service.AlreadyDecided:
            flash(_("This was decided already."), "warning")
        except tuple(_REFUSALS) as refusal:
            flash(_(_REFUSALS[type(refusal)]), "warning")
        except ActRefused as refusal:
            flash(labels.act_refusal(refusal), "warning")
        except (IntegrityError, DataError, ProgrammingError) as error:
            flash(str(explained(error)), "danger")
        else:
            flash(_("Approved.") if grant else _("Refused."), "success")
            return redirect(url_for("ApprovalView.inbox"))
        return redirect(url_for("ApprovalView.show", pk=pk))

    @expose("/withdraw/<pk>", methods=["POST"])
    @has_access
    def withdraw(self, pk: str) -> Any:
        """Take one's own request back."""
        found = self._request(pk)
        try:
            with transaction() as session:
                service.withdraw(session, found.id, by=g.user.username, today=clock.today(), now=clock.now())
        except service.NotYours:
            abort(403)
        except service.AlreadyDecided:
            flash(_("This was decided already."), "warning")
        else:
            flash(_("Withdrawn."), "success")
        return redirect(url_for("ApprovalView.show", pk=pk))

    def _request(self, pk: str) -> Approval:
        found = self.datamodel.get(int(pk), self._base_filters) if pk.isdecimal() and len(pk) < 19 else None
        if found is None or not (self._sees_all() or found.created_by == g.user.username or may_decide(ApprovalKind(found.kind))):
            abort(404)
        return found

    def _sees_all(self) -> bool:
        """Tell whether the user looks at requests he neither made nor decides."""
        return bool(self.appbuilder.sm.has_access("can_list", "ApprovalView"))

    def _topic(self, found: Approval) -> Any:
        """Return the dictionary a request is about, else its kind."""
        return labels.TITLES.get(found.contents.get("table", ""), labels.member_of(ApprovalKind, found.kind))


def _beside(found: Approval) -> dict[str, object]:
    return {name: part for parts in _BESIDE.get(ApprovalKind(found.kind), []) for name, part in parts(found).items()}


def _subject_url(found: Approval) -> str | None:
    page_of = SPECS[ApprovalKind(found.kind)].page_of
    address = page_of(found) if page_of else None
    return url_for(address[0], **address[1]) if address else None
