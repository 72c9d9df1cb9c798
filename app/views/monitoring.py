"""The home page and the supervisor's charts; every figure opens the rows behind it."""

from datetime import date
from typing import Any

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
from app.queries import administration, contracts
from app.queries import monitoring as queries
from app.queries.administration import nodes
from app.views import menu
from app.views.administration import my_divisions
from app.views.administration.approvals import waiting_for_me

MONTHS = 12


class HomeView(IndexView):
    """Where a user lands: what waits for him, and the ways on."""

    index_template = "home.html"

    @expose("/")
    def index(self) -> Any:
        """Show the home page."""
        self.update_redirect()
        work, conflicts, waiting, ending = None, 0, 0, 0
        if not g.user.is_anonymous:
            work, waiting = queries.open_work(db.session()), waiting_for_me()
            if self.appbuilder.sm.has_access("can_show", "NodesView"):
                conflicts = nodes.open_conflict_count(db.session())
            if self.appbuilder.sm.has_access("can_register", "ContractView"):
                notice_days = administration.value_on(db.session(), "contracts.notice_days", clock.today())
                ending = contracts.ending_count(db.session(), on=clock.today(), notice_days=notice_days)
        shown = {"work": work, "conflicts": conflicts, "waiting": waiting, "ending_contracts": ending}
        return self.render_template(self.index_template, appbuilder=self.appbuilder, **shown)


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
            page_sums=[sum(row[place] for row in rows) for place in (3, 4, 5, 6)],
            next_after=rows[-1].account_id if len(rows) == queries.PAGE else None,
            month_name=labels.month(month),
        )


#: The pages of this area.
VIEWS = (ChartsView,)
