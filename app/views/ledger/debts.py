"""Debts: by age with the rows behind each figure, unpaid bills, and the work list of debtors."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.documents import tables
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.ledger.debts import Band
from app.domain.reference import ConsumerKind
from app.extensions import db, record_disclosure
from app.labels import personal
from app.models.ledger import Debt, Debtor
from app.queries.ledger import debts as queries
from app.views import menu
from app.views.administration import division_asked, divisions_above, my_divisions
from app.views.base import FactView
from app.views.lists.files import limit_of, rows_at_once
from app.views.lists.selection import bulk_act


class DebtView(FactView):
    page = Page(_l("Unpaid bills"), {LOOK: roles.LEDGER_READERS}, menu.LEDGER.at(30, "Debts"))
    datamodel = SQLAInterface(Debt)
    list_columns = ["account", "division", "due_on", "remaining_tiyin"]
    base_order = ("due_on", "asc")
    searched = ("account",)
    total_columns = ("remaining_tiyin",)


class DebtsByAgeView(BaseView):
    """What is owed, by how long it is overdue; each figure opens the rows that sum to it."""

    page = Page(_l("Debts by age"), {"can_divisions can_rows": roles.LEDGER_READERS}, menu.LEDGER.at(25, "Debts by age"))
    route_base = "/debts-by-age"
    default_view = "divisions"

    @expose("/")
    @has_access
    def divisions(self) -> Any:
        """Show a division's parts by age."""
        chosen, parts = self._chosen()
        age, rows, whole = self._figures(chosen, parts)
        return self.render_template(
            "debts_by_age.html",
            chosen=chosen,
            parents=divisions_above(my_divisions(), chosen),
            columns=[
                ("name", labels.COLUMN_LABELS["division"], "own"),
                *((str(place), _age(band), "own figure") for place, band in enumerate(age)),
                ("total", _("Total"), "own figure"),
            ],
            rows=[
                (row, [labels.number(_som(amount), "#,##0.00") for amount in (*row.amounts, row.total_tiyin)], self._links(row, len(age)))
                for row in (*rows, whole._replace(name=_("Total"), has_children=False))
            ],
            kinds=[(kind.value, labels.member(kind)) for kind in ConsumerKind],
            kind=_kind(),
            today=clock.today(),
        )

    @expose("/export.<any(csv,xlsx,pdf):kind>")
    @has_access
    @permission_name("divisions")
    def export(self, kind: str) -> Any:
        """Send the table of a division as a file."""
        chosen, parts = self._chosen()
        age, rows, whole = self._figures(chosen, parts)
        header = [
            str(labels.COLUMN_LABELS["division"]),
            *(tables.headline("_tiyin", _age(band)) for band in age),
            tables.headline("_tiyin", _("Total")),
        ]
        cells = ([row.name, *map(_som, [*row.amounts, row.total_tiyin])] for row in (*rows, whole._replace(name=_("Total"))))
        return tables.sent(kind, _("Debts by age"), "debts_by_age", header, cells)

    @expose("/rows/<int:division_id>/<int:place>")
    @has_access
    def rows(self, division_id: int, place: int) -> Any:
        """Show the unpaid bills behind a figure, a page at a time, with their sum."""
        division, band, figure = self._figure(division_id, place)
        day, _comma, bill = request.args.get("after", "").partition(",")
        try:
            after = (date.fromisoformat(day), int(bill)) if day else None
        except ValueError:
            abort(400)
        size = limit_of("lists.page_size")
        found = queries.debts_of_age(db.session(), division_id, band, today=clock.today(), kind=_kind(), after=after, limit=size)
        record_disclosure("account", [row.account_id for row in found])
        last = found[-1] if len(found) == size else None
        return self.render_template(
            "debts_of_age.html",
            division=division,
            age=_age(band),
            place=place,
            kind=_kind(),
            rows=[(row, (clock.today() - row.due_on).days, personal.shown(row.phone, "phone")) for row in found],
            amount_tiyin=figure.amounts[place],
            debts=figure.debts[place],
            older=last and f"{last.due_on.isoformat()},{last.bill_id}",
        )

    @expose("/rows/<int:division_id>/<int:place>/export.<any(csv,xlsx,pdf):kind>")
    @has_access
    @permission_name("rows")
    def rows_export(self, division_id: int, place: int, kind: str) -> Any:
        """Send the unpaid bills behind a figure as a file; too many are refused, not cut."""
        division, band, figure = self._figure(division_id, place)
        if figure.debts[place] > (most := rows_at_once()):
            flash(_("More than %(count)s rows do not fit a file. Narrow the filters.", count=labels.number(most)), "warning")
            return redirect(self._rows_of(division_id, place))
        found = queries.debts_of_age(db.session(), division_id, band, today=clock.today(), kind=_kind(), limit=most)
        record_disclosure("account", [row.account_id for row in found])
        columns = ("account", "consumer", "phone", "due_on", "remaining_tiyin")
        header = [tables.headline(column, str(labels.COLUMN_LABELS[column])) for column in columns]
        cells = ([row.number, row.consumer, personal.shown(row.phone, "phone"), row.due_on, _som(row.remaining_tiyin)] for row in found)
        return tables.sent(kind, f"{division.name}: {_age(band)}", "debts", header, cells)

    def _chosen(self) -> tuple[Any, list[Any]]:
        """Return the division that is asked for and its parts; the highest of the reader's, if none is."""
        mine = my_divisions()
        chosen = division_asked(mine)
        return chosen, [each for each in mine if each.parent_id == chosen.id]

    def _figures(self, chosen: Any, parts: list[Any]) -> tuple[list[Band], list[queries.DivisionDebts], queries.DivisionDebts]:
        session, today = db.session(), clock.today()
        age = queries.age_bands(session, today)
        (whole,) = queries.by_age(session, [chosen.id], age, today=today, kind=_kind())
        rows = queries.by_age(session, [each.id for each in parts], age, today=today, kind=_kind()) if parts else [whole]
        return age, rows, whole

    def _figure(self, division_id: int, place: int) -> tuple[Any, Band, queries.DivisionDebts]:
        session, today = db.session(), clock.today()
        division = next((each for each in my_divisions() if each.id == division_id), None) or abort(404)
        age = queries.age_bands(session, today)
        if place >= len(age):
            abort(404)
        (figure,) = queries.by_age(session, [division_id], age, today=today, kind=_kind())
        return division, age[place], figure

    def _links(self, row: queries.DivisionDebts, count: int) -> list[str]:
        """Return what a row opens: first its parts, if there are any, then the rows behind each figure."""
        inside = url_for("DebtsByAgeView.divisions", division=row.division_id, consumers=_kind()) if row.has_children else ""
        return [inside, *(self._rows_of(row.division_id, place) for place in range(count))]

    def _rows_of(self, division_id: int, place: int) -> str:
        return url_for("DebtsByAgeView.rows", division_id=division_id, place=place, consumers=_kind())


