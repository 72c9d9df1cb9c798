"""The inbox of applications by department, the list of all, and the card with what staff may let happen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock, labels
from app.documents import applications as forms
from app.domain.acts import ActRefused
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.applications import (
    BY_CONSUMER,
    BY_STAFF,
    LONGEST_REASON,
    TRANSITIONS,
    WORKS,
    ApplicationEvent,
    ApplicationStatus,
    ApplicationWork,
    WorkPlace,
    days_late,
    possible,
)
from app.extensions import appbuilder, db, record_disclosure, set_change_reason, transaction
from app.models.applications import ConsumerApplication
from app.queries import accounts
from app.queries import applications as queries
from app.queries.applications import ApplicationRecord, StageRecord
from app.services import applications as service
from app.services.applications import StepTaken
from app.services.billing.corrections import NothingToCancel
from app.views import menu
from app.views.acts.base import may_perform, page_of
from app.views.base import FactView
from app.views.stored_files import sent_file

#: Applications on a page of the inbox.
SHOWN = 200
#: Days before the end of a term from which an application is shown as urgent.
_SOON = 2
_WORKERS = (roles.ENGINEER, roles.LAWYER, *roles.BILLING_STAFF)
_PAGES = {WorkPlace.ACT: "AccountActView", WorkPlace.EQUIPMENT: "EquipmentDocumentView", WorkPlace.CORRECTION: "BillCorrectionView"}


class InboxPart(NamedTuple):
    """A part of the inbox: what it is called, and its rows."""

    title: Any
    rows: Callable[[Session], list[ApplicationRecord]]


class ApplicationInboxView(BaseView):
    """Applications that wait, by whom they wait for."""

    page = Page(
        _l("Inbox of applications"), {"can_applications_inbox": roles.ACCOUNT_READERS}, menu.ACCOUNTS.at(24, "Inbox of applications")
    )
    route_base = "/applications-inbox"
    default_view = "applications_inbox"
    base_permissions = ["can_applications_inbox"]

    @expose("/")
    @has_access
    def applications_inbox(self) -> Any:
        """Show the applications of the reader, of the department, those nobody has taken up, or all that are late."""
        parts = self._parts()
        chosen = request.args.get("of", "waiting")
        if chosen not in parts:
            abort(404)
        rows = parts[chosen].rows(db.session())
        record_disclosure("account", [row.account_id for row in rows])
        record_disclosure("application", [row.id for row in rows])
        return self.render_template(
            "applications_inbox.html", parts=parts, chosen=chosen, rows=rows, today=clock.today(), soon=_SOON, is_full=len(rows) == SHOWN
        )

    def _parts(self) -> Mapping[str, InboxPart]:
        today, me = clock.today(), g.user.id
        return {
            "me": InboxPart(_l("In my hands"), lambda session: queries.of_assignee(session, me, today, limit=SHOWN)),
            "department": InboxPart(_l("Of my department"), lambda session: queries.of_department(session, me, today, limit=SHOWN)),
            "waiting": InboxPart(_l("Taken up by nobody"), lambda session: queries.waiting(session, limit=SHOWN)),
            "late": InboxPart(_l("All that are late"), lambda session: queries.late(session, today, limit=SHOWN)),
        }


class ApplicationView(FactView):
    page = Page(
        _l("Applications"),
        {f"{LOOK} can_application_file": roles.ACCOUNT_READERS, "can_step_application can_accept_application": _WORKERS},
        menu.ACCOUNTS.at(25, "Applications"),
    )
    datamodel = SQLAInterface(ConsumerApplication)
    route_base = "/applications"
    list_template = "applications.html"
    list_columns = [
        "id", "application_kind", "status", "account", "applicant_name", "filed_on", "term_on", "ended_on", "division",
    ]  # fmt: skip
    show_columns = [*list_columns, "way", "department"]
    search_columns = ["application_kind", "status", "filed_on", "term_on", "ended_on", "way", "division", "account"]
    base_order = ("id", "desc")
    searched = ("id", "account")
    base_permissions = ["can_list", "can_show", "can_application_file", "can_step_application", "can_accept_application"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show an application, what came with it, what happened to it, and what the reader may let happen."""
        found = self._found(pk)
        session, today = db.session(), clock.today()
        route = queries.stages(session, found.kind_id, today)
        events = self._possible(found, is_last=not any(each.stage > found.stage for each in route))
        work = queries.work_document(session, found.work_reference) if found.work_reference else None
        return self.render_template(
            "application.html", application=found, lines=forms.lines(session, found.form_schema, found.given, on=today), route=route,
            steps=queries.steps(session, found.id), files=queries.files(session, found.id), events=events,
            templates=[each for each in queries.templates(session, found.language) if each.event in events], longest=LONGEST_REASON,
            late_days=days_late(found.term_on, today) if found.ended_on is None else 0, work=work,
            work_page=_PAGES.get(WorkPlace(work.place)) if work and work.place in set(WorkPlace) else None, carry_out=_page_of(found),
            fee=queries.fee(session, found.id), on_paper=self._on_paper(found), is_anothers=_is_anothers(found, route),
        )  # fmt: skip

    @expose("/file/<int:application_file_id>", methods=["GET"])
    @has_access
    def application_file(self, application_file_id: int) -> Any:
        """Send a file of an application."""
        found = queries.file(db.session(), application_file_id)
        return sent_file(found.stored_file_id if found else None)

    @expose("/step/<pk>", methods=["POST"])
    @has_access
    def step_application(self, pk: str) -> Any:
        """Let something happen to an application."""
        found, wanted = self._found(pk), request.form.get("event", "")
        if wanted not in {str(each) for each in (*BY_STAFF, *BY_CONSUMER)}:
            abort(400)
        taken = self._taken(found, ApplicationEvent(wanted))
        set_change_reason(taken.reason)
        try:
            with transaction() as session:
                service.advance(session, found.id, taken, today=clock.today(), now=clock.now())
        except forms.REFUSALS as refused:
            flash(forms.refused_words(refused), "warning")
        else:
            flash(_("Recorded."), "success")
        return redirect(url_for("ApplicationView.show", pk=found.id))

    @expose("/accept/<pk>", methods=["POST"])
    @has_access
    def accept_application(self, pk: str) -> Any:
        """Agree to an application; its work is done at once, or on the page of its document."""
        found = self._found(pk)
        if not may_do(found):
            abort(403)
        taken = self._taken(found, ApplicationEvent.ACCEPT)
        basis = labels.application_basis(found.id, found.filed_on)
        set_change_reason(basis)
        try:
            with transaction() as session:
                service.accept(session, found.id, taken, basis=basis, today=clock.today(), now=clock.now())
        except forms.REFUSALS as refused:
            flash(forms.refused_words(refused), "warning")
        except ActRefused as refused:
            flash(labels.act_refusal(refused), "warning")
        except NothingToCancel:
            flash(_("No bill stands from this month on."), "warning")
        else:
            flash(_("The application was accepted."), "success")
            return redirect(_page_of(self._found(pk)) or url_for("ApplicationView.show", pk=found.id))
        return redirect(url_for("ApplicationView.show", pk=found.id))

    def _taken(self, found: ApplicationRecord, event: ApplicationEvent) -> StepTaken:
        title = _("Application № %(number)s: %(kind)s", number=found.id, kind=found.kind)
        return StepTaken(
            event, request.form.get("reason", ""), forms.given_files(request.files.getlist("files")), g.user.id, title,
            url_for("ApplicationView.show", pk=found.id), event in BY_CONSUMER,
        )  # fmt: skip

    def _found(self, pk: str) -> ApplicationRecord:
        found = queries.application(db.session(), int(pk)) if pk.isdecimal() and len(pk) < 19 else None
        if found is None:
            abort(404)
        record_disclosure("account", [found.account_id])
        record_disclosure("application", [found.id])
        return found

    def _possible(self, found: ApplicationRecord, *, is_last: bool) -> list[ApplicationEvent]:
        if not appbuilder.sm.has_access("can_step_application", "ApplicationView"):
            return []
        events = possible(found.status, needs_letter=found.work == ApplicationWork.ANSWER, is_last_stage=is_last)
        return [each for each in events if each != ApplicationEvent.ACCEPT or may_do(found)]

    def _on_paper(self, found: ApplicationRecord) -> list[ApplicationEvent]:
        """Return what the consumer may do now, which staff record from a paper."""
        may_record = appbuilder.sm.has_access("can_step_application", "ApplicationView")
        return [event for event in BY_CONSUMER if may_record and (found.status, event) in TRANSITIONS]


