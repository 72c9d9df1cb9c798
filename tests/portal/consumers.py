"""A consumer of the portal, and the way in."""

import re
from typing import NamedTuple

import psycopg
from flask.testing import FlaskClient

from app.portal import codes


class Consumer(NamedTuple):
    """An account of the town whose owner has a telephone."""

    id: str
    number: str
    division: str


def consumer(demo_database: psycopg.Connection, condition: str = "p.debt_tiyin > 0") -> Consumer:
    """Return an account that meets a condition, one that was written to least, for tries are counted."""
    row = demo_database.execute(
        "SELECT a.id, a.number, a.division_id FROM account a JOIN consumer c ON c.id = a.consumer_id "
        f"JOIN account_position p ON p.account_id = a.id WHERE c.phone IS NOT NULL AND ({condition}) "
        "AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id) "
        "ORDER BY (SELECT count(*) FROM notice n WHERE n.account_id = a.id), a.number LIMIT 1"
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
