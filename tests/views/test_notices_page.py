"""Messages on the screen: the word for what became of each, decisions about those in doubt, and what is said without a gateway."""

from collections.abc import Iterator
from html import unescape

import psycopg
import pytest
from flask import Flask

from tests.browsers import FOREIGN, MINE, Browser, log_in, one
from tests.loopback import agreed_gateway

LIST, ACT = "/noticeview/list/", "/noticeview/action_post"


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    last = one(demo_database, "SELECT coalesce(max(id), 0) FROM notice")
    yield
    demo_database.execute(f"DELETE FROM notice_attempt WHERE notice_id > {last}")
    demo_database.execute(f"DELETE FROM notice WHERE id > {last}")


@pytest.fixture
def chief(app: Flask) -> Browser:
    return log_in(app, "supervisor")


def message(demo_database: psycopg.Connection, status: str, code: str = MINE, kind: str = "MESSAGE") -> str:
    """Put a message into the outbox of a district, with one attempt, and return its number."""
    pk = one(
        demo_database,
        "INSERT INTO notice (division_id, account_id, kind, channel, phone, text, status, expires_at, attempts, provider, "
        f"provider_reference, problem) SELECT a.division_id, a.id, '{kind}', 'SMS', '+998901234567', 'Pay by the 10th', '{status}', "
        f"now() + interval '1 day', 1, 'ESKIZ', 'uuid-{status}', 'NO_ANSWER' "
        f"FROM account a JOIN division d ON d.id = a.division_id WHERE d.code = '{code}' "
        "ORDER BY a.id LIMIT 1 RETURNING id",
    )
    demo_database.execute(
        "INSERT INTO notice_attempt (division_id, notice_id, number, job_run_id, provider, started_at, finished_at, outcome, detail) "
        "SELECT division_id, id, 1, (SELECT min(id) FROM job_run), 'ESKIZ', now(), now(), 'UNKNOWN', 'HTTP 502' "
        f"FROM notice WHERE id = {pk}"
    )
    return pk


def state(demo_database: psycopg.Connection, pk: str) -> str:
    return one(demo_database, f"SELECT status || ' ' || coalesce(decided_by, '-') FROM notice WHERE id = {pk}")


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("QUEUED", "Queued"),
        ("SENDING", "Being sent"),
        ("SENT", "Sent"),
        ("FAILED", "Not sent"),
        ("IN_DOUBT", "In doubt: sent or not"),
        ("EXPIRED", "Not sent: too late"),
    ],
)
@pytest.mark.parametrize("console", [False, True])
def test_each_state_has_its_word_in_the_list_and_in_the_console(
    app: Flask, demo_database: psycopg.Connection, status: str, word: str, console: bool
) -> None:
    pk = message(demo_database, status)

    page = unescape(log_in(app, "admin").text("/console/notice/" if console else f"{LIST}?_flt_0_status={status}"))

    row = next(part for part in page.split("<tr")[1:] if f">{pk}</a>" in part)
    cells = [cell.split("<")[0].strip() for cell in row.replace("</a>", "").split(">")]
    assert word in cells


def test_page_of_a_message_shows_its_attempts_and_the_words_of_the_gateway(chief: Browser, demo_database: psycopg.Connection) -> None:
    page = chief.text(f"/noticeview/show/{message(demo_database, 'IN_DOUBT')}")

    assert [word for word in ("HTTP 502", "Not known", "uuid-IN_DOUBT", "Not sent after", "Pay by the 10th") if word not in page] == []


@pytest.mark.parametrize("address", [LIST, "/console/notice/"])
def test_pages_say_that_nothing_is_sent_without_a_gateway(
    app: Flask, address: str, monkeypatch: pytest.MonkeyPatch, demo_database: psycopg.Connection
) -> None:
    browser = log_in(app, "admin")
    silent = browser.text(address)
    monkeypatch.setitem(app.config, "MAIL_HOST", "127.0.0.1")
    with agreed_gateway(demo_database):
        sending = browser.text(address)

    assert "No gateway is set up for: SMS, E-mail." in silent
    assert "No gateway is set up" not in sending


def test_supervisor_decides_about_messages_in_doubt_and_the_trail_says_who(chief: Browser, demo_database: psycopg.Connection) -> None:
    first, second = message(demo_database, "IN_DOUBT"), message(demo_database, "IN_DOUBT")

    assert chief.post(ACT, action="mark_notices_sent", rowid=[first]) == 302
    assert chief.post(ACT, action="send_notices_again", rowid=[second]) == 302

    assert (state(demo_database, first), state(demo_database, second)) == ("SENT supervisor", "QUEUED supervisor")
    trail = (
        "SELECT actor || ' ' || (before ->> 'status') || ' ' || (after ->> 'status') FROM audit_entry "
        "WHERE table_name = 'notice' AND row_id = "
    )
    assert one(demo_database, f"{trail}{first} ORDER BY id DESC LIMIT 1") == "supervisor IN_DOUBT SENT"
    assert one(demo_database, f"{trail}{second} ORDER BY id DESC LIMIT 1") == "supervisor IN_DOUBT QUEUED"


@pytest.mark.parametrize(
    ("status", "kind", "action"),
    [
        ("SENT", "MESSAGE", "send_notices_again"),
        ("QUEUED", "MESSAGE", "send_notices_again"),
        ("FAILED", "PORTAL_CODE", "send_notices_again"),
        ("FAILED", "MESSAGE", "mark_notices_sent"),
        ("SENT", "MESSAGE", "mark_notices_sent"),
    ],
)
def test_message_that_does_not_allow_a_decision_stays_and_the_others_are_decided_about(
    chief: Browser, demo_database: psycopg.Connection, status: str, kind: str, action: str
) -> None:
    wrong, fine = message(demo_database, status, kind=kind), message(demo_database, "IN_DOUBT")

    assert chief.post(ACT, action=action, rowid=[fine, wrong]) == 302

    decided = {"send_notices_again": "QUEUED supervisor", "mark_notices_sent": "SENT supervisor"}
    assert (state(demo_database, wrong), state(demo_database, fine)) == (f"{status} -", decided[action])


def test_who_may_only_look_decides_nothing_and_foreign_messages_are_nowhere(
    app: Flask, local: str, demo_database: psycopg.Connection
) -> None:
    mine, foreign = message(demo_database, "IN_DOUBT"), message(demo_database, "IN_DOUBT", FOREIGN)
    operator, stranger = log_in(app, "operator"), log_in(app, local)

    assert operator.status(f"/noticeview/show/{mine}") == 200
    assert operator.post(ACT, action="send_notices_again", rowid=[mine]) == 403
    assert stranger.status(f"/noticeview/show/{foreign}") == 404
    assert stranger.post(ACT, action="send_notices_again", rowid=[foreign]) == 404
    assert state(demo_database, foreign) == "IN_DOUBT -"
