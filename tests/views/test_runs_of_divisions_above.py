"""Who works in a district sees the run of the region that took it in, and changes nothing of it."""

from typing import NamedTuple

import pytest
from flask import Flask
from psycopg import Connection

from tests.browsers import Browser, log_in, one


class RegionRun(NamedTuple):
    """A previewed run of a region, with an exception in one of its districts."""

    run_id: str
    number: str


@pytest.fixture
def run(app: Flask, demo_database: Connection) -> RegionRun:
    """A run of the region of the operator's district, where alone he works now."""
    assert app
    district = one(demo_database, "SELECT id FROM division WHERE code = '1726901'")
    demo_database.execute(
        f"UPDATE division_access SET division_id = {district} WHERE user_id = (SELECT id FROM ab_user WHERE username = 'operator')"
    )
    demo_database.execute("DELETE FROM bill_exception e USING bill_run r WHERE r.id = e.bill_run_id AND r.billing_month = '2026-12-01'")
    demo_database.execute("DELETE FROM bill_run WHERE billing_month = '2026-12-01'")
    run_id = one(
        demo_database,
        f"""INSERT INTO bill_run (division_id, billing_month, status)
            SELECT parent_id, '2026-12-01', 'PREVIEWED' FROM division WHERE id = {district} RETURNING id""",
    )
    account = one(demo_database, f"SELECT max(id) FROM account WHERE division_id = {district}")
    demo_database.execute(
        f"""INSERT INTO bill_exception (division_id, bill_run_id, account_id, reason, parked)
            VALUES ({district}, {run_id}, {account}, 'NO_TARIFF', true)"""
    )
    return RegionRun(run_id, one(demo_database, f"SELECT number FROM account WHERE id = {account}"))


@pytest.fixture
def operator(app: Flask, run: RegionRun) -> Browser:
    """The browser of the operator of the district."""
    assert run
    return log_in(app, "operator")


def test_its_exceptions_are_listed_with_their_age(operator: Browser, run: RegionRun) -> None:
    page = operator.text(f"/billexceptionview/list/?_flt_0_bill_run={run.run_id}")
    assert run.number in page
    assert "today" in page


def test_it_is_shown_and_cannot_be_posted_or_cancelled(operator: Browser, run: RegionRun, demo_database: Connection) -> None:
    page = operator.text(f"/billrunview/show/{run.run_id}")

    answers = [operator.post(f"/billrunview/{act}/{run.run_id}") for act in ("post", "cancel")]

    assert f"/billrunview/post/{run.run_id}" not in page
    assert f"/billrunview/cancel/{run.run_id}" not in page
    assert answers == [302, 302]
    assert one(demo_database, f"SELECT status FROM bill_run WHERE id = {run.run_id}") == "PREVIEWED"
