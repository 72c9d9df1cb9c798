"""Operating parameters on the screen: found by words, read in words, changed by two persons; the past stays as it was."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app import labels
from app.domain.administration import PARAMETERS
from tests.browsers import Browser, log_in, one

DUE = "/parameters/billing.due_day"


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


def rows(demo_database: psycopg.Connection, code: str = "billing.due_day") -> list[tuple[str, str]]:
    found = demo_database.execute("SELECT valid_from::text, value FROM operating_parameter WHERE code = %s ORDER BY valid_from", (code,))
    return [(row[0], row[1]) for row in found]


def setting(value: str, day: str, source: str = "Order 1") -> dict[str, str]:
    return {"value": value, "valid_from": day, "source": source}


def agree(app: Flask, demo_database: psycopg.Connection, user: str = "supervisor") -> int:
    """Decide about the newest value."""
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'COMPANY_SETTING'")
    return log_in(app, user).post(f"/approvalview/decide/{request}", decision="approve", remark="")


def test_every_parameter_is_shown_in_words_even_one_never_set(browser: Browser) -> None:
    page = browser.text("/parameters/")

    assert [parameter.meaning for parameter in PARAMETERS.values() if parameter.meaning not in page] == []
    assert [code for code in PARAMETERS if f">{code}<" in page] == []
    assert "day 10 of the month" in page


def test_words_and_groups_narrow_the_list(browser: Browser) -> None:
    found = browser.text("/parameters/?q=minutes+session")
    of_group = browser.text("/parameters/?group=portal")

    assert PARAMETERS["access.idle_minutes"].meaning in found
    assert PARAMETERS["billing.due_day"].meaning not in found
    assert PARAMETERS["portal.code_minutes"].meaning in of_group
    assert PARAMETERS["access.idle_minutes"].meaning not in of_group
    assert "No parameter has these words." in browser.text("/parameters/?q=nothing+of+the+kind")


def test_value_in_force_is_kept_and_the_history_names_who_asked_and_who_approved(
    app: Flask, browser: Browser, demo_database: psycopg.Connection
) -> None:
    day = today(demo_database)

    assert browser.post(f"{DUE}/set", **setting("12", day)) == 302
    assert rows(demo_database) == [("2000-01-01", "10")]
    assert "A new value waits for a second person" in browser.text(DUE)
    assert browser.post(f"{DUE}/set", **setting("13", day)) == 200, "one value waits at a time"
    assert agree(app, demo_database, "admin") == 403
    assert agree(app, demo_database) == 302

    assert rows(demo_database) == [("2000-01-01", "10"), (day, "12")]
    history = re.sub(r"<[^>]+>|\s+", " ", browser.text(DUE).partition("Values from day to day</h2>")[2])
    assert re.search(r"day 12 of the month +Order 1 +admin +supervisor", history)
    assert (
        one(demo_database, "SELECT actor FROM audit_entry WHERE table_name = 'operating_parameter' ORDER BY id DESC LIMIT 1")
        == "supervisor"
    )


def test_value_to_come_is_changed_as_it_is(app: Flask, browser: Browser, demo_database: psycopg.Connection) -> None:
    for value in ("14", "15"):
        browser.post(f"{DUE}/set", **setting(value, "2099-01-01"))
        agree(app, demo_database)

    assert rows(demo_database) == [("2000-01-01", "10"), ("2099-01-01", "15")]
    assert "from 1 Jan 2099: day 15 of the month" in browser.text("/parameters/")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "29"}, "in the range 1–28"),
        ({"value": "ten"}, "number"),
        ({"valid_from": "2020-01-01"}, "This day is over."),
        ({"valid_from": "soon"}, ""),
        ({"source": " "}, ""),
    ],
)
def test_refusal_stands_beside_the_field(browser: Browser, demo_database: psycopg.Connection, change: dict[str, str], words: str) -> None:
    [name] = change
    answer = browser.client.post(f"{DUE}/set", data=setting("12", today(demo_database)) | change | {"csrf_token": browser.token})

    assert answer.status_code == 200
    beside = re.search(rf'<div id="{name}-error">\s*<p class="field-error" role="alert">([^<]+)', answer.text)
    assert beside is not None
    assert words in beside[1]
    assert rows(demo_database) == [("2000-01-01", "10")]


def test_choice_is_made_by_name(app: Flask, browser: Browser, demo_database: psycopg.Connection) -> None:
    address = "/parameters/audit.reason_required"

    page = browser.text(address)
    status = browser.post(f"{address}/set", **setting("1", today(demo_database)))
    agree(app, demo_database)

    assert re.search(r'<option value="1">\s*a reason must be given', page)
    assert status == 302
    assert "a reason must be given</dd>" in browser.text(address)
    demo_database.execute("DELETE FROM operating_parameter WHERE code = 'audit.reason_required'")


def test_unknown_parameter_is_not_there(browser: Browser, demo_database: psycopg.Connection) -> None:
    assert browser.status("/parameters/billing.nothing") == 404
    assert browser.post("/parameters/billing.nothing/set", **setting("1", today(demo_database))) == 404


def test_auditor_looks_and_sets_nothing(app: Flask, demo_database: psycopg.Connection) -> None:
    auditor = log_in(app, "auditor")

    assert auditor.status(DUE) == 200
    assert 'name="value"' not in auditor.text(DUE)
    assert auditor.post(f"{DUE}/set", **setting("12", today(demo_database))) == 403


def test_unit_stands_in_the_case_of_its_number(app: Flask) -> None:
    browser = log_in(app, "admin")
    browser.client.get("/language/ru")

    page = browser.text("/parameters/access.idle_minutes").replace("\xa0", " ")
    browser.client.get("/language/en")  # the language belongs to the user, also in the next test

    assert "30 минут" in page
    assert "1 минута" in page


@pytest.mark.parametrize("code", PARAMETERS)
def test_every_value_has_words(app: Flask, code: str) -> None:
    known = PARAMETERS[code]
    with app.test_request_context():
        words = [labels.parameter_value(code, value) for value in (known.lowest, known.default, known.highest)]
        assert not known.choices or len(known.choices) == known.highest - known.lowest + 1
        assert labels.parameter_group(code) != code.partition(".")[0]
    assert all(words)
    assert len({*words}) == len({known.lowest, known.default, known.highest})
