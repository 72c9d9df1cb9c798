"""What stands around every page: the path to it, and the division one looks at."""

from typing import Any

import pytest
from flask import Flask
from psycopg import Connection
from sqlalchemy import event

from app.extensions import db
from tests.browsers import FOREIGN, MINE, Browser, log_in, one


@pytest.fixture
def clerk(app: Flask) -> Browser:
    """A browser of somebody who works in the whole company."""
    return log_in(app, "supervisor")


@pytest.fixture
def in_one(app: Flask, local: str) -> Browser:
    """A browser of somebody who works in one district."""
    return log_in(app, local)


def division(demo_database: Connection, code: str) -> str:
    return one(demo_database, f"SELECT id FROM division WHERE code = '{code}'")


def count(demo_database: Connection, code: str = "") -> str:
    return one(demo_database, f"SELECT count(*) FROM account a JOIN division d ON d.id = a.division_id WHERE d.code LIKE '{code}%'")


def test_whoever_looks_at_a_division_sees_its_rows_and_no_others(clerk: Browser, demo_database: Connection) -> None:
    stranger = one(demo_database, f"SELECT a.id FROM account a JOIN division d ON d.id = a.division_id WHERE d.code = '{FOREIGN}' LIMIT 1")

    assert clerk.post("/division-switch/", division=division(demo_database, MINE)) == 302

    assert f"{count(demo_database, MINE)} rows" in clerk.text("/accountview/list/")
    assert clerk.status(f"/accountview/show/{stranger}") == 404


def test_a_region_holds_its_districts(clerk: Browser, demo_database: Connection) -> None:
    clerk.post("/division-switch/", division=division(demo_database, MINE[:4]))

    assert f"{count(demo_database, MINE[:4])} rows" in clerk.text("/accountview/list/")


def test_all_of_mine_are_there_again(clerk: Browser, demo_database: Connection) -> None:
    clerk.post("/division-switch/", division=division(demo_database, MINE))
    clerk.post("/division-switch/", all="y", division=division(demo_database, MINE))

    assert f"{count(demo_database)} rows" in clerk.text("/accountview/list/")


def test_nobody_looks_at_a_division_that_is_not_his(in_one: Browser, demo_database: Connection) -> None:
    assert in_one.post("/division-switch/", division=division(demo_database, FOREIGN)) == 404
    assert in_one.post("/division-switch/", division="one") == 404

    assert f"{count(demo_database, MINE)} rows" in in_one.text("/accountview/list/")


def test_a_division_that_is_mine_no_more_narrows_nothing(in_one: Browser, demo_database: Connection) -> None:
    with in_one.client.session_transaction() as session:
        session["division"] = int(division(demo_database, FOREIGN))

    assert f"{count(demo_database, MINE)} rows" in in_one.text("/accountview/list/")


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere"])
def test_the_switch_leads_nowhere_else(clerk: Browser, back: str) -> None:
    answer = clerk.client.post("/division-switch/", data={"csrf_token": clerk.token, "division": "", "next": back})

    assert answer.headers["Location"] == "/"


def test_divisions_are_offered_by_a_part_of_their_name(clerk: Browser, in_one: Browser) -> None:
    offered = clerk.client.get("/lookup/division?q=andij").get_json()["results"]

    assert next(each["text"] for each in offered) == "Andijon"
    assert [each["more"] for each in in_one.client.get("/lookup/division").get_json()["results"]] == [""]


def test_the_path_of_an_act_leads_to_the_account_it_is_about(app: Flask, demo_database: Connection) -> None:
    pk, number = (one(demo_database, f"SELECT {column} FROM account ORDER BY id LIMIT 1") for column in ("id", "number"))

    page = log_in(app, "operator").text(f"/acts/close-account/{pk}")

    path = page.partition('class="crumbs"')[2].partition("</nav>")[0]
    assert f'<a href="/accountview/show/{pk}">{number}</a>' in path
    assert '<a href="/accountview/list/">' in path


def test_what_is_new_costs_a_page_one_statement(app: Flask, clerk: Browser) -> None:
    told = ("books_difference", "FROM approval", "FROM task ", "FROM alert ", "report_sending", "FROM job_run", "operating_parameter p")
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        clerk.text("/tariffview/list/")
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len([statement for statement in sent if any(each in statement for each in told)]) == 1
