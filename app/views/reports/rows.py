"""The rows and columns of forms with codes: which consumers each row gathers, and what each column tells of them."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.models.reports import ReportFormColumn, ReportRow
from app.views import menu
from app.views.base import EntityView


class ReportRowView(EntityView):
    page = Page(
        _l("Rows of report forms"),
        {LOOK: (roles.SUPERVISOR, *roles.REFERENCE_READERS), EDIT: roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(95, "Rows of report forms"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(ReportRow)
    form_columns = [
        "report_form", "code", "name", "name_uz_cyrl", "name_ru", "consumer_kind", "tariff_group", "valid_from", "valid_to", "source",
    ]  # fmt: skip
    list_columns = ["report_form", "code", "name", "consumer_kind", "tariff_group", "valid_from", "valid_to"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class ReportColumnView(EntityView):
    page = Page(
        _l("Columns of report forms"),
        {LOOK: (roles.SUPERVISOR, *roles.REFERENCE_READERS), EDIT: roles.REFERENCE_EDITORS},
        menu.REFERENCE.at(96, "Columns of report forms"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(ReportFormColumn)
    form_columns = ["report_form", "code", "name", "name_uz_cyrl", "name_ru", "measure", "valid_from", "valid_to", "source"]
    list_columns = ["report_form", "code", "name", "measure", "valid_from", "valid_to"]
    base_order = ("code", "asc")
    searched = ("code", "name")
