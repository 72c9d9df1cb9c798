"""Members of enums of what supervisors watch: tasks and alerts."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.alerts import AlertComparison, AlertEvent
from app.domain.tasks import TaskEvent, TaskStatus

WATCHING_LABELS: tuple[tuple[StrEnum, Any], ...] = (
    (AlertComparison.ABOVE, _("above")),
    (AlertComparison.BELOW, _("below")),
    (AlertEvent.CROSSED, _("Crossed the threshold")),
    (AlertEvent.RETURNED, _("Came back")),
    (TaskStatus.GIVEN, _("Given")),
    (TaskStatus.TAKEN, _("Taken up")),
    (TaskStatus.DONE, _("Done")),
    (TaskStatus.RETURNED, _("Returned to who gave it")),
    (TaskEvent.GIVE, _("Given")),
    (TaskEvent.TAKE, _("Take up")),
    (TaskEvent.FINISH, _("Done")),
    (TaskEvent.HAND_OVER, _("Hand over")),
    (TaskEvent.RETURN, _("Give back")),
    (TaskEvent.ESCALATE, _("Found to be late")),
)
