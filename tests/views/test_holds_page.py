"""The work queue of held bills on the screen."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsers import FOREIGN, MINE, Browser, log_in, one


def hold(demo_database: psycopg.Connection, code: str, amount: str = "100") -> str:
    """Let a bill of a district wait, and return its number."""
    return one(
        demo_database,
        "INSERT INTO bill_hold (division_id, account_id, billing_month, bill_run_id, reason, amount_tiyin, quantity_milli) "
        "SELECT a.division_id, a.id, '2020-01-01', (SELECT min(id) FROM bill_run), 'HIGH', "
        f"{amount}, {amount} FROM account a JOIN division d ON d.id = a.division_id WHERE d.code = '{code}' "
        "AND NOT EXISTS (SELECT 1 FROM bill_hold h WHERE h.account_id = a.id) ORDER BY a.id LIMIT 1 RETURNING id",
    )


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    yield
    demo_database.execute("DELETE FROM bill_hold")


def state(demo_database: psycopg.Connection, pk: str) -> str:
    return one(
        demo_database, f"SELECT status || ' ' || coalesce(owner, '-') || ' ' || coalesce(remark, '-') FROM bill_hold WHERE id = {pk}"
    )


def test_operator_takes_a_bill_up_and_decides(app: Flask, demo_database: psycopg.Connection) -> None:
    operator, inspector, pk = log_in(app, "operator"), log_in(app, "inspector"), hold(demo_database, MINE)
    page = f"/billholdview/show/{pk}"

    assert [operator.status("/billholdview/list/"), operator.status(page), inspector.status(page)] == [200, 200, 403]
    assert inspector.post(f"/billholdview/work/{pk}", step="RELEASE") == 403
    assert operator.post(f"/billholdview/work/{pk}", step="nonsense") == 400
    assert operator.post(f"/billholdview/work/{pk}", step="TAKE") == 302
    assert state(demo_database, pk) == "OPEN operator -"
    assert operator.post(f"/billholdview/work/{pk}", step="GIVE_BACK") == 302
    assert state(demo_database, pk) == "OPEN - -"
    assert operator.post(f"/billholdview/work/{pk}", step="RELEASE", remark="shop opened") == 302

    assert state(demo_database, pk) == "RELEASED operator shop opened"
    assert "shop opened" in operator.text(page)


def test_many_are_taken_up_released_or_parked_at_once_and_those_left_are_named(app: Flask, demo_database: psycopg.Connection) -> None:
    operator, first, second, unbillable = (
        log_in(app, "operator"),
        hold(demo_database, MINE),
        hold(demo_database, MINE),
        hold(demo_database, MINE, "NULL"),
    )
    act = "/billholdview/action_post"

    assert operator.post(act, action="take_holds", rowid=[first, second]) == 302
    assert operator.post(act, action="release_holds", rowid=[first, unbillable]) == 302
    number = one(demo_database, f"SELECT number FROM account a JOIN bill_hold h ON h.account_id = a.id WHERE h.id = {unbillable}")
    told = operator.text("/billholdview/list/")
    assert "Release: 1 row done." in told
    assert f"1 row is left as it was: {number}. They stand otherwise, or no bill can be made." in told
    assert operator.post(act, action="release_holds", rowid=[second]) == 302
    assert operator.post(act, action="park_holds", rowid=[unbillable]) == 302

    assert [state(demo_database, pk) for pk in (first, second, unbillable)] == [
        "RELEASED operator -",
        "RELEASED operator -",
        "PARKED operator -",
    ]


def test_foreign_bills_are_absent(demo_database: psycopg.Connection, chief: Browser) -> None:
    foreign = hold(demo_database, FOREIGN)

    assert chief.status(f"/billholdview/show/{foreign}") == chief.post(f"/billholdview/work/{foreign}", step="RELEASE") == 404
    assert chief.post("/billholdview/action_post", action="release_holds", rowid=[foreign]) == 404
    assert state(demo_database, foreign).startswith("OPEN")
