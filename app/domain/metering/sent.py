"""Readings that devices sent, judged by the thousand: found among the registers in use, then held against the rules, day after day.

Readings of one register follow each other: the one that is accepted is the last one of the next. So days are judged in turns, the first
of each meter, then the second. The registers of a meter and day belong together.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from app.domain.metering.counting import Dials, Doubt, RowProblem, consumption
from app.domain.metering.registers import ZONE_REGISTERS, RegisterCode
from app.domain.metering.validation import RULES, SOUND, CheckedReading, Effect, Thresholds, first_broken_of, place_of
from app.domain.values import Flags, Integers

#: Registers by their place in readings and series.
REGISTERS = tuple(RegisterCode)
_TOTAL, _DEMAND = REGISTERS.index(RegisterCode.TOTAL), REGISTERS.index(RegisterCode.DEMAND)
_IS_ZONE = np.array([code in ZONE_REGISTERS for code in REGISTERS])
_DAY_BITS, _REGISTER_BITS = 20, 3


class Verdict(IntEnum):
    """What becomes of a reading."""

    ACCEPTED = 0
    HELD = 1
    PARKED = 2
    REFUSED = 3


#: Reasons by their place in verdicts: those of the rules first; the last is none.
REASONS = (*(rule.code for rule in RULES), RowProblem.REPEATED, RowProblem.OTHER_SOURCE, "")
_REPEATED, _OTHER_SOURCE, NO_REASON = len(RULES), len(RULES) + 1, len(RULES) + 2
_VERDICTS = {Effect.REFUSE: Verdict.REFUSED, Effect.HOLD: Verdict.HELD, Effect.INSPECT: Verdict.ACCEPTED}
_VERDICT_OF = np.array([*(_VERDICTS[rule.effect] for rule in RULES), Verdict.REFUSED, Verdict.REFUSED, Verdict.ACCEPTED])


class SentReadings(NamedTuple):
    """Readings as devices sent them.

    :ivar device: place of the serial number in the list of those that were looked up
    :ivar register: place in ``REGISTERS``; −1: the device named none
    :ivar is_late: 1: the moment lies further ahead than a clock may be
    :ivar is_reliable: 0: the device itself doubts it
    """

    device: Integers
    register: Integers
    day: Integers
    dial_milli: Integers
    decimals: Integers
    is_late: Integers
    is_reliable: Integers


class SentSeries(NamedTuple):
    """Registers of those devices during one installation and supply, with their latest readings; sorted by device, register, first day.

    :ivar place: number of the installation under an account; its registers belong together
    :ivar valid_to: the first day it was no longer there; a reading may be of that day
    :ivar last_day: −1: it was never read
    :ivar last_rank: place of the last reading's source in the order of sources, the best first
    :ivar actual_to: the day up to which bills that stand are made of readings; −1: none is
    :ivar off_day: since when the supply is off; ``NEVER_OFF``: it is on
    """

    device: Integers
    register: Integers
    place: Integers
    valid_from: Integers
    valid_to: Integers
    capacity_milli: Integers
    decimals: Integers
    multiplier_numerator: Integers
    multiplier_denominator: Integers
    quantum_milli: Integers
    capacity_milli_per_hour: Integers
    last_day: Integers
    last_dial_milli: Integers
    last_rank: Integers
    history_milli: Integers
    history_days: Integers
    zeros_before: Integers
    actual_to: Integers
    off_day: Integers


class SentVerdicts(NamedTuple):
    """What becomes of each reading.

    :ivar series: place of its register among the series; −1: there is none
    :ivar reason: place in ``REASONS``
    :ivar replaces: it takes the place of the last reading, of the same day
    """

    verdict: Integers
    reason: Integers
    series: Integers
    quantity_milli: Integers
    replaces: Flags


def judge_sent(
    sent: SentReadings, series: SentSeries, is_known: Flags, *, thresholds: Thresholds, today: int, rank: int
) -> tuple[SentVerdicts, SentSeries]:
    """Return what becomes of readings, and the series with the readings that are accepted as their last.

    :param is_known: by device: whether there is such a device, installed or not
    :param rank: of the source of all of them
    """
    found, reason = _match(sent, series, is_known)
    count = len(sent.day)
    verdicts = SentVerdicts(
        np.where(found >= 0, Verdict.ACCEPTED, np.where(reason == NO_REASON, Verdict.PARKED, Verdict.REFUSED)),
        reason, found, np.zeros(count, np.int64), np.zeros(count, bool),
    )  # fmt: skip
    rows = np.flatnonzero(found >= 0)
    order = rows[np.lexsort((rows, sent.day[rows], found[rows]))]
    rows = _without_twins(sent, verdicts, order)
    state = series._replace(
        last_day=series.last_day.copy(), last_dial_milli=series.last_dial_milli.copy(), last_rank=series.last_rank.copy()
    )
    for turn in _turns(sent.day[rows], series.place[found[rows]]):
        _judge_turn(rows[turn], sent, state, verdicts, thresholds, today, rank)
    return verdicts, state


def _match(sent: SentReadings, series: SentSeries, is_known: Flags) -> tuple[Integers, Integers]:
    """Return the place of each reading's register among the series, or −1 and why there is none (no reason: its device is not there)."""
    devices = len(is_known)
    lowest, highest = np.full(devices, len(REGISTERS)), np.full(devices, -1)
    np.minimum.at(lowest, series.device, series.register)
    np.maximum.at(highest, series.device, series.register)
    only = np.where(lowest == highest, lowest, _TOTAL)
    register = np.where(sent.register < 0, only[sent.device], sent.register)
    wanted, there = sent.device << _REGISTER_BITS | register, series.device << _REGISTER_BITS | series.register
    if not len(there):
        return np.full(len(wanted), -1), np.full(len(wanted), NO_REASON)
    at = np.searchsorted(there << _DAY_BITS | series.valid_from, wanted << _DAY_BITS | sent.day, "right") - 1
    is_found = (at >= 0) & (there[at] == wanted) & (sent.day <= series.valid_to[at])
    first = np.minimum(np.searchsorted(there, wanted), len(there) - 1)
    is_installed, has_register = highest[sent.device] >= 0, there[first] == wanted
    missing = np.where(has_register, place_of(RowProblem.NO_METER_THEN), place_of(RowProblem.UNKNOWN_REGISTER))
    return np.where(is_found, at, -1), np.where(is_found | ~is_installed, NO_REASON, missing)


