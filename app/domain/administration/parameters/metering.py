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
    "metering.low_percent": Parameter(
        30, 0, 100, ParameterUnit.PERCENT, _("A consumption below this share of the usual one is doubted; 0: none is."), _("our default")
    ),
    "metering.conflict_tolerance": Parameter(
        5,
        0,
        1000,
        ParameterUnit.UNITS,
        _("Two sources that read a register on one day may differ by so many units; beyond that a person decides."),
        _("our default; to be confirmed by the company"),
    ),
    "metering.clock_minutes": Parameter(
        15, 0, 1440, ParameterUnit.MINUTES, _("The clock of a device may be so far ahead; a later reading is refused."), _("our default")
    ),
    **{
        f"metering.rank_{source}": Parameter(usual, 1, 9, ParameterUnit.PLACE, about, _("our default; to be confirmed by the company"))
        for source, usual, about in (
            ("telemetry", 1, _("Place of telemetry among the sources of a reading of one day; the lowest place goes first.")),
            ("controller", 2, _("Place of inspectors, who take a photo, among the sources of a reading of one day.")),
            ("portal", 3, _("Place of what consumers say in the portal among the sources of a reading of one day.")),
            ("office", 4, _("Place of what operators type and SMS bring among the sources of a reading of one day.")),
            ("file", 4, _("Place of files of readings among the sources of a reading of one day.")),
        )
    },
    "metering.silent_days": Parameter(
        3, 1, 365, ParameterUnit.DAYS, _("A device that sent nothing for so many days is silent."), _("our default")
    ),
    "metering.unread_months": Parameter(
        3, 1, 60, ParameterUnit.MONTHS, _("A meter that no source read for so many months is unread."), _("our default")
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
