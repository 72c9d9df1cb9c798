"""Printing of a month: a file for each street, every bill once, faulty ones named, and nothing left running after a stop."""

import io
import json
import os
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import text

from app.domain.administration import JobKind
from app.extensions import Scope, db, set_scope, transaction
from app.jobs import documents, runner
from app.jobs.administration import processes
from app.queries import administration as queries
from app.queries.administration import JobRecord
from app.queries.billing import prints
from app.services import administration as jobs

TODAY = date(2026, 3, 1)


def in_scope() -> None:
    set_scope(Scope(actor="test", today=TODAY, everywhere=True))


@pytest.fixture
def month(app: Flask) -> Iterator[tuple[int, date]]:
    """The district of the town with the fewest bills in a month, and that month."""
    with app.app_context():
        in_scope()
        statement = "SELECT division_id, billing_month FROM bill GROUP BY 1, 2 ORDER BY count(*), 2 DESC LIMIT 1"
        found = db.session().execute(text(statement)).one()
        db.session.rollback()
        yield found[0], found[1]
        db.session.remove()


def start(month: tuple[int, date]) -> int:
    with transaction() as session:
        return jobs.start_job(session, JobKind.BILL_PRINT, division_id=month[0], parameters={"month": month[1].isoformat()})


def perform(job_id: int) -> JobRecord:
    runner.perform(job_id)
    in_scope()
    found = queries.job(db.session(), job_id)
    assert found is not None
    return found


def bills_of(month: tuple[int, date]) -> list[int]:
    print_batches = prints.print_batches(db.session(), division_id=month[0], month=month[1], by_mahalla=False, limit=documents.BATCH)
    return [bill for batch in print_batches for bill in batch.bill_ids]


def test_every_bill_of_a_month_is_printed_once_in_a_file_of_its_street(month: tuple[int, date]) -> None:
    bills = bills_of(month)

    job = perform(start(month))

    words = ""
    for file_id, _name, papers in job.checkpoint["files"]:
        stored = queries.stored_file(db.session(), file_id)
        assert stored is not None
        reader = PdfReader(io.BytesIO(stored[2]))
        assert len(reader.pages) >= papers
        words += "".join(page.extract_text() for page in reader.pages).replace("\xa0", " ")
    assert (job.status, job.done, job.total) == ("DONE", len(bills), len(bills))
    assert all(words.count(f"№ {bill} ·") == 1 for bill in bills)


def test_faulty_bill_is_named_and_stops_no_other(month: tuple[int, date], demo_database: psycopg.Connection) -> None:
    bills = bills_of(month)
    row = demo_database.execute("SELECT period_to, id FROM bill WHERE id = %s", (bills[0],)).fetchone()
    assert row is not None
    # Without its triggers the database lets a bill have a last day that no calendar has.
    demo_database.execute("SET session_replication_role = replica")
    demo_database.execute("UPDATE bill SET period_to = 'infinity' WHERE id = %s", (row[1],))
    try:
        job = perform(start(month))
    finally:
        demo_database.execute("UPDATE bill SET period_to = %s WHERE id = %s", row)
        demo_database.execute("SET session_replication_role = origin")

    assert (job.status, job.checkpoint["faulty"]) == ("PARTLY", [bills[0]])
    assert sum(pages for _, _, pages in job.checkpoint["files"]) == len(bills) - 1
    assert any(places.get("paper") == bills[0] for _, _, places in queries.job_log(db.session(), job.id))


def test_interrupted_printing_goes_on_with_the_next_file(month: tuple[int, date]) -> None:
    whole = perform(start(month))
    job_id = start(month)
    with transaction() as session:
        kept = {"piece": 1, "files": whole.checkpoint["files"][:1], "faulty": []}
        session.execute(
            text("UPDATE job_run SET checkpoint = CAST(:kept AS jsonb) WHERE id = :id"), {"kept": json.dumps(kept), "id": job_id}
        )

    job = perform(job_id)

    assert [(name, pages) for _, name, pages in job.checkpoint["files"]] == [(name, pages) for _, name, pages in whole.checkpoint["files"]]
    assert job.checkpoint["files"][0] == whole.checkpoint["files"][0]


def test_stop_ends_the_printing_between_two_files(month: tuple[int, date]) -> None:
    job_id = start(month)
    with transaction() as session:
        jobs.request_cancel(session, job_id)

    job = perform(job_id)

    assert job.status == "CANCELLED"
    assert job.checkpoint.get("files", []) == []


def test_results_come_in_the_order_of_the_work(app: Flask) -> None:
    with app.app_context():
        found = list(processes.spread(_squared, range(20), actor="test", processes=2))

    assert [square for square, _ in found] == [number * number for number in range(20)]
    assert os.getpid() not in {process for _, process in found}


def _squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()
