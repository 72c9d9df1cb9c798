"""PAYNET in both of its forms: its certification's steps, repeats, refusals, and an independent SOAP client over HTTP."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import psycopg
import pytest
import zeep
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from app.services.demo.payments import PROVIDER_KEY, PROVIDER_LOGIN
from tests.api.conftest import basic

Call = Callable[..., Any]
_numbers = count(70_001)
AT = "2026-09-22 11:06:00"


@pytest.fixture
def call(client: FlaskClient) -> Call:
    def send(method: str, headers: dict[str, str] | None = None, status: int = 200, **params: object) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "id": 1, "params": {"serviceId": 7} | params})
        response = client.post("/api/paynet", data=body, headers=basic() if headers is None else headers)
        assert response.status_code == status
        return json.loads(response.data)

    return send


def pay(call: Call, number: str, transaction: int, amount: int = 150_000) -> Any:
    return call("PerformTransaction", transactionId=transaction, amount=amount, time=AT, fields={"client_id": number})


def set_contract(demo_database: psycopg.Connection, **values: object) -> None:
    for name, value in values.items():
        demo_database.execute(f"UPDATE payment_contract SET {name} = %s WHERE channel = 'PAYNET'", (value,))


@pytest.fixture
def contract(demo_database: psycopg.Connection) -> Iterator[Callable[..., None]]:
    yield lambda **values: set_contract(demo_database, **values)
    set_contract(demo_database, unknown_transaction="STATE_3", repeated_cancel="SAME_ANSWER", is_stopped=False, networks="", cancel_days=30)


def test_payment_is_shown_taken_checked_and_cancelled(call: Call, number: str, owed: Callable[[str], int]) -> None:
    before, transaction = owed(number), next(_numbers)

    shown = call("GetInformation", fields={"client_id": number})["result"]
    paid = pay(call, number, transaction)["result"]

    assert (shown["status"], "***" in shown["fields"]["name"]) == ("0", True)
    assert shown["fields"]["balance"] == str(-before // 100 if before <= 0 else -(before // 100))
    assert paid["fields"] == {"client_id": number, "balance": str(int(-(before - 150_000) / 100))}
    assert owed(number) == before - 150_000
    checked = call("CheckTransaction", transactionId=transaction)["result"]
    assert (checked["providerTrnId"], checked["transactionState"]) == (paid["providerTrnId"], 1)
    cancelled = call("CancelTransaction", transactionId=transaction)
    assert cancelled["result"]["transactionState"] == 2
    assert call("CancelTransaction", transactionId=transaction) == cancelled
    assert owed(number) == before


def test_same_transaction_is_refused_however_often_and_whatever_it_says(call: Call, number: str, owed: Callable[[str], int]) -> None:
    transaction = next(_numbers)
    pay(call, number, transaction)
    before = owed(number)

    again = [pay(call, number, transaction), pay(call, number, transaction), pay(call, number, transaction, amount=999_000)]

    assert [each["error"]["code"] for each in again] == [201, 201, 201]
    assert owed(number) == before


def test_statement_lists_what_stands(call: Call, number: str) -> None:
    first, second = next(_numbers), next(_numbers)
    pay(call, number, first)
    pay(call, number, second)
    call("CancelTransaction", transactionId=second)

    listed = call("GetStatement", dateFrom=AT, dateTo=AT)["result"]["statements"]

    assert (first in [each["transactionId"] for each in listed], second in [each["transactionId"] for each in listed]) == (True, False)


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("GetInformation", {"fields": {"client_id": "000000000000"}}, 302),
        ("GetInformation", {"fields": {"client_id": "'; DROP TABLE tender"}}, 302),
        ("GetInformation", {"serviceId": 8, "fields": {"client_id": "1"}}, 305),
        ("PerformTransaction", {"transactionId": 1, "amount": 150_000, "time": AT, "fields": {"client_id": "000000000000"}}, 302),
        ("PerformTransaction", {"transactionId": 1, "amount": 1, "time": AT, "fields": {"client_id": "1"}}, 413),
        ("PerformTransaction", {"transactionId": 1, "amount": 10**12, "time": AT, "fields": {"client_id": "1"}}, 415),
        ("CancelTransaction", {"transactionId": 40_404}, 203),
        ("GetStatement", {"dateFrom": "yesterday", "dateTo": AT}, 414),
        ("Refund", {}, -32601),
    ],
)
def test_refusals_have_their_codes(call: Call, method: str, params: dict[str, Any], code: int) -> None:
    assert call(method, **params)["error"]["code"] == code


def test_wrong_credentials_are_refused_by_http(call: Call) -> None:
    assert call("GetInformation", headers=basic(key="wrong"), status=401)["error"]["code"] == 601


@pytest.mark.parametrize(
    ("networks", "status"), [("127.0.0.0/8", 200), ("10.0.0.0/8 127.0.0.1", 200), ("10.0.0.0/8", 401), ("nonsense", 401)]
)
def test_calls_come_from_the_contract_s_networks_only(call: Call, contract: Callable[..., None], networks: str, status: int) -> None:
    contract(networks=networks)

    call("CheckTransaction", status=status, transactionId=40_404)


@pytest.mark.parametrize(("setting", "code"), [("STATE_3", None), ("NOT_FOUND", 203), ("UNKNOWN_ERROR", 103)])
def test_unknown_transaction_is_answered_as_the_contract_says(
    call: Call, contract: Callable[..., None], setting: str, code: int | None
) -> None:
    contract(unknown_transaction=setting)

    answer = call("CheckTransaction", transactionId=40_404)

    assert answer["result"]["transactionState"] == 3 if code is None else answer["error"]["code"] == code


def test_second_cancellation_is_answered_as_the_contract_says(call: Call, contract: Callable[..., None], number: str) -> None:
    transaction = next(_numbers)
    pay(call, number, transaction)
    call("CancelTransaction", transactionId=transaction)
    contract(repeated_cancel="REFUSED")

    assert call("CancelTransaction", transactionId=transaction)["error"]["code"] == 202


def test_old_payment_is_not_cancelled(call: Call, contract: Callable[..., None], demo_database: psycopg.Connection, number: str) -> None:
    transaction = next(_numbers)
    pay(call, number, transaction)
    demo_database.execute("UPDATE tender SET received_on = received_on - 2 WHERE reference = %s", (str(transaction),))
    contract(cancel_days=1)

    assert call("CancelTransaction", transactionId=transaction)["error"]["code"] == 306


def test_stopped_contract_takes_nothing_new_and_answers_questions(call: Call, contract: Callable[..., None], number: str) -> None:
    transaction = next(_numbers)
    pay(call, number, transaction)
    contract(is_stopped=True)

    assert pay(call, number, next(_numbers))["error"]["code"] == 100
    assert call("CheckTransaction", transactionId=transaction)["result"]["transactionState"] == 1


def test_blocked_account_is_told_with_a_code_of_its_own(call: Call, demo_database: psycopg.Connection, number: str) -> None:
    statement = (
        "INSERT INTO payment_block (division_id, account_id, valid_from, creditor, basis) "
        "SELECT division_id, id, '2025-06-08', 'Toza hudud', 'ЎРҚ-1044' FROM account WHERE number = %s RETURNING id"
    )
    row = demo_database.execute(statement, (number,)).fetchone()
    assert row is not None
    try:
        codes = [call("GetInformation", fields={"client_id": number})["error"]["code"], pay(call, number, next(_numbers))["error"]["code"]]
    finally:
        demo_database.execute("DELETE FROM payment_block WHERE id = %s", row)

    assert codes == [501, 501]
    assert "result" in call("GetInformation", fields={"client_id": number})


def test_key_changed_by_paynet_is_the_only_one_from_then_on(call: Call, demo_database: psycopg.Connection) -> None:
    before = demo_database.execute("SELECT key_sha256 FROM payment_contract WHERE channel = 'PAYNET'").fetchone()
    assert before is not None
    try:
        assert call("ChangePassword", newPassword="another-key")["result"] == {"result": "success"}
        call("CheckTransaction", status=401, transactionId=1)
        assert "result" in call("CheckTransaction", headers=basic(key="another-key"), transactionId=40_404)
    finally:
        set_contract(demo_database, key_sha256=before[0])
    kept = demo_database.execute("SELECT count(*) FROM gateway_call WHERE request LIKE '%another-key%'").fetchone()
    assert kept == (0,)


@pytest.mark.parametrize("key", ["x", " " * 20, "1234567", "key of another contract"])
def test_key_that_is_short_or_another_contract_s_is_refused(call: Call, demo_database: psycopg.Connection, key: str) -> None:
    digest = hashlib.sha256(b"key of another contract").hexdigest()
    demo_database.execute(
        "INSERT INTO payment_contract (channel, name, merchant_number, login, key_sha256) "
        "SELECT channel, 'Another', 'm', login, %s FROM payment_contract WHERE channel = 'PAYNET'",
        (digest,),
    )
    try:
        assert call("ChangePassword", newPassword=key)["error"]["code"] == 401
    finally:
        demo_database.execute("DELETE FROM payment_contract WHERE name = 'Another'")
    assert "result" in call("CheckTransaction", transactionId=40_404)


# SOAP


@pytest.fixture
def soap(app: Flask) -> Iterator[Any]:
    """A client made from our WSDL by a library that knows nothing of us, over HTTP."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    host, app.config["SERVER_NAME"] = app.config["SERVER_NAME"], None
    thread.start()
    try:
        yield zeep.Client(f"http://127.0.0.1:{server.port}/api/paynet/soap?wsdl").service
    finally:
        server.shutdown()
        thread.join()
        app.config["SERVER_NAME"] = host


