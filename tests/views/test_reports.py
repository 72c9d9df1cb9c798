"""Every report at every level: its totals are the sums of its rows and of its parts, and what the documents add up to."""

import csv
import gc
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import unescape
from typing import Any, NamedTuple
from zipfile import ZipFile

import psycopg
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import clock
from app.documents.reports import REPORTS, ReportSpec
from app.documents.reports.cells import file_header, shown_columns
from app.documents.tables import written_xlsx
from app.domain.calendar import Period
from app.domain.reference import ConsumerKind
from app.domain.reports import SUMMED, PeriodKind, ReportUnit, key_text, period_of, sums_of
from app.extensions import Scope, db, set_scope
from app.queries import administration
from app.queries.reports import behind
from tests import commands
from tests.browsers import FOREIGN, MINE, Browser, log_in, one, perform_latest
from tests.databases import environment

LEVELS = {
    "republic": "level = 'REPUBLIC'",
    "region": f"id = (SELECT parent_id FROM division WHERE code = '{MINE}')",
    "district": f"code = '{MINE}'",
}
_PLACES = {ReportUnit.MONEY: 2, ReportUnit.QUANTITY: 3, ReportUnit.FIGURE: 3, ReportUnit.THOUSANDS: 6, ReportUnit.COUNT: 0}


def _net(plus: str, minus: str, accounts: str, only: str = "true") -> str:
    return (
        f"coalesce(sum(amount_tiyin) FILTER (WHERE {only} AND {plus} IN ({accounts})), 0) "
        f"- coalesce(sum(amount_tiyin) FILTER (WHERE {only} AND {minus} IN ({accounts})), 0)"
    )


