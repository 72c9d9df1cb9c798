"""Pages of runs: the list, one opened, one shown with what can be done with it. A kind of run adds its form and what it found."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import SelectField

from app import clock, labels
from app.domain.calendar import months_after
from app.domain.runs import RunEvent, next_status
from app.extensions import appbuilder, db, transaction
from app.jobs import runner
from app.models.runs import Run
from app.queries import administration
from app.services import runs as service
from app.services.runs import RunNotReady, RunSpec
from app.views import fields
from app.views.administration import my_divisions
from app.views.base import FactView
from app.views.refusals import FormRefused, show_refusal


class RunForm(FlaskForm):
    """Which division and month a run is about."""

    division = fields.division_field()
    month = SelectField(labels.COLUMN_LABELS["billing_month"])

    @property
    def first_day(self) -> date:
        """The first day of the chosen month."""
        return date.fromisoformat(self.month.data)


class RunTexts(NamedTuple):
    """What the pages of a kind of run say."""

    #: the heading of the form, and the button that leads to it
    open: Any
    #: what happens when the form is sent
    hint: Any
    posted: Any = ""
    send: Any = _l("Preview")
    not_ready: Any = _l("Only a run whose preview is ready can be posted.")
    #: said where a second person decides first
    asked: Any = ""


class LinkedText(NamedTuple):
    """A text that leads somewhere; without an address it is only a text."""

    text: Any
    url: str = ""


def account_link(account_id: int, number: str | None) -> LinkedText:
    """Return the number of an account, linked where the user may see its card."""
    may_show = appbuilder.sm.has_access("can_show", "AccountView")
    return LinkedText(number or account_id, url_for("AccountView.show", pk=account_id) if may_show else "")


class RunTable(NamedTuple):
    """A table of what a run found.

    :param heads: what stands above each column, and whether it holds figures
    :param anchor: the address of the table in the page
    :param further: stands below it
    """

    title: Any
    heads: Sequence[tuple[Any, bool]]
    rows: Sequence[Sequence[LinkedText]]
    anchor: str = ""
    further: LinkedText | None = None

    @property
    def columns(self) -> list[tuple[str, Any, str]]:
        """Return the columns as a page asks for them: all are written by the page, which links them."""
        return [(str(place), head, "own figure" if is_figure else "own") for place, (head, is_figure) in enumerate(self.heads)]


class RunFindings(NamedTuple):
    """What the page of a run shows.

    :param posting: what is asked before it is posted; empty: there is nothing to post
    :param notices: kind of alert, and what it says
    :param chart: data and caption
    """

    title: str
    figures: Sequence[tuple[Any, LinkedText]] = ()
    tables: Sequence[RunTable] = ()
    posting: str = ""
    lines: Sequence[LinkedText] = ()
    links: Sequence[LinkedText] = ()
    notices: Sequence[tuple[str, LinkedText]] = ()
    chart: tuple[Mapping[str, Any], Any] | None = None


class RunView(FactView):
    """Runs of a kind; its ``spec`` says what services do with them."""

    spec: RunSpec[Any]
    texts: RunTexts
    run_form: type[RunForm] = RunForm
    #: the months that can be chosen, counted back from this one
    months_back = range(1, 13)
    #: errors of opening a run → the field they are about, and what is said
    refusals: Mapping[type[Exception], tuple[str, Any]] = {}
    list_template = "runs.html"
    base_order = ("id", "desc")

    def _init_properties(self) -> None:
        super()._init_properties()
        self.extra_args = {"run_view": type(self).__name__, "texts": self.texts}
        self.exclude_route_methods = {name for name in ("post", "cancel") if f"can_{name}" not in self.base_permissions}

    def opened(self, session: Session, form: Any) -> Run:
        """Open the run that a valid form asks for."""
        raise NotImplementedError

    def findings(self, run: Any) -> RunFindings:
        """Return what the page of a run shows, and record whose data that is."""
        raise NotImplementedError

    def started(self, session: Session, run: Any) -> int | None:
        """Start the posting of a run and return its job, or None if a second person decides first."""
        return service.start_posting(session, self.spec, run.id)

    def prepared(self) -> Any:
        """Return the form with its choices."""
        form = self.run_form()
        months = [months_after(clock.today(), -back) for back in self.months_back]
        form.month.choices = [(month.isoformat(), labels.month(month)) for month in months]
        if request.method == "GET" and request.args.get("division", "").isdecimal():
            form.division.data = int(request.args["division"])
        return form

    @expose("/open", methods=["GET", "POST"])
    @has_access
    def open(self) -> Any:
        """Open a run and start its preview."""
        form = self.prepared()
        if form.validate_on_submit():
            try:
                return self._open(form)
            except service.RunAlreadyOpen as under_way:
                flash(_("A run of this kind is under way already: this one."), "warning")
                return redirect(url_for(f"{self.endpoint}.show", pk=str(under_way)))
            except FormRefused as refused:
                show_refusal(form, refused)
        return self.render_template("run_open.html", form=form)

    def _open(self, form: RunForm) -> Any:
        with transaction() as session:
            job_id = service.start_preview(session, self.spec, self._opened(session, form))
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    def _opened(self, session: Session, form: RunForm) -> Run:
        try:
            return self.opened(session, form)
        except tuple(self.refusals) as error:
            column, phrase = self.refusals[type(error)]
            raise FormRefused(str(phrase), column) from error

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a run: what it found, and what can be done with it."""
        run = self.found(pk)
        found, is_mine = self.findings(run), run.division_id in {each.id for each in my_divisions()}
        return self.render_template(
            "run.html",
            run=run,
            found=found,
            job=administration.latest_job_of(db.session(), run.id, [*self.spec.jobs]),
            can_post=is_mine
            and bool(found.posting)
            and self.spec.posting is not None
            and next_status(run.status, RunEvent.POST) is not None,
            can_cancel=is_mine and "can_cancel" in self.base_permissions and next_status(run.status, RunEvent.CANCEL) is not None,
        )

    @expose("/post/<pk>", methods=["POST"])
    @has_access
    def post(self, pk: str) -> Any:
        """Start the posting of a previewed run."""
        run = self.found(pk)
        try:
            with transaction() as session:
                job_id = self.started(session, run)
        except RunNotReady:
            flash(str(self.texts.not_ready), "warning")
            return redirect(url_for(f"{self.endpoint}.show", pk=pk))
        if job_id is None:
            flash(str(self.texts.asked), "info")
            return redirect(url_for(f"{self.endpoint}.show", pk=pk))
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/cancel/<pk>", methods=["POST"])
    @has_access
    def cancel(self, pk: str) -> Any:
        """Cancel a run that posted nothing."""
        run = self.found(pk)
        try:
            with transaction() as session:
                service.advance(session, self.spec, run.id, RunEvent.CANCEL)
        except RunNotReady:
            flash(_("This run can no longer be cancelled."), "warning")
        return redirect(url_for(f"{self.endpoint}.show", pk=pk))
