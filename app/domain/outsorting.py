"""Bills worth a look before they are posted: parametrised checks of what a bill run computed.

A check is off, asks for a look, or stops the account until somebody releases it. Source: our defaults; every threshold is
a dated operating parameter.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class CaseStatus(StrEnum):
    """What was decided about a doubtful bill."""

    OPEN = "OPEN"
    RELEASED = "RELEASED"  # it is right; it goes with the next posting
    PARKED = "PARKED"  # it waits for something outside
    CORRECTED = "CORRECTED"  # its readings or papers were put right; it is computed anew


class CaseEvent(StrEnum):
    """What a person does with a case."""

    RELEASE = "RELEASE"
    PARK = "PARK"
    CORRECT = "CORRECT"
    REOPEN = "REOPEN"


class Level(IntEnum):
    """How strictly a check is taken; stored as an operating parameter."""

    OFF = 0
    LOOK = 1
    STOP = 2


#: Every step a case may take; what is not listed is refused.
TRANSITIONS: Mapping[tuple[CaseStatus, CaseEvent], CaseStatus] = {
    (CaseStatus.OPEN, CaseEvent.RELEASE): CaseStatus.RELEASED,
    (CaseStatus.OPEN, CaseEvent.PARK): CaseStatus.PARKED,
    (CaseStatus.OPEN, CaseEvent.CORRECT): CaseStatus.CORRECTED,
    (CaseStatus.PARKED, CaseEvent.RELEASE): CaseStatus.RELEASED,
    (CaseStatus.PARKED, CaseEvent.CORRECT): CaseStatus.CORRECTED,
    (CaseStatus.PARKED, CaseEvent.REOPEN): CaseStatus.OPEN,
    (CaseStatus.RELEASED, CaseEvent.REOPEN): CaseStatus.OPEN,
}


def next_status(status: CaseStatus, event: CaseEvent) -> CaseStatus | None:
    """Return where the event leads, or None if it is refused."""
    return TRANSITIONS.get((status, event))
