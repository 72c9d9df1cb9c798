"""Legal consumers."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.models.legal_consumers import LegalConsumer
from app.views import menu
from app.views.base import EntityView


class LegalConsumerView(EntityView):
    page = Page(
        _l("Legal consumers"), {LOOK: roles.ACCOUNT_READERS, EDIT: (roles.BILLING_OPERATOR,)}, menu.ACCOUNTS.at(40, "Legal consumers")
    )
    datamodel = SQLAInterface(LegalConsumer)
    list_columns = ["name", "stir", "phone", "division"]
    form_columns = [
        "division",
        "name",
        "stir",
        "vat_registration",
        "oked",
        "bank",
        "bank_account",
        "director",
        "phone",
        "language",
    ]
    fixed_columns = tuple(form_columns[:-2])
    base_order = ("id", "asc")
    searched = ("name", "stir", "phone")


#: The pages of this area.
VIEWS = (LegalConsumerView,)
