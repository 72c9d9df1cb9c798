"""What tests of providers' calls share: an account of the town, its position, and credentials."""

from base64 import b64encode
from collections.abc import Callable

import psycopg
import pytest

from app.api import providers
from app.api.tries import FailedKeyLimiter
from app.services.demo.payments import PROVIDER_KEY, PROVIDER_LOGIN


def basic(login: str = PROVIDER_LOGIN, key: str = PROVIDER_KEY) -> dict[str, str]:
    """Return the header of HTTP Basic credentials."""
    return {"Authorization": "Basic " + b64encode(f"{login}:{key}".encode()).decode()}


@pytest.fixture
def number(demo_database: psycopg.Connection) -> str:
    """The number of an open account."""
    row = demo_database.execute("SELECT number FROM account WHERE closed_on IS NULL ORDER BY number OFFSET 5 LIMIT 1").fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def owed(demo_database: psycopg.Connection) -> Callable[[str], int]:
    """What an account owes by the ledger, in tiyin; below zero: it has ahead."""

    def position(number: str) -> int:
        statement = (
            "SELECT p.debt_tiyin - p.advance_tiyin FROM account_position p JOIN account a ON a.id = p.account_id WHERE a.number = %s"
        )
        row = demo_database.execute(statement, (number,)).fetchone()
        assert row is not None
        return int(row[0])

    return position


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test meet the wrong keys of another."""
    monkeypatch.setattr(providers, "_tries", FailedKeyLimiter())
