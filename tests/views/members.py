"""A member of the staff whose sessions and second factor are tried."""

from datetime import UTC, datetime

import psycopg
import pyotp
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from tests.browsers import token
from tests.databases import PASSWORD

MEMBER, OTHER = "session-member", "session-other"
NEW_PASSWORD = "a quiet river at dawn"


def post(client: FlaskClient, form_at: str, address: str | None = None, **form: str) -> tuple[int, str]:
    """Send a form with its token; return the status, and where it leads or what it shows."""
    made = token(client.get(form_at).text)
    answer = client.post(address or form_at, data=form | {"csrf_token": made})
    return answer.status_code, answer.headers.get("Location") or answer.text


def try_login(client: FlaskClient, password: str, address: str = "127.0.0.1", user: str = MEMBER) -> int:
    form = {"username": user, "password": password, "csrf_token": token(client.get("/login/").text)}
    return client.post("/login/", data=form, environ_base={"REMOTE_ADDR": address}).status_code


def enter(app: Flask, user: str = MEMBER, password: str = PASSWORD, address: str = "127.0.0.1") -> FlaskClient:
    client = app.test_client()
    assert try_login(client, password, address, user) == 302
    return client


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("session")
    assert found is not None
    return found.value


def last(demo_database: psycopg.Connection, user: str = MEMBER) -> dict[str, object]:
    """Return the newest session of a user."""
    row = demo_database.execute(
        "SELECT s.opened_at IS NOT NULL, s.ended_at IS NOT NULL, s.ended_by, s.end_reason, s.wrong_codes, s.address "
        "FROM user_session s JOIN ab_user u ON u.id = s.user_id WHERE u.username = %s ORDER BY s.id DESC LIMIT 1",
        (user,),
    ).fetchone()
    assert row is not None
    return dict(zip(("open", "ended", "by", "reason", "wrong", "address"), row, strict=True))


def user_id(demo_database: psycopg.Connection, user: str = MEMBER) -> int:
    row = demo_database.execute("SELECT id FROM ab_user WHERE username = %s", (user,)).fetchone()
    assert row is not None
    return int(row[0])


def newest_session(demo_database: psycopg.Connection) -> str:
    row = demo_database.execute("SELECT max(id) FROM user_session WHERE user_id = %s", (user_id(demo_database),)).fetchone()
    assert row is not None
    return str(row[0])


def give_device(demo_database: psycopg.Connection, user: str = MEMBER) -> pyotp.TOTP:
    secret = pyotp.random_base32()
    demo_database.execute(
        "INSERT INTO totp_device (user_id, secret, confirmed_at, last_step) VALUES (%s, %s, now(), 0)",
        (user_id(demo_database, user), secret),
    )
    return pyotp.TOTP(secret)


def code_at(device: pyotp.TOTP, seconds: int = 0) -> str:
    return device.at(datetime.fromtimestamp(clock.now().timestamp() + seconds, UTC))
