"""Messages to consumers and staff: the outbox, what messages go by, and the codes that open the portal."""

from app.models.notices.campaigns import Campaign
from app.models.notices.outbox import DeliveryReceipt, Notice, NoticeAttempt, PortalCode
from app.models.notices.settings import MessageContract, NoticePreference, NoticeStop, NoticeTemplate

__all__ = [
    "Campaign",
    "DeliveryReceipt",
    "MessageContract",
    "Notice",
    "NoticeAttempt",
    "NoticePreference",
    "NoticeStop",
    "NoticeTemplate",
    "PortalCode",
]
