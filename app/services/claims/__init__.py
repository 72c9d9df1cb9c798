"""Penalty, inspection records, subsidies, and the reversal of what they charge."""

from app.services.claims import inspections, penalties
from app.services.claims.charges import AlreadyAsked, AlreadyReversed, reverse
from app.services.claims.subsidies import RefusedRow, SubsidyRow, grant_subsidies

__all__ = ["AlreadyAsked", "AlreadyReversed", "RefusedRow", "SubsidyRow", "grant_subsidies", "inspections", "penalties", "reverse"]
