"""Sources of readings: a key holds once a second person agrees, is shown to nobody, and is stopped at once."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import basic
from tests.browsers import log_in, one

KEY = "a long key of a device"


@pytest.fixture
def form(demo_database: psycopg.Connection) -> Iterator[dict[str, str]]:
    """What the form of a new source holds; afterwards there is none."""
    division = one(demo_database, "SELECT id FROM division WHERE code = '1726901'")
    yield {
        "name": "Devices", "division": division, "source": "CONTROLLER", "login": "devices", "new_key": KEY, "networks": "",
        "is_active": "y",
    }  # fmt: skip
    demo_database.execute("DELETE FROM approval WHERE kind = 'COMPANY_SETTING'")
    demo_database.execute("DELETE FROM meter_data_source WHERE login = 'devices'")


def status(client: FlaskClient) -> int:
    return client.get("/api/readings/none", headers=basic("devices", KEY)).status_code


def test_key_of_a_source_holds_by_two_persons_and_is_stopped_by_one(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection, form: dict[str, str]
) -> None:
    administrator, supervisor = log_in(app, "admin"), log_in(app, "supervisor")
    assert administrator.post("/meterdatasourceview/add", **form | {"new_key": ""}) == 200
    assert administrator.post("/meterdatasourceview/add", **form) == 302
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'COMPANY_SETTING'")
    asked, shown = status(client), supervisor.text(f"/approvalview/show/{request}")

    assert supervisor.post(f"/approvalview/decide/{request}", decision="approve", remark="seen") == 302

    assert (asked, status(client)) == (401, 404)
    assert "Devices" in shown
    assert KEY not in shown
    source = one(demo_database, "SELECT id FROM meter_data_source WHERE login = 'devices'")
    assert KEY not in administrator.text(f"/meterdatasourceview/edit/{source}")
    stopped = {name: value for name, value in form.items() if name not in {"is_active", "new_key"}}
    assert administrator.post(f"/meterdatasourceview/edit/{source}", **stopped, new_key="", change_reason="lost") == 302
    assert status(client) == 401


def test_batch_is_listed_with_its_source_and_what_is_held_is_discarded(app: Flask, demo_database: psycopg.Connection) -> None:
    operator = log_in(app, "operator")
    batch = one(demo_database, "SELECT min(id) FROM reading_import WHERE status = 'CHECKED' AND meter_data_source_id IS NOT NULL")

    assert "ASKUE (demo)" in operator.text("/readingimportview/list/")
    page = operator.text(f"/readingimportview/show/{batch}")
    assert "Not all registers of the meter were read" in page
    assert operator.post(f"/readingimportview/discard/{batch}") == 302

    assert one(demo_database, f"SELECT status FROM reading_import WHERE id = {batch}") in {"ACCEPTED", "DISCARDED"}
