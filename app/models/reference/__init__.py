"""Reference information: the dictionaries, and how they change."""

from app.models.reference.changes import ReferenceChange, ReferenceVersion
from app.models.reference.dictionaries import (
    Bank,
    Benefit,
    Brigade,
    Mahalla,
    MeterChangeReason,
    Resource,
    Street,
    TariffGroup,
    VatRate,
)

__all__ = [
    "Bank",
    "Benefit",
    "Brigade",
    "Mahalla",
    "MeterChangeReason",
    "ReferenceChange",
    "ReferenceVersion",
    "Resource",
    "Street",
    "TariffGroup",
    "VatRate",
]
