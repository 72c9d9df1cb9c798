"""From what registers showed to energy per day, for one register or for millions.

Arrays are parallel: element *i* of each belongs to the same register, reading pair or account. Dials, quantities and
capacities are in thousandths (``_milli``); days are day numbers (``domain/calendar``).

Sources: rounding and roll-over policy, vectors M01–M17 of the reference cases; estimation by days (average of the last
months by days) — the dated policy ``metering.estimation``; none of it is quoted from Cabinet of Ministers resolution
no. 319 of 2024-05-31, whose full text was not available.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from app.domain.calendar import DAY_BITS, DAY_MASK
from app.domain.readers import ReadingFault
from app.domain.values import BEYOND, Flags, Integers, divide_half_up, divisor, members_of, multiply_divide, share_out


class Quality(StrEnum):
    """How a quantity came about."""

    ACTUAL = "ACTUAL"
    ESTIMATED = "ESTIMATED"
    NORM = "NORM"  # by a norm, without a meter
    LOSSES = "LOSSES"  # lost between the boundary and the meter


class ReadingKind(StrEnum):
    """Why a register was read."""

    INITIAL = "INITIAL"  # when the meter was installed
    PERIODIC = "PERIODIC"  # on the round
    FINAL = "FINAL"  # when the meter was removed or the account closed
    WITHDRAWAL = "WITHDRAWAL"  # not a reading: takes back the one it names, and leaves none in its place


class ReadingSource(StrEnum):
    """Who says so."""

    CONTROLLER = "CONTROLLER"  # an inspector on the round
    OFFICE = "OFFICE"  # typed in the office
    FILE = "FILE"  # a file of readings
    PORTAL = "PORTAL"  # the consumer
    TELEMETRY = "TELEMETRY"


class Doubt(StrEnum):
    """What a plausibility check found."""

    HIGH = "HIGH"
    LOW = "LOW"
    ZERO_N = "ZERO_N"
    INCOMPLETE = "INCOMPLETE"  # other registers of the meter are missing or doubtful on that day
    CONFLICT = "CONFLICT"  # two sources of a day say different things
    QUALITY = "QUALITY"  # the device itself doubts it
    ZONES = "ZONES"  # the zones are not the whole
    SWITCHED_OFF = "SWITCHED_OFF"  # energy was used where the supply is off


class ImportStatus(StrEnum):
    """Where a file of readings stands."""

    RECEIVED = "RECEIVED"
    CHECKED = "CHECKED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"  # the whole file
    DISCARDED = "DISCARDED"  # checked, and put aside by a person


class ImportContent(StrEnum):
    """What the rows of a file or batch are."""

    READINGS = "READINGS"  # known by account
    DEVICES = "DEVICES"  # readings known by the device that sent them
    PROFILES = "PROFILES"  # energy by steps of a day
    EVENTS = "EVENTS"  # what devices did by themselves


class ParkedReason(StrEnum):
    """Why readings of a device wait."""

    UNKNOWN_DEVICE = "UNKNOWN_DEVICE"
    NOT_INSTALLED = "NOT_INSTALLED"  # or where no account is supplied


class ParkedStatus(StrEnum):
    """What became of what a device sent that was not known."""

    WAITING = "WAITING"
    POSTED = "POSTED"  # judged as any other; what is doubtful or refused stands with its file
    DISCARDED = "DISCARDED"


class DoubtfulStatus(StrEnum):
    """What a person decided about a doubtful reading."""

    WAITING = "WAITING"
    ACCEPTED = "ACCEPTED"
    REPLACED = "REPLACED"  # another value was recorded in its place
    ASKED_AGAIN = "ASKED_AGAIN"  # the meter is to be read anew
    ESTIMATED = "ESTIMATED"  # it is left out, and the bill rests on an estimate


class DeviceEventKind(StrEnum):
    """What a device did by itself."""

    DISCONNECTED = "DISCONNECTED"
    RECONNECTED = "RECONNECTED"
    TAMPERED = "TAMPERED"  # its cover was opened, or a magnet was near


class RowStatus(StrEnum):
    """What became of a row."""

    GOOD = "GOOD"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


class RowProblem(StrEnum):
    """Why a row, or a reading typed by hand, is refused."""

    EMPTY = "EMPTY"
    NOT_AN_ACCOUNT_NUMBER = "NOT_AN_ACCOUNT_NUMBER"
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    UNKNOWN_METER = "UNKNOWN_METER"
    NOT_A_DATE = "NOT_A_DATE"
    IN_THE_FUTURE = "IN_THE_FUTURE"
    BEFORE_LAST_READING = "BEFORE_LAST_READING"
    NO_METER_THEN = "NO_METER_THEN"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    TOO_MANY_DIGITS = "TOO_MANY_DIGITS"
    IMPOSSIBLE = "IMPOSSIBLE"
    LOWER_THAN_LAST = "LOWER_THAN_LAST"
    REPEATED = "REPEATED"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    UNKNOWN_REGISTER = "UNKNOWN_REGISTER"
    ALREADY_BILLED = "ALREADY_BILLED"
    DISCARDED = "DISCARDED"  # held, and a person decided not to record it
    OTHER_SOURCE = "OTHER_SOURCE"  # a source that goes first, or a bill, stands on that day
    UNKNOWN_QUALITY = "UNKNOWN_QUALITY"
    UNKNOWN_EVENT = "UNKNOWN_EVENT"
    WRONG_STEP = "WRONG_STEP"  # a profile has steps of 15, 30 or 60 minutes
    WRONG_STEPS = "WRONG_STEPS"  # the day has more or fewer of them
    # The next are seen before the row is judged.
    ERROR_CELL = "ERROR_CELL"
    LONG_NUMBER = "LONG_NUMBER"
    EXTRA_CELLS = "EXTRA_CELLS"
    BAD_QUOTES = "BAD_QUOTES"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"


_PROBLEMS = {
    ReadingFault.NOT_A_DAY: RowProblem.NOT_A_DATE,
    ReadingFault.NOT_A_MOMENT: RowProblem.NOT_A_DATE,
    ReadingFault.TOO_LARGE: RowProblem.TOO_MANY_DIGITS,
}


def problem_of(fault: ReadingFault) -> RowProblem:
    """Return the problem of a row in which a value could not be read."""
    return _PROBLEMS.get(fault) or RowProblem(fault.value)


class Dials(NamedTuple):
    """Two readings each of some registers, and what turns the difference into a quantity."""

    earlier_milli: Integers
    later_milli: Integers
    #: first value the display cannot show: 10^(whole digits), in thousandths
    capacity_milli: Integers
    #: CT ratio × VT ratio as a fraction
    multiplier_numerator: Integers
    multiplier_denominator: Integers
    #: smallest billable quantity; 1000 bills whole units
    quantum_milli: Integers


class Segments(NamedTuple):
    """Energy taken by accounts between two days."""

    account: Integers
    from_day: Integers
    to_day: Integers
    quantity_milli: Integers


def consumption(dials: Dials) -> tuple[Integers, Flags]:
    """Return the quantities counted between two readings, and which displays went past their last digit.

    A display that shows less than before is taken to have rolled over once; whether that is believable is for
    ``is_plausible`` to say. Quantities are rounded to the quantum, halves up, after the multiplier.
    """
    rolled_over = dials.later_milli < dials.earlier_milli
    turned = dials.later_milli - dials.earlier_milli + np.where(rolled_over, dials.capacity_milli, 0)
    quanta = multiply_divide(turned, dials.multiplier_numerator, dials.multiplier_denominator * dials.quantum_milli)
    return np.minimum(quanta, BEYOND // dials.quantum_milli) * dials.quantum_milli, rolled_over


def is_plausible(quantity_milli: Integers, days: Integers, capacity_milli_per_hour: Integers) -> Flags:
    """Tell which quantities the connected capacity could have taken in the days, day and night."""
    return quantity_milli <= capacity_milli_per_hour * 24 * np.maximum(days, 1)


def zones_agree(zone_milli: Sequence[Integers], total_milli: Integers, *, tolerance_milli: int) -> Flags:
    """Tell where the sum of the zone registers equals the total register within the tolerance."""
    result: Flags = np.abs(np.sum(zone_milli, axis=0) - total_milli) <= tolerance_milli
    return result


def estimate_by_days(history_milli: Integers, history_days: Integers, days: Integers, *, quantum_milli: Integers) -> Integers:
    """Return estimates from past consumption by days: history ÷ its days × days, rounded to the quantum."""
    quanta = multiply_divide(history_milli, days, divisor(history_days) * quantum_milli)
    return quanta * quantum_milli


def estimate_by_capacity(
    capacity_milli_per_hour: Integers, hours_per_day: Integers, days: Integers, *, quantum_milli: Integers
) -> Integers:
    """Return estimates from the connected capacity and its daily hours of use."""
    return divide_half_up(capacity_milli_per_hour * hours_per_day * days, quantum_milli) * quantum_milli


def split_at(segments: Segments, cuts: Integers, *, quantum_milli: Integers) -> tuple[Segments, Integers]:
    """Cut segments at days of their account and share the energy by days, by largest remainder.

    :param cuts: sorted keys ``account << DAY_BITS | day``
    :param quantum_milli: smallest share, per segment
    :return: the pieces in the order of the segments, and the segment each came from
    """
    base = segments.account << DAY_BITS
    first = np.searchsorted(cuts, base + segments.from_day, "right")
    last = np.searchsorted(cuts, base + segments.to_day, "left")
    pieces = np.maximum(last - first, 0) + 1
    origin, place = members_of(pieces)
    padded = np.append(cuts, 0)
    cut_before = padded[np.minimum(first[origin] + place - 1, len(cuts))] & DAY_MASK
    cut_after = padded[np.minimum(first[origin] + place, len(cuts))] & DAY_MASK
    from_day = np.where(place == 0, segments.from_day[origin], cut_before)
    to_day = np.where(place == pieces[origin] - 1, segments.to_day[origin], cut_after)
    weights = np.where(segments.to_day[origin] > segments.from_day[origin], to_day - from_day, 1)
    quanta = share_out(segments.quantity_milli // quantum_milli, origin, weights)
    quantity = quanta * quantum_milli[origin]
    return Segments(segments.account[origin], from_day, to_day, quantity), origin


def gaps(segments: Segments, *, account: Integers, from_day: Integers, to_day: Integers) -> Segments:
    """Return the days of each account's span that no segment covers, with no energy yet.

    :param segments: sorted by account and first day
    :param account: ascending index of each account that has a span ``[from_day, to_day)``
    """
    base = account << DAY_BITS
    key_from = np.concatenate([(segments.account << DAY_BITS) + segments.from_day, base + to_day])
    key_to = np.concatenate([(segments.account << DAY_BITS) + segments.to_day, base + to_day])
    order = np.lexsort((key_to, key_from))
    key_from, key_to = key_from[order], key_to[order]
    owner = key_from >> DAY_BITS
    start = base[np.searchsorted(account, owner)] + from_day[np.searchsorted(account, owner)]
    reached = np.maximum(np.maximum.accumulate(np.append(0, key_to[:-1])), start)
    found = key_from > reached
    count = int(found.sum())
    return Segments(owner[found], reached[found] & DAY_MASK, key_from[found] & DAY_MASK, np.zeros(count, np.int64))
