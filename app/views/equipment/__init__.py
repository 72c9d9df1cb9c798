"""Devices, what moves them, and who keeps them."""

from app.views.equipment.devices import VIEWS

__all__ = ["VIEWS"]
