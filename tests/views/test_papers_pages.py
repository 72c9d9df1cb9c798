"""Papers on the screens: invoices by one button, acts as PDF and XLSX, a month by a job; each reading is on record."""

import json
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsers import Browser, log_in


@pytest.fixture
def operator(app: Flask) -> Browser:
    return log_in(app, "operator")


@pytest.fixture
def no_seller(demo_database: psycopg.Connection) -> Iterator[None]:
    """Take away the name the company sells under."""
    row = demo_database.execute("SELECT stir, legal_name, address FROM division WHERE parent_id IS NULL").fetchone()
    demo_database.execute("UPDATE division SET stir = NULL, legal_name = NULL, address = NULL WHERE parent_id IS NULL")
    yield
    demo_database.execute("UPDATE division SET stir = %s, legal_name = %s, address = %s WHERE parent_id IS NULL", row)


def legal_bill(demo_database: psycopg.Connection) -> tuple[int, int]:
    """Return a bill of a legal consumer without a tax invoice, and its account."""
    row = demo_database.execute(
        "SELECT b.id, b.account_id FROM bill b JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id "
        "JOIN division d ON d.id = b.division_id WHERE c.kind = 'LEGAL' AND d.code LIKE '1726%' AND b.vat_tiyin > 0 "
        "AND NOT EXISTS (SELECT 1 FROM tax_invoice t WHERE t.bill_id = b.id) ORDER BY b.id LIMIT 1"
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def offered(page: str, field: str) -> str:
    """Return the first choice of a field of the form on a page; the head of every page offers divisions and languages of its own."""
    return page.split(f'id="{field}"')[1].split('<option value="')[1].split('"', maxsplit=1)[0]


@pytest.mark.usefixtures("no_seller")
def test_button_says_what_is_missing(operator: Browser, demo_database: psycopg.Connection) -> None:
    bill_id, _ = legal_bill(demo_database)

    assert operator.post(f"/taxinvoiceview/issue/{bill_id}") == 302

    assert "The division has no STIR" in operator.text(f"/billview/show/{bill_id}")


def test_invoice_is_issued_by_one_button_and_read_as_pdf_and_json(operator: Browser, demo_database: psycopg.Connection) -> None:
    bill_id, account_id = legal_bill(demo_database)
    assert f"/taxinvoiceview/issue/{bill_id}" in operator.text(f"/billview/show/{bill_id}")

    operator.post(f"/taxinvoiceview/issue/{bill_id}")

    row = demo_database.execute("SELECT id, contents FROM tax_invoice WHERE bill_id = %s", (bill_id,)).fetchone()
    assert row is not None
    sent = operator.client.get(f"/taxinvoiceview/json/{row[0]}")
    assert sent.text == row[1]
    assert json.loads(sent.text)["SellerTin"] == "306350099"
    assert operator.client.get(f"/taxinvoiceview/pdf/{row[0]}").data.startswith(b"%PDF")
    assert operator.status("/taxinvoiceview/list/") == 200
    read = demo_database.execute(
        "SELECT count(*) FROM audit_entry WHERE operation = 'READ' AND table_name = 'account' AND row_id = %s", (str(account_id),)
    ).fetchone()
    assert read is not None
    assert read[0] >= 2


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("xlsx", b"PK")])
def test_act_is_one_button_away(operator: Browser, demo_database: psycopg.Connection, form: str, begins: bytes) -> None:
    _, account_id = legal_bill(demo_database)
    page = operator.text(f"/papers/act/{account_id}")
    month = offered(page, "first")

    answer = operator.client.get(f"/papers/act/{account_id}?first={month}&last={month}&form={form}", follow_redirects=True)

    assert answer.data.startswith(begins)
    assert f"/papers/act/{account_id}" in operator.text(f"/accountview/show/{account_id}")


def test_month_is_printed_by_a_job(operator: Browser, demo_database: psycopg.Connection) -> None:
    page = operator.text("/papers/")
    division, month = offered(page, "division"), offered(page, "month")
    assert operator.status("/papers/") == 200

    assert operator.post("/papers/", division=division, month=month, kind="BILL_PRINT MAHALLA") == 302

    row = demo_database.execute("SELECT kind, parameters ->> 'by' FROM job_run ORDER BY id DESC LIMIT 1").fetchone()
    assert row == ("BILL_PRINT", "MAHALLA")


def test_job_of_a_foreign_division_cannot_be_started(operator: Browser, demo_database: psycopg.Connection) -> None:
    row = demo_database.execute("SELECT id FROM division WHERE code = '1718901'").fetchone()
    assert row is not None
    month = offered(operator.text("/papers/"), "month")

    assert operator.post("/papers/", division=str(row[0]), month=month, kind="ACT_PRINT") == 200
