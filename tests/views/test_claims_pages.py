"""Charges on the screen: previewed, posted, approved by another person, taken back."""

import io
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest
from flask import Flask

from app import clock
from app.domain.calendar import months_after
from tests.browsers import MINE, Browser, log_in, one, perform_latest

TABLES = ("inspection_record", "subsidy", "penalty", "billable_charge", "penalty_run", "approval")
DIVISION = f"(SELECT id FROM division WHERE code = '{MINE}')"


@pytest.fixture(autouse=True)
def since(demo_database: psycopg.Connection) -> Iterator[dict[str, str]]:
    """The newest row of each table before the test, "0" if there is none; what the test makes goes again, the demo's rows stay."""
    newest = {table: one(demo_database, f"SELECT coalesce(max(id), 0) FROM {table}") for table in TABLES}
    yield newest
    demo_database.execute("SET session_replication_role = replica")
    for table in TABLES:
        demo_database.execute(f"DELETE FROM {table} WHERE id > {newest[table]}")
    demo_database.execute("SET session_replication_role = DEFAULT")


def account(demo_database: psycopg.Connection) -> str:
    return one(demo_database, f"SELECT max(a.id) FROM account a JOIN supply s ON s.account_id = a.id WHERE a.division_id = {DIVISION}")


def test_penalty_is_previewed_then_charged(app: Flask, demo_database: psycopg.Connection, since: dict[str, str]) -> None:
    operator, inspector = log_in(app, "operator"), log_in(app, "inspector")
    last = months_after(clock.today(), -1)
    # The demo charges the penalties of the district itself.
    other = one(demo_database, "SELECT id FROM division WHERE code = '1726902'")
    form = {"division": other, "month": last.isoformat(), "period_from": "2020-01-01"}

    assert inspector.post("/penaltyrunview/open", **form) == 403
    assert one(demo_database, f"SELECT count(*) FROM penalty_run WHERE id > {since['penalty_run']}") == "0"
    assert operator.post("/penaltyrunview/open", **form) == 302
    perform_latest(app, demo_database)
    run, previewed = (
        one(demo_database, "SELECT max(id) FROM penalty_run"),
        one(demo_database, f"SELECT amount_tiyin FROM penalty_run WHERE id > {since['penalty_run']}"),
    )
    page = operator.text(f"/penaltyrunview/show/{run}")
    assert one(demo_database, f"SELECT count(*) FROM billable_charge WHERE id > {since['billable_charge']}") == "0"
    assert f"/penaltyrunview/post/{run}" in page
    assert operator.post(f"/penaltyrunview/post/{run}") == 302
    perform_latest(app, demo_database)

    assert int(previewed) > 0
    assert (
        one(demo_database, f"SELECT sum(amount_tiyin) FROM billable_charge WHERE component = 'PENALTY' AND id > {since['billable_charge']}")
        == previewed
    )
    assert one(demo_database, f"SELECT status FROM penalty_run WHERE id > {since['penalty_run']}") == "POSTED"
    charge = one(demo_database, f"SELECT id FROM billable_charge WHERE id > {since['billable_charge']} ORDER BY amount_tiyin DESC LIMIT 1")
    number = one(demo_database, f"SELECT a.number FROM account a JOIN billable_charge c ON c.account_id = a.id WHERE c.id = {charge}")
    assert number in operator.text(f"/billablechargeview/show/{charge}")
    assert operator.status("/billablechargeview/list/") == operator.status("/penaltyview/list/") == 200


def draft(browser: Browser, account_id: str, step: str, **more: str) -> str:
    today = clock.today()
    form = {
        "number": "N-77", "drawn_on": today.isoformat(), "kind": "THEFT", "inspector": "Aliyev", "method": "APPLIANCES",
        "period_from": (today - timedelta(days=20)).isoformat(), "period_to": today.isoformat(), "phases": "1", "capacity_kw": "9,5",
        "hours_a_day": "24", "step": step,
    } | more  # fmt: skip
    answer = browser.client.post(f"/inspectionrecordview/draft/{account_id}", data=form | {"csrf_token": browser.token})
    assert answer.status_code in {200, 302}
    return answer.text


def test_inspector_drafts_and_a_lawyer_approves(app: Flask, demo_database: psycopg.Connection, since: dict[str, str]) -> None:
    inspector, lawyer, operator = log_in(app, "inspector"), log_in(app, "lawyer"), log_in(app, "operator")
    mine = account(demo_database)

    assert "alert-info" in draft(inspector, mine, "preview")
    assert "field-error" in draft(inspector, mine, "ask", capacity_kw="")
    assert one(demo_database, f"SELECT count(*) FROM inspection_record WHERE id > {since['inspection_record']}") == "0"
    draft(inspector, mine, "ask")
    asked, record = one(demo_database, "SELECT max(id) FROM approval"), one(demo_database, "SELECT max(id) FROM inspection_record")
    assert inspector.post(f"/approvalview/decide/{asked}", decision="approve") in {302, 403}
    assert one(demo_database, f"SELECT count(*) FROM billable_charge WHERE id > {since['billable_charge']}") == "0"
    assert f"/inspectionrecordview/show/{record}" in lawyer.text(f"/approvalview/show/{asked}")
    assert lawyer.status(f"/inspectionrecordview/show/{record}") == 200
    paper = inspector.client.get(f"/inspectionrecordview/pdf/{record}")
    assert (paper.status_code, paper.data[:4], paper.mimetype) == (200, b"%PDF", "application/pdf")
    assert lawyer.post(f"/approvalview/decide/{asked}", decision="approve") == 302

    charge = one(demo_database, f"SELECT id FROM billable_charge WHERE component = 'BACK_BILLING' AND id > {since['billable_charge']}")
    assert f"/billablechargeview/show/{charge}" in operator.text(f"/accountview/show/{mine}")
    assert operator.post(f"/billablechargeview/reverse/{charge}", reason="letter 3") == 302
    again = one(demo_database, "SELECT max(id) FROM approval")
    assert again != asked
    assert lawyer.post(f"/approvalview/decide/{again}", decision="approve") == 302
    assert one(demo_database, f"SELECT sum(amount_tiyin) FROM billable_charge WHERE id > {since['billable_charge']}") == "0"
    assert one(demo_database, f"SELECT count(*) FROM billable_charge WHERE id > {since['billable_charge']}") == "2"