_BY_MONTH = "x.billing_month >= %(start)s AND x.billing_month < %(end)s"
_REVENUE, _MONEY = "'REVENUE', 'VAT'", "'CASH', 'PROVIDER'"
_ENTRIES = f"""
    SELECT {_net("credit", "debit", _REVENUE, f"x.document_kind <> 'ADJUSTMENT' AND {_BY_MONTH}")} AS charged_tiyin,
           {_net("credit", "debit", _REVENUE, f"x.document_kind = 'ADJUSTMENT' AND {_BY_MONTH}")} AS adjusted_tiyin,
           {_net("debit", "credit", _MONEY, _BY_MONTH)} AS paid_tiyin,
           {_net("debit", "credit", "'RECEIVABLE', 'ADVANCE'", "x.billing_month < %(start)s")} AS opening_tiyin,
           {_net("debit", "credit", "'RECEIVABLE', 'ADVANCE'", "x.billing_month < %(end)s")} AS closing_tiyin
    FROM ledger_entry x WHERE true
"""
_PAID = f"""
    SELECT count(*) FILTER (WHERE reverses_id IS NULL) AS payments, count(reverses_id) AS reversals,
           coalesce(sum(amount_tiyin) FILTER (WHERE reverses_id IS NULL), 0) AS credited_tiyin,
           coalesce(sum(amount_tiyin) FILTER (WHERE reverses_id IS NOT NULL), 0) AS reversed_tiyin,
           (SELECT coalesce(sum(CASE WHEN e.debit IN ({_MONEY}) THEN e.amount_tiyin ELSE -e.amount_tiyin END), 0) FROM ledger_entry e
            JOIN payment p ON p.id = e.document_id WHERE e.document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL')
              AND (e.debit IN ({_MONEY}) OR e.credit IN ({_MONEY})) AND p.received_on >= %(start)s AND p.received_on < %(end)s
              AND e.division_id = ANY (%(divisions)s)) AS kept_tiyin
    FROM payment x WHERE received_on >= %(start)s AND received_on < %(end)s
"""
#: Rows that an entry of the trail tells of.
_MANY = "coalesce((after ->> 'rows')::int, 1)"
#: Report → the documents summed anew, by the columns of the report; ``x`` is the table with the division.
PROOFS: Mapping[str, str] = {
    "turnover": _ENTRIES,
    "account_turnover": _ENTRIES,
    "sales": f"""
        SELECT coalesce(sum(quantity_milli), 0) AS energy_thousand_milli, coalesce(sum(vat_tiyin), 0) AS vat_tiyin,
               coalesce(sum(amount_tiyin), 0) AS amount_tiyin, coalesce(sum(amount_tiyin - vat_tiyin), 0) AS net_tiyin
        FROM bill x WHERE {_BY_MONTH}
    """,
    "form_46": f"""
        SELECT coalesce(sum(quantity_milli), 0) AS energy_thousand_milli, coalesce(sum(vat_tiyin), 0) AS vat_tiyin,
               coalesce(sum(amount_tiyin), 0) AS amount_tiyin, coalesce(sum(amount_tiyin - vat_tiyin), 0) AS net_tiyin
        FROM bill x WHERE {_BY_MONTH}
    """,
    "bill_quality": f"""
        SELECT count(*) AS bills, coalesce(sum(quantity_milli), 0) AS quantity_milli,
               count(*) FILTER (WHERE quality = 'ACTUAL') AS read, count(*) FILTER (WHERE quality = 'ESTIMATED') AS estimated,
               count(*) FILTER (WHERE quality = 'NORM') AS by_norm, count(*) FILTER (WHERE quality = 'LOSSES') AS losses
        FROM bill x WHERE {_BY_MONTH} AND cancels_id IS NULL AND id NOT IN (SELECT cancels_id FROM bill WHERE cancels_id IS NOT NULL)
    """,
    "benefits": f"""
        SELECT coalesce(sum(amount_tiyin), 0) AS amount_tiyin, coalesce(sum(quantity_milli), 0) AS quantity_milli
        FROM bill_line x WHERE component IN ('BENEFIT', 'SUBSIDY') AND {_BY_MONTH}
    """,
    "holds": f"SELECT count(*) AS bills, coalesce(sum(amount_tiyin), 0) AS amount_tiyin FROM bill_hold x WHERE {_BY_MONTH}",
    "corrections": """
        SELECT (SELECT count(*) FROM bill x WHERE cancels_id IS NOT NULL AND issued_on >= %(start)s AND issued_on < %(end)s
                  AND division_id = ANY (%(divisions)s)) + count(*) AS documents
        FROM adjustment x WHERE posted_on >= %(start)s AND posted_on < %(end)s
    """,
    "tax_invoices": """
        SELECT count(*) AS invoices, coalesce(sum(amount_tiyin), 0) AS amount_tiyin, coalesce(sum(vat_tiyin), 0) AS vat_tiyin
        FROM tax_invoice x WHERE invoiced_on >= %(start)s AND invoiced_on < %(end)s
    """,
    "payments": _PAID,
    "payments_by_day": _PAID,
    "suspense": "SELECT count(*) AS tenders, coalesce(sum(amount_tiyin), 0) AS amount_tiyin FROM tender x "
    "WHERE account_id IS NULL AND status = 'PERFORMED'",
    "debts": "SELECT count(*) AS bills, coalesce(sum(remaining_tiyin), 0) AS debt_tiyin FROM debt x WHERE true",
    "advances": f"SELECT {_net('credit', 'debit', chr(39) + 'ADVANCE' + chr(39))} AS advance_tiyin FROM ledger_entry x WHERE true",
    "penalties": """
        SELECT coalesce(sum(amount_tiyin), 0) AS kept_tiyin, count(DISTINCT account_id) AS accounts FROM penalty x
        WHERE (created_at AT TIME ZONE 'Asia/Tashkent')::date >= %(start)s AND (created_at AT TIME ZONE 'Asia/Tashkent')::date < %(end)s
    """,
    "accounts": """
        SELECT count(*) FILTER (WHERE opened_on >= %(start)s) AS opened,
               count(*) FILTER (WHERE closed_on >= %(start)s AND closed_on < %(end)s) AS closed
        FROM account x WHERE opened_on < %(end)s
    """,
    "contracts": """
        SELECT count(*) AS concluded FROM contract x WHERE signed_on >= %(start)s AND signed_on < %(end)s AND status IN ('SIGNED', 'ENDED')
    """,
    "contracts_concluded": """
        SELECT count(*) AS contracts FROM contract x WHERE signed_on >= %(start)s AND signed_on < %(end)s AND status IN ('SIGNED', 'ENDED')
    """,
    "supplies_switched": """
        SELECT count(*) FILTER (WHERE supply_state = 'OFF') AS cut, count(*) FILTER (WHERE supply_state = 'ON') AS restored
        FROM point_state x WHERE withdrawn_act_id IS NULL AND (begins_at AT TIME ZONE 'Asia/Tashkent')::date >= %(start)s
          AND (begins_at AT TIME ZONE 'Asia/Tashkent')::date < %(end)s
    """,
    "applications": """
        SELECT count(*) FILTER (WHERE filed_on >= %(start)s AND filed_on < %(end)s) AS filed,
               count(*) FILTER (WHERE status = 'DONE' AND ended_on >= %(start)s AND ended_on < %(end)s) AS done,
               count(*) FILTER (WHERE status = 'DONE' AND ended_on >= %(start)s AND ended_on < %(end)s AND ended_on <= term_on)
                   AS done_in_term,
               count(*) FILTER (WHERE status = 'DONE' AND ended_on >= %(start)s AND ended_on < %(end)s AND ended_on > term_on) AS done_late,
               count(*) FILTER (WHERE status IN ('REFUSED', 'WITHDRAWN') AND ended_on >= %(start)s AND ended_on < %(end)s) AS declined,
               count(*) FILTER (WHERE term_on < %(end)s AND (ended_on IS NULL OR ended_on >= %(end)s)) AS late_open
        FROM application x WHERE true
    """,
    "unmetered_supplies": """
        SELECT count(*) AS supplies FROM supply x WHERE valid_to IS NULL
          AND service_point_id NOT IN (SELECT service_point_id FROM meter_installation WHERE valid_to IS NULL)
          AND account_id NOT IN (SELECT account_id FROM supply_term WHERE kind = 'UNMETERED_NORM' AND valid_to IS NULL)
    """,
    "exceptions": "SELECT count(*) AS exceptions FROM bill_exception x WHERE status = 'OPEN'",
    "doubtful_tenders": """
        SELECT count(*) AS tenders, coalesce(sum(greatest(theirs_tiyin, ours_tiyin, ledger_tiyin)), 0) AS amount_tiyin
        FROM reconciliation_row x WHERE verdict = 'IN_DOUBT' AND status IN ('WAITS', 'NEEDS_PERSON')
    """,
    "unbalanced_shifts": """
        SELECT count(*) AS shifts, coalesce(sum(counted_tiyin - float_tiyin - received_tiyin) FILTER (
            WHERE counted_tiyin > float_tiyin + received_tiyin), 0) AS over_tiyin
        FROM payment_control x WHERE kind = 'SHIFT' AND counted_tiyin <> float_tiyin + received_tiyin
          AND business_day >= %(start)s AND business_day < %(end)s
    """,
    "failed_jobs": """
        SELECT count(*) AS jobs FROM job_run x WHERE status = 'FAILED' AND (created_at AT TIME ZONE 'Asia/Tashkent')::date >= %(start)s
          AND (created_at AT TIME ZONE 'Asia/Tashkent')::date < %(end)s
    """,
    "node_lags": "SELECT count(*) AS nodes FROM node x WHERE number <> 0 AND dropped_at IS NULL",
    # Each division with bills owes each of these reports on its day; the town has signed none.
    "late_reports": f"""
        SELECT count(*) * {sum(spec.is_submitted for spec in REPORTS.values())} AS late
        FROM (SELECT id AS division_id, path, CASE level WHEN 'DISTRICT' THEN 5 WHEN 'REGION' THEN 8 ELSE 12 END AS days FROM division) x
        WHERE date_trunc('month', now() AT TIME ZONE 'Asia/Tashkent')::date + days - 1 < (now() AT TIME ZONE 'Asia/Tashkent')::date
          AND EXISTS (
              SELECT FROM division b JOIN division_turnover t ON t.division_id = b.id
              WHERE starts_with(b.path, x.path) AND t.billing_month < date_trunc('month', now() AT TIME ZONE 'Asia/Tashkent')
          )
    """,
    "work": f"""
        SELECT coalesce(sum({_MANY}) FILTER (WHERE table_name = 'reading'), 0) AS readings_entered,
               coalesce(sum({_MANY}) FILTER (WHERE table_name = 'payment'), 0) AS payments_taken,
               count(*) FILTER (WHERE table_name IN ('adjustment', 'bill_correction')) AS corrections_made
        FROM (
            SELECT e.table_name, e.after, coalesce(e.division_id, m.division_id) AS division_id
            FROM audit_entry e JOIN ab_user u ON u.username = e.actor LEFT JOIN staff_member m ON m.user_id = u.id
            WHERE e.table_name IN ('reading', 'payment', 'adjustment', 'bill_correction') AND e.operation = 'INSERT'
              AND (e.happened_at AT TIME ZONE 'Asia/Tashkent')::date >= %(start)s
              AND (e.happened_at AT TIME ZONE 'Asia/Tashkent')::date < %(end)s
        ) x WHERE true
    """,
    "silent_points": """
        SELECT count(*) AS meters FROM meter_installation x WHERE valid_from < %(end)s AND coalesce(valid_to, 'infinity') >= %(end)s
    """,
    "stock": """
        SELECT count(*) AS closing_devices FROM (
            SELECT p.division_id FROM (
                SELECT DISTINCT ON (m.device_id) m.* FROM movement m
                WHERE m.moved_on < %(end)s AND m.reverses_id IS NULL AND NOT EXISTS (SELECT FROM movement u WHERE u.reverses_id = m.id)
                ORDER BY m.device_id, m.step_no DESC
            ) m JOIN stock_place p ON p.id = m.to_stock_place_id
        ) x WHERE true
    """,
    "seal_stock": """
        SELECT count(*) AS closing_seals FROM (
            SELECT p.division_id FROM (
                SELECT DISTINCT ON (m.seal_id) m.* FROM seal_movement m
                WHERE m.moved_on < %(end)s AND m.reverses_id IS NULL AND NOT EXISTS (SELECT FROM seal_movement u WHERE u.reverses_id = m.id)
                ORDER BY m.seal_id, m.step_no DESC
            ) m JOIN stock_place p ON p.id = m.to_stock_place_id
        ) x WHERE true
    """,
    "seals_applied": """
        SELECT count(*) AS applied_seals FROM seal_movement x
        WHERE x.event IN ('APPLY', 'TAKE_OVER') AND x.moved_on >= %(start)s AND x.moved_on < %(end)s AND x.reverses_id IS NULL
          AND NOT EXISTS (SELECT FROM seal_movement u WHERE u.reverses_id = x.id)
    """,
    "broken_seals": """
        SELECT count(*) FILTER (WHERE x.opened_on >= %(start)s) AS inspections,
               count(*) FILTER (WHERE x.status = 'OPEN') AS open_inspections
        FROM inspection x WHERE x.opened_on < %(end)s AND x.status <> 'WITHDRAWN'
    """,
    "meters": """
        SELECT count(*) AS meters FROM device x JOIN device_model k ON k.id = x.model_id
        WHERE k.device_kind_id = 1 AND x.step_no > 0 AND x.state IS NOT NULL AND x.state <> 'WRITTEN_OFF'
    """,
    "maintenance": """
        SELECT (SELECT count(*) FROM maintenance_work x LEFT JOIN maintenance_plan p ON p.id = x.maintenance_plan_id
                WHERE x.term_on >= %(start)s AND x.term_on < %(end)s AND x.status <> 'CANCELLED'
                  AND coalesce(p.status, 'APPROVED') = 'APPROVED' AND x.division_id = ANY (%(divisions)s)) AS planned_works,
               count(*) AS done_works, coalesce(sum(hours_milli), 0) AS hours_milli
        FROM maintenance_record x WHERE record_on >= %(start)s AND record_on < %(end)s AND event = 'CARRY_OUT' AND reverses_id IS NULL
          AND id NOT IN (SELECT reverses_id FROM maintenance_record WHERE reverses_id IS NOT NULL)
    """,
    "materials": """
        SELECT coalesce(sum(x.quantity_milli), 0) AS used_milli FROM material_use x
        JOIN maintenance_record r ON r.id = x.maintenance_record_id
        WHERE r.record_on >= %(start)s AND r.record_on < %(end)s
          AND r.id NOT IN (SELECT reverses_id FROM maintenance_record WHERE reverses_id IS NOT NULL)
    """,
    "readings": """
        SELECT count(*) AS readings_entered FROM reading x WHERE read_on >= %(start)s AND read_on < %(end)s AND kind <> 'WITHDRAWAL'
          AND id NOT IN (SELECT replaces_id FROM reading WHERE replaces_id IS NOT NULL)
    """,
    "unread_meters": """
        SELECT count(*) AS meters FROM meter_installation x WHERE valid_from < %(end)s AND coalesce(valid_to, 'infinity') >= %(end)s
    """,
}  # fmt: skip


