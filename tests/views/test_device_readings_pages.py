"""Pages of what devices sent: the queue decided by one key, parked devices, profiles, rules, files."""

import io
import re
from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from app import clock
from tests.browsers import Browser, log_in, perform_latest, token

TODAY = clock.today()


@pytest.fixture(scope="module")
def inspector(app: Flask) -> Browser:
    return log_in(app, "inspector")


@pytest.fixture(scope="module")
def operator(app: Flask) -> Browser:
    return log_in(app, "operator")


def value(demo_database: psycopg.Connection, statement: str, *given: object) -> object:
    row = demo_database.execute(statement, given).fetchone()
    assert row is not None, statement
    return row[0]


def waiting(demo_database: psycopg.Connection, doubt: str) -> int:
    return int(
        str(value(demo_database, "SELECT id FROM doubtful_reading WHERE status = 'WAITING' AND doubt = %s ORDER BY id LIMIT 1", doubt))
    )


def test_demo_holds_an_example_of_each(demo_database: psycopg.Connection) -> None:
    doubts = demo_database.execute("SELECT DISTINCT doubt FROM doubtful_reading").fetchall()

    assert {row[0] for row in doubts} >= {"CONFLICT", "HIGH", "QUALITY"}
    assert value(demo_database, "SELECT readings FROM parked_device WHERE serial_key = 'DEMO0001'") == 2
    assert int(str(value(demo_database, "SELECT count(*) FROM interval_day"))) > 25
    assert (
        value(demo_database, "SELECT string_agg(DISTINCT quality, '') FROM interval_day, regexp_split_to_table(qualities, '') quality")
        == "ALR"
    )
    assert value(demo_database, "SELECT string_agg(DISTINCT status, '') FROM device_event") == "POSTED"


def test_page_of_a_doubtful_reading_shows_its_history_and_the_keys(inspector: Browser, demo_database: psycopg.Connection) -> None:
    page = inspector.text(f"/doubtfulreadingview/show/{waiting(demo_database, 'HIGH')}")

    assert re.findall(r'data-key="(\w)"', page) >= ["1", "2", "3", "4"]
    assert "Much higher than usual" in page
    assert 'id="history-data"' in page


def test_decision_needs_a_reason_and_leads_to_the_next(inspector: Browser, demo_database: psycopg.Connection) -> None:
    key = waiting(demo_database, "QUALITY")
    page = inspector.text(f"/doubtfulreadingview/show/{key}")
    form = {"csrf_token": token(page), "decision": "ESTIMATED", "dial": ""}

    refused = inspector.client.post(f"/doubtfulreadingview/decide/{key}", data=form | {"basis": ""})
    decided = inspector.client.post(f"/doubtfulreadingview/decide/{key}", data=form | {"basis": "The device was restarted"})
    again = inspector.client.post(
        f"/doubtfulreadingview/decide/{key}", data=form | {"basis": "The device was restarted"}, follow_redirects=True
    )

    assert refused.status_code == 200
    assert decided.status_code == 302
    assert "/doubtfulreadingview/next" in decided.location
    assert "Somebody decided about this reading meanwhile." in again.text
    row = demo_database.execute("SELECT status, decided_by, basis FROM doubtful_reading WHERE id = %s", (key,)).fetchone()
    assert row == ("ESTIMATED", "inspector", "The device was restarted")


def test_value_that_breaks_a_rule_is_refused_beside_its_field(inspector: Browser, demo_database: psycopg.Connection) -> None:
    key = waiting(demo_database, "HIGH")
    page = inspector.text(f"/doubtfulreadingview/show/{key}")

    answer = inspector.client.post(
        f"/doubtfulreadingview/decide/{key}",
        data={"csrf_token": token(page), "decision": "REPLACED", "basis": "Read on the spot", "dial": "1x"},
    )

    assert answer.status_code == 200
    assert "This is no reading: write the digits of the display only." in answer.text


def test_conflict_shows_what_both_sources_say(inspector: Browser, demo_database: psycopg.Connection) -> None:
    page = inspector.text(f"/doubtfulreadingview/show/{waiting(demo_database, 'CONFLICT')}")

    assert "Another source says something else of that day" in page


