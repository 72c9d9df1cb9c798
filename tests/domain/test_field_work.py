"""What a phone sends, read or refused, and what staff decide about it."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from app.domain.field_work import (
    TRANSITIONS,
    FieldFault,
    FieldRefused,
    ProposalEvent,
    ProposalKind,
    ProposalStatus,
    clock_is_off,
    happened_at,
    next_status,
    read_act,
)

SENT = {
    "uuid": "7f1c2a60-93c3-4a3f-9d0e-5b8f2c1d4e6a", "point": 7, "kind": "READING", "done_at": "2026-03-01T05:00:00.000Z",
    "dials": {"3": "01234,5"}, "sure": True, "seal": " P-1 ", "remark": "",
}  # fmt: skip
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("status", "event"), [*product(ProposalStatus, ProposalEvent)])
def test_proposal_is_decided_once(status: ProposalStatus, event: ProposalEvent) -> None:
    if (status, event) in TRANSITIONS:
        assert next_status(status, event) == TRANSITIONS[status, event]
    else:
        with pytest.raises(FieldRefused) as refused:
            next_status(status, event)
        assert refused.value.fault == FieldFault.DECIDED


def test_act_is_read_as_the_phone_sent_it_and_known_by_all_that_was_sent() -> None:
    act, other = read_act(SENT), read_act(SENT | {"photo": "AAAA"})

    assert (act.round_point_id, act.kind, act.done_at) == (7, ProposalKind.READING, datetime(2026, 3, 1, 5, tzinfo=UTC))
    assert (act.contents["dials"], act.contents["seal"], act.contents["sure"]) == ({"3": "01234.5"}, "P-1", True)
    assert act.sha256 == read_act(dict(reversed([*SENT.items()]))).sha256 != other.sha256


@pytest.mark.parametrize(
    "change",
    [
        {"uuid": "7"}, {"point": "7"}, {"point": True}, {"point": 2**63}, {"kind": "PAYMENT"}, {"done_at": "2026-03-01T05:00:00"},
        {"done_at": "yesterday"}, {"dials": {}}, {"dials": {"3": "-1"}}, {"dials": {"3": 5}}, {"dials": {"x": "5"}}, {"dials": "5"},
        {"dials": {"3": "1234567890"}}, {"seal": "x" * 33}, {"remark": "x" * 301}, {"remark": "a\0b"}, {"remark": ["a"]},
        {"kind": "ORDER_DONE"}, {"kind": "ORDER_DONE", "hour": "24:00"}, {"consent": "MAYBE"},
    ],
)  # fmt: skip
def test_what_is_not_complete_or_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(FieldRefused) as refused:
        read_act(SENT | change)

    assert refused.value.fault == FieldFault.MALFORMED


@pytest.mark.parametrize("sent", [None, [], "x", 5, {}])
def test_what_is_no_act_at_all_is_refused(sent: Any) -> None:
    with pytest.raises(FieldRefused):
        read_act(sent)


@pytest.mark.parametrize(
    ("clock", "is_off", "happened"),
    [
        (timedelta(), False, NOON - timedelta(hours=2)),
        (timedelta(minutes=10), False, NOON - timedelta(hours=2) + timedelta(minutes=10)),
        (timedelta(days=1), True, NOON - timedelta(hours=2)),
        (timedelta(days=-1), True, NOON - timedelta(hours=2)),
    ],
)
def test_clock_that_is_off_by_more_than_some_minutes_is_put_right_by_when_the_act_was_sent(
    clock: timedelta, is_off: bool, happened: datetime
) -> None:
    done_at, sent_at = NOON - timedelta(hours=2) + clock, NOON + clock

    assert clock_is_off(sent_at, NOON) == is_off
    assert happened_at(done_at, sent_at, NOON) == happened
