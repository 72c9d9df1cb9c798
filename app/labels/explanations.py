"""The sentences a bill is explained with, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.billing.explanation import ExplanationLine, Sentence
from app.domain.metering import ZONE_REGISTERS
from app.domain.reference import Names
from app.labels import figures

_SENTENCES: Mapping[Sentence, Any] = {
    Sentence.READINGS: _(
        "%(from_on)s – %(to_on)s, meter %(meter)s: (%(later)s − %(earlier)s) × %(multiplier)s = %(difference)s × %(multiplier)s "
        "= %(quantity_milli)s"
    ),
    Sentence.ROLLED_OVER: _(
        "%(from_on)s – %(to_on)s, meter %(meter)s passed its last digit: (%(later)s + %(capacity)s − %(earlier)s) × %(multiplier)s "
        "= %(difference)s × %(multiplier)s = %(quantity_milli)s"
    ),
    Sentence.ESTIMATED: _("%(from_on)s – %(to_on)s: nothing was read, so %(quantity_milli)s were estimated for %(days)s days"),
    Sentence.NORM: _("%(from_on)s – %(to_on)s: there is no meter, so the norm counts, %(quantity_milli)s for %(days)s days"),
    Sentence.LOSSES: _("%(from_on)s – %(to_on)s: %(quantity_milli)s of losses between the boundary and the meter"),
    Sentence.TAKEN_BACK: _("Taken back, as it was billed for %(month)s:"),
    Sentence.CORRECTED: _("Billed for %(month)s in its place, by the readings that came later:"),
    Sentence.FLAT: _("%(from_on)s – %(to_on)s, %(days)s days: %(quantity_milli)s × %(rate)s = %(amount_tiyin)s, VAT inside %(vat_tiyin)s"),
    Sentence.STEP: _(
        "%(from_on)s – %(to_on)s, %(days)s days, block %(block_no)s from %(lower_milli)s to %(upper_milli)s a month: "
        "%(quantity_milli)s × %(rate)s = %(amount_tiyin)s, VAT inside %(vat_tiyin)s"
    ),
    Sentence.LAST_STEP: _(
        "%(from_on)s – %(to_on)s, %(days)s days, block %(block_no)s above %(lower_milli)s a month: "
        "%(quantity_milli)s × %(rate)s = %(amount_tiyin)s, VAT inside %(vat_tiyin)s"
    ),
    Sentence.BENEFIT: _(
        "%(from_on)s – %(to_on)s, benefit “%(benefit)s” of %(percent)s %%: %(quantity_milli)s × %(rate)s = %(amount_tiyin)s, "
        "VAT inside %(vat_tiyin)s"
    ),
    Sentence.PRICED: _(
        "%(from_on)s – %(to_on)s, %(days)s days, %(component)s: %(quantity)s at %(rate)s = %(amount_tiyin)s, VAT inside %(vat_tiyin)s"
    ),
    Sentence.CHARGED: _("%(component)s, %(basis)s: %(amount_tiyin)s, VAT inside %(vat_tiyin)s"),
    Sentence.PENALTY_DAYS: _("%(from_on)s – %(to_on)s: %(base_tiyin)s unpaid × %(percent)s %% × %(days)s days = %(amount_tiyin)s"),
    Sentence.PENALTY_SUM: _(
        "Bill for %(month)s: all days together %(total_tiyin)s, at most %(cap_tiyin)s; charged before %(before_tiyin)s; "
        "here %(total_tiyin)s − %(before_tiyin)s = %(amount_tiyin)s"
    ),
    Sentence.ACT_LINE: _(
        "%(from_on)s – %(to_on)s, block %(block_no)s: %(quantity_milli)s × %(rate)s = %(amount_tiyin)s, VAT inside %(vat_tiyin)s"
    ),
    Sentence.TOTAL: _("Sum of %(count)s lines: %(amount_tiyin)s, VAT inside %(vat_tiyin)s"),
}


def sentence(told: ExplanationLine, unit: str) -> str:
    """Return a sentence with its figures as the reader writes them.

    :param unit: unit of measurement of the resource
    """
    text = str(_SENTENCES[told.sentence]) % {name: _written(name, value, unit) for name, value in told.values.items()}
    zone = told.values.get("zone")
    return f"{figures.register(zone)}: {text}" if zone in ZONE_REGISTERS else text


def _written(name: str, value: Any, unit: str) -> Any:
    if isinstance(value, Names):
        return value.in_language(figures.locale_code())
    if name.endswith("_milli"):
        return figures.quantity(value, unit)
    return figures.month(value) if name == "month" else figures.formatter_of(name)(value)
