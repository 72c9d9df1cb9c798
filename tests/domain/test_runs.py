"""The life of a run: every state, every event."""

from itertools import product

import pytest

from app.domain.runs import OPEN, TRANSITIONS, RunEvent, RunStatus, next_status


@pytest.mark.parametrize(("status", "event"), [*product(RunStatus, RunEvent)])
def test_listed_steps_happen_and_all_others_are_refused(status: RunStatus, event: RunEvent) -> None:
    assert next_status(status, event) == TRANSITIONS.get((status, event))


def test_run_that_is_over_takes_no_step() -> None:
    assert {status for status, _event in TRANSITIONS} == set(OPEN)


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ((RunEvent.PREVIEW, RunEvent.POST, RunEvent.CLOSE), RunStatus.POSTED),
        ((RunEvent.PREVIEW, RunEvent.CANCEL, RunEvent.POST), None),
        ((RunEvent.POST,), None),
        ((RunEvent.PREVIEW, RunEvent.POST, RunEvent.CANCEL), None),
        ((RunEvent.PREVIEW, RunEvent.POST, RunEvent.STOP), RunStatus.CANCELLED),
        ((RunEvent.CANCEL, RunEvent.PREVIEW), None),
        ((RunEvent.PREVIEW, RunEvent.FAIL), None),
    ],
)
def test_run_goes_its_way(events: tuple[RunEvent, ...], end: RunStatus | None) -> None:
    status: RunStatus | None = RunStatus.PREVIEWING

    for event in events:
        status = next_status(status, event) if status else None

    assert status == end
