"""Dictionaries, and the pages about what they held, what they become and who uses them."""

from app.views.reference.base import ReferenceView
from app.views.reference.dictionaries import (
    BankView,
    BenefitView,
    BrigadeView,
    MahallaView,
    MeterChangeReasonView,
    ResourceView,
    StreetView,
    TariffGroupView,
    VatRateView,
)
from app.views.reference.pages import DictionaryView

#: The pages of this area.
VIEWS = (
    TariffGroupView,
    ResourceView,
    VatRateView,
    BankView,
    BenefitView,
    MeterChangeReasonView,
    BrigadeView,
    MahallaView,
    StreetView,
    DictionaryView,
)

__all__ = [
    "VIEWS",
    "BankView",
    "BenefitView",
    "BrigadeView",
    "DictionaryView",
    "MahallaView",
    "MeterChangeReasonView",
    "ReferenceView",
    "ResourceView",
    "StreetView",
    "TariffGroupView",
    "VatRateView",
]