def _kind() -> ConsumerKind | None:
    asked = request.args.get("consumers", "")
    return ConsumerKind(asked) if asked in set(ConsumerKind) else None


def _age(band: Band) -> str:
    """Return the ages of a band in words."""
    if band.last_day == 0:
        return _("Not overdue")
    if band.last_day is None:
        return _("More than %(days)s days", days=band.first_day - 1)
    return _("%(first)s–%(last)s days", first=band.first_day, last=band.last_day)


def _som(amount_tiyin: int) -> Decimal:
    return Decimal(amount_tiyin).scaleb(-2)


def _overdue(since: date) -> str:
    days = (clock.today() - since).days
    return _("%(day)s, %(days)s days ago", day=labels.day(since), days=days) if days > 0 else _("to pay by %(day)s", day=labels.day(since))


class DebtorView(FactView):
    page = Page(
        _l("Debtors"),
        {
            LOOK: roles.LEDGER_READERS,
            "take_debtors leave_debtors call_debtors promise_debtors dispute_debtors claim_debtors": roles.DEBT_STAFF,
        },
        menu.LEDGER.at(27, "Debtors"),
    )
    datamodel = SQLAInterface(Debtor)
    list_columns = ["account", "consumer", "phone", "oldest_due_on", "debt_tiyin", "owner", "stage"]
    show_columns = [*list_columns, "division", "consumer_kind"]
    search_columns = ["account", "owner", "stage", "consumer_kind", "division", "phone", "oldest_due_on"]
    base_order = ("oldest_due_on", "desc")
    searched = ("account",)
    total_columns = ("debt_tiyin",)
    formatters_columns = {"oldest_due_on": _overdue}

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show the account of a debtor."""
        return redirect(url_for("AccountView.show", pk=self.found(pk).account_id))

    take_debtors = bulk_act("take_debtors", _l("Take up"), None, "fa-hand-paper-o")
    leave_debtors = bulk_act("leave_debtors", _l("Give back"), None, "fa-undo")
    call_debtors = bulk_act("call_debtors", _l("Contacted"), None, "fa-phone")
    promise_debtors = bulk_act("promise_debtors", _l("Promised to pay"), None, "fa-check")
    dispute_debtors = bulk_act("dispute_debtors", _l("Disputed"), None, "fa-question")
    claim_debtors = bulk_act("claim_debtors", _l("Given to the lawyers"), _l("Give these debtors to the lawyers?"), "fa-gavel")
