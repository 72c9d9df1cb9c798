"""Uzum Bank's webhooks: the way of a payment, its repeats by both answers a contract may ask for, and refusals."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.api.conftest import basic

_counter = iter(range(1, 10_000))


def trans_id() -> str:
    return str(UUID(int=next(_counter)))


@pytest.fixture
def call(client: FlaskClient) -> Callable[..., Any]:
    def send(operation: str, status: int = 200, headers: dict[str, str] | None = None, **body: object) -> Any:
        sent = {"serviceId": 9, "timestamp": 1_790_000_000_000} | body
        response = client.post(f"/api/uzum/{operation}", json=sent, headers=basic() if headers is None else headers)
        assert response.status_code == status, response.data
        return json.loads(response.data)

    return send


@pytest.fixture
def contract(demo_database: psycopg.Connection) -> Iterator[Callable[..., None]]:
    def change(**values: object) -> None:
        for name, value in values.items():
            demo_database.execute(f"UPDATE payment_contract SET {name} = %s WHERE channel = 'UZUM'", (value,))

    yield change
    change(repeated_payment="REFUSED", repeated_cancel="SAME_ANSWER", cancel_days=30)


def create(call: Callable[..., Any], number: str, key: str, amount: int = 150_000, status: int = 200) -> Any:
    return call("create", status, transId=key, params={"account": number}, amount=amount)


def confirm(call: Callable[..., Any], key: str, status: int = 200) -> Any:
    more = {"paymentSource": "UZCARD", "tariff": "1", "processingReferenceNumber": "2", "phone": "998000000000"}
    return call("confirm", status, transId=key, **more)


def test_payment_is_checked_created_confirmed_and_reversed(call: Callable[..., Any], number: str, owed: Callable[[str], int]) -> None:
    before, key = owed(number), trans_id()

    assert call("check", params={"account": number})["status"] == "OK"
    assert create(call, number, key)["status"] == "CREATED"
    assert call("status", transId=key)["status"] == "CREATED"
    confirmed = confirm(call, key)
    assert (confirmed["status"], confirmed["amount"], owed(number)) == ("CONFIRMED", 150_000, before - 150_000)
    assert call("status", transId=key)["confirmTime"] == confirmed["confirmTime"]
    reversed_ = call("reverse", transId=key)
    assert (reversed_["status"], owed(number)) == ("REVERSED", before)
    assert call("reverse", transId=key) == reversed_


def test_repeats_are_refused_or_answered_alike_as_the_contract_says(
    call: Callable[..., Any], contract: Callable[..., None], number: str, owed: Callable[[str], int]
) -> None:
    before, key = owed(number), trans_id()
    first, again = create(call, number, key), [create(call, number, key, status=400) for _ in range(2)]
    done, late = confirm(call, key), [confirm(call, key, 400) for _ in range(2)]
    assert [again[0]["errorCode"], late[0]["errorCode"]] == ["10010", "10016"]
    assert (again[0], late[0]) == (again[1], late[1])

    contract(repeated_payment="SAME_ANSWER", repeated_cancel="REFUSED")

    assert confirm(call, key) == done
    other = trans_id()
    assert create(call, number, other) == create(call, number, other)
    assert create(call, number, other, amount=160_000, status=400)["errorCode"] == "10010"
    call("reverse", transId=key)
    assert call("reverse", 400, transId=key)["errorCode"] == "10018"
    assert first["transId"] == key
    assert owed(number) == before


def test_transaction_not_confirmed_in_half_an_hour_has_failed(
    call: Callable[..., Any], number: str, demo_database: psycopg.Connection
) -> None:
    key = trans_id()
    create(call, number, key)
    demo_database.execute("UPDATE tender SET created_ms = created_ms - 1800001 WHERE reference = %s", (key,))

    assert call("status", transId=key)["status"] == "FAILED"
    assert confirm(call, key, 400)["errorCode"] == "10015"


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        ("check", {"params": {"account": "000000000000"}}, "10007"),
        ("check", {"params": {}}, "10005"),
        ("check", {"serviceId": 8, "params": {"account": "1"}}, "10006"),
        ("create", {"transId": trans_id(), "params": {"account": "1"}, "amount": 1}, "10012"),
        ("create", {"transId": trans_id(), "params": {"account": "1"}, "amount": 10**12}, "10013"),
        ("create", {"transId": "not a uuid", "params": {"account": "1"}, "amount": 150_000}, "10005"),
        ("status", {"transId": trans_id()}, "10014"),
        ("confirm", {"transId": trans_id()}, "10014"),
        ("refund", {}, "10003"),
    ],
)
def test_refusals_have_their_codes(call: Callable[..., Any], operation: str, body: dict[str, Any], code: str) -> None:
    assert call(operation, 400, **body)["errorCode"] == code


def test_wrong_credentials_are_refused(call: Callable[..., Any]) -> None:
    assert call("check", 400, headers=basic(key="wrong"), params={"account": "1"})["errorCode"] == "10001"
