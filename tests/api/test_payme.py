"""Both sandbox scenarios of Payme, byte for byte, and what an honest provider never sends."""

import json
from base64 import b64encode
from collections.abc import Callable
from itertools import count

import psycopg
import pytest
from flask.testing import FlaskClient

from app import clock
from app.services.demo.payments import PAYME_KEY

Call = Callable[..., bytes]
_numbers = count(1)


def authorization(key: str = PAYME_KEY, login: str = "Paycom") -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{login}:{key}".encode()).decode()}


@pytest.fixture
def call(client: FlaskClient) -> Call:
    def send(method: str, headers: dict[str, str] | None = None, **params: object) -> bytes:
        body = json.dumps({"method": method, "params": params, "id": 7})
        response = client.post("/api/payme", data=body, headers=authorization() if headers is None else headers)
        assert response.status_code == 200
        return response.data

    return send


@pytest.fixture
def account(demo_database: psycopg.Connection) -> dict[str, str]:
    row = demo_database.execute("SELECT number FROM account WHERE closed_on IS NULL ORDER BY number OFFSET 3 LIMIT 1").fetchone()
    assert row is not None
    return {"account": row[0]}


def transaction_id() -> str:
    return f"{next(_numbers):024x}"


def error(answer: bytes) -> int:
    return int(json.loads(answer)["error"]["code"])


def result(answer: bytes) -> dict[str, object]:
    return dict(json.loads(answer)["result"])


def position(demo_database: psycopg.Connection, account: dict[str, str]) -> int:
    statement = "SELECT p.debt_tiyin - p.advance_tiyin FROM account_position p JOIN account a ON a.id = p.account_id WHERE a.number = %s"
    row = demo_database.execute(statement, (account["account"],)).fetchone()
    assert row is not None
    return int(row[0])


METHODS = ("CheckPerformTransaction", "CreateTransaction", "PerformTransaction", "CancelTransaction", "CheckTransaction", "GetStatement")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("headers", [{}, authorization("wrong"), authorization(login="Click"), {"Authorization": "Basic ???"}])
def test_every_method_refuses_wrong_credentials(call: Call, method: str, headers: dict[str, str]) -> None:
    assert error(call(method, headers=headers)) == -32504


def test_unconfirmed_scenario(call: Call, account: dict[str, str], demo_database: psycopg.Connection) -> None:
    before, key, now = position(demo_database, account), transaction_id(), clock.now_ms()

    assert error(call("CheckPerformTransaction", amount=1, account=account)) == -31001
    assert -31099 <= error(call("CheckPerformTransaction", amount=100_000, account={"account": "000000000000"})) <= -31050
    assert result(call("CheckPerformTransaction", amount=100_000, account=account))["allow"] is True
    created = call("CreateTransaction", id=key, time=now, amount=100_000, account=account)
    assert call("CreateTransaction", id=key, time=now, amount=100_000, account=account) == created
    assert result(call("CheckTransaction", id=key)) | {"create_time": 0} == {
        "create_time": 0, "perform_time": 0, "cancel_time": 0, "transaction": result(created)["transaction"], "state": 1, "reason": None,
    }  # fmt: skip
    assert result(call("CreateTransaction", id=transaction_id(), time=now, amount=100_000, account=account))["state"] == 1
    cancelled = call("CancelTransaction", id=key, reason=3)
    assert call("CancelTransaction", id=key, reason=3) == cancelled
    assert result(cancelled)["state"] == -1
    assert error(call("PerformTransaction", id=key)) == -31008
    assert position(demo_database, account) == before


