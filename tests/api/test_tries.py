"""Wrong keys at the providers' addresses: counted, told in the channel's protocol, and never in the way of a right key."""

import json
import re
from collections.abc import Callable
from urllib.parse import urlencode

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

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


def call(client: FlaskClient, address: str, called: Call, **headers: str) -> TestResponse:
    path, body, kind, own = called
    return client.post(f"/api/{path}", data=body, content_type=kind, headers=own | headers, environ_base={"REMOTE_ADDR": address})


def right(client: FlaskClient, address: str) -> int:
    return call(client, address, ("paynet", RPC, "application/json", basic())).status_code


def from_one(_number: int) -> dict[str, str]:
    return {}


def spoofed(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.19.{number // 250}.{number % 250}", "X-Real-IP": "192.0.2.1"}


def kept(demo_database: psycopg.Connection, address: str) -> int:
    row = demo_database.execute("SELECT count(*) FROM gateway_call WHERE address = %s", (address,)).fetchone()
    assert row is not None
    return int(row[0])


def unkept(demo_database: psycopg.Connection, reason: str) -> int:
    row = demo_database.execute("SELECT coalesce(sum(count), 0) FROM unkept_call WHERE reason = %s", (reason,)).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("saying", [from_one, spoofed])
@pytest.mark.parametrize("channel", CALLS)
def test_wrong_keys_are_kept_ten_times_then_counted_and_told_in_the_protocol(
    client: FlaskClient, demo_database: psycopg.Connection, channel: str, saying: Callable[[int], dict[str, str]], size: int
) -> None:
    address = "203.0.113.60"
    before, counted = kept(demo_database, address), unkept(demo_database, "TOO_MANY_WRONG_KEYS")

    answers = [call(client, address, CALLS[channel], **saying(number)) for number in range(size)]

    # Only the transport's status may differ: a provider reads the body of its own protocol.
    assert len({re.sub(rb"[0-9T:.+-]{10,}", b"moment", answer.data) for answer in answers}) == 1
    assert {answer.status_code for answer in answers[HEARD:]} == {429 if answers[0].status_code >= 400 else 200}
    assert kept(demo_database, address) - before == HEARD
    assert unkept(demo_database, "TOO_MANY_WRONG_KEYS") - counted == size - HEARD


def test_right_key_is_heard_from_an_address_that_shows_wrong_ones_without_end(client: FlaskClient) -> None:
    for _ in range(30):
        call(client, "203.0.113.62", CALLS["paynet"])

    assert right(client, "203.0.113.62") == 200


def test_call_that_shows_no_key_is_counted_and_not_kept(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    counted = unkept(demo_database, "WITHOUT_KEY")

    answers = [call(client, "203.0.113.63", ("paynet/soap", "no message", "text/xml", {})).status_code for _ in range(30)]

    assert set(answers) == {400}
    assert kept(demo_database, "203.0.113.63") == 0
    assert unkept(demo_database, "WITHOUT_KEY") - counted == 30
