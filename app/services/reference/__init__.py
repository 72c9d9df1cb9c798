"""Dictionaries: changes with two persons, and files of them."""

from app.services.reference.changes import (
    AlreadyWaits,
    ChangedMeanwhile,
    ChangeInThePast,
    Draft,
    EndsByItself,
    NothingChanges,
    propose,
    put_in_force,
)
from app.services.reference.files import Read, read

__all__ = [
    "AlreadyWaits",
    "ChangeInThePast",
    "ChangedMeanwhile",
    "Draft",
    "EndsByItself",
    "NothingChanges",
    "Read",
    "propose",
    "put_in_force",
    "read",
]
