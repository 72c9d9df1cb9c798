"""Divisions, staff and their rights, jobs and operating parameters."""

from app.queries.administration.approvals import pending_approvals, pending_count
from app.queries.administration.divisions import DivisionRecord, division_by_code, divisions, divisions_of_user
from app.queries.administration.jobs import JobRecord, is_under_way, job, job_counts, job_log, latest_job_of, stored_file, unattended_jobs
from app.queries.administration.parameters import ParameterRecord, parameter_history, value_on
from app.queries.administration.sessions import SessionRecord, expired, has_device, knows_address, live_session, own_sessions
from app.queries.administration.staff import (
    AccessRecord,
    DepartmentRecord,
    GrantRecord,
    PersonRecord,
    access_on,
    departments_of,
    division_ids_of_user,
    grants_of_user,
    own_grants,
    own_roles,
    people_of,
    permissions_of_user,
    role_ids_of_user,
    roles_of_groups,
)
from app.queries.administration.translations import corrected_texts, version_of_texts

__all__ = [
    "AccessRecord",
    "DepartmentRecord",
    "DivisionRecord",
    "GrantRecord",
    "JobRecord",
    "ParameterRecord",
    "PersonRecord",
    "SessionRecord",
    "access_on",
    "corrected_texts",
    "departments_of",
    "division_by_code",
    "division_ids_of_user",
    "divisions",
    "divisions_of_user",
    "expired",
    "grants_of_user",
    "has_device",
    "is_under_way",
    "job",
    "job_counts",
    "job_log",
    "knows_address",
    "latest_job_of",
    "live_session",
    "own_grants",
    "own_roles",
    "own_sessions",
    "parameter_history",
    "pending_approvals",
    "pending_count",
    "people_of",
    "permissions_of_user",
    "role_ids_of_user",
    "roles_of_groups",
    "stored_file",
    "unattended_jobs",
    "value_on",
    "version_of_texts",
]
