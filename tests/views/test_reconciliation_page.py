"""Days of providers on the screen: who sees them, loads statements, compares and decides."""

import io
import json
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsers import Browser, log_in, one

COMPANY = "(SELECT id FROM division WHERE parent_id IS NULL)"
CONTRACT = "(SELECT min(id) FROM payment_contract WHERE channel = 'PAYNET')"
HEAD = "division_id, payment_contract_id, business_day"
VALUES = f"{COMPANY}, {CONTRACT}, '2020-01-03'"


class Day:
    """A day that was compared: one transaction in doubt, and one equal."""

    def __init__(self, demo_database: psycopg.Connection) -> None:
        self.pk = one(
            demo_database,
            f"INSERT INTO reconciliation ({HEAD}, equal_rows, equal_tiyin, in_doubt_rows, in_doubt_tiyin, theirs_tiyin, ours_tiyin, "
            f"expected_tiyin, bank_tiyin, compared_at) VALUES ({VALUES}, 1, 700000, 1, 600000, 1300000, 1200000, 1300000, 1290000, now()) "
            "RETURNING id",
        )
        self.row = one(
            demo_database,
            f"INSERT INTO reconciliation_row ({HEAD}, reference, verdict, doubt_reason, their_state, theirs_tiyin, our_status, ours_tiyin, "
            f"appeared_at, next_ask_at) VALUES ({VALUES}, 'doubted-1', 'IN_DOUBT', 'AMOUNT', 'PERFORMED', 600000, 'PERFORMED', 500000, "
            "now(), now() + interval '1 day') RETURNING id",
        )
        demo_database.execute(
            f"INSERT INTO statement_row ({HEAD}, source, reference, amount_tiyin, state, happened_at) "
            f"VALUES ({VALUES}, 'GATEWAY', 'equal-1', 700000, 'PERFORMED', '2020-01-03'), "
            f"({VALUES}, 'GATEWAY', 'doubted-1', 600000, 'PERFORMED', '2020-01-03')"
        )
        self.contract = one(demo_database, f"SELECT {CONTRACT}")
        self.page, self.row_page = f"/reconciliationview/show/{self.pk}", f"/reconciliationrowview/show/{self.row}"


@pytest.fixture
def day(demo_database: psycopg.Connection) -> Iterator[Day]:
    yield Day(demo_database)
    for table in ("reconciliation", "reconciliation_row", "statement_row"):
        demo_database.execute(f"DELETE FROM {table} WHERE business_day = '2020-01-03'")


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    yield
    demo_database.execute("DELETE FROM job_run WHERE kind = 'RECONCILE'")


def last_job(demo_database: psycopg.Connection) -> dict[str, object]:
    return dict(json.loads(one(demo_database, "SELECT parameters::text FROM job_run WHERE kind = 'RECONCILE' ORDER BY id DESC LIMIT 1")))


def test_days_and_transactions_are_listed_and_shown(app: Flask, day: Day) -> None:
    supervisor = log_in(app, "supervisor")

    listed, page, row = (supervisor.text(each) for each in ("/reconciliationview/list/", day.page, day.row_page))

    assert "7,000.00" in listed
    assert "doubted-1" in page
    assert "equal-1" not in page
    assert "The amounts differ" in page
    assert "-100.00" in page.replace("\u2212", "-")
    assert "6,000.00" in row
    assert "5,000.00" in row
    assert "doubted-1" in supervisor.text("/reconciliationrowview/list/")


@pytest.mark.parametrize(
    ("verdict", "shown"), [("EQUAL", {"equal-1"}), ("IN_DOUBT", {"doubted-1"}), ("ONLY_OURS", set()), ("ONLY_THEIRS", set())]
)
def test_transactions_are_filtered_by_verdict(app: Flask, day: Day, verdict: str, shown: set[str]) -> None:
    page = log_in(app, "supervisor").text(f"{day.page}?verdict={verdict}")

    assert {name for name in ("equal-1", "doubted-1") if name in page} == shown


