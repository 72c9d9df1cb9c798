"""The wire format of Click: signatures as documented, amounts exact, and bodies no honest provider sends."""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.payments.reconciliation import StatementState
from app.gateways import click
from app.gateways.click import ClickCall, ClickRefusal, Merchant
from tests import hostile

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "click" / "shop_api.json").read_text())
SECRET, SERVICE = VECTORS["secret"], VECTORS["service_id"]
MERCHANT = Merchant(merchant_user_id=123, service_id=SERVICE, secret=SECRET)
AT = 1_700_000_000
DIGEST = "8057edc3afba4dec65d465ead5baa24d264e5afb"
FIELDS = {
    "click_trans_id": "12345",
    "service_id": "80012",
    "click_paydoc_id": "54321",
    "merchant_trans_id": "262801234567",
    "merchant_prepare_id": "777",
    "amount": "50000",
    "action": "1",
    "error": "0",
    "sign_time": "2025-01-01 12:00:00",
}


def signed(**changes: str) -> dict[str, str]:
    """Return fields with the signature the contract's key gives them."""
    fields = {**FIELDS, **changes}
    prepared = fields["merchant_prepare_id"] if fields["action"] == "1" else ""
    head = fields["click_trans_id"] + fields["service_id"] + SECRET + fields["merchant_trans_id"] + prepared
    text = head + fields["amount"] + fields["action"] + fields["sign_time"]
    return {**fields, "sign_string": hashlib.md5(text.encode()).hexdigest()}


def parsed(body: bytes) -> ClickCall:
    return click.parse(body, secret=SECRET, service_id=SERVICE)


def answer(body: bytes, outcome: dict[str, Any]) -> bytes:
    """Answer as the endpoint would, which knows the outcome from the books."""
    try:
        call = parsed(body)
    except ClickRefusal as refused:
        return click.refusal(refused)
    if call.error < 0:
        return click.refusal(ClickRefusal(click.CANCELLED), call)
    if outcome["error"] < 0:
        return click.refusal(ClickRefusal(outcome["error"]), call)
    assert call.amount_tiyin == 5_000_000
    return click.prepared(call, prepare_id=777) if call.action == click.PREPARE else click.completed(call, confirm_id=9001)


@pytest.mark.parametrize("step", VECTORS["steps"], ids=lambda step: step["step"])
def test_step_is_answered_byte_for_byte(step: dict[str, Any]) -> None:
    assert answer(step["request"].encode(), step["reply"]) == json.dumps(step["reply"], separators=(",", ":")).encode()


def test_complete_is_read_with_its_types() -> None:
    call = parsed(urlencode(signed(error="-5017", merchant_trans_id="2628 01234567", amount="50000.5")).encode())

    at = datetime(2025, 1, 1, 7, 0, tzinfo=UTC)
    assert call == ClickCall(click.COMPLETE, 12345, 54321, "2628 01234567", "50000.5", 777, -5017, at)
    assert (call.account_number, call.amount_tiyin) == ("262801234567", 5_000_050)


def test_form_and_json_of_the_same_fields_are_the_same_request() -> None:
    fields = signed()

    assert parsed(urlencode(fields).encode()) == parsed(json.dumps(fields).encode())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"click_trans_id": ""}, -8),
        ({"click_trans_id": "1e5"}, -8),
        ({"click_trans_id": "9" * 19}, -8),
        ({"click_trans_id": "\u0661"}, -8),
        ({"service_id": "80013"}, -8),
        ({"click_paydoc_id": "x"}, -8),
        ({"merchant_trans_id": ""}, -8),
        ({"merchant_trans_id": "1" * 65}, -8),
        ({"merchant_trans_id": "26\x00"}, -8),
        ({"merchant_prepare_id": ""}, -8),
        ({"merchant_prepare_id": "-1"}, -8),
        ({"amount": ""}, -8),
        ({"error": "1e9"}, -8),
        ({"sign_time": ""}, -8),
        ({"action": ""}, -8),
        ({"action": "2"}, -3),
        ({"action": "01"}, -3),
    ],
)
def test_malformed_field_gets_its_code(changes: dict[str, str], code: int) -> None:
    with pytest.raises(ClickRefusal) as caught:
        parsed(urlencode(signed(**changes)).encode())

    assert caught.value.code == code


@pytest.mark.parametrize("name", ["click_trans_id", "merchant_trans_id", "merchant_prepare_id", "amount", "sign_time", "sign_string"])
def test_field_changed_after_signing_is_refused(name: str) -> None:
    fields = signed()
    fields[name] = fields[name][:-1] + ("1" if fields[name][-1] != "1" else "2")

    with pytest.raises(ClickRefusal) as caught:
        parsed(urlencode(fields).encode())

    assert caught.value.code == click.WRONG_SIGNATURE


@pytest.mark.parametrize("signature", ["\u0434" * 32, "DB36B0FB738B245F3C6484CF9BF1171F", "0"])
def test_signature_of_another_form_is_refused(signature: str) -> None:
    with pytest.raises(ClickRefusal) as caught:
        parsed(urlencode({**signed(), "sign_string": signature}).encode())

    assert caught.value.code == click.WRONG_SIGNATURE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"{",
        b'{"a":' * 10_000,
        b'{"amount":NaN}',
        b"&".join([b"a=1"] * 65),
        b"merchant_trans_id=%ff",
        urlencode([*signed().items(), ("amount", "1")]).encode(),
        json.dumps({**signed(), "merchant_trans_id": "\ud800"}).encode(),
        json.dumps({**signed(), "amount": ["50000"]}).encode(),
        json.dumps({**signed(), "action": True}).encode(),
    ],
)
def test_body_that_cannot_be_read_is_an_error_in_the_request(body: bytes) -> None:
    with pytest.raises(ClickRefusal) as caught:
        parsed(body)

    assert caught.value.code == click.BAD_REQUEST


