"""A figure that crosses its threshold is told once, and again only after it came back."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app import clock
from app.extensions import Scope, db, set_scope
from app.jobs import alerts
from app.queries import administration
from tests.browsers import one


@pytest.fixture
def watched(app: Flask, demo_database: psycopg.Connection) -> Iterator[int]:
    """An alert about failed jobs of the district, above what there are now, for two who may know of it and one who may not."""
    demo_database.execute("UPDATE alert SET is_paused = true")
    with app.app_context():
        set_scope(Scope(actor="scheduler", today=clock.today(), everywhere=True))
        division = int(one(demo_database, "SELECT id FROM division WHERE code = '1726'"))
        now = alerts.figure(db.session(), "failed_jobs", division, administration.divisions(db.session()))
        statement = """
            INSERT INTO alert (division_id, indicator, comparison, threshold, receiver_ids, owner_id)
            SELECT %s, 'failed_jobs', 'ABOVE', %s,
                   ARRAY(SELECT id FROM ab_user WHERE username IN ('supervisor', 'operator', 'engineer')), id
            FROM ab_user WHERE username = 'supervisor' RETURNING id
            """
        row = demo_database.execute(statement, (division, now)).fetchone()
        assert row is not None
        yield int(row[0])
        db.session.remove()


def fail_a_job(database: psycopg.Connection) -> None:
    values = "SELECT id, 'LEDGER_VERIFY', 'FAILED' FROM division WHERE code = '1726'"
    database.execute(f"INSERT INTO job_run (division_id, kind, status) {values}")


def events(database: psycopg.Connection, alert: int) -> list[str]:
    return [row[0] for row in database.execute("SELECT event FROM alert_crossing WHERE alert_id = %s ORDER BY id", (alert,))]


def letters(database: psycopg.Connection, alert: int) -> list[str]:
    found = database.execute("SELECT email FROM notice WHERE text LIKE %s ORDER BY id", (f"%/alertview/show/{alert}",))
    return [row[0].partition("@")[0] for row in found]


def test_crossing_is_told_once_and_again_after_it_came_back(watched: int, demo_database: psycopg.Connection) -> None:
    assert alerts.look_at_all() == 0

    fail_a_job(demo_database)
    assert [alerts.look_at_all(), alerts.look_at_all()] == [1, 0]
    assert sorted(letters(demo_database, watched)) == ["operator", "supervisor"]

    demo_database.execute("UPDATE job_run SET status = 'DONE' WHERE kind = 'LEDGER_VERIFY' AND status = 'FAILED' AND started_at IS NULL")
    assert alerts.look_at_all() == 0
    fail_a_job(demo_database)
    assert alerts.look_at_all() == 1

    assert events(demo_database, watched) == ["CROSSED", "RETURNED", "CROSSED"]
    assert len(letters(demo_database, watched)) == 4
