"""Tables people lay out themselves show what the reports show, lead to them, and are kept, shared and sent as files."""

import csv
import io
import re
from decimal import Decimal
from html import unescape

import psycopg
import pytest
from flask import Flask

from tests.browsers import FOREIGN, MINE, Browser, log_in, one

TABLE = "/own-table/list/?_tbl_figure=turnover.charged_tiyin&_tbl_figure=turnover.collected_percent&_tbl_down=division&_tbl_across=month"

PAID = "_tbl_figure=turnover.paid_tiyin"
LONG_AGO = "_tbl_span=0&_tbl_first=2024-01-01&_tbl_last=2026-10-01"


@pytest.fixture
def region(demo_database: psycopg.Connection) -> str:
    return one(demo_database, f"SELECT parent_id FROM division WHERE code = '{MINE}'")


def lines(browser: Browser, address: str) -> list[list[str]]:
    with browser.client.get(address.replace("/list/", "/file.csv")) as answer:
        assert answer.status_code == 200, answer.text
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def amount(cell: str) -> Decimal:
    return Decimal(cell.replace(",", ".") or "0")


def test_cells_are_what_reports_of_their_division_and_month_show(supervisor: Browser, region: str) -> None:
    page = supervisor.client.get(f"{TABLE}&division={region}&_tbl_span=3").text
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = re.findall(r'<td class="num"[^>]*><a href="(/reports/turnover[^"]+)">([^<]+)</a>', body)
    assert len(cells) >= 12

    for address, shown in cells:
        report = supervisor.client.get(unescape(address)).text
        assert shown in report.partition("<tfoot>")[2], address


def test_months_add_up_to_the_last_column_and_divisions_to_the_last_row(supervisor: Browser, region: str) -> None:
    _, *rows = lines(supervisor, f"{TABLE}&division={region}&_tbl_span=3")
    charged = [[amount(cell) for cell in row[1::2]] for row in rows]

    assert any(row[-1] for row in charged)
    assert [sum(row[:-1]) for row in charged] == [row[-1] for row in charged]
    assert [sum(column) for column in zip(*charged[:-1], strict=True)] == charged[-1]


def test_balance_of_all_months_is_that_of_the_last_and_no_sum(supervisor: Browser, region: str) -> None:
    asked = f"/own-table/list/?_tbl_figure=turnover.closing_tiyin&_tbl_down=month&division={region}&_tbl_span=3"

    rows = [row[1] for row in lines(supervisor, asked)[1:]]

    assert rows[-1] == rows[-2] != "0"


def test_figures_of_two_reports_stand_side_by_side_by_kind_of_consumer(supervisor: Browser, region: str) -> None:
    asked = "/own-table/list/?_tbl_figure=sales.amount_tiyin&_tbl_figure=payments.kept_tiyin&_tbl_down=consumer_kind&_tbl_span=6"

    head, *rows = lines(supervisor, f"{asked}&division={region}")

    assert head == ["Kind of consumer", "Consumption and revenue: Amount, soʻm", "Payments by channel: Net of reversals, soʻm"]
    assert [row[0] for row in rows] == ["Household", "Legal", "Total"]
    assert all(amount(rows[0][place]) + amount(rows[1][place]) == amount(rows[2][place]) > 0 for place in (1, 2))


