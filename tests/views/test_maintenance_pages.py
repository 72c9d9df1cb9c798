"""While maintenance lasts everything can be read, nothing changes but payments."""

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask

from app.jobs import runner
from app.services.demo.payments import PROVIDER_KEY, PROVIDER_LOGIN
from tests.api.conftest import basic
from tests.browsers import log_in, one


@pytest.fixture
def maintained(demo_database: psycopg.Connection) -> Iterator[Callable[[], None]]:
    yield lambda: demo_database.execute("INSERT INTO maintenance (message) VALUES ('New version until six')")  # type: ignore[func-returns-value]
    demo_database.execute("DELETE FROM maintenance")


def test_back_office_is_read_only_and_payments_are_taken(
    app: Flask, demo_database: psycopg.Connection, maintained: Callable[[], None]
) -> None:
    cashier = log_in(app, "cashier")
    account = demo_database.execute("SELECT id, number FROM account WHERE closed_on IS NULL ORDER BY id LIMIT 1").fetchone()
    assert account is not None
    fields = {"client_id": account[1]}
    params = {"serviceId": 7, "transactionId": 66_001, "amount": 100_000, "time": "2026-09-22 11:06:00", "fields": fields}
    body = {"jsonrpc": "2.0", "method": "PerformTransaction", "id": 1, "params": params}

    maintained()

    assert cashier.status("/cashier/") == 200
    assert "New version until six" in cashier.text("/cashier/")
    assert cashier.post(f"/cashier/take/{account[0]}", amount_tiyin="1500", reference="m1") == 503
    answer = app.test_client().post("/api/paynet", data=json.dumps(body), headers=basic(PROVIDER_LOGIN, PROVIDER_KEY))
    assert "result" in json.loads(answer.data)


def test_jobs_begin_when_it_is_over(app: Flask, demo_database: psycopg.Connection, maintained: Callable[[], None]) -> None:
    job = one(demo_database, "INSERT INTO job_run (kind, division_id) SELECT 'NOTICE_SEND', min(id) FROM division RETURNING id")
    maintained()
    with app.app_context():
        runner.perform(int(job))
    assert one(demo_database, f"SELECT status FROM job_run WHERE id = {job}") == "QUEUED"

    demo_database.execute("DELETE FROM maintenance")
    with app.app_context():
        runner.perform(int(job))

    assert one(demo_database, f"SELECT status FROM job_run WHERE id = {job}") == "DONE"
