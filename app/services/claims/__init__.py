"""Penalty, inspection records, subsidies, and the reversal of what they charge."""

from app.services.claims import inspections, penalties
from app.services.claims.charges import ChargeAlreadyReversed, PenaltyDifference, ReversalAlreadyRequested, replay, reverse
from app.services.claims.subsidies import grant_subsidies

__all__ = [
    "ChargeAlreadyReversed",
    "PenaltyDifference",
    "ReversalAlreadyRequested",
    "grant_subsidies",
    "inspections",
    "penalties",
    "replay",
    "reverse",
]
