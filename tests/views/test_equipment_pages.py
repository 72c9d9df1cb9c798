"""Pages of equipment: passports, the stock of a day."""

import psycopg
import pytest
from flask import Flask

from tests.browsers import Browser, log_in, token


@pytest.fixture(scope="module")
def engineer(app: Flask) -> Browser:
    return log_in(app, "engineer")


def value(demo_database: psycopg.Connection, statement: str, *given: object) -> object:
    row = demo_database.execute(statement, given).fetchone()
    assert row is not None, statement
    return row[0]


def test_passport_is_written_on_its_page_and_shown_on_the_card(engineer: Browser, demo_database: psycopg.Connection) -> None:
    meter = value(demo_database, "SELECT id FROM device WHERE serial_number = 'Y00001' ORDER BY id LIMIT 1")
    page = engineer.text(f"/deviceview/passport/{meter}")

    answer = engineer.client.post(
        f"/deviceview/passport/{meter}", data={"csrf_token": token(page), "clock_zone": "Asia/Tashkent"}, follow_redirects=True
    )

    assert "Clock zone" in answer.text
    assert "Asia/Tashkent" in answer.text


def test_stock_of_a_day_is_counted_by_model_and_state(engineer: Browser, demo_database: psycopg.Connection) -> None:
    kept = "SELECT stock_place_id FROM device WHERE serial_number = 'Y00001' ORDER BY id LIMIT 1"
    place = value(demo_database, kept)

    page = engineer.text(f"/stockplaceview/stock/{place}")

    assert "Y00001" in page
    assert ">5<" in page
    assert "No records found" in engineer.text(f"/stockplaceview/stock/{place}?on=2001-01-01")