def test_parked_device_is_shown_and_tells_the_way_forward(operator: Browser, demo_database: psycopg.Connection) -> None:
    key = value(demo_database, "SELECT id FROM parked_device WHERE serial_key = 'DEMO0001'")
    page = operator.text(f"/parkeddeviceview/show/{key}")

    answer = operator.client.post("/parkeddeviceview/post", data={"csrf_token": token(page), "device": str(key)}, follow_redirects=True)

    assert "Register the device under this number and install it" in page
    assert "The device is not installed yet: register and install it first." in answer.text


def test_device_that_is_not_known_is_found_by_the_number_it_sent(operator: Browser, demo_database: psycopg.Connection) -> None:
    key, number = demo_database.execute("SELECT id, serial_number FROM parked_device WHERE serial_key = 'DEMO0001'").fetchone()  # type: ignore[misc]

    assert f"/parkeddeviceview/show/{key}" in operator.text(f"/parkeddeviceview/list/?_q={number}")
    assert f"/parkeddeviceview/show/{key}" not in operator.text("/parkeddeviceview/list/?_q=99999999")


def test_profile_is_shown_by_day_and_month_with_what_was_filled_in(inspector: Browser, demo_database: psycopg.Connection) -> None:
    key = value(demo_database, "SELECT register_id FROM interval_day ORDER BY id LIMIT 1")
    device = value(demo_database, "SELECT meter_id FROM register WHERE id = %s", key)
    gapped = TODAY - timedelta(days=1)

    page = inspector.text(f"/intervaldayview/register/{key}?day={gapped}")

    assert "120 minutes were not sent." in page
    assert "In a line between its neighbors" in page
    assert f"/intervaldayview/register/{key}" in inspector.text(f"/deviceview/show/{device}")
    assert inspector.status(f"/intervaldayview/register/{key}?day=31.02.2026") == 404
    assert inspector.status("/intervaldayview/register/999999") == 404


def test_rules_are_shown_in_their_order_with_the_thresholds_in_force(inspector: Browser) -> None:
    page = inspector.text("/reading-rules/")

    told = (
        "The date lies in the future.",
        "more energy than the connected capacity",
        "Another source says",
        "Nothing for several",
        "Much lower than usual",
    )
    assert [page.index(each) for each in told] == sorted(page.index(each) for each in told)
    assert "30 percent" in page
    assert "4 times" in page


def load(browser: Browser, content: str, *, kind: str = "DEVICES") -> str:
    page = browser.text(f"/readingimportview/load-devices?content={kind}")
    division = re.search(r'<option[^>]*value="(\d+)"', page)
    assert division is not None
    sent = {"csrf_token": token(page), "division": division[1], "file": (io.BytesIO(content.encode()), "devices.csv")}
    answer = browser.client.post(f"/readingimportview/load-devices?content={kind}", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_file_of_devices_is_taken_and_its_refused_rows_are_named(app: Flask, operator: Browser, demo_database: psycopg.Connection) -> None:
    rows = ["meter;time;reading;quality", f"N-1;{TODAY};5;A", f"N-2;{TODAY};x;A", "N-3;31.02.2026;5;A"]

    load(operator, "\n".join(rows))
    perform_latest(app, demo_database, "PARTLY")

    found = demo_database.execute(
        "SELECT id, status, received, accepted, held, parked, rejected FROM reading_import ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert found is not None
    assert found[1:] == ("ACCEPTED", 3, 0, 0, 1, 2)
    page = operator.text(f"/readingimportview/show/{found[0]}")
    assert "This is no reading: write the digits of the display only." in page
    assert "31.02.2026" in page


def test_file_of_profiles_is_taken(app: Flask, operator: Browser, demo_database: psycopg.Connection) -> None:
    serial = value(
        demo_database,
        "SELECT m.serial_number FROM interval_day d JOIN register g ON g.id = d.register_id JOIN device m ON m.id = g.meter_id LIMIT 1",
    )
    steps = " ".join(["0.5"] * 23 + ["-"])

    load(operator, f"meter;day;step;energy\n{serial};{TODAY};60;{steps}\n{serial};{TODAY};60;1 2\n", kind="PROFILES")
    perform_latest(app, demo_database, "PARTLY")

    found = demo_database.execute("SELECT status, received, accepted, rejected FROM reading_import ORDER BY id DESC LIMIT 1").fetchone()
    assert found == ("ACCEPTED", 2, 1, 1)
