"""The calculator of the portal: open to everybody, exact, and clear about what it cannot price."""

import re

import pytest
from flask.testing import FlaskClient

ASKED = {"tariff": "ELECTRICITY.HOUSEHOLD", "quantity": "310", "month": "", "families": "1", "benefit": ""}


def asked(client: FlaskClient, **other: str) -> str:
    chosen = re.search(r'<option selected value="(\d{4}-\d\d-\d\d)"', client.get("/portal/calculator").text)
    assert chosen is not None
    answer = client.get("/portal/calculator", query_string=ASKED | {"month": chosen[1]} | other)
    assert answer.status_code == 200
    return answer.text.replace("\u00a0", " ")


def test_anybody_sees_the_cost_and_how_it_comes_about(client: FlaskClient) -> None:
    client.get("/portal/language/en")

    page = asked(client, quantity="310,5")

    assert 'id="amount">208,400.00' in page
    assert "block 1 from 0 kWh to 200 kWh a month: 200 kWh × 600 = 120,000.00" in page
    assert "Sum of" in page


def test_double_families_have_double_steps(client: FlaskClient) -> None:
    client.get("/portal/language/en")

    page = asked(client, quantity="400", families="2")

    assert "400 kWh × 600 = 240,000.00" in page
    assert "block 2" not in page


@pytest.mark.parametrize("quantity", ["-1", "ten", "1e5", "", "9999999999999999", "NaN"])
def test_what_is_no_quantity_is_told(client: FlaskClient, quantity: str) -> None:
    page = asked(client, quantity=quantity)

    assert 'class="error"' in page
    assert 'id="amount"' not in page


@pytest.mark.parametrize(
    "other", [{"tariff": "STEAM.NOBODY"}, {"month": "2010-01"}, {"families": "0"}, {"benefit": "NONE"}, {"families": "x"}]
)
def test_what_is_not_offered_is_told(client: FlaskClient, other: dict[str, str]) -> None:
    page = asked(client, **other)

    assert 'class="error"' in page
    assert 'id="amount"' not in page