def credentials(**more: object) -> dict[str, object]:
    return {"username": PROVIDER_LOGIN, "password": PROVIDER_KEY, "serviceId": 7} | more


def soap_pay(soap: Any, number: str, transaction: int, amount: int = 150_000) -> Any:
    parameters = [{"paramKey": "clientid", "paramValue": number}]
    at = datetime.fromisoformat("2026-09-22T11:06:00+05:00")
    return soap.PerformTransaction(
        **credentials(amount=amount, parameters=parameters, transactionId=transaction, transactionTime=at)
    )  # fmt: skip


def test_independent_client_shows_pays_checks_lists_and_cancels(soap: Any, number: str, owed: Callable[[str], int]) -> None:
    before, transaction = owed(number), next(_numbers)
    at = datetime.fromisoformat("2026-09-22T11:06:00+05:00")

    shown = soap.GetInformation(**credentials(parameters=[{"paramKey": "clientid", "paramValue": number}]))
    paid = soap_pay(soap, number, transaction)
    checked = soap.CheckTransaction(**credentials(transactionId=transaction, transactionTime=at))
    listed = soap.GetStatement(**credentials(dateFrom=at, dateTo=at))

    assert {each.paramKey: each.paramValue for each in shown.parameters}["balance"] == str(-before)
    assert (paid.status, paid.errorMsg, paid.parameters[0].paramValue) == (0, "Ok", str(150_000 - before))
    assert (checked.providerTrnId, checked.transactionState) == (paid.providerTrnId, 1)
    assert (transaction, 150_000) in [(each.transactionId, each.amount) for each in listed.statements]
    assert owed(number) == before - 150_000
    assert soap.CancelTransaction(**credentials(transactionId=transaction, transactionTime=at)).transactionState == 2
    assert owed(number) == before


