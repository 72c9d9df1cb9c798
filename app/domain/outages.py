"""Planned outages: their states, and what makes no sense."""

from enum import StrEnum


class OutageStatus(StrEnum):
    """Where a planned outage stands; that it is over follows from the hour."""

    PLANNED = "PLANNED"
    CANCELLED = "CANCELLED"


class OutageFault(StrEnum):
    """Why an outage is not planned, or not cancelled."""

    TERM_FALLS = "TERM_FALLS"
    IN_THE_PAST = "IN_THE_PAST"
    NO_AREA = "NO_AREA"
    UNKNOWN_STREET = "UNKNOWN_STREET"
    OVER = "OVER"


class OutageRefused(Exception):
    """An outage is not planned, or not cancelled.

    :ivar detail: the name of a street that is not known
    """

    def __init__(self, fault: OutageFault, detail: str = "") -> None:
        super().__init__(fault)
        self.fault, self.detail = fault, detail
