"""One phrase an enum member of devices and what moves them."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.equipment import (
    DeviceEvent,
    DeviceState,
    DocumentStatus,
    EquipmentDocumentKind,
    MovementRefusal,
    PlaceKind,
    StockPlaceKind,
    VerificationState,
)
from app.domain.equipment.maintenance import MaintenanceEvent, MaintenanceFault, MaintenanceStatus

_EVENTS = (
    (DeviceEvent.RECEIVE, _("Arrival")),
    (DeviceEvent.TAKE_OVER, _("Taken over with its place")),
    (DeviceEvent.VERIFY, _("Verification certificate")),
    (DeviceEvent.SEAL, _("Sealing")),
    (DeviceEvent.ISSUE, _("Issue to a brigade")),
    (DeviceEvent.RETURN, _("Return from a brigade")),
    (DeviceEvent.INSTALL, _("Installation")),
    (DeviceEvent.REMOVE, _("Removal")),
    (DeviceEvent.HOLD, _("Keeping as evidence")),
    (DeviceEvent.STORE, _("Taking into the store")),
    (DeviceEvent.REPAIR, _("Repair")),
    (DeviceEvent.SEND_TO_METROLOGY, _("Handing over to the metrology body")),
    (DeviceEvent.REJECT, _("Notice of unfitness")),
    (DeviceEvent.WRITE_OFF, _("Writing off")),
    (DeviceEvent.LOSE, _("Loss")),
    (DeviceEvent.FIND, _("Surplus found")),
    (DeviceEvent.SEND, _("Sending to another division")),
    (DeviceEvent.TAKE, _("Taking from another division")),
    (DeviceEvent.COUNT, _("Inventory")),
)

EQUIPMENT_LABELS: tuple[tuple[StrEnum, Any], ...] = (
    (DeviceState.IN_STORE_NEW, _("In store, new")),
    (DeviceState.VERIFIED, _("Verified")),
    (DeviceState.SEALED_READY, _("Ready to be issued")),
    (DeviceState.ISSUED, _("Issued to a brigade")),
    (DeviceState.INSTALLED, _("Installed")),
    (DeviceState.REMOVED, _("Removed")),
    (DeviceState.IN_STORE_USED, _("In store, used")),
    (DeviceState.IN_REPAIR, _("In repair")),
    (DeviceState.AT_VERIFICATION, _("At the metrology body")),
    (DeviceState.REJECTED, _("Found unfit")),
    (DeviceState.EVIDENCE_HOLD, _("Kept as evidence")),
    (DeviceState.LOST, _("Lost")),
    (DeviceState.WRITTEN_OFF, _("Written off")),
    *_EVENTS,
    *((EquipmentDocumentKind(event.value), phrase) for event, phrase in _EVENTS),
    (EquipmentDocumentKind.RECEIVE_SEALS, _("Seals: arrival")),
    (EquipmentDocumentKind.ISSUE_SEALS, _("Seals: issue to a brigade")),
    (EquipmentDocumentKind.RETURN_SEALS, _("Seals: return from a brigade")),
    (EquipmentDocumentKind.TAKE_OFF_SEALS, _("Seals: taken off")),
    (EquipmentDocumentKind.LOSE_SEALS, _("Seals: loss")),
    (EquipmentDocumentKind.FIND_SEALS, _("Seals: found again")),
    (EquipmentDocumentKind.WRITE_OFF_SEALS, _("Seals: writing off")),
    (PlaceKind.WAREHOUSE, _("Warehouse")),
    (PlaceKind.BRIGADE, _("Brigade")),
    (PlaceKind.SERVICE_POINT, _("Place of supply")),
    (PlaceKind.TRANSIT, _("On the way to another division")),
    (PlaceKind.METROLOGY, _("Metrology body")),
    (PlaceKind.NOWHERE, _("Nowhere")),
    (StockPlaceKind.WAREHOUSE, _("Warehouse")),
    (StockPlaceKind.BRIGADE, _("Brigade")),
    (VerificationState.HOLDS, _("Verification holds")),
    (VerificationState.ENDS_SOON, _("Ends within 60 days")),
    (VerificationState.EXPIRED, _("Verification expired")),
    (VerificationState.UNKNOWN, _("Verification not known")),
    (MaintenanceStatus.PLANNED, _("Planned")),
    (MaintenanceStatus.ORDERED, _("Ordered")),
    (MaintenanceStatus.DONE, _("Done")),
    (MaintenanceStatus.CANCELLED, _("Cancelled")),
    (MaintenanceEvent.ORDER, _("Ordered from a brigade")),
    (MaintenanceEvent.CARRY_OUT, _("Carried out")),
    (MaintenanceEvent.POSTPONE, _("Put off")),
    (MaintenanceEvent.CANCEL, _("Cancelled")),
    (DocumentStatus.REQUESTED, _("Lacks signatures")),
    (DocumentStatus.DONE, _("Done")),
    (DocumentStatus.REVERSED, _("Reversed")),
)

#: ``%(detail)s`` stands for the device, day, place or number a refusal names.
MOVEMENT_REFUSALS = {
    MovementRefusal.NOT_POSSIBLE: _("This does not happen to a device in this state: %(detail)s. Look at its card for what comes first."),
    MovementRefusal.WRONG_PLACE: _("%(detail)s is not at such a place. Look at its card for where it is."),
    MovementRefusal.OTHER_PLACE: _("The warehouse or brigade is of another division than %(detail)s. Send the device there first."),
    MovementRefusal.NO_PLACE: _("Choose the warehouse or the brigade."),
    MovementRefusal.FUTURE_DAY: _("The day has not come yet."),
    MovementRefusal.LATER_MOVEMENT: _("A later movement stands (%(detail)s). Write a later day, or reverse that document first."),
    MovementRefusal.NOT_READY: _("%(detail)s must be verified, sealed and issued to a brigade first."),
    MovementRefusal.NOT_VERIFIED: _("The verification of %(detail)s does not hold on this day. Enter its certificate first."),
    MovementRefusal.POINT_TAKEN: _("The meter %(detail)s counts there. Remove or exchange it."),
    MovementRefusal.NO_POINT: _("There is no place of supply of this account."),
    MovementRefusal.BY_AN_ACT: _("%(detail)s is a meter: install and remove it from the card of the account, with its readings."),
    MovementRefusal.PLACE_FULL: _("No more devices are given there (%(detail)s). Have some returned first, or raise the limit."),
    MovementRefusal.NO_CERTIFICATE: _("Write the number of the certificate and the day to which it holds: %(detail)s."),
    MovementRefusal.EXPIRED_CERTIFICATE: _("The certificate holds no longer on this day: %(detail)s."),
    MovementRefusal.OLDER_CERTIFICATE: _("A later certificate of this device is known: %(detail)s."),
    MovementRefusal.NO_SEAL: _("Write the numbers of the seals behind the serial number: %(detail)s."),
    MovementRefusal.SEAL_REFUSED: "%(detail)s",
    MovementRefusal.NO_DEVICE: _("Write a serial number a line."),
    MovementRefusal.UNKNOWN_DEVICE: _("There is no device %(detail)s in your divisions. Receive it first."),
    MovementRefusal.SEVERAL_DEVICES: _("Several devices have this number. Write one of these in its place: %(detail)s."),
    MovementRefusal.WRITTEN_TWICE: _("%(detail)s is written twice."),
    MovementRefusal.SERIAL_TAKEN: _(
        "There is a device with this number: %(detail)s. If the number stands twice on purpose, say so: a second person signs."
    ),
    MovementRefusal.NO_MODEL: _("Choose the model of the devices."),
    MovementRefusal.SAME_DIVISION: _("Choose another division."),
    MovementRefusal.SIGNED_ALREADY: _("You signed this already; another person signs next."),
    MovementRefusal.SAME_PERSON: _(
        "Somebody else decides about this: one of you two has a password that the other one, or the same third person, gave him lately."
    ),
    MovementRefusal.NOT_STANDING: _("Only a document that stands can be reversed, and a counter-document is not reversed."),
    MovementRefusal.NOT_LAST: _("%(detail)s was moved since. Reverse the later document first."),
    MovementRefusal.OTHER_CONTENTS: _("This form was used for another document already. Begin anew."),
}

#: ``%(detail)s`` stands for the device, plan or day a refusal names.
MAINTENANCE_REFUSALS: dict[MaintenanceFault, Any] = {
    MaintenanceFault.NOT_POSSIBLE: _("This step is not possible as the work stands now."),
    MaintenanceFault.NOT_APPROVED: _("The plan %(detail)s is not approved yet."),
    MaintenanceFault.NO_WORKS: _("Choose a work; no other one waits."),
    MaintenanceFault.OTHER_DIVISION: _("%(detail)s is another division's. Order its work there."),
    MaintenanceFault.OTHER_BRIGADE: _("Choose a brigade of the division."),
    MaintenanceFault.NOT_INSTALLED: _("There is no single installed device with the number %(detail)s."),
    MaintenanceFault.OTHER_KIND: _("This kind of work is not one of %(detail)s. Choose another."),
    MaintenanceFault.PLANNED_ALREADY: _("Work %(detail)s of this kind waits for the device already."),
    MaintenanceFault.FUTURE_DAY: _("The day has not come yet."),
    MaintenanceFault.BEFORE_LAST_STEP: _("The work was ordered on %(detail)s; it is not done before."),
    MaintenanceFault.DAY_IS_OVER: _("The day is over. Choose today or a later day."),
    MaintenanceFault.NOT_LATER: _("Choose a day later than %(detail)s, and not one that is over."),
    MaintenanceFault.NO_HOURS: _("Say how many hours it took."),
    MaintenanceFault.NO_QUANTITY: _("A quantity of a material is above zero, or left empty."),
    MaintenanceFault.NOT_LAST: _("Only the last step that stands is taken back."),
}
