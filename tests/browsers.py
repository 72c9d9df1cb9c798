"""A browser without scripts, logged in, and looks into the database behind it."""

import re
from html import unescape
from typing import Any, NamedTuple

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.jobs import runner
from tests.databases import PASSWORD

#: Codes of the district whose people work in the tests, and of one they have nothing to do with.
MINE, FOREIGN = "1726901", "1718901"
#: A user who may do everything, but in one district only.
LOCAL = "local"


_ANSWERS: list[TestResponse] = []


class ClosingClient(FlaskClient):
    """A client whose answers are closed when the test ends, as a server closes them: a streamed one holds a connection till then."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        _ANSWERS.append(answer)
        return answer


def close_answers() -> None:
    """Close what the clients of a test were answered."""
    while _ANSWERS:
        _ANSWERS.pop().close()


class Browser(NamedTuple):
    """A browser with a logged-in user, and the token its forms carry."""

    client: FlaskClient
    token: str

    def status(self, address: str) -> int:
        return self.client.get(address).status_code

    def text(self, address: str) -> str:
        return unescape(self.client.get(address).text)

    def post(self, address: str, **form: str) -> int:
        return self.client.post(address, data=form | {"csrf_token": self.token}).status_code


def log_in(app: Flask, user: str) -> Browser:
    """Return the browser of a user who has logged in."""
    client = app.test_client()
    browser = Browser(client, token(client.get("/login/").text))
    assert browser.post("/login/", username=user, password=PASSWORD) == 302
    assert "_user_id" in _session(browser)
    return browser


def _session(browser: Browser) -> dict[str, object]:
    with browser.client.session_transaction() as session:
        return dict(session)


def token(page: str) -> str:
    """Return the token against forgery a page carries."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def one(demo_database: psycopg.Connection, statement: str) -> str:
    """Return the first value of the first row of a statement, as text."""
    row = demo_database.execute(statement).fetchone()
    assert row is not None, statement
    return str(row[0])


def perform_latest(app: Flask, demo_database: psycopg.Connection, status: str = "DONE") -> None:
    """Perform the newest job and check how it ended."""
    with app.app_context():
        runner.perform(int(one(demo_database, "SELECT max(id) FROM job_run")))
    assert one(demo_database, "SELECT status FROM job_run ORDER BY id DESC LIMIT 1") == status
