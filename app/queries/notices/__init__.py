"""Messages: attempts to send them, to whom they go, and the codes that opened the portal."""

from app.queries.notices.outbox import AttemptRecord, OpenAttempt, abandoned_attempts, attempts
from app.queries.notices.receivers import (
    ChosenWays,
    GatewayCaller,
    NoticeReceiver,
    PortalNotice,
    choices,
    contact_email,
    contract_in_use,
    gateway_caller,
    in_portal,
    part_price,
    receivers,
    templates,
)

__all__ = [
    "AttemptRecord",
    "ChosenWays",
    "GatewayCaller",
    "NoticeReceiver",
    "OpenAttempt",
    "PortalNotice",
    "abandoned_attempts",
    "attempts",
    "choices",
    "contact_email",
    "contract_in_use",
    "gateway_caller",
    "in_portal",
    "part_price",
    "receivers",
    "templates",
]
