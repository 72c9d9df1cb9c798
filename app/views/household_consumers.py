"""Household consumers and their benefits."""

from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.models.household_consumers import AccountBenefit, HouseholdConsumer
from app.views.base import EntityView, FactView


class HouseholdConsumerView(EntityView):
    datamodel = SQLAInterface(HouseholdConsumer)
    list_columns = ["name", "phone", "division"]
    form_columns = ["division", "name", "pinfl", "phone", "language"]
    fixed_columns = ("division", "name", "pinfl")
    search_columns = ["name", "phone", "pinfl", "division"]
    base_order = ("id", "asc")


class AccountBenefitView(FactView):
    datamodel = SQLAInterface(AccountBenefit)
    list_columns = show_columns = ["account", "benefit", "valid_from", "valid_to"]
    base_order = ("id", "asc")
