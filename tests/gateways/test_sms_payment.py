"""Payment by SMS: signed confirmations, messages as XML, and what a payer's text asks for."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateways import sms_payment
from app.gateways.sms_payment import Confirmation, SmsPaymentRefusal
from tests import hostile

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "sms"
CONFIRMATIONS = json.loads((VECTORS / "confirmations.json").read_text())
MESSAGES = json.loads((VECTORS / "messages.json").read_text())["cases"]
SECRET = CONFIRMATIONS["secret"]
FULL = {"transaction_id": "AGG-1", "phone": "998900000000", "account": "262801234567", "amount": 100, "confirmed_at": 1774000000000}


def signed(**changes: object) -> bytes:
    """Return a confirmation with the signature the contract's key gives it."""
    fields = {**FULL, **changes}
    text = "|".join(str(fields[name]) for name in FULL).encode(errors="replace")
    return json.dumps({**fields, "signature": hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()}).encode()


def answer(step: dict[str, Any]) -> bytes:
    """Answer as the endpoint would, which knows the outcome from the books."""
    try:
        confirmation = sms_payment.parse(json.dumps(step["request"]).encode(), secret=SECRET)
    except SmsPaymentRefusal as refused:
        return sms_payment.refusal(refused)
    if step["reply"]["status"] == "OK":
        return sms_payment.accepted(confirmation, reference=step["reply"]["reference"])
    return sms_payment.refusal(SmsPaymentRefusal(step["reply"]["code"]), transaction_id=confirmation.transaction_id)


@pytest.mark.parametrize("step", CONFIRMATIONS["steps"], ids=lambda step: step["step"])
def test_confirmation_is_answered_byte_for_byte(step: dict[str, Any]) -> None:
    assert answer(step) == json.dumps(step["reply"], ensure_ascii=False, separators=(",", ":")).encode()


def test_confirmation_is_read_with_its_types() -> None:
    confirmation = sms_payment.parse(signed(), secret=SECRET)

    assert confirmation == Confirmation("AGG-1", "+998900000000", "262801234567", 100, 1774000000000)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"transaction_id": ""}, sms_payment.BAD_REQUEST),
        ({"transaction_id": "A|B"}, sms_payment.BAD_REQUEST),
        ({"transaction_id": "a" * 65}, sms_payment.BAD_REQUEST),
        ({"transaction_id": 5}, sms_payment.BAD_REQUEST),
        ({"phone": "90 000 00 00"}, sms_payment.BAD_REQUEST),
        ({"phone": "998900000000\n"}, sms_payment.BAD_REQUEST),
        ({"account": "26|28"}, sms_payment.BAD_REQUEST),
        ({"account": "\u0662" * 12}, sms_payment.BAD_REQUEST),
        ({"account": 262801234567}, sms_payment.BAD_REQUEST),
        ({"amount": "100"}, sms_payment.BAD_REQUEST),
        ({"amount": 1.5}, sms_payment.BAD_REQUEST),
        ({"amount": True}, sms_payment.BAD_REQUEST),
        ({"amount": 2**62}, sms_payment.BAD_REQUEST),
        ({"confirmed_at": None}, sms_payment.BAD_REQUEST),
        ({"amount": 0}, sms_payment.WRONG_AMOUNT),
        ({"amount": -100}, sms_payment.WRONG_AMOUNT),
    ],
)
def test_malformed_confirmation_gets_its_code(changes: dict[str, object], code: int) -> None:
    with pytest.raises(SmsPaymentRefusal) as caught:
        sms_payment.parse(signed(**changes), secret=SECRET)

    assert caught.value.code == code


@pytest.mark.parametrize("signature", [None, "", 5, "0" * 64, "д" * 64, "\ud800", [[]]])
def test_confirmation_signed_otherwise_is_refused(signature: object) -> None:
    body = json.dumps({**FULL, "signature": signature}).encode()

    with pytest.raises(SmsPaymentRefusal) as caught:
        sms_payment.parse(body, secret=SECRET)

    assert caught.value.code == sms_payment.WRONG_SIGNATURE


def test_confirmation_signed_by_another_key_is_refused() -> None:
    with pytest.raises(SmsPaymentRefusal) as caught:
        sms_payment.parse(signed(), secret="another-secret")

    assert caught.value.code == sms_payment.WRONG_SIGNATURE


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case["case"])
def test_request_with_messages_is_read_or_refused(case: dict[str, Any]) -> None:
    body = case["body"].encode()

    if case["status"] == 400:
        with pytest.raises(SmsPaymentRefusal):
            sms_payment.parse_messages(body)
    else:
        assert [{**m._asdict(), "submitted_at": m.submitted_at.isoformat()} for m in sms_payment.parse_messages(body)] == case["messages"]


