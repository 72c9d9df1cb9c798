"""Shadow runs: a posted month with proposed prices beside what was billed; nothing is posted."""

from datetime import date
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app import clock, labels
from app.documents import monitoring
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import LOOK, Page
from app.domain.billing.shadow import ShadowStatus
from app.domain.calendar import months_after
from app.domain.tariffs import NotBlocks
from app.extensions import db, record_disclosure, transaction
from app.jobs import runner
from app.models.billing.shadow import ShadowRun
from app.queries import administration
from app.queries import billing as bills
from app.queries.billing import shadow as queries
from app.services import administration as jobs
from app.services.billing import shadow as service
from app.views import menu
from app.views.administration import my_divisions
from app.views.base import FactView

MONTHS_BACK = 24


class ShadowRunForm(FlaskForm):
    """Which month to compute again, and the proposed steps."""

    division = SelectField(labels.COLUMN_LABELS["division"], coerce=int)
    month = SelectField(labels.COLUMN_LABELS["billing_month"])
    tariff = SelectField(labels.COLUMN_LABELS["tariff"], coerce=int)
    draft = SelectField(_l("Draft that waits for approval"), description=_l("Its tariff and blocks stand in for those above and below."))
    blocks = StringField(
        _l("Proposed blocks"),
        [Length(max=1000)],
        description=_l("Steps with ; between: end in units = soʻm per unit, the last without an end. 200=450; 1000=675; =900"),
    )


class ShadowRunView(FactView):
    page = Page(
        _l("Shadow runs"),
        {LOOK: (roles.SUPERVISOR, roles.RNI_EDITOR), "can_try_prices": (roles.SUPERVISOR, roles.RNI_EDITOR)},
        menu.BILLING.at(100, "Shadow runs"),
    )
    datamodel = SQLAInterface(ShadowRun)
    list_template = "shadow_runs.html"
    list_columns = [
        "id", "division", "billing_month", "tariff", "blocks", "status", "bills", "amount_now_tiyin", "amount_proposed_tiyin",
        "created_at", "created_by",
    ]  # fmt: skip
    base_order = ("id", "desc")
    order_columns = ["id", "billing_month", "status"]
    base_permissions = ["can_list", "can_show", "can_try_prices"]

    @expose("/start", methods=["GET", "POST"])
    @has_access
    def try_prices(self) -> Any:
        """Choose a posted month and proposed blocks, and start the run."""
        form, drafts = ShadowRunForm(), queries.drafts(db.session())
        form.division.choices = [(each.id, each.name) for each in my_divisions()]
        months = [months_after(clock.today(), -back) for back in range(MONTHS_BACK + 1)]
        form.month.choices = [(month.isoformat(), labels.month(month)) for month in months]
        form.tariff.choices = queries.tariffs(db.session())
        form.draft.choices = [("", "—"), *((str(draft.id), f"{draft.tariff}: {draft.blocks}") for draft in drafts)]
        if request.method == "GET" and len(months) > 1:
            form.month.data = months[1].isoformat()
        if form.validate_on_submit():
            chosen = next((draft for draft in drafts if str(draft.id) == form.draft.data), None)
            tariff_id, blocks = (chosen.tariff_id, chosen.blocks) if chosen else (form.tariff.data, form.blocks.data or "")
            try:
                return self._start(form, tariff_id, blocks)
            except NotBlocks:
                form.blocks.errors = [_("These are not blocks that rise, the last one without an end.")]
        return self.render_template("shadow_start.html", form=form)

    def _start(self, form: ShadowRunForm, tariff_id: int, blocks: str) -> Any:
        division_id = form.division.data
        with transaction() as session:
            run_id = service.open_run(
                session, division_id=division_id, month=date.fromisoformat(form.month.data), tariff_id=tariff_id, blocks=blocks
            ).id
            job_id = jobs.start_job(session, JobKind.SHADOW_RUN, division_id=division_id, subject_id=run_id)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show what a run found: by step, tariff group and division, and the accounts that change most."""
        run, session = self._run(pk), db.session()
        division_id = self._division()
        rows = [each for each in run.largest if division_id in (None, each[1])]
        record_disclosure("account", [each[0] for each in rows])
        numbers = bills.account_numbers(session, [each[0] for each in rows])
        divisions = queries.by_division(session, run.id, division_id)
        links = [url_for("ShadowRunView.show", pk=run.id, division=each.id) for each in divisions]
        return self.render_template(
            "shadow_run.html",
            run=run,
            status=labels.member(run.status),
            found=run.status == ShadowStatus.PREVIEWED,
            job=administration.latest_job_of(session, run.id, [JobKind.SHADOW_RUN]),
            part=divisions[0] if division_id and divisions else None,
            steps=queries.by_step(session, run.id, division_id),
            groups=queries.by_group(session, run.id, division_id),
            divisions=list(zip(divisions, links, strict=True)),
            chart=monitoring.proposed(divisions, links),
            largest=[(numbers.get(each[0], each[0]), *each) for each in rows],
        )

    def _division(self) -> int | None:
        wanted = request.args.get("division", "")
        if not wanted:
            return None
        if not (wanted.isdecimal() and int(wanted) in {each.id for each in my_divisions()}):
            abort(404)
        return int(wanted)

    def _run(self, pk: str) -> ShadowRun:
        return self.found(pk)
