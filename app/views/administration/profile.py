"""A user's own page: who he is, what he may do and where, his password."""

from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security import views as framework
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.validators import PasswordComplexityValidator
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.security import check_password_hash
from wtforms import EmailField, PasswordField, StringField, ValidationError
from wtforms import validators as rules

from app import clock, labels
from app.domain.administration.pages import Page
from app.extensions import db, transaction
from app.labels import COLUMN_LABELS
from app.queries import administration as queries
from app.views.administration.passwords import RULE


def new_password_field(label: Any) -> PasswordField:
    """Return a field for a password that is chosen now."""
    checks = [rules.InputRequired(), PasswordComplexityValidator()]
    return PasswordField(label, checks, description=RULE, render_kw={"autocomplete": "new-password"})


def repeated_password_field() -> PasswordField:
    """Return a field that must repeat the field ``password``."""
    same = rules.EqualTo("password", message=lazy_gettext("The two passwords differ."))
    return PasswordField(lazy_gettext("New password again"), [rules.InputRequired(), same], render_kw={"autocomplete": "new-password"})


class MyPasswordForm(FlaskForm):
    """The old password and, twice, the new one."""

    old_password = PasswordField(lazy_gettext("Present password"), [rules.InputRequired()], render_kw={"autocomplete": "current-password"})
    password = new_password_field(lazy_gettext("New password"))
    password_again = repeated_password_field()

    def validate_old_password(self, field: PasswordField) -> None:
        """Refuse whoever does not know the present password, though he sits at a screen that is logged in."""
        if not check_password_hash(g.user.password or "", field.data):
            raise ValidationError(_("This is not your present password."))

    def validate_password(self, field: PasswordField) -> None:
        """Refuse the present password: a change that changes nothing would leave one that others know."""
        if field.data == self.old_password.data:
            raise ValidationError(_("This is your present password. Choose another."))


class MyDataForm(FlaskForm):
    """What a user may correct about himself."""

    first_name = StringField(COLUMN_LABELS["first_name"], [rules.DataRequired(), rules.Length(max=64)])
    last_name = StringField(COLUMN_LABELS["last_name"], [rules.DataRequired(), rules.Length(max=64)])
    email = EmailField(COLUMN_LABELS["email"], [rules.DataRequired(), rules.Length(max=320), rules.Regexp(r"[^@\s]+@[^@\s]+$")])


class ResetMyPasswordView(framework.ResetMyPasswordView):
    """Change of one's own password."""

    @expose("/form", methods=["GET"])
    @has_access
    def this_form_get(self) -> Any:
        """Show the form."""
        return self._page(MyPasswordForm())

    @expose("/form", methods=["POST"])
    @has_access
    def this_form_post(self) -> Any:
        """Change the password, or show what is wrong."""
        form = MyPasswordForm()
        if not form.validate_on_submit():
            return self._page(form)
        self.appbuilder.sm.reset_password(g.user.id, form.password.data)
        flash(_("The password was changed. Log in with the new one."), "info")
        return redirect(self.appbuilder.get_url_for_login)

    def _page(self, form: FlaskForm) -> Any:
        if (record := g.get("session_record")) and record.must_choose:
            return self.render_template("password_choice.html", form=form, title=_("Choose your own password"), back=None)
        return self.render_template("plain_form.html", form=form, title=_("Change my password"), back=url_for("ProfileView.show"))


class UserInfoEditView(framework.UserInfoEditView):
    """Change of one's own name and address."""

    @expose("/form", methods=["GET"])
    @has_access
    def this_form_get(self) -> Any:
        """Show the form."""
        return self._page(MyDataForm(obj=g.user))

    @expose("/form", methods=["POST"])
    @has_access
    def this_form_post(self) -> Any:
        """Store the data, or show what is wrong."""
        form = MyDataForm()
        if not form.validate_on_submit():
            return self._page(form)
        user = self.appbuilder.sm.find_user(email=form.email.data)
        if user and user.id != g.user.id:
            form.email.errors = [_("Another user has this address.")]
            return self._page(form)
        with transaction():
            form.populate_obj(self.appbuilder.sm.get_user_by_id(g.user.id))
        flash(_("Your data were changed."), "success")
        return redirect(url_for("ProfileView.show"))

    def _page(self, form: FlaskForm) -> Any:
        return self.render_template("plain_form.html", form=form, title=_("Change my data"), back=url_for("ProfileView.show"))


class ProfileView(BaseView):
    """A user's own page."""

    page = Page(None)
    route_base = "/profile"
    default_view = "show"

    @expose("/")
    @has_access
    def show(self) -> Any:
        """Show who the user is, his roles, and where he may work today."""
        roles = [labels.role(role.name) for role in self.appbuilder.sm.get_user_roles(g.user)]
        divisions = [name for _id, name in queries.own_grants(db.session(), g.user.id, clock.today())]
        return self.render_template("profile.html", user=g.user, roles=sorted(roles), divisions=divisions)
