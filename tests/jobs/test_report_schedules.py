"""Reports by e-mail: made with the rights of each receiver, once a run, and sent to a real mail server on loopback."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import Message
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app import clock
from app.domain.administration import PARAMETERS
from app.domain.notices import rules_at
from app.extensions import Scope, db, set_scope, transaction
from app.jobs import notices, runner
from app.jobs.reports import sending as reports
from app.queries import administration
from app.queries.reports.schedules import sendings
from app.services import notices as letters
from app.services.reports import schedules as service
from tests.browsers import one
from tests.loopback import SmtpServer, certificate, running


@pytest.fixture
def office(app: Flask, demo_database: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The town's database, with nothing of schedules in it and no letters waiting."""
    demo_database.execute("UPDATE report_schedule SET status = 'PAUSED'")
    demo_database.execute("UPDATE notice SET status = 'EXPIRED' WHERE status = 'QUEUED'")
    demo_database.execute("UPDATE ab_user SET active = true")
    with app.app_context():
        set_scope(Scope(actor="tester", today=clock.today(), everywhere=True))
        yield demo_database
        db.session.remove()


@pytest.fixture
def post(tmp_path: Path, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpServer]:
    with running(SmtpServer(certificate(tmp_path / "server.pem"))) as server:
        given = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": server.port, "MAIL_SECURITY": "starttls", "MAIL_FROM": "billing@example.uz"}
        for name, value in (given | {"MAIL_LOGIN": "office@example.uz", "MAIL_PASSWORD": "gateway-secret"}).items():
            monkeypatch.setitem(app.config, name, value)
        monkeypatch.setitem(app.config, "MAIL_CA", str(tmp_path / "server.pem"))
        yield server


def schedule(database: psycopg.Connection, *receivers: str, report: str = "payments", kind: str = "CSV", code: str = "1726") -> int:
    """Add a schedule of every day from midnight on that counts since long ago."""
    statement = """
        INSERT INTO report_schedule (division_id, report, span, file_format, rhythm, hour, receiver_ids, owner_id, counts_from)
        SELECT d.id, %s, 'MONTH_SO_FAR', %s, 'DAILY', 0, ARRAY(SELECT id FROM ab_user WHERE username = ANY(%s) ORDER BY id),
               (SELECT id FROM ab_user WHERE username = 'supervisor'), '2020-01-01'
        FROM division d WHERE d.code = %s RETURNING id
        """
    row = database.execute(statement, (report, kind, list(receivers), code)).fetchone()
    assert row is not None
    return int(row[0])


def outcomes(schedule_id: int) -> dict[str, str]:
    found = sendings(db.session(), schedule_id, limit=100)
    db.session.remove()
    return {each.username: str(each.outcome) for each in found}


def run() -> list[int]:
    jobs = reports.start_due()
    for job_id in jobs:
        runner.perform(job_id)
        set_scope(Scope(actor="tester", today=clock.today(), everywhere=True))
    return jobs


def send_letters(url: str, app: Flask) -> None:
    """Send what waits, with the rights of a worker."""
    engine = create_engine(config.database_url(url), poolclass=NullPool)
    with app.app_context(), Session(engine) as session:
        session.execute(text("SET ROLE pcb_worker"))
        rules = rules_at(clock.now(), administration.values_on(session, "notices", clock.today()))
        job_id = letters.start_due(session, letters.channels_with_gateway(session, app.config), rules=rules, now=clock.now())
        assert job_id is not None
        session.commit()
        session.execute(text("SET ROLE pcb_worker"))
        record = administration.job(session, job_id)
        assert record is not None
        for _step in notices.send(session, record):
            session.commit()
            session.execute(text("SET ROLE pcb_worker"))
        session.execute(text("UPDATE job_run SET status = 'DONE' WHERE id = :id"), {"id": job_id})
        session.commit()


def attachment(letter: Message) -> tuple[str | None, bytes]:
    (found,) = (part for part in letter.walk() if part.get_content_disposition() == "attachment")
    content = found.get_payload(decode=True)
    assert isinstance(content, bytes)
    return found.get_filename(), content