@pytest.mark.parametrize(
    "som",
    ["0", "0.00", "-1", "+1", "1.001", "1.", ".5", "1e3", "NaN", "Infinity", "1,5", "1 000", "1_000", "٥", "46116860184273880", "9" * 18],
)
def test_amount_that_is_no_plain_number_of_som_is_refused_when_it_is_asked_for(som: str) -> None:
    call = parsed(urlencode(signed(amount=som)).encode())

    with pytest.raises(ClickRefusal) as caught:
        _ = call.amount_tiyin

    assert caught.value.code == click.WRONG_AMOUNT


@given(st.integers(1, 10**15))
def test_som_and_tiyin_are_the_same_to_the_tiyin(tiyin: int) -> None:
    assert click.tiyin_of(f"{tiyin // 100}.{tiyin % 100:02d}") == tiyin


@given(st.integers(1, 10**13 - 1))
def test_whole_som_and_som_with_one_decimal_are_exact(som: int) -> None:
    assert click.tiyin_of(str(som)) == som * 100
    assert click.tiyin_of(f"{som}.5") == som * 100 + 50


@pytest.mark.parametrize(
    ("request_", "method", "path"),
    [
        (click.payment_status(MERCHANT, 555, at_s=AT), "GET", "payment/status/80012/555"),
        (click.status_by_mti(MERCHANT, "26/28", at_s=AT), "GET", "payment/status_by_mti/80012/26%2F28"),
        (click.status_by_mti(MERCHANT, "2628", at_s=AT, on=date(2026, 9, 2)), "GET", "payment/status_by_mti/80012/2628/2026-09-02"),
        (click.reversal(MERCHANT, 555, at_s=AT), "DELETE", "payment/reversal/80012/555"),
    ],
)
def test_request_of_the_merchant_api_is_signed(request_: click.ClickRequest, method: str, path: str) -> None:
    headers = {"Accept": "application/json", "Content-Type": "application/json", "Auth": f"123:{DIGEST}:{AT}"}

    assert request_ == click.ClickRequest(method, f"https://api.click.uz/v2/merchant/{path}", headers, b"")


def test_invoice_names_an_exact_amount() -> None:
    sent = click.invoice(MERCHANT, amount_tiyin=10**15 + 1, phone="998900000000", account_number='26"28', at_s=AT)

    body = b'{"service_id":80012,"amount":10000000000000.01,"phone_number":"998900000000","merchant_trans_id":"26\\"28"}'
    assert (sent.method, sent.url, sent.body) == ("POST", "https://api.click.uz/v2/merchant/invoice/create", body)
    assert sent.headers["Auth"] == f"123:{DIGEST}:{AT}"


def test_link_of_the_button_is_filled_in() -> None:
    link = click.payment_link(
        service_id=80012, merchant_id=7, amount_tiyin=5_000_050, account_number="262801234567", return_url="https://example.uz/?a=1"
    )

    fields = "service_id=80012&merchant_id=7&amount=50000.50&transaction_param=262801234567&return_url=https%3A%2F%2Fexample.uz%2F%3Fa%3D1"
    assert link == f"https://my.click.uz/services/pay?{fields}"


CHANGED = st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text() | st.sampled_from(["0", "1"]))
SIGNED = st.one_of(CHANGED, st.just({})).map(
    lambda changes: signed(**{name: value.encode(errors="replace").decode() for name, value in changes.items()})
)


@given(hostile.BODIES | SIGNED.map(urlencode).map(str.encode) | SIGNED.map(json.dumps).map(str.encode))
def test_every_body_gets_an_answer(body: bytes) -> None:
    assert json.loads(outcome(body)).keys() >= {"error", "error_note"}


def outcome(body: bytes) -> bytes:
    try:
        call = parsed(body)
        assert call.amount_tiyin > 0
        return click.prepared(call, prepare_id=1)
    except ClickRefusal as refused:
        return click.refusal(refused)


@pytest.mark.parametrize(
    ("body", "state", "note"),
    [
        (b'{"error_code":0,"error_note":"Success","payment_id":1,"payment_status":2}', StatementState.PERFORMED, "Success"),
        (b'{"error_code":0,"error_note":"Success","payment_id":1,"payment_status":1}', StatementState.PENDING, "Success"),
        (b'{"error_code":0,"error_note":"Success","payment_id":1,"payment_status":0}', StatementState.PENDING, "Success"),
        (b'{"error_code":0,"error_note":"Success","payment_id":1,"payment_status":-99}', StatementState.CANCELLED, "Success"),
        (b'{"error_code":0,"payment_status":3}', None, ""),
        (b'{"error_code":0,"payment_status":"2"}', None, ""),
        (b'{"error_code":-16,"error_note":"Not found","payment_status":2}', None, "Not found"),
        (b'{"error_code":0}', None, ""),
        (b"[]", None, ""),
        (b"<html>", None, ""),
        (b"", None, ""),
    ],
)
def test_answer_about_a_payment_says_how_it_stands_or_nothing(body: bytes, state: StatementState | None, note: str) -> None:
    assert click.status(body) == click.Status(state, note)


@given(st.binary(max_size=200))
def test_no_answer_about_a_payment_is_a_fault(body: bytes) -> None:
    assert click.status(body).state is None
