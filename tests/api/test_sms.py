"""Payment by SMS: confirmed debits, repeats, signatures, and messages that order a payment."""

import hashlib
import hmac
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.services.demo.payments import PROVIDER_KEY
from tests.api.conftest import basic

_numbers = count(1)
Call = Callable[..., Any]


@pytest.fixture
def confirm(client: FlaskClient) -> Call:
    def send(number: str, transaction: str, amount: int = 150_000, key: str = PROVIDER_KEY, status: int = 200) -> Any:
        values = [transaction, "+998901234567", number, amount, 1_790_000_000_000]
        signature = hmac.new(key.encode(), "|".join(map(str, values)).encode(), hashlib.sha256).hexdigest()
        names = ("transaction_id", "phone", "account", "amount", "confirmed_at", "signature")
        response = client.post("/api/sms", json=dict(zip(names, [*values, signature], strict=True)))
        assert response.status_code == status
        return json.loads(response.data)

    return send


def message(client: FlaskClient, number: int, words: str) -> int:
    xml = (
        f'<sms-request version="1.0"><message id="{number}" msisdn="998901234567" submit-date="2026-11-22 15:10:32">'
        f'<content type="text/plain">{words}</content></message></sms-request>'
    )  # fmt: skip
    return client.post("/api/sms/inbound", data=xml, headers=basic()).status_code


def test_confirmed_debit_is_booked_once(confirm: Call, number: str, owed: Callable[[str], int]) -> None:
    before, transaction = owed(number), f"t-{next(_numbers)}"

    first = confirm(number, transaction)

    assert (first["status"], owed(number)) == ("OK", before - 150_000)
    assert confirm(number, transaction) == first
    assert confirm(number, transaction, 160_000)["code"] == 5
    assert owed(number) == before - 150_000


def test_wrong_signature_is_refused(confirm: Call, number: str) -> None:
    assert confirm(number, "t-0", key="wrong", status=403)["code"] == 2


def test_unknown_account_and_wrong_amount_have_their_codes(confirm: Call, number: str) -> None:
    assert confirm("000000000000", "t-00")["code"] == 3
    assert confirm(number, "t-000", 1)["code"] == 4


def test_message_is_an_order_and_its_confirmation_the_money(
    client: FlaskClient, confirm: Call, number: str, owed: Callable[[str], int]
) -> None:
    before, transaction = owed(number), 880_000 + next(_numbers)

    assert message(client, transaction, f"TOLOV {number} 1 500") == 200
    assert owed(number) == before
    confirm(number, str(transaction))

    assert owed(number) == before - 150_000


@pytest.mark.parametrize("words", ["salom", "TOLOV 1", "TOLOV 262801234567 1.500"])
def test_message_that_orders_nothing_is_taken_and_left(client: FlaskClient, words: str) -> None:
    assert message(client, 990_000 + next(_numbers), words) == 200


def test_broken_message_and_stranger_are_refused(client: FlaskClient) -> None:
    assert client.post("/api/sms/inbound", data="<sms", headers=basic()).status_code == 400
    assert client.post("/api/sms/inbound", data="<sms-request/>", headers=basic(key="x")).status_code == 401