def test_each_receiver_gets_by_mail_what_he_may_see(office: psycopg.Connection, post: SmtpServer, demo_url: str, app: Flask) -> None:
    made = schedule(office, "supervisor", "operator", "engineer", "inspector")

    run()
    send_letters(demo_url, app)

    assert outcomes(made) == {"supervisor": "ATTACHED", "operator": "ATTACHED", "engineer": "NO_RIGHT", "inspector": "NO_DIVISION"}
    by_address = {letter["To"].partition("@")[0]: letter for letter in post.letters if letter.is_multipart()}
    assert sorted(by_address) == ["operator", "supervisor"]
    name, content = attachment(by_address["operator"])
    assert name == "payments.csv"
    assert content.startswith("\ufeff".encode())
    assert content.count(b"\n") > 2
    letter_states = office.execute(
        "SELECT DISTINCT n.status FROM report_sending s JOIN notice n ON n.id = s.notice_id WHERE s.report_schedule_id = %s", (made,)
    ).fetchall()
    assert letter_states == [("SENT",)]


def test_owner_is_told_who_got_nothing(office: psycopg.Connection, post: SmtpServer, demo_url: str, app: Flask) -> None:
    office.execute("UPDATE ab_user SET active = false WHERE username = 'lawyer'")
    made = schedule(office, "lawyer", "operator")

    run()
    send_letters(demo_url, app)

    assert outcomes(made) == {"operator": "ATTACHED", "lawyer": "NOT_ACTIVE"}
    (told,) = (letter for letter in post.letters if letter["To"].startswith("supervisor"))
    words = told.get_payload(decode=True)
    assert isinstance(words, bytes)
    assert b"lawyer" in words
    assert b"operator" not in words


def test_receiver_whose_post_ended_gets_nothing(office: psycopg.Connection) -> None:
    office.execute("UPDATE staff_member SET valid_to = current_date - 1 WHERE user_id = (SELECT id FROM ab_user WHERE username = 'lawyer')")
    made = schedule(office, "lawyer")

    run()

    office.execute("UPDATE staff_member SET valid_to = NULL WHERE user_id = (SELECT id FROM ab_user WHERE username = 'lawyer')")
    assert outcomes(made) == {"lawyer": "LEFT"}


def test_schedule_and_day_run_once(office: psycopg.Connection) -> None:
    schedule(office, "operator")

    assert [len(run()) for _turn in range(3)] == [1, 0, 0]


def test_run_that_died_half_way_goes_on_without_writing_twice(office: psycopg.Connection) -> None:
    made = schedule(office, "supervisor", "operator", "engineer")
    (job_id,) = reports.start_due()
    runner.perform(job_id)
    set_scope(Scope(actor="tester", today=clock.today(), everywhere=True))
    letters = one(office, "SELECT count(*) FROM notice")

    # As if the worker had died before the end was recorded: the job is taken up again.
    office.execute("UPDATE job_run SET status = 'RUNNING', finished_at = NULL WHERE id = %s", (job_id,))
    runner.perform(job_id)

    assert one(office, "SELECT count(*) FROM notice") == letters
    assert one(office, f"SELECT count(*) FROM report_sending WHERE report_schedule_id = {made}") == "3"


def test_file_too_large_for_a_letter_is_a_link(
    office: psycopg.Connection, post: SmtpServer, demo_url: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PARAMETERS, "reports.attachment_kb", PARAMETERS["reports.attachment_kb"]._replace(default=1))
    made = schedule(office, "operator", kind="PDF")

    run()
    send_letters(demo_url, app)

    assert outcomes(made) == {"operator": "LINKED"}
    (letter,) = post.letters
    file_id = one(office, f"SELECT stored_file_id FROM report_sending WHERE report_schedule_id = {made}")
    words = letter.get_payload(decode=True)
    assert isinstance(words, bytes)
    assert f"/files/{file_id}".encode() in words


def test_schedule_of_a_dismissed_owner_stops_until_somebody_lets_it_go_on(office: psycopg.Connection) -> None:
    made = schedule(office, "operator")
    office.execute("UPDATE ab_user SET active = false WHERE username = 'supervisor'")

    assert run() == []
    assert one(office, f"SELECT status FROM report_schedule WHERE id = {made}") == "OWNER_LEFT"

    operator = int(one(office, "SELECT id FROM ab_user WHERE username = 'operator'"))
    with transaction() as session:
        service.set_paused(session, made, paused=False, by=operator, now=clock.now() - timedelta(days=3))
    assert len(run()) == 1
    assert one(office, f"SELECT owner_id FROM report_schedule WHERE id = {made}") == str(operator)
