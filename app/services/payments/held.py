"""Rows of payment files held for a person: found beside their twins, decided about one by one or for a whole file, done by a job.

Above a limit a second person agrees. What was decided is done by a job, as the accounts may be of any division, and the rows a million.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, JobKind, roles
from app.domain.administration.translations import catalog_text
from app.domain.payments import HELD_OUTCOMES, HeldDecision
from app.models.administration import Approval
from app.models.payments import PaymentControl
from app.queries import payments as queries
from app.queries.records import fetch_one
from app.services.administration import approvals, limits, start_job
from app.services.payments.controls import enter_suspense_of_job, lock


class NothingHeld(Exception):
    """None of the rows waits for such a decision: they were decided about, wait for a second person, or have no twin."""


class DecisionRequest(NamedTuple):
    """What a person decides about held rows of a payment file, and why."""

    control_id: int
    decision: HeldDecision
    basis: str
    #: None: about all of them that it can be decided of
    row_ids: Sequence[int] | None = None


class DecisionStart(NamedTuple):
    """How a decision goes on: one of both is there."""

    approval_id: int | None
    job_id: int | None


_TWINS = text(
    """
    UPDATE held_row SET twin_control_id = w.control_id, twin_file = w.name, twin_row_no = w.row_no, twin_on = w.paid_on,
           twin_account_number = w.account_number, twin_amount_tiyin = w.amount_tiyin, twin_loaded_by = w.created_by,
           twin_loaded_at = w.created_at
    FROM (
        SELECT h.id, k.id AS control_id, k.name, k.created_by, k.created_at, b.row_no, b.paid_on, b.account_number, b.amount_tiyin
        FROM held_row h CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT t.payment_control_id, t.row_no, t.received_on AS paid_on, t.account_number, t.amount_tiyin, t.id, 1 AS rank
                FROM tender t WHERE t.payment_contract_id = h.payment_contract_id
                    AND t.reference = ANY (ARRAY(SELECT h.repeat_key || '-' || n FROM generate_series(1, 9) n))
                UNION ALL
                SELECT o.payment_control_id, o.row_no, o.paid_on, o.account_number, o.amount_tiyin, o.id, 2
                FROM held_row o WHERE o.payment_contract_id = h.payment_contract_id AND o.repeat_key = h.repeat_key
                UNION ALL
                SELECT t.payment_control_id, t.row_no, t.received_on, t.account_number, t.amount_tiyin, t.id, 3
                FROM account c JOIN tender t ON t.account_id = c.id
                WHERE h.reason = 'OTHER_FILE' AND c.number = h.account_number AND t.payment_contract_id = h.payment_contract_id
                  AND t.row_no IS NULL AND t.amount_tiyin = h.amount_tiyin AND t.received_on = coalesce(h.paid_on, t.received_on)
            ) twin
            WHERE (twin.payment_control_id = h.payment_control_id) = (h.reason = 'SAME_FILE')
              AND (h.reason <> 'SAME_FILE' OR twin.row_no < h.row_no)
            ORDER BY (twin.account_number, twin.amount_tiyin) = (h.account_number, h.amount_tiyin) DESC, twin.rank, twin.id LIMIT 1
        ) b JOIN payment_control k ON k.id = b.payment_control_id
        WHERE h.payment_control_id = :control
    ) w WHERE w.id = held_row.id
    """
)


def find_twins(session: Session, control_id: int) -> None:
    """Write beside each row that a payment file's loading held which row it may repeat: the one most like it."""
    session.execute(_TWINS, {"control": control_id})


_DECIDABLE = {
    HeldDecision.ACCEPT: "true",
    HeldDecision.REPEAT: "twin_control_id IS NOT NULL",
    HeldDecision.REJECT: "reason = 'FUTURE'",
}
_ASK = """
    WITH asked AS (
        UPDATE held_row SET status = 'ASKED'
        WHERE payment_control_id = :control AND status = 'WAITING' AND {0} AND (CAST(:ids AS bigint[]) IS NULL OR id = ANY(:ids))
        RETURNING id, amount_tiyin
    ) SELECT count(*) AS rows, coalesce(sum(amount_tiyin), 0)::bigint AS sum_tiyin FROM asked
"""


