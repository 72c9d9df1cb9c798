"""Roles: what each permits, a row a page, a column an act, by area."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.extensions import transaction
from app.labels import COLUMN_LABELS
from app.views import menu
from app.views.administration.role_grants import (
    check_role,
    ensure_unique_name,
    errors_on_form,
    matrix,
    permitted,
    redirect_if_forbidden,
    row_of,
)
from app.views.administration.staff import NAME_RULES
from app.views.base import FactView
from app.views.refusals import FormRefused


class RoleForm(FlaskForm):
    """A role's name; what it permits is beside it."""

    name = StringField(COLUMN_LABELS["name"], NAME_RULES)


class RoleView(FactView):
    """Roles and what each permits, page by page."""

    page = Page(
        lazy_gettext("Roles"),
        {LOOK: roles.ACCESS_READERS, EDIT: (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(40, "Roles"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(Role)
    route_base = "/roles"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_delete"]
    list_columns = ["name"]
    search_columns = ["name"]
    searched = ("name",)
    base_order = ("name", "asc")
    formatters_columns = {"name": labels.role}

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show what a role permits, in words, and who has it."""
        role = row_of(Role, pk)
        held = {permission.id for permission in role.permissions}
        members = sorted(role.user, key=lambda user: user.username)
        return self.render_template(
            "role_show.html", role=role, areas=matrix(held), acts=labels.ACT_LABELS, members=members, groups=[x.name for x in role.groups]
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """Add a role of the office's own."""
        return self._form(Role(), RoleForm(), _("Roles: add"), url_for("RoleView.list"))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Change what a role permits; not one of one's own."""
        role = row_of(Role, pk)
        if refused := redirect_if_forbidden(lambda: check_role(role)):
            return redirect(refused)
        title = _("Role %(name)s: edit", name=labels.role(role.name))
        return self._form(role, RoleForm(obj=role), title, url_for("RoleView.show", pk=role.id))

    def _form(self, role: Role, form: RoleForm, title: str, back: str) -> Any:
        chosen = {int(value) for value in request.form.getlist("permission") if value.isdecimal()}
        if request.method == "GET":
            chosen = {permission.id for permission in role.permissions}
        with errors_on_form(form):
            if form.validate_on_submit():
                check_role(role)
                name = role.name if role.name in labels.ROLE_LABELS else form.name.data
                with transaction() as session:
                    ensure_unique_name(Role, name, role.id)
                    role.name, role.permissions = name, permitted(role, chosen)
                    session.add(role)
                flash(_("The row was changed."), "success")
                return redirect(url_for("RoleView.show", pk=role.id))
        shipped = role.name in labels.ROLE_LABELS
        return self.render_template(
            "role_form.html", form=form, title=title, back=back, areas=matrix(), acts=labels.ACT_LABELS, chosen=chosen, shipped=shipped
        )

    def pre_delete(self, item: Role) -> None:
        check_role(item)
        if item.name in labels.ROLE_LABELS:
            raise FormRefused(_("This role ships with the product and stays."))
        if item.user or item.groups:
            raise FormRefused(_("Users or groups have this role. Take it from them first."))
