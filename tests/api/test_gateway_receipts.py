"""Receipts of gateways over HTTP: taken at the address of the contract only, as JSON or as a form; messages of consumers as XML."""

import hashlib
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.services import notices
from tests.loopback import agreed_gateway


def call(app: Flask, contract_id: int, name: str = "receipts", *, wrong: bool = False, **sent: Any) -> int:
    address = "/api/" + notices.address_of(app.config, name, contract_id).partition("/api/")[2]
    address = address[:-1] + ("0" if address[-1] != "0" else "1") if wrong else address
    return app.test_client().post(address, **sent).status_code


def uses(database: psycopg.Connection, contract_id: int) -> list[tuple[str, str]]:
    found = "SELECT receipt_use, reference FROM delivery_receipt WHERE message_contract_id = %s ORDER BY id"
    return database.execute(found, (contract_id,)).fetchall()  # type: ignore[return-value]


@pytest.mark.parametrize(
    "sent", [{"json": {"message-id": "notice-0", "status": "Delivered"}}, {"data": {"message-id": "notice-0", "status": "x"}}]
)
def test_receipt_of_no_message_is_kept_once(app: Flask, demo_database: psycopg.Connection, sent: dict[str, Any]) -> None:
    with agreed_gateway(demo_database) as contract_id:
        statuses = [call(app, contract_id, **sent) for _ in range(2)]

    assert statuses == [200, 200]
    assert uses(demo_database, contract_id) == [("UNKNOWN", "notice-0")]


def test_forged_call_is_refused_and_kept_among_calls(app: Flask, demo_database: psycopg.Connection) -> None:
    body = hashlib.sha256(b"forged").hexdigest()
    with agreed_gateway(demo_database) as contract_id:
        status = call(app, contract_id, wrong=True, json={"message-id": "notice-1", "status": "Delivered", "word": body})

    assert (status, uses(demo_database, contract_id)) == (403, [])
    assert demo_database.execute("SELECT count(*) FROM gateway_call WHERE request LIKE %s", (f"%{body}%",)).fetchone() == (1,)


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff"])
def test_body_that_is_no_receipt_is_refused(app: Flask, demo_database: psycopg.Connection, body: bytes) -> None:
    with agreed_gateway(demo_database) as contract_id:
        assert call(app, contract_id, data=body, content_type="application/json") == 400


XML = """<sms-request version="1.0"><message id="{number}" msisdn="998000000000" submit-date="2026-03-02 15:10:32">
<content type="text/plain">balans</content></message></sms-request>"""


@pytest.mark.parametrize(
    ("body", "status"), [(XML.format(number=1), 200), ("<sms-request/>", 200), ("<sms-request><message/></sms-request>", 400), ("<", 400)]
)
def test_message_of_an_unknown_number_is_kept_and_told_nothing(
    app: Flask, demo_database: psycopg.Connection, body: str, status: int
) -> None:
    with agreed_gateway(demo_database) as contract_id:
        found = [call(app, contract_id, "inbound", data=body.encode(), content_type="text/xml") for _ in range(2)]

    kept = demo_database.execute("SELECT outcome, notice_id FROM inquiry WHERE message_contract_id = %s", (contract_id,)).fetchall()
    assert found == [status] * 2
    assert kept == ([("UNKNOWN_NUMBER", None)] if "998000000000" in body else [])
