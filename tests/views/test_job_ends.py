"""How each kind of job ended, and the words its page and the list say then."""

from collections.abc import Callable, Iterator
from html import unescape

import psycopg
import pytest
from flask import Flask

from app.domain.administration import FINISHED, JobKind, JobStatus
from app.extensions import db
from app.jobs import runner
from app.jobs.kinds import JOBS
from app.services.runs import RunNotReady
from tests.browsers import MINE, log_in, one

WORDS = {
    JobStatus.DONE: "Done",
    JobStatus.PARTLY: "Done in part",
    JobStatus.REFUSED: "Refused: nothing was accepted",
    JobStatus.FAILED: "Failed",
    JobStatus.CANCELLED: "Cancelled",
}

#: File of each kind → contents that are good, good in part, refused in all rows, and no such file. None: it would write facts.
FILES: dict[str, tuple[str | None, str | None, str, str]] = {
    "DIVISION_IMPORT": (
        "code,name\n1726777,Yangi tuman\n",
        "code,name\n1726778,Boshqa tuman\n9999001,Hech qaysi\n",
        "code,name\n9999002,Hech qaysi\n",
        "something else",
    ),
    "SUBSIDY_IMPORT": (None, None, "account number,amount,month\n1,1000,2026-05\n", "something else"),
    "READING_CHECK": (
        "account,meter,date,reading\n{account},,{today},{dial}\n",
        "account,meter,date,reading\n{account},,{today},{dial}\n1,,{today},5\n",
        "account,meter,date,reading\n1,,{today},5\n",
        "something else",
    ),
}
ENDS = (JobStatus.DONE, JobStatus.PARTLY, JobStatus.REFUSED, JobStatus.REFUSED)


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    yield
    demo_database.execute(
        "DELETE FROM reading_import_row r USING reading_import i WHERE i.id = r.reading_import_id AND i.created_by = 'ends'"
    )
    demo_database.execute("DELETE FROM division WHERE code IN ('1726777', '1726778')")
    for table in ("reading_import", "penalty_run", "bill_run"):
        demo_database.execute(f"DELETE FROM {table} WHERE created_by = 'ends'")


def words_of(app: Flask, *jobs: str) -> dict[str, tuple[str, str]]:
    """Return the states of jobs as their pages and the list say them."""
    browser = log_in(app, "admin")
    rows = unescape(browser.text("/jobview/list/?psize_JobView=100")).split("<tr")[1:]
    found = {}
    for job in jobs:
        row = next(part for part in rows if f"/jobview/show/{job}" in part)
        cells = [cell.split("<")[0].strip() for cell in row.split(">")]
        page = unescape(browser.text(f"/jobview/show/{job}"))
        shown = page.split('<p role="status"><span class="badge ')[1].split(">")[1].split("<")[0]
        found[job] = shown, next(word for word in cells if word in set(WORDS.values()))
    return found


def perform(app: Flask, job: str) -> None:
    """Do a job as a worker does, with the rights of one."""
    with app.app_context():
        runner.enter_worker(f"job:{job}")
        try:
            runner.perform(int(job))
        finally:
            db.session.remove()


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_every_kind_has_a_word_for_every_end(app: Flask, demo_database: psycopg.Connection, status: JobStatus) -> None:
    jobs = {
        one(
            demo_database,
            "INSERT INTO job_run (kind, division_id, status, subject_id) "
            f"SELECT '{kind}', id, '{status}', 1 FROM division WHERE code = '{MINE}' RETURNING id",
        ): kind
        for kind in JobKind
    }

    said = words_of(app, *jobs)

    assert {jobs[job]: words for job, words in said.items() if words != (WORDS[status], WORDS[status])} == {}
    assert len(said) == len(JobKind)


def stop_while_queued(app: Flask, job: str) -> None:
    assert log_in(app, "admin").post(f"/jobview/cancel/{job}") == 302


def run_of(demo_database: psycopg.Connection, table: str, status: str) -> str:
    days = {"bill_run": ("billing_month", "'2019-01-01'"), "penalty_run": ("period_from, period_to", "'2019-01-01', '2019-02-01'")}
    columns, values = days[table]
    return one(
        demo_database,
        f"INSERT INTO {table} (division_id, {columns}, status, created_by) "
        f"SELECT id, {values}, '{status}', 'ends' FROM division WHERE code = '{MINE}' RETURNING id",
    )


@pytest.mark.parametrize(
    ("kind", "table", "status"),
    [
        ("BILL_PREVIEW", "bill_run", "PREVIEWING"),
        ("BILL_POST", "bill_run", "PREVIEWED"),
        ("PENALTY_PREVIEW", "penalty_run", "PREVIEWING"),
        ("PENALTY_ACCRUAL", "penalty_run", "PREVIEWED"),
    ],
)
@pytest.mark.parametrize("stop", ["by the button", "by the worker"])
def test_run_stopped_while_queued_is_cancelled_with_its_job_and_stays_so(
    app: Flask, demo_database: psycopg.Connection, kind: str, table: str, status: str, stop: str
) -> None:
    run = run_of(demo_database, table, status)
    job = one(
        demo_database,
        f"INSERT INTO job_run (kind, division_id, subject_id, cancel_requested) SELECT '{kind}', id, {run}, {stop == 'by the worker'} "
        f"FROM division WHERE code = '{MINE}' RETURNING id",
    )
    if stop == "by the button":
        stop_while_queued(app, job)

    perform(app, job)

    assert words_of(app, job)[job] == ("Cancelled", "Cancelled")
    assert one(demo_database, f"SELECT status FROM {table} WHERE id = {run}") == "CANCELLED"
    assert one(demo_database, f"SELECT attempts FROM job_run WHERE id = {job}") == ("0" if stop == "by the button" else "1")


