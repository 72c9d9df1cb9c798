"""Click's Prepare and Complete in Click's order of checks, and their repeats."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import clock
from app.domain.calendar import TASHKENT
from app.services.demo.payments import PROVIDER_KEY

_numbers = count(50_001)


def signed(ago: timedelta = timedelta(0)) -> str:
    """Return the moment of a signature as Click writes it."""
    return f"{clock.now().astimezone(TASHKENT) - ago:%Y-%m-%d %H:%M:%S}"


def fields(
    number: str,
    transaction: int,
    amount: str = "1500",
    *,
    prepared: int | None = None,
    error: int = 0,
    key: str = PROVIDER_KEY,
    at: str = "",
) -> dict[str, str]:
    action, at = "0" if prepared is None else "1", at or signed()
    before = f"{transaction}80012{key}{number}"
    text = before + ("" if prepared is None else str(prepared)) + amount + action + at
    made = {
        "click_trans_id": str(transaction), "service_id": "80012", "click_paydoc_id": "1", "merchant_trans_id": number, "amount": amount,
        "action": action, "error": str(error), "error_note": "", "sign_time": at,
        "sign_string": hashlib.md5(text.encode()).hexdigest(),
    }  # fmt: skip
    return made if prepared is None else made | {"merchant_prepare_id": str(prepared)}


@pytest.fixture
def call(client: FlaskClient) -> Callable[..., Any]:
    def send(*args: Any, **kwargs: Any) -> Any:
        response = client.post("/api/click", data=fields(*args, **kwargs))
        assert response.status_code == 200
        return json.loads(response.data)

    return send


def test_prepared_and_completed_payment_is_booked_once(call: Callable[..., Any], number: str, owed: Callable[[str], int]) -> None:
    before, transaction = owed(number), next(_numbers)

    prepared = call(number, transaction)
    again = call(number, transaction)
    completed = call(number, transaction, prepared=prepared["merchant_prepare_id"])

    assert (prepared["error"], again) == (0, prepared)
    assert (completed["error"], owed(number)) == (0, before - 150_000)
    assert call(number, transaction, prepared=prepared["merchant_prepare_id"])["error"] == -4
    assert call(number, transaction)["error"] == -4
    assert owed(number) == before - 150_000


def test_payment_that_click_could_not_debit_is_cancelled(call: Callable[..., Any], number: str, owed: Callable[[str], int]) -> None:
    before, transaction = owed(number), next(_numbers)
    prepared = call(number, transaction)["merchant_prepare_id"]

    assert call(number, transaction, prepared=prepared, error=-5017)["error"] == -9

    assert call(number, transaction, prepared=prepared)["error"] == -9
    assert call(number, transaction)["error"] == -9
    assert owed(number) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "another"}, -1),
        ({"amount": "1500.001"}, -2),
        ({"amount": "1e3"}, -2),
        ({"amount": "1"}, -2),
        ({"amount": "99999999"}, -2),
    ],
)
def test_refusals_have_their_codes(call: Callable[..., Any], number: str, change: dict[str, Any], code: int) -> None:
    assert call(number, next(_numbers), **change)["error"] == code


def test_unknown_account_and_unknown_prepared_transaction(call: Callable[..., Any], number: str) -> None:
    transaction = next(_numbers)
    prepared = call(number, transaction)["merchant_prepare_id"]

    assert call("000000000000", next(_numbers))["error"] == -5
    assert call(number, next(_numbers), prepared=prepared)["error"] == -6
    assert call(number, transaction, prepared=prepared + 10**9)["error"] == -6


def test_another_amount_under_a_used_number_is_refused(call: Callable[..., Any], number: str) -> None:
    transaction = next(_numbers)
    prepared = call(number, transaction)["merchant_prepare_id"]

    assert call(number, transaction, "2500")["error"] == -2
    assert call(number, transaction, "2500", prepared=prepared)["error"] == -2
    assert call(number, transaction, "1500", prepared=prepared)["error"] == 0


def test_form_without_fields_is_an_error_in_the_request(client: FlaskClient) -> None:
    answer = json.loads(client.post("/api/click", data={"action": "0"}).data)

    assert answer["error"] == -8


@pytest.mark.parametrize(
    ("minutes", "code"), [(50, 0), (70, -8), (-90, -8), (None, -8)], ids=["lately", "an hour ago", "later", "no moment"]
)
def test_old_signature_opens_no_new_payment(call: Callable[..., Any], number: str, minutes: int | None, code: int) -> None:
    at = "2026-13-01" if minutes is None else signed(timedelta(minutes=minutes))

    assert call(number, next(_numbers), at=at)["error"] == code


def test_repeats_of_a_known_payment_are_answered_whenever_they_were_signed(call: Callable[..., Any], number: str) -> None:
    transaction, old = next(_numbers), signed(timedelta(days=9))
    prepared = call(number, transaction)

    assert call(number, transaction, at=old) == prepared
    assert call(number, transaction, prepared=prepared["merchant_prepare_id"], at=old)["error"] == 0
    assert call(number, transaction, prepared=prepared["merchant_prepare_id"], at=old)["error"] == -4
