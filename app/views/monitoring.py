"""The home page and the supervisor's charts; every figure opens the rows behind it."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Response, abort, g, request, url_for
from flask_appbuilder import BaseView, IndexView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.documents import monitoring as charts
from app.documents.indicators.figures import percent
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.calendar import TASHKENT, latest_months, month_start, months_after
from app.extensions import appbuilder, db, record_disclosure
from app.queries import administration, contracts, payments
from app.queries import monitoring as queries
from app.queries.administration import nodes
from app.queries.monitoring import home
from app.views import menu
from app.views.administration import division_asked, divisions_above, my_divisions
from app.views.administration.approvals import waiting_for_me
from app.views.indicators.home import home_figures, refreshed
from app.views.lists import filtered
from app.views.lists.files import limit_of

MONTHS = 12


#: How long an account is among those somebody had open lately, and how many are shown.
LATELY, ACCOUNTS = timedelta(days=30), 8
#: Contracts about to end are counted up to here.
MOST_CONTRACTS = 10_000
#: Districts named among those that are not billed.
DISTRICTS = 10


class WorkKind(NamedTuple):
    """A kind of work that waits: what it is called, and the list behind the figure.

    :ivar status: of the rows that wait; empty: they are told by their day
    :ivar is_in_menu: whether the list's entry of the menu shows the figure too
    """

    text: Any
    view: str
    status: str = ""
    is_in_menu: bool = False


WORK = {
    "exceptions": WorkKind(_l("Exceptions nobody settled"), "BillExceptionView", "OPEN", is_in_menu=True),
    "holds": WorkKind(_l("Bills on hold"), "BillHoldView", "OPEN", is_in_menu=True),
    "overdue_bills": WorkKind(_l("Overdue bills"), "DebtView", is_in_menu=True),
    "unmetered_supplies": WorkKind(_l("Supplies without a meter"), "UnmeteredSupplyView", is_in_menu=True),
    "late_works": WorkKind(_l("Late works on devices nobody ordered"), "MaintenanceWorkView", "PLANNED", is_in_menu=True),
    "late_orders": WorkKind(_l("Late works on devices at brigades"), "MaintenanceWorkView", "ORDERED"),
    "applications": WorkKind(_l("Applications nobody has taken up"), "ApplicationView", "RECEIVED", is_in_menu=True),
    "reading_files": WorkKind(_l("Files of readings to accept"), "ReadingImportView", "CHECKED"),
    "failed_jobs": WorkKind(_l("Failed jobs of the last week"), "JobView", "FAILED"),
    "queued_notices": WorkKind(_l("Messages waiting"), "NoticeView", "QUEUED"),
    "doubtful_notices": WorkKind(_l("Messages in doubt"), "NoticeView", "IN_DOUBT"),
}


class WorkRow(NamedTuple):
    """A line of the work that waits; without a moment its age is not known, without a view no list is behind it."""

    text: Any
    rows: int
    oldest: datetime | None
    address: str
    view: str = ""


def work_waiting(*, in_menu: bool = False) -> Iterator[WorkRow]:
    """Yield the work that waits behind lists the reader may see, what has waited longest first; in the menu, a part of the kinds."""
    today = clock.today()
    week = today - timedelta(days=7)
    kinds = [kind for kind, each in WORK.items() if (each.is_in_menu or not in_menu) and appbuilder.sm.has_access("can_list", each.view)]
    found = home.waiting(db.session(), kinds, today=today, since=datetime.combine(week, time(), TASHKENT)) if kinds else []
    yesterday = ("DayTo", (today - timedelta(days=1)).isoformat())
    days = {
        "overdue_bills": {"due_on": yesterday},
        "late_works": {"term_on": yesterday},
        "late_orders": {"term_on": yesterday},
        "failed_jobs": {"created_at": ("DayFrom", week.isoformat())},
    }
    for each in found:
        kind = WORK[each.kind]
        status = {"status": ("FilterEqual", kind.status)} if kind.status else {}
        yield WorkRow(kind.text, each.rows, each.oldest, filtered(kind.view, **status, **days.get(each.kind, {})), kind.view)


class HomeView(IndexView):
    """Where a user lands: what waits for him, how far the month is, where he was, and the ways on."""

    index_template = "home.html"

    @expose("/")
    def index(self) -> Any:
        """Show the home page: to staff their work, to others the ways in."""
        self.update_redirect()
        shown = {} if g.user.is_anonymous else self._work()
        return self.render_template(self.index_template, appbuilder=self.appbuilder, **shown)

    @expose("/figures.json")
    def figures(self) -> Any:
        """Send the figures of an open home page as they are now; with ``today``, those of today alone."""
        if g.user.is_anonymous:
            return Response(status=HTTPStatus.UNAUTHORIZED)
        return refreshed(only_today="today" in request.args)

    def _work(self) -> dict[str, Any]:
        session, month = db.session(), months_after(clock.today(), -1)
        may = self.appbuilder.sm.has_access
        shown: dict[str, Any] = {
            "work": [*self._requests(), *work_waiting()],
            "month": month,
            "figures": home_figures(),
            "percent": percent,
        }
        shown |= {"now": clock.now(), "received_link": self._received_link(shown["figures"])}
        if may("can_list", "BillRunView"):
            districts = home.district_months(session, month)
            unbilled = [each for each in districts if not each.billed]
            shown |= {"districts": len(districts), "billed": len(districts) - len(unbilled), "unbilled": unbilled[:DISTRICTS]}
        if may("can_find", "CashierView"):
            shown["shift"] = payments.open_shift(session, g.user.username)
        if may("can_show", "AccountView"):
            shown["recent"] = home.recent_accounts(session, g.user.username, since=clock.now() - LATELY, limit=ACCOUNTS)
        return shown

    def _received_link(self, shown: Any) -> str:
        """Return the report whose rows sum to the money of this month."""
        today = clock.today()
        arguments = {"report": "payments_by_day", "first": month_start(today).isoformat(), "last": today.isoformat()}
        return url_for("ReportsView.show", division=shown.division.id, **arguments) if shown else ""

    def _requests(self) -> Iterator[WorkRow]:
        """Yield what waits for the reader himself, and what ends soon or is in conflict."""
        may, session, today = self.appbuilder.sm.has_access, db.session(), clock.today()
        if requests := waiting_for_me():
            yield WorkRow(_l("Waiting for me"), requests, None, url_for("ApprovalView.inbox"))
        if may("can_show", "NodesView") and (conflicts := nodes.open_conflict_count(session)):
            yield WorkRow(_l("Conflicts of autonomous divisions"), conflicts, None, url_for("NodesView.show"))
        if may("can_register", "ContractView"):
            days = administration.value_on(session, "contracts.notice_days", today)
            wanted = contracts.RegisterFilter(today, ends_by=contracts.notice_until(today, days))
            if ending := contracts.register_count(session, wanted, limit=MOST_CONTRACTS):
                yield WorkRow(_l("Contracts about to end"), ending, None, url_for("ContractView.register", ending="y"))


class ChartsView(BaseView):
    """Billed, paid and debt by division and month."""

    page = Page(_l("Charts"), {"can_accounts can_divisions": (roles.SUPERVISOR, roles.AUDITOR)}, menu.MONITORING.at(10, "Charts"))
    route_base = "/charts"
    default_view = "divisions"

    @expose("/")
    @has_access
    def divisions(self) -> Any:
        """Show a division's parts for a month, and the division's last twelve months."""
        session = db.session()
        mine = my_divisions()
        chosen = division_asked(mine)
        month = self._month(queries.latest_month(session) or months_after(clock.today(), -1))
        whole = queries.one_division(session, chosen.id, month)
        inside = {each.id for each in mine}
        parts = [row for row in queries.by_division(session, chosen.id, month) if row.division_id in inside]
        rows = parts or [whole]
        links = [self._link(row, month) for row in rows]
        months = queries.months_of(session, chosen.id, latest_months(month, MONTHS)[::-1])
        return self.render_template(
            "charts.html",
            chosen=chosen,
            parents=divisions_above(mine, chosen),
            month=month,
            months_offered=latest_months(clock.today(), MONTHS + 1),
            whole=whole,
            rows=list(zip(rows, links, strict=True)),
            chart=charts.by_division(rows, links),
            month_chart=charts.by_month(months),
            month_rows=months,
        )

    def _month(self, latest: date) -> date:
        try:
            return month_start(date.fromisoformat(request.args.get("month", "") or latest.isoformat()))
        except ValueError:
            abort(400)

    def _link(self, row: queries.DivisionMonth, month: date) -> str:
        """Return what a bar opens: the division's parts, or the accounts whose months make up its figures."""
        if row.has_children:
            return url_for("ChartsView.divisions", division=row.division_id, month=month.isoformat())
        return url_for("ChartsView.accounts", division_id=row.division_id, month=month.isoformat())

    @expose("/accounts/<int:division_id>")
    @has_access
    def accounts(self, division_id: int) -> Any:
        """Show the account months behind a district's figures, a page at a time, with the sums they add up to."""
        session = db.session()
        if division_id not in {each.id for each in my_divisions()}:
            abort(404)
        month = self._month(months_after(clock.today(), -1))
        after = request.args.get("after", "0")
        size = limit_of("lists.page_size")
        rows = queries.account_months(session, division_id, month, after=int(after) if after.isdecimal() else 0, limit=size)
        record_disclosure("account", [row.account_id for row in rows])
        return self.render_template(
            "chart_accounts.html",
            whole=queries.one_division(session, division_id, month),
            month=month,
            rows=rows,
            page_sums={name: sum(getattr(row, name) for row in rows) for name in _SUMS},
            next_after=rows[-1].account_id if len(rows) == size else None,
            month_name=labels.month(month),
        )


#: What is added up below the accounts of a page.
_SUMS = ("billed_tiyin", "paid_tiyin", "debt_tiyin", "advance_tiyin")

#: The pages of this area.
VIEWS = (ChartsView,)
