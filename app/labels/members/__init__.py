"""One phrase an enum member."""

from app.labels.members.applications import APPLICATION_LABELS
from app.labels.members.billing import BILLING_LABELS
from app.labels.members.equipment import EQUIPMENT_LABELS
from app.labels.members.notices import NOTICE_LABELS
from app.labels.members.office import OFFICE_LABELS
from app.labels.members.payments import PAYMENT_LABELS
from app.labels.members.portal import PORTAL_LABELS
from app.labels.members.seals import SEAL_LABELS
from app.labels.members.watching import WATCHING_LABELS

ENUM_LABELS = (
    *OFFICE_LABELS, *NOTICE_LABELS, *BILLING_LABELS, *EQUIPMENT_LABELS, *PAYMENT_LABELS, *PORTAL_LABELS, *SEAL_LABELS, *WATCHING_LABELS,
    *APPLICATION_LABELS,
)  # fmt: skip
