"""The calculator of the portal: what a quantity costs, for whoever asks; nobody signs in, nothing is stored."""

from datetime import date
from typing import Any

from flask import current_app, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from app import clock, labels
from app.domain import readers
from app.domain.billing.explanation import explain
from app.domain.calendar import latest_months, months_after
from app.extensions import appbuilder, db
from app.portal.base import blueprint
from app.queries.billing import calculator as queries
from app.services.billing import calculator as service
from app.services.billing.calculator import Calculation, CalculatorRequest

MONTHS_BACK, MONTHS_AHEAD = 24, 1


class CalculatorForm(FlaskForm):
    """What to price."""

    class Meta:  # noqa: D106 - the form library reads it
        csrf = False  # nothing is changed, so an address with the question may be kept and sent on

    tariff = SelectField(labels.COLUMN_LABELS["tariff"], [InputRequired()])
    quantity = StringField(labels.COLUMN_LABELS["quantity_milli"], [DataRequired()])
    month = SelectField(labels.COLUMN_LABELS["billing_month"])
    families = IntegerField(lazy_gettext("Registered families"), [NumberRange(1, service.MOST_FAMILIES)], default=1)
    benefit = SelectField(labels.COLUMN_LABELS["benefit"])


@blueprint.get("/calculator")
def calculator() -> Any:
    """Ask for resource, tariff group, quantity and month, and show what it costs and how that comes about."""
    form, found = _form(), None
    if request.args.get("quantity") is not None and form.validate():
        found = _calculated(form)
    explanation = explain(found.lines, []) if found else []
    return render_template("portal/calculator.html", form=form, found=found, explanation=explanation)


def limit_questions() -> None:
    """Let an address ask only so often; many consumers share one, so that the limit is wide."""
    name = "portal.calculator"
    limited = appbuilder.sm.limiter.limit("300 per 5 minutes", key_func=get_remote_address)
    current_app.view_functions[name] = limited(current_app.view_functions[name])


def _form() -> CalculatorForm:
    session, today = db.session(), clock.today()
    form = CalculatorForm(request.args)
    offers = queries.offers(session, today)
    form.tariff.choices = [
        (f"{each.resource}.{each.tariff_group}", f"{each.resource_name} · {each.tariff_group_name}, {labels.unit_name(each.unit)}")
        for each in offers
    ]
    months = latest_months(months_after(today, MONTHS_AHEAD), MONTHS_AHEAD + MONTHS_BACK)
    form.month.choices = [(month.isoformat(), labels.month(month)) for month in months]
    form.benefit.choices = [("", "—"), *((each.code, each.name) for each in queries.benefits(session))]
    if "month" not in request.args:
        form.month.data = months_after(today, 0).isoformat()
    if "families" not in request.args:
        form.families.data = 1
    if "benefit" not in request.args:
        form.benefit.data = ""
    return form


def _calculated(form: CalculatorForm) -> Calculation | None:
    resource, _dot, group = form.tariff.data.partition(".")
    try:
        quantity = _not_negative(readers.quantity(form.quantity.data))
        month = date.fromisoformat(form.month.data)
        wanted = CalculatorRequest(resource, group, quantity, month, families=form.families.data, benefit=form.benefit.data)
        return service.calculate(db.session(), wanted)
    except (readers.Misread, service.CalculatorOutOfRange):
        form.quantity.errors = [_("Write the quantity as a number, like 310 or 310,5; not below zero and not beyond 10^12.")]
    except service.UnknownTariff:
        form.month.errors = [_("This tariff was not in force in that month.")]
    except service.NoPrice:
        form.quantity.errors = [_("The tariff has no price for all of it.")]
    return None


def _not_negative(quantity_milli: int) -> int:
    if quantity_milli < 0:
        raise readers.Misread(readers.ReadingFault.OUT_OF_RANGE)
    return quantity_milli
