"""Jobs and stored files."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app import labels
from app.documents import downloads
from app.domain.administration import FINISHED, JobKind, JobStatus
from app.domain.reference import RowFault
from app.extensions import db, show, transaction
from app.jobs import runner
from app.models.administration import JobRun
from app.queries import administration as queries
from app.services import administration as service
from app.views.base import FactView


class JobView(FactView):
    datamodel = SQLAInterface(JobRun)
    list_columns = ["id", "kind", "status", "division", "done", "total", "created_at", "created_by", "finished_at"]
    base_order = ("id", "desc")
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
            "status": labels.member_of(JobStatus, job.status),
            "finished": job.status in FINISHED,
            "subject_url": subject_url(job),
            "imported": _imported(job),
            "files": job.checkpoint.get("files", []),
            "faulty": len(job.checkpoint.get("faulty", [])),
        }
        if request.headers.get("HX-Request"):
            return render_template("job_progress.html", **context)
        return self.render_template("job.html", **context)

    @expose("/cancel/<pk>", methods=["POST"])
    @has_access
    def cancel(self, pk: str) -> Any:
        """Ask a job to stop after its present step."""
        with transaction() as session:
            heard = pk.isdecimal() and service.request_cancel(session, int(pk))
        flash(_("The job will stop after its present step.") if heard else _("The job is over already."), "info")
        return redirect(url_for("JobView.show", pk=pk))


def _imported(job: queries.JobRecord) -> dict[str, Any] | None:
    """Return what became of the rows of a dictionary's file, once it is read."""
    found = job.checkpoint.get("import")
    if found is None:
        return None
    rejected = [(row_no, labels.COLUMN_LABELS[column], labels.member_of(RowFault, fault)) for row_no, column, fault in found["rejected"]]
    return {**found, "rejected": rejected[:200], "rejected_count": len(rejected)}


def subject_url(job: queries.JobRecord) -> str | None:
    """Return the page of what a job is about."""
    pages = {
        JobKind.BILL_PREVIEW: "BillRunView.show",
        JobKind.BILL_POST: "BillRunView.show",
        JobKind.PENALTY_PREVIEW: "PenaltyRunView.show",
        JobKind.PENALTY_ACCRUAL: "PenaltyRunView.show",
        JobKind.SHADOW_RUN: "ShadowRunView.show",
        JobKind.REGISTRY_LOAD: "PaymentControlView.show",
        JobKind.READING_CHECK: "ReadingImportView.show",
        JobKind.READING_ACCEPT: "ReadingImportView.show",
    }
    page = pages.get(JobKind(job.kind))
    return url_for(page, pk=job.subject_id) if page else None


def start_and_show(kind: JobKind, *, division_id: int, subject_id: int | None) -> Any:
    """Commit what was prepared together with its job, ring the bell, and lead the user to the job's page."""
    with transaction() as session:
        job_id = service.start_job(session, kind, division_id=division_id, subject_id=subject_id)
    runner.ring(job_id)
    return redirect(url_for("JobView.show", pk=job_id))


class FileView(BaseView):
    """Files by their row, never by their path."""

    route_base = "/files"

    @expose("/<int:file_id>")
    @has_access
    def download(self, file_id: int) -> Response:
        """Send a stored file of the user's divisions."""
        stored = queries.stored_file(db.session(), file_id)
        if stored is None:
            abort(404)
        show("stored_file", [file_id])
        return downloads.attachment(stored[2], stored[0], stored[1])
