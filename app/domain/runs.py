"""Runs over a division's accounts: previewed first, then posted. What was posted stays posted; a further run does the rest."""

from collections.abc import Mapping
from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run stands."""

    PREVIEWING = "PREVIEWING"
    PREVIEWED = "PREVIEWED"
    POSTING = "POSTING"
    POSTED = "POSTED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class RunEvent(StrEnum):
    """What happens to a run."""

    PREVIEW = "PREVIEW"  # its preview was finished
    POST = "POST"  # its posting begins
    CLOSE = "CLOSE"  # its posting was finished
    CANCEL = "CANCEL"  # a person cancels a run that posted nothing
    STOP = "STOP"  # its job was stopped
    FAIL = "FAIL"  # its job failed


#: Every step a run may take; what is not listed is refused. A kind of run that posts nothing ends previewed.
TRANSITIONS: Mapping[tuple[RunStatus, RunEvent], RunStatus] = {
    (RunStatus.PREVIEWING, RunEvent.PREVIEW): RunStatus.PREVIEWED,
    (RunStatus.PREVIEWING, RunEvent.CANCEL): RunStatus.CANCELLED,
    (RunStatus.PREVIEWING, RunEvent.STOP): RunStatus.CANCELLED,
    (RunStatus.PREVIEWING, RunEvent.FAIL): RunStatus.FAILED,
    (RunStatus.PREVIEWED, RunEvent.POST): RunStatus.POSTING,
    (RunStatus.PREVIEWED, RunEvent.CANCEL): RunStatus.CANCELLED,
    (RunStatus.PREVIEWED, RunEvent.STOP): RunStatus.CANCELLED,
    (RunStatus.POSTING, RunEvent.CLOSE): RunStatus.POSTED,
    (RunStatus.POSTING, RunEvent.STOP): RunStatus.CANCELLED,
    (RunStatus.POSTING, RunEvent.FAIL): RunStatus.FAILED,
}

#: A run in one of these states is under way; of most kinds there is one at a time.
OPEN = (RunStatus.PREVIEWING, RunStatus.PREVIEWED, RunStatus.POSTING)


def next_status(status: RunStatus, event: RunEvent) -> RunStatus | None:
    """Return where an event leads, or None if it is refused."""
    return TRANSITIONS.get((status, event))
