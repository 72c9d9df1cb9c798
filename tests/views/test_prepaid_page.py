"""Old prices kept for what was paid ahead: shown first, then granted once."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browsers import token
from tests.databases import PASSWORD

PAGE = "/prepaidvolumeview/grant"


@pytest.fixture
def supervisor(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.post("/login/", data={"csrf_token": token(client.get("/login/").text), "username": "operator", "password": PASSWORD})
    return client


@pytest.fixture
def change(demo_database: psycopg.Connection) -> Iterator[tuple[int, date]]:
    """Return a division and a day on which the price of an account there that paid ahead ends."""
    row = demo_database.execute(
        """
        SELECT a.division_id, v.id FROM account_position p JOIN account a ON a.id = p.account_id JOIN supply s ON s.account_id = a.id
        JOIN service_point sp ON sp.id = s.service_point_id
        JOIN tariff t ON t.resource_id = sp.resource_id AND t.tariff_group_id = s.tariff_group_id
        JOIN tariff_version v ON v.tariff_id = t.id AND v.valid_to IS NULL
        JOIN tariff_group g ON g.id = t.tariff_group_id AND g.code = 'HOUSEHOLD' JOIN resource r ON r.id = t.resource_id
        WHERE p.advance_tiyin > 0 AND s.valid_to IS NULL AND r.code = 'ELECTRICITY' ORDER BY p.advance_tiyin DESC, a.id LIMIT 1
        """
    ).fetchone()
    assert row is not None
    day = date(2040, 1, 1)
    demo_database.execute("UPDATE tariff_version SET valid_to = %s WHERE id = %s", (day, row[1]))
    yield row[0], day
    demo_database.execute("UPDATE tariff_version SET valid_to = NULL WHERE id = %s", (row[1],))


def test_old_price_is_previewed_and_granted_once(
    supervisor: FlaskClient, change: tuple[int, date], demo_database: psycopg.Connection
) -> None:
    division, day = change
    data = {"csrf_token": token(supervisor.get(PAGE).text), "division": str(division), "day": day.isoformat(), "basis": "decree no. 5"}
    count = "SELECT count(*) FROM prepaid_volume WHERE basis = 'decree no. 5'"

    shown = unescape(supervisor.post(PAGE, data=data | {"step": "preview"}).text)
    before = demo_database.execute(count).fetchone()
    done = unescape(supervisor.post(PAGE, data=data | {"step": "do"}, follow_redirects=True).text)
    again = unescape(supervisor.post(PAGE, data=data | {"step": "do"}, follow_redirects=True).text)

    assert "Energy at the old price" in shown
    assert before == (0,)
    granted = re.search(r"(\d+) accounts? keeps? the old price", done)
    assert granted is not None
    assert int(granted[1]) > 0
    assert "0 accounts keep the old price" in again
    assert demo_database.execute(count).fetchone() == (int(granted[1]),)