def _without_twins(sent: SentReadings, verdicts: SentVerdicts, order: Integers) -> Integers:
    """Refuse all but the first reading of a register and day, and return those that are left.

    :param order: readings by register and day
    """
    if not len(order):
        return order
    series, day, dial = verdicts.series[order], sent.day[order], sent.dial_milli[order]
    begins = np.concatenate([[True], (series[1:] != series[:-1]) | (day[1:] != day[:-1])])
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    twins = order[~begins]
    verdicts.verdict[twins] = Verdict.REFUSED
    verdicts.reason[twins] = np.where((dial == dial[first])[~begins], _REPEATED, place_of(RowProblem.BEFORE_LAST_READING))
    kept: Integers = order[begins]
    return kept


def _turns(day: Integers, place: Integers) -> list[Integers]:
    """Return the readings in turns: in each turn one day of a place."""
    if not len(day):
        return []
    order = np.lexsort((day, place))
    day, place = day[order], place[order]
    is_new = np.concatenate([[True], place[1:] != place[:-1]])
    steps = np.cumsum(np.concatenate([[True], (place[1:] != place[:-1]) | (day[1:] != day[:-1])]))
    turn = steps - np.maximum.accumulate(np.where(is_new, steps, 0))
    by_turn = np.argsort(turn, kind="stable")
    return np.split(order[by_turn], np.cumsum(np.bincount(turn))[:-1])


def _judge_turn(
    rows: Integers, sent: SentReadings, state: SentSeries, verdicts: SentVerdicts, thresholds: Thresholds, today: int, rank: int
) -> None:
    """Judge one day of each place, and let what is accepted be the last reading of its register."""
    at = verdicts.series[rows]
    quantity, rolled_over = _energy(sent.dial_milli[rows], state, at)
    is_same_day = sent.day[rows] == state.last_day[at]
    checked = _checked(rows, sent, state, (quantity, rolled_over), is_same_day, at=at, today=today)
    broken = first_broken_of(checked, thresholds)
    is_counted = (checked.counts == 1) & (_VERDICT_OF[np.where(broken == SOUND, NO_REASON, broken)] != Verdict.REFUSED)
    apart, zones = _zones_apart(state, at, quantity, is_counted)
    if zones.any():
        broken = first_broken_of(checked._replace(zones_off_milli=apart, zones=zones), thresholds)
    reason = np.where(broken == SOUND, NO_REASON, broken)
    goes_first = (rank < state.last_rank[at]) & (sent.day[rows] > state.actual_to[at])
    stands = is_same_day & (reason == NO_REASON)
    reason = np.where(stands & (checked.conflict_milli == 0), _REPEATED, np.where(stands & ~goes_first, _OTHER_SOURCE, reason))
    accepted = _VERDICT_OF[reason] == Verdict.ACCEPTED
    lacking = accepted & ~is_same_day & ~_is_complete(state, at, sent.day[rows], accepted & ~is_same_day)
    reason = np.where(lacking, place_of(Doubt.INCOMPLETE), reason)
    verdicts.reason[rows], verdicts.verdict[rows] = reason, _VERDICT_OF[reason]
    verdicts.quantity_milli[rows], verdicts.replaces[rows] = quantity, accepted & is_same_day
    booked = accepted & ~lacking
    state.last_day[at[booked]] = sent.day[rows[booked]]
    state.last_dial_milli[at[booked]] = sent.dial_milli[rows[booked]]
    state.last_rank[at[booked]] = rank


