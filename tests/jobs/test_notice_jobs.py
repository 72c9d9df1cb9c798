"""Messages sent by a real worker to a real gateway on loopback; the worker is killed while the gateway has the message."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app import clock
from app.domain.administration import JobKind
from app.domain.notices import NoticeKind
from app.extensions import redis
from app.services import administration, notices
from tests import commands
from tests.builders import Home, make_district, make_home
from tests.databases import environment, fresh_database
from tests.loopback import LOGIN, PASSWORD, EskizServer, SmtpServer, certificate, running
from tests.waiting import wait_for_row


@pytest.fixture(scope="module")
def url(servers: tuple[str, str]) -> str:
    """A database with the schema and nobody in it."""
    made = fresh_database(servers[0], "pc_billing_outbox")
    redis(servers[1]).flushdb()
    return made


@pytest.fixture
def home(url: str) -> Home:
    """An account whose consumer has a telephone; what was written to others before is out of the way."""
    with office(url) as session:
        cleaning = ("DELETE FROM delivery_receipt", "DELETE FROM notice_attempt", "DELETE FROM notice")
        for statement in ("UPDATE message_contract SET is_active = false", *cleaning, "UPDATE job_run SET status = 'FAILED'"):
            session.execute(text(statement))
        count = session.execute(text("SELECT count(*) FROM account")).scalar_one()
        return make_home(session, make_district(session, f"17269{90 + count}"))


@pytest.fixture
def eskiz() -> Iterator[EskizServer]:
    with running(EskizServer()) as server:
        yield server
        server.is_holding.clear()


@contextmanager
def office(url: str) -> Iterator[Session]:
    """A session whose work is committed at the end of the block."""
    engine = create_engine(config.database_url(url), poolclass=NullPool)
    with Session(engine) as session:
        yield session
        session.commit()


def queue(url: str, home: Home, words: str, *, lifetime: timedelta | None = None, kind: NoticeKind = NoticeKind.SMS_ANSWER) -> int:
    """Write a message that goes at any hour, and ask for a job that sends it, as the portal does."""
    with office(url) as session:
        notice = notices.queue_notice(session, home.account_id, words, now=clock.now(), kind=kind, lifetime=lifetime)
        administration.start_job(session, JobKind.NOTICE_SEND, division_id=home.division_id)
        return notice.id


@contextmanager
def worker(url: str, servers: tuple[str, str], **settings: str) -> Iterator[commands.Running]:
    """Run a worker, and kill it with the process that does its job when the block ends, as a power cut would."""
    process = commands.Running("worker", environ=environment(url, servers[1], **settings))
    try:
        yield process
    finally:
        # The process that does the job is in a session of its own, so the worker's group does not hold it.
        at_work = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for each in (process.pid, *map(int, at_work)):
            os.kill(each, signal.SIGKILL)
        process.wait()


def agree(url: str, address: str, gateway: str = "ESKIZ") -> int:
    """Agree with a gateway; messages go by it from now on."""
    contract = "name, gateway, address, login, secret, sender, part_price_tiyin, messages_a_call"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE message_contract SET is_active = false")
        values = ("trial", gateway, address, LOGIN, PASSWORD, "4546", 9500, 100)
        row = connection.execute(f"INSERT INTO message_contract ({contract}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id", values)
        return int((row.fetchone() or (0,))[0])


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement).fetchall()


def test_worker_killed_while_the_gateway_has_the_message_never_sends_it_twice(
    url: str, servers: tuple[str, str], home: Home, eskiz: EskizServer
) -> None:
    agree(url, eskiz.url)
    eskiz.is_holding.set()
    first = queue(url, home, "first")
    with worker(url, servers):
        assert eskiz.has_request.wait(60)
        during = rows(url, f"SELECT status FROM notice WHERE id = {first}")
    eskiz.is_holding.clear()
    second = queue(url, home, "second")

    with worker(url, servers):
        wait_for_row(url, f"SELECT 1 FROM notice WHERE id = {second} AND status = 'SENT'")
        wait_for_row(url, f"SELECT 1 FROM notice WHERE id = {first} AND status = 'IN_DOUBT'")

    assert during == [("SENDING",)]
    assert [message["message"] for message in eskiz.messages] == ["first", "second"]
    found = rows(url, "SELECT status, problem, attempts, provider_reference FROM notice ORDER BY id")
    assert found == [("IN_DOUBT", "WORKER_ENDED", 1, None), ("SENT", None, 1, "6f0c-2/0")]
    assert rows(url, "SELECT outcome FROM notice_attempt ORDER BY id") == [("UNKNOWN",), ("SENT",)]


def test_message_the_gateway_is_too_busy_for_is_tried_again_by_itself(
    url: str, servers: tuple[str, str], home: Home, eskiz: EskizServer
) -> None:
    agree(url, eskiz.url)
    eskiz.answers = [(503, {}), (200, {"id": "77", "status": ["waiting"]})]
    notice = queue(url, home, "again")

    with worker(url, servers):
        wait_for_row(url, f"SELECT 1 FROM notice WHERE id = {notice} AND status = 'QUEUED' AND attempts = 1")
        assert rows(url, f"SELECT due_at - now() > interval '15 s', problem FROM notice WHERE id = {notice}") == [(True, "BUSY")]
        rows(url, f"UPDATE notice SET due_at = now() WHERE id = {notice} RETURNING 1")
        wait_for_row(url, f"SELECT 1 FROM notice WHERE id = {notice} AND status = 'SENT' AND attempts = 2 AND provider_reference = '77/0'")


def test_without_a_gateway_a_message_waits_and_then_ends_as_too_late(url: str, servers: tuple[str, str], home: Home) -> None:
    waiting = queue(url, home, "waits")
    late = queue(url, home, "Your code is 424242.", kind=NoticeKind.PORTAL_CODE, lifetime=timedelta(seconds=1))

    with worker(url, servers):
        wait_for_row(url, f"SELECT 1 FROM notice WHERE id = {late} AND status = 'EXPIRED'")
        wait_for_row(url, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM job_run WHERE status IN ('QUEUED', 'RUNNING'))")

    assert rows(url, f"SELECT status, attempts, sent_at FROM notice WHERE id = {waiting}") == [("QUEUED", 0, None)]
    assert rows(url, f"SELECT text, attempts, sent_at FROM notice WHERE id = {late}") == [("Your code is ••••••.", 0, None)]


@pytest.mark.usefixtures("home")
def test_letter_to_a_user_goes_by_smtp(url: str, servers: tuple[str, str], tmp_path: Path) -> None:
    trusted = certificate(tmp_path / "server.pem")
    add = "INSERT INTO ab_user (id, first_name, last_name, username, email) VALUES (7, 'a', 'b', 'anna', 'anna@example.uz')"
    rows(url, f"{add} ON CONFLICT DO NOTHING RETURNING 1")
    with office(url) as session:
        words = {"subject": "Password", "message": "It was changed."}
        notice = notices.queue_staff_notice(session, 7, NoticeKind.STAFF_PASSWORD, now=clock.now(), **words)
        assert notice is not None
        letter = notice.id

    with running(SmtpServer(trusted)) as server:
        settings = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": str(server.port), "MAIL_FROM": "billing@example.uz", "MAIL_LOGIN": LOGIN}
        with worker(url, servers, **settings, MAIL_PASSWORD=PASSWORD, MAIL_CA=str(trusted)):
            wait_for_row(url, f"SELECT 1 FROM notice WHERE id = {letter} AND status = 'SENT'")

    assert [(each["To"], each["Subject"]) for each in server.letters] == [("anna@example.uz", "Password")]
    assert rows(url, f"SELECT provider_reference FROM notice WHERE id = {letter}") == [(f"<notice-{letter}@example.uz>",)]
