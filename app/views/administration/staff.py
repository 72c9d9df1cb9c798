"""Users and groups; nobody gives himself rights, and nobody gives rights above his own."""

from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.security.sqla.models import Group, Role, User
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms import validators as rules

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.extensions import appbuilder, db, transaction
from app.labels import COLUMN_HELP, COLUMN_LABELS
from app.models.administration import StaffMember, Substitution, TotpDevice
from app.queries import administration as queries
from app.services import administration as service
from app.views import fields, menu
from app.views.administration.passwords import mark_given
from app.views.administration.profile import new_password_field, repeated_password_field
from app.views.administration.role_grants import (
    check_giver,
    check_group,
    ensure_unique_name,
    errors_on_form,
    redirect_if_forbidden,
    refusing_rights,
    row_of,
    rows_of,
)
from app.views.base import FactView
from app.views.refusals import FormRefused

NAME_RULES = [rules.DataRequired(), rules.Length(max=64)]
#: Names that mean something to the framework are no user's.
_USERNAME = rules.Regexp(r"^[a-z0-9][a-z0-9._-]*$", message=lazy_gettext("Use small Latin letters, digits, dot, hyphen or underscore."))
#: Names under which machines, and commands of this machine, stand in the audit trail.
_OF_MACHINES = ("anonymous", "crediting", "intake", "operator", "portal", "readings", "system")
_NOT_OF_MACHINES = rules.NoneOf(_OF_MACHINES, message=lazy_gettext("The system itself works under this name."))
USERNAME_RULES = [*NAME_RULES, _USERNAME, _NOT_OF_MACHINES]
_EMAIL = rules.Regexp(r"[^@\s]+@[^@\s]+$", message=lazy_gettext("This is no e-mail address."))
EMAIL_RULES = [rules.DataRequired(), rules.Length(max=320), _EMAIL]


def _all(model: Any) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(model.name)))


def givable_roles() -> list[tuple[int, str]]:
    """Return the roles that the user of this request may give, by their names."""
    given = [role for role in _all(Role) if service.may_give(db.session(), g.user.id, role.name)]
    return sorted(((role.id, labels.role(role.name)) for role in given), key=lambda pair: pair[1])


def _groups() -> list[tuple[int, str]]:
    return [(group.id, group.name) for group in _all(Group)]


class UserForm(FlaskForm):
    """A user's data and rights."""

    first_name = StringField(COLUMN_LABELS["first_name"], NAME_RULES)
    last_name = StringField(COLUMN_LABELS["last_name"], NAME_RULES)
    email = EmailField(COLUMN_LABELS["email"], EMAIL_RULES)
    roles = fields.ChecksField(COLUMN_LABELS["roles"], choices=givable_roles)
    groups = fields.ChecksField(
        COLUMN_LABELS["groups"], choices=_groups, description=lazy_gettext("A group gives its members all its roles.")
    )


class NewUserForm(UserForm):
    """The same with a name to log in with, a first password and where the user may work."""

    username = StringField(
        COLUMN_LABELS["username"],
        USERNAME_RULES,
        description=lazy_gettext("What the user does is recorded under this name; it stays."),
    )
    password = new_password_field(lazy_gettext("Password"))
    password_again = repeated_password_field()
    divisions = SelectMultipleField(
        lazy_gettext("Divisions he may work in"),
        coerce=int,
        choices=fields.division_choices,
        widget=fields.DivisionWidget(),
        description=lazy_gettext("Each with all below it."),
    )
    valid_from = fields.day_field(COLUMN_LABELS["valid_from"], [rules.InputRequired()], default=clock.today)
    valid_to = fields.day_field(COLUMN_LABELS["valid_to"], [rules.Optional()], description=COLUMN_HELP["valid_to"])
    basis = StringField(COLUMN_LABELS["basis"], [rules.DataRequired(), rules.Length(max=300)])

    def validate_valid_to(self, field: Any) -> None:
        """Refuse a period that ends before it begins."""
        if field.data and self.valid_from.data and field.data <= self.valid_from.data:
            raise rules.ValidationError(_("The end must lie after the beginning."))


class PasswordForm(FlaskForm):
    """A new password for somebody else."""

    password = new_password_field(lazy_gettext("New password"))
    password_again = repeated_password_field()


class GroupForm(FlaskForm):
    """A group and the roles it gives."""

    name = StringField(COLUMN_LABELS["name"], [rules.DataRequired(), rules.Length(max=100)])
    description = TextAreaField(COLUMN_LABELS["description"], [rules.Length(max=512)])
    roles = fields.ChecksField(COLUMN_LABELS["roles"], choices=givable_roles)


