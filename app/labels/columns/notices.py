"""Columns of messages, of what they go by, and of what consumers chose."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

OF_NOTICES: Mapping[str, Any] = {
    "notice_kind": _("Kind of message"),
    "template_text": _("Words"),
    "gateway": _("Gateway"),
    "sender": _("Sender"),
    "part_price_tiyin": _("Price of a part"),
    "messages_a_call": _("Most messages in a call"),
    "rank": _("Rank"),
    "message_contract": _("Contract with the gateway"),
    "parts": _("Parts of SMS"),
    "cost_tiyin": _("Cost"),
    "urgency": _("Urgency"),
    "delivered_at": _("Delivered at"),
    "meaning": _("What it says"),
    "receipt_use": _("What was done with it"),
    "notice": _("Message"),
    "contact_email": _("E-mail of the consumer"),
    "by_sms": _("By SMS"),
    "by_email": _("By e-mail"),
    "by_portal": _("In the portal"),
    "feeder": _("Feeder or substation"),
    "outage_reason": _("Reason of the outage"),
    "told": _("Consumers told"),
    "cancelled_by": _("Cancelled by"),
    "cancelled_at": _("Cancelled at"),
    "debt_from_tiyin": _("Debt from"),
    "overdue_days": _("Overdue at least, days"),
    "messages": _("SMS"),
    "words": _("Announcement"),
    "without_sms": _("Without SMS"),
    "campaign": _("Campaign"),
    "inquiry_command": _("What it asks for"),
    "submitted_at": _("Sent by the consumer at"),
    "outcome": _("Outcome"),
    "new_password": _("New password of the contract"),
}
