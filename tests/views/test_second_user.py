"""An administrator who makes himself a second user approves nothing of his own with it."""

import psycopg
import pytest
from flask import Flask

from app.extensions import appbuilder
from tests.browsers import Browser, log_in, one, token
from tests.views.members import enter

GIVEN, OWN = "a letter from the office", "my very own words"


@pytest.fixture
def second(app: Flask, demo_database: psycopg.Connection) -> Browser:
    """The browser of a user whom the administrator made a supervisor, past the choice of his password."""
    appbuilder.sm.limiter.storage.reset()  # type: ignore[union-attr]
    role = one(demo_database, "SELECT id FROM ab_role WHERE name = 'Supervisor'")
    division = one(demo_database, "SELECT id FROM division WHERE parent_id IS NULL")
    made = {
        "first_name": "Second", "last_name": "Self", "email": "second@self.uz", "username": "second-self", "password": GIVEN,
        "password_again": GIVEN, "roles": role, "divisions": division, "valid_from": "2020-01-01", "basis": "order 1",
    }  # fmt: skip
    assert log_in(app, "admin").post("/users/add", **made) == 302
    client = enter(app, "second-self", GIVEN)
    choice = token(client.get("/resetmypassword/form").text)
    form = {"csrf_token": choice, "old_password": GIVEN, "password": OWN, "password_again": OWN}
    assert client.post("/resetmypassword/form", data=form).status_code == 302
    client = enter(app, "second-self", OWN)
    return Browser(client, token(client.get("/approvalview/inbox").text))


def test_second_user_of_the_one_who_asks_decides_nothing(app: Flask, demo_database: psycopg.Connection, second: Browser) -> None:
    admin = log_in(app, "admin")
    today = one(demo_database, "SELECT (now() AT TIME ZONE 'Asia/Tashkent')::date")
    form = {"value": "5000000", "source": "order 7", "valid_from": today}
    assert admin.post("/parameters/acts.limit_som/set", **form) == 302
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'COMPANY_SETTING'")
    status = f"SELECT status FROM approval WHERE id = {request}"

    assert "Somebody else decides about this" in second.text(f"/approvalview/show/{request}")
    second.post(f"/approvalview/decide/{request}", decision="approve", remark="fine")

    assert one(demo_database, status) == "PENDING"
    log_in(app, "supervisor").post(f"/approvalview/decide/{request}", decision="approve", remark="fine")
    assert one(demo_database, status) == "APPROVED"


@pytest.mark.parametrize("name", ["system", "operator", "intake", "portal", "anonymous", "crediting", "readings"])
def test_nobody_is_named_as_the_audit_trail_names_machines(app: Flask, demo_database: psycopg.Connection, name: str) -> None:
    division = one(demo_database, "SELECT id FROM division WHERE parent_id IS NULL")
    made = {
        "first_name": "M", "last_name": "M", "email": "m@m.uz", "username": name, "password": GIVEN, "password_again": GIVEN,
        "divisions": division, "valid_from": "2020-01-01", "basis": "order 1",
    }  # fmt: skip

    log_in(app, "admin").post("/users/add", **made)

    assert one(demo_database, "SELECT count(*) FROM ab_user WHERE email = 'm@m.uz'") == "0"
