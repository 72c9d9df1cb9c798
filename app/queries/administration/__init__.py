"""Divisions, jobs and operating parameters."""

from app.queries.administration.approvals import pending_approvals, pending_count
from app.queries.administration.divisions import DivisionRecord, division_by_code, divisions, divisions_of_user
from app.queries.administration.jobs import JobRecord, job, job_counts, job_log, latest_job_of, stored_file, unattended_jobs
from app.queries.administration.parameters import value_on
from app.queries.administration.sessions import SessionRecord, expired, has_device, knows_address, live_session, own_sessions

__all__ = [
    "DivisionRecord",
    "JobRecord",
    "SessionRecord",
    "division_by_code",
    "divisions",
    "divisions_of_user",
    "expired",
    "has_device",
    "job",
    "job_counts",
    "job_log",
    "knows_address",
    "latest_job_of",
    "live_session",
    "own_sessions",
    "pending_approvals",
    "pending_count",
    "stored_file",
    "unattended_jobs",
    "value_on",
]
