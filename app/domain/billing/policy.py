"""The operating parameters that a bill run follows; their defaults are the catalogue's."""

from collections.abc import Mapping
from typing import NamedTuple

from app.domain.administration import PARAMETERS

#: The operating parameter of each field of a policy, in their order; a field is named for its parameter.
POLICY_PARAMETERS = (
    "metering.closing_from_day",
    "metering.estimation_hours_per_day",
    "metering.high_times",
    "tariffs.partial_month",
    "tariffs.limit_change",
    "metering.true_up",
    "metering.estimation_order",
    "metering.estimation_average",
    "metering.most_estimated_months",
    "metering.verification_grace_days",
    "metering.zone_tolerance",
    "tariffs.over_limit_tolerance",
    "tariffs.over_limit_percent",
    "tariffs.tg_norm_percent",
    "billing.zero_months",
    "billing.largest_bill_som",
    "billing.hold_high",
    "billing.hold_zero_months",
    "billing.hold_negative",
    "billing.hold_over_amount",
    "billing.hold_estimated_long",
)
_USUAL = {code.partition(".")[2]: PARAMETERS[code].default for code in POLICY_PARAMETERS}


class Policy(NamedTuple):
    """Dated operating parameters of a bill run; without others, what they are until the office sets them."""

    #: a reading before this many days of the month does not close it
    closing_from_day: int = _USUAL["closing_from_day"]
    #: hours a day of the connected capacity, when there is no history to estimate from
    estimation_hours_per_day: int = _USUAL["estimation_hours_per_day"]
    #: a month above this many times its average is worth a look
    high_times: int = _USUAL["high_times"]
    #: steps in the month a consumer moves in or out: 0 whole, 1 by days (M22)
    partial_month: int = _USUAL["partial_month"]
    #: steps that change in mid-month: 0 each for its own days, 1 blended over the period (M23)
    limit_change: int = _USUAL["limit_change"]
    #: the first reading after estimates: 0 spread over its days, 1 all in the last month (M16, M17)
    true_up: int = _USUAL["true_up"]
    #: what to estimate from: 0 months before, then last year; 1 last year, then months before; 2 capacity
    estimation_order: int = _USUAL["estimation_order"]
    #: months before: 0 averaged by days, 1 by months (M11, M12)
    estimation_average: int = _USUAL["estimation_average"]
    #: more estimated months in a row ask for a look
    most_estimated_months: int = _USUAL["most_estimated_months"]
    #: days a meter still counts after its verification ended (M38)
    verification_grace_days: int = _USUAL["verification_grace_days"]
    #: units by which each zone register may differ from the whole counter
    zone_tolerance: int = _USUAL["zone_tolerance"]
    #: percent above the ordered energy that cost nothing more
    over_limit_tolerance: int = _USUAL["over_limit_tolerance"]
    #: percent that energy above that costs more
    over_limit_percent: int = _USUAL["over_limit_percent"]
    #: reactive energy that goes with the active one, percent, where no term says so
    tg_norm_percent: int = _USUAL["tg_norm_percent"]
    #: so many months without energy in a row ask for a look
    zero_months: int = _USUAL["zero_months"]
    #: a larger bill asks for a look, soʻm; 0: none is too large
    largest_bill_som: int = _USUAL["largest_bill_som"]
    #: which checks hold a bill until somebody has looked at it: 1 yes, 0 it is only noted
    hold_high: int = _USUAL["hold_high"]
    hold_zero_months: int = _USUAL["hold_zero_months"]
    hold_negative: int = _USUAL["hold_negative"]
    hold_over_amount: int = _USUAL["hold_over_amount"]
    hold_estimated_long: int = _USUAL["hold_estimated_long"]


def policy_of(stored: Mapping[str, int]) -> Policy:
    """Return the policy a bill run was computed with, from what ``Policy._asdict`` gave; parameters it lacks are the usual ones."""
    return Policy(**{name: value for name, value in stored.items() if name in Policy._fields})
