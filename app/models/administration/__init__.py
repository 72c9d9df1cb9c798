"""Divisions, who may work in them, jobs, stored files, operating parameters and the audit trail."""

from app.models.administration.approvals import Approval
from app.models.administration.audit import AuditEntry
from app.models.administration.divisions import Division, DivisionAccess
from app.models.administration.jobs import JobEvent, JobRun, StoredFile
from app.models.administration.parameters import OperatingParameter
from app.models.administration.sessions import TotpDevice, UserSession

__all__ = [
    "Approval",
    "AuditEntry",
    "Division",
    "DivisionAccess",
    "JobEvent",
    "JobRun",
    "OperatingParameter",
    "StoredFile",
    "TotpDevice",
    "UserSession",
]
