"""Equipment: devices are moved by documents and acts, and by nothing else."""

from app.services.equipment.movements import move, place_of, take_over, undo, undo_act, undo_document

__all__ = ["move", "place_of", "take_over", "undo", "undo_act", "undo_document"]
