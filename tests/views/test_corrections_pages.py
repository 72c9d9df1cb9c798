"""Wrong bills taken back and billed again, notes written and undone, on the screen."""

import time
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from flask import Flask

from app.jobs import runner
from tests.browsers import MINE, Browser, log_in, one

TABLES = ("approval", "billable_charge", "adjustment", "bill_correction")
LIVE = "cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id)"


@pytest.fixture(autouse=True)
def since(demo_database: psycopg.Connection) -> Iterator[dict[str, str]]:
    """The newest row of each table before the test, "0" if there is none; what the test makes goes again, the demo's rows stay."""
    newest = {table: one(demo_database, f"SELECT coalesce(max(id), 0) FROM {table}") for table in TABLES}
    yield newest
    demo_database.execute("SET session_replication_role = replica")
    for table in ("approval", "billable_charge"):
        demo_database.execute(f"DELETE FROM {table} WHERE id > {newest[table]}")
    demo_database.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def account(demo_database: psycopg.Connection) -> str:
    return one(
        demo_database,
        f"SELECT max(b.account_id) FROM bill b JOIN division d ON d.id = b.division_id WHERE d.code = '{MINE}' AND b.amount_tiyin > 0 "
        "AND NOT EXISTS (SELECT FROM billable_charge c WHERE c.account_id = b.account_id)",
    )


@pytest.fixture
def month(demo_database: psycopg.Connection, account: str) -> date:
    return demo_database.execute("SELECT max(billing_month) FROM bill WHERE account_id = %s", [account]).fetchone()[0]  # type: ignore[index]


def position(demo_database: psycopg.Connection, account: str) -> str:
    return one(demo_database, f"SELECT debt_tiyin || ' ' || advance_tiyin FROM account_position WHERE account_id = {account}")


def sum_of(demo_database: psycopg.Connection, account: str) -> str:
    return one(demo_database, f"SELECT sum(amount_tiyin) FROM bill b WHERE account_id = {account} AND {LIVE}")


def form_key(browser: Browser, page: str) -> str:
    return browser.text(page).split('name="reference"')[1].split('value="')[1].split('"')[0]


def test_bills_are_previewed_then_taken_back_and_billed_again_once(
    app: Flask, demo_database: psycopg.Connection, account: str, month: date, since: dict[str, str]
) -> None:
    operator, inspector = log_in(app, "operator"), log_in(app, "inspector")
    page = f"/billcorrectionview/correct/{account}"
    form = {"since": month.isoformat(), "kind": "REBILL", "reason": "wrong meter", "reference": form_key(operator, page)}
    before = sum_of(demo_database, account), position(demo_database, account)

    assert inspector.post(page, **form, step="do") == 403
    assert operator.post(page, **form, step="preview") == 200
    assert one(demo_database, f"SELECT count(*) FROM bill_correction WHERE id > {since['bill_correction']}") == "0"
    assert operator.post(page, **form, step="do") == operator.post(page, **form, step="do") == 302

    assert one(demo_database, f"SELECT count(*) FROM bill_correction WHERE id > {since['bill_correction']}") == "1"
    assert (sum_of(demo_database, account), position(demo_database, account)) == before
    shown = operator.text(f"/billcorrectionview/show/{one(demo_database, 'SELECT max(id) FROM bill_correction')}")
    assert "wrong meter" in shown
    assert operator.status("/billcorrectionview/list/") == 200


