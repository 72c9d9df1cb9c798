"""Operating parameters: penalties and inspections."""

from app.domain.administration.parameters.record import Parameter, Unit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "claims.penalty_rate_household": Parameter(
        1000,
        0,
        10_000,
        Unit.RATE_A_DAY,
        _("Penalty of a household for a day of delay, of the sum overdue."),
        _("Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced by no. 319 of 2024-05-31, not read)"),
    ),
    "claims.penalty_rate_legal": Parameter(
        4000,
        0,
        10_000,
        Unit.RATE_A_DAY,
        _("Penalty of a legal consumer for a day of delay, of the sum overdue."),
        _("law no. 670-I of 1998-08-29, art. 32 (from memory; to be confirmed)"),
    ),
    "claims.penalty_cap_percent": Parameter(
        50,
        0,
        100,
        Unit.PERCENT,
        _("The penalty of a bill comes to no more than this share of the sum overdue."),
        _("Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced by no. 319 of 2024-05-31, not read)"),
    ),
    "claims.penalty_start_days": Parameter(
        1,
        1,
        60,
        Unit.DAYS,
        _("Days from the due day to the first day that bears penalty."),
        _("Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced by no. 319 of 2024-05-31, not read)"),
    ),
    "claims.window_days": Parameter(
        365,
        1,
        1095,
        Unit.DAYS,
        _("An inspection record charges energy for no more days back than this."),
        _("our default; resolution no. 319 of 2024 was not read"),
    ),
    "claims.priced_above_billed": Parameter(
        1,
        0,
        1,
        Unit.CHOICE,
        _("How the energy of an inspection record is priced."),
        _("our default; to be confirmed by the customer"),
        choices=(_("in blocks of its own"), _("in the blocks above what was billed")),
    ),
    "claims.reversal_alone_som": Parameter(
        100_000,
        0,
        10_000_000_000,
        Unit.SOM,
        _("A second person approves reversals of charges once those of one person pass this sum on one account in a day."),
        _("our default"),
    ),
}