class Shown(NamedTuple):
    """A report as its CSV has it: rows and totals under the names of the columns, figures in the integers they are kept in."""

    rows: list[dict[str, Any]]
    totals: dict[str, int]


@pytest.fixture
def months(demo_database: psycopg.Connection) -> dict[str, Any]:
    """All months that were billed, and the days after them in which they were paid."""
    found = demo_database.execute(
        "SELECT min(billing_month), max(billing_month), (max(billing_month) + interval '2 months')::date - 1 FROM bill"
    ).fetchone()
    assert found is not None
    return {"start": found[0], "month": found[1], "last": found[2]}


_READ: dict[tuple[str, ...], Shown] = {}


def read(browser: Browser, name: str, division_id: str, months: Mapping[str, Any], consumers: str = "") -> Shown:
    """Return a report as the supervisor gets it, who sees all; nothing here changes what it counts."""
    key = (name, division_id, consumers)
    if key not in _READ:
        _READ[key] = _read(browser, name, division_id, months, consumers)
    return _READ[key]


def _read(browser: Browser, name: str, division_id: str, months: Mapping[str, Any], consumers: str) -> Shown:
    spec = REPORTS[name]
    last = months["month"] if spec.period == PeriodKind.MONTHS else min(months["last"], months["today"])
    answer = browser.client.get(
        f"/reports/{name}/file.csv?division={division_id}&first={months['start']}&last={last}&consumers={consumers}"
    )
    assert answer.status_code == 200, answer.text
    contents = answer.data.decode("utf-8-sig")
    answer.close()
    head, *lines = csv.reader(io.StringIO(contents), delimiter=";")
    columns = [spec.columns[place] for place in shown_columns(spec.columns)]
    rows = [
        {column.name: _integer(cell, column.unit) if column.unit in SUMMED else cell for column, cell in zip(columns, line, strict=True)}
        for line in lines
    ]
    assert len(head) == len(columns)
    return Shown(rows[:-1], {column.name: rows[-1][column.name] for column in columns if column.unit in SUMMED})


