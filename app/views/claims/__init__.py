"""Penalty, inspection records, subsidies, and the charges they make."""

from app.views.claims.charges import BillableChargeView
from app.views.claims.inspections import InspectionRecordView
from app.views.claims.opened_inspections import InspectionView
from app.views.claims.penalties import PenaltyHoldView, PenaltyRunView, PenaltyView
from app.views.claims.subsidies import SubsidyView

#: The pages of this area.
VIEWS = (
    BillableChargeView,
    PenaltyRunView,
    PenaltyView,
    PenaltyHoldView,
    InspectionView,
    InspectionRecordView,
    SubsidyView,
)

__all__ = [
    "VIEWS",
    "BillableChargeView",
    "InspectionRecordView",
    "InspectionView",
    "PenaltyHoldView",
    "PenaltyRunView",
    "PenaltyView",
    "SubsidyView",
]