class _Counted(NamedTuple):
    rows: int
    sum_tiyin: int


def decide(session: Session, wish: DecisionRequest, *, by: str, today: date) -> DecisionStart:
    """Ask a second person for a decision about held rows, or, up to a sum, start doing it at once.

    What one person decides in a day counts together, whatever files the rows are of.

    :raises NothingHeld: if it can be decided of none of the rows
    """
    control = lock(session, wish.control_id)
    ids = None if wish.row_ids is None else list(wish.row_ids)
    rows, sum_tiyin = fetch_one(session, _ASK.format(_DECIDABLE[wish.decision]), _Counted, control=control.id, ids=ids)
    if not rows:
        raise NothingHeld
    if limits.use(session, "payments.held_alone_som", sum_tiyin, division_id=control.division_id, account_id=None, today=today):
        return DecisionStart(None, _start(session, control, wish.decision, wish.basis, by, ids=ids))
    contents = {"decision": wish.decision, "rows": rows, "amount_tiyin": sum_tiyin}
    request = approvals.ask(
        session, ApprovalKind.HELD_DECISION, division_id=control.division_id, subject=f"№ {control.id} {control.name}",
        subject_id=control.id, contents=contents, basis=wish.basis,
    )  # fmt: skip
    _mark(session, control.id, "approval_id", request.id, ids)
    return DecisionStart(request.id, None)


def _start(session: Session, control: PaymentControl, decision: HeldDecision, basis: str, by: str, *, ids: list[int] | None) -> int:
    told = {"decision": decision, "basis": basis[:300], "by": by}
    job_id = start_job(session, JobKind.HELD_DECISION, division_id=control.division_id, subject_id=control.id, parameters=told)
    _mark(session, control.id, "job_run_id", job_id, ids)
    return job_id


def _mark(session: Session, control_id: int, column: str, value: int, ids: list[int] | None) -> None:
    """Give the rows that were just asked about their request or their job."""
    statement = text(
        f"UPDATE held_row SET {column} = :value WHERE payment_control_id = :control AND status = 'ASKED' "
        "AND approval_id IS NULL AND job_run_id IS NULL AND (CAST(:ids AS bigint[]) IS NULL OR id = ANY(:ids))"
    )
    session.execute(statement, {"value": value, "control": control_id, "ids": ids})


