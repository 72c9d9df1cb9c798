"""Shadow runs: a posted month with proposed prices beside what was billed; nothing is posted."""

from typing import Any

from flask import abort, request
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.tariffs import NotBlocks
from app.extensions import db
from app.models.billing.shadow import ShadowRun
from app.queries.billing import shadow as queries
from app.services.billing import shadow as service
from app.views import menu
from app.views.administration import my_divisions
from app.views.billing import shadow_findings
from app.views.runs import RunFindings, RunForm, RunTexts, RunView


class ShadowRunForm(RunForm):
    """Which month to compute again, and the proposed steps."""

    tariff = SelectField(labels.COLUMN_LABELS["tariff"], coerce=int)
    draft = SelectField(_l("Draft that waits for approval"), description=_l("Its tariff and blocks stand in for those above and below."))
    blocks = StringField(
        _l("Proposed blocks"),
        [Length(max=10_000)],
        description=_l("Steps with ; between: end in units = soʻm per unit, the last without an end. 200=450; 1000=675; =900"),
    )


class ShadowRunView(RunView):
    page = Page(
        _l("Shadow runs"),
        {f"{LOOK} can_open": (roles.SUPERVISOR, roles.RNI_EDITOR)},
        menu.BILLING.at(100, "Shadow runs"),
    )
    datamodel = SQLAInterface(ShadowRun)
    spec = service.RUN
    run_form = ShadowRunForm
    texts = RunTexts(
        _l("Try prices"),
        _l("The posted bills of the month are computed again with these blocks. Nothing is posted."),
        send=_l("Compute"),
    )
    months_back = range(25)
    refusals = {NotBlocks: ("blocks", _l("These are not blocks that rise, the last one without an end."))}
    list_columns = [
        "id", "division", "billing_month", "tariff", "blocks", "status", "bills", "amount_now_tiyin", "amount_proposed_tiyin",
        "created_at", "created_by",
    ]  # fmt: skip
    base_permissions = ["can_list", "can_show", "can_open"]

    def prepared(self) -> Any:
        """Return the form with tariffs and drafts; the last full month is chosen."""
        form, session = super().prepared(), db.session()
        form.tariff.choices = queries.tariffs(session)
        form.draft.choices = [("", "—"), *((str(draft.id), f"{draft.tariff}: {draft.blocks}") for draft in queries.drafts(session))]
        if request.method == "GET":
            form.month.data = form.month.choices[1][0]
        return form

    def opened(self, session: Session, form: Any) -> ShadowRun:
        """Open the run of the chosen month with the blocks that were typed, or with a draft's."""
        chosen = next((draft for draft in queries.drafts(session) if str(draft.id) == form.draft.data), None)
        tariff_id, blocks = (chosen.tariff_id, chosen.blocks or "") if chosen else (form.tariff.data, form.blocks.data or "")
        return service.open_run(session, division_id=form.division.data, month=form.first_day, tariff_id=tariff_id, blocks=blocks)

    def findings(self, run: ShadowRun) -> RunFindings:
        """Return what the run found in all divisions, or in the one that the address names."""
        return shadow_findings.findings(run, self._division())

    def _division(self) -> int | None:
        wanted = request.args.get("division", "")
        if not wanted:
            return None
        if not (wanted.isdecimal() and int(wanted) in {each.id for each in my_divisions()}):
            abort(404)
        return int(wanted)
