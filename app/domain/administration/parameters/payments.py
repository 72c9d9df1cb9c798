"""Operating parameters: payments."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "payments.payme_timeout_ms": Parameter(
        43_200_000,
        1,
        86_400_000,
        ParameterUnit.MILLISECONDS,
        _("An unfinished payment of Payme is cancelled after this time."),
        _("Payme Merchant API, time-out of a transaction"),
    ),
    "payments.confirm_above_som": Parameter(
        5_000_000,
        1,
        10_000_000_000,
        ParameterUnit.SOM,
        _("Above this sum the cashier is asked to look twice."),
        _("our default"),
    ),
    "payments.confirm_times_debt": Parameter(
        3,
        1,
        1_000,
        ParameterUnit.TIMES,
        _("A sum above so many times the debt (or the last bill, if nothing is owed) is asked about before it is taken."),
        _("our default"),
    ),
    "payments.confirm_same_minutes": Parameter(
        10,
        0,
        1_440,
        ParameterUnit.MINUTES,
        _("The same sum for the same account within this time is asked about before it is taken; 0 asks nothing."),
        _("our default"),
    ),
    "payments.held_alone_som": Parameter(
        100_000,
        0,
        10_000_000_000,
        ParameterUnit.SOM,
        _("A second person approves decisions about rows held once those of one person pass this sum in a day."),
        _("our default"),
    ),
    "payments.click_sign_minutes": Parameter(
        60,
        1,
        10_080,
        ParameterUnit.MINUTES,
        _("A new payment of Click is refused when its signature is older; repeats of a known one are answered."),
        _("our default; the documentation of Click names no window"),
    ),
}