def posting(demo_database: psycopg.Connection, run: str) -> str:
    return one(
        demo_database,
        "INSERT INTO job_run (kind, division_id, subject_id) "
        f"SELECT 'BILL_POST', id, {run} FROM division WHERE code = '{MINE}' RETURNING id",
    )


def test_posted_run_is_not_called_cancelled_by_a_second_job_that_is(app: Flask, demo_database: psycopg.Connection) -> None:
    run = run_of(demo_database, "bill_run", "POSTED")
    job = posting(demo_database, run)

    stop_while_queued(app, job)

    assert one(demo_database, f"SELECT status FROM bill_run WHERE id = {run}") == "POSTED"
    assert words_of(app, job)[job][0] == "Cancelled"


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_job_that_fails_is_failed_also_if_somebody_asked_it_to_stop(
    app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, is_cancelled: bool
) -> None:
    run = run_of(demo_database, "bill_run", "PREVIEWING")
    job = posting(demo_database, run)
    begun = JOBS[JobKind.BILL_POST]

    def stopped_meanwhile(*given: object) -> object:
        demo_database.execute(f"UPDATE job_run SET cancel_requested = {is_cancelled} WHERE id = {job}")
        return begun.work(*given)  # type: ignore[arg-type]

    monkeypatch.setitem(JOBS, JobKind.BILL_POST, begun._replace(work=stopped_meanwhile))
    with pytest.raises(RunNotReady):
        perform(app, job)

    assert words_of(app, job)[job] == ("Failed", "Failed")
    assert one(demo_database, f"SELECT status FROM bill_run WHERE id = {run}") == "FAILED"
    assert "RunNotReady" in one(demo_database, f"SELECT error FROM job_run WHERE id = {job}")


def file_of(demo_database: psycopg.Connection, content: str) -> str:
    return one(
        demo_database,
        "INSERT INTO stored_file (division_id, name, media_type, sha256, content) "
        f"SELECT id, 'ends.csv', 'text/csv', md5(random()::text), convert_to($${content}$$, 'UTF8') "
        f"FROM division WHERE code = '{MINE}' RETURNING id",
    )


def start(demo_database: psycopg.Connection, kind: str, file: str) -> str:
    subject = "NULL"
    if kind == "READING_CHECK":
        subject = one(
            demo_database,
            "INSERT INTO reading_import (division_id, stored_file_id, created_by) "
            f"SELECT id, {file}, 'ends' FROM division WHERE code = '{MINE}' RETURNING id",
        )
    given = f'{{"file_id": {file}, "programme": "ends"}}'
    return one(
        demo_database,
        "INSERT INTO job_run (kind, division_id, subject_id, parameters) "
        f"SELECT '{kind}', id, {subject}, '{given}' FROM division WHERE code = '{MINE}' RETURNING id",
    )


@pytest.fixture
def filled(demo_database: psycopg.Connection) -> Callable[[str], str]:
    """Return a function that fills in an account of the district, today and a reading that follows its last one."""
    row = demo_database.execute(
        "SELECT a.number, (now() AT TIME ZONE 'Asia/Tashkent')::date::text, max(r.dial_milli) / 1000 + 10 FROM account a "
        "JOIN division d ON d.id = a.division_id JOIN reading r ON r.account_id = a.id JOIN consumer c ON c.id = a.consumer_id "
        "JOIN register g ON g.id = r.register_id AND g.code = 'TOTAL' "
        "WHERE d.code = %s AND c.kind = 'HOUSEHOLD' GROUP BY a.id, a.number HAVING max(r.read_on) < current_date AND count(*) = "
        "(SELECT count(*) FROM reading o WHERE o.account_id = a.id) ORDER BY a.id LIMIT 1",
        (MINE,),
    ).fetchone()
    assert row is not None
    return lambda content: content.replace("{account}", row[0]).replace("{today}", row[1]).replace("{dial}", str(row[2]))


CASES = [(kind, place, content) for kind, contents in FILES.items() for place, content in enumerate(contents) if content is not None]


@pytest.mark.parametrize(("kind", "place", "content"), CASES, ids=lambda value: str(value).replace("\n", " "))
def test_file_is_called_what_became_of_its_rows(
    app: Flask, demo_database: psycopg.Connection, filled: Callable[[str], str], kind: str, place: int, content: str
) -> None:
    job = start(demo_database, kind, file_of(demo_database, filled(content)))

    perform(app, job)

    assert words_of(app, job)[job] == (WORDS[ENDS[place]], WORDS[ENDS[place]])
    if kind == "READING_CHECK":
        status = one(demo_database, f"SELECT status FROM reading_import WHERE id = (SELECT subject_id FROM job_run WHERE id = {job})")
        assert status == ("CHECKED" if place < 2 else "REFUSED")
