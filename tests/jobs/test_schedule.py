"""The schedule: one table, each entry by itself."""

import importlib
import pkgutil

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

import app.jobs
from app.domain.administration import PARAMETERS, JobKind
from app.extensions import scope
from app.jobs import schedule
from app.jobs.kinds import JOBS
from app.jobs.runner import JobSpec
from app.jobs.schedule import SCHEDULE, TURN_S, Scheduled


def test_every_declared_kind_of_job_is_collected_once() -> None:
    modules = [
        importlib.import_module(each.name) for each in pkgutil.walk_packages(app.jobs.__path__, "app.jobs.") if ".kinds" not in each.name
    ]
    declared = [spec for module in modules for spec in getattr(module, "JOBS", ()) if isinstance(spec, JobSpec)]

    assert sorted(spec.kind for spec in declared) == sorted(JobKind)
    assert {spec.kind for spec in declared if JOBS[spec.kind] is not spec} == set()


def test_pages_of_jobs_exist(app: Flask) -> None:
    assert {spec.page for spec in JOBS.values() if spec.page} - set(app.view_functions) == set()


def test_each_entry_is_due_by_a_parameter_that_no_turn_is_longer_than() -> None:
    assert [each.every for each in SCHEDULE if PARAMETERS[each.every].lowest < TURN_S] == []


def test_entry_that_fails_keeps_no_other_from_its_turn(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def fail() -> None:
        done.append("failed")
        raise OperationalError("SELECT", {}, Exception("gone"))

    def note() -> None:
        current = scope.get()
        done.append(current.actor if current else "nobody")

    short = (Scheduled("first", fail, "schedule.queue_seconds"), Scheduled("second", note, "schedule.queue_seconds"))
    monkeypatch.setattr(schedule, "SCHEDULE", (*short, Scheduled("third", note, "schedule.nodes_seconds")))

    for turn in range(11):
        schedule.run_turn(app, turn)

    assert done.count("failed") == done.count("second") == 11
    assert done.count("third") == 2


def test_interval_that_the_office_set_holds_from_the_next_turn(
    app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    monkeypatch.setattr(schedule, "SCHEDULE", (Scheduled("one", lambda: done.append(1), "schedule.nodes_seconds"),))
    demo_database.execute(
        "INSERT INTO operating_parameter (code, valid_from, value, source) VALUES ('schedule.nodes_seconds', '2020-01-01', '7', 'order')"
    )

    for turn in range(7):
        schedule.run_turn(app, turn)
    demo_database.execute("DELETE FROM operating_parameter WHERE code = 'schedule.nodes_seconds'")

    assert len(done) == 3, "every third turn: 7 seconds are three turns of 3"