def test_confirmed_scenario(call: Call, account: dict[str, str], demo_database: psycopg.Connection) -> None:
    before, key, now = position(demo_database, account), transaction_id(), clock.now_ms()

    created = call("CreateTransaction", id=key, time=now, amount=123_400, account=account)
    assert call("CreateTransaction", id=key, time=now, amount=123_400, account=account) == created
    performed = call("PerformTransaction", id=key)
    assert call("PerformTransaction", id=key) == performed
    assert result(performed)["state"] == 2
    assert position(demo_database, account) == before - 123_400
    assert result(call("CheckTransaction", id=key))["state"] == 2
    statement = result(call("GetStatement", **{"from": now, "to": now}))["transactions"]
    assert [(row["id"], row["amount"], row["state"]) for row in statement if row["id"] == key] == [(key, 123_400, 2)]
    cancelled = call("CancelTransaction", id=key, reason=5)
    assert call("CancelTransaction", id=key, reason=5) == cancelled
    assert result(cancelled)["state"] == -2
    assert result(call("CheckTransaction", id=key))["reason"] == 5
    assert position(demo_database, account) == before


def test_created_transaction_expires_after_twelve_hours(call: Call, account: dict[str, str], demo_database: psycopg.Connection) -> None:
    key, now = transaction_id(), clock.now_ms()
    call("CreateTransaction", id=key, time=now, amount=100_000, account=account)
    demo_database.execute("UPDATE tender SET created_ms = created_ms - 43200001 WHERE reference = %s", (key,))

    assert error(call("PerformTransaction", id=key)) == -31008

    checked = result(call("CheckTransaction", id=key))
    assert (checked["state"], checked["reason"]) == (-1, 4)


def test_used_id_with_another_amount_or_account_is_refused(call: Call, account: dict[str, str], demo_database: psycopg.Connection) -> None:
    key, now = transaction_id(), clock.now_ms()
    other = demo_database.execute("SELECT number FROM account ORDER BY number DESC LIMIT 1").fetchone()
    assert other is not None
    call("CreateTransaction", id=key, time=now, amount=100_000, account=account)

    assert error(call("CreateTransaction", id=key, time=now, amount=200_000, account=account)) == -31001
    assert -31099 <= error(call("CreateTransaction", id=key, time=now, amount=100_000, account={"account": other[0]})) <= -31050


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"[1]", -32600),
        (b'{"method": 5}', -32600),
        (b'{"method": "CheckTransaction", "params": []}', -32600),
        (b'{"method": "CheckTransaction", "params": {}}', -32600),
        (b'{"method": "CheckTransaction", "params": {"id": ""}}', -32600),
        (b'{"method": "SetEverything", "params": {}}', -32601),
        (b'{"method": "CheckTransaction", "params": {"id": "nobody"}}', -31003),
        (b'{"method": "CheckPerformTransaction", "params": {"amount": 1.5, "account": {}}}', -31001),
        (b'{"method": "CheckPerformTransaction", "params": {"amount": true, "account": {}}}', -31001),
        (b'{"method": "CheckPerformTransaction", "params": {"amount": 99999999999999999999999, "account": {}}}', -31001),
        (b"[" * 100_000, -32700),
    ],
)
def test_malformed_request_gets_its_code_and_status_200(client: FlaskClient, body: bytes, code: int) -> None:
    response = client.post("/api/payme", data=body, headers=authorization())

    assert response.status_code == 200
    assert error(response.data) == code


def test_other_methods_of_http_are_answered_with_200_too(client: FlaskClient) -> None:
    response = client.get("/api/payme", headers=authorization())

    assert (response.status_code, error(response.data)) == (200, -32300)


def test_payer_sees_a_masked_name(call: Call, account: dict[str, str]) -> None:
    shown = result(call("CheckPerformTransaction", amount=100_000, account=account))["additional"]["name"]

    assert "***" in shown


def test_call_is_kept_without_credentials(call: Call, account: dict[str, str], demo_database: psycopg.Connection) -> None:
    key = transaction_id()
    call("CreateTransaction", id=key, time=clock.now_ms(), amount=100_000, account=account)

    kept = demo_database.execute("SELECT request || reply FROM gateway_call WHERE reference = %s", (key,)).fetchone()

    assert kept is not None
    assert PAYME_KEY not in kept[0]
