"""Operating parameters: how prices are applied."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "tariffs.partial_month": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("How blocks count in the month a consumer moves in or out."),
        _("our default; found in no document, to be confirmed by the company"),
        choices=(_("whole"), _("by days")),
    ),
    "tariffs.limit_change": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("How blocks count that change in mid-month."),
        _("our default; found in no document, to be confirmed by the company"),
        choices=(_("each for its own days"), _("blended over the month")),
    ),
    "tariffs.over_limit_tolerance": Parameter(
        20,
        0,
        100,
        ParameterUnit.PERCENT,
        _("So much above the ordered energy costs nothing more."),
        _("20 percent above the declared volume at the base price, August 2024"),
    ),
    "tariffs.over_limit_percent": Parameter(
        20,
        0,
        500,
        ParameterUnit.PERCENT,
        _("Energy further above the ordered one costs so much more."),
        _("20 percent more above that, August 2024"),
    ),
    "tariffs.prepaid_months_household": Parameter(
        2,
        0,
        24,
        ParameterUnit.MONTHS,
        _("A household that paid ahead keeps the old price for so many months of the norm."),
        _("households keep the old price of up to 2 months within the norm"),
    ),
    "tariffs.prepaid_months_legal": Parameter(
        1,
        0,
        24,
        ParameterUnit.MONTHS,
        _("Another consumer that paid ahead keeps the old price for so many usual months."),
        _("other consumers keep the old price of up to 1 month"),
    ),
    "tariffs.tg_norm_percent": Parameter(
        40,
        0,
        200,
        ParameterUnit.PERCENT,
        _("Reactive energy that goes with active energy where no term of the account says otherwise."),
        _("our default; to be confirmed by the company"),
    ),
}
