"""Columns and cells of tables on pages."""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from flask import Flask, render_template_string

from app.domain.administration.privacy import HIDDEN
from app.labels import cells


class Debt(NamedTuple):
    number: str = "269010000001"
    name: str = "<b>Karimova</b>"
    debt_tiyin: int | None = 1_234_500
    quantity_milli: int | None = 12_500
    due_on: date | None = date(2026, 10, 25)
    billing_month: date = date(2026, 10, 1)
    seen_at: datetime = datetime(2026, 10, 25, 20, 30, tzinfo=UTC)
    channel: str = "BANK"
    phone: str = "+998901234567"
    is_over: bool = False
    id: int = 7


@pytest.mark.parametrize(
    ("column", "unit", "shown", "css"),
    [
        ("debt_tiyin", "", "12,345.00\u00a0soʻm", "num"),
        ("quantity_milli", "kWh", "12.5\u00a0kWh", "num"),
        ("quantity_milli", "", "12.5", "num"),
        ("due_on", "", "25 Oct 2026", "day"),
        ("billing_month", "", "Oct 2026", "day"),
        (("seen_at", "When"), "", "26 Oct 2026 01:30", "day"),
        (("debt_tiyin", "Count", "number"), "", "1,234,500", "num"),
        (("debt_tiyin", "Rate", "rate_e4"), "", "123.45", "num"),
        (("channel", "Channel", "word Channel"), "", "Bank", ""),
        ("phone", "", HIDDEN, ""),
    ],
)
def test_a_cell_is_written_by_the_name_or_kind_of_its_column(app: Flask, column: Any, unit: str, shown: str, css: str) -> None:
    [found] = cells.columns([column])

    with app.test_request_context():
        text = str(cells.cell(Debt(), found, unit))

    assert shown in text
    assert found.css == css


def test_what_is_not_known_is_left_empty() -> None:
    columns = cells.columns(["debt_tiyin", "due_on", ("quantity_milli", "Count", "number")])

    assert [cells.cell(Debt(debt_tiyin=None, due_on=None, quantity_milli=None), column, "kWh") for column in columns] == ["", "", ""]


def test_a_column_that_rows_do_not_have_and_a_kind_there_is_not_are_faults() -> None:
    with pytest.raises(AttributeError):
        cells.cell(Debt(), *cells.columns([("dept", "Debt")]))
    with pytest.raises(KeyError):
        cells.cell(Debt(), *cells.columns([("name", "Name", "mony")]))


PAGE = """{% import "macros.html" as macros with context %}
{% call(row, column) macros.table(rows, [
  ("number", "Account"), ("name", "Name"), ("own", macros.unseen("Own column"), "own"), ("debt_tiyin", "Debt"), ("due_on", "Due"),
], "Debts", missing="–", opens="AccountView.show", struck="is_over", newest=2, foot={"debt_tiyin": 5}, empty="Nobody owes.") %}
  {% if row.debt_tiyin %}<i>{{ row.name }}</i>{% endif %}
{% endcall %}"""


def _page(app: Flask, *rows: Debt) -> str:
    with app.test_request_context():
        return render_template_string(PAGE, rows=rows)


def test_texts_of_a_table_are_escaped_and_what_the_page_writes_is_kept(app: Flask) -> None:
    page = _page(app, Debt())

    assert '<td data-head="Name">&lt;b&gt;Karimova&lt;/b&gt;</td>' in page
    assert '<td data-head="Own column"><i>&lt;b&gt;Karimova&lt;/b&gt;</i></td>' in page


def test_a_row_does_not_lead_where_its_reader_may_not_go(app: Flask) -> None:
    assert '<td data-head="Account">269010000001</td>' in _page(app, Debt())
    assert "href" not in _page(app, Debt())


def test_cells_without_a_value_totals_and_rows_that_count_no_longer_are_told(app: Flask) -> None:
    page = _page(app, Debt(debt_tiyin=None, due_on=None, is_over=True))

    assert page.count("–</td>") == 3
    assert '<tr class="opens struck">' in page
    assert '<tfoot><tr><th scope="row" colspan="3">Total</th><td class="num" data-head="Debt">0.05\u00a0soʻm</td>' in page


def test_a_table_says_what_it_holds_when_it_is_empty_and_when_it_is_full(app: Flask) -> None:
    assert 'role="region" aria-label="Debts"' in _page(app, Debt())
    assert "<p>Nobody owes.</p>" in _page(app)
    assert "newest" not in _page(app, Debt())
    assert "The newest 2 are shown; there may be more." in _page(app, Debt(), Debt())
