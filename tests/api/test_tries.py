"""Whoever tries keys at the providers' addresses is turned away; a provider that has shown its key is heard all the same."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.api import providers
from app.api.tries import Tries
from tests.api.conftest import basic

HEARD = 10
SIZES = [pytest.param(30, id="30"), pytest.param(1000, id="1000", marks=pytest.mark.security)]
WRONG = basic(key="wrong")
RPC = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "GetInformation", "params": {"serviceId": 1, "fields": {"client_id": "1"}}})
SOAP = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:uws="http://uws.provider.com/">
<soapenv:Body><uws:GetInformationArguments><password>wrong</password><username>paynet</username><serviceId>1</serviceId>
</uws:GetInformationArguments></soapenv:Body></soapenv:Envelope>"""
CLICK = {
    "click_trans_id": 1, "service_id": 80012, "click_paydoc_id": 1, "merchant_trans_id": "269010000006", "amount": 1000, "action": 0,
    "error": 0, "error_note": "Success", "sign_time": "2026-03-03 10:00:00", "sign_string": "0" * 32,
}  # fmt: skip
SMS = {
    "transaction_id": "t-1", "phone": "+998901234567", "account": "269010000006", "amount": 1000, "confirmed_at": 1_790_000_000_000,
    "signature": "0" * 64,
}  # fmt: skip
Call = tuple[str, str, str, dict[str, str]]
CALLS: dict[str, Call] = {
    "paynet": ("paynet", RPC, "application/json", WRONG),
    "paynet soap": ("paynet/soap", SOAP, "text/xml", {}),
    "payme": ("payme", RPC, "application/json", WRONG),
    "uzum": ("uzum/check", "{}", "application/json", WRONG),
    "click": ("click/prepare", urlencode(CLICK), "application/x-www-form-urlencoded", {}),
    "sms": ("sms", json.dumps(SMS), "application/json", {}),
    "sms messages": ("sms/inbound", "<a/>", "text/xml", WRONG),
}


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "_tries", Tries())


def ask(client: FlaskClient, address: str, called: Call, **headers: str) -> int:
    path, body, kind, own = called
    answer = client.post(f"/api/{path}", data=body, content_type=kind, headers=own | headers, environ_base={"REMOTE_ADDR": address})
    return answer.status_code


def right(client: FlaskClient, address: str) -> int:
    return ask(client, address, ("paynet", RPC, "application/json", basic()))


def from_one(_number: int) -> dict[str, str]:
    return {}


def spoofed(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.19.{number // 250}.{number % 250}", "X-Real-IP": "192.0.2.1"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("saying", [from_one, spoofed])
@pytest.mark.parametrize("channel", CALLS)
def test_address_that_tries_keys_is_turned_away_after_ten(
    client: FlaskClient, channel: str, saying: Callable[[int], dict[str, str]], size: int
) -> None:
    answers = [ask(client, "203.0.113.60", CALLS[channel], **saying(number)) for number in range(size)]

    assert 429 not in answers[:HEARD]
    assert set(answers[HEARD:]) == {429}
    assert right(client, "203.0.113.60") == 429
    assert right(client, "203.0.113.61") == 200


def test_provider_that_showed_its_key_is_heard_whatever_comes_from_its_address(client: FlaskClient) -> None:
    assert right(client, "203.0.113.62") == 200

    answers = [ask(client, "203.0.113.62", CALLS["paynet"]) for _ in range(30)]

    assert set(answers) == {401}
    assert right(client, "203.0.113.62") == 200


def test_call_that_shows_no_key_is_no_try(client: FlaskClient) -> None:
    answers = [ask(client, "203.0.113.63", ("paynet/soap", "no message", "text/xml", {})) for _ in range(30)]

    assert set(answers) == {400}
