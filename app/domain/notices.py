"""States of a message to a consumer, and its length in SMS parts."""

from enum import StrEnum

_GSM_SAFE = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_APOSTROPHES = str.maketrans({"ʻ": "'", "ʼ": "'", "‘": "'", "’": "'", "`": "'"})


class NoticeStatus(StrEnum):
    """Where a message stands."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"


def sms_text(text: str) -> str:
    """Return the text with plain apostrophes, so that Uzbek Latin stays in the cheap alphabet of SMS.

    >>> sms_text("toʻlov")
    "to'lov"
    """
    return text.translate(_APOSTROPHES)


def sms_parts(text: str) -> int:
    """Return how many SMS a text takes: 160 or 153 plain characters a part, 70 or 67 with any other letter."""
    single, several = (160, 153) if set(text) <= _GSM_SAFE else (70, 67)
    return 1 if len(text) <= single else -(-len(text) // several)
