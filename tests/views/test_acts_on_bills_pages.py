"""Pages of acts on posted months: previewed with the difference by lines, then performed once."""

import re
from html import unescape

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browsers import token
from tests.databases import PASSWORD

#: Households that used electricity in their last month, and have no terms and no benefits yet.
HOME = """
    c.kind = 'HOUSEHOLD' AND r.used > 10000 AND NOT EXISTS (SELECT FROM supply_term t WHERE t.account_id = a.id)
    AND NOT EXISTS (SELECT FROM account_benefit b WHERE b.account_id = a.id)
    AND EXISTS (SELECT FROM supply s JOIN tariff_group g ON g.id = s.tariff_group_id JOIN service_point p ON p.id = s.service_point_id
                JOIN resource e ON e.id = p.resource_id
                WHERE s.account_id = a.id AND s.valid_to IS NULL AND g.code = 'HOUSEHOLD' AND e.code = 'ELECTRICITY')
"""


@pytest.fixture
def operator(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.post("/login/", data={"csrf_token": token(client.get("/login/").text), "username": "operator", "password": PASSWORD})
    return client


def account(demo_database: psycopg.Connection, place: int) -> tuple[int, int, str]:
    """Return a household's account, its newest reading that a bill was made with, and the dial in whole units."""
    row = demo_database.execute(
        f"""
        SELECT a.id, r.id, (r.dial_milli / 1000)::text FROM account a JOIN consumer c ON c.id = a.consumer_id
        JOIN division d ON d.id = a.division_id AND d.code = '1726901'
        JOIN LATERAL (SELECT r.*, x.quantity_milli AS used FROM reading r
                      JOIN consumption x ON x.account_id = a.id AND x.later_reading_id = r.id
                      WHERE NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id) ORDER BY r.read_on DESC LIMIT 1) r ON true
        WHERE {HOME} ORDER BY a.id OFFSET {place} LIMIT 1
        """
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def perform(client: FlaskClient, address: str, **fields: str) -> tuple[str, str]:
    """Preview an act and perform it; return the page of the preview and that of the act."""
    page = client.get(address).text
    kept = dict(re.findall(r'name="(effective_on|reference)"[^>]*value="([^"]*)"', page))
    kept |= {name: value for value, name in re.findall(r'value="([^"]*)"[^>]*name="(effective_on|reference)"', page)}
    data = {"csrf_token": token(page), "reason": "order no. 7"} | kept | fields
    shown = client.post(address, data=data | {"step": "preview"})
    assert shown.status_code == 200
    done = client.post(address, data=data | {"step": "do"}, follow_redirects=True)
    return unescape(shown.text), unescape(done.text)


def test_tariff_group_is_changed_from_a_day_after_a_look_at_the_lines(operator: FlaskClient, demo_database: psycopg.Connection) -> None:
    account_id, _reading, _dial = account(demo_database, 3)
    row = demo_database.execute("SELECT max(period_from) FROM bill WHERE account_id = %s", (account_id,)).fetchone()
    stove = demo_database.execute("SELECT id FROM tariff_group WHERE code = 'HOUSEHOLD_STOVE'").fetchone()
    assert row is not None
    assert stove is not None

    shown, done = perform(operator, f"/acts/tariff-group/{account_id}", tariff_group_id=str(stove[0]), effective_on=row[0].isoformat())

    assert "Difference by lines" in shown
    assert "takes back bill" in shown
    assert "Performed" in done or "Waits for a second person" in done
    assert "Reverse" in done


def test_billed_reading_leads_to_its_act_and_is_corrected_with_its_bills(operator: FlaskClient, demo_database: psycopg.Connection) -> None:
    account_id, reading_id, dial = account(demo_database, 4)

    led = operator.get(f"/reading-entry/{account_id}/correct/{reading_id}")
    page = operator.get(led.location).text
    typed = operator.post(f"/reading-entry/{account_id}/correct/{reading_id}", data={"csrf_token": token(page), "dial": dial})
    shown, done = perform(operator, led.location, reading_id=str(reading_id), dial=str(int(dial) - 1))

    assert led.status_code == 302
    assert f"/acts/correct-reading/{account_id}" in led.location
    assert f'value="{dial}"' in operator.get(typed.location).text
    assert "takes back bill" in shown
    assert "Performed" in done
    replaced = demo_database.execute("SELECT dial_milli FROM reading WHERE replaces_id = %s", (reading_id,)).fetchone()
    assert replaced == ((int(dial) - 1) * 1000,)


def test_refusal_stands_beside_its_field_and_nothing_is_changed(operator: FlaskClient, demo_database: psycopg.Connection) -> None:
    account_id, reading_id, _dial = account(demo_database, 5)

    shown, _done = perform(operator, f"/acts/correct-reading/{account_id}?reading={reading_id}", reading_id=str(reading_id), dial="x")

    assert "The reading is refused" in shown
    assert demo_database.execute("SELECT count(*) FROM reading WHERE replaces_id = %s", (reading_id,)).fetchone() == (0,)


def test_benefit_and_term_are_changed(operator: FlaskClient, demo_database: psycopg.Connection) -> None:
    account_id, _reading, _dial = account(demo_database, 6)
    benefit = demo_database.execute("SELECT min(id) FROM benefit").fetchone()
    assert benefit is not None

    _shown, granted = perform(operator, f"/acts/benefit/{account_id}", benefit_id=str(benefit[0]), is_granted="y")
    _shown, term = perform(operator, f"/acts/term/{account_id}", term="FAMILIES", value_milli="2")

    assert "Performed" in granted
    assert "Performed" in term
    rows = demo_database.execute("SELECT kind, value_milli FROM supply_term WHERE account_id = %s", (account_id,)).fetchall()
    assert rows == [("FAMILIES", 2000)]
