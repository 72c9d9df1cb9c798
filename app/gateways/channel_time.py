"""Moments as payment channels write them: UTC+5 at all times, no zone in the text.

Tashkent kept other hours before 1992, so the zone of the calendar is not used here.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

UTC_PLUS_5 = timezone(timedelta(hours=5))
ISO_LIKE = "%Y-%m-%d %H:%M:%S"
DOTTED = "%d.%m.%Y %H:%M:%S"
_LENGTH = len("2026-09-22 11:06:00")
#: Earlier years are nobody's payment; UTC would not hold the first of them.
_FIRST_YEAR = 1000


def decode(value: Any, *patterns: str) -> datetime | None:
    """Return the moment a text names, in UTC, or None if it fits no pattern to the letter.

    :param patterns: ISO_LIKE, DOTTED

    >>> decode("2026-09-22 11:06:00", ISO_LIKE)
    datetime.datetime(2026, 9, 22, 6, 6, tzinfo=datetime.timezone.utc)
    """
    if not isinstance(value, str) or len(value) != _LENGTH:
        return None
    iso = f"{value[6:10]}-{value[3:5]}-{value[:2]}{value[10:]}" if value[2:3] == "." else value
    try:
        local = datetime.fromisoformat(iso)
    except ValueError:
        return None
    if local.year >= _FIRST_YEAR and any(_text(local, pattern) == value for pattern in patterns):
        return local.replace(tzinfo=UTC_PLUS_5).astimezone(UTC)
    return None


def _text(moment: datetime, pattern: str) -> str:
    """Return a moment in a pattern; what fromisoformat takes beside it does not come back as it was."""
    iso = moment.isoformat(" ")
    return iso if pattern == ISO_LIKE else f"{iso[8:10]}.{iso[5:7]}.{iso[:4]}{iso[10:]}"


def encode(moment: datetime) -> str:
    """Return a moment as ``YYYY-MM-DD HH:mm:ss`` in UTC+5; parts of a second are cut off.

    >>> encode(datetime(2026, 9, 22, 6, 6, tzinfo=UTC))
    '2026-09-22 11:06:00'
    """
    assert moment.tzinfo is not None, moment
    return moment.astimezone(UTC_PLUS_5).replace(microsecond=0, tzinfo=None).isoformat(" ")
