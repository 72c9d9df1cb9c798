"""Members of enums of what supervisors watch: tasks, alerts, supplies that are cut."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.alerts import AlertComparison, AlertEvent
from app.domain.supply import Consent, OffReason, StateSource, SupplyOrderKind, SupplyOrderStatus, SupplyState
from app.domain.tasks import TaskEvent, TaskStatus

WATCHING_LABELS: tuple[tuple[StrEnum, Any], ...] = (
    (AlertComparison.ABOVE, _("above")),
    (AlertComparison.BELOW, _("below")),
    (AlertEvent.CROSSED, _("Crossed the threshold")),
    (AlertEvent.RETURNED, _("Came back")),
    (SupplyState.ON, _("On")),
    (SupplyState.OFF, _("Off")),
    (OffReason.DEBT, _("Debt")),
    (OffReason.REQUEST, _("Asked for by the consumer")),
    (OffReason.SAFETY, _("Safety")),
    (OffReason.DEVICE, _("Switched by the meter")),
    (StateSource.RECORD, _("Record of a brigade")),
    (StateSource.DEVICE, _("Event of a device")),
    (SupplyOrderKind.DISCONNECTION, _("Disconnection")),
    (SupplyOrderKind.RECONNECTION, _("Reconnection")),
    (SupplyOrderStatus.DRAFT, _("Draft")),
    (SupplyOrderStatus.ISSUED, _("Issued")),
    (SupplyOrderStatus.DONE, _("Carried out")),
    (SupplyOrderStatus.REFUSED, _("Not carried out")),
    (SupplyOrderStatus.WITHDRAWN, _("Withdrawn")),
    (Consent.SIGNED, _("Signed")),
    (Consent.SIGNATURE_REFUSED, _("Refused to sign")),
    (Consent.ACCESS_REFUSED, _("Refused access")),
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