def test_inspector_of_a_district_drafts_nothing_for_another(app: Flask, demo_database: psycopg.Connection) -> None:
    inspector = log_in(app, "inspector")
    foreign = one(demo_database, f"SELECT max(id) FROM account WHERE division_id <> {DIVISION}")

    assert inspector.status(f"/inspectionrecordview/draft/{foreign}") == 404
    assert inspector.status(f"/inspectionrecordview/draft/{account(demo_database)}") == 200


def test_file_of_subsidies_is_granted_row_by_row(app: Flask, demo_database: psycopg.Connection, since: dict[str, str]) -> None:
    operator = log_in(app, "operator")
    number = one(demo_database, f"SELECT number FROM account WHERE id = {account(demo_database)}")
    content = f"account number;amount;month\n{number};15000,50;2026-02\n000000000000;1;2026-02\n".encode()
    form = {
        "division": one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'"),
        "programme": "resolution 9",
        "csrf_token": operator.token,
    }

    answer = operator.client.post("/subsidyview/load", data=form | {"file": (io.BytesIO(content), "subsidies.csv")})
    assert answer.status_code == 302
    perform_latest(app, demo_database, "PARTLY")

    assert (
        one(demo_database, f"SELECT amount_tiyin FROM billable_charge WHERE component = 'SUBSIDY' AND id > {since['billable_charge']}")
        == "-1500050"
    )
    latest = "job_run_id = (SELECT max(id) FROM job_run)"
    assert one(demo_database, f"SELECT count(*) FROM job_event WHERE parameters ->> 'column' = 'account_number' AND {latest}") == "1"
    assert operator.status("/subsidyview/list/") == 200


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_file_of_subsidies_over_the_limit_is_shown_to_a_second_person(
    app: Flask, demo_database: psycopg.Connection, since: dict[str, str], decision: str
) -> None:
    operator, supervisor = log_in(app, "operator"), log_in(app, "supervisor")
    number = one(demo_database, f"SELECT number FROM account WHERE id = {account(demo_database)}")
    content = f"account number;amount;month\n{number};1000000,01;2026-03\n000000000000;1;2026-02\n".encode()
    division = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    form = {"division": division, "programme": f"resolution {decision}", "csrf_token": operator.token}
    granted = f"SELECT count(*) FROM subsidy WHERE id > {since['subsidy']}"

    operator.client.post("/subsidyview/load", data=form | {"file": (io.BytesIO(content), "over.csv")})
    perform_latest(app, demo_database, "PARTLY")
    job = one(demo_database, "SELECT max(id) FROM job_run")
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'SUBSIDY_GRANT'")

    page = operator.text(f"/jobview/show/{job}")
    assert "Nothing was granted yet: 1 subsidies of 1,000,000.01" in page
    assert "wait for a second person, 1 rows rejected." in page
    assert f"/approvalview/show/{request}" in page
    page = supervisor.text(f"/approvalview/show/{request}")
    for shown in ("over.csv", "1 rows", "1 rows rejected", "1,000,000.01", "000000000000", f"/jobview/show/{job}"):
        assert shown in page
    assert f"/approvalview/show/{request}" in supervisor.text("/approvalview/inbox")
    assert operator.post(f"/approvalview/decide/{request}", decision=decision, remark="no basis") == 403
    assert one(demo_database, granted) == "0"
    assert supervisor.post(f"/approvalview/decide/{request}", decision=decision, remark="no basis") == 302

    if decision == "approve":
        perform_latest(app, demo_database, "PARTLY")
        assert "Approved by supervisor; job №" in operator.text(f"/jobview/show/{job}")
    else:
        assert "Refused by supervisor; the file was discarded and nothing was granted." in operator.text(f"/jobview/show/{job}")
    assert one(demo_database, granted) == ("1" if decision == "approve" else "0")


def test_days_without_penalty_are_entered_with_their_basis(app: Flask, demo_database: psycopg.Connection) -> None:
    operator = log_in(app, "operator")
    mine = account(demo_database)

    assert operator.post("/penaltyholdview/add", account=mine, valid_from=str(date(2026, 1, 1)), basis="court 5") == 302

    assert one(demo_database, f"SELECT division_id = {DIVISION} FROM penalty_hold") == "True"
    assert "court 5" in operator.text("/penaltyholdview/list/")
    demo_database.execute("DELETE FROM penalty_hold")
