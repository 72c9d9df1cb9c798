"""Devices, what moves them, and who keeps them."""

from app.views.equipment import devices, documents, verification

#: The pages of this area.
VIEWS = (*devices.VIEWS, *documents.VIEWS, *verification.VIEWS)

__all__ = ["VIEWS"]
