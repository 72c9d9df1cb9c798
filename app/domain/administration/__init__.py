"""Levels of divisions, kinds and states of jobs and approvals; the operating parameters are a package of their own."""

from enum import StrEnum

from app.domain.administration.parameters import PARAMETERS as PARAMETERS
from app.domain.administration.parameters import Parameter as Parameter
from app.domain.administration.parameters import ParameterUnit as ParameterUnit


class DivisionLevel(StrEnum):
    """Levels of the company's tree."""

    REPUBLIC = "REPUBLIC"
    REGION = "REGION"
    DISTRICT = "DISTRICT"


#: What every role lets its holders do: see and correct their own page. Pairs of permission and view.
EVERYBODYS = (
    ("can_show", "ProfileView"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("can_this_form_get", "UserInfoEditView"),
    ("can_this_form_post", "UserInfoEditView"),
)

#: The level below each level.
CHILD_LEVEL = {DivisionLevel.REPUBLIC: DivisionLevel.REGION, DivisionLevel.REGION: DivisionLevel.DISTRICT}


class JobKind(StrEnum):
    """What a job does."""

    READING_CHECK = "READING_CHECK"
    READING_ACCEPT = "READING_ACCEPT"
    BILL_PREVIEW = "BILL_PREVIEW"
    BILL_POST = "BILL_POST"
    DIVISION_IMPORT = "DIVISION_IMPORT"
    NOTICE_SEND = "NOTICE_SEND"
    REFERENCE_IMPORT = "REFERENCE_IMPORT"
    BILL_PRINT = "BILL_PRINT"
    INVOICE_ISSUE = "INVOICE_ISSUE"
    ACT_PRINT = "ACT_PRINT"
    PENALTY_PREVIEW = "PENALTY_PREVIEW"
    PENALTY_ACCRUAL = "PENALTY_ACCRUAL"
    SUBSIDY_IMPORT = "SUBSIDY_IMPORT"
    BILL_CORRECTION = "BILL_CORRECTION"
    SHADOW_RUN = "SHADOW_RUN"
    PAYMENT_FILE_LOAD = "PAYMENT_FILE_LOAD"
    RECONCILE = "RECONCILE"
    LEDGER_VERIFY = "LEDGER_VERIFY"
    NODE_RESUME = "NODE_RESUME"
    HELD_DECISION = "HELD_DECISION"
    BULK_ACT = "BULK_ACT"
    LIST_EXPORT = "LIST_EXPORT"
    REPORT_FILE = "REPORT_FILE"
    REPORT_SENDING = "REPORT_SENDING"
    DEVICE_FILE_LOAD = "DEVICE_FILE_LOAD"
    PARKED_POST = "PARKED_POST"
    TARGET_IMPORT = "TARGET_IMPORT"
    CERTIFICATE_IMPORT = "CERTIFICATE_IMPORT"
    VERIFICATION_NOTICES = "VERIFICATION_NOTICES"
    OUTAGE_NOTICES = "OUTAGE_NOTICES"
    CAMPAIGN_PREVIEW = "CAMPAIGN_PREVIEW"
    CAMPAIGN_SENDING = "CAMPAIGN_SENDING"


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    #: a part of what it was given was done; the rest is named in its log
    PARTLY = "PARTLY"
    #: nothing of what it was given was accepted
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


#: A job in one of these states will not move again.
FINISHED = frozenset(set(JobStatus) - {JobStatus.QUEUED, JobStatus.RUNNING})


def job_status_of(*, done: int, left_out: int, nothing: JobStatus = JobStatus.REFUSED) -> JobStatus:
    """Return how a job ended that did a part of its rows, papers or messages and left others out.

    :param nothing: the state if some were left out and none was done

    >>> [str(job_status_of(done=done, left_out=left_out)) for done, left_out in ((2, 0), (0, 0), (2, 1), (0, 1))]
    ['DONE', 'DONE', 'PARTLY', 'REFUSED']
    """
    if not left_out:
        return JobStatus.DONE
    return JobStatus.PARTLY if done else nothing


class ApprovalKind(StrEnum):
    """What a second person has to approve."""

    REFERENCE_CHANGE = "REFERENCE_CHANGE"
    INSPECTION_RECORD = "INSPECTION_RECORD"
    CHARGE_REVERSAL = "CHARGE_REVERSAL"
    ADJUSTMENT = "ADJUSTMENT"
    BILL_CORRECTION = "BILL_CORRECTION"
    PERIOD_REOPEN = "PERIOD_REOPEN"
    TENDER_TRANSFER = "TENDER_TRANSFER"
    PAYMENT_MOVE = "PAYMENT_MOVE"
    HELD_DECISION = "HELD_DECISION"
    ACT = "ACT"
    TRANSLATION = "TRANSLATION"
    COMPANY_SETTING = "COMPANY_SETTING"
    SUBSIDY_GRANT = "SUBSIDY_GRANT"
    VERIFICATION_PLAN = "VERIFICATION_PLAN"
    CAMPAIGN = "CAMPAIGN"
    MAINTENANCE_PLAN = "MAINTENANCE_PLAN"


class ApprovalStatus(StrEnum):
    """Where a request for approval stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
