"""Devices, what moves them, and who keeps them."""

from app.views.equipment import devices, documents, seals, verification

#: The pages of this area.
VIEWS = (*devices.VIEWS, *documents.VIEWS, *seals.VIEWS, *verification.VIEWS)

__all__ = ["VIEWS"]
