"""The life of devices: in which states they are, what moves them from one to another, and where they may stand meanwhile.

One table says what may happen (``TRANSITIONS``), another from where to where it takes a device (``ROUTES``). Source: shared facts
"losses and metering", 6.1; the guards that need other rows are in ``services.equipment``.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class DeviceState(StrEnum):
    """In what state a device is."""

    IN_STORE_NEW = "IN_STORE_NEW"
    VERIFIED = "VERIFIED"
    SEALED_READY = "SEALED_READY"
    ISSUED = "ISSUED"
    INSTALLED = "INSTALLED"
    REMOVED = "REMOVED"
    IN_STORE_USED = "IN_STORE_USED"
    IN_REPAIR = "IN_REPAIR"
    AT_VERIFICATION = "AT_VERIFICATION"
    REJECTED = "REJECTED"
    EVIDENCE_HOLD = "EVIDENCE_HOLD"
    LOST = "LOST"
    WRITTEN_OFF = "WRITTEN_OFF"


class DeviceEvent(StrEnum):
    """What happens to a device; each has its document."""

    RECEIVE = "RECEIVE"
    TAKE_OVER = "TAKE_OVER"  # it served a point before its movements were recorded
    VERIFY = "VERIFY"
    SEAL = "SEAL"
    ISSUE = "ISSUE"
    RETURN = "RETURN"
    INSTALL = "INSTALL"
    REMOVE = "REMOVE"
    HOLD = "HOLD"  # kept as evidence of interference
    STORE = "STORE"
    REPAIR = "REPAIR"
    SEND_TO_METROLOGY = "SEND_TO_METROLOGY"
    REJECT = "REJECT"
    WRITE_OFF = "WRITE_OFF"
    LOSE = "LOSE"
    FIND = "FIND"
    SEND = "SEND"  # to another division
    TAKE = "TAKE"  # from another division
    COUNT = "COUNT"  # seen in an inventory


class EquipmentDocumentKind(StrEnum):
    """What a document of equipment is about: what happens to devices, or to seals."""

    RECEIVE = "RECEIVE"
    TAKE_OVER = "TAKE_OVER"
    VERIFY = "VERIFY"
    SEAL = "SEAL"
    ISSUE = "ISSUE"
    RETURN = "RETURN"
    INSTALL = "INSTALL"
    REMOVE = "REMOVE"
    HOLD = "HOLD"
    STORE = "STORE"
    REPAIR = "REPAIR"
    SEND_TO_METROLOGY = "SEND_TO_METROLOGY"
    REJECT = "REJECT"
    WRITE_OFF = "WRITE_OFF"
    LOSE = "LOSE"
    FIND = "FIND"
    SEND = "SEND"
    TAKE = "TAKE"
    COUNT = "COUNT"
    RECEIVE_SEALS = "RECEIVE_SEALS"
    ISSUE_SEALS = "ISSUE_SEALS"
    RETURN_SEALS = "RETURN_SEALS"
    TAKE_OFF_SEALS = "TAKE_OFF_SEALS"
    LOSE_SEALS = "LOSE_SEALS"
    FIND_SEALS = "FIND_SEALS"
    WRITE_OFF_SEALS = "WRITE_OFF_SEALS"


#: Documents about seals alone.
OF_SEALS = tuple(kind for kind in EquipmentDocumentKind if kind.name.endswith("_SEALS"))

_S, _E = DeviceState, DeviceEvent
#: In a warehouse, and of use.
IN_STORE = (_S.IN_STORE_NEW, _S.VERIFIED, _S.SEALED_READY, _S.IN_STORE_USED)
#: All that may be missed, counted, or stand in a warehouse or with a brigade.
MISSABLE = (*IN_STORE, _S.ISSUED, _S.REMOVED, _S.IN_REPAIR, _S.AT_VERIFICATION, _S.REJECTED, _S.EVIDENCE_HOLD)

#: The life of a device; None: nothing of it is recorded yet. What is not listed does not happen.
TRANSITIONS: Mapping[tuple[DeviceState | None, DeviceEvent], DeviceState] = {
    (None, _E.RECEIVE): _S.IN_STORE_NEW,
    (None, _E.TAKE_OVER): _S.INSTALLED,
    (None, _E.FIND): _S.IN_STORE_USED,
    (_S.LOST, _E.FIND): _S.IN_STORE_USED,
    (_S.IN_STORE_NEW, _E.VERIFY): _S.VERIFIED,
    (_S.AT_VERIFICATION, _E.VERIFY): _S.VERIFIED,
    (_S.INSTALLED, _E.VERIFY): _S.INSTALLED,
    (_S.VERIFIED, _E.SEAL): _S.SEALED_READY,
    (_S.INSTALLED, _E.SEAL): _S.INSTALLED,
    # What is not ready is issued and installed where the setting allows it, and where its kind needs no verification.
    **{(state, _E.ISSUE): _S.ISSUED for state in IN_STORE},
    (_S.ISSUED, _E.RETURN): _S.SEALED_READY,
    **{(state, _E.INSTALL): _S.INSTALLED for state in (*IN_STORE, _S.ISSUED)},
    (_S.INSTALLED, _E.REMOVE): _S.REMOVED,
    (_S.REMOVED, _E.HOLD): _S.EVIDENCE_HOLD,
    (_S.EVIDENCE_HOLD, _E.HOLD): _S.EVIDENCE_HOLD,  # brought from the brigade into a warehouse
    (_S.REMOVED, _E.STORE): _S.IN_STORE_USED,
    (_S.EVIDENCE_HOLD, _E.STORE): _S.IN_STORE_USED,
    (_S.IN_STORE_USED, _E.REPAIR): _S.IN_REPAIR,
    (_S.IN_REPAIR, _E.SEND_TO_METROLOGY): _S.AT_VERIFICATION,
    (_S.IN_STORE_USED, _E.SEND_TO_METROLOGY): _S.AT_VERIFICATION,
    (_S.AT_VERIFICATION, _E.REJECT): _S.REJECTED,
    (_S.REJECTED, _E.WRITE_OFF): _S.WRITTEN_OFF,
    (_S.IN_REPAIR, _E.WRITE_OFF): _S.WRITTEN_OFF,
    **{(state, _E.LOSE): _S.LOST for state in MISSABLE},
    **{(state, event): state for state in IN_STORE for event in (_E.SEND, _E.TAKE)},
    # What is at a metrology body is counted nowhere.
    **{(state, _E.COUNT): state for state in MISSABLE if state != _S.AT_VERIFICATION},
}


class PlaceKind(StrEnum):
    """Where a device can be; at one place at a time."""

    WAREHOUSE = "WAREHOUSE"
    BRIGADE = "BRIGADE"
    SERVICE_POINT = "SERVICE_POINT"
    TRANSIT = "TRANSIT"  # sent to another division, and not taken there yet
    METROLOGY = "METROLOGY"
    NOWHERE = "NOWHERE"  # not received yet, lost or written off


class StockPlaceKind(StrEnum):
    """Who keeps devices of a division."""

    WAREHOUSE = "WAREHOUSE"
    BRIGADE = "BRIGADE"


class DevicePlace(NamedTuple):
    """Where a device is."""

    kind: PlaceKind
    #: of a warehouse or brigade
    stock_place_id: int | None = None
    #: of a place of supply
    service_point_id: int | None = None
    #: the division it was sent to
    division_id: int | None = None


NOWHERE = DevicePlace(PlaceKind.NOWHERE)


class Route(NamedTuple):
    """From where to where an event takes a device.

    :ivar begin: kinds of places it may be at before
    :ivar end: kinds of places it may be at afterwards; empty: it stays where it is
    """

    begin: tuple[PlaceKind, ...]
    end: tuple[PlaceKind, ...] = ()


_P = PlaceKind
_KEPT = (_P.WAREHOUSE, _P.BRIGADE)
ROUTES: Mapping[DeviceEvent, Route] = {
    _E.RECEIVE: Route((_P.NOWHERE,), (_P.WAREHOUSE,)),
    _E.TAKE_OVER: Route((_P.NOWHERE,), (_P.SERVICE_POINT,)),
    _E.VERIFY: Route((_P.WAREHOUSE, _P.METROLOGY, _P.SERVICE_POINT), (_P.WAREHOUSE, _P.SERVICE_POINT)),
    _E.SEAL: Route((_P.WAREHOUSE, _P.SERVICE_POINT)),
    _E.ISSUE: Route((_P.WAREHOUSE,), (_P.BRIGADE,)),
    _E.RETURN: Route((_P.BRIGADE,), (_P.WAREHOUSE,)),
    _E.INSTALL: Route(_KEPT, (_P.SERVICE_POINT,)),
    _E.REMOVE: Route((_P.SERVICE_POINT,), _KEPT),
    _E.HOLD: Route(_KEPT, _KEPT),
    _E.STORE: Route(_KEPT, (_P.WAREHOUSE,)),
    _E.REPAIR: Route((_P.WAREHOUSE,)),
    _E.SEND_TO_METROLOGY: Route((_P.WAREHOUSE,), (_P.METROLOGY,)),
    _E.REJECT: Route((_P.METROLOGY,), (_P.WAREHOUSE,)),
    _E.WRITE_OFF: Route((_P.WAREHOUSE,), (_P.NOWHERE,)),
    _E.LOSE: Route((_P.WAREHOUSE, _P.BRIGADE, _P.TRANSIT, _P.METROLOGY), (_P.NOWHERE,)),
    _E.FIND: Route((_P.NOWHERE,), _KEPT),
    _E.SEND: Route((_P.WAREHOUSE,), (_P.TRANSIT,)),
    _E.TAKE: Route((_P.TRANSIT,), (_P.WAREHOUSE,)),
    _E.COUNT: Route(_KEPT),
}

#: How many persons sign a document before it is performed; others are performed by whoever draws them up.
SIGNATURES: Mapping[str, int] = {EquipmentDocumentKind.WRITE_OFF: 3, EquipmentDocumentKind.WRITE_OFF_SEALS: 3}
#: A serial number that stands twice on purpose takes a second person.
SIGNATURES_OF_A_DOUBLE = 2


class DocumentStatus(StrEnum):
    """Where a document of equipment stands."""

    REQUESTED = "REQUESTED"  # it lacks signatures
    DONE = "DONE"
    REVERSED = "REVERSED"


class VerificationState(StrEnum):
    """Whether the verification of a device holds."""

    HOLDS = "HOLDS"
    ENDS_SOON = "ENDS_SOON"  # within 60 days
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"


class MovementRefusal(StrEnum):
    """Why a device is not moved, or a document not performed."""

    NOT_POSSIBLE = "NOT_POSSIBLE"
    WRONG_PLACE = "WRONG_PLACE"
    OTHER_PLACE = "OTHER_PLACE"
    NO_PLACE = "NO_PLACE"
    FUTURE_DAY = "FUTURE_DAY"
    LATER_MOVEMENT = "LATER_MOVEMENT"
    NOT_READY = "NOT_READY"
    NOT_VERIFIED = "NOT_VERIFIED"
    POINT_TAKEN = "POINT_TAKEN"
    NO_POINT = "NO_POINT"
    BY_AN_ACT = "BY_AN_ACT"
    PLACE_FULL = "PLACE_FULL"
    NO_CERTIFICATE = "NO_CERTIFICATE"
    EXPIRED_CERTIFICATE = "EXPIRED_CERTIFICATE"
    OLDER_CERTIFICATE = "OLDER_CERTIFICATE"
    NO_SEAL = "NO_SEAL"
    SEAL_REFUSED = "SEAL_REFUSED"
    NO_DEVICE = "NO_DEVICE"
    UNKNOWN_DEVICE = "UNKNOWN_DEVICE"
    SEVERAL_DEVICES = "SEVERAL_DEVICES"
    WRITTEN_TWICE = "WRITTEN_TWICE"
    SERIAL_TAKEN = "SERIAL_TAKEN"
    NO_MODEL = "NO_MODEL"
    SAME_DIVISION = "SAME_DIVISION"
    SIGNED_ALREADY = "SIGNED_ALREADY"
    SAME_PERSON = "SAME_PERSON"
    NOT_STANDING = "NOT_STANDING"
    NOT_LAST = "NOT_LAST"
    OTHER_CONTENTS = "OTHER_CONTENTS"


class MovementRefused(Exception):
    """A device is not moved; ``detail`` names the device, day, place or state the reason has.

    :param column: the field of the form it is about; None: the document as a whole
    """

    def __init__(self, refusal: MovementRefusal, detail: str = "", *, column: str | None = None) -> None:
        super().__init__(refusal, detail)
        self.refusal, self.detail, self.column = refusal, detail, column


class StepNotPossible(Exception):
    """An event does not happen to a device in its state, or at its place."""


def moved(state: DeviceState | None, event: DeviceEvent) -> DeviceState:
    """Return the state of a device after an event.

    :raises StepNotPossible: if the event does not happen in the state

    >>> moved(DeviceState.VERIFIED, DeviceEvent.SEAL).value
    'SEALED_READY'
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise StepNotPossible(f"{event} of {state}") from None


def is_fresh(verified_to: date | None, on: date) -> bool:
    """Return whether a verification holds on a day; ``verified_to`` is the first day it no longer does."""
    return verified_to is not None and verified_to > on
