"""The nightly check: started once a day, its result in the job's log, failed when anything differs."""

import psycopg
import pytest
from flask import Flask

from app import clock
from app.domain.administration import PARAMETERS, JobKind
from app.extensions import Scope, db, set_scope
from app.jobs import runner, schedule
from app.queries import administration as queries


def perform(app: Flask, job_id: int) -> tuple[str, list[str]]:
    with app.app_context():
        runner.perform(job_id)
        set_scope(Scope(actor="test", today=clock.today(), everywhere=True))
        found = queries.job(db.session(), job_id)
        assert found is not None
        lines = [message % places for _at, message, places in queries.job_log(db.session(), job_id)]
        db.session.remove()
        return found.status, lines


#: No hour of the day.
NEVER = 24


@pytest.fixture
def no_check_today(app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the check due at any hour, and no other daily job."""
    demo_database.execute("UPDATE job_run SET created_at = created_at - interval '1 day' WHERE kind = 'LEDGER_VERIFY'")
    for spec in app.extensions["jobs"].values():
        if spec.daily_at:
            hour = 0 if spec.kind == JobKind.LEDGER_VERIFY else NEVER
            monkeypatch.setitem(PARAMETERS, spec.daily_at, PARAMETERS[spec.daily_at]._replace(default=hour))


def start_daily_jobs(app: Flask) -> list[int]:
    with app.app_context():
        runner.enter_worker("test")
        try:
            return schedule.start_daily_jobs()
        finally:
            db.session.remove()


@pytest.mark.usefixtures("no_check_today")
def test_check_is_started_once_a_day_and_says_what_it_looked_at(app: Flask) -> None:
    first, second = start_daily_jobs(app), start_daily_jobs(app)

    assert len(first) == 1
    assert second == []
    status, lines = perform(app, first[0])
    assert status == "DONE", lines
    assert lines[-1].endswith(": 0 figures differ")
    assert " 0 bills computed again" not in lines[-1]


@pytest.mark.usefixtures("no_check_today")
def test_changed_transformer_under_a_closed_month_fails_the_check(app: Flask, demo_database: psycopg.Connection) -> None:
    row = demo_database.execute(
        "SELECT i.id, i.ct_primary, b.id FROM bill b JOIN consumption c ON c.bill_id = b.id JOIN reading r ON r.id = c.later_reading_id "
        "JOIN meter_installation i ON i.id = r.meter_installation_id ORDER BY b.id LIMIT 1"
    ).fetchone()
    assert row is not None
    change = "UPDATE meter_installation SET ct_primary = %s WHERE id = %s"
    # Past the guards, as only the cluster's owner can.
    demo_database.execute("SET session_replication_role = replica")
    demo_database.execute(change, (row[1] * 20, row[0]))
    try:
        (job_id,) = start_daily_jobs(app)
        status, lines = perform(app, job_id)
    finally:
        demo_database.execute(change, (row[1], row[0]))
        demo_database.execute("SET session_replication_role = origin")

    assert status == "FAILED"
    assert any(line.startswith(f"bill {row[2]}: multiplier of a bill's energy") for line in lines)
