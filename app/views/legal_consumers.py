"""Legal consumers."""

from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.models.legal_consumers import LegalConsumer
from app.views.base import EntityView


class LegalConsumerView(EntityView):
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
