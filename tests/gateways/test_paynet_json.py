"""The wire format of PAYNET's JSON-RPC: the pairs of its certification, and bodies no honest provider sends."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.gateways import channel_time, paynet_json
from app.gateways.json_bodies import decode_rpc
from app.gateways.paynet_json import PaynetJsonCall, PaynetJsonRefusal, Performed
from tests import hostile

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "paynet_json" / "certification.json").read_text())
NOON = datetime(2026, 9, 22, 7, 0, tzinfo=UTC)


def parsed(method: str, **params: object) -> PaynetJsonCall:
    body = {"jsonrpc": "2.0", "method": method, "id": 1, "params": {"serviceId": 7, **params}}
    return paynet_json.parse(decode_rpc(json.dumps(body).encode()), service_id=7)


def moment(text: str) -> datetime:
    found = channel_time.decode(text, channel_time.ISO_LIKE)
    assert found is not None
    return found


def answer(request: dict[str, Any], outcome: dict[str, Any]) -> bytes:
    """Answer as the endpoint would, which knows the outcome from the books."""
    try:
        call = paynet_json.parse(decode_rpc(json.dumps(request).encode()), service_id=VECTORS["service_id"])
    except PaynetJsonRefusal as refused:
        return paynet_json.refusal(decode_rpc(json.dumps(request).encode()).id, refused)
    if "error" in outcome:
        return paynet_json.refusal(call.id, PaynetJsonRefusal(outcome["error"]["code"]))
    result = outcome["result"]
    if call.method == "GetInformation":
        return paynet_json.information(call, name="Karimov A*** V***", balance_tiyin=-13_000_000, at=moment(result["timestamp"]))
    if call.method == "PerformTransaction":
        return paynet_json.performed(call, provider_id=result["providerTrnId"], balance_tiyin=0, at=moment(result["timestamp"]))
    if call.method == "GetStatement":
        assert (channel_time.encode(call.from_at), channel_time.encode(call.to_at)) == ("2026-09-22 00:00:00", "2026-09-22 23:59:59")
        return paynet_json.statement(call, [Performed(13_000_000, 90001, 1001, moment("2026-09-22 11:06:01"))])
    if call.method == "ChangePassword":
        return paynet_json.password_changed(call)
    return paynet_json.state(
        call, provider_id=result["providerTrnId"], state=result["transactionState"], at=moment(result["timestamp"])
    )  # fmt: skip


@pytest.mark.parametrize("step", VECTORS["steps"], ids=lambda step: step["step"])
def test_step_of_the_certification_is_answered_byte_for_byte(step: dict[str, Any]) -> None:
    assert answer(step["request"], step["reply"]) == json.dumps(step["reply"], ensure_ascii=False, separators=(",", ":")).encode()


def test_payment_is_read_with_its_types() -> None:
    call = parsed("PerformTransaction", transactionId=90001, amount=13_000_000, time="2026-09-22 11:06:00", fields={"account": " 26 28 "})

    assert call == PaynetJsonCall(1, "PerformTransaction", "account", "2628", 90001, 13_000_000, datetime(2026, 9, 22, 6, 6, tzinfo=UTC))


FULL = {"transactionId": 1, "amount": 100, "fields": {"client_id": "2628"}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 0}, 413),
        ({"amount": -1}, 413),
        ({"amount": 1.5}, 413),
        ({"amount": "100"}, 413),
        ({"amount": True}, 413),
        ({"amount": 2**62}, 415),
        ({"amount": None}, -32600),
        ({"transactionId": None}, -32600),
        ({"transactionId": 0}, -32602),
        ({"transactionId": 2**62}, -32602),
        ({"transactionId": [1]}, -32602),
        ({"time": "22/09/2026"}, 414),
        ({"time": 1774000000000}, 414),
        ({"fields": None}, -32600),
        ({"fields": []}, -32602),
        ({"fields": {}}, 411),
        ({"fields": {"client_id": ""}}, 411),
        ({"fields": {"client_id": {"a": 1}}}, 302),
        ({"fields": {"client_id": "1" * 65}}, 302),
        ({"fields": {"client_id": "26\u0000"}}, 302),
        ({"serviceId": 8}, 305),
        ({"serviceId": None}, -32600),
        ({"serviceId": {}}, 305),
    ],
)
def test_payment_that_is_wrong_somewhere_gets_its_code(changes: dict[str, object], code: int) -> None:
    with pytest.raises(PaynetJsonRefusal) as caught:
        parsed("PerformTransaction", **{**FULL, **changes})

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"[" * 60_000, -32700),
        (b'{"id":NaN}', -32700),
        (b"[]", -32600),
        (b'{"jsonrpc":"1.0","method":"GetInformation"}', -32600),
        (b'{"method":7}', -32600),
        (b'{"method":"GetInformation","params":[]}', -32600),
        (b'{"method":"Pay"}', -32601),
        (b'{"method":"GetStatement","params":{"serviceId":7,"dateFrom":"2026-09-22 00:00:00"}}', -32600),
        (b'{"method":"ChangePassword","params":{"newPassword":"a\\u0000"}}', -32602),
        (b'{"method":"ChangePassword","params":{"newPassword":"a","serviceId":8}}', 305),
    ],
)
def test_malformed_body_gets_its_code(body: bytes, code: int) -> None:
    with pytest.raises(PaynetJsonRefusal) as caught:
        paynet_json.parse(decode_rpc(body), service_id=7)

    assert caught.value.code == code


@pytest.mark.parametrize("timestamp", ["Mon Jun 16 06:12:41 UZT 2021", "", None, 7, [[]]])
def test_check_does_not_look_at_its_timestamp(timestamp: object) -> None:
    assert parsed("CheckTransaction", transactionId="90001", timestamp=timestamp).transaction_id == 90001


@pytest.mark.parametrize("text", ["2026-09-22 00:00:00", "22.09.2026 00:00:00"])
def test_statement_takes_both_forms_of_a_date(text: str) -> None:
    assert parsed("GetStatement", dateFrom=text, dateTo=text).from_at == datetime(2026, 9, 21, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-9-22 00:00:00",
        "2026-09-22  00:00:00",
        "2026-09-31 00:00:00",
        "22.09.26 00:00:00",
        "0001-01-01 00:00:00",
        "٢٠٢٦-09-22 00:00:00",
    ],
)
def test_date_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(PaynetJsonRefusal) as caught:
        parsed("GetStatement", dateFrom=text, dateTo=text)

    assert caught.value.code == 414


def test_contract_may_name_the_field_of_the_account() -> None:
    body = b'{"method":"GetInformation","id":"x","params":{"serviceId":"7","fields":{"client_id":"1","ls":"2628"}}}'

    call = paynet_json.parse(decode_rpc(body), service_id=7, account_fields=("ls",))

    assert (call.id, call.account_field, call.account_number) == ("x", "ls", "2628")


@given(st.integers(-(10**15), 10**15))
def test_whole_som_that_are_shown_clear_the_debt_and_no_more_than_that(tiyin: int) -> None:
    left = tiyin - int(paynet_json.whole_som(tiyin)) * 100

    assert 0 <= left < 100


def test_every_code_has_its_message() -> None:
    named = {value for name, value in vars(paynet_json).items() if name.isupper() and isinstance(value, int)}

    assert named - {1, 2, 3} <= set(paynet_json._MESSAGES)
    assert len([code for code in paynet_json._MESSAGES if 400 < code <= 415]) == 15


FIELDS = st.dictionaries(st.sampled_from(paynet_json.ACCOUNT_FIELDS), hostile.JSON)
NAMES = ["transactionId", "amount", "time", "timestamp", "dateFrom", "dateTo", "newPassword", "fields"]
PARAMS = st.dictionaries(st.sampled_from(NAMES), hostile.JSON | FIELDS | st.integers(1, 9)).map(lambda params: {"serviceId": 7, **params})
CALLS = st.fixed_dictionaries({"method": st.sampled_from(sorted(paynet_json._READERS)), "params": PARAMS, "id": hostile.JSON})


@given(hostile.BODIES | CALLS.map(json.dumps).map(str.encode))
@example(b'{"id":"\\ud800"}')
@example(b'{"method":"GetInformation","id":1,"params":{"serviceId":7,"fields":{"client_id":"2628"}}}')
def test_every_body_gets_an_answer(body: bytes) -> None:
    assert json.loads(outcome(body)).keys() >= {"jsonrpc", "id"}


def outcome(body: bytes) -> bytes:
    try:
        return paynet_json.performed(paynet_json.parse(decode_rpc(body), service_id=7), provider_id=1, balance_tiyin=0, at=NOON)
    except PaynetJsonRefusal as refused:
        return paynet_json.refusal(decode_rpc(body).id, refused)
