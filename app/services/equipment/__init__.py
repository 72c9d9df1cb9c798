"""Equipment: devices are moved by documents and acts, and by nothing else."""

from app.services.equipment.documents import DocumentRequest, preview, reversal_of, sign, submit
from app.services.equipment.movements import install, move, place_of, take_over, undo, undo_act, undo_document
from app.services.equipment.passports import passport, write_passport

__all__ = [
    "DocumentRequest",
    "install",
    "move",
    "passport",
    "place_of",
    "preview",
    "reversal_of",
    "sign",
    "submit",
    "take_over",
    "undo",
    "undo_act",
    "undo_document",
    "write_passport",
]
