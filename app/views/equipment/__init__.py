"""Devices, what moves them, and who keeps them."""

from app.views.equipment import devices, documents, maintenance, seals, verification, works

#: The pages of this area.
VIEWS = (*devices.VIEWS, *documents.VIEWS, *seals.VIEWS, *verification.VIEWS, *works.VIEWS, *maintenance.VIEWS)

__all__ = ["VIEWS"]