def test_correction_of_many_accounts_is_counted_then_runs_as_a_job(app: Flask, demo_database: psycopg.Connection, month: date) -> None:
    operator = log_in(app, "operator")
    division = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    # Charges that wait for the next bill come on the bills that are made again, and so does what was read after the bills were made.
    billed = "SELECT max(x.period_to) FROM bill x WHERE x.account_id = b.account_id AND x.id <= {}".format(
        one(demo_database, "SELECT max(id) FROM bill")
    )
    total = (
        "SELECT sum(l.amount_tiyin) FROM bill b JOIN bill_line l ON l.bill_id = b.id "
        f"WHERE b.division_id = {division} AND l.charge_id IS NULL AND b.{LIVE} "
        f"AND NOT EXISTS (SELECT FROM reading r WHERE r.account_id = b.account_id AND r.read_on > ({billed}))"
    )
    form = {"division": division, "tariff_group": "0", "since": month.isoformat(), "kind": "REBILL", "reason": "wrong tariff"}
    form["reference"] = form_key(operator, "/billcorrectionview/many")
    before = one(demo_database, total)

    assert operator.post("/billcorrectionview/many", **form, step="preview") == 200
    assert operator.post("/billcorrectionview/many", **form, step="do") == 302
    job = one(demo_database, "SELECT max(id) FROM job_run WHERE kind = 'BILL_CORRECTION'")
    assert operator.post("/billcorrectionview/many", **form, step="do") == 302
    assert one(demo_database, "SELECT max(id) FROM job_run WHERE kind = 'BILL_CORRECTION'") == job
    # A worker that another test left on the queue may be at it already.
    for _ in range(300):
        with app.app_context():
            runner.perform(int(job))
        if one(demo_database, f"SELECT status FROM job_run WHERE id = {job}") == "DONE":
            break
        time.sleep(0.1)

    assert one(demo_database, f"SELECT status FROM job_run WHERE id = {job}") == "DONE"
    assert one(demo_database, total) == before


def test_note_is_previewed_written_and_undone(app: Flask, demo_database: psycopg.Connection, account: str, since: dict[str, str]) -> None:
    operator = log_in(app, "operator")
    page = f"/adjustmentview/note/{account}"
    form = {"kind": "CREDIT_NOTE", "amount_tiyin": "1000", "basis": "letter 7", "reference": form_key(operator, page)}
    before = position(demo_database, account)

    assert operator.post(page, **form | {"amount_tiyin": "0"}, step="do") == 200
    assert operator.post(page, **form, step="preview") == 200
    assert one(demo_database, f"SELECT count(*) FROM adjustment WHERE id > {since['adjustment']}") == "0"
    assert operator.post(page, **form, step="do") == operator.post(page, **form, step="do") == 302
    note = one(demo_database, "SELECT max(id) FROM adjustment")
    assert one(demo_database, f"SELECT count(*) || ' ' || sum(amount_tiyin) FROM adjustment WHERE id > {since['adjustment']}") == "1 100000"
    assert position(demo_database, account) != before
    assert "letter 7" in operator.text(f"/adjustmentview/show/{note}")
    assert operator.post(f"/adjustmentview/undo/{note}", basis="letter 8") == 302

    assert position(demo_database, account) == before
    assert operator.status("/adjustmentview/list/") == 200


def test_large_note_waits_for_a_second_person(app: Flask, demo_database: psycopg.Connection, chief: Browser, account: str) -> None:
    operator = log_in(app, "operator")
    page = f"/adjustmentview/note/{account}"
    form = {"kind": "DEBIT_NOTE", "amount_tiyin": "2 000 000", "basis": "act 5", "reference": form_key(operator, page), "step": "do"}

    assert operator.post(page, **form) == 302
    asked = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'ADJUSTMENT'")
    assert operator.post(f"/approvalview/decide/{asked}", decision="approve") == 403
    assert "act 5" in chief.text(f"/approvalview/show/{asked}")
    assert chief.post(f"/approvalview/decide/{asked}", decision="approve") == 302

    assert (
        one(demo_database, f"SELECT sum(amount_tiyin) FROM billable_charge WHERE account_id = {account} AND basis = 'act 5'") == "200000000"
    )


def test_foreign_accounts_are_absent(demo_database: psycopg.Connection, chief: Browser) -> None:
    foreign = one(demo_database, f"SELECT max(a.id) FROM account a JOIN division d ON d.id = a.division_id WHERE d.code <> '{MINE}'")

    pages = [f"/billcorrectionview/correct/{foreign}", f"/adjustmentview/note/{foreign}"]

    assert [chief.status(page) for page in pages] == [404, 404]
