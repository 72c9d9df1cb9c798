"""The rules a reading is checked by, in one table: order, reason code, what a broken one leads to, and where its threshold stands.

A rule looks at one reading (integers) or at a million (arrays): it is written with operators that mean the same for both. Thresholds are
operating parameters, so they are dated and changed by two persons; order and codes are part of the program.

Source: the monthly checks of California's VEE (time, time tolerance, high and low usage, zones, zero consumption, usage on an inactive
point, number of dials, decimals, difference, meter identity), vectors M31–M35; the order is IMPOSSIBLE and NEGATIVE first, which block.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from app.domain.metering.counting import Doubt, ReadingSource, RowProblem
from app.domain.values import Integers


class Effect(StrEnum):
    """What a broken rule leads to."""

    REFUSE = "REFUSE"  # nothing is recorded
    HOLD = "HOLD"  # a person decides
    INSPECT = "INSPECT"  # it is recorded, and somebody looks at the place


class Thresholds(NamedTuple):
    """What rules compare with, as it is in force on a day; each is an operating parameter.

    :ivar high_times: so many times the usual energy is doubted
    :ivar low_percent: less than so much of the usual energy is doubted
    :ivar zeros_wanted: so many readings in a row without energy ask for an inspection
    :ivar zone_tolerance: units a register by which the zones may differ from the whole
    :ivar conflict_tolerance: units by which two sources of a day may differ
    :ivar clock_minutes: so far a device's clock may be ahead
    :ivar ranks: places of sources; where several read a register on one day, the lowest goes first
    """

    high_times: int = 4
    low_percent: int = 30
    zeros_wanted: int = 3
    zone_tolerance: int = 1
    conflict_tolerance: int = 5
    clock_minutes: int = 15
    ranks: Mapping[ReadingSource, int] = {}


#: Beyond every day: since when a supply is off that is on.
NEVER_OFF = 1_000_000


class CheckedReading(NamedTuple):
    """What the rules look at: integers of one reading, or arrays of many; days are day numbers, flags 0 or 1.

    :ivar is_late: the moment lies further ahead than a clock may be
    :ivar decimals_over: decimals beyond those of the register
    :ivar last_day: of the last reading; below every day if there is none
    :ivar is_free: no bill rests on readings up to the day, or the register may be read late
    :ivar quantity_milli: energy since the last reading; of a register of capacity what it shows
    :ivar largest_milli: what the connected capacity could take since then
    :ivar average_milli: the usual energy of so many days; 0: none is known
    :ivar zeros_before: readings without energy just before this one
    :ivar counts: it is a counter with a reading before
    :ivar conflict_milli: by how much a reading of the same day by another source differs
    :ivar is_reliable: the device says nothing against it
    :ivar zones_off_milli: by how much the zones differ from the whole
    :ivar zones: how many registers were compared
    :ivar off_day: since when the supply is off; beyond every day if it is on
    """

    day: Any
    today: Any
    dial_milli: Any
    capacity_milli: Any
    last_day: Any
    is_late: Any = 0
    decimals_over: Any = 0
    is_free: Any = 1
    quantity_milli: Any = 0
    rolled_over: Any = 0
    largest_milli: Any = 0
    average_milli: Any = 0
    zeros_before: Any = 0
    counts: Any = 0
    is_capacity: Any = 0
    conflict_milli: Any = 0
    is_reliable: Any = 1
    zones_off_milli: Any = 0
    zones: Any = 0
    off_day: Any = NEVER_OFF


class ValidationRule(NamedTuple):
    """A rule, declared once; they stand in the order in which they are looked at.

    :ivar code: the reason that is told
    :ivar column: what it is about; empty: the whole reading
    :ivar parameter: the operating parameter with its threshold; empty: it has none
    :ivar breaks: tells which readings break it; None: found while the value is read, or among the registers of the meter
    """

    code: RowProblem | Doubt
    effect: Effect
    column: str
    parameter: str
    breaks: Callable[[CheckedReading, Thresholds], Any] | None


def _exceeds_capacity(c: CheckedReading) -> Any:
    return (c.counts == 1) & ((c.quantity_milli < 0) | (c.quantity_milli > c.largest_milli))


def _is_nothing(c: CheckedReading, t: Thresholds) -> Any:
    return (c.counts == 1) & (c.quantity_milli == 0) & (c.zeros_before + 1 >= t.zeros_wanted)


def _is_high(c: CheckedReading, t: Thresholds) -> Any:
    above = (c.average_milli > 0) & (c.quantity_milli > t.high_times * c.average_milli)
    unusual = (c.counts == 1) & (above | ((c.average_milli == 0) & (c.rolled_over == 1)))
    return unusual | ((c.is_capacity == 1) & (c.quantity_milli > c.largest_milli))


RULES: Sequence[ValidationRule] = (
    ValidationRule(
        RowProblem.IN_THE_FUTURE, Effect.REFUSE, "read_on", "metering.clock_minutes", lambda c, _: (c.day > c.today) | (c.is_late == 1)
    ),
    ValidationRule(RowProblem.UNKNOWN_METER, Effect.REFUSE, "meter_number", "", None),
    ValidationRule(RowProblem.NO_METER_THEN, Effect.REFUSE, "read_on", "", None),
    ValidationRule(RowProblem.UNKNOWN_REGISTER, Effect.REFUSE, "register", "", None),
    ValidationRule(RowProblem.TOO_MANY_DECIMALS, Effect.REFUSE, "dial", "", lambda c, _: c.decimals_over > 0),
    ValidationRule(RowProblem.TOO_MANY_DIGITS, Effect.REFUSE, "dial", "", lambda c, _: c.dial_milli >= c.capacity_milli),
    ValidationRule(RowProblem.BEFORE_LAST_READING, Effect.REFUSE, "read_on", "", lambda c, _: c.day <= c.last_day),
    ValidationRule(RowProblem.ALREADY_BILLED, Effect.REFUSE, "read_on", "", lambda c, _: c.is_free == 0),
    ValidationRule(
        RowProblem.LOWER_THAN_LAST, Effect.REFUSE, "dial", "", lambda c, _: _exceeds_capacity(c) & (c.rolled_over == 1)
    ),
    ValidationRule(RowProblem.IMPOSSIBLE, Effect.REFUSE, "dial", "", lambda c, _: _exceeds_capacity(c)),
    ValidationRule(
        Doubt.CONFLICT, Effect.HOLD, "dial", "metering.conflict_tolerance", lambda c, t: c.conflict_milli > t.conflict_tolerance * 1000
    ),
    ValidationRule(
        Doubt.SWITCHED_OFF, Effect.HOLD, "dial", "",
        lambda c, _: (c.counts == 1) & (c.quantity_milli > 0) & (c.last_day >= c.off_day),
    ),
    ValidationRule(Doubt.QUALITY, Effect.HOLD, "dial", "", lambda c, _: c.is_reliable == 0),
    ValidationRule(
        Doubt.ZONES, Effect.HOLD, "register", "metering.zone_tolerance", lambda c, t: c.zones_off_milli > t.zone_tolerance * 1000 * c.zones
    ),
    ValidationRule(Doubt.ZERO_N, Effect.INSPECT, "dial", "billing.zero_months", _is_nothing),
    ValidationRule(
        Doubt.HIGH,
        Effect.HOLD,
        "dial",
        "metering.high_times",
        _is_high,
    ),
    ValidationRule(
        Doubt.LOW,
        Effect.HOLD,
        "dial",
        "metering.low_percent",
        lambda c, t: (c.counts == 1) & (c.quantity_milli * 100 < t.low_percent * c.average_milli),
    ),
    ValidationRule(Doubt.INCOMPLETE, Effect.HOLD, "register", "", None),
)  # fmt: skip
_PLACES = {rule.code: place for place, rule in enumerate(RULES)}
#: What stands for "no rule is broken".
SOUND = len(RULES)


def rule_of(code: RowProblem | Doubt) -> ValidationRule:
    """Return the rule with a reason code."""
    return RULES[_PLACES[code]]


def place_of(code: RowProblem | Doubt) -> int:
    """Return where a rule stands in the table, from 0."""
    return _PLACES[code]


def first_broken(one: CheckedReading, thresholds: Thresholds) -> ValidationRule | None:
    """Return the first rule that one reading breaks; None if it breaks none."""
    return next((rule for rule in RULES if rule.breaks is not None and rule.breaks(one, thresholds)), None)


def first_broken_of(many: CheckedReading, thresholds: Thresholds) -> Integers:
    """Return the place of the first rule each of many readings breaks; ``SOUND`` if it breaks none."""
    found = np.full(len(many.day), SOUND, dtype=np.int64)
    for place in range(SOUND - 1, -1, -1):
        breaks = RULES[place].breaks
        if breaks is not None:
            found[breaks(many, thresholds)] = place
    return found
