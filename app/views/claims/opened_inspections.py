"""Inspections that broken seals and events of devices open, each ended by an inspection record or by a reason."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.seals import InspectionStatus, SealRefused
from app.extensions import appbuilder, set_change_reason, transaction
from app.models.seals import Inspection
from app.services.seals import inspections as service
from app.views import menu
from app.views.base import FactView

_READERS = (roles.INSPECTOR, roles.ENGINEER, roles.LAWYER, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR)


class InspectionView(FactView):
    page = Page(
        _l("Inspections"),
        {LOOK: _READERS, "can_end": (roles.INSPECTOR, roles.BILLING_OPERATOR, roles.SUPERVISOR)},
        menu.CLAIMS.at(45, "Inspections"),
    )
    datamodel = SQLAInterface(Inspection)
    list_columns = [
        "id", "opened_on", "cause", "seal", "device", "account", "service_point", "status", "ended_on", "inspection_record", "division",
    ]  # fmt: skip
    search_columns = ["opened_on", "cause", "status", "ended_on", "division"]
    base_order = ("id", "desc")
    read_along = ("device.model", "service_point.street")
    searched = ("account", "seal")
    base_permissions = ["can_list", "can_show", "can_end"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show what opened an inspection, and how it ended."""
        found = self.found(pk)
        is_open = found.status == InspectionStatus.OPEN
        return self.render_template(
            "inspection.html",
            inspection=found,
            may_end=is_open and appbuilder.sm.has_access("can_end", "InspectionView"),
            may_draft=is_open and found.account_id is not None,
        )

    @expose("/end/<int:inspection_id>", methods=["POST"])
    @has_access
    def end(self, inspection_id: int) -> Any:
        """End an inspection that found nothing to charge, with a reason."""
        self.found(str(inspection_id))
        reason = request.form.get("conclusion", "")[:300]
        set_change_reason(reason)
        try:
            with transaction() as session:
                service.end(session, inspection_id, on=clock.today(), conclusion=reason)
        except SealRefused as refused:
            flash(labels.seal_refusal(refused), "danger")
        else:
            flash(_("The inspection was ended."), "success")
        return redirect(url_for("InspectionView.show", pk=inspection_id))


#: The pages of inspections.
VIEWS = (InspectionView,)
