"""The wire format of Payme: both sandbox scenarios byte for byte, and bodies no honest provider sends."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.gateways import payme
from app.gateways.json_bodies import decode_rpc
from app.gateways.payme import PaymeRefusal
from tests import hostile

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "payme"
KEY_SHA256 = hashlib.sha256(b"test-secret").hexdigest()
STEPS = [step for name in ("unconfirmed", "confirmed") for step in json.loads((VECTORS / f"{name}.json").read_text())["steps"]]
RECEIPT = {"receipt_id": 121, "status_code": 0, "message": "accepted", "terminal_id": "EP1", "fiscal_sign": "8", "date": "20260320144643"}


def written(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def answer(step: dict[str, Any]) -> bytes:
    """Answer as the endpoint would, which knows the outcome from the books."""
    body, outcome = json.dumps(step["request"]).encode(), step["reply"]
    if not payme.is_authorised(step["authorization"], KEY_SHA256):
        return payme.refusal(decode_rpc(body).id, PaymeRefusal(payme.NO_PRIVILEGES))
    call = payme.parse(decode_rpc(body))
    if "error" in outcome:
        return payme.refusal(call.id, PaymeRefusal(outcome["error"]["code"], outcome["error"]["data"]))
    return payme.reply(call.id, outcome["result"])


def call(method: str, **params: object) -> payme.PaymeCall:
    return payme.parse(decode_rpc(json.dumps({"method": method, "params": params, "id": 1}).encode()))


def receipt(**changes: object) -> payme.FiscalReceipt:
    return payme.fiscal_receipt(call("SetFiscalData", id="a", type="PERFORM", fiscal_data={**RECEIPT, **changes}))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["step"])
def test_step_of_the_sandbox_is_answered_byte_for_byte(step: dict[str, Any]) -> None:
    assert answer(step) == written(step["reply"])


def test_repeats_of_the_sandbox_differ_in_the_id_only() -> None:
    repeats = [(before, step) for before, step in pairwise(STEPS) if step["step"] == f"{before['step']} again"]

    assert [step["reply"]["result"] for _, step in repeats] == [before["reply"]["result"] for before, _ in repeats]
    assert len(repeats) == 5


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", payme.PARSE),
        (b"{", payme.PARSE),
        (b"\xff\xfe", payme.PARSE),
        (b"[" * 60_000, payme.PARSE),
        (b'{"id":' + b"9" * 5000 + b"}", payme.PARSE),
        (b'{"method":"CheckTransaction","id":NaN}', payme.PARSE),
        (b'{"method":"CancelTransaction","params":{"id":"a","reason":-Infinity}}', payme.PARSE),
        (b"[]", payme.INVALID_REQUEST),
        (b'{"method":"GetStatement","params":{"from":0,"to":4611686018427387904}}', payme.INVALID_REQUEST),
        (b'{"method":"CancelTransaction","params":{"id":"a","reason":99999999999,"amount":"x"}}', payme.INVALID_REQUEST),
        (b'{"method":"CheckTransaction","params":{"id":"a\\u0000"}}', payme.INVALID_REQUEST),
        (b'{"method":"CheckTransaction","params":{"id":"\\ud800"}}', payme.INVALID_REQUEST),
        (b'{"method":"SetFiscalData","params":{"id":"a","type":"RETURN","fiscal_data":{}}}', payme.INVALID_REQUEST),
        (b'{"method":"SetFiscalData","params":{"id":"a","type":"PERFORM","fiscal_data":[]}}', payme.INVALID_REQUEST),
        (b'{"method":"ChangePassword","params":{"password":""}}', payme.INVALID_REQUEST),
        (b'{"method":"CheckPerformTransaction","params":{"amount":4611686018427387904,"account":{}}}', payme.WRONG_AMOUNT),
        (b'{"method":"\\ud800"}', payme.UNKNOWN_METHOD),
    ],
)
def test_malformed_body_gets_its_code(body: bytes, code: int) -> None:
    with pytest.raises(PaymeRefusal) as caught:
        payme.parse(decode_rpc(body))

    assert caught.value.code == code
    assert json.loads(payme.refusal(decode_rpc(body).id, caught.value))["error"]["code"] == code


@pytest.mark.parametrize(
    ("sent", "echoed"), [("7", 7), ('"7"', "7"), ('"\\ud800"', "\ud800"), ("null", None), ("[[1]]", None), ("true", None)]
)
def test_id_is_echoed_if_it_is_one(sent: str, echoed: object) -> None:
    body = f'{{"method":"CheckTransaction","params":{{"id":"a"}},"id":{sent}}}'.encode()

    assert json.loads(payme.reply(payme.parse(decode_rpc(body)).id, {}))["id"] == echoed


@pytest.mark.parametrize(
    ("typed", "number"),
    [(" 2628 01234567 ", "262801234567"), (262801234567, "262801234567"), (None, ""), ([1], ""), (True, ""), ("\x00", "")],
)
def test_account_number_is_read_without_blanks_or_is_empty(typed: object, number: str) -> None:
    assert call("CheckPerformTransaction", amount=1, account={"account": typed}).account_number == number


def test_fiscal_receipt_is_read_as_a_record() -> None:
    assert receipt() == payme.FiscalReceipt("PERFORM", 121, 0, "accepted", "EP1", "8", "", "20260320144643")
    assert receipt(message=None, status_code=None)[2:4] == (0, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("receipt_id", "121"),
        ("receipt_id", True),
        ("receipt_id", 1.5),
        ("status_code", 2**62),
        ("message", "a" * 501),
        ("message", {"a": 1}),
        ("terminal_id", "\x00"),
        ("qr_code_url", "javascript:alert(1)"),
        ("qr_code_url", "http://ofd.soliq.uz/check"),
    ],
)
def test_fiscal_receipt_that_cannot_be_kept_is_refused(name: str, value: object) -> None:
    with pytest.raises(PaymeRefusal) as caught:
        receipt(**{name: value})

    assert (caught.value.code, caught.value.about) == (payme.INVALID_REQUEST, name)


def test_checkout_link_is_the_documented_one() -> None:
    link = payme.checkout_link("587f72c72cac0d162c722ae2", {"order_id": "197"}, 500, host="checkout.paycom.uz")

    assert link == "https://checkout.paycom.uz/bT01ODdmNzJjNzJjYWMwZDE2MmM3MjJhZTI7YWMub3JkZXJfaWQ9MTk3O2E9NTAw"


def test_code_for_suspended_payments_is_one_of_the_account_errors() -> None:
    assert -31099 <= payme.PAYMENTS_SUSPENDED < -31050


PARAMS = st.dictionaries(
    st.sampled_from(["id", "time", "amount", "account", "reason", "from", "to", "type", "fiscal_data", "password"]), hostile.JSON
)
CALLS = st.fixed_dictionaries({"method": st.sampled_from(sorted(payme._FIELDS)), "params": PARAMS, "id": hostile.JSON})


@given(hostile.BODIES | CALLS.map(json.dumps).map(str.encode))
@example(b'{"id":"\\ud800"}')
def test_every_body_gets_an_answer(body: bytes) -> None:
    assert json.loads(outcome(body)).keys() >= {"id"}


def outcome(body: bytes) -> bytes:
    try:
        parsed = payme.parse(decode_rpc(body))
        if parsed.method == "SetFiscalData":
            payme.fiscal_receipt(parsed)
        return payme.reply(parsed.id, {})
    except PaymeRefusal as refused:
        return payme.refusal(decode_rpc(body).id, refused)
