"""The form of readings: one line a register of the meter; each reading is shown with its register."""

import re
from html import unescape

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from tests.browsers import token
from tests.databases import PASSWORD

Zoned = tuple[int, dict[str, int]]
_ZONED = """
    SELECT r.account_id, g.code, max(r.dial_milli) / 1000 FROM reading r JOIN register g ON g.id = r.register_id
    WHERE r.account_id = (SELECT min(x.account_id) FROM reading x JOIN register z ON z.id = x.register_id AND z.code = 'NIGHT')
    GROUP BY 1, 2
"""


@pytest.fixture
def operator(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.post("/login/", data={"csrf_token": token(client.get("/login/").text), "username": "operator", "password": PASSWORD})
    return client


@pytest.fixture
def zoned(demo_database: psycopg.Connection) -> Zoned:
    """Return an account whose meter has zones and reactive energy, and the last dial of each register."""
    rows = demo_database.execute(_ZONED).fetchall()
    return rows[0][0], {code: dial for _, code, dial in rows}


def posted(operator: FlaskClient, account_id: int, dials: dict[str, int | str], **more: str) -> str:
    page = operator.get(f"/reading-entry/{account_id}").text
    names = dict(re.findall(r'<label for="(dial\w*)">([^<]+?) ?<', page)).keys()
    assert {*names} >= {"dial", "dial_day", "dial_night", "dial_reactive"}
    data = {"csrf_token": token(page), "meter_number": "", "read_on": clock.today().isoformat()} | more
    data |= {"dial" if code == "TOTAL" else f"dial_{code.lower()}": str(dial) for code, dial in dials.items()}
    return unescape(operator.post(f"/reading-entry/{account_id}", data=data, follow_redirects=True).text)


def test_each_register_has_a_line_and_is_recorded(operator: FlaskClient, zoned: Zoned, demo_database: psycopg.Connection) -> None:
    account_id, last = zoned

    page = posted(operator, account_id, {code: dial + 10 for code, dial in last.items()}, sure="y")

    assert "The reading was recorded." in page
    statement = "SELECT count(*) FROM reading WHERE account_id = %s AND read_on = %s"
    assert demo_database.execute(statement, (account_id, clock.today())).fetchone() == (len(last),)
    assert all(name in page for name in ("Night zone", "Day zone", "Reactive energy, kvar·h"))


def test_what_is_wrong_with_a_register_stands_beside_its_line(operator: FlaskClient, zoned: Zoned) -> None:
    account_id, last = zoned

    page = posted(operator, account_id, {code: "" if code == "NIGHT" else dial + 10 for code, dial in last.items()}, read_on="2025-01-01")

    assert page.count('class="field-error"') == 1


def test_bill_of_zones_names_each_register(operator: FlaskClient, zoned: Zoned, demo_database: psycopg.Connection) -> None:
    account_id, _last = zoned
    bill = demo_database.execute("SELECT max(id) FROM bill WHERE account_id = %s AND quality = 'ACTUAL'", (account_id,)).fetchone()
    assert bill is not None

    page = unescape(operator.get(f"/billview/show/{bill[0]}").text)

    assert re.search(r"Energy of[^<]*: Night zone|: Night zone", page)
    assert "Night zone: " in page  # the explanation
