"""Accounting periods on the screen: which months are closed, what stands in the way of closing one, and reopening."""

from datetime import date
from typing import Any, NamedTuple

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.calendar import latest_months, month_start, months_after
from app.domain.ledger.periods import Checked, PeriodCheck, PeriodStatus
from app.extensions import db, record_disclosure, transaction
from app.queries.administration import DivisionRecord
from app.queries.ledger import periods as queries
from app.services.ledger import periods as service
from app.views import menu
from app.views.administration import my_divisions
from app.views.lists.files import limit_of

MONTHS_BACK = 12
#: Divisions on a page of the table.
_LENGTH = 300
#: Where the rows behind a check are shown, by the name of their id.
_PAGES = {
    PeriodCheck.ACCOUNTS_BILLED: "AccountView.show",
    PeriodCheck.BILL_RUNS: "BillRunView.show",
    PeriodCheck.PENALTY_RUNS: "PenaltyRunView.show",
}


class PeriodRow(NamedTuple):
    """A row that stands in the way: how it is called and where it is shown."""

    name: str
    url: str | None


class PeriodsView(BaseView):
    """Months of divisions, open or closed."""

    page = Page(
        _l("Accounting periods"),
        {"can_month can_months": roles.CORRECTION_READERS, "can_ask_reopening can_close_month": (roles.SUPERVISOR,)},
        menu.BILLING.at(70, "Accounting periods"),
    )
    route_base = "/periods"
    default_view = "months"

    @expose("/", methods=["GET"])
    @has_access
    def months(self) -> Any:
        """Show the divisions' months, some divisions a page."""
        mine, page = my_divisions(), request.args.get("page", "0")
        size = limit_of("lists.page_size")
        first = size * (int(page) if page.isdecimal() and len(page) < 6 else 0)
        shown, months = mine[first : first + size], _months()
        found = queries.months_of_divisions(db.session(), [each.id for each in shown], months)
        return self.render_template(
            "periods.html",
            columns=[("0.name", _("Division")), *((str(place), labels.month(month), "own") for place, month in enumerate(months))],
            rows=[(each, found.get(each.id, [])) for each in shown],
            words={status: labels.member_of(PeriodStatus, status) for status in PeriodStatus},
            before=first // size - 1 if first else None,
            after=first // size + 1 if first + size < len(mine) else None,
        )

    @expose("/<int:division_id>", methods=["GET"])
    @has_access
    def month(self, division_id: int) -> Any:
        """Show the checks before a month is closed, with the rows behind them."""
        division, month = _division(division_id), _month(request.args.get("month")) or _months()[0]
        session = db.session()
        found = queries.checks(session, division_id, month, today=clock.today())
        failed = {each.check for each in found if not each.passed}
        state = queries.months_of(session, division_id, [month])[0]
        return self.render_template(
            "period.html",
            division=division,
            month=month,
            closed=state.status == PeriodStatus.CLOSED,
            state=labels.member_of(PeriodStatus, state.status) if state.begun else _("Nothing was posted yet"),
            history=queries.history(session, division_id, month),
            checks=[(labels.member_of(PeriodCheck, each.check), each, _rows(each, division_id, month)) for each in found],
            ready=not failed,
            before=queries.open_before(session, division_id, month) if failed == {PeriodCheck.MONTHS_BEFORE} else [],
            newest=queries.newest_closed(session, division_id) == month,
            divisions=state.divisions,
        )

    @expose("/close/<int:division_id>", methods=["POST"])
    @has_access
    def close_month(self, division_id: int) -> Any:
        """Close a month of a division and all below it, and the open months before it if that is asked."""
        _division(division_id)
        month = _month(request.form.get("month"))
        if month is None:
            flash(_("Choose a month."), "warning")
            return redirect(url_for("PeriodsView.month", division_id=division_id))
        try:
            _close(division_id, month, with_before="before" in request.form)
        except service.NotReady as refusal:
            reasons = "; ".join(str(labels.member_of(PeriodCheck, each.check)) for each in refusal.checks)
            flash(
                _("%(month)s stays open. What does not hold: %(reasons)s.", month=labels.month(refusal.month), reasons=reasons), "warning"
            )
        return redirect(url_for("PeriodsView.month", division_id=division_id, month=month.isoformat()))

    @expose("/reopen/<int:division_id>", methods=["POST"])
    @has_access
    def ask_reopening(self, division_id: int) -> Any:
        """Ask a second person to reopen a division's newest closed month."""
        _division(division_id)
        month, reason = _month(request.form.get("month")), request.form.get("reason", "").strip()[:_LENGTH]
        if month is None or not reason:
            flash(_("Say which month is to be reopened, and why."), "warning")
            return redirect(url_for("PeriodsView.month", division_id=division_id, month=month.isoformat() if month else None))
        try:
            with transaction() as session:
                service.ask_to_reopen(session, division_id, month, reason=reason)
        except service.NotNewest:
            flash(_("Only the newest closed month can be reopened."), "warning")
        except service.ReopeningAlreadyRequested:
            flash(_("Somebody asked for this already; a second person decides."), "warning")
        else:
            flash(_("A second person decides about this."), "success")
        return redirect(url_for("PeriodsView.month", division_id=division_id, month=month.isoformat()))


def _close(division_id: int, month: date, *, with_before: bool) -> None:
    given: dict[str, Any] = {"by": g.user.username, "today": clock.today(), "now": clock.now()}
    with transaction() as session:
        if with_before:
            months = service.close_periods(session, division_id, month, **given)
            told = _("Closed: %(months)s.", months=", ".join(map(labels.month, months)))
        else:
            count = service.close_period(session, division_id, month, **given)
            told = _("%(month)s was closed in %(count)s divisions.", month=labels.month(month), count=count)
    flash(told, "success")


def _months() -> list[date]:
    """Return the months that are over, newest first."""
    return latest_months(months_after(clock.today(), -1), MONTHS_BACK)


def _month(given: str | None) -> date | None:
    try:
        return month_start(date.fromisoformat(given or ""))
    except ValueError:
        return None


def _division(division_id: int) -> DivisionRecord:
    found = next((each for each in my_divisions() if each.id == division_id), None)
    if found is None:
        abort(404)
    return found


def _rows(checked: Checked, division_id: int, month: date) -> list[PeriodRow]:
    """Return the first rows a check found, named, with their pages."""
    if checked.passed:
        return []
    found = queries.rows_behind(db.session(), checked.check, division_id, month)
    if checked.check == PeriodCheck.MONTHS_BEFORE:
        return [
            PeriodRow(labels.month(date.fromisoformat(row.name)), url_for("PeriodsView.month", division_id=row.id, month=row.name))
            for row in found
        ]
    if checked.check == PeriodCheck.BOOKS:
        return [PeriodRow(row.name, url_for("AccountView.show", pk=row.id) if row.id else None) for row in found]
    if checked.check == PeriodCheck.ACCOUNTS_BILLED:
        record_disclosure("account", [row.id for row in found])
    page = _PAGES.get(checked.check)
    return [PeriodRow(row.name, url_for(page, pk=row.id)) for row in found] if page else []
