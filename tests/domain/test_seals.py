"""The life of seals, and how their numbers are written."""

import pytest

from app.domain.seals import KEPT, ON_PLACE, TRANSITIONS, SealEvent, SealRefusal, SealRefused, SealState, ranges_of, read_ranges


def test_every_state_is_reached_and_an_event_leads_to_one_state() -> None:
    assert set(TRANSITIONS.values()) == set(SealState)
    assert {event for _state, event in TRANSITIONS} == set(SealEvent)
    assert all(len({end for (_state, each), end in TRANSITIONS.items() if each == event}) == 1 for event in SealEvent)
    assert {state for state in SealState if state not in {begin for begin, _event in TRANSITIONS}} == {SealState.REMOVED, SealState.SPOILED}
    assert not {*KEPT} & {*ON_PLACE}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["NP-001 .. NP-003"], ["NP-001 – NP-003"]),
        (["NP-001 – NP-003", "X"], ["NP-001 – NP-003", "X"]),
        (["NP-001;NP-003"], ["NP-001 – NP-003"]),
        (["0009 .. 0010"], ["0009 – 0010"]),
        (["AB", "", " 7 "], ["AB", "7"]),
    ],
)
def test_lines_are_numbers_and_ranges(lines: list[str], expected: list[str]) -> None:
    assert [str(each) for each in read_ranges(lines)] == expected


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ([], SealRefusal.NO_SEAL),
        (["  "], SealRefusal.NO_SEAL),
        (["--"], SealRefusal.BAD_NUMBER),
        (["A\0" + "1"], SealRefusal.BAD_NUMBER),
        (["x" * 33], SealRefusal.BAD_NUMBER),
        (["NP-3 .. NP-1"], SealRefusal.BAD_RANGE),
        (["NP-1 .. NQ-3"], SealRefusal.BAD_RANGE),
        (["NP-1 .. NP-003"], SealRefusal.BAD_RANGE),
        (["A .. A"], SealRefusal.BAD_RANGE),
        (["1 .. 2 .. 3"], SealRefusal.BAD_RANGE),
        (["000001 .. 999999"], SealRefusal.TOO_MANY),
    ],
)
def test_what_is_no_number_and_no_range_is_refused(lines: list[str], refusal: SealRefusal) -> None:
    with pytest.raises(SealRefused) as refused:
        read_ranges(lines)

    assert refused.value.refusal == refusal


def test_numbers_of_different_length_are_ranges_of_their_own() -> None:
    assert [str(each) for each in ranges_of(["P-9", "P-10", "P-8"])] == ["P-8 – P-9", "P-10"]