def _integer(cell: str, unit: ReportUnit) -> int:
    return int(Decimal(cell.replace(",", ".") or "0").scaleb(_PLACES[unit]))


@pytest.fixture
def period(months: dict[str, Any], demo_database: psycopg.Connection) -> dict[str, Any]:
    return {**months, "today": demo_database.execute("SELECT (now() AT TIME ZONE 'Asia/Tashkent')::date").fetchone()[0]}  # type: ignore[index]


def proved(database: psycopg.Connection, name: str, divisions: Sequence[int], period: Mapping[str, Any]) -> dict[str, int]:
    """Return what the documents add up to."""
    ends = {
        PeriodKind.MONTHS: "(%(month)s + interval '1 month')::date",
        PeriodKind.DAYS: "least(%(last)s, %(today)s) + 1",
        PeriodKind.NOW: "%(today)s + 1",
    }
    end = database.execute(f"SELECT {ends[REPORTS[name].period]}", dict(period)).fetchone()[0]  # type: ignore[index]
    given = {"start": period["start"], "end": end, "divisions": list(divisions)}
    cursor = database.execute(f"{PROOFS[name]} AND x.division_id = ANY (%(divisions)s)", given)
    row = cursor.fetchone()
    assert row is not None
    assert cursor.description is not None
    return {column.name: int(value) for column, value in zip(cursor.description, row, strict=True)}


