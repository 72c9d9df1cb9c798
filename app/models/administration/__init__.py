"""Divisions, who may work in them, jobs, stored files, operating parameters and the audit trail."""

from app.models.administration.audit import AuditCheck, AuditEntry, AuditPending, AuditSeal
from app.models.administration.divisions import Division, DivisionAccess
from app.models.administration.jobs import JobEvent, JobRun, StoredFile
from app.models.administration.parameters import OperatingParameter

__all__ = [
    "AuditCheck",
    "AuditEntry",
    "AuditPending",
    "AuditSeal",
    "Division",
    "DivisionAccess",
    "JobEvent",
    "JobRun",
    "OperatingParameter",
    "StoredFile",
]
