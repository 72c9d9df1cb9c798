"""Levels of divisions, kinds and states of jobs and approvals, and the catalogue of operating parameters."""

from enum import StrEnum
from typing import NamedTuple


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
    REGISTRY_LOAD = "REGISTRY_LOAD"
    RECONCILE = "RECONCILE"
    LEDGER_VERIFY = "LEDGER_VERIFY"
    NODE_RESUME = "NODE_RESUME"
    HELD_DECISION = "HELD_DECISION"


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


class ApprovalStatus(StrEnum):
    """Where a request for approval stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class Parameter(NamedTuple):
    """A setting the office may change: what it holds until somebody does, and where that came from."""

    default: int
    lowest: int
    highest: int
    source: str


#: Every operating parameter; a code that is not listed cannot be set.
PARAMETERS: dict[str, Parameter] = {
    "access.alone_times": Parameter(10, 1, 10_000, "our default: limits of a second person, over all accounts in a day"),
    "access.given_password_days": Parameter(14, 0, 3650, "our default"),
    "access.idle_minutes": Parameter(30, 1, 480, "OWASP ASVS 5.0, 7.3.1; our default"),
    "access.session_hours": Parameter(12, 1, 24, "OWASP ASVS 5.0, 7.3.2; our default"),
    "acts.limit_som": Parameter(1_000_000, 0, 10**10, "our default: an act that takes back or moves more needs a second person"),
    "contracts.number_form": Parameter(0, 0, 2, "our default; to be confirmed by the customer"),
    "contracts.number_width": Parameter(6, 3, 9, "our default; to be confirmed by the customer"),
    "contracts.term_months": Parameter(12, 1, 120, "our default; the rules of use (resolution no. 319 of 2024) were not read"),
    "contracts.notice_days": Parameter(30, 0, 365, "our default; the rules of use (resolution no. 319 of 2024) were not read"),
    "metering.closing_from_day": Parameter(10, 1, 28, "our default; to be confirmed by the customer"),
    "metering.estimation_hours_per_day": Parameter(8, 1, 24, "reference case M14; resolution no. 319 of 2024 not read"),
    "metering.high_times": Parameter(4, 2, 50, "our default"),
    "metering.estimation_order": Parameter(0, 0, 2, "order of the ladder: our default; resolution no. 319 of 2024 not read"),
    "metering.estimation_average": Parameter(0, 0, 1, "reference cases M11 (0: by days) and M12 (1: by months); our default"),
    "metering.most_estimated_months": Parameter(3, 1, 60, "rule 354 of Russia: at most 3 periods; the rule of Uzbekistan not read"),
    "metering.true_up": Parameter(0, 0, 1, "reference cases M17 (0: spread) and M16 (1: last month); our default"),
    "metering.verification_grace_days": Parameter(30, 0, 3650, "notice is given 30 days ahead, 2019; reference case M38"),
    "metering.zone_tolerance": Parameter(1, 0, 1000, "reference cases M07 and M08"),
    "tariffs.partial_month": Parameter(0, 0, 1, "reference case M22; found in no document, to be confirmed by the customer"),
    "tariffs.limit_change": Parameter(0, 0, 1, "reference case M23; found in no document, to be confirmed by the customer"),
    "tariffs.over_limit_tolerance": Parameter(20, 0, 100, "20 % above the declared volume at the base price, August 2024"),
    "tariffs.over_limit_percent": Parameter(20, 0, 500, "20 % more above that, August 2024"),
    "tariffs.prepaid_months_household": Parameter(2, 0, 24, "households keep the old price of up to 2 months within the norm"),
    "tariffs.prepaid_months_legal": Parameter(1, 0, 24, "other consumers keep the old price of up to 1 month"),
    "tariffs.tg_norm_percent": Parameter(40, 0, 200, "reference case M37; to be confirmed by the customer"),
    "billing.adjustment_limit_som": Parameter(1_000_000, 0, 10**10, "our default: above it a second person approves"),
    "billing.zero_months": Parameter(3, 2, 24, "our default: so many months without energy ask for an inspection"),
    "billing.largest_bill_som": Parameter(1_000_000_000, 0, 10**13, "our default: a larger bill is looked at; 0: none"),
    "billing.hold_high": Parameter(0, 0, 1, "our default: only noted; California checks high usage before billing"),
    "billing.hold_zero_months": Parameter(0, 0, 1, "our default: only noted"),
    "billing.hold_negative": Parameter(0, 0, 1, "our default: only noted; a true-up after estimates gives money back"),
    "billing.hold_over_amount": Parameter(1, 0, 1, "our default: held"),
    "billing.hold_estimated_long": Parameter(0, 0, 1, "our default: only noted"),
    "billing.due_day": Parameter(10, 1, 28, "Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced 2024)"),
    "claims.penalty_rate_household": Parameter(
        1000, 0, 10_000, "Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced by no. 319 of 2024-05-31, not read)"
    ),
    "claims.penalty_rate_legal": Parameter(4000, 0, 10_000, "law no. 670-I of 1998-08-29, art. 32 (from memory; to be confirmed)"),
    "claims.penalty_cap_percent": Parameter(
        50, 0, 100, "Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced by no. 319 of 2024-05-31, not read)"
    ),
    "claims.penalty_start_days": Parameter(
        1, 1, 60, "Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced by no. 319 of 2024-05-31, not read)"
    ),
    "claims.window_days": Parameter(365, 1, 1095, "our default; the window of resolution no. 319 of 2024 was not read"),
    "claims.priced_above_billed": Parameter(1, 0, 1, "our default; to be confirmed by the customer"),
    "claims.reversal_alone_som": Parameter(100_000, 0, 10**10, "our default: a larger reversal needs a second person"),
    "payments.payme_timeout_ms": Parameter(43_200_000, 1, 86_400_000, "Payme Merchant API, time-out of a transaction"),
    "payments.confirm_above_som": Parameter(5_000_000, 1, 10**10, "our default: asks the cashier to look twice"),
    "payments.held_alone_som": Parameter(100_000, 0, 10**10, "our default: rows held of a larger sum need a second person"),
    "payments.click_sign_minutes": Parameter(60, 1, 10_080, "our default; Click's documentation names no window"),
    "portal.code_minutes": Parameter(5, 1, 10, "OWASP ASVS 5.0, 6.5.5"),
    "audit.reason_required": Parameter(0, 0, 1, "our default: a change may be made without a reason"),
    "portal.code_attempts": Parameter(5, 1, 10, "OWASP ASVS 5.0, 6.6"),
    "portal.codes_account_day": Parameter(15, 1, 100, "our default: codes by SMS for an account"),
    "portal.codes_asker_day": Parameter(5, 1, 100, "our default: codes by SMS for an account from one address"),
    "portal.codes_address_day": Parameter(200, 1, 10**6, "our default: codes from one address, which many consumers may share"),
    "portal.codes_company_day": Parameter(20_000, 1, 10**7, "our default: what the company spends on SMS with codes"),
}
