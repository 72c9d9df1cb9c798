"""Operating parameters: bills."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "billing.adjustment_limit_som": Parameter(
        1_000_000,
        0,
        10_000_000_000,
        ParameterUnit.SOM,
        _("A second person approves adjustments once those of one person pass this sum on one account in a day."),
        _("our default"),
    ),
    "billing.zero_months": Parameter(
        3, 2, 24, ParameterUnit.MONTHS, _("So many months without energy in a row ask for a look."), _("our default")
    ),
    "billing.largest_bill_som": Parameter(
        1_000_000_000,
        0,
        10_000_000_000_000,
        ParameterUnit.SOM,
        _("A larger bill asks for a look; 0: none is too large."),
        _("our default"),
    ),
    "billing.hold_high": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("A bill with unusually high consumption."),
        _("our default"),
        choices=(_("is only noted"), _("waits until somebody has looked at it")),
    ),
    "billing.hold_zero_months": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("A bill after months without energy."),
        _("our default"),
        choices=(_("is only noted"), _("waits until somebody has looked at it")),
    ),
    "billing.hold_negative": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("A bill that gives money back."),
        _("our default"),
        choices=(_("is only noted"), _("waits until somebody has looked at it")),
    ),
    "billing.hold_over_amount": Parameter(
        1,
        0,
        1,
        ParameterUnit.CHOICE,
        _("A bill above the largest sum."),
        _("our default"),
        choices=(_("is only noted"), _("waits until somebody has looked at it")),
    ),
    "billing.hold_estimated_long": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("A bill estimated for too long."),
        _("our default"),
        choices=(_("is only noted"), _("waits until somebody has looked at it")),
    ),
    "billing.further_invoice": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("The tax invoice of a bill that takes another back."),
        _("our default; to be confirmed by the company"),
        choices=(_("corrects the first one"), _("is additional to the first one")),
    ),
    "billing.due_day": Parameter(
        10,
        1,
        28,
        ParameterUnit.DAY_OF_MONTH,
        _("Day of the next month by which a bill is to be paid."),
        _("Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced 2024)"),
    ),
}
