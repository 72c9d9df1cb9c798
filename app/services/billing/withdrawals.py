"""Corrections that change closed months: above the limit of notes a second person agrees.

What counts is how much a correction changes bills of closed months; of many accounts, which are not computed before they are asked
for, all that it takes back there.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, JobKind, roles
from app.domain.administration.translations import catalog_text
from app.domain.billing.corrections import CorrectionKind
from app.models.accounts import Account
from app.models.administration import Approval, Division
from app.models.billing.corrections import BillCorrection
from app.queries import administration as parameters
from app.queries.billing import corrections as queries
from app.queries.ledger import periods
from app.services.administration import approvals, limits, start_job
from app.services.billing import corrections
from app.services.billing.corrections import ConflictingCorrection, CorrectionRequest, MonthDifference
from app.services.once import Result, once

_LIMIT = "billing.adjustment_limit_som"


def closed_months(session: Session, division_id: int, months: Iterable[date]) -> set[date]:
    """Return which months of a division are closed; what is corrected of them counts for the first open one."""
    first_open = periods.first_open_months(session, [division_id]).get(division_id)
    return {month for month in months if first_open is not None and month < first_open}


def needs_second(session: Session, wanted: CorrectionRequest, changes: list[MonthDifference], *, today: date) -> bool:
    """Return whether a second person has to agree to what a correction of one account changes in closed months."""
    return not limits.is_within(session, _LIMIT, _changed(session, wanted, changes), account_id=wanted.account_id, today=today)


def needs_second_for_many(session: Session, wanted: CorrectionRequest, *, today: date) -> bool:
    """Return whether a second person has to agree to what a correction of many accounts takes back of closed months."""
    return not limits.is_within(session, _LIMIT, _to_withdraw(session, wanted), account_id=None, today=today)


def _changed(session: Session, wanted: CorrectionRequest, changes: list[MonthDifference]) -> int:
    """Return by how much a correction of one account changes bills of closed months, in tiyin."""
    closed = closed_months(session, wanted.division_id, [each.month for each in changes])
    return sum(abs(each.change_tiyin) for each in changes if each.month in closed)


def _to_withdraw(session: Session, wanted: CorrectionRequest) -> int:
    """Return what a correction of many accounts takes back of closed months, in tiyin."""
    return queries.closed_to_correct(session, division_id=wanted.division_id, tariff_group_id=wanted.tariff_group_id, since=wanted.since)


def submit(session: Session, wanted: CorrectionRequest, *, today: date) -> BillCorrection | Approval:
    """Correct the bills of one account, or put that before a second person; a repeat gives what the first gave.

    :raises NothingToCancel: if no bill stands there
    :raises ConflictingCorrection: if the reference was used for another correction
    """

    def submitted() -> BillCorrection | Approval:
        changed = _changed(session, wanted, corrections.preview(session, wanted, today=today))
        if not _use_limit(session, wanted, changed, today):
            return _ask(session, wanted)
        return corrections.correct_account(session, wanted, today=today)

    return _once(session, wanted, submitted)


def submit_many(session: Session, wanted: CorrectionRequest, *, today: date) -> int | Approval:
    """Start the correction of many accounts, or put it before a second person; return the job's id or the request.

    :raises ConflictingCorrection: if the reference was used for another correction
    """

    def submitted() -> int | Approval:
        if corrections.is_open(session, wanted) or _use_limit(session, wanted, _to_withdraw(session, wanted), today):
            return _start(session, wanted)
        return _ask(session, wanted)

    return _once(session, wanted, submitted)


def apply(session: Session, request: Approval, today: date, _now: datetime) -> None:
    """Correct bills as approved.

    :raises NothingToCancel: if no bill stands there any more
    """
    held = request.contents
    wanted = CorrectionRequest(**{**held, "since": date.fromisoformat(held["since"]), "kind": CorrectionKind(held["kind"])})
    if wanted.account_id is None:
        _start(session, wanted)
    else:
        corrections.correct_account(session, wanted, today=today)


def _start(session: Session, wanted: CorrectionRequest) -> int:
    correction_id = corrections.open_correction(session, wanted).id
    latest = parameters.latest_job_of(session, correction_id, [JobKind.BILL_CORRECTION])
    return latest.id if latest else start_job(session, JobKind.BILL_CORRECTION, division_id=wanted.division_id, subject_id=correction_id)


def _use_limit(session: Session, wanted: CorrectionRequest, amount_tiyin: int, today: date) -> bool:
    """Count a sum against what one person may do alone in a day; return whether he may."""
    return limits.use(session, _LIMIT, amount_tiyin, division_id=wanted.division_id, account_id=wanted.account_id, today=today)


def _contents(wanted: CorrectionRequest) -> dict[str, object]:
    return wanted._asdict() | {"since": wanted.since.isoformat(), "kind": wanted.kind.value}


def _once(session: Session, wanted: CorrectionRequest, make: Callable[[], Result]) -> Result:
    """Return the request that used the form's key before, or make a correction now."""
    kind, key = ApprovalKind.BILL_CORRECTION, Approval.contents["reference"].astext
    asked = select(Approval).where(Approval.kind == kind, key == wanted.reference)
    return once(
        session, (kind, wanted.reference), find=asked, contents={"contents": _contents(wanted)}, conflict=ConflictingCorrection, make=make
    )


def _ask(session: Session, wanted: CorrectionRequest) -> Approval:
    of_whom = session.get_one(Account, wanted.account_id) if wanted.account_id else session.get_one(Division, wanted.division_id)
    return approvals.ask(
        session, ApprovalKind.BILL_CORRECTION, division_id=wanted.division_id, subject=f"{of_whom!r}, {wanted.since:%m.%Y}",
        contents=_contents(wanted), basis=wanted.reason,
    )  # fmt: skip


def _page_of(request: Approval) -> approvals.PageAddress | None:
    if request.subject_id is not None:
        return None
    account_id = request.contents["account_id"]
    return ("AccountView.show", {"pk": account_id}) if account_id else ("DivisionView.show", {"pk": request.division_id})


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.BILL_CORRECTION,
        catalog_text("Correction of bills of closed months"),
        catalog_text("approve corrections of bills of closed months"),
        (roles.SUPERVISOR,),
        apply,
        page_of=_page_of,
        too_late=(
            approvals.TooLate(corrections.NothingToCancel, catalog_text("No bill stands from this month on.")),
            approvals.TooLate(ConflictingCorrection, catalog_text("This form was used for another correction already. Begin anew.")),
        ),
    )
)
