"""Lists: filters in words, days and accounts as people mean them, files that hold what is seen."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_appbuilder import Model
from psycopg import Connection
from pypdf import PdfReader
from python_calamine import load_workbook
from sqlalchemy import event

from app.domain.administration import PARAMETERS
from app.extensions import db
from app.views.base import EntityView
from tests.browsers import Browser, log_in


@pytest.fixture(scope="module")
def clerk(app: Flask) -> Browser:
    """A browser of somebody who works in the whole company."""
    return log_in(app, "supervisor")


def of_one(demo_database: Connection, table: str) -> tuple[str, int]:
    """Return the number of an account, and how many rows of a table it has."""
    row = demo_database.execute(
        f"SELECT a.number, count(*) FROM account a JOIN {table} t ON t.account_id = a.id GROUP BY a.number ORDER BY 2 DESC, 1 LIMIT 1"
    ).fetchone()
    assert row is not None
    return row


def address(page: str, *parts: str) -> str:
    """Return the address that stands in a page with all of some parts."""
    found = [each.partition('"')[0].replace("&amp;", "&") for each in page.split('name="')[1:]]
    return next(each for each in found if all(part in each for part in parts))


@pytest.mark.parametrize("table", ["bill", "payment", "reading", "debt"])
def test_rows_are_found_by_the_number_of_their_account(clerk: Browser, demo_database: Connection, table: str) -> None:
    number, count = of_one(demo_database, table)
    field = address(clerk.text(f"/{table}view/list/"), "_flt_", "_account")

    page = clerk.text(f"/{table}view/list/?{field}=%20{number[:4]}%20{number[4:]}%20")

    assert f"{count} row" in page
    assert page.count('<span class="chip">') == 1


def test_days_from_and_to_are_both_within(clerk: Browser, demo_database: Connection) -> None:
    (day, count) = demo_database.execute("SELECT received_on, count(*) FROM payment GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1").fetchone() or (
        "",
        0,
    )
    page = clerk.text("/paymentview/list/")
    first, last = (each.partition('"')[0] for each in page.split('type="date" name="')[1:3])

    filtered = clerk.text(f"/paymentview/list/?{first}={day}&{last}={day}")

    assert f"{count} row" in filtered


@pytest.mark.parametrize("value", ["nothing", "2026-13-01", "", "0"])
def test_day_that_is_none_is_refused(clerk: Browser, value: str) -> None:
    field = clerk.text("/paymentview/list/").split('type="date" name="')[1].partition('"')[0]

    assert clerk.status(f"/paymentview/list/?{field}={value}") in {200, 400}


def test_file_of_a_list_holds_its_rows_and_its_numbers(clerk: Browser, demo_database: Connection) -> None:
    number, count = of_one(demo_database, "bill")
    field = address(clerk.text("/billview/list/"), "_flt_", "_account")
    total = demo_database.execute(
        "SELECT sum(b.amount_tiyin) FROM bill b JOIN account a ON a.id = b.account_id WHERE a.number = %s", (number,)
    ).fetchone()

    lines = [*csv.reader(io.StringIO(clerk.client.get(f"/billview/export.csv?{field}={number}").data.decode("utf-8-sig")), delimiter=";")]
    answer = clerk.client.get(f"/billview/export.xlsx?{field}={number}")
    assert answer.status_code == 200, answer.text
    book = load_workbook(io.BytesIO(answer.data))
    pdf = PdfReader(io.BytesIO(clerk.client.get(f"/billview/export.pdf?{field}={number}").data))

    place = next(place for place, name in enumerate(lines[0]) if name.startswith("Amount"))
    assert total is not None
    assert len(lines) == count + 1
    assert sum(round(float(line[place].replace(",", ".")) * 100) for line in lines[1:]) == total[0]
    assert [type(row[place]) for row in book.get_sheet_by_index(0).to_python()[1:]] == [float] * count
    assert number in "".join(page.extract_text() for page in pdf.pages)


def test_file_of_more_rows_than_it_takes_is_refused_in_words(clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARAMETERS, "lists.pdf_rows", PARAMETERS["lists.pdf_rows"]._replace(default=3))

    page = clerk.client.get("/billview/export.pdf", follow_redirects=True).text

    assert "do not fit this kind of file" in page


def test_select_of_months_offers_what_a_month_holds(clerk: Browser, demo_database: Connection) -> None:
    (month, count) = demo_database.execute("SELECT billing_month, count(*) FROM bill GROUP BY 1 ORDER BY 1 LIMIT 1").fetchone() or ("", 0)
    field = address(clerk.text("/billview/list/"), "_flt_", "_billing_month")

    assert f"{count} row" in clerk.text(f"/billview/list/?{field}={month}")


@pytest.mark.parametrize("asked", ["endpoint=x", "_external=1&_scheme=javascript", "_anchor=x", "_method=POST"])
def test_words_of_the_address_builder_lead_nowhere_else(clerk: Browser, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setitem(PARAMETERS, "lists.pdf_rows", PARAMETERS["lists.pdf_rows"]._replace(default=3))

    answer = clerk.client.get(f"/billview/export.pdf?{asked}")

    assert answer.headers["Location"] == f"/billview/list/?{asked}"


@pytest.fixture
def asked(app: Flask) -> Iterator[Counter[str]]:
    """How often each statement was sent."""
    sent: Counter[str] = Counter()

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent[statement] += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


@pytest.mark.parametrize("view", ["account", "payment", "penalty", "contract", "billablecharge", "street", "debt"])
def test_what_rows_refer_to_is_asked_once_for_all_of_a_page(clerk: Browser, asked: Counter[str], view: str) -> None:
    page = clerk.text(f"/{view}view/list/")

    assert page.count("<tr") > 10
    assert asked.most_common(1)[0][1] < 4


def test_card_is_named_after_its_row(clerk: Browser, demo_database: Connection) -> None:
    meter, number = demo_database.execute("SELECT id, serial_number FROM device ORDER BY id LIMIT 1").fetchone() or (0, "")

    headline = clerk.text(f"/deviceview/show/{meter}").split("<h1>")[1].split("</h1>")[0]

    assert f"{number} <small>" in headline


def test_list_below_a_card_leaves_out_the_column_the_card_is_of(clerk: Browser, demo_database: Connection) -> None:
    (meter,) = demo_database.execute("SELECT meter_id FROM meter_installation ORDER BY id LIMIT 1").fetchone() or (0,)

    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', clerk.text(f"/deviceview/show/{meter}"), re.DOTALL)

    assert any("Whole digits" in head for head in heads)
    assert [head for head in heads if re.sub("<[^>]+>", "", head).strip() == "Meter"] == []
    assert ">Meter<" in clerk.text("/meterinstallationview/list/")


def test_card_of_a_register_says_its_zone_and_no_code(clerk: Browser, demo_database: Connection) -> None:
    (register,) = demo_database.execute("SELECT id FROM register WHERE code = 'TOTAL' ORDER BY id LIMIT 1").fetchone() or (0,)

    headline = clerk.text(f"/registerview/show/{register}").split("<h1>")[1].split("</h1>")[0]

    assert "Whole counter" in headline
    assert "TOTAL" not in headline


def test_rows_of_every_list_have_a_name_of_their_own(app: Flask) -> None:
    models = {view.datamodel.obj for view in app.appbuilder.baseviews if isinstance(view, EntityView)}  # type: ignore[attr-defined]

    assert {model.__name__ for model in models if model.__repr__ in (object.__repr__, Model.__repr__)} == set()


def test_short_names_in_the_hint_of_the_search_keep_their_capitals(app: Flask) -> None:
    hint = re.search('for="list-search">(.*?)</label>', log_in(app, "operator").text("/householdconsumerview/list/"))

    assert hint is not None
    assert "telephone" in hint[1]
    assert "JSHSHIR" in hint[1]


@pytest.mark.parametrize(("legal_name", "author"), [("“Energiya” AJ", "“Energiya” AJ"), (None, "Oʻzbekiston Respublikasi")])
def test_pdf_of_a_list_names_the_company_as_its_author(
    clerk: Browser, demo_database: Connection, legal_name: str | None, author: str
) -> None:
    demo_database.execute("UPDATE division SET stir = NULL, legal_name = CASE WHEN level = 'REPUBLIC' THEN %s END", (legal_name,))

    pdf = PdfReader(io.BytesIO(clerk.client.get("/deviceview/export.pdf?_q=26901000001").data))

    assert pdf.metadata is not None
    assert (pdf.metadata.author, pdf.trailer["/Root"]["/Lang"]) == (author, "en")


def test_run_is_called_by_its_division_in_the_language_of_the_reader(app: Flask, demo_database: Connection) -> None:
    (run, division) = demo_database.execute(
        "SELECT r.id, d.name_ru FROM bill_run r JOIN division d ON d.id = r.division_id WHERE d.name_ru IS NOT NULL ORDER BY r.id LIMIT 1"
    ).fetchone() or (0, "")
    admin = log_in(app, "admin")
    admin.client.get("/language/ru")

    assert f"{division}," in admin.text(f"/billrunview/show/{run}").split("<h1>")[1].split("</h1>")[0]
