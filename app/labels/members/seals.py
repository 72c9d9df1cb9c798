"""Seals: their states, what happens to them, what they lock, and inspections."""

from flask_babel import lazy_gettext as _

from app.domain.seals import InspectionCause, InspectionStatus, SealedPart, SealEvent, SealState

SEAL_LABELS = (
    (SealState.IN_STORE, _("In store")),
    (SealState.ISSUED, _("Issued")),
    (SealState.APPLIED, _("Applied")),
    (SealState.BROKEN, _("Broken")),
    (SealState.REMOVED, _("Taken off")),
    (SealState.LOST, _("Lost")),
    (SealState.SPOILED, _("Written off")),
    (SealEvent.RECEIVE, _("Arrival")),
    (SealEvent.TAKE_OVER, _("Known with its device")),
    (SealEvent.ISSUE, _("Issue to a brigade")),
    (SealEvent.RETURN, _("Return from a brigade")),
    (SealEvent.APPLY, _("Applied to a device")),
    (SealEvent.BREAK, _("Found broken")),
    (SealEvent.TAKE_OFF, _("Taken off")),
    (SealEvent.LOSE, _("Loss")),
    (SealEvent.FIND, _("Found again")),
    (SealEvent.WRITE_OFF, _("Writing off")),
    (SealedPart.TERMINAL_COVER, _("Terminal cover")),
    (SealedPart.CASING, _("Casing")),
    (SealedPart.CABINET, _("Cabinet")),
    (SealedPart.TRANSFORMER_CIRCUITS, _("Circuits of instrument transformers")),
    (SealedPart.SWITCH, _("Place of disconnection")),
    (InspectionCause.BROKEN_SEAL, _("Broken seal")),
    (InspectionCause.TAMPER_EVENT, _("Event of the device")),
    (InspectionCause.NO_USE, _("Nothing used for several months")),
    (InspectionStatus.OPEN, _("Open")),
    (InspectionStatus.ENDED, _("Ended")),
    (InspectionStatus.WITHDRAWN, _("Withdrawn")),
)
