"""Divisions, who may work in them, jobs, stored files, operating parameters and the audit trail."""

from app.models.administration.audit import AuditEntry
from app.models.administration.divisions import Division, DivisionAccess
from app.models.administration.jobs import JobEvent, JobRun, StoredFile
from app.models.administration.nodes import Node, NodeSetting, NodeState, ReferenceRelease, SyncConflict, SyncPackage
from app.models.administration.parameters import OperatingParameter

__all__ = [
    "AuditEntry",
    "Division",
    "DivisionAccess",
    "JobEvent",
    "JobRun",
    "Node",
    "NodeSetting",
    "NodeState",
    "OperatingParameter",
    "ReferenceRelease",
    "StoredFile",
    "SyncConflict",
    "SyncPackage",
]
