"""The proof of the books on the screen: a sign with its time, and each row that differs with its division and by how much."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import g, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.documents.reports import REPORTS
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.ledger.proofs import BooksState, ProofArea, ProofUnit, named_row, rule_named, state_of
from app.extensions import appbuilder, db
from app.queries.ledger import checks as queries
from app.queries.ledger.checks import DifferenceRecord
from app.views import menu
from app.views.reports.links import row_page

#: Rows that differ and checks that are shown.
ROWS, CHECKS = 500, 50


class BooksSign(NamedTuple):
    """How the books of the reader's divisions stand.

    :ivar checked_at: the last check; None: there was none
    :ivar differs_at: the check that found what differs
    :ivar address: the page with the rows; empty: not for this reader
    """

    state: BooksState
    checked_at: datetime | None
    differs_at: datetime | None
    differences: int
    address: str


def books_sign() -> BooksSign:
    """Return how the books stand for the reader."""
    if "books_sign" not in g:
        books = queries.books(db.session())
        address = url_for("BooksView.show") if appbuilder.sm.has_access("can_show", "BooksView") else ""
        state = state_of(books.differences, books.whole_at, clock.now())
        g.books_sign = BooksSign(state, books.checked_at, books.differs_at, books.differences, address)
    sign: BooksSign = g.books_sign
    return sign


class DifferingRow(NamedTuple):
    """A row that differs, as the page shows it."""

    division: str
    area: ProofArea
    row: str
    address: str
    rule: str
    stored: str
    computed: str
    difference: str


class BooksView(BaseView):
    """Whether documents, entries, sums and reports agree."""

    page = Page(
        _l("Proof of the books"),
        {"can_show": (roles.LAWYER, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR, roles.ADMINISTRATOR)},
        menu.MONITORING.at(21, "Proof of the books"),
    )
    route_base = "/books"
    default_view = "show"

    @expose("/")
    @has_access
    def show(self) -> Any:
        """Show the sign, the rows that differ, and the last checks."""
        session = db.session()
        return self.render_template(
            "books.html",
            rows=[_shown(each) for each in queries.differences(session, limit=ROWS)],
            checks=queries.latest(session, limit=CHECKS),
            most=ROWS,
        )


def _shown(found: DifferenceRecord) -> DifferingRow:
    rule = rule_named(found.rule)
    name, address = _report(found) if rule.area == ProofArea.REPORTS and found.row_table == "division" else _row(found)
    written = [_written(value, rule.unit) for value in (found.stored, found.computed, found.stored - found.computed)]
    return DifferingRow(found.division, rule.area, name, address, found.rule, *written)


def _row(found: DifferenceRecord) -> tuple[str, str]:
    """Return what a row is called, and its page."""
    row = named_row(f"{found.row_table} {found.row_key}")
    return f"{labels.TITLES.get(row.table, row.table)}: {row.table} {row.key}", row_page(found.row_table, row.number)


def _report(found: DifferenceRecord) -> tuple[str, str]:
    """Return what a column of a report is called, and the report of the division."""
    name, _dot, column = found.rule.partition(": ")[2].partition(".")
    text = _("%(title)s: %(column)s", title=REPORTS[name].title, column=labels.COLUMN_LABELS[column])
    return text, url_for("ReportsView.show", report=name, division=found.row_key)


def _written(value: int, unit: ProofUnit) -> str:
    if unit == ProofUnit.MONEY:
        return labels.money(value)
    return _("%(energy)s kWh", energy=labels.quantity(value)) if unit == ProofUnit.QUANTITY else labels.number(value)