def _apply(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    """Start doing what was agreed to."""
    control = lock(session, request.subject_id or 0)
    told = {"decision": request.contents["decision"], "basis": request.basis or "", "by": request.created_by}
    job_id = start_job(session, JobKind.HELD_DECISION, division_id=control.division_id, subject_id=control.id, parameters=told)
    session.execute(text("UPDATE held_row SET job_run_id = :job WHERE approval_id = :id"), {"job": job_id, "id": request.id})


def free(session: Session, column: str, value: int) -> None:
    """Let rows wait again whose decision was refused or not done."""
    statement = (
        f"UPDATE held_row SET status = 'WAITING', approval_id = NULL, job_run_id = NULL WHERE {column} = :value AND status = 'ASKED'"
    )
    session.execute(text(statement), {"value": value})


_ACCEPT = text(
    f"""
    INSERT INTO tender (division_id, payment_contract_id, reference, account_id, account_number, amount_tiyin, status, provider_ms,
                        created_ms, performed_ms, payment_control_id, received_on, waiting, payer, phone, purpose, row_no)
    SELECT coalesce(a.division_id, h.division_id), h.payment_contract_id, h.repeat_key || '-0+' || h.id, a.id, h.account_number,
           h.amount_tiyin, 'PERFORMED', 0, :now_ms, :now_ms, h.payment_control_id,
           least(coalesce(h.paid_on, CAST(:today AS date)), CAST(:today AS date)), a.id IS NOT NULL, h.payer, h.phone, h.purpose, h.row_no
    FROM held_row h
    LEFT JOIN (SELECT c.id, c.number, c.division_id FROM account c WHERE NOT {queries.BLOCKED} AND NOT {queries.ELSEWHERE}) a
        ON a.number = h.account_number
    WHERE h.job_run_id = :job AND h.status = 'ASKED' ORDER BY h.id
    """
)
_END = text(
    """
    UPDATE held_row h SET status = CAST(:status AS text), decided_by = :by, decided_at = :now, basis = :basis,
           tender_id = (SELECT t.id FROM tender t WHERE CAST(:status AS text) = 'ACCEPTED' AND t.payment_contract_id = h.payment_contract_id
                        AND t.reference = h.repeat_key || '-0+' || h.id)
    WHERE job_run_id = :job AND status = 'ASKED'
    """
)
#: What the rows of a job became.
_BECAME = """
    SELECT count(*) AS rows, coalesce(sum(h.amount_tiyin), 0)::bigint AS all_tiyin,
           count(*) FILTER (WHERE t.id IS NOT NULL AND t.account_id IS NULL) AS suspense,
           coalesce(sum(h.amount_tiyin) FILTER (WHERE t.id IS NOT NULL AND t.account_id IS NULL), 0)::bigint AS suspense_tiyin
    FROM held_row h LEFT JOIN tender t ON t.id = h.tender_id WHERE h.job_run_id = :job AND h.decided_by IS NOT NULL
    """


class _Became(NamedTuple):
    rows: int
    all_tiyin: int
    suspense: int
    suspense_tiyin: int


def perform(session: Session, job_id: int, control_id: int, told: dict[str, Any], *, now: datetime, today: date) -> int:
    """Do what was decided about the rows of a job, once, and return how many they are."""
    control, decision = lock(session, control_id), HeldDecision(told["decision"])
    if decision is HeldDecision.ACCEPT:
        session.execute(_ACCEPT, {"job": job_id, "today": today, "now_ms": int(now.timestamp() * 1000)})
    session.execute(_END, {"job": job_id, "status": HELD_OUTCOMES[decision], "by": told["by"], "basis": told["basis"], "now": now})
    became = fetch_one(session, _BECAME, _Became, job=job_id)
    _count(control, decision, became)
    if decision is HeldDecision.ACCEPT:
        enter_suspense_of_job(session, job_id, on=today)
    session.flush()
    return became.rows


def _count(control: PaymentControl, decision: HeldDecision, became: Any) -> None:
    """Move rows and their sums from those held to what they became."""
    rows, sum_tiyin = int(became.rows), int(became.all_tiyin)
    control.held -= rows
    control.held_tiyin -= sum_tiyin
    if decision is HeldDecision.ACCEPT:
        in_suspense, suspense_tiyin = int(became.suspense), int(became.suspense_tiyin)
        control.suspense += in_suspense
        control.suspense_tiyin += suspense_tiyin
        control.accepted += rows - in_suspense
        control.accepted_tiyin += sum_tiyin - suspense_tiyin
        control.tenders += rows
        control.received_tiyin += sum_tiyin
    elif decision is HeldDecision.REPEAT:
        control.repeated += rows
        control.repeated_tiyin += sum_tiyin
    else:
        control.rejected += rows
        control.rejected_tiyin += sum_tiyin


def _refuse(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    free(session, "approval_id", request.id)


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.HELD_DECISION,
        catalog_text("Decision about rows held"),
        catalog_text("approve decisions about rows held"),
        (roles.SUPERVISOR,),
        _apply,
        refuse=_refuse,
        page_of=lambda request: ("HeldRowView.rows_of", {"control_id": request.subject_id}),
        describe=lambda request: {"held": request.contents},
    )
)