def test_both_forms_know_of_each_other_s_transactions(soap: Any, call: Call, number: str) -> None:
    transaction = next(_numbers)
    pay(call, number, transaction)

    again = soap_pay(soap, number, transaction)

    assert again.status == 201
    assert soap_pay(soap, number, transaction).timeStamp == again.timeStamp


def test_soap_refuses_what_the_contract_forbids_in_the_usual_result(
    soap: Any, contract: Callable[..., None], demo_database: psycopg.Connection, number: str
) -> None:
    transaction, at = next(_numbers), datetime.fromisoformat("2026-09-22T11:06:00+05:00")
    soap_pay(soap, number, transaction)
    demo_database.execute("UPDATE tender SET received_on = received_on - 2 WHERE reference = %s", (str(transaction),))
    contract(cancel_days=1)

    refused = soap.CancelTransaction(**credentials(transactionId=transaction, transactionTime=at))

    assert (refused.status, refused.transactionState) == (306, 1)
    assert soap_pay(soap, number, next(_numbers), amount=10**12).status == 415


def test_soap_refuses_wrong_credentials_and_hides_them(soap: Any, demo_database: psycopg.Connection) -> None:
    answer = soap.CheckTransaction(
        **credentials(password="not-the-key", transactionId=1, transactionTime=datetime.fromisoformat(AT))
    )  # fmt: skip

    assert answer.status == 412
    kept = demo_database.execute(
        "SELECT count(*) FROM gateway_call WHERE request LIKE '%%not-the-key%%' OR request LIKE %s", (f"%{PROVIDER_KEY}%",)
    )
    assert kept.fetchone() == (0,)


@pytest.mark.parametrize(
    "name",
    ["GetInformationArgumentsDescriptorList", "GetInformationResultDescriptorList", "PerformTransactionArgumentsDescriptorList"],
)
def test_descriptor_files_are_given_out(client: FlaskClient, name: str) -> None:
    response = client.get(f"/api/paynet/soap/{name}.xml")

    assert (response.status_code, b"<count>" in response.data) == (200, True)


def test_broken_xml_is_a_fault(client: FlaskClient) -> None:
    response = client.post("/api/paynet/soap", data=b"<a><b></a>")

    assert (response.status_code, b"Fault" in response.data) == (400, True)
