"""Tasks: one's own, the department's, those one gave; giving, taking up, finishing, handing over, giving back; and all that is late."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField, StringField
from wtforms import validators as rules

from app import clock, labels
from app.documents.reports import REPORTS
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.calendar import TASHKENT, latest_months, months_after
from app.domain.tasks import EXPLAINED, TaskEvent, possible
from app.extensions import appbuilder, db, is_local_path, set_change_reason, transaction
from app.jobs.notices import page_address, tell
from app.labels import COLUMN_LABELS
from app.queries import administration
from app.queries import tasks as queries
from app.queries.reports.late import late_reports
from app.queries.reports.schedules import possible_receivers
from app.queries.tasks import TaskRecord
from app.services import tasks as service
from app.views import fields, menu
from app.views.administration import my_divisions
from app.views.lists import filtered

#: Tasks on a page.
SHOWN = 200
#: Months whose reports are looked at.
MONTHS = 3
_REFUSED = _l("This does not fit where the task stands now, needs a reason, or whoever is to get it does not work in its division.")


def _colleagues() -> list[tuple[int, str]]:
    return [(each.id, each.name) for each in possible_receivers(db.session(), clock.today())]


def _places() -> list[tuple[int, str]]:
    return [(each.id, each.name) for each in my_divisions()]


class TaskForm(FlaskForm):
    """What is to be done, where, by whom and until when."""

    title = StringField(COLUMN_LABELS["title"], [rules.DataRequired(), rules.Length(max=200)])
    division = SelectField(COLUMN_LABELS["division"], coerce=int, choices=_places)
    assignee = SelectField(COLUMN_LABELS["assignee"], coerce=int, choices=_colleagues)
    term_on = fields.day_field(COLUMN_LABELS["term_on"], [rules.InputRequired()])
    page = HiddenField()


class TaskView(BaseView):
    """Tasks of people."""

    page = Page(
        _l("Tasks"),
        {"can_mine can_show can_act_on_task": roles.OFFICE, "can_give": (*roles.BILLING_STAFF, roles.ADMINISTRATOR)},
        menu.MONITORING.at(5, "Tasks"),
    )
    route_base = "/tasks"
    default_view = "mine"
    base_permissions = ["can_mine", "can_show", "can_give", "can_act_on_task"]

    @expose("/")
    @has_access
    def mine(self) -> Any:
        """Show the reader's open tasks, those of the department, those he gave, or all that are late."""
        kinds = self._kinds()
        chosen = request.args.get("of", "me")
        if chosen not in kinds:
            abort(404)
        rows = kinds[chosen].rows(db.session())
        return self.render_template("tasks.html", kinds=kinds, chosen=chosen, rows=rows, today=clock.today(), is_full=len(rows) == SHOWN)

    def _kinds(self) -> Mapping[str, "TaskList"]:
        today, me = clock.today(), g.user.id
        kinds = {
            "me": TaskList(_l("My tasks"), lambda session: queries.of_user(session, me, today, limit=SHOWN)),
            "department": TaskList(_l("Of my department"), lambda session: queries.of_department(session, me, today, limit=SHOWN)),
            "given": TaskList(_l("Given by me"), lambda session: queries.given_by(session, me, today, limit=SHOWN)),
        }
        if appbuilder.sm.has_access("can_late", "LateWorkView"):
            kinds["late"] = TaskList(_l("All that are late"), lambda session: queries.late(session, today, limit=SHOWN))
        return kinds

    @expose("/<int:task_id>")
    @has_access
    def show(self, task_id: int) -> Any:
        """Show a task, what happened to it and what the reader may let happen."""
        found = self._found(task_id)
        return self.render_template(
            "task.html",
            task=found,
            steps=queries.steps(db.session(), task_id),
            events=[(event.value, labels.member(event)) for event in self._possible(found) if event != TaskEvent.HAND_OVER],
            may_hand_over=TaskEvent.HAND_OVER in self._possible(found),
            colleagues=_colleagues(),
            is_late=found.status != "DONE" and found.term_on < clock.today(),
        )

    @expose("/give", methods=["GET", "POST"])
    @has_access
    def give(self) -> Any:
        """Give somebody a task; a card may say what it is about."""
        form = TaskForm()
        if request.method == "GET":
            form.page.data = request.args.get("page", "")
        if form.page.data and not (is_local_path(form.page.data) and len(form.page.data) <= 300):
            abort(400)
        if form.validate_on_submit():
            words = (form.title.data.strip(), form.page.data)
            given = service.NewTask(form.division.data, *words, form.assignee.data, g.user.id, form.term_on.data)
            try:
                with transaction() as session:
                    task_id = service.give(session, given, today=clock.today())
                    tell(session, [given.assignee_id], lambda: _words(task_id, given.title, given.term_on))
            except service.TaskRefused:
                form.assignee.errors = [_("This person does not work in the division.")]
            else:
                flash(_("The task was given."), "success")
                return redirect(url_for("TaskView.show", task_id=task_id))
        return self.render_template("task_form.html", form=form)

    @expose("/<int:task_id>/act", methods=["POST"])
    @has_access
    def act_on_task(self, task_id: int) -> Any:
        """Take a task up, finish it, hand it over or give it back."""
        found, wanted = self._found(task_id), request.form.get("event", "")
        if wanted not in set(TaskEvent) or TaskEvent(wanted) not in self._possible(found):
            abort(403)
        event, reason = TaskEvent(wanted), request.form.get("reason", "")
        chosen = request.form.get("assignee", "")
        assignee_id = int(chosen) if event == TaskEvent.HAND_OVER and chosen.isdecimal() and len(chosen) < 10 else None
        set_change_reason(reason)
        try:
            with transaction() as session:
                changed = service.advance(session, task_id, event, today=clock.today(), assignee_id=assignee_id, reason=reason)
                if event in EXPLAINED:
                    told = changed.assignee_id if event == TaskEvent.HAND_OVER else changed.giver_id
                    tell(session, [told], lambda: _words(task_id, found.title, found.term_on))
        except service.TaskRefused:
            flash(str(_REFUSED), "warning")
        return redirect(url_for("TaskView.show", task_id=task_id))

    def _found(self, task_id: int) -> TaskRecord:
        return queries.task(db.session(), task_id, clock.today()) or abort(404)

    def _possible(self, found: TaskRecord) -> list[TaskEvent]:
        if not appbuilder.sm.has_access("can_act_on_task", "TaskView"):
            return []
        return possible(
            found.status,
            is_assignee=queries.acts_for(db.session(), g.user.id, found.assignee_id, clock.today()),
            is_giver=found.giver_id == g.user.id,
            is_supervisor=bool(appbuilder.sm.has_access("can_late", "LateWorkView")),
        )


