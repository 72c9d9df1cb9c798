"""The wire format of Uzum Bank's webhooks: documented pairs, and bodies no honest provider sends."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateways import uzum
from app.gateways.uzum import Moments, UzumCall, UzumRefusal
from tests import hostile

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "uzum" / "webhooks.json").read_text())
SERVICE = VECTORS["service_id"]
TRANS_ID = "4cabb38a-8ea2-4c05-9b0b-2f8a7d3a1c11"
AT_MS = 1774000000100
FULL = {"serviceId": SERVICE, "timestamp": 1, "transId": TRANS_ID, "params": {"account": "2628"}, "amount": 100}


def parsed(operation: str, **changes: object) -> UzumCall:
    return uzum.parse(operation, json.dumps({**FULL, **changes}).encode(), service_id=SERVICE)


def answer(step: dict[str, Any]) -> bytes:
    """Answer as the endpoint would, which knows the outcome from the books."""
    call, outcome = uzum.parse(step["operation"], json.dumps(step["request"]).encode(), service_id=SERVICE), step["reply"]
    if outcome["status"] == uzum.FAILED:
        return uzum.refusal(UzumRefusal(int(outcome["errorCode"])), service_id=SERVICE, at_ms=AT_MS, trans_id=call.trans_id)
    if call.operation == uzum.CHECK:
        return uzum.checked(call, name="Karimov A*** V***", amount_tiyin=13_000_000, at_ms=AT_MS)
    if call.operation == uzum.CREATE:
        return uzum.created(call, created_ms=outcome["transTime"])
    if call.operation == uzum.CONFIRM:
        return uzum.confirmed(call, confirmed_ms=outcome["confirmTime"], amount_tiyin=13_000_000)
    if call.operation == uzum.REVERSE:
        return uzum.reversed_(call, reversed_ms=outcome["reverseTime"], amount_tiyin=13_000_000)
    moments = Moments(outcome["transTime"], outcome["confirmTime"], outcome["reverseTime"])
    return uzum.status(call, state=outcome["status"], moments=moments, amount_tiyin=13_000_000)


@pytest.mark.parametrize("step", VECTORS["steps"], ids=lambda step: step["step"])
def test_step_is_answered_byte_for_byte(step: dict[str, Any]) -> None:
    assert answer(step) == json.dumps(step["reply"], ensure_ascii=False, separators=(",", ":")).encode()


def test_requests_are_read_with_their_types() -> None:
    assert parsed("create", params={"account": " 26 28 "}) == UzumCall("create", SERVICE, 1, TRANS_ID, "2628", 100)
    assert parsed("confirm", paymentSource="UZCARD", processingReferenceNumber=43) == UzumCall(
        "confirm", SERVICE, 1, TRANS_ID, payment_source="UZCARD", processing_reference="43"
    )
    assert parsed("check") == UzumCall("check", SERVICE, 1, account_number="2628")


def test_trans_id_is_kept_as_it_was_sent() -> None:
    assert parsed("status", transId=TRANS_ID.upper()).trans_id == TRANS_ID.upper()


@pytest.mark.parametrize("operation", uzum.OPERATIONS)
@pytest.mark.parametrize(
    ("changes", "code"),
    [({"serviceId": None}, 10005), ({"serviceId": "498624684"}, 10005), ({"serviceId": 1}, 10006), ({"timestamp": None}, 10005),
     ({"timestamp": 2**62}, 10005)],
)  # fmt: skip
def test_every_operation_needs_service_and_timestamp(operation: str, changes: dict[str, object], code: int) -> None:
    with pytest.raises(UzumRefusal) as caught:
        parsed(operation, **changes)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"transId": None}, 10005),
        ({"transId": 5}, 10005),
        ({"transId": "{" + TRANS_ID + "}"}, 10005),
        ({"transId": TRANS_ID.replace("-", "")}, 10005),
        ({"transId": TRANS_ID + "\n"}, 10005),
        ({"transId": "\u0664" + TRANS_ID[1:]}, 10005),
        ({"params": None}, 10005),
        ({"params": []}, 10005),
        ({"params": {}}, 10005),
        ({"params": {"account": ""}}, 10005),
        ({"params": {"account": []}}, 10007),
        ({"params": {"account": "26\u0000"}}, 10007),
        ({"params": {"account": "\ud800"}}, 10007),
        ({"amount": None}, 10005),
        ({"amount": 0}, 10011),
        ({"amount": -100}, 10011),
        ({"amount": 1.5}, 10011),
        ({"amount": "100"}, 10011),
        ({"amount": True}, 10011),
        ({"amount": 2**62}, 10011),
    ],
)
def test_create_that_is_wrong_somewhere_gets_its_code(changes: dict[str, object], code: int) -> None:
    with pytest.raises(UzumRefusal) as caught:
        parsed("create", **changes)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        ("pay", b"{}", 10003),
        ("", b"{}", 10003),
        ("check", b"", 10002),
        ("check", b"[]", 10002),
        ("check", b"\xff", 10002),
        ("check", b"[" * 60_000, 10002),
        ("check", b'{"timestamp":NaN}', 10002),
        ("check", b"{}", 10005),
    ],
)
def test_malformed_body_gets_its_code(operation: str, body: bytes, code: int) -> None:
    with pytest.raises(UzumRefusal) as caught:
        uzum.parse(operation, body, service_id=SERVICE)

    assert caught.value.code == code


def test_text_of_a_confirmation_that_cannot_be_kept_does_not_stop_it() -> None:
    assert parsed("confirm", paymentSource="\x00", processingReferenceNumber={})[-2:] == ("", "")


@given(st.integers(-(10**15), 10**15))
def test_som_that_are_shown_are_exact(tiyin: int) -> None:
    assert Decimal(uzum.som(tiyin)) * 100 == tiyin


PARAMS = st.dictionaries(st.just("account"), hostile.JSON)
BODIES = st.dictionaries(st.sampled_from([*FULL, "paymentSource"]), hostile.JSON | PARAMS | st.just(TRANS_ID)).map(
    lambda some: {**FULL, **some}
)


@given(st.sampled_from(uzum.OPERATIONS), hostile.BODIES | BODIES.map(json.dumps).map(str.encode))
def test_every_body_gets_an_answer(operation: str, body: bytes) -> None:
    assert json.loads(outcome(operation, body)).keys() >= {"serviceId", "status"}


def outcome(operation: str, body: bytes) -> bytes:
    try:
        return uzum.created(uzum.parse(operation, body, service_id=SERVICE), created_ms=1)
    except UzumRefusal as refused:
        return uzum.refusal(refused, service_id=SERVICE, at_ms=AT_MS)