def test_district_stands_in_its_region_and_leads_to_its_own_table(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    top = one(demo_database, "SELECT id FROM division WHERE parent_id IS NULL")
    asked = f"/own-table/list/?_tbl_figure=turnover.charged_tiyin&_tbl_down=division&_tbl_down=district&_tbl_span=3&division={top}"
    district, name = (
        one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'"),
        one(demo_database, f"SELECT name FROM division WHERE code = '{MINE}'"),
    )

    page = supervisor.text(asked)
    found = re.search(rf'<a href="(/own-table/list/\?division={district}[^"]*)">{re.escape(name)}</a>', page)

    assert found is not None
    assert f"Own table: {name}" in supervisor.text(found[1])


def test_rows_are_narrowed_to_a_value(supervisor: Browser, region: str) -> None:
    asked = f"/own-table/list/?_tbl_figure=payments.kept_tiyin&_tbl_down=channel&division={region}&_tbl_span=6"
    every = lines(supervisor, asked)[1:]

    cash = lines(supervisor, f"{asked}&_tbl_only=channel=CASHIER")[1:]

    assert len(every) > 2
    assert [row[1] for row in cash] == [row[1] for row in every if row[0] == cash[0][0]] * 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (f"{PAID}&_tbl_down=tariff_group", "not told apart"),
        ("_tbl_figure=debts.debt_tiyin&_tbl_down=month", "not told apart"),
        (f"{PAID}&_tbl_span=0&_tbl_first=2026-05-01&_tbl_last=2026-01-01", "ends before it begins"),
        (f"{PAID}&_tbl_span=0&_tbl_first=2016-01-01&_tbl_last=2026-01-01", "longer than three years"),
        (f"{PAID}&_tbl_figure=holds.bills&_tbl_down=month&_tbl_across=consumer_kind&{LONG_AGO}", "Choose fewer months"),
    ],
)
def test_table_that_cannot_be_is_told(supervisor: Browser, arguments: str, words: str) -> None:
    assert words in supervisor.text(f"/own-table/list/?{arguments}")


def test_foreign_division_and_unknown_figure_are_not_there(chief: Browser, demo_database: psycopg.Connection) -> None:
    foreign = one(demo_database, f"SELECT id FROM division WHERE code = '{FOREIGN}'")

    assert chief.status(f"{TABLE}&division={foreign}") == 404
    assert chief.status("/own-table/list/?_tbl_figure=turnover.secret") == 404
    assert chief.status("/own-table/list/?_tbl_figure=nothing.at_all") == 404


def test_figures_of_reports_one_may_not_ask_for_are_neither_offered_nor_shown(app: Flask) -> None:
    inspector = log_in(app, "inspector")

    assert inspector.status("/own-table/list/?_tbl_figure=debts.debt_tiyin") == 403
    assert "debts.debt_tiyin" not in inspector.text("/own-table/list/?_tbl_figure=payments.kept_tiyin")


@pytest.mark.parametrize(("kind", "begin"), [("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_table_is_sent_as_a_file(supervisor: Browser, kind: str, begin: bytes) -> None:
    assert supervisor.client.get(TABLE.replace("/list/", f"/file.{kind}")).data.startswith(begin)


def test_table_is_kept_under_a_name_and_opens_by_itself(app: Flask) -> None:
    operator = log_in(app, "operator")
    query = "_tbl_figure=sales.energy_thousand_milli&_tbl_down=tariff_group&_tbl_span=6"
    assert operator.post("/list-views/save", list="OwnTableView", name="Energy by group", query=query, is_default="1") == 302

    opened = operator.client.get("/own-table/list/", follow_redirects=True)

    assert "Energy by group" in opened.text
    assert '<th scope="col">Tariff group</th>' in opened.text
    assert "_tbl_span=6" in opened.request.url


@pytest.mark.parametrize("user", ["cashier", "inspector", "engineer", "lawyer", "operator", "auditor"])
def test_page_opens_with_figures_the_reader_may_see(app: Flask, user: str) -> None:
    opened = log_in(app, user).client.get("/own-table/list/", follow_redirects=True)
    page = opened.text
    figure = re.search(r'name="_tbl_figure" value="([^"]*)" checked', page)
    assert figure
    # What is not kept as a sum is added up when it is asked for.
    is_kept = figure[1] == "turnover.charged_tiyin" or "_tbl_figure" in opened.request.url
    assert ("<tbody>" in page) == is_kept
    assert "<tbody>" in log_in(app, user).text(f"/own-table/list/?_tbl_figure={figure[1]}&_tbl_down=division")


def test_file_of_a_table_that_cannot_be_leads_back_to_all_that_was_asked(supervisor: Browser) -> None:
    asked = f"{PAID}&_tbl_figure=holds.bills&_tbl_down=tariff_group"

    answer = supervisor.client.get(f"/own-table/file.csv?{asked}")

    assert answer.status_code == 302
    assert answer.location.endswith(f"/own-table/list/?{asked}")