class UserView(FactView):
    """Users: added, changed, given a new password, deactivated; never deleted, for what they did bears their name."""

    page = Page(
        lazy_gettext("Users"),
        {LOOK: roles.ACCESS_READERS, "can_add can_edit can_reset can_switch": (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(30, "Users"),
    )
    datamodel = SQLAInterface(User)
    route_base = "/users"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_reset", "can_switch"]
    list_columns = ["username", "first_name", "last_name", "email", "active", "roles", "groups", "last_login", "fail_login_count"]
    search_columns = ["username", "first_name", "last_name", "email", "active", "roles"]
    base_order = ("username", "asc")
    searched = ("username", "first_name", "last_name", "email")
    formatters_columns = {
        "roles": lambda roles: ", ".join(sorted(labels.role(role.name) for role in roles)),
        "groups": lambda groups: ", ".join(sorted(group.name for group in groups)),
    }
    search_form_extra_fields = {
        "active": SelectField(COLUMN_LABELS["active"], choices=lambda: [("y", _("Active users only"))]),
        "roles": SelectField(COLUMN_LABELS["roles"], choices=lambda: [(role.id, labels.role(role.name)) for role in _all(Role)]),
    }

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a user, his rights today and where he may work."""
        user = row_of(User, pk)
        today, own = clock.today(), queries.own_roles(db.session(), user.id)
        held = [role.name for role in self.appbuilder.sm.get_user_roles(user)]
        return self.render_template(
            "user_show.html",
            user=user,
            roles=sorted(map(labels.role, own)),
            lent=sorted(labels.role(name) for name in set(held) - set(own)),
            grants=queries.grants_of_user(db.session(), user.id),
            today=today,
            password=queries.given_password(db.session(), user.id),
            **_card_of(user),
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """Add a user with his password, his roles and where he may work."""
        form = NewUserForm()
        with errors_on_form(form):
            if form.validate_on_submit():
                user_id = self._added(form)
                flash(_("The user was added."), "success")
                return redirect(url_for("UserView.show", pk=user_id))
        return self.render_template("user_form.html", form=form, title=_("Users: add"), back=url_for("UserView.list"))

    def _added(self, form: NewUserForm) -> int:
        _check_names(form, user_id=None)
        check_giver(None, _roles_given(form))
        with transaction() as session, refusing_rights():
            service.check_divisions(session, giver_id=g.user.id, division_ids=form.divisions.data, today=clock.today())
            user = self.appbuilder.sm.add_user(
                form.username.data, form.first_name.data, form.last_name.data, form.email.data,
                rows_of(Role, form.roles.data), form.password.data, groups=rows_of(Group, form.groups.data), commit=False,
            )  # fmt: skip
            if not user:
                raise FormRefused(_("There is such a row already: a value that must be unique repeats."), "username")
            period = {"valid_from": form.valid_from.data, "valid_to": form.valid_to.data}
            mark_given(user.id)
            service.grant(session, user_id=user.id, division_ids=form.divisions.data, basis=form.basis.data, **period)
            return int(user.id)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Change a user's data and rights."""
        user = row_of(User, pk)
        if refused := redirect_if_forbidden(lambda: check_giver(user.id, ())):
            return redirect(refused)
        form = UserForm(data=_data_of(user))
        with errors_on_form(form):
            if form.validate_on_submit():
                _check_names(form, user_id=user.id)
                check_giver(user.id, _roles_given(form))
                with transaction():
                    user.first_name, user.last_name, user.email = form.first_name.data, form.last_name.data, form.email.data
                    user.roles, user.groups = rows_of(Role, form.roles.data), rows_of(Group, form.groups.data)
                flash(_("The row was changed."), "success")
                return redirect(url_for("UserView.show", pk=user.id))
        title = _("User %(name)s: edit", name=user.username)
        return self.render_template("plain_form.html", form=form, title=title, back=url_for("UserView.show", pk=user.id))

    @expose("/reset/<pk>", methods=["GET", "POST"])
    @has_access
    def reset(self, pk: str) -> Any:
        """Give a user a new password."""
        user = row_of(User, pk)
        if refused := redirect_if_forbidden(lambda: check_giver(user.id, ())):
            return redirect(refused)
        form = PasswordForm()
        if form.validate_on_submit():
            self.appbuilder.sm.reset_password(user.id, form.password.data)
            flash(_("User %(name)s has a new password. Tell it to nobody else.", name=user.username), "success")
            return redirect(url_for("UserView.show", pk=user.id))
        title = _("User %(name)s: new password", name=user.username)
        return self.render_template("plain_form.html", form=form, title=title, back=url_for("UserView.show", pk=user.id))

    @expose("/switch/<pk>", methods=["POST"])
    @has_access
    def switch(self, pk: str) -> Any:
        """Deactivate a user, or activate him again; one who is not active cannot log in, and his sessions end."""
        user = row_of(User, pk)
        if refused := redirect_if_forbidden(lambda: check_giver(user.id, ())):
            return redirect(refused)
        with transaction():
            user.active = not user.active
        flash(_("The user is active again.") if user.active else _("The user was deactivated."), "success")
        return redirect(url_for("UserView.show", pk=user.id))


class GroupView(FactView):
    """Groups: whoever is in one has all its roles."""

    page = Page(
        lazy_gettext("Groups of users"),
        {LOOK: roles.ACCESS_READERS, EDIT: (roles.ADMINISTRATOR,)},
        menu.ADMINISTRATION.at(50, "Groups of users"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(Group)
    route_base = "/groups"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_delete"]
    list_columns = ["name", "description", "roles"]
    search_columns = ["name", "description"]
    base_order = ("name", "asc")
    searched = ("name", "description")
    formatters_columns = {"roles": UserView.formatters_columns["roles"]}

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a group, its roles and its members."""
        group = row_of(Group, pk)
        roles = sorted(labels.role(role.name) for role in group.roles)
        return self.render_template(
            "group_show.html", group=group, roles=roles, members=sorted(group.users, key=lambda user: user.username)
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """Add a group."""
        return self._form(Group(), GroupForm(), _("Groups of users: add"), url_for("GroupView.list"))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Change a group; not one of one's own."""
        group = row_of(Group, pk)
        if refused := redirect_if_forbidden(lambda: check_group(group, ())):
            return redirect(refused)
        form = GroupForm(data={"name": group.name, "description": group.description, "roles": [role.id for role in group.roles]})
        return self._form(group, form, _("Groups of users: edit"), url_for("GroupView.show", pk=group.id))

    def _form(self, group: Group, form: GroupForm, title: str, back: str) -> Any:
        with errors_on_form(form):
            if form.validate_on_submit():
                roles = rows_of(Role, form.roles.data)
                check_group(group, [role.name for role in roles])
                with transaction() as session:
                    ensure_unique_name(Group, form.name.data, group.id)
                    group.name, group.label, group.description, group.roles = form.name.data, form.name.data, form.description.data, roles
                    session.add(group)
                flash(_("The row was changed."), "success")
                return redirect(url_for("GroupView.show", pk=group.id))
        return self.render_template("plain_form.html", form=form, title=title, back=back)

    def pre_delete(self, item: Group) -> None:
        check_group(item, ())
        if item.users:
            raise FormRefused(_("The group has members. Take them out first."))


def _check_names(form: UserForm, *, user_id: int | None) -> None:
    manager = appbuilder.sm
    if isinstance(form, NewUserForm) and manager.find_user(username=form.username.data):
        raise FormRefused(_("Another user has this name."), "username")
    other = manager.find_user(email=form.email.data)
    if other and other.id != user_id:
        raise FormRefused(_("Another user has this address."), "email")
    if not form.roles.data and not form.groups.data:
        raise FormRefused(_("Choose a role or a group."), "roles")
    if isinstance(form, NewUserForm) and not form.divisions.data:
        raise FormRefused(_("Choose where the user may work."), "divisions")


def _roles_given(form: UserForm) -> list[str]:
    own = [role.name for role in rows_of(Role, form.roles.data)]
    return own + queries.roles_of_groups(db.session(), form.groups.data)


def _data_of(user: User) -> dict[str, Any]:
    plain = {name: getattr(user, name) for name in ("first_name", "last_name", "email")}
    return plain | {"roles": [role.id for role in user.roles], "groups": [group.id for group in user.groups]}


def _card_of(user: User) -> dict[str, Any]:
    """Return what the card of a user shows of his post, his sessions, his second factor and substitutions."""
    session, today = db.session(), clock.today()
    members = session.scalars(select(StaffMember).where(StaffMember.user_id == user.id).order_by(StaffMember.valid_from.desc())).all()
    ids = [member.id for member in members]
    lent = select(Substitution).where(Substitution.absent_id.in_(ids) | Substitution.substitute_id.in_(ids), Substitution.valid_to > today)
    return {
        "members": members,
        "substitutions": session.scalars(lent.order_by(Substitution.valid_from, Substitution.id)).all(),
        "sessions": queries.own_sessions(session, user.id, now=clock.now(), today=today),
        "has_device": queries.has_device(session, user.id),
        "device_id": session.scalar(select(TotpDevice.id).where(TotpDevice.user_id == user.id)),
    }
