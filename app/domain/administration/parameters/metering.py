"""Operating parameters: readings, estimates and meters."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "metering.closing_from_day": Parameter(
        10,
        1,
        28,
        ParameterUnit.DAY_OF_MONTH,
        _("Readings from this day of a month on close the month; earlier ones belong to the month before."),
        _("our default; to be confirmed by the company"),
    ),
    "metering.estimation_hours_per_day": Parameter(
        8,
        1,
        24,
        ParameterUnit.HOURS_A_DAY,
        _("Hours a day at connected capacity that an estimate without any history assumes."),
        _("our default; resolution no. 319 of 2024 was not read"),
    ),
    "metering.high_times": Parameter(
        4, 2, 50, ParameterUnit.TIMES, _("A consumption this many times the usual one is doubted."), _("our default")
    ),
    "metering.estimation_order": Parameter(
        0,
        0,
        2,
        ParameterUnit.CHOICE,
        _("What estimates come from."),
        _("our default; resolution no. 319 of 2024 was not read"),
        choices=(_("the months before, then the year before"), _("the year before, then the months before"), _("the connected capacity")),
    ),
    "metering.estimation_average": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("How the months before are averaged."),
        _("our default"),
        choices=(_("by days"), _("by months")),
    ),
    "metering.most_estimated_months": Parameter(
        3,
        1,
        60,
        ParameterUnit.MONTHS,
        _("More estimated months in a row than this ask for a look."),
        _("rule 354 of Russia: at most 3 periods; the rule of Uzbekistan not read"),
    ),
    "metering.true_up": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("Where true consumption is billed after estimates."),
        _("our default"),
        choices=(_("in the months it belongs to"), _("in the last month")),
    ),
    "metering.verification_grace_days": Parameter(
        30,
        0,
        3650,
        ParameterUnit.DAYS,
        _("A meter counts for so long after its verification expired; then consumption is estimated."),
        _("notice is given 30 days ahead, 2019"),
    ),
    "metering.zone_tolerance": Parameter(
        1,
        0,
        1000,
        ParameterUnit.UNITS,
        _("The zones of a meter may differ from the whole by so many units a register."),
        _("our default"),
    ),
}