def test_person_decides_with_a_remark(app: Flask, demo_database: psycopg.Connection, day: Day) -> None:
    supervisor, decide = log_in(app, "supervisor"), f"/reconciliationrowview/decide/{day.row}"
    state = f"SELECT concat_ws(' ', status, decision, decided_by, remark) FROM reconciliation_row WHERE id = {day.row}"

    assert supervisor.post(decide, decision="OURS_HOLDS", remark="") == 200
    assert supervisor.post(decide, decision="NONSENSE", remark="letter no. 5") == 200
    assert one(demo_database, state) == "WAITS"
    assert supervisor.client.post(decide, data={"decision": "OURS_HOLDS", "remark": "letter no. 5"}).status_code == 400
    assert supervisor.post(decide, decision="OURS_HOLDS", remark="letter no. 5") == 302

    assert one(demo_database, state) == "DECIDED OURS_HOLDS supervisor letter no. 5"
    assert (
        one(demo_database, "SELECT reason FROM audit_entry WHERE table_name = 'reconciliation_row' ORDER BY id DESC LIMIT 1")
        == "letter no. 5"
    )
    assert "letter no. 5" in supervisor.text(day.row_page)


def test_statement_is_loaded_by_a_job(app: Flask, demo_database: psycopg.Connection, day: Day) -> None:
    supervisor = log_in(app, "supervisor")
    form = {"csrf_token": supervisor.token, "contract": day.contract, "source": "GATEWAY", "file": (io.BytesIO(b"reference"), "x.csv")}

    answer = supervisor.client.post("/reconciliationview/load", data=form)

    assert answer.status_code == 302
    assert "/jobview/show/" in answer.location
    assert supervisor.status(answer.location) == 200
    file_id = int(one(demo_database, "SELECT max(id) FROM stored_file"))
    assert last_job(demo_database) == {"contract_id": int(day.contract), "file_id": file_id, "source": "GATEWAY"}


def test_day_is_compared_by_a_job(app: Flask, demo_database: psycopg.Connection, day: Day) -> None:
    supervisor = log_in(app, "supervisor")

    assert supervisor.status("/reconciliationview/reconcile") == 200
    assert supervisor.post("/reconciliationview/reconcile", contract=day.contract, day="2020-01-03") == 302
    assert supervisor.post("/reconciliationview/reconcile", contract="999999", day="2020-01-03") == 200
    assert supervisor.post("/reconciliationview/reconcile", contract=day.contract, day="0001-01-01") == 200

    assert last_job(demo_database) == {"contract_id": int(day.contract), "day": "2020-01-03"}


def test_auditor_looks_and_others_do_not_even_that(app: Flask, day: Day) -> None:
    auditor, inspector = log_in(app, "auditor"), log_in(app, "inspector")
    pages = ("/reconciliationview/list/", day.page, "/reconciliationrowview/list/", day.row_page)
    work = ("/reconciliationview/load", "/reconciliationview/reconcile", f"/reconciliationrowview/decide/{day.row}")

    assert [auditor.status(page) for page in pages] == [200] * 4
    assert [auditor.post(each) for each in work] == [inspector.post(each) for each in work] == [403] * 3
    assert [inspector.status(page) for page in pages] == [403] * 4
    assert "/reconciliationrowview/decide/" not in auditor.text(day.row_page)
    assert "Compare again" not in auditor.text(day.page)


def test_days_belong_to_the_whole_company(app: Flask, demo_database: psycopg.Connection, chief: Browser, day: Day) -> None:
    operator = log_in(app, "operator")
    before = one(demo_database, "SELECT count(*) FROM job_run")

    for browser in (operator, chief):
        assert "doubted-1" not in browser.text("/reconciliationrowview/list/")
        assert browser.status(day.page) == browser.status(day.row_page) == 404
        assert browser.post(f"/reconciliationrowview/decide/{day.row}", decision="OURS_HOLDS", remark="letter no. 5") == 404
        assert browser.post("/reconciliationview/reconcile", contract=day.contract, day="2020-01-03") == 302
        assert browser.status("/reconciliationview/load") == 302
        assert "belong to the whole company" in browser.text("/reconciliationview/list/")

    assert one(demo_database, "SELECT count(*) FROM job_run") == before


@pytest.mark.parametrize(
    "address", ["/reconciliationview/show/0", "/reconciliationview/show/x", "/reconciliationrowview/show/99999999999999999999999"]
)
def test_what_is_not_there_is_told_so(app: Flask, address: str) -> None:
    assert log_in(app, "supervisor").status(address) == 404


def test_verdict_that_does_not_exist_has_no_page(app: Flask, day: Day) -> None:
    assert log_in(app, "supervisor").status(f"{day.page}?verdict=NONE") == 404


@pytest.mark.parametrize("url", ["ftp://provider/", "https://provider", "https://provider/api?x=/", "javascript:alert(1)"])
def test_address_for_questions_is_one_of_the_web_that_ends_with_a_slash(demo_database: psycopg.Connection, url: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), demo_database.transaction():
        demo_database.execute(f"UPDATE payment_contract SET ask_url = %s WHERE id = {CONTRACT}", (url,))
