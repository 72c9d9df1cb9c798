"""Divisions, who may work where, jobs, and the look-up behind related fields."""

from typing import Any

from flask import Response, abort, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, action, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_babel import gettext as _
from flask_babel import lazy_gettext, refresh
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import String, cast, select

from app import clock, labels
from app.documents import downloads
from app.domain import identifiers
from app.domain.administration import FINISHED, JobKind, JobStatus
from app.domain.calendar import months_after
from app.extensions import db, stays_here, transaction
from app.jobs import runner
from app.models.accounts import Account, Consumer, ServicePoint
from app.models.administration import Division, DivisionAccess, JobRun
from app.models.equipment import Meter, Register
from app.models.reference import Mahalla, Street
from app.models.tariffs import TariffVersion
from app.queries import administration as queries
from app.services import administration as service
from app.services import billing
from app.views.base import EntityView, FactView, refusing


class StaffManager(SecurityManager):
    """Flask-AppBuilder's users and roles; the schema and the first roles belong to ``app.cli``."""

    def create_db(self) -> None:
        """Leave the schema to Alembic."""

    def on_user_login(self, user: Any) -> None:
        """Remember the name that what the user does is recorded under."""
        session["user_name"] = user.username


class DivisionView(EntityView):
    datamodel = SQLAInterface(Division)
    list_template = "divisions.html"
    list_columns = ["code", "name", "level", "parent", "branch_code"]
    form_columns = ["parent", "level", "code", "branch_code", "name", "name_uz_cyrl", "name_ru"]
    base_order = ("path", "asc")
    order_columns = ["code", "name", "level", "branch_code"]

    def pre_add(self, item: Division) -> None:
        phrases = {
            identifiers.InvalidIdentifier: _("This is no SOATO code: 4 digits for a region, 7 or 10 for a district, beginning with 17."),
            service.UnknownParent: _("A region belongs to the republic, a district to a region. Choose the parent accordingly."),
        }
        with refusing("code", phrases):
            service.place_division(db.session(), item)

    pre_update = pre_add

    @action("bill_month", lazy_gettext("Preview the bills of the last month"), "", "fa-file-text")
    def bill_month(self, items: Any) -> Any:
        """Open the billing of the last month for each chosen division and start the previews."""
        chosen = items if isinstance(items, list) else [items]
        if not {division.id for division in chosen} <= {each.id for each in my_divisions()}:
            abort(404)
        month, started, under_way = months_after(clock.today(), -1), [], 0
        for division_id in [division.id for division in chosen]:
            try:
                with transaction() as session:
                    run = billing.open_run(session, division_id=division_id, month=month, today=clock.today())
                    started.append(service.start_job(session, JobKind.BILL_PREVIEW, division_id=division_id, subject_id=run.id))
            except billing.AlreadyOpen:
                under_way += 1
        for job_id in started:
            runner.ring(job_id)
        flash(_("%(count)s previews were started; %(other)s were under way already.", count=len(started), other=under_way), "info")
        return redirect(url_for("JobView.list"))


class DivisionAccessView(EntityView):
    datamodel = SQLAInterface(DivisionAccess)
    list_columns = form_columns = ["user", "division", "valid_from", "valid_to"]
    base_order = ("id", "asc")


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
            "log": queries.job_log(db.session(), job.id),
            "kind": labels.member_of(JobKind, job.kind),
            "status": labels.member_of(JobStatus, job.status),
            "finished": job.status in FINISHED,
            "subject_url": subject_url(job),
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