def request(
    attributes: str = 'id="1" msisdn="998900000000" submit-date="2026-01-01 00:00:00"', content: str = "x", head: str = ""
) -> bytes:
    return f"{head}<sms-request><message {attributes}><content>{content}</content></message></sms-request>".encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"<html/>",
        b"<a>" * 20_000,
        request('id="1" msisdn="998900000000"'),
        request('id="1" msisdn="998900000000" submit-date="yesterday"'),
        request('id="" msisdn="998900000000" submit-date="2026-01-01 00:00:00"'),
        request(content="&x;"),
        request(head="<!DOCTYPE sms-request>"),
        request(head='<!DOCTYPE sms-request [<!ENTITY x "y">]>', content="&x;"),
        request(head='<!DOCTYPE sms-request [<!ENTITY x SYSTEM "file:///etc/passwd">]>', content="&x;"),
        request(head='<!DOCTYPE sms-request SYSTEM "http://localhost/x.dtd">'),
        request(head='<?xml version="1.0" encoding="nonsense"?>'),
    ],
)
def test_xml_no_aggregator_sends_is_refused(body: bytes) -> None:
    with pytest.raises(SmsPaymentRefusal) as caught:
        sms_payment.parse_messages(body)

    assert caught.value.code == sms_payment.BAD_REQUEST


def test_message_without_a_text_is_kept_as_an_empty_one() -> None:
    assert sms_payment.parse_messages(b"\n" + request(content=""))[0].text == ""


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("262801234567 50000", ("262801234567", 5_000_000)),
        ("TOLOV 262801234567 50 000", ("262801234567", 5_000_000)),
        ("  toʻlov\u00a0262801234567\n1 250 000 ", ("262801234567", 125_000_000)),
        ("to‘lov 2628012345678 1", ("2628012345678", 100)),
        ("Оплата 030801234567 500", ("030801234567", 50_000)),
        ("", None),
        ("50000", None),
        ("262801234567", None),
        ("262801234567 0", None),
        ("262801234567 -500", None),
        ("262801234567 50.000", None),
        ("262801234567 50,5", None),
        ("262801234567 50 00", None),
        ("262801234567 5e3", None),
        ("262801234567 50000 60000", None),
        ("26280123456 50000", None),
        ("26280123456789 50000", None),
        ("262 801 234 567 50000", None),
        ("TOLOV262801234567 50000", None),
        ("HELLO 262801234567 50000", None),
        ("262801234567 ٥٠٠", None),
        ("262801234567 9999999999999", None),
    ],
)
def test_text_asks_to_pay_only_if_it_says_so_beyond_doubt(text: str, asked: tuple[str, int] | None) -> None:
    assert sms_payment.order(text) == asked


def test_contract_may_set_the_length_of_an_account_number() -> None:
    assert sms_payment.order("2628 500", account_digits=(4, 4)) == ("2628", 50_000)


@given(st.integers(1, 10**12 - 1), st.booleans())
def test_whole_som_of_a_text_are_exact_tiyin(som: int, parted: bool) -> None:
    amount = f"{som:,}".replace(",", " ") if parted else str(som)

    assert sms_payment.order(f"262801234567 {amount}") == ("262801234567", som * 100)


@given(st.text() | st.text(alphabet="0123456789 TOLOV'ʻ"))
def test_every_text_is_understood_or_not(text: str) -> None:
    asked = sms_payment.order(text)

    assert asked is None or asked[1] > 0


CHANGED = st.dictionaries(st.sampled_from(sorted(FULL)), hostile.JSON).map(lambda changes: signed(**changes))


@given(hostile.BODIES | CHANGED)
def test_every_confirmation_gets_an_answer(body: bytes) -> None:
    assert json.loads(outcome(body))["status"] in {"OK", "REFUSED"}


def outcome(body: bytes) -> bytes:
    try:
        return sms_payment.accepted(sms_payment.parse(body, secret=SECRET), reference="1")
    except SmsPaymentRefusal as refused:
        return sms_payment.refusal(refused)


PIECES = [
    "<sms-request>",
    "</sms-request>",
    "<message ",
    'id="1" ',
    'msisdn="9" ',
    'submit-date="2026-01-01 00:00:00" ',
    ">",
    "</message>",
    "&",
    "x",
]


@given(
    st.binary()
    | st.lists(st.sampled_from(PIECES)).map("".join).map(str.encode)
    | st.text().map(lambda text: request(content=text.encode(errors="replace").decode()))
)
def test_every_body_of_messages_is_read_or_refused(body: bytes) -> None:
    try:
        messages = sms_payment.parse_messages(body)
    except SmsPaymentRefusal:
        messages = ()

    assert all(message.id and message.msisdn for message in messages)