class TaskList(NamedTuple):
    """A choice of tasks: what it is called, and its rows."""

    title: Any
    rows: Callable[[Session], list[TaskRecord]]


def _words(task_id: int, title: str, term_on: date) -> tuple[str, str]:
    address = page_address(f"/tasks/{task_id}")
    message = _("You have the task “%(title)s” until %(day)s: %(address)s", title=title, day=labels.day(term_on), address=address)
    return _("Task: %(title)s", title=title), message


class LateRow(NamedTuple):
    """A kind of late work: how much, since when, and where its rows are."""

    text: Any
    address: str
    rows: int
    oldest: datetime | None


class LateWorkView(BaseView):
    """All that is late in the reader's divisions; each figure opens its rows."""

    page = Page(_l("Late work"), {"can_late": (roles.SUPERVISOR, roles.AUDITOR)}, menu.MONITORING.at(6, "Late work"))
    route_base = "/late-work"
    default_view = "late"

    @expose("/")
    @has_access
    def late(self) -> Any:
        """Show how many tasks, requests, reports and exceptions are late, and since when."""
        days = administration.value_on(db.session(), "tasks.late_days", clock.today())
        return self.render_template("late_work.html", rows=_late_rows(clock.today(), days), days=days)


def _late_rows(today: date, days: int) -> list[LateRow]:
    last = today - timedelta(days=days + 1)
    before = datetime.combine(last + timedelta(days=1), time(), TASHKENT)
    until = ("DayTo", last.isoformat())
    late = [
        LateRow(*_kind(each, until), rows=each.rows, oldest=each.oldest) for each in queries.late_work(db.session(), today, before)
    ]  # fmt: skip
    return sorted([*late, *_late_reports(today)], key=lambda row: row.oldest or before)


def _kind(each: queries.LateWork, until: tuple[str, str]) -> tuple[Any, str]:
    """Return what a kind of late work is called, and the list of its rows."""
    if each.kind == "TASKS":
        return _l("Tasks whose term is over"), url_for("TaskView.mine", of="late")
    if each.kind == "APPROVALS":
        return _l("Requests nobody decided"), filtered("ApprovalView", status=("FilterEqual", "PENDING"), created_at=until)
    address = filtered("BillExceptionView", status=("FilterEqual", "OPEN"))
    return _("Exceptions of bill run № %(number)s nobody settled", number=each.run_id), f"{address}&_flt_0_bill_run={each.run_id}"


def _late_reports(today: date) -> list[LateRow]:
    months = latest_months(months_after(today, -1), MONTHS)
    late = late_reports(db.session(), [spec.name for spec in REPORTS.values() if spec.is_submitted], months, today=today)
    rows = []
    for month in sorted({each.month for each in late}):
        of_month = [each for each in late if each.month == month]
        oldest = datetime.combine(min(each.due_on for each in of_month), time(), TASHKENT)
        text = _("Reports of %(month)s that are not signed", month=labels.month(month))
        rows.append(LateRow(text, url_for("StoredReportView.submission", month=month.isoformat()), len(of_month), oldest))
    return rows


#: The pages of this area.
VIEWS = (TaskView, LateWorkView)
