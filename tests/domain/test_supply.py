"""Orders step by step, and states of a service point that never overlap."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.supply import (
    OPEN_ORDERS,
    TRANSITIONS,
    Placement,
    StateInterval,
    StateSource,
    SupplyFault,
    SupplyOrderEvent,
    SupplyOrderStatus,
    SupplyRefused,
    SupplyState,
    hours_off,
    next_status,
    place,
    state_at,
)

ON, OFF, RECORD, DEVICE = SupplyState.ON, SupplyState.OFF, StateSource.RECORD, StateSource.DEVICE


def at(hour: int) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hour)


@pytest.mark.parametrize(("status", "event"), [*product(SupplyOrderStatus, SupplyOrderEvent)])
def test_order_takes_the_steps_of_the_table_and_no_other(status: SupplyOrderStatus, event: SupplyOrderEvent) -> None:
    if (status, event) in TRANSITIONS:
        assert next_status(status, event) == TRANSITIONS[status, event]
    else:
        with pytest.raises(SupplyRefused) as refused:
            next_status(status, event)
        assert (refused.value.fault, refused.value.detail) == (SupplyFault.ORDER_STATUS, status)


def test_every_status_is_reached_and_only_open_orders_are_issued_or_withdrawn() -> None:
    reached = {SupplyOrderStatus.DRAFT, *TRANSITIONS.values()}
    ended = {status for status, event in TRANSITIONS if event in {SupplyOrderEvent.EXECUTE, SupplyOrderEvent.WITHDRAW}}

    assert reached == set(SupplyOrderStatus)
    assert ended == OPEN_ORDERS


CUT = StateInterval(1, OFF, RECORD, at(10), None)
TOLD = StateInterval(1, OFF, DEVICE, at(10), None)
ENDED = StateInterval(1, OFF, RECORD, at(10), at(20))
RESTORED = StateInterval(2, ON, RECORD, at(20), None)


@pytest.mark.parametrize(
    ("intervals", "state", "source", "hour", "placed"),
    [
        ([], OFF, RECORD, 1, Placement(None, None, None)),
        ([CUT], ON, RECORD, 12, Placement(1, None, None)),
        ([CUT], ON, DEVICE, 12, Placement(1, None, None)),
        ([TOLD], OFF, RECORD, 12, Placement(1, None, None)),
        ([TOLD], OFF, RECORD, 9, Placement(None, 1, None)),
        ([TOLD], OFF, RECORD, 10, Placement(None, 1, None)),
        ([CUT], OFF, DEVICE, 9, Placement(None, None, at(10))),
        ([ENDED, RESTORED], ON, DEVICE, 15, Placement(1, None, at(20))),
        ([CUT], OFF, RECORD, 12, SupplyFault.ALREADY_OFF),
        ([CUT], OFF, DEVICE, 12, SupplyFault.ALREADY_OFF),
        ([], ON, RECORD, 1, SupplyFault.ALREADY_ON),
        ([CUT], ON, DEVICE, 9, SupplyFault.ALREADY_ON),
        ([CUT], OFF, RECORD, 9, SupplyFault.LATER_STATE),
        ([ENDED, RESTORED], OFF, RECORD, 20, SupplyFault.LATER_STATE),
        ([ENDED, RESTORED], ON, DEVICE, 20, SupplyFault.ALREADY_ON),
        ([ENDED, RESTORED], OFF, DEVICE, 20, SupplyFault.LATER_STATE),
        ([ENDED, RESTORED._replace(source=DEVICE)], ON, RECORD, 20, Placement(1, 2, None)),
    ],
)
def test_switch_fits_among_the_states_that_stand_or_is_refused(
    intervals: list[StateInterval], state: SupplyState, source: StateSource, hour: int, placed: Placement | SupplyFault
) -> None:
    try:
        found: Placement | SupplyFault = place(intervals, state, source, at(hour))
    except SupplyRefused as refused:
        found = refused.fault

    assert found == placed


@given(st.lists(st.tuples(st.sampled_from(SupplyState), st.sampled_from(StateSource), st.integers(0, 40)), max_size=12))
def test_states_follow_one_another_without_a_gap_whatever_is_told_in_whatever_order(
    told: list[tuple[SupplyState, StateSource, int]],
) -> None:
    rows: dict[int, StateInterval] = {}

    for number, (state, source, hour) in enumerate(told):
        intervals = sorted(rows.values(), key=lambda row: row.begins_at)
        try:
            placed = place(intervals, state, source, at(hour))
        except SupplyRefused:
            continue
        if placed.shortened_id is not None:
            rows[placed.shortened_id] = rows[placed.shortened_id]._replace(ends_at=at(hour))
        if placed.replaced_id is not None:
            del rows[placed.replaced_id]
        rows[number] = StateInterval(number, state, source, at(hour), placed.ends_at)

    found = sorted(rows.values(), key=lambda row: row.begins_at)
    assert [row.ends_at for row in found] == [*(row.begins_at for row in found[1:]), *([None] if found else [])]
    assert not found or found[0].state == OFF
    for hour in range(41):
        state_then = state_at(found, at(hour))
        assert state_then is None or state_then.begins_at <= at(hour)


def test_hours_off_are_cut_at_the_ends_of_the_period_and_minutes_begun_are_left_out() -> None:
    rows = [(at(1), at(3)), (at(5), at(5) + timedelta(minutes=30, seconds=59)), (at(22), None)]

    assert hours_off(rows, at(2), at(23)) == 2_500
    assert hours_off(rows, at(3), at(5)) == 0
    assert hours_off([], at(0), at(1)) == 0