def test_every_report_has_a_proof() -> None:
    assert set(PROOFS) == set(REPORTS)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", REPORTS)
def test_report_is_what_its_documents_add_up_to(
    supervisor: Browser, demo_database: psycopg.Connection, period: dict[str, Any], name: str, level: str
) -> None:
    division_id = one(demo_database, f"SELECT id FROM division WHERE {LEVELS[level]}")
    inside = demo_database.execute(
        "SELECT d.id, d.parent_id FROM division d JOIN division top ON starts_with(d.path, top.path) WHERE top.id = %s", (division_id,)
    ).fetchall()

    shown = read(supervisor, name, division_id, period)

    assert shown.totals == {column: sum(row[column] for row in shown.rows) for column in shown.totals}
    wanted = proved(demo_database, name, [row[0] for row in inside], period)
    assert {column: shown.totals[column] for column in wanted} == wanted
    parts = [read(supervisor, name, str(row[0]), period).totals for row in inside if str(row[1]) == division_id]
    own = proved(demo_database, name, [int(division_id)], period)
    if parts:
        assert {column: shown.totals[column] for column in wanted} == {
            column: own[column] + sum(part[column] for part in parts) for column in wanted
        }


@pytest.mark.parametrize("name", [name for name, spec in REPORTS.items() if not spec.of_all_only])
def test_household_and_legal_consumers_make_up_all(
    supervisor: Browser, demo_database: psycopg.Connection, period: dict[str, Any], name: str
) -> None:
    division_id = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['district']}")

    both, *each = (read(supervisor, name, division_id, period, kind).totals for kind in ("", "HOUSEHOLD", "LEGAL"))

    assert both == {column: each[0][column] + each[1][column] for column in both}


@pytest.mark.parametrize("address", ["", "/file.csv", "/file.xlsx", "/rows", "/rows.csv"])
@pytest.mark.parametrize("name", REPORTS)
def test_foreign_division_is_not_there(chief: Browser, demo_database: psycopg.Connection, name: str, address: str) -> None:
    foreign = one(demo_database, f"SELECT id FROM division WHERE code = '{FOREIGN}'")
    column = next(column.name for column in REPORTS[name].columns if column.unit in SUMMED)

    assert chief.status(f"/reports/{name}{address}?division={foreign}&column={column}") == 404
    assert address not in {"/rows", "/rows.csv"} or chief.status(f"/reports/{name}{address}?column={column}&part={foreign}") == 404


def test_name_that_begins_like_a_formula_is_a_text_in_each_form_of_a_report(
    supervisor: Browser, demo_database: psycopg.Connection, period: dict[str, Any]
) -> None:
    district = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['district']}")
    demo_database.execute(
        "UPDATE consumer SET name = '=1+1' WHERE id = ("
        "SELECT min(a.consumer_id) FROM account a JOIN account_balance b ON b.account_id = a.id WHERE a.division_id = %s)",
        (district,),
    )
    address = f"division={district}&first={period['start']}&last={period['month']}"

    forms = {kind: supervisor.client.get(f"/reports/account_turnover/file.{kind}?{address}").data for kind in ("csv", "xlsx")}

    assert ";'=1+1;" in forms["csv"].decode("utf-8-sig")
    with ZipFile(io.BytesIO(forms["xlsx"])) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<t>'=1+1</t>" in sheet
    assert "<f>" not in sheet


