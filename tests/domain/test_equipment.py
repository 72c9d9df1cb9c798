"""The life of devices: every event in every state, the ways they go, and their passports."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.equipment import IN_STORE, MISSABLE, ROUTES, TRANSITIONS, DeviceEvent, DeviceState, PlaceKind, StepNotPossible, moved
from app.domain.equipment.passports import PASSPORTS, WrongPassport, fields_of, passport_of, stored_passport

STATES = (None, *DeviceState)
#: States in which a device is at a warehouse, with a brigade, at a point, at the metrology body; the others are nowhere.
PLACES = {
    PlaceKind.WAREHOUSE: {*IN_STORE, DeviceState.IN_REPAIR, DeviceState.REJECTED, DeviceState.EVIDENCE_HOLD, DeviceState.REMOVED},
    PlaceKind.BRIGADE: {DeviceState.ISSUED, DeviceState.REMOVED, *IN_STORE},
    PlaceKind.SERVICE_POINT: {DeviceState.INSTALLED},
    PlaceKind.METROLOGY: {DeviceState.AT_VERIFICATION},
    PlaceKind.TRANSIT: set(IN_STORE),
    PlaceKind.NOWHERE: {None, DeviceState.LOST, DeviceState.WRITTEN_OFF},
}


@pytest.mark.parametrize("event", DeviceEvent)
@pytest.mark.parametrize("state", STATES)
def test_listed_steps_happen_and_all_others_are_refused(state: DeviceState | None, event: DeviceEvent) -> None:
    if (state, event) in TRANSITIONS:
        assert moved(state, event) == TRANSITIONS[state, event]
    else:
        with pytest.raises(StepNotPossible):
            moved(state, event)


def test_every_state_is_reached_and_only_the_end_is_left_by_nothing() -> None:
    assert set(TRANSITIONS.values()) == set(DeviceState)
    assert set(DeviceState) - {state for state, _event in TRANSITIONS} == {DeviceState.WRITTEN_OFF}
    assert DeviceState.INSTALLED not in MISSABLE
    assert set(ROUTES) == {event for _state, event in TRANSITIONS} == set(DeviceEvent)


def test_every_step_begins_and_ends_where_a_device_of_that_state_can_be() -> None:
    for (state, event), end in TRANSITIONS.items():
        route = ROUTES[event]
        assert any(state in PLACES[kind] for kind in route.begin), (state, event)
        assert any(end in PLACES[kind] for kind in route.end or route.begin), (state, event)


def test_device_of_its_model_has_its_own_values_where_they_differ() -> None:
    model, own = {"current_a": "5", "largest_current_a": "60", "voltage_v": 220}, {"voltage_v": 230, "obis_codes": ""}

    passport = passport_of("METER", model, own)

    assert (passport.current_a, passport.largest_current_a, passport.voltage_v) == (Decimal(5), Decimal(60), 230)
    assert passport.obis_codes is None
    assert passport_of("SOMETHING_NEW", {}) is None


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("CURRENT_TRANSFORMER", {"primary_rating": "many"}, "primary_rating"),
        ("CURRENT_TRANSFORMER", {"primary_rating": "-5"}, "primary_rating"),
        ("POWER_TRANSFORMER", {"load_loss_w": "1.5"}, "load_loss_w"),
        ("POWER_TRANSFORMER", {"rated_power_kva": "NaN"}, "rated_power_kva"),
        ("LINE", {"wire": "x" * 201}, "wire"),
        ("CABINET", {"voltage_v": "220"}, "voltage_v"),
    ],
)
def test_wrong_value_of_a_passport_is_refused_by_its_field(kind: str, given: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongPassport, match=field):
        stored_passport(kind, given)


@pytest.mark.parametrize("kind", PASSPORTS)
def test_what_is_stored_of_a_passport_is_read_back(kind: str) -> None:
    given = {name: {int: 7, Decimal: "0.25", str: "a"}[held] for name, held in fields_of(kind).items()}

    assert stored_passport(kind, passport_of(kind, given).__dict__) == given