def _energy(dial_milli: Integers, state: SentSeries, at: Integers) -> tuple[Integers, Flags]:
    """Return what registers counted since their last reading (of capacity: what they show), and which went past their last digit."""
    numerator, denominator = state.multiplier_numerator[at], state.multiplier_denominator[at]
    dials = Dials(state.last_dial_milli[at], dial_milli, state.capacity_milli[at], numerator, denominator, state.quantum_milli[at])
    quantity, rolled_over = consumption(dials)
    is_capacity, was_read = state.register[at] == _DEMAND, state.last_day[at] >= 0
    shown = np.where(is_capacity, dial_milli * numerator // denominator, quantity)
    return np.where(was_read, shown, 0), rolled_over & was_read & ~is_capacity


def _checked(
    rows: Integers, sent: SentReadings, state: SentSeries, energy: tuple[Integers, Flags], is_same_day: Flags, *, at: Integers, today: int
) -> CheckedReading:
    """Return what the rules look at.

    :param energy: since the last reading, and which registers went past their last digit
    :param at: places of the readings' registers among the series
    """
    quantity, rolled_over = energy
    day, last_day, per_hour = sent.day[rows], state.last_day[at], state.capacity_milli_per_hour[at]
    was_read, is_capacity, days = last_day >= 0, state.register[at] == _DEMAND, day - last_day
    history_days = np.maximum(state.history_days[at], 1)
    is_billed = was_read & (state.register[at] != _TOTAL) & (day <= state.actual_to[at]) & ~is_same_day
    return CheckedReading(
        day=day, today=np.int64(today), dial_milli=sent.dial_milli[rows], capacity_milli=state.capacity_milli[at],
        last_day=np.where(is_same_day, -1, last_day), is_late=sent.is_late[rows], decimals_over=sent.decimals[rows] - state.decimals[at],
        is_free=(~is_billed).astype(np.int64), quantity_milli=quantity, rolled_over=rolled_over.astype(np.int64),
        largest_milli=np.where(is_capacity, per_hour, per_hour * 24 * days),
        average_milli=np.where(state.history_days[at] > 0, state.history_milli[at] * days // history_days, 0),
        zeros_before=state.zeros_before[at], counts=(was_read & ~is_capacity & ~is_same_day).astype(np.int64),
        is_capacity=(was_read & is_capacity & ~is_same_day).astype(np.int64),
        conflict_milli=np.where(is_same_day, np.abs(sent.dial_milli[rows] - state.last_dial_milli[at]), 0),
        is_reliable=sent.is_reliable[rows], off_day=state.off_day[at], zones_off_milli=np.int64(0), zones=np.int64(0),
    )  # fmt: skip


def _zones_apart(state: SentSeries, at: Integers, quantity: Integers, counts: Flags) -> tuple[Integers, Integers]:
    """Return by how much the zones of a reading's meter differ from its whole counter, and how many registers were compared.

    They are compared where all of them were read on this day and on one day before.
    """
    places = int(state.place.max()) + 1
    place, register, last_day = state.place[at], state.register[at], state.last_day[at]
    is_zone, is_whole = _IS_ZONE[register] & counts, (register == _TOTAL) & counts
    wanted = np.bincount(state.place[_IS_ZONE[state.register]], minlength=places)
    read = np.bincount(place[is_zone], minlength=places)
    whole = np.bincount(place[is_whole], minlength=places)
    earliest, latest = np.full(places, np.iinfo(np.int64).max), np.full(places, -1)
    np.minimum.at(earliest, place[is_zone | is_whole], last_day[is_zone | is_whole])
    np.maximum.at(latest, place[is_zone | is_whole], last_day[is_zone | is_whole])
    apart = np.zeros(places, np.int64)
    np.add.at(apart, place[is_zone], quantity[is_zone])
    np.subtract.at(apart, place[is_whole], quantity[is_whole])
    is_compared = (wanted > 0) & (read == wanted) & (whole == 1) & (earliest == latest)
    belongs = is_compared[place] & (is_zone | is_whole)
    return np.where(belongs, np.abs(apart)[place], 0), np.where(belongs, wanted[place] + 1, 0)


def _is_complete(state: SentSeries, at: Integers, day: Integers, is_read: Flags) -> Flags:
    """Return whether all registers of a reading's meter were read on its day, or later already."""
    places = int(state.place.max()) + 1
    day_of = np.full(places, -1)
    day_of[state.place[at]] = day
    was_read = (state.last_day >= day_of[state.place]) & (day_of[state.place] >= 0)
    was_read[at[is_read]] = True
    is_whole = np.bincount(state.place[~was_read], minlength=places) == 0
    complete: Flags = is_whole[state.place[at]]
    return complete
