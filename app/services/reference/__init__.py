"""Dictionaries: changes with two persons, and files of them."""

from app.services.reference.changes import (
    AlreadyWaits,
    ChangedMeanwhile,
    Draft,
    EndsByItself,
    InThePast,
    NothingChanges,
    propose,
    put_in_force,
)
from app.services.reference.files import Read, read

__all__ = [
    "AlreadyWaits",
    "ChangedMeanwhile",
    "Draft",
    "EndsByItself",
    "InThePast",
    "NothingChanges",
    "Read",
    "propose",
    "put_in_force",
    "read",
]
