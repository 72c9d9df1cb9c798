"""A shadow run on the screen: started by a supervisor, done by a job, read by step and division; nobody else starts one."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsers import MINE, log_in, one, perform_latest

POSTED = "SELECT concat((SELECT count(*) FROM bill), ' ', (SELECT count(*) FROM bill_line), ' ', (SELECT count(*) FROM ledger_entry))"


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    yield
    demo_database.execute("DELETE FROM shadow_result")
    demo_database.execute("DELETE FROM shadow_run")


def test_supervisor_tries_prices(app: Flask, demo_database: psycopg.Connection) -> None:
    supervisor, cashier = log_in(app, "supervisor"), log_in(app, "cashier")
    division = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    form = {
        "division": division,
        "month": one(demo_database, f"SELECT max(billing_month) FROM bill WHERE division_id = {division}"),
        "tariff": one(
            demo_database, "SELECT min(t.id) FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id WHERE g.code = 'HOUSEHOLD'"
        ),
        "draft": "",
    }
    before, runs = one(demo_database, POSTED), one(demo_database, "SELECT count(*) FROM shadow_run")

    assert supervisor.status("/shadowrunview/open") == 200
    assert cashier.post("/shadowrunview/open", **form, blocks="=5000") == 403
    assert supervisor.post("/shadowrunview/open", **form, blocks="no blocks") == 200
    assert one(demo_database, "SELECT count(*) FROM shadow_run") == runs
    assert supervisor.post("/shadowrunview/open", **form, blocks="100=5000; =9000") == 302
    perform_latest(app, demo_database)

    run = one(
        demo_database,
        "SELECT max(id) FROM shadow_run WHERE status = 'PREVIEWED' AND bills > 0 AND amount_proposed_tiyin > amount_now_tiyin",
    )
    page = supervisor.text(f"/shadowrunview/show/{run}")
    assert "100=5000; =9000" in page
    assert f"/shadowrunview/show/{run}?division={division}" in page
    assert "run-chart-data" in page
    assert supervisor.status(f"/shadowrunview/show/{run}?division={division}") == 200
    assert supervisor.status(f"/shadowrunview/show/{run}?division=999999") == 404
    assert supervisor.status("/shadowrunview/list/") == 200
    assert cashier.status(f"/shadowrunview/show/{run}") in {302, 403}
    assert one(demo_database, POSTED) == before
