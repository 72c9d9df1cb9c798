"""The tree of divisions."""

from collections.abc import Sequence
from typing import Any

from flask import abort, g, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import inspect

from app import clock
from app.domain import identifiers
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.extensions import db, is_local_path, transaction
from app.gateways.divisions_file import DISTRICTS
from app.jobs import runner
from app.models.administration import Division
from app.queries import administration as queries
from app.services import administration as service
from app.views import menu
from app.views.base import EntityView
from app.views.lists.selection import bulk_act
from app.views.refusals import FormRefused, refusing
from app.views.session_guard import WITHIN
from app.views.uploads import FileForm, LoadsFiles


class DivisionView(EntityView):
    page = Page(
        lazy_gettext("Divisions"),
        {
            LOOK: (roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.RNI_EDITOR, roles.AUDITOR, roles.ADMINISTRATOR),
            EDIT: (roles.ADMINISTRATOR,),
            "bill_month": roles.BILLING_STAFF,
        },
        menu.ADMINISTRATION.at(20, "Divisions"),
    )
    datamodel = SQLAInterface(Division)
    list_template = "divisions.html"
    list_columns = ["code", "name", "level", "parent", "branch_code"]
    form_columns = [
        "parent", "level", "code", "branch_code", "name", "name_uz_cyrl", "name_ru", "legal_name", "stir", "vat_registration", "oked",
        "mfo", "bank_account", "address", "phone", "director", "accountant",
    ]  # fmt: skip
    base_order = ("path", "asc")
    searched = ("code", "name", "branch_code")

    def pre_add(self, item: Division) -> None:
        _refuse_foreign(item.parent and item.parent.id)
        self._place(item)

    def pre_update(self, item: Division) -> None:
        _refuse_foreign(item.id)
        for parent in inspect(item).attrs.parent.history.added or ():
            _refuse_foreign(parent and parent.id)
        self._place(item)

    def pre_delete(self, item: Division) -> None:
        _refuse_foreign(item.id)

    def _place(self, item: Division) -> None:
        phrases = {
            identifiers.InvalidIdentifier: _("This is no SOATO code: 4 digits for a region, 7 or 10 for a district, beginning with 17."),
            service.UnknownParent: _("A region belongs to the republic, a district to a region. Choose the parent accordingly."),
        }
        with refusing("code", phrases):
            service.place_division(db.session(), item)

    def _act(self, name: str, pks: Sequence[str], *, single: bool) -> Any:
        """Act on chosen divisions of the user's; those of others are not there for him."""
        if not {*pks} <= {str(each.id) for each in my_divisions()}:
            abort(404)
        return super()._act(name, pks, single=single)

    bill_month = bulk_act("bill_month", lazy_gettext("Preview the bills of the last month"), "", "fa-file-text", single=True)


def my_divisions() -> list[queries.DivisionRecord]:
    """Return the divisions the user may work in, those within the one he looks at, in the order of the tree."""
    return queries.divisions_here(db.session())


def division_asked(mine: Sequence[queries.DivisionRecord]) -> queries.DivisionRecord:
    """Return the one of the user's divisions that a page's address asks for; the highest, if it asks for none."""
    wanted = request.args.get("division", "")
    return next((each for each in mine if not wanted or (wanted.isdecimal() and each.id == int(wanted))), None) or abort(404)


def divisions_above(mine: Sequence[queries.DivisionRecord], chosen: queries.DivisionRecord) -> list[queries.DivisionRecord]:
    """Return the user's divisions above one of them, the highest first."""
    return [each for each in mine if chosen.path.startswith(each.path) and each.id != chosen.id]


class DivisionSwitchView(BaseView):
    """The switch of the top bar: whoever works in many divisions looks at one, with all below it."""

    page = Page(None)
    route_base = "/division-switch"

    @expose("/", methods=["POST"])
    def switch(self) -> Any:
        """Look at a division of mine from now on, or without one at all of them, and return to where one was."""
        if g.user.is_anonymous:
            abort(404)
        wanted, back = "" if "all" in request.form else request.form.get("division", ""), request.form.get("next", "/")
        session.pop(WITHIN, None)
        if wanted:
            mine = queries.divisions_of_user(db.session(), g.user.id, clock.today())
            session[WITHIN] = next((each.id for each in mine if str(each.id) == wanted), None) or abort(404)
        return redirect(back if is_local_path(back) else "/")


def division_looked_at() -> queries.DivisionRecord | None:
    """Return the division the user looks at; None: all of his, or one that is not his any more."""
    here = next(iter(my_divisions()), None) if WITHIN in session else None
    return here if here and here.id == session[WITHIN] else None


def _refuse_foreign(division_id: int | None) -> None:
    if division_id is not None and division_id not in {each.id for each in my_divisions()}:
        raise FormRefused(_("This lies in a division that is not yours."))


class DivisionFileView(LoadsFiles, BaseView):
    """Districts from a file of the user's."""

    page = Page(lazy_gettext("Files of districts"), {"can_load": (roles.ADMINISTRATOR,)}, company_wide="")
    route_base = "/division-file"
    default_view = "load"
    base_permissions = ["can_load"]
    file_spec = DISTRICTS

    @expose("/load", methods=["GET", "POST"])
    @has_access
    def load(self) -> Any:
        """Take in a file of districts and start its import."""
        form, top = FileForm(), my_divisions()
        if not form.validate_on_submit():
            return self.file_page(form, back=url_for("DivisionView.list"))
        if not top:
            abort(403)
        with transaction() as session:
            given = {"file_id": form.stored(session, top[0].id).id}
            job_id = service.start_job(session, JobKind.DIVISION_IMPORT, division_id=top[0].id, parameters=given)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))
