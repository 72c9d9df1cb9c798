"""One more bill in a district changes each report that holds it by exactly its sum, at three levels and in each form; a signed one stays.

Divisions change under reports: they are moved between regions, have nothing, and accounts move between them.
"""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any, NamedTuple
from zipfile import ZipFile

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.documents.reports import REPORTS
from app.documents.reports.cells import shown_columns
from app.domain.calendar import months_after
from app.domain.reports import SUMMED, PeriodKind
from app.extensions import Scope, db, set_scope
from app.queries import tariffs
from app.services import billing
from tests.browsers import MINE, Browser, one

#: The district whose last month the demo leaves to be billed.
LEFT = "1726902"
#: Report → its column that the bill's sum, its energy or its number goes into.
HOLDING = {
    "turnover": ("charged_tiyin", "amount"),
    "account_turnover": ("charged_tiyin", "amount"),
    "sales": ("amount_tiyin", "amount"),
    "form_46": ("amount_tiyin", "amount"),
    "bill_quality": ("quantity_milli", "energy"),
    "debts": ("debt_tiyin", "debt"),
}
#: The last month in which districts were billed, not an account alone.
_LATEST = "SELECT max(billing_month) FROM (SELECT billing_month FROM bill GROUP BY billing_month HAVING count(*) > 20) whole"
KINDS = ("screen", "csv", "xlsx", "pdf")


class Made(NamedTuple):
    """What one more bill added: soʻm and kWh."""

    month: date
    amount: Decimal
    energy: Decimal
    debt: Decimal


@pytest.fixture
def levels(demo_database: psycopg.Connection) -> dict[str, str]:
    region = one(demo_database, f"SELECT parent_id FROM division WHERE code = '{LEFT}'")
    return {
        "district": one(demo_database, f"SELECT id FROM division WHERE code = '{LEFT}'"),
        "region": region,
        "republic": one(demo_database, f"SELECT parent_id FROM division WHERE id = {region}"),
    }


def totals(browser: Browser, kind: str, report: str, division: str, month: date) -> dict[str, Decimal]:
    """Return the totals of a report as a person reads them in a form of it."""
    spec = REPORTS[report]
    arguments = f"division={division}" + ("" if spec.period == PeriodKind.NOW else f"&first={month}&last={month}")
    address = f"/reports/{report}?{arguments}" if kind == "screen" else f"/reports/{report}/file.{kind}?{arguments}"
    answer = browser.client.get(address)
    assert answer.status_code == 200, address
    columns = [spec.columns[place] for place in shown_columns(spec.columns)]
    figures = _READ[kind](answer.data)
    wanted = [column.name for column in columns if column.unit in SUMMED]
    if kind == "screen" and b"<tfoot>" not in answer.data:
        return dict.fromkeys(wanted, Decimal())
    assert len(figures) >= len(wanted), (kind, report, figures)
    return dict(zip(wanted, figures, strict=False))  # shares stand behind what is added up, and not where they are of nothing


def _of_screen(page: bytes) -> list[Decimal]:
    foot = unescape(page.decode()).partition("<tfoot>")[2].partition("</tfoot>")[0]
    return _numbers(re.sub(r"<[^>]*>", " ", foot).replace(",", "").split())


def _of_csv(contents: bytes) -> list[Decimal]:
    (*_rows, last) = csv.reader(io.StringIO(contents.decode("utf-8-sig")), delimiter=";")
    return _numbers(cell.replace(",", ".") for cell in last)


def _of_xlsx(contents: bytes) -> list[Decimal]:
    with ZipFile(io.BytesIO(contents)) as book:
        rows = re.findall(r"<row .*?</row>", book.read("xl/worksheets/sheet1.xml").decode(), re.DOTALL)
    return _numbers(re.findall(r"<v>([^<]*)</v>", rows[-1]))


