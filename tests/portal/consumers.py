"""A consumer of the portal, and the way in."""

import json
import re
import time
from typing import NamedTuple

import psycopg
from flask.testing import FlaskClient

from app import clock
from app.portal import codes
from app.queries.billing.invoices import Party

#: The account of a household whose meter has one register, was read weeks ago and not these days, and was billed by readings for months.
HAS_METER = (
    "EXISTS (SELECT FROM reading r JOIN meter_installation i ON i.id = r.meter_installation_id AND i.valid_to IS NULL "
    "WHERE r.account_id = a.id) AND (SELECT count(*) FROM register g JOIN meter_installation i ON i.meter_id = g.meter_id "
    "JOIN supply s ON s.service_point_id = i.service_point_id AND s.valid_to IS NULL AND i.valid_to IS NULL WHERE s.account_id = a.id) = 1 "
    "AND NOT EXISTS (SELECT FROM reading v WHERE v.account_id = a.id AND v.read_on > current_date - 5) "
    "AND EXISTS (SELECT FROM reading w WHERE w.account_id = a.id AND w.read_on > current_date - 20) "
    "AND NOT EXISTS (SELECT FROM consumer_reading x WHERE x.account_id = a.id) AND c.kind = 'HOUSEHOLD' "
    "AND (SELECT count(*) FROM bill z WHERE z.account_id = a.id AND z.quality = 'ACTUAL' AND z.quantity_milli BETWEEN 60000 AND 400000) > 2"
)


class Consumer(NamedTuple):
    """An account of the town whose owner has a telephone."""

    id: str
    number: str
    division: str


def consumer(demo_database: psycopg.Connection, condition: str = "p.debt_tiyin > 0", *, is_taken_over: bool = False) -> Consumer:
    """Return an account that meets a condition, one that was written to least, for tries are counted.

    :param is_taken_over: it was another consumer's before; else it was its consumer's always
    """
    row = demo_database.execute(
        "SELECT a.id, a.number, a.division_id FROM account a JOIN consumer c ON c.id = a.consumer_id "
        f"JOIN account_position p ON p.account_id = a.id WHERE c.phone IS NOT NULL AND ({condition}) "
        "AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id) "
        "AND EXISTS (SELECT 1 FROM act t WHERE t.account_id = a.id AND t.kind = 'CHANGE_OWNER') = %s "
        "ORDER BY (SELECT count(*) FROM notice n WHERE n.account_id = a.id), a.number LIMIT 1",
        (is_taken_over,),
    ).fetchone()
    assert row is not None
    return Consumer(*map(str, row))


def post(client: FlaskClient, address: str, **form: str) -> tuple[int, str]:
    """Send a form of the portal with its token; return the status, and where it leads or what it shows."""
    page = client.get(address).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None, page
    response = client.post(address, data=form | {"csrf_token": token[1]})
    return response.status_code, response.headers.get("Location") or response.text


def ask(client: FlaskClient, number: str) -> tuple[int, str]:
    answer = post(client, "/portal/", account=number)
    codes.settle()
    return answer


def sent_code(demo_database: psycopg.Connection, account: Consumer) -> str:
    """Read the newest code from the telephone."""
    row = demo_database.execute("SELECT text FROM notice WHERE account_id = %s ORDER BY id DESC LIMIT 1", (account.id,)).fetchone()
    assert row is not None
    return re.findall(r"\d{6}", row[0])[0]


def forget_everybody(demo_database: psycopg.Connection) -> None:
    """Begin as if nobody had asked for a code or claimed an account: tests come faster than people."""
    demo_database.execute("DELETE FROM portal_code")
    demo_database.execute("UPDATE portal_access SET removed_at = now(), access_end = 'STAFF' WHERE removed_at IS NULL")


def enter(client: FlaskClient, demo_database: psycopg.Connection, account: Consumer) -> FlaskClient:
    """Open an account with its number and code."""
    assert ask(client, account.number) == (302, "/portal/code")
    status, led = post(client, "/portal/code", code=sent_code(demo_database, account))
    assert (status, led.partition("?")[0]) == (302, "/portal/home")
    return client


def next_dial(demo_database: psycopg.Connection, account: Consumer, times: float = 1) -> int:
    """Return what the meter shows today if the consumer took as much as before, or so many times as much."""
    row = demo_database.execute(
        "SELECT r.dial_milli / 1000, %s::date - r.read_on, "
        "(SELECT avg(b.quantity_milli) / 30000 FROM bill b WHERE b.account_id = r.account_id) "
        "FROM reading r WHERE r.account_id = %s ORDER BY r.read_on DESC, r.id DESC LIMIT 1",
        (clock.today(), account.id),
    ).fetchone()
    assert row is not None
    return int(row[0] + float(row[1] * row[2]) * times) + 1


def send(client: FlaskClient, page: str = "/portal/readings", **form: object) -> str:
    """Send a reading with the token and the meter of the page; return the page that is shown then."""
    shown = client.get(page).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
    meter = re.search(r'name="meter_number" value="([^"]+)"', shown)
    assert token is not None
    assert meter is not None
    line = re.search(r'name="(dial_\w+)"', shown)
    assert line is not None
    form = {line[1] if name == "dial" else name: value for name, value in form.items()}
    data = {"csrf_token": token[1], "meter_number": meter[1], "read_on": clock.today().isoformat()} | form
    return client.post(page, data=data, follow_redirects=True, content_type="multipart/form-data").text


def code_sent(demo_database: psycopg.Connection) -> str:
    """Return the newest code; it is written after the page was answered, alike for every account."""
    for _ in range(100):
        row = demo_database.execute("SELECT text FROM notice WHERE kind = 'PORTAL_CODE' ORDER BY id DESC LIMIT 1").fetchone()
        if row and (found := re.findall(r"\d{6}", row[0])):
            return str(found[0])
        time.sleep(0.1)
    raise AssertionError("no code was written")


def make_statement(demo_database: psycopg.Connection, condition: str) -> int:
    """Keep a reconciliation statement of an account."""
    sums = dict.fromkeys(("opening_tiyin", "debit_tiyin", "credit_tiyin", "closing_tiyin"), 0)
    buyer = dict.fromkeys(Party._fields) | {"name": "“Zamin agro” MChJ"}
    contents = {
        "account_number": "1", "language": "uz", "since": "2026-01-01", "until": "2026-02-01", "seller": None, "buyer": buyer,
        "lines": [], **sums,
    }  # fmt: skip
    row = demo_database.execute(
        "INSERT INTO account_statement (division_id, account_id, period_from, period_to, contents) "
        f"SELECT a.division_id, a.id, '2026-01-01', '2026-02-01', %s FROM account a WHERE {condition} ORDER BY a.id LIMIT 1 RETURNING id",
        (json.dumps(contents),),
    ).fetchone()
    assert row is not None
    return int(row[0])
