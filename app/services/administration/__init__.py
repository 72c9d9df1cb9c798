"""Divisions, stored files, operating parameters and the life of a job."""

from app.services.administration.divisions import DivisionRow, Rejected, UnknownParent, import_districts, place_division
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

__all__ = [
    "DivisionRow",
    "OutOfRange",
    "Rejected",
    "UnknownParameter",
    "UnknownParent",
    "cancel_requested",
    "check_parameter",
    "checkpoint_job",
    "finish_job",
    "import_districts",
    "log_job",
    "place_division",
    "request_cancel",
    "start_job",
    "store_file",
    "take_job",
]
