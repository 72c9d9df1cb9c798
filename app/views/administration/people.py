"""People of the office: a new employee in one form with his user, and what a user may do on a day."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import abort, current_app, g, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from wtforms import EmailField, SelectField, StringField
from wtforms import validators as rules

from app import clock, labels
from app.documents import tables
from app.domain.administration import EVERYBODYS, roles
from app.domain.administration.pages import Page
from app.extensions import appbuilder, db, transaction
from app.labels import COLUMN_LABELS
from app.models.administration import Department, Post, StaffMember
from app.queries import administration as queries
from app.queries.administration import EffectiveRight
from app.services import administration as service
from app.views import fields, menu
from app.views.administration.passwords import mark_given
from app.views.administration.role_grants import check_giver, errors_on_form, refusing_rights, row_of, rows_of
from app.views.administration.staff import EMAIL_RULES, NAME_RULES, USERNAME_RULES, givable_roles
from app.views.refusals import FormRefused, explained


class EmployeeForm(FlaskForm):
    """A person, his post, his user and his rights: one form, ten fields."""

    last_name = StringField(COLUMN_LABELS["last_name"], NAME_RULES)
    first_name = StringField(COLUMN_LABELS["first_name"], NAME_RULES)
    personnel_number = StringField(COLUMN_LABELS["personnel_number"], [rules.DataRequired(), rules.Length(max=32)])
    department = fields.LookupField(
        COLUMN_LABELS["department"], [rules.DataRequired()], model=Department, description=_l("Its division is where the employee works.")
    )
    post = SelectField(COLUMN_LABELS["post"], coerce=int)
    username = StringField(
        COLUMN_LABELS["username"], USERNAME_RULES, description=_l("What the user does is recorded under this name; it stays.")
    )
    email = EmailField(COLUMN_LABELS["email"], EMAIL_RULES)
    roles = fields.ChecksField(COLUMN_LABELS["roles"], choices=givable_roles)
    valid_from = fields.day_field(COLUMN_LABELS["valid_from"], [rules.InputRequired()], default=clock.today)
    basis = StringField(COLUMN_LABELS["basis"], [rules.DataRequired(), rules.Length(max=300)], description=_l("Document, number, day"))


class RightsRow(NamedTuple):
    """What a user may do on a page, and where that comes from."""

    area: str
    page: str
    acts: Sequence[str]
    sources: Sequence[str]


class EmployeeView(BaseView):
    """New employees, and the rights of a user on a day."""

    page = Page(
        _l("New employee"),
        {"can_add": (roles.ADMINISTRATOR,), "can_rights": roles.ACCESS_READERS},
        menu.ADMINISTRATION.at(25, "New employee"),
    )
    route_base = "/employees"
    default_view = "add"
    base_permissions = ["can_add", "can_rights"]

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """Add a person with post, user, roles and access; the first password is made here and shown once."""
        form = EmployeeForm()
        form.post.choices = [(post.id, post.shown_name) for post in db.session.scalars(select(Post).order_by(Post.name, Post.id))]
        with errors_on_form(form):
            if form.validate_on_submit():
                password = secrets.token_urlsafe(12)
                user_id = self._added(form, password)
                return self.render_template("employee_added.html", user=row_of(User, str(user_id)), password=password)
        return self.render_template("employee_form.html", form=form)

    def _added(self, form: EmployeeForm, password: str) -> int:
        manager, department = appbuilder.sm, form.department.data
        if manager.find_user(username=form.username.data):
            raise FormRefused(_("Another user has this name."), "username")
        if manager.find_user(email=form.email.data):
            raise FormRefused(_("Another user has this address."), "email")
        given = rows_of(Role, form.roles.data)
        if not given:
            raise FormRefused(_("Choose a role."), "roles")
        check_giver(None, [role.name for role in given])
        try:
            with transaction() as session, refusing_rights("department"):
                service.check_divisions(session, giver_id=g.user.id, division_ids=[department.division_id], today=clock.today())
                user = manager.add_user(
                    form.username.data, form.first_name.data, form.last_name.data, form.email.data, given, password, commit=False
                )
                if not user:
                    raise FormRefused(_("There is such a row already: a value that must be unique repeats."), "username")
                mark_given(user.id)
                self._appoint(session, form, user.id)
                return int(user.id)
        except IntegrityError as error:
            raise explained(error) from error

    def _appoint(self, session: Any, form: EmployeeForm, user_id: int) -> None:
        department, begins = form.department.data, form.valid_from.data
        name = f"{form.last_name.data} {form.first_name.data}"
        session.add(
            StaffMember(
                division_id=department.division_id, department_id=department.id, post_id=form.post.data, user_id=user_id, name=name,
                personnel_number=form.personnel_number.data, valid_from=begins,
            )
        )  # fmt: skip
        session.flush()
        service.grant(
            session, user_id=user_id, division_ids=[department.division_id], valid_from=begins, valid_to=None, basis=form.basis.data
        )

    @expose("/rights/<int:user_id>")
    @has_access
    def rights(self, user_id: int) -> Any:
        """Show what a user may do on a day, page by page, from which role, and where."""
        user, day = row_of(User, str(user_id)), _day()
        places = queries.effective_places(db.session(), user.id, day)
        return self.render_template("rights.html", user=user, day=day, rows=_rows(user, day), places=places)

    @expose("/rights/<int:user_id>.<any(csv,xlsx,pdf):kind>")
    @has_access
    @permission_name("rights")
    def export(self, user_id: int, kind: str) -> Any:
        """Send the rights of a user on a day as a file."""
        user, day = row_of(User, str(user_id)), _day()
        header = [_("Area"), _("Page"), _("What may be done"), _("Where it comes from")]
        cells = ([row.area, row.page, act, "; ".join(row.sources)] for row in _rows(user, day) for act in row.acts)
        title = _("Rights of %(name)s on %(day)s", name=user.username, day=labels.day(day))
        return tables.sent(kind, str(title), f"rights-{user.username}-{day}", list(map(str, header)), cells)


def _day() -> date:
    try:
        return date.fromisoformat(request.args["day"]) if request.args.get("day") else clock.today()
    except ValueError:
        abort(400, _("This is no day."))


def _rows(user: User, day: date) -> list[RightsRow]:
    """Return the pages a user may open on a day in the order of the menu; one who is not active may open none."""
    pages: Mapping[str, Page] = current_app.extensions["pages"]
    if not user.is_active:
        return []
    works_everywhere = queries.whole_company(db.session()) in queries.division_ids_of_user(db.session(), user.id, day)
    found: dict[str, list[EffectiveRight]] = {}
    for right in queries.effective_rights(db.session(), user.id, day):
        page = pages.get(right.view)
        if page is None or page.title is None or (right.permission, right.view) in EVERYBODYS:
            continue
        if page.company_wide is None or works_everywhere or right.permission in page.company_wide.split():
            found.setdefault(right.view, []).append(right)
    return [_row(page, found[name]) for name, page in pages.items() if name in found]


def _row(page: Page, rights: Sequence[EffectiveRight]) -> RightsRow:
    acts = sorted({labels.permission(right.permission) for right in rights})
    sources = sorted({_source(right) for right in rights})
    return RightsRow(str(page.menu.category.label) if page.menu else "", str(page.title), acts, sources)


def _source(right: EffectiveRight) -> str:
    role = labels.role(right.role)
    if right.way == "GROUP":
        return _("%(role)s, by the group %(name)s", role=role, name=right.through)
    if right.way == "SUBSTITUTION":
        return _("%(role)s, in the place of %(name)s", role=role, name=right.through)
    return role
