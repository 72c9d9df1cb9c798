"""The schedule: one table, each entry by itself."""

import importlib
import pkgutil

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

import app.jobs
from app.domain.administration import JobKind
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


def test_entries_are_due_at_whole_turns() -> None:
    assert [each.work.__qualname__ for each in SCHEDULE if each.every_s % TURN_S] == []


def test_entry_that_fails_keeps_no_other_from_its_turn(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def fail() -> None:
        done.append("failed")
        raise OperationalError("SELECT", {}, Exception("gone"))

    def note() -> None:
        current = scope.get()
        done.append(current.actor if current else "nobody")

    monkeypatch.setattr(schedule, "SCHEDULE", (Scheduled("first", fail, 3), Scheduled("second", note, 3), Scheduled("third", note, 30)))

    for turn in range(11):
        schedule.run_turn(app, turn)

    assert done.count("failed") == done.count("second") == 11
    assert done.count("third") == 2
