"""Readings: judged, entered by hand, taken from files."""

from app.services.metering.files import (
    NotChecked,
    Seen,
    accept_rows,
    check_rows,
    finish_acceptance,
    finish_check,
    forget_rows,
    reading_import,
    receive_file,
    refuse_file,
)
from app.services.metering.readings import (
    AlreadyBilled,
    Doubtful,
    Judged,
    RawRow,
    Refused,
    correct,
    dial_text,
    enter,
    judge,
    replace,
)

__all__ = [
    "AlreadyBilled",
    "Doubtful",
    "Judged",
    "NotChecked",
    "RawRow",
    "Refused",
    "Seen",
    "accept_rows",
    "check_rows",
    "correct",
    "dial_text",
    "enter",
    "finish_acceptance",
    "finish_check",
    "forget_rows",
    "judge",
    "reading_import",
    "receive_file",
    "refuse_file",
    "replace",
]
