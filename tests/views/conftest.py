"""A member of the staff for tests of sessions."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from limits.storage import MemoryStorage

from app.cli import access
from app.extensions import appbuilder
from tests.databases import PASSWORD
from tests.views.members import MEMBER, OTHER


@pytest.fixture(scope="module")
def member(app: Flask, town_url: str) -> str:
    """A user of his own for these tests."""
    with app.app_context(), psycopg.connect(town_url) as town:
        for name in (MEMBER, OTHER):
            user_id = access.add_user(username=name, first_name="Ses", last_name="Sion", role_names=["Cashier"], password=PASSWORD)
            town.execute(
                "INSERT INTO division_access (user_id, division_id, valid_from, basis) "
                "SELECT %s, id, '2020-01-01', 'test' FROM division WHERE code = '1726' ON CONFLICT DO NOTHING",
                (user_id,),
            )
    return MEMBER


@pytest.fixture
def clean(member: str, town: psycopg.Connection) -> Iterator[None]:
    """Counters of failures at zero before, and the member as he was after."""
    storage = appbuilder.sm.limiter.storage
    assert isinstance(storage, MemoryStorage)
    storage.reset()
    before = town.execute("SELECT password FROM ab_user WHERE username = %s", (member,)).fetchone()
    assert before is not None
    yield
    town.execute("UPDATE ab_user SET password = %s, active = true WHERE username = %s", (before[0], member))
    town.execute("DELETE FROM totp_device")
    town.execute("DELETE FROM given_password")
    town.execute("DELETE FROM operating_parameter WHERE code LIKE 'access.%'")
