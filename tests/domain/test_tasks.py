"""What may happen to a task, and by whom."""

import pytest

from app.domain.tasks import TASK_TRANSITIONS, TaskEvent, TaskStatus, possible

G, T, D, R = TaskStatus.GIVEN, TaskStatus.TAKEN, TaskStatus.DONE, TaskStatus.RETURNED


@pytest.mark.parametrize("status", TaskStatus)
@pytest.mark.parametrize("event", TaskEvent)
def test_what_is_listed_happens_and_nothing_else(status: TaskStatus, event: TaskEvent) -> None:
    listed = {
        (G, "TAKE"): T, (G, "FINISH"): D, (G, "HAND_OVER"): G, (G, "RETURN"): R, (G, "ESCALATE"): G,
        (T, "FINISH"): D, (T, "HAND_OVER"): G, (T, "RETURN"): R, (T, "ESCALATE"): T,
        (R, "HAND_OVER"): G, (R, "FINISH"): D, (R, "ESCALATE"): R,
    }  # fmt: skip

    assert TASK_TRANSITIONS.get((status, event)) == listed.get((status, event.value))


@pytest.mark.parametrize(
    ("status", "who", "events"),
    [
        (G, "assignee", {"TAKE", "FINISH", "HAND_OVER", "RETURN"}),
        (T, "assignee", {"FINISH", "HAND_OVER", "RETURN"}),
        (R, "assignee", set()),
        (G, "giver", {"HAND_OVER"}),
        (R, "giver", {"HAND_OVER", "FINISH"}),
        (T, "supervisor", {"HAND_OVER"}),
        (R, "supervisor", {"HAND_OVER", "FINISH"}),
        (G, "stranger", set()),
        (D, "assignee", set()),
    ],
)
def test_everybody_may_what_concerns_him(status: TaskStatus, who: str, events: set[str]) -> None:
    found = possible(status, is_assignee=who == "assignee", is_giver=who == "giver", is_supervisor=who == "supervisor")

    assert {str(event) for event in found} == events
