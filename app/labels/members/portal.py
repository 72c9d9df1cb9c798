"""Members of enums of the consumers' portal."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.payments import PayingObstacle
from app.domain.portal import AccessEnd, LinkPurpose, PortalRight, ReadingFate

PORTAL_LABELS: tuple[tuple[StrEnum, Any], ...] = (
    (PortalRight.VIEW, _("See the account")),
    (PortalRight.PAY, _("Pay")),
    (PortalRight.READ, _("Send readings")),
    (PortalRight.APPLY, _("File applications")),
    (PortalRight.DOCUMENTS, _("Documents and statements")),
    (PortalRight.MANAGE, _("Let others in, change telephone and language")),
    (AccessEnd.LEFT, _("Left by the user")),
    (AccessEnd.REMOVED, _("Removed by the consumer")),
    (AccessEnd.STAFF, _("Removed by the office")),
    (AccessEnd.LAPSED, _("Lapsed")),
    (LinkPurpose.PAY, _("Pay the bill")),
    (LinkPurpose.READING, _("Send a reading")),
    (LinkPurpose.PHONE, _("Confirm a telephone")),
    (ReadingFate.TAKEN, _("Taken")),
    (ReadingFate.WAITING, _("The office looks at it")),
    (ReadingFate.ASKED_AGAIN, _("Please read the meter again")),
    (ReadingFate.REPLACED, _("Replaced by another reading")),
    (ReadingFate.ESTIMATED, _("Left out; the bill rests on an estimate")),
    (PayingObstacle.NO_CONTRACT, _("we have no contract with it")),
    (PayingObstacle.STOPPED, _("it takes no payments at present")),
    (PayingObstacle.TOO_SMALL, _("the sum is smaller than it takes")),
    (PayingObstacle.TOO_LARGE, _("it takes at most this sum in one payment; the rest is paid by further ones")),
    (PayingObstacle.NO_LINK, _("it cannot be opened from here; pay in its own application by the account number")),
)
