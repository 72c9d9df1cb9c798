"""Members of enums of what supervisors watch: tasks, alerts, supplies that are cut."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.alerts import AlertComparison, AlertEvent
from app.domain.field_work import FieldFault, ProposalKind, ProposalStatus, RoundReason
from app.domain.supply import Consent, OffReason, StateSource, SupplyOrderKind, SupplyOrderStatus, SupplyState
from app.domain.tasks import TaskEvent, TaskStatus

WATCHING_LABELS: tuple[tuple[StrEnum, Any], ...] = (
    (AlertComparison.ABOVE, _("above")),
    (AlertComparison.BELOW, _("below")),
    (AlertEvent.CROSSED, _("Crossed the threshold")),
    (AlertEvent.RETURNED, _("Came back")),
    (RoundReason.READING, _("Reading")),
    (RoundReason.INSPECTION, _("Inspection")),
    (RoundReason.INSTALLATION, _("Installation")),
    (RoundReason.DISCONNECTION, _("Disconnection and reconnection")),
    (ProposalKind.WORK_DONE, _("Work done")),
    (RoundReason.MAINTENANCE, _("Maintenance")),
    (ProposalKind.READING, _("Reading")),
    (ProposalKind.ORDER_DONE, _("Order carried out")),
    (ProposalKind.ORDER_REFUSED, _("Order not carried out")),
    (ProposalKind.VISIT, _("Visit")),
    (ProposalStatus.WAITING, _("Waits")),
    (ProposalStatus.ACCEPTED, _("Accepted")),
    (ProposalStatus.REFUSED, _("Refused")),
    (FieldFault.MALFORMED, _("What the phone sent is not complete. Enter it again.")),
    (FieldFault.OTHER_CONTENTS, _("This was sent before with other contents. Enter it again as a new one.")),
    (FieldFault.FOREIGN_POINT, _("This point is in none of your rounds. Fetch the rounds again.")),
    (FieldFault.TOO_OLD, _("This is too old. Look at the phone's clock.")),
    (FieldFault.PICTURE, _("The photograph is not taken.")),
    (FieldFault.OWN_PROPOSAL, _("You proposed this yourself: somebody else decides.")),
    (FieldFault.DECIDED, _("Somebody decided about this already.")),
    (FieldFault.FUTURE_HOUR, _("This moment has not come yet.")),
    (FieldFault.NO_REASON, _("Say why you refuse it: the inspector reads this.")),
    (FieldFault.NO_POINTS, _("No point fits this street and reason. Choose another.")),
    (FieldFault.TOO_MANY_POINTS, _("These are more points than a phone takes along (300). Choose a street.")),
    (FieldFault.DAY_IS_OVER, _("The day is over. Choose today or a later day.")),
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