@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
@pytest.mark.parametrize("name", REPORTS)
def test_report_is_sent_as_a_file(chief: Browser, name: str, kind: str) -> None:
    answer = chief.client.get(f"/reports/{name}/file.{kind}")

    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF" if kind == "pdf" else b"PK")


@pytest.mark.parametrize("name", REPORTS)
def test_page_shows_the_totals_of_the_file(
    supervisor: Browser, demo_database: psycopg.Connection, period: dict[str, Any], name: str
) -> None:
    division_id = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['district']}")
    spec = REPORTS[name]
    last = period["month"] if spec.period == PeriodKind.MONTHS else min(period["last"], period["today"])

    page = supervisor.text(f"/reports/{name}?division={division_id}&first={period['start']}&last={last}")

    rows, totals = read(supervisor, name, division_id, period)
    foot = page.partition("<tfoot>")[2].partition("</tfoot>")[0].replace(",", "")
    shown = [f"{totals[column.name] / 100:.2f}" for column in spec.columns if column.unit == ReportUnit.MONEY]
    assert ("No records found" in page) == (not rows)
    shown = shown if rows else []
    assert [amount for amount in shown if amount not in foot] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("first=2026-09-01&last=2026-08-01", "ends before it begins"),
        ("first=2015-01-01&last=2025-01-01", "three years at most"),
        ("first=2199-01-01&last=2199-01-01", "lies in the future"),
    ],
)
def test_period_that_cannot_be_is_told(chief: Browser, arguments: str, words: str) -> None:
    assert words in chief.text(f"/reports/payments?{arguments}")


def test_who_may_not_see_the_rows_is_refused_the_report(app: Flask) -> None:
    inspector = log_in(app, "inspector")

    assert inspector.status("/reports/debts") == 403
    assert 'href="/reports/debts"' not in inspector.text("/reports/")
    assert 'href="/reports/payments"' in inspector.text("/reports/")


def test_accounts_of_many_districts_are_a_job(app: Flask, supervisor: Browser, demo_database: psycopg.Connection) -> None:
    republic = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['republic']}")
    assert "Choose a district" in supervisor.text(f"/reports/account_turnover?division={republic}")

    answer = supervisor.client.get(f"/reports/account_turnover/file.xlsx?division={republic}")
    assert answer.status_code == 302
    perform_latest(app, demo_database)

    content = demo_database.execute("SELECT content FROM stored_file ORDER BY id DESC LIMIT 1").fetchone()
    assert content is not None
    sheet = ZipFile(io.BytesIO(content[0])).read("xl/worksheets/sheet1.xml").decode()
    balances = int(one(demo_database, "SELECT count(DISTINCT account_id) FROM account_balance"))
    assert sheet.count("<row ") >= balances


def test_file_of_a_job_is_in_the_language_of_who_asked(app: Flask, supervisor: Browser, demo_database: psycopg.Connection) -> None:
    demo_database.execute(f"UPDATE division SET name_ru = 'Район на русском' WHERE code = '{MINE}'")
    republic = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['republic']}")
    last = one(demo_database, "SELECT max(billing_month) FROM bill")
    supervisor.client.get("/lang/ru")
    try:
        supervisor.client.get(f"/reports/account_turnover/file.xlsx?division={republic}&first={last}&last={last}")
    finally:
        supervisor.client.get("/lang/en")

    perform_latest(app, demo_database)

    content = demo_database.execute("SELECT content FROM stored_file ORDER BY id DESC LIMIT 1").fetchone()
    assert content is not None
    with ZipFile(io.BytesIO(content[0])) as book:
        texts = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "Район на русском" in texts


def test_command_and_page_say_the_same_of_a_period_that_cannot_be(demo_url: str, servers: tuple[str, str], chief: Browser) -> None:
    asked = ["payments", "--division", MINE, "--period", "2026-08-02..2026-08-01", "--language", "en"]

    done = commands.flask("report", *asked, environ=environment(demo_url, servers[1]))

    assert done.returncode == 2
    assert "The period ends before it begins." in done.stderr
    assert "The period ends before it begins." in chief.text("/reports/payments?first=2026-08-02&last=2026-08-01")


