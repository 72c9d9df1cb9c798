"""The organisational structure: departments, posts, people, and who stands in for whom."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import inspect
from wtforms import BooleanField

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.extensions import db, transaction
from app.models.administration import Department, Post, StaffMember, Substitution
from app.queries import administration as queries
from app.services import administration as service
from app.views import menu
from app.views.administration.divisions import my_divisions
from app.views.administration.role_grants import refusing_rights
from app.views.base import EntityView
from app.views.refusals import FormRefused, refusing


class DepartmentView(EntityView):
    page = Page(
        lazy_gettext("Departments"),
        {LOOK: roles.STRUCTURE_READERS, EDIT: (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(110, "Departments"),
    )
    datamodel = SQLAInterface(Department)
    list_columns = ["division", "parent", "code", "name", "valid_from", "valid_to"]
    form_columns = ["division", "parent", "code", "name", "name_uz_cyrl", "name_ru", "valid_from", "valid_to"]
    base_order = ("code", "asc")
    searched = ("code", "name")

    def pre_add(self, item: Department) -> None:
        phrases = {
            service.DepartmentElsewhere: _("A department belongs to another one of the same division."),
            service.Circle: _("A department cannot lie inside itself."),
        }
        with refusing("parent", phrases):
            service.place_department(db.session(), item)

    pre_update = pre_add


class PostView(EntityView):
    page = Page(
        lazy_gettext("Posts"),
        {LOOK: roles.STRUCTURE_READERS, EDIT: (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(120, "Posts"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(Post)
    form_columns = ["code", "name", "name_uz_cyrl", "name_ru"]
    list_columns = ["name"]
    base_order = ("code", "asc")
    searched = ("code", "name", "name_ru")


class StaffMemberView(EntityView):
    page = Page(
        lazy_gettext("People"), {LOOK: roles.STRUCTURE_READERS, EDIT: (roles.ADMINISTRATOR,)}, menu.ADMINISTRATION.at(130, "People")
    )
    datamodel = SQLAInterface(StaffMember)
    list_columns = ["personnel_number", "name", "post", "department", "phone", "user", "valid_from", "valid_to"]
    form_columns = ["name", "personnel_number", "department", "post", "phone", "user", "valid_from", "valid_to"]
    base_order = ("id", "asc")
    searched = ("personnel_number", "name", "phone")
    description_columns = {"user": lazy_gettext("The user this person logs in as; leave it empty for one who does not.")}

    def pre_add(self, item: StaffMember) -> None:
        item.division_id = item.department.division_id
        with refusing_rights("user"):
            service.check_staff_user(db.session(), item, before_id=_user_before(item), giver_id=g.user.id, today=clock.today())

    pre_update = pre_add

    def pre_delete(self, item: StaffMember) -> None:
        before_id, item.user = item.user_id, None
        with refusing_rights():
            service.check_staff_user(db.session(), item, before_id=before_id, giver_id=g.user.id, today=clock.today())


class SubstitutionView(EntityView):
    """Substitutions: before one is stored, the form says what the substitute will be able to do."""

    page = Page(
        lazy_gettext("Substitutions"),
        {LOOK: roles.STRUCTURE_READERS, "can_add can_edit can_end": (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(140, "Substitutions"),
    )
    datamodel = SQLAInterface(Substitution)
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_end"]
    show_template = "substitution_show.html"
    list_columns = show_columns = ["absent", "substitute", "valid_from", "valid_to", "basis"]
    add_columns = ["absent", "substitute", "valid_from", "valid_to", "basis", "sure"]
    edit_columns = ["valid_to", "basis"]
    base_order = ("id", "desc")
    searched = ("absent", "substitute", "basis")
    description_columns = {"valid_to": lazy_gettext("That day is excluded.")}
    add_form_extra_fields = {"sure": BooleanField(lazy_gettext("I have read what the substitute will be able to do."))}

    def pre_add(self, item: Substitution) -> None:
        item.division_id = item.absent.division_id
        if item.absent.id == item.substitute.id:
            raise FormRefused(_("Nobody stands in for himself."), "substitute")
        if item.substitute.user_id is None:
            raise FormRefused(_("This person has no user to log in as."), "substitute")
        self.pre_update(item)
        if not request.form.get("sure"):
            raise FormRefused(_effect(item), "sure")

    def pre_update(self, item: Substitution) -> None:
        with refusing_rights("substitute"):
            service.check_substitution(db.session(), item, giver_id=g.user.id, today=clock.today())

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> Any:
        """Show a substitution and what it lends."""
        item = db.session.get(Substitution, pk) or abort(404)
        return self.render_template("substitution_show.html", item=item, effect=_effect(item), today=clock.today())

    @expose("/end/<int:pk>", methods=["POST"])
    @has_access
    def end(self, pk: int) -> Any:
        """End a substitution today, because the absent one is back."""
        item = db.session.get(Substitution, pk) or abort(404)
        try:
            self.pre_update(item)
        except FormRefused as refused:
            flash(str(refused), "danger")
            return redirect(url_for("SubstitutionView.show", pk=pk))
        with transaction() as session:
            service.end_substitution(session, pk, today=clock.today())
        flash(_("The substitution ends today."), "success")
        return redirect(url_for("SubstitutionView.list"))


class StructureView(BaseView):
    """A division's departments as a tree with their people."""

    page = Page(lazy_gettext("Organisational structure"), {"can_show": roles.OFFICE}, menu.ADMINISTRATION.at(100, "Structure"))
    route_base = "/structure"
    default_view = "show"

    @expose("/")
    @has_access
    def show(self) -> Any:
        """Show the structure of the chosen division as it is today."""
        mine, wanted = my_divisions(), request.args.get("division", "")
        chosen = next((each for each in mine if str(each.id) == wanted), mine[0] if mine and not wanted else None)
        if chosen is None:
            abort(404)
        today = clock.today()
        departments = queries.departments_of(db.session(), chosen.id, today)
        people = queries.people_of(db.session(), chosen.id, today)
        shown = {each.id for each in departments}
        inside: dict[int | None, list[Any]] = {}
        for each in departments:
            # A department whose parent has ended stands at the top.
            inside.setdefault(each.parent_id if each.parent_id in shown else None, []).append(each)
        return self.render_template("structure.html", divisions=mine, chosen=chosen, inside=inside, people=people)


def _user_before(item: StaffMember) -> int | None:
    """Return the user a person was tied to before the form was read."""
    if not inspect(item).persistent:
        return None
    before = inspect(item).attrs.user.history.deleted
    return (
        before[0].id
        if before and before[0] is not None
        else (item.user.id if not inspect(item).attrs.user.history.added and item.user else None)
    )


def _effect(item: Substitution) -> str:
    """Return what a substitute will be able to do, and from when to when."""
    absent_id = item.absent.user_id
    if absent_id is None:
        return _("%(absent)s has no user, so this lends no rights; it only shows who is responsible.", absent=item.absent.name)
    roles = ", ".join(labels.role(name) for name in queries.own_roles(db.session(), absent_id))
    divisions = ", ".join(name for _id, name in queries.own_grants(db.session(), absent_id, clock.today()))
    return _(
        "From %(first)s until before %(end)s %(substitute)s will be able to do what %(absent)s may: as %(roles)s, in %(divisions)s. "
        "What is done is recorded under the substitute's own name.",
        first=labels.day(item.valid_from), end=labels.day(item.valid_to), substitute=item.substitute.name, absent=item.absent.name,
        roles=roles or "—", divisions=divisions or "—",
    )  # fmt: skip
