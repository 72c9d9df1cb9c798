"""Maintenance: works on installed devices are planned, ordered from a brigade, done, put off or cancelled; each step has its record.

One table says what may happen to a work (``TRANSITIONS``). A step is taken back by a counter-record, the last one first.
Source: shared facts "losses and metering", 6; kinds, intervals and norms are the company's, to be confirmed by it.
"""

from collections.abc import Mapping
from enum import StrEnum


class MaintenanceStatus(StrEnum):
    """Where a work stands."""

    PLANNED = "PLANNED"
    ORDERED = "ORDERED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class MaintenanceEvent(StrEnum):
    """What happens to a work."""

    ORDER = "ORDER"
    CARRY_OUT = "CARRY_OUT"
    POSTPONE = "POSTPONE"
    CANCEL = "CANCEL"


_S, _E = MaintenanceStatus, MaintenanceEvent
#: What is not listed does not happen.
TRANSITIONS: Mapping[tuple[MaintenanceStatus, MaintenanceEvent], MaintenanceStatus] = {
    (_S.PLANNED, _E.ORDER): _S.ORDERED,
    (_S.ORDERED, _E.CARRY_OUT): _S.DONE,
    (_S.PLANNED, _E.POSTPONE): _S.PLANNED,
    (_S.ORDERED, _E.POSTPONE): _S.PLANNED,
    (_S.PLANNED, _E.CANCEL): _S.CANCELLED,
    (_S.ORDERED, _E.CANCEL): _S.CANCELLED,
}


class MaintenanceFault(StrEnum):
    """Why a step is not taken, or not taken back."""

    NOT_POSSIBLE = "NOT_POSSIBLE"
    NOT_APPROVED = "NOT_APPROVED"
    NO_WORKS = "NO_WORKS"
    OTHER_DIVISION = "OTHER_DIVISION"
    OTHER_BRIGADE = "OTHER_BRIGADE"
    NOT_INSTALLED = "NOT_INSTALLED"
    OTHER_KIND = "OTHER_KIND"
    PLANNED_ALREADY = "PLANNED_ALREADY"
    FUTURE_DAY = "FUTURE_DAY"
    BEFORE_LAST_STEP = "BEFORE_LAST_STEP"
    DAY_IS_OVER = "DAY_IS_OVER"
    NOT_LATER = "NOT_LATER"
    NO_HOURS = "NO_HOURS"
    NO_QUANTITY = "NO_QUANTITY"
    NOT_LAST = "NOT_LAST"


class MaintenanceRefused(Exception):
    """A step of a work is not taken.

    :param detail: the device, day or material it is about
    :param column: the field of the form it is about; None: the page as a whole
    """

    def __init__(self, fault: MaintenanceFault, detail: str = "", *, column: str | None = None) -> None:
        super().__init__(fault.value, detail)
        self.fault, self.detail, self.column = fault, detail, column


def next_status(status: MaintenanceStatus, event: MaintenanceEvent) -> MaintenanceStatus:
    """Return where a work stands after a step.

    >>> next_status(MaintenanceStatus.ORDERED, MaintenanceEvent.CARRY_OUT).value
    'DONE'

    :raises MaintenanceRefused: if the step is not possible from there
    """
    found = TRANSITIONS.get((status, event))
    if found is None:
        raise MaintenanceRefused(MaintenanceFault.NOT_POSSIBLE)
    return found
