"""Divisions, staff and who may work where, jobs, stored files, operating parameters, translations and the audit trail."""

from app.models.administration.approvals import Approval
from app.models.administration.audit import AuditCheck, AuditEntry, AuditPending, AuditSeal
from app.models.administration.divisions import Division, DivisionAccess
from app.models.administration.jobs import JobEvent, JobRun, StoredFile
from app.models.administration.limits import LimitUse
from app.models.administration.list_views import ListView
from app.models.administration.maintenance import Maintenance
from app.models.administration.nodes import Node, NodeSetting, NodeState, ReferenceRelease, SyncConflict, SyncCounter, SyncPackage
from app.models.administration.parameters import OperatingParameter
from app.models.administration.sessions import GivenPassword, TotpDevice, UserSession
from app.models.administration.staff import Department, Post, StaffMember, Substitution
from app.models.administration.translations import Translation

__all__ = [
    "Approval",
    "AuditCheck",
    "AuditEntry",
    "AuditPending",
    "AuditSeal",
    "Department",
    "Division",
    "DivisionAccess",
    "GivenPassword",
    "JobEvent",
    "JobRun",
    "LimitUse",
    "ListView",
    "Maintenance",
    "Node",
    "NodeSetting",
    "NodeState",
    "OperatingParameter",
    "Post",
    "ReferenceRelease",
    "StaffMember",
    "StoredFile",
    "Substitution",
    "SyncConflict",
    "SyncCounter",
    "SyncPackage",
    "TotpDevice",
    "Translation",
    "UserSession",
]
