"""What the pages of plans of a year share: drawing one up, and its paper."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app import clock
from app.documents import downloads
from app.extensions import transaction
from app.labels import COLUMN_LABELS
from app.services.equipment import plans
from app.views import fields


class _YearForm(FlaskForm):
    """What of which year is planned, and by which order."""

    division = fields.division_field([InputRequired()])
    plan_year = IntegerField(COLUMN_LABELS["plan_year"], [InputRequired(), NumberRange(2000, 2200)])
    basis = StringField(COLUMN_LABELS["basis"], [DataRequired(), Length(max=300)], description=_l("Document, number, day"))


class PlansOfYears:
    """A list of plans of a year, with the page that draws one up and the paper of each."""

    plan_spec: plans.YearPlanSpec
    #: what the page that draws one up says, and what where nothing is left to plan
    draw_up_title: Any
    draw_up_note: Any
    nothing_text: Any
    list_columns = ["plan_year", "division", "status", "basis", "created_at", "created_by", "decided_by"]
    search_columns = ["plan_year", "division", "status"]
    base_order = ("id", "desc")
    searched = ("basis",)

    def paper(self, plan: Any) -> bytes:
        """Return a plan as PDF."""
        raise NotImplementedError

    @expose("/draw-up", methods=["GET", "POST"])
    @has_access
    def draw_up(self: Any) -> Any:
        """Draw up the plan of a year; a second person approves it."""
        form = _YearForm()
        if request.method == "GET":
            form.plan_year.data = clock.today().year + 1
        elif form.validate():
            try:
                with transaction() as session:
                    wanted = plans.YearPlanRequest(form.division.data, form.plan_year.data, form.basis.data.strip())
                    plan_id = plans.draw_up(session, self.plan_spec, wanted).id
            except plans.NothingToPlan:
                form.plan_year.errors = [str(self.nothing_text)]
            else:
                flash(_("The plan waits for approval by a second person."), "info")
                return redirect(url_for(".show", pk=plan_id))
        return self.render_template("plan_new.html", form=form, title=self.draw_up_title, note=self.draw_up_note, back=url_for(".list"))

    @expose("/pdf/<pk>", methods=["GET"])
    @has_access
    def pdf(self: Any, pk: str) -> Any:
        """Send the paper of a plan in the reader's language."""
        plan = self.found(pk)
        return downloads.inline(self.paper(plan), f"plan-{plan.plan_year}-{plan.id}.pdf", "application/pdf")
