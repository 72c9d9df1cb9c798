"""Divisions, stored files, operating parameters and the life of a job."""

from app.services.administration.divisions import DivisionRow, Rejected, UnknownParent, grant_division, import_districts, place_division
from app.services.administration.jobs import (
    cancel_requested,
    checkpoint_job,
    finish_job,
    log_job,
    request_cancel,
    start_job,
    store_file,
    take_job,
)
from app.services.administration.parameters import OutOfRange, UnknownParameter, check_parameter
from app.services.administration.passwords import WeakPassword, check_password
from app.services.administration.sessions import (
    NoDevice,
    code_is_right,
    confirm_device,
    count_wrong_code,
    end_expired,
    end_sessions,
    hash_of,
    open_session,
    reset_device,
    start_session,
    touch_session,
)

__all__ = [
    "DivisionRow",
    "NoDevice",
    "OutOfRange",
    "Rejected",
    "UnknownParameter",
    "UnknownParent",
    "WeakPassword",
    "cancel_requested",
    "check_parameter",
    "check_password",
    "checkpoint_job",
    "code_is_right",
    "confirm_device",
    "count_wrong_code",
    "end_expired",
    "end_sessions",
    "finish_job",
    "grant_division",
    "hash_of",
    "import_districts",
    "log_job",
    "open_session",
    "place_division",
    "request_cancel",
    "reset_device",
    "start_job",
    "start_session",
    "store_file",
    "take_job",
    "touch_session",
]