def _of_pdf(contents: bytes) -> list[Decimal]:
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=contents, check=True, capture_output=True).stdout.decode()
    last = next(line for line in reversed(told.splitlines()) if line.strip().startswith("Total"))
    return _numbers(cell.replace(",", ".") for cell in last.split())


def _numbers(cells: Any) -> list[Decimal]:
    return [Decimal(cell) for cell in cells if re.fullmatch(r"-?\d+(\.\d+)?(E-?\d+)?", cell.replace("−", "-"))]


_READ: Mapping[str, Any] = {"screen": _of_screen, "csv": _of_csv, "xlsx": _of_xlsx, "pdf": _of_pdf}


def _asked(levels: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield what is compared: report, level, form; accounts of many districts are no page, and their files are jobs."""
    for report in HOLDING:
        for level in levels:
            for kind in KINDS:
                if (report, level == "district") != ("account_turnover", False) or kind == "csv":
                    yield report, level, kind


def post_one_bill(app: Flask, division: int, month: date) -> Made:
    """Post one bill of the month that the demo left, as a run would."""
    on = months_after(month, 1)
    with app.app_context():
        set_scope(Scope(actor="test", today=on, everywhere=True))
        session = db.session()
        run = billing.open_run(session, division_id=division, month=month, today=on)
        prices, policy = tariffs.prices(session), billing.policy_on(session, on)
        found = [billing.empty_preview(), *(found for found, _ in billing.preview_steps(session, run, prices, policy))][-1]
        billing.finish_preview(session, run, found)
        billing.begin_posting(session, run.id)
        before, after = 0, 0
        while not before:
            after, count = billing.post_chunk(
                session, run, prices, policy, after=after, due_on=on.replace(day=10), posted_on=on, limit=1
            )  # fmt: skip
            assert count
            before = session.scalar(text("SELECT count(*) FROM bill WHERE bill_run_id = :id"), {"id": run.id}) or 0
        row = session.execute(
            text(
                "SELECT b.amount_tiyin, b.quantity_milli, coalesce(d.remaining_tiyin, 0) FROM bill b LEFT JOIN debt d ON d.bill_id = b.id "
                "WHERE b.bill_run_id = :id"
            ),
            {"id": run.id},
        ).one()  # fmt: skip
        session.commit()
        db.session.remove()
    return Made(month, Decimal(row[0]).scaleb(-2), Decimal(row[1]).scaleb(-3), Decimal(row[2]).scaleb(-2))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_one_more_bill_changes_each_report_by_its_sum_and_no_signed_one(
    app: Flask, supervisor: Browser, demo_database: psycopg.Connection, levels: dict[str, str]
) -> None:
    month = date.fromisoformat(one(demo_database, _LATEST))
    before = {each: totals(supervisor, each[2], each[0], levels[each[1]], month) for each in _asked(levels)}
    signed = {level: keep_and_sign(supervisor, demo_database, division, month) for level, division in levels.items()}
    kept = {level: supervisor.client.get(f"{address}/file.csv").data for level, address in signed.items()}

    made = post_one_bill(app, int(levels["district"]), month)

    assert made.amount > 0
    differing = {}
    for each in _asked(levels):
        column, figure = HOLDING[each[0]]
        now = totals(supervisor, each[2], each[0], levels[each[1]], month)
        if now[column] - before[each][column] != getattr(made, figure):
            differing[each] = (before[each][column], now[column])
    assert differing == {}
    for level, address in signed.items():
        assert supervisor.client.get(f"{address}/file.csv").data == kept[level]
        assert "Signed" in supervisor.text(address)
        assert keep(supervisor, levels[level], month) != address


def keep(browser: Browser, division: str, month: date) -> str:
    answer = browser.client.post(
        f"/reports/turnover/store?division={division}&first={month}&last={month}", data={"csrf_token": browser.token, "keep": "y"}
    )
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def keep_and_sign(browser: Browser, database: psycopg.Connection, division: str, month: date) -> str:
    """Keep a report and let it be signed, though its month is open."""
    address = keep(browser, division, month)
    database.execute(
        "INSERT INTO report_step (division_id, stored_report_id, event, status) VALUES (%s, %s, 'SIGN', 'SIGNED')",
        (division, address.rpartition("/")[2]),
    )
    return address


def test_division_moved_between_regions_is_counted_where_it_is_and_a_kept_report_shows_where_it_was(
    supervisor: Browser, demo_database: psycopg.Connection, levels: dict[str, str]
) -> None:
    month = date.fromisoformat(one(demo_database, _LATEST))
    district = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    old = one(demo_database, f"SELECT parent_id FROM division WHERE id = {district}")
    new = one(demo_database, f"SELECT min(id) FROM division WHERE level = 'REGION' AND id <> {old}")
    path, target = (one(demo_database, f"SELECT path FROM division WHERE id = {each}") for each in (district, new))

    def charged(division: str) -> Decimal:
        return totals(supervisor, "csv", "turnover", division, month)["charged_tiyin"]

    own, was, there, whole = charged(district), charged(old), charged(new), charged(levels["republic"])
    kept = keep(supervisor, old, month)
    contents = supervisor.client.get(f"{kept}/file.csv").data
    _move(demo_database, district, new, f"{target}{MINE}/")
    try:
        assert own > 0
        assert (charged(old), charged(new), charged(levels["republic"])) == (was - own, there + own, whole)
        assert supervisor.client.get(f"{kept}/file.csv").data == contents
    finally:
        _move(demo_database, district, old, path)


def _move(database: psycopg.Connection, division: str, parent: str, path: str) -> None:
    database.execute("SET session_replication_role = replica")
    database.execute("UPDATE division SET parent_id = %s, path = %s WHERE id = %s", (parent, path, division))
    database.execute("SET session_replication_role = origin")


@pytest.mark.parametrize("report", REPORTS)
def test_empty_division_has_an_empty_report(supervisor: Browser, demo_database: psycopg.Connection, report: str) -> None:
    empty = one(
        demo_database,
        "SELECT min(id) FROM division WHERE level = 'REGION' AND id NOT IN (SELECT parent_id FROM division WHERE parent_id IS NOT NULL)",
    )

    page = supervisor.text(f"/reports/{report}?division={empty}")

    assert "No records found" in page or "Choose a district" in page
    for kind in ("csv", "xlsx", "pdf"):
        answer = supervisor.client.get(f"/reports/{report}/file.{kind}?division={empty}")
        assert answer.status_code in {200, 302}


def test_account_moved_between_divisions_is_in_the_one_it_had_each_document_in(
    supervisor: Browser, demo_database: psycopg.Connection, levels: dict[str, str]
) -> None:
    account, home, month = demo_database.execute(
        f"SELECT b.account_id, b.division_id, b.billing_month FROM bill b JOIN division d ON d.id = b.division_id "
        f"WHERE d.code = '{MINE}' AND b.billing_month = ({_LATEST}) ORDER BY b.id LIMIT 1"
    ).fetchone()  # type: ignore[misc]
    other = one(demo_database, f"SELECT id FROM division WHERE code = '{LEFT}'")

    def seen() -> list[dict[str, Decimal]]:
        asked = [(report, division) for report in ("turnover", "sales", "account_turnover") for division in (str(home), other)]
        return [totals(supervisor, "csv", report, division, month) for report, division in asked]

    before, moved = seen(), "UPDATE account SET division_id = %s WHERE id = %s"
    demo_database.execute("SET session_replication_role = replica")
    demo_database.execute(moved, (other, account))
    try:
        assert seen() == before
        name, number = f"/reports/account_turnover/file.csv?division={home}&first={month}&last={month}", one(
            demo_database, f"SELECT number FROM account WHERE id = {account}"
        )  # fmt: skip
        assert number in supervisor.client.get(name).text
        assert totals(supervisor, "csv", "turnover", levels["region"], month)["charged_tiyin"] > 0
    finally:
        demo_database.execute(moved, (home, account))
