"""Messages of consumers: what each asked for, and what was answered."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.labels import personal
from app.models.inquiries import Inquiry
from app.views import menu
from app.views.base import FactView


class InquiryView(FactView):
    page = Page(
        _l("Messages of consumers"),
        {LOOK: (roles.LAWYER, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR)},
        menu.INFORMATION.at(35, "Messages of consumers"),
    )
    datamodel = SQLAInterface(Inquiry)
    list_columns = ["id", "phone", "inquiry_command", "outcome", "account", "notice", "submitted_at", "created_at"]
    show_columns = [*list_columns, "text", "provider_reference", "message_contract", "division"]
    search_columns = ["inquiry_command", "outcome", "account", "created_at"]
    base_order = ("id", "desc")
    searched = ("id", "account")
    formatters_columns = {"text": personal.message}


#: The pages of this area.
VIEWS = (InquiryView,)
