"""The console: who may look, who may set operating parameters, and that the past stays as it was."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app.domain.administration import PARAMETERS
from app.labels import PARAMETER_TEXTS
from tests.browsers import Browser, log_in, one

PAGE = "/console/operating_parameter/"
TABLES = "job_run job_event notice gateway_call tender audit_entry reading_import stored_file".split()


@pytest.fixture
def browser(app: Flask, demo_database: psycopg.Connection) -> Iterator[Browser]:
    before = one(demo_database, "SELECT coalesce(max(id), 0) FROM operating_parameter")
    demo_database.execute(
        "INSERT INTO operating_parameter (code, valid_from, value, source) VALUES ('billing.due_day', '2000-01-01', '10', 'Order 0')"
    )
    yield log_in(app, "admin")
    demo_database.execute("DELETE FROM approval WHERE kind = 'COMPANY_SETTING'")
    demo_database.execute(f"DELETE FROM operating_parameter WHERE id > {before}")


def today(demo_database: psycopg.Connection) -> str:
    return one(demo_database, "SELECT (now() AT TIME ZONE 'Asia/Tashkent')::date")


def rows(demo_database: psycopg.Connection, code: str) -> list[tuple[str, str]]:
    found = demo_database.execute("SELECT valid_from::text, value FROM operating_parameter WHERE code = %s ORDER BY valid_from", (code,))
    return [(row[0], row[1]) for row in found]


def setting(value: str, day: str, code: str = "billing.due_day", source: str = "Order 1") -> dict[str, str]:
    return {"code": code, "value": value, "valid_from": day, "source": source, "form": f"{code.replace('.', '-')}-new"}


def agree(app: Flask, demo_database: psycopg.Connection, user: str = "supervisor") -> int:
    """Decide about the newest value."""
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'COMPANY_SETTING'")
    return log_in(app, user).post(f"/approvalview/decide/{request}", decision="approve", remark="")


def test_every_parameter_has_a_meaning_in_words() -> None:
    assert set(PARAMETER_TEXTS) == set(PARAMETERS)


def test_every_parameter_is_shown_even_one_never_set(browser: Browser) -> None:
    page = browser.text(PAGE)

    assert [code for code in PARAMETERS if code not in page] == []
    assert "the default: never set" in page
    assert "Day of the next month by which a bill is to be paid." in page


def test_value_in_force_is_kept_and_a_new_one_holds_once_a_second_person_agrees(
    app: Flask, browser: Browser, demo_database: psycopg.Connection
) -> None:
    day = today(demo_database)

    assert browser.post(f"{PAGE}set", **setting("12", day)) == 302
    assert rows(demo_database, "billing.due_day") == [("2000-01-01", "10")]
    assert browser.post(f"{PAGE}set", **setting("13", day)) == 200, "one value waits at a time"
    assert agree(app, demo_database, "admin") == 403
    assert agree(app, demo_database) == 302
    browser.post(f"{PAGE}set", **setting("13", day))
    agree(app, demo_database)

    assert rows(demo_database, "billing.due_day") == [("2000-01-01", "10"), (day, "13")]
    assert "A second person decides about billing.due_day: 13" in browser.text(PAGE)
    assert (
        one(demo_database, "SELECT actor FROM audit_entry WHERE table_name = 'operating_parameter' ORDER BY id DESC LIMIT 1")
        == "supervisor"
    )


def test_value_to_come_is_edited_as_it_is(app: Flask, browser: Browser, demo_database: psycopg.Connection) -> None:
    for value in ("14", "15"):
        browser.post(f"{PAGE}set", **setting(value, "2099-01-01"))
        agree(app, demo_database)

    assert rows(demo_database, "billing.due_day") == [("2000-01-01", "10"), ("2099-01-01", "15")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "29"}, "in the range 1–28"),
        ({"value": "ten"}, "in the range 1–28"),
        ({"valid_from": "2020-01-01"}, "This day is over."),
        ({"valid_from": "soon"}, "This is no day."),
        ({"source": " "}, "Name the document"),
    ],
)
def test_refusal_stands_beside_the_field(browser: Browser, demo_database: psycopg.Connection, change: dict[str, str], words: str) -> None:
    answer = browser.client.post(f"{PAGE}set", data=setting("12", today(demo_database)) | change | {"csrf_token": browser.token})

    assert answer.status_code == 200
    beside = re.search(
        r'name="(\w+)"[^>]*aria-describedby="billing-due_day-new-problem"[^>]*>\s*<div id="billing-due_day-new-problem"[^>]*>([^<]*)',
        answer.text,
    )
    assert beside is not None
    assert beside[1] == next(iter(change))
    assert words in beside[2]
    assert rows(demo_database, "billing.due_day") == [("2000-01-01", "10")]


def test_unknown_parameter_is_refused(browser: Browser, demo_database: psycopg.Connection) -> None:
    assert browser.post(f"{PAGE}set", **setting("1", today(demo_database), code="billing.nothing")) == 200
    assert rows(demo_database, "billing.nothing") == []


def test_auditor_looks_and_sets_nothing(app: Flask, demo_database: psycopg.Connection) -> None:
    auditor = log_in(app, "auditor")

    assert auditor.status(PAGE) == 200
    assert 'name="code"' not in auditor.text(PAGE)
    assert auditor.post(f"{PAGE}set", **setting("12", today(demo_database))) == 403


def test_every_page_of_the_console_opens_in_the_readers_language(browser: Browser) -> None:
    browser.client.get("/language/ru")
    pages = ["/console/", PAGE, *(f"/console/{table}/" for table in TABLES)]

    assert {page: browser.status(page) for page in pages} == dict.fromkeys(pages, 200)
    assert '<html lang="ru">' in browser.text("/console/")