def subject_url(job: queries.JobRecord) -> str | None:
    """Return the page of what a job is about."""
    pages = {
        JobKind.BILL_PREVIEW: "BillRunView.show",
        JobKind.BILL_POST: "BillRunView.show",
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
        return downloads.attachment(stored[2], stored[0], stored[1])


class LanguageView(BaseView):
    """The language switch; one stays where one is."""

    route_base = "/language"

    @expose("/<code>")
    def switch(self, code: str) -> Any:
        """Switch the language and return to the page the user came from."""
        if code not in self.appbuilder.bm.languages:
            abort(404)
        session["locale"] = code
        refresh()
        back = request.args.get("next", "/")
        return redirect(back if stays_here(back) else "/")


class LookupView(BaseView):
    """Rows offered while one types in a related field; row-level security decides what is there."""

    route_base = "/lookup"
    #: table → columns that are searched; others have no look-up
    SEARCHED: dict[str, tuple[Any, tuple[str, ...]]] = {
        "account": (Account, ("number",)),
        "consumer": (Consumer, ("name", "phone")),
        "mahalla": (Mahalla, ("name",)),
        "meter": (Meter, ("serial_number",)),
        "register": (Register, ("code",)),
        "service_point": (ServicePoint, ("house",)),
        "street": (Street, ("name",)),
        "tariff_version": (TariffVersion, ("source",)),
    }
    MOST = 20

    @expose("/<name>")
    @has_access
    def find(self, name: str) -> Response:
        """Answer with up to twenty rows that match what was typed."""
        if name == "ab_user":
            return self._users()
        if name not in self.SEARCHED:
            abort(404)
        model, columns = self.SEARCHED[name]
        word = request.args.get("q", "")[:100].replace("\0", "")
        if name == "service_point":
            return self._service_points(word)
        matches = [cast(getattr(model, column), String).icontains(word, autoescape=True) for column in columns]
        statement = select(model).order_by(model.id).limit(self.MOST)
        if word:
            statement = statement.where(matches[0] if len(matches) == 1 else matches[0] | matches[1])
        rows = db.session.scalars(statement)
        return jsonify(results=[{"id": row.id, "text": repr(row)} for row in rows])

    def _service_points(self, word: str) -> Response:
        """Find a place by street and house, as an address is written."""
        street, _comma, house = word.replace(",", " ").strip().rpartition(" ")
        if not any(letter.isdigit() for letter in house):
            street, house = word.strip(), ""
        statement = select(ServicePoint).join(Street, Street.id == ServicePoint.street_id).order_by(ServicePoint.id).limit(self.MOST)
        if street:
            statement = statement.where(Street.name.icontains(street.strip(), autoescape=True))
        if house:
            number, _dash, flat = house.partition("-")
            statement = statement.where(ServicePoint.house == number, *([ServicePoint.flat == flat] if flat else []))
        return jsonify(results=[{"id": row.id, "text": repr(row)} for row in db.session.scalars(statement)])

    def _users(self) -> Response:
        if not self.appbuilder.sm.has_access("can_add", "DivisionAccessView"):
            abort(403)
        model = self.appbuilder.sm.user_model
        word = request.args.get("q", "")[:100].replace("\0", "")
        rows = db.session.scalars(select(model).where(model.username.icontains(word, autoescape=True)).order_by(model.id).limit(self.MOST))
        return jsonify(results=[{"id": row.id, "text": str(row)} for row in rows])


def my_divisions() -> list[queries.DivisionRecord]:
    """Return the divisions the user may work in, in the order of the tree."""
    return queries.divisions_of_user(db.session(), g.user.id, clock.today())


class DivisionFileForm(FlaskForm):
    """A file of districts."""

    file = FileField(labels.COLUMN_LABELS["stored_file"], [FileRequired()])


class DivisionFileView(BaseView):
    """Districts from a file of the user's."""

    route_base = "/division-file"
    default_view = "load"

    @expose("/load", methods=["GET", "POST"])
    @has_access
    def load(self) -> Any:
        """Take in a file of districts and start its import."""
        form = DivisionFileForm()
        if not form.validate_on_submit():
            return self.render_template("division_file.html", form=form)
        top = my_divisions()
        if not top:
            abort(403)
        with transaction() as session:
            upload = form.file.data
            stored = service.store_file(
                session, division_id=top[0].id, name=upload.filename or "file", media_type=upload.mimetype, content=upload.read()
            )
            job_id = service.start_job(session, JobKind.DIVISION_IMPORT, division_id=top[0].id, parameters={"file_id": stored.id})
        runner.ring(job_id)
        return redirect(url_for("JobView.show", pk=job_id))
