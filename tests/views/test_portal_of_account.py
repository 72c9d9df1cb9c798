"""The portal seen from the office: accesses are ended, links made and withdrawn, readings of consumers looked at."""

import re

import psycopg
from flask import Flask

from tests.browsers import log_in
from tests.portal.consumers import consumer, enter, forget_everybody


def test_staff_end_accesses_and_make_links_that_are_shown_once(app: Flask, demo_database: psycopg.Connection) -> None:
    forget_everybody(demo_database)
    account = consumer(demo_database, "p.debt_tiyin > 0 AND a.closed_on IS NULL")
    portal, office = app.test_client(), log_in(app, "admin")
    enter(portal, demo_database, account)
    address = f"/portal-of-account/{account.id}"

    held = re.findall(r'name="access" value="(\d+)"', office.text(address))
    assert len(held) == 1
    assert office.post(f"{address}/remove", access=held[0]) == 302
    assert office.post(f"{address}/remove", access=held[0]) == 404
    assert office.post(f"{address}/link", purpose="PAY", phone="") == 200
    made = demo_database.execute("SELECT id FROM portal_link WHERE account_id = %s ORDER BY id DESC LIMIT 1", (account.id,)).fetchone()
    assert made is not None
    assert office.post(f"{address}/link", purpose="PHONE", phone="12") == 200
    assert office.post(f"{address}/withdraw", link=made[0]) == 302

    assert portal.get("/portal/home").headers["Location"] == "/portal/"
    assert demo_database.execute("SELECT withdrawn_at IS NOT NULL FROM portal_link WHERE id = %s", made).fetchone() == (True,)
    newest = demo_database.execute("SELECT count(*) FROM portal_link WHERE account_id = %s AND id > %s", (account.id, made[0])).fetchone()
    assert newest == (0,)


def test_readings_of_consumers_are_a_list(app: Flask, demo_database: psycopg.Connection) -> None:
    office = log_in(app, "admin")
    row = demo_database.execute(
        "INSERT INTO consumer_reading (division_id, account_id, meter_installation_id, read_on, dials, sent_at) "
        'SELECT division_id, account_id, meter_installation_id, read_on, \'{"TOTAL": "1234"}\', now() FROM reading ORDER BY id LIMIT 1 '
        "RETURNING id"
    ).fetchone()
    assert row is not None
    try:
        shown = office.text("/consumerreadingview/list/")
        card = office.text(f"/consumerreadingview/show/{row[0]}")
    finally:
        demo_database.execute("DELETE FROM consumer_reading WHERE id = %s", row)

    assert f"/consumerreadingview/show/{row[0]}" in shown
    assert "1234" in card
