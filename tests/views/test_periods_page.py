"""Closing and reopening months on the screen."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsers import FOREIGN, MINE, Browser, log_in, one

CLOSED = "SELECT count(*) FROM accounting_period WHERE status = 'CLOSED'"


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    newest = {table: one(demo_database, f"SELECT coalesce(max(id), 0) FROM {table}") for table in ("approval", "accounting_period")}
    yield
    demo_database.execute("SET session_replication_role = replica")
    for table, last in newest.items():
        demo_database.execute(f"DELETE FROM {table} WHERE id > {last}")
    demo_database.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def mine(demo_database: psycopg.Connection) -> str:
    return one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")


@pytest.fixture
def first(demo_database: psycopg.Connection, mine: str) -> str:
    """The first month with postings."""
    return one(demo_database, f"SELECT min(billing_month) FROM division_turnover WHERE division_id = {mine}")


def test_supervisor_closes_and_another_person_reopens(
    app: Flask, demo_database: psycopg.Connection, chief: Browser, mine: str, first: str
) -> None:
    supervisor = log_in(app, "supervisor")
    assert supervisor.status("/periods/") == 200
    assert f"/periods/close/{mine}" in supervisor.text(f"/periods/{mine}?month={first}")
    assert supervisor.post(f"/periods/close/{mine}", month=first) == 302
    assert one(demo_database, CLOSED) == "1"
    assert f"/periods/reopen/{mine}" in supervisor.text(f"/periods/{mine}?month={first}")

    assert supervisor.post(f"/periods/reopen/{mine}", month=first, reason="") == 302
    assert one(demo_database, "SELECT count(*) FROM approval WHERE kind = 'PERIOD_REOPEN'") == "0"
    assert supervisor.post(f"/periods/reopen/{mine}", month=first, reason="wrong readings") == 302
    asked = one(demo_database, "SELECT max(id) FROM approval")
    assert supervisor.post(f"/approvalview/decide/{asked}", decision="approve") == 403
    assert one(demo_database, CLOSED) == "1"
    assert f"/periods/{mine}" in chief.text(f"/approvalview/show/{asked}")
    assert chief.post(f"/approvalview/decide/{asked}", decision="approve") == 302
    assert one(demo_database, CLOSED) == "0"


def test_open_months_before_are_closed_with_one_or_none_is(app: Flask, demo_database: psycopg.Connection, mine: str, first: str) -> None:
    supervisor = log_in(app, "supervisor")
    second = one(demo_database, f"SELECT date '{first}' + interval '1 month'")[:10]
    page = supervisor.text(f"/periods/{mine}?month={second}")
    this_month = one(demo_database, "SELECT date_trunc('month', now() AT TIME ZONE 'Asia/Tashkent')")[:10]

    supervisor.post(f"/periods/close/{mine}", month=this_month, before="y")
    none = one(demo_database, CLOSED)
    supervisor.post(f"/periods/close/{mine}", month=second, before="y")

    assert 'name="before"' in page
    assert none == "0"
    assert (
        one(demo_database, f"{CLOSED} AND division_id = {mine} AND billing_month IN ('{first}', '{second}')")
        == one(demo_database, CLOSED)
        == "2"
    )


def test_what_stands_in_the_way_is_shown_and_refuses(app: Flask, demo_database: psycopg.Connection, mine: str, first: str) -> None:
    supervisor = log_in(app, "supervisor")
    last = one(demo_database, f"SELECT max(billing_month) FROM division_turnover WHERE division_id = {mine}")
    page = supervisor.text(f"/periods/{mine}?month={last}")

    assert f"/periods/{mine}?month={first}" in page
    assert f"/periods/close/{mine}" not in page
    assert supervisor.post(f"/periods/close/{mine}", month=last) == supervisor.post(f"/periods/close/{mine}", month="x") == 302
    assert one(demo_database, CLOSED) == "0"


def test_operator_looks_only_and_a_foreign_division_is_absent(
    app: Flask, demo_database: psycopg.Connection, chief: Browser, mine: str, first: str
) -> None:
    operator, foreign = log_in(app, "operator"), one(demo_database, f"SELECT id FROM division WHERE code = '{FOREIGN}'")

    assert operator.status(f"/periods/{mine}?month={first}") == 200
    assert operator.post(f"/periods/close/{mine}", month=first) == 403
    assert [chief.status(f"/periods/{foreign}"), chief.post(f"/periods/close/{foreign}", month=first)] == [404, 404]
    assert chief.post(f"/periods/reopen/{foreign}", month=first, reason="x") == 404
    assert one(demo_database, CLOSED) == "0"