def test_each_row_of_the_form_has_its_code_and_what_no_row_gathers_stands_in_one_of_its_own(
    supervisor: Browser, demo_database: psycopg.Connection, period: dict[str, Any]
) -> None:
    republic = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['republic']}")
    whole = _read(supervisor, "form_46", republic, period, "")
    demo_database.execute("UPDATE report_row SET valid_to = '2001-01-01' WHERE consumer_kind = 'LEGAL' AND tariff_group_id IS NULL")
    try:
        without = _read(supervisor, "form_46", republic, period, "")
    finally:
        demo_database.execute("UPDATE report_row SET valid_to = NULL")

    assert {"100", "200"} <= {row["row_code"] for row in whole.rows}
    assert "" not in {row["row_code"] for row in whole.rows}
    assert "200" not in {row["row_code"] for row in without.rows}
    assert {row["amount_tiyin"] for row in without.rows if row["row_code"] == ""} != {0}
    assert whole.totals == without.totals


def test_columns_of_the_form_are_those_of_the_period_with_their_codes_and_a_kept_report_keeps_them(
    supervisor: Browser, demo_database: psycopg.Connection, period: dict[str, Any]
) -> None:
    republic = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['republic']}")
    address = f"/reports/form_46/file.csv?division={republic}&first={period['start']}&last={period['month']}"
    kept = supervisor.client.post(
        f"/reports/form_46/store?division={republic}&first={period['start']}&last={period['month']}",
        data={"csrf_token": supervisor.token, "keep": "y"},
    ).location
    before = head(supervisor, address)
    demo_database.execute("UPDATE report_column SET valid_to = '2001-01-01' WHERE measure = 'VAT'")
    demo_database.execute("UPDATE report_column SET code = '0', name = 'Summa' WHERE measure = 'AMOUNT'")
    try:
        after, of_kept = head(supervisor, address), head(supervisor, f"{kept}/file.csv")
    finally:
        demo_database.execute("UPDATE report_column SET valid_to = NULL WHERE measure = 'VAT'")
        demo_database.execute("UPDATE report_column SET code = '4', name = 'QQS bilan summa' WHERE measure = 'AMOUNT'")

    assert [each.partition(".")[0] for each in before[3:]] == ["1", "2", "3", "4"]
    assert [each.partition(".")[0] for each in after[3:]] == ["0", "1", "2"]
    assert after[3] == "0. Summa, soʻm"
    assert of_kept == before


def head(browser: Browser, address: str) -> list[str]:
    with browser.client.get(address) as answer:
        return next(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_rows_of_forms_are_edited_on_a_screen(app: Flask, demo_database: psycopg.Connection) -> None:
    editor = log_in(app, "editor")
    first = one(demo_database, "SELECT min(id) FROM report_row")

    assert "Rows of report forms" in editor.text("/reportrowview/list/")
    assert editor.status(f"/reportrowview/edit/{first}") == 200
    assert log_in(app, "cashier").status("/reportrowview/list/") in {302, 403}


def test_number_of_more_digits_than_a_spreadsheet_keeps_is_a_text_with_a_note(app: Flask) -> None:
    with app.test_request_context():
        made = written_xlsx("", ["Sum", "Name"], [[Decimal("10000000000000.01"), "=1+1"], [Decimal("9999999999999.99"), "b"]])

    with ZipFile(io.BytesIO(made)) as book:
        sheet, notes = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/comments1.xml").decode()
    assert '<c r="A2" t="inlineStr"><is><t>10000000000000.01</t></is></c>' in sheet
    assert '<c r="A3"><v>9999999999999.99</v></c>' in sheet
    assert "<t>'=1+1</t>" in sheet
    assert "15 digits" in notes


def _cells(page: str, spec: ReportSpec, part: str, tag: str) -> Iterator[tuple[str, Decimal, str]]:
    """Yield the cells of a report that lead to the rows behind them: the column, its figure, the address."""
    columns = [spec.columns[place] for place in shown_columns(spec.columns)]
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page.partition(f"<{part}>")[2].partition(f"</{part}>")[0], re.DOTALL):
        cells = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", row, re.DOTALL)
        for column, cell in zip(reversed(columns), reversed(cells), strict=False):
            if (found := re.search(r'<a href="([^"]+)">\s*([^<]+?)\s*</a>', cell)) and "/rows?" in found[1]:
                yield column.name, Decimal(found[2].replace(",", "").replace("\u2212", "-")), found[1]


def _behind(browser: Browser, address: str) -> list[Decimal]:
    """Return the figures of the rows that a cell opens, and their total, as the file has them."""
    with browser.client.get(address.replace("/rows?", "/rows.csv?")) as answer:
        assert answer.status_code == 200, address
        _head, *lines = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    return [Decimal(line[-1].replace(",", ".")) for line in lines]


@pytest.fixture
def books(app: Flask) -> Iterator[Session]:
    """All divisions, as a job sees them."""
    with app.app_context():
        set_scope(Scope(actor="test", today=clock.today(), everywhere=True))
        yield db.session()
        db.session.rollback()
        db.session.remove()


def _period(spec: ReportSpec, period: Mapping[str, Any]) -> Period:
    last = period["month"] if spec.period == PeriodKind.MONTHS else min(period["last"], period["today"])
    return period_of(spec.period, period["start"], last, today=period["today"])


