"""The home page and the supervisor's charts; every figure opens the rows behind it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import abort, g, request, url_for
from flask_appbuilder import BaseView, IndexView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.documents import monitoring as charts
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.calendar import month_start, months_after
from app.extensions import db, record_disclosure
from app.queries import administration, contracts, payments
from app.queries import monitoring as queries
from app.queries.administration import nodes
from app.queries.monitoring import home
from app.views import menu
from app.views.administration import my_divisions
from app.views.administration.approvals import waiting_for_me

MONTHS = 12


#: How long an account is among those somebody had open lately, and how many are shown.
LATELY, ACCOUNTS = timedelta(days=30), 8
#: Districts named among those that are not billed.
DISTRICTS = 10


class WorkKind(NamedTuple):
    """A kind of work that waits: what it is called, and the list behind the figure."""

    text: Any
    view: str
    filters: Mapping[str, str] = {}


WORK = {
    "parked": WorkKind(_l("Accounts parked in the latest month"), "BillExceptionView"),
    "holds": WorkKind(_l("Bills on hold"), "BillHoldView", {"_flt_0_status": "OPEN"}),
    "reading_files": WorkKind(_l("Files of readings to accept"), "ReadingImportView", {"_flt_0_status": "CHECKED"}),
    "failed_jobs": WorkKind(_l("Failed jobs of the last week"), "JobView", {"_flt_0_status": "FAILED"}),
    "queued_notices": WorkKind(_l("Messages waiting"), "NoticeView", {"_flt_0_status": "QUEUED"}),
    "doubtful_notices": WorkKind(_l("Messages in doubt"), "NoticeView", {"_flt_0_status": "IN_DOUBT"}),
}


class WorkRow(NamedTuple):
    """A line of the work that waits; without a moment its age is not known."""

    text: Any
    rows: int
    oldest: datetime | None
    address: str


class HomeView(IndexView):
    """Where a user lands: what waits for him, how far the month is, where he was, and the ways on."""

    index_template = "home.html"

    @expose("/")
    def index(self) -> Any:
        """Show the home page: to staff their work, to others the ways in."""
        self.update_redirect()
        shown = {} if g.user.is_anonymous else self._work()
        return self.render_template(self.index_template, appbuilder=self.appbuilder, **shown)

    def _work(self) -> dict[str, Any]:
        session, month = db.session(), months_after(clock.today(), -1)
        may = self.appbuilder.sm.has_access
        shown: dict[str, Any] = {"work": [*self._requests(), *self._queues()], "month": month}
        if may("can_open", "BillRunView") or may("can_divisions", "ChartsView"):
            districts = home.district_months(session, month)
            unbilled = [each for each in districts if not each.billed]
            shown |= {"districts": len(districts), "billed": len(districts) - len(unbilled), "unbilled": unbilled[:DISTRICTS]}
        if may("can_find", "CashierView"):
            shown["shift"] = payments.open_shift(session, g.user.username)
        if may("can_show", "AccountView"):
            shown["recent"] = home.recent_accounts(session, g.user.username, since=clock.now() - LATELY, limit=ACCOUNTS)
        return shown

    def _requests(self) -> Iterator[WorkRow]:
        """Yield what waits for the reader himself, and what ends soon or is in conflict."""
        may, session, today = self.appbuilder.sm.has_access, db.session(), clock.today()
        if requests := waiting_for_me():
            yield WorkRow(_l("Waiting for me"), requests, None, url_for("ApprovalView.inbox"))
        if may("can_show", "NodesView") and (conflicts := nodes.open_conflict_count(session)):
            yield WorkRow(_l("Conflicts of autonomous divisions"), conflicts, None, url_for("NodesView.show"))
        if may("can_register", "ContractView"):
            days = administration.value_on(session, "contracts.notice_days", today)
            if ending := contracts.ending_count(session, on=today, notice_days=days):
                yield WorkRow(_l("Contracts about to end"), ending, None, url_for("ContractView.register", ending="y"))

    def _queues(self) -> Iterator[WorkRow]:
        for each in home.waiting(db.session()):
            kind = WORK[each.kind]
            if self.appbuilder.sm.has_access("can_list", kind.view):
                yield WorkRow(kind.text, each.rows, each.oldest, url_for(f"{kind.view}.list", **kind.filters))


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
        if not mine:
            abort(404)
        chosen = self._division(mine)
        month = self._month(queries.latest_month(session) or months_after(clock.today(), -1))
        whole = queries.one_division(session, chosen.id, month)
        inside = {each.id for each in mine}
        parts = [row for row in queries.by_division(session, chosen.id, month) if row.division_id in inside]
        rows = parts or [whole]
        links = [self._link(row, month) for row in rows]
        months = queries.months_of(session, chosen.id, [months_after(month, -back) for back in range(MONTHS - 1, -1, -1)])
        return self.render_template(
            "charts.html",
            chosen=chosen,
            parents=[each for each in mine if chosen.path.startswith(each.path) and each.id != chosen.id],
            month=month,
            months_offered=[months_after(clock.today(), -back) for back in range(MONTHS + 1)],
            whole=whole,
            rows=list(zip(rows, links, strict=True)),
            chart=charts.by_division(rows, links),
            month_chart=charts.by_month(months),
            month_rows=months,
        )

    def _division(self, mine: list[Any]) -> Any:
        wanted = request.args.get("division", "")
        if not wanted:
            return mine[0]
        found = [each for each in mine if wanted.isdecimal() and each.id == int(wanted)]
        if not found:
            abort(404)
        return found[0]

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
        rows = queries.account_months(session, division_id, month, after=int(after) if after.isdecimal() else 0)
        record_disclosure("account", [row.account_id for row in rows])
        return self.render_template(
            "chart_accounts.html",
            whole=queries.one_division(session, division_id, month),
            month=month,
            rows=rows,
            page_sums={name: sum(getattr(row, name) for row in rows) for name in _SUMS},
            next_after=rows[-1].account_id if len(rows) == queries.PAGE else None,
            month_name=labels.month(month),
        )


#: What is added up below the accounts of a page.
_SUMS = ("billed_tiyin", "paid_tiyin", "debt_tiyin", "advance_tiyin")

#: The pages of this area.
VIEWS = (ChartsView,)
