"""One phrase an enum member of devices and what moves them."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.equipment import DeviceEvent, DeviceState, DocumentStatus, MovementRefusal, PlaceKind, StockPlaceKind

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
    (DeviceEvent.RECEIVE, _("Receipt")),
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
    (PlaceKind.WAREHOUSE, _("Warehouse")),
    (PlaceKind.BRIGADE, _("Brigade")),
    (PlaceKind.SERVICE_POINT, _("Place of supply")),
    (PlaceKind.TRANSIT, _("On the way to another division")),
    (PlaceKind.METROLOGY, _("Metrology body")),
    (PlaceKind.NOWHERE, _("Nowhere")),
    (StockPlaceKind.WAREHOUSE, _("Warehouse")),
    (StockPlaceKind.BRIGADE, _("Brigade")),
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
    MovementRefusal.OLDER_CERTIFICATE: _("The certificate that is known holds longer: %(detail)s."),
    MovementRefusal.NO_SEAL: _("Write the numbers of the seals behind the serial number: %(detail)s."),
    MovementRefusal.NO_DEVICE: _("Write a serial number a line."),
    MovementRefusal.UNKNOWN_DEVICE: _("There is no device %(detail)s in your divisions. Receive it first."),
    MovementRefusal.SEVERAL_DEVICES: _("Several devices have this number. Write one of these in its place: %(detail)s."),
    MovementRefusal.WRITTEN_TWICE: _("%(detail)s is written twice."),
    MovementRefusal.SERIAL_TAKEN: _(
        "There is a device with this number: %(detail)s. If the number stands twice on purpose, say so: a second person signs."
    ),
    MovementRefusal.NO_MODEL: _("Choose the model of the devices."),
    MovementRefusal.SAME_DIVISION: _("Choose another division."),
    MovementRefusal.WAS_INSTALLED: _("%(detail)s was installed here and bills name it; it stays in its division."),
    MovementRefusal.SIGNED_ALREADY: _("You signed this already; another person signs next."),
    MovementRefusal.NOT_STANDING: _("Only a document that stands can be reversed, and a counter-document is not reversed."),
    MovementRefusal.NOT_LAST: _("%(detail)s was moved since. Reverse the later document first."),
    MovementRefusal.OTHER_CONTENTS: _("This form was used for another document already. Begin anew."),
}