_WITH_DOCUMENTS = [name for name, spec in REPORTS.items() if spec.documents]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", _WITH_DOCUMENTS)
def test_rows_behind_each_figure_add_up_to_it_for_each_kind_of_consumer(
    books: Session, demo_database: psycopg.Connection, period: dict[str, Any], name: str, level: str
) -> None:
    spec, tree = REPORTS[name], administration.divisions(books)
    division_id = int(one(demo_database, f"SELECT id FROM division WHERE {LEVELS[level]}"))
    chosen = next(each for each in tree if each.id == division_id)
    differing, compared = [], 0
    for consumers in (None,) if spec.of_all_only else (None, *ConsumerKind):
        asked = spec.request(tree, chosen, _period(spec, period), consumers)
        rows = [*spec.cells(books, asked)]
        sums = sums_of(spec.columns, rows)
        for place, column in enumerate(spec.columns):
            if column.unit not in SUMMED:
                continue
            row = max(rows, key=lambda row: abs(row[place]), default=None)
            keys = {
                each.name: key_text(value) for each, value in zip(spec.columns, row or (), strict=False) if each.name in spec.told_apart[1:]
            }
            for figure, value in (
                (spec.figure(column.name, {}, None), sums.cells[place]),
                (spec.figure(column.name, keys, row[0] if row else None), row[place] if row else 0),
            ):
                assert figure is not None
                opened = [*behind.rows_behind(books, asked, figure)]
                total = behind.total_behind(books, asked, figure)
                compared += len(opened)
                if not (sum(each.value for each in opened) == total.value == value and len(opened) == total.rows):
                    differing.append((consumers, column.name, keys, value, total))

    assert differing == []
    assert compared or not sums.rows


@pytest.mark.parametrize("name", _WITH_DOCUMENTS)
def test_figure_on_a_page_opens_the_rows_that_add_up_to_it(
    supervisor: Browser, demo_database: psycopg.Connection, period: dict[str, Any], name: str
) -> None:
    spec = REPORTS[name]
    district = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['district']}")
    last = period["month"] if spec.period == PeriodKind.MONTHS else min(period["last"], period["today"])
    page = unescape(supervisor.text(f"/reports/{name}?division={district}&first={period['start']}&last={last}"))
    body, foot = [*_cells(page, spec, "tbody", "td")], [*_cells(page, spec, "tfoot", "td")]

    shown = read(supervisor, name, district, period)

    assert {column for column, _figure, _address in foot} == {column for column, total in shown.totals.items() if total}
    assert {column for column, _figure, _address in body} >= {column for column, _figure, _address in foot}
    for column, figure, address in [*body[-1:], *foot[-1:]]:
        *rows, total = _behind(supervisor, address)
        assert round(sum(rows), 6) == round(total, 6) == figure, (column, address)


def test_report_without_documents_counts_its_rows() -> None:
    assert [name for name, spec in REPORTS.items() if spec.documents is None] == ["node_lags"]


def test_page_of_rows_tells_document_account_and_sum(
    supervisor: Browser, demo_database: psycopg.Connection, period: dict[str, Any]
) -> None:
    district = one(demo_database, f"SELECT id FROM division WHERE {LEVELS['district']}")
    page = unescape(supervisor.text(f"/reports/sales?division={district}&first={period['start']}&last={period['month']}"))
    cells = [each for each in _cells(page, REPORTS["sales"], "tbody", "td") if each[0] == "amount_tiyin"]

    rows = supervisor.text(cells[0][2])

    assert f"{cells[0][1]:,.2f}" in rows.partition("<tfoot>")[2]
    assert re.search(r'href="/billview/show/\d+"', rows)
    assert re.search(r'href="/accountview/show/\d+"', rows)


@pytest.mark.parametrize(
    "given",
    [
        "column=nothing",
        "column=consumer_kind",
        "column=amount_tiyin&part=999999",
        "column=amount_tiyin&block_no=x",
        "column=amount_tiyin&part=x",
    ],
)
def test_rows_of_what_is_no_figure_are_not_there(chief: Browser, given: str) -> None:
    assert chief.status(f"/reports/sales/rows?{given}") == 404


def test_heads_tell_the_unit() -> None:
    assert file_header(REPORTS["turnover"].columns)[-2:] == ["At the end, soʻm", "Collected, %"]


def test_report_that_was_sent_holds_no_connection(app: Flask, supervisor: Browser) -> None:
    with app.app_context():
        pool: Any = db.engine.pool
    before = pool.checkedout()
    gc.disable()
    try:
        with supervisor.client.get("/reports/turnover/file.csv") as answer:
            assert answer.is_streamed
            assert answer.data
        assert pool.checkedout() == before
    finally:
        gc.enable()
