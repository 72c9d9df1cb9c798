"""A real worker on a real queue, killed in the middle of its work."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from rq import Callback, Queue
from rq.serializers import JSONSerializer
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import config
from app import clock
from app.domain.administration import JobKind
from app.domain.calendar import months_after
from app.domain.runs import RunStatus
from app.extensions import QUEUE_NAME, queue, redis
from app.jobs import runner
from app.queries import ledger, tariffs
from app.services import administration, billing, runs
from tests import commands
from tests.databases import environment, fresh_database
from tests.waiting import wait_for_row


@pytest.fixture(scope="module")
def street(servers: tuple[str, str]) -> str:
    """A database with a district whose last month is read but not billed."""
    url = fresh_database(servers[0], "pc_billing_street")
    redis(servers[1]).flushdb()  # bells of an earlier run, whose numbers come again
    commands.flask("demo", "load", "--accounts", "400", "--months", "3", environ=environment(url, servers[1]), check=True)
    return url


@pytest.fixture
def books(street: str) -> Iterator[Session]:
    engine = create_engine(config.database_url(street))
    with Session(engine) as session:
        yield session
    engine.dispose()


def start_worker(street: str, queue: str) -> commands.Running:
    return commands.Running("worker", environ=environment(street, queue))


def kill_all_of(worker: commands.Running) -> None:
    """Kill the worker and the process that does its job, as a power cut would."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def previewed_run(books: Session, month: date) -> int:
    district = books.connection().exec_driver_sql("SELECT id FROM division WHERE code = '1726902'").scalar_one()
    run = billing.open_run(books, division_id=district, month=month, today=months_after(month, 1))
    prices, policy = tariffs.prices(books), billing.policy_on(books, months_after(month, 1))
    [(found, _)] = billing.preview_steps(books, run, prices, policy)
    billing.finish_preview(books, run, found)
    return run.id


def test_killed_worker_leaves_a_posting_that_the_next_one_finishes(street: str, books: Session, servers: tuple[str, str]) -> None:
    run_id = previewed_run(books, months_after(clock.today(), -1))
    run = runs.run_of(books, billing.RUN, run_id)
    expected, amount = run.bills, run.amount_tiyin
    job = administration.start_job(books, JobKind.BILL_POST, division_id=run.division_id, subject_id=run_id, parameters={"chunk": 1})
    books.commit()

    first = start_worker(street, servers[1])
    wait_for_row(street, f"SELECT 1 FROM job_run WHERE id = {job} AND done >= 5")
    kill_all_of(first)
    books.expire_all()
    posted = runs.run_of(books, billing.RUN, run_id).bills
    books.rollback()
    second = start_worker(street, servers[1])
    try:
        wait_for_row(street, f"SELECT 1 FROM job_run WHERE id = {job} AND status = 'DONE'")
    finally:
        kill_all_of(second)

    assert 5 <= posted < expected
    done = runs.run_of(books, billing.RUN, run_id)
    assert (done.bills, done.amount_tiyin, done.status) == (expected, amount, RunStatus.POSTED)
    assert ledger.drifts(books) == []


def test_job_that_fails_says_so_and_its_run_is_not_left_open(street: str, books: Session, servers: tuple[str, str]) -> None:
    district = books.connection().exec_driver_sql("SELECT id FROM division WHERE code = '1726901'").scalar_one()
    run = billing.open_run(books, division_id=district, month=date(2020, 1, 1), today=date(2020, 2, 1))
    job = administration.start_job(books, JobKind.BILL_POST, division_id=district, subject_id=run.id)
    books.commit()

    worker = start_worker(street, servers[1])
    try:
        wait_for_row(street, f"SELECT 1 FROM job_run WHERE id = {job} AND status = 'FAILED' AND error LIKE 'RunNotReady%'")
    finally:
        kill_all_of(worker)

    books.expire_all()
    assert runs.run_of(books, billing.RUN, run.id).status == RunStatus.FAILED


def test_nothing_but_a_number_of_a_job_is_taken_from_the_queue(
    street: str, books: Session, servers: tuple[str, str], tmp_path: Path
) -> None:
    left = tmp_path / "left"
    rq_queue = {"connection": redis(servers[1])}
    pickled = Queue(QUEUE_NAME, **rq_queue).enqueue(os.mkdir, f"{left}-1")
    named = Queue(QUEUE_NAME, serializer=JSONSerializer, **rq_queue).enqueue(os.mkdir, f"{left}-2")
    told = Queue(QUEUE_NAME, serializer=JSONSerializer, **rq_queue).enqueue(
        "app.jobs.runner.perform_in_app", 0, on_success=Callback("os.mkdir")
    )
    rq_queue["connection"].hset(told.key, "success_callback_name", "os.getcwd")
    district = books.connection().exec_driver_sql("SELECT id FROM division WHERE code = '1726901'").scalar_one()
    number = administration.start_job(books, JobKind.LEDGER_VERIFY, division_id=district)
    books.commit()

    worker = start_worker(street, servers[1])
    try:
        wait_for_row(street, f"SELECT 1 FROM job_run WHERE id = {number} AND status NOT IN ('QUEUED', 'RUNNING')")
    finally:
        kill_all_of(worker)

    assert list(tmp_path.iterdir()) == []
    assert not [job for job in (pickled, named) if job.get_status(refresh=True) == "finished"]


def test_queue_holds_text_that_no_reader_takes_for_a_program(app: Flask) -> None:
    with app.app_context():
        queue().empty()
        runner.enqueue(424242)
        held = queue().fetch_job("job-424242")

        assert json.loads(held.data) == ["app.jobs.runner.perform_in_app", None, [424242], {}]
        queue().empty()
