"""Household consumers and their benefits."""

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l

from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.models.household_consumers import AccountBenefit, HouseholdConsumer
from app.views import menu
from app.views.base import EntityView, FactView


class HouseholdConsumerView(EntityView):
    page = Page(
        _l("Household consumers"),
        {LOOK: roles.ACCOUNT_READERS, EDIT: (roles.BILLING_OPERATOR,)},
        menu.ACCOUNTS.at(30, "Household consumers"),
    )
    datamodel = SQLAInterface(HouseholdConsumer)
    list_columns = ["name", "phone", "division"]
    form_columns = ["division", "name", "pinfl", "phone", "language"]
    fixed_columns = ("division", "name", "pinfl")
    search_columns = ["name", "phone", "pinfl", "division"]
    base_order = ("id", "asc")
    searched = ("name", "phone", "pinfl")


class AccountBenefitView(FactView):
    page = Page(_l("Benefits of accounts"), {LOOK: roles.ACCOUNT_READERS}, menu.ACCOUNTS.at(60, "Account benefits"))
    datamodel = SQLAInterface(AccountBenefit)
    list_columns = show_columns = ["account", "benefit", "valid_from", "valid_to"]
    base_order = ("id", "asc")
    searched = ("account",)


#: The pages of this area.
VIEWS = (
    HouseholdConsumerView,
    AccountBenefitView,
)