def _is_anothers(found: ApplicationRecord, route: Sequence[StageRecord]) -> bool:
    """Return whether an application waits to be accepted by somebody who may do what it asks for, as the reader may not."""
    return found.status == ApplicationStatus.TAKEN and not any(each.stage > found.stage for each in route) and not may_do(found)


def may_do(found: ApplicationRecord) -> bool:
    """Return whether the reader may do by hand what an application asks for: whoever may not, may not accept it either."""
    rule = WORKS[ApplicationWork(found.work or "")] if found.work else None
    if rule is None or not appbuilder.sm.has_access("can_accept_application", "ApplicationView"):
        return False
    if rule.act is not None:
        return may_perform(rule.act)
    page = {
        WorkPlace.EQUIPMENT: ("can_draw_up", "NewEquipmentDocumentView"),
        WorkPlace.CORRECTION: ("can_correct_bills", "BillCorrectionView"),
    }.get(rule.place)
    return page is None or bool(appbuilder.sm.has_access(*page))


def _page_of(found: ApplicationRecord) -> str | None:
    """Return the page on which the work of an accepted application is done, filled from it; None: no page is needed."""
    rule = WORKS[ApplicationWork(found.work or "")] if found.work else None
    if rule is None or not rule.needs_person or found.status != ApplicationStatus.ACCEPTED or found.work_reference or not may_do(found):
        return None
    if rule.act is None:
        return url_for("NewEquipmentDocumentView.draw_up", kind="VERIFY", application=found.id)
    page = page_of(rule.act)
    card = accounts.card(db.session(), found.account_id) if found.account_id else None
    if page is None:
        return None
    address = page.url_from(card) if card else url_for(f"{page.endpoint}.perform")
    return f"{address}?application={found.id}"
