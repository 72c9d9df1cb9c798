"""Subsidies, and the files they come in."""

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app import labels
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.extensions import transaction
from app.gateways.subsidies_file import SUBSIDIES
from app.jobs import runner
from app.models.claims import Subsidy
from app.services import administration as jobs
from app.views import fields, menu
from app.views.base import FactView
from app.views.uploads import FileForm, LoadsFiles


class SubsidyFileForm(FileForm):
    """A file of subsidies of one programme."""

    division = fields.division_field()
    programme = StringField(
        labels.COLUMN_LABELS["programme"],
        [InputRequired(), Length(max=200)],
        description=_l("The document that grants it. It is printed on the bills."),
    )


class SubsidyView(LoadsFiles, FactView):
    page = Page(_l("Subsidies"), {LOOK: roles.LEDGER_READERS, "can_load": roles.BILLING_STAFF}, menu.CLAIMS.at(60, "Subsidies"))
    datamodel = SQLAInterface(Subsidy)
    list_template = "subsidies.html"
    list_columns = ["account", "programme", "billing_month", "amount_tiyin", "created_at", "created_by"]
    search_columns = ["programme", "billing_month"]
    base_order = ("billing_month", "desc")
    searched = ("account",)
    total_columns = ("amount_tiyin",)
    base_permissions = ["can_list", "can_show", "can_load"]
    file_spec = SUBSIDIES

    @expose("/load", methods=["GET", "POST"])
    @has_access
    def load(self) -> Any:
        """Take in a file and start granting what it says."""
        form = SubsidyFileForm()
        if request.method == "GET" or not form.validate():
            return self.file_page(form)
        division_id = form.division.data
        with transaction() as session:
            given = {"file_id": form.stored(session, division_id).id, "programme": form.programme.data}
            job_id = jobs.start_job(session, JobKind.SUBSIDY_IMPORT, division_id=division_id, parameters=given)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))
