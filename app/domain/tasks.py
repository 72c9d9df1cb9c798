"""Tasks of people: what may happen to one, where it stands then, and by whom."""

from collections.abc import Mapping
from enum import StrEnum


class TaskStatus(StrEnum):
    """Where a task stands."""

    GIVEN = "GIVEN"
    TAKEN = "TAKEN"
    DONE = "DONE"
    #: given back to whoever gave it
    RETURNED = "RETURNED"


class TaskEvent(StrEnum):
    """What happens to a task."""

    GIVE = "GIVE"
    TAKE = "TAKE"
    FINISH = "FINISH"
    HAND_OVER = "HAND_OVER"
    RETURN = "RETURN"
    #: by the scheduler, once, when its term is over: to the substitute of an absent person, else told to who gave it
    ESCALATE = "ESCALATE"


#: What may happen to a task, and where it stands then.
TASK_TRANSITIONS: Mapping[tuple[TaskStatus, TaskEvent], TaskStatus] = {
    (TaskStatus.GIVEN, TaskEvent.TAKE): TaskStatus.TAKEN,
    (TaskStatus.GIVEN, TaskEvent.FINISH): TaskStatus.DONE,
    (TaskStatus.TAKEN, TaskEvent.FINISH): TaskStatus.DONE,
    (TaskStatus.GIVEN, TaskEvent.HAND_OVER): TaskStatus.GIVEN,
    (TaskStatus.TAKEN, TaskEvent.HAND_OVER): TaskStatus.GIVEN,
    (TaskStatus.RETURNED, TaskEvent.HAND_OVER): TaskStatus.GIVEN,
    (TaskStatus.GIVEN, TaskEvent.RETURN): TaskStatus.RETURNED,
    (TaskStatus.TAKEN, TaskEvent.RETURN): TaskStatus.RETURNED,
    (TaskStatus.RETURNED, TaskEvent.FINISH): TaskStatus.DONE,
    (TaskStatus.GIVEN, TaskEvent.ESCALATE): TaskStatus.GIVEN,
    (TaskStatus.TAKEN, TaskEvent.ESCALATE): TaskStatus.TAKEN,
    (TaskStatus.RETURNED, TaskEvent.ESCALATE): TaskStatus.RETURNED,
}
#: What needs a reason.
EXPLAINED = frozenset({TaskEvent.HAND_OVER, TaskEvent.RETURN})
#: Tasks that are not over.
OPEN = frozenset({TaskStatus.GIVEN, TaskStatus.TAKEN, TaskStatus.RETURNED})


def possible(status: TaskStatus, *, is_assignee: bool, is_giver: bool, is_supervisor: bool) -> list[TaskEvent]:
    """Return what somebody may let happen to a task where it stands.

    The assignee does everything but what concerns a returned task, which is the giver's; giver and supervisor may hand any over.

    :param is_assignee: the task is his, or that of somebody in whose place he works today
    """
    events: list[TaskEvent] = [event for (before, event) in TASK_TRANSITIONS if before == status and event != TaskEvent.ESCALATE]
    if status == TaskStatus.RETURNED:
        return events if is_giver or is_supervisor else []
    return [event for event in events if is_assignee or (event == TaskEvent.HAND_OVER and (is_giver or is_supervisor))]
