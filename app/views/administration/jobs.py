"""Jobs and stored files."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import labels
from app.domain.administration import FINISHED, JobKind, JobStatus, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.reference import RowFault
from app.extensions import appbuilder, db, transaction
from app.jobs import runner
from app.models.administration import JobRun
from app.queries import administration as queries
from app.services import administration as service
from app.views import menu
from app.views.base import FactView
from app.views.stored_files import sent_file

#: The permission that reads a file, by the table that refers to it.
READERS: dict[str, tuple[str, str] | None] = {
    "account_document": ("can_read", "PersonalData"),
    "application_file": ("can_application_file", "ApplicationView"),
    "consumer_reading": ("can_photo", "ConsumerReadingView"),
    "maintenance_record": ("can_photo", "MaintenanceWorkView"),
    "act_photo": ("can_photo", "AccountActView"),
    "field_proposal": ("can_photo", "FieldProposalView"),
    "payment_control": ("can_show", "PaymentControlView"),
    "reading_import": ("can_show", "ReadingImportView"),
    # Made with the rights of whoever it is for: nobody else reads it.
    "notice": None,
    "report_sending": None,
    "statement_answer": ("can_signed_paper", "StatementAnswerView"),
}


class JobView(FactView):
    page = Page(
        _l("Jobs"),
        {
            LOOK: (
                roles.CASHIER,
                roles.INSPECTOR,
                roles.ENGINEER,
                roles.BILLING_OPERATOR,
                roles.SUPERVISOR,
                roles.RNI_EDITOR,
                roles.AUDITOR,
                roles.ADMINISTRATOR,
            ),
            "can_cancel": (roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.ADMINISTRATOR),
        },
        menu.MONITORING.at(20, "Jobs"),
    )
    datamodel = SQLAInterface(JobRun)
    list_columns = ["id", "kind", "status", "division", "done", "total", "created_at", "created_by", "finished_at"]
    search_columns = ["kind", "status", "division", "created_at", "created_by"]
    base_order = ("id", "desc")
    searched = ("id", "created_by")
    base_permissions = ["can_list", "can_show", "can_cancel"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a job's progress and log; the page refreshes its middle until the job is over."""
        job = queries.job(db.session(), int(pk)) if pk.isdecimal() else None
        if job is None:
            abort(404)
        context = {
            "job": job,
            "log": [(at, labels.job_message(message, places)) for at, message, places in queries.job_log(db.session(), job.id)],
            "kind": labels.member_of(JobKind, job.kind),
            "finished": job.status in FINISHED,
            "subject_url": subject_url(job),
            "approval": job.checkpoint.get("approval") or job.parameters.get("approval_id"),
            "imported": _imported(job),
            "may_cancel": _may_cancel(job),
            "files": job.checkpoint.get("files", []),
            "faulty": len(job.checkpoint.get("faulty", [])),
        }
        if request.headers.get("HX-Request"):
            return render_template("job_progress.html", **context)
        return self.render_template("job.html", **context)

    @expose("/cancel/<pk>", methods=["POST"])
    @has_access
    def cancel(self, pk: str) -> Any:
        """Ask a job of the user's own, or of work that is his, to stop after its present step; one not begun is cancelled at once."""
        job = queries.job(db.session(), int(pk)) if pk.isdecimal() and len(pk) < 19 else None
        if job is None:
            abort(404)
        if not _may_cancel(job):
            abort(403)
        if not runner.cancel(job.id):
            flash(_("The job is over already."), "info")
        else:
            now = queries.job(db.session(), job.id)
            is_over = now is not None and now.status == JobStatus.CANCELLED
            flash(_("The job was cancelled before it began.") if is_over else _("The job will stop after its present step."), "info")
        return redirect(url_for("JobView.show", pk=pk))


def _may_cancel(job: queries.JobRecord) -> bool:
    """Tell whether a job is the user's own or of a kind he may start; who minds the machinery may stop any."""
    may = appbuilder.sm.has_access
    is_theirs = job.created_by == g.user.username or may(*runner.spec_of(job.kind).permission) or may("can_set", "ParameterView")
    return bool(may("can_cancel", "JobView") and is_theirs)


def _may_read(uses: queries.FileUses) -> bool:
    """Tell whether a file is the user's own, of a row he may look at, or of work he may start."""
    pairs = {pair for table in uses.tables if (pair := READERS[table])} | {runner.spec_of(kind).permission for kind in uses.jobs}
    return uses.created_by == g.user.username or any(appbuilder.sm.has_access(*pair) for pair in pairs)


def _imported(job: queries.JobRecord) -> dict[str, Any] | None:
    """Return what became of the rows of a dictionary's file, once it is read."""
    found = job.checkpoint.get("import")
    if found is None:
        return None
    return {**found, "rejected": rejected_rows(found["rejected"]), "rejected_count": len(found["rejected"])}


def rejected_rows(rows: Sequence[Any]) -> list[tuple[int, Any, str]]:
    """Return the first rows of a file that were not taken: row, column and reason in words."""
    return [_told(*row) for row in rows[:200]]


def _told(row_no: int, column: str, fault: str, value: str = "", twin: int | None = None) -> tuple[int, Any, str]:
    """Return row, column and reason of a row that was not taken, with what stands there and the row that says the same."""
    reason = labels.member_of(RowFault, fault)
    if value:
        reason = f"{reason} {_('It says: %(value)s', value=value)}"
    if twin:
        reason = f"{reason} {_('The first is row %(row)s.', row=twin)}"
    return row_no, labels.COLUMN_LABELS[column] if column else "", reason


def subject_url(job: queries.JobRecord) -> str | None:
    """Return the page of what a job is about."""
    page = runner.spec_of(job.kind).page
    return url_for(page, pk=job.subject_id) if page else None


def start_and_show(kind: JobKind, *, division_id: int, subject_id: int | None) -> Any:
    """Commit what was prepared together with its job, enqueue it, and lead the user to the job's page."""
    with transaction() as session:
        job_id = service.start_job(session, kind, division_id=division_id, subject_id=subject_id)
    runner.enqueue(job_id)
    return redirect(url_for("JobView.show", pk=job_id))


class FileView(BaseView):
    """Files by their row, never by their path."""

    page = Page(_l("Files"), {"can_download": roles.DOCUMENT_READERS})
    route_base = "/files"

    @expose("/<int:file_id>")
    @has_access
    def download(self, file_id: int) -> Response:
        """Send a stored file of the user's divisions: his own, or one of what he may look at."""
        uses = queries.file_uses(db.session(), file_id)
        return sent_file(file_id if uses and _may_read(uses) else None)
