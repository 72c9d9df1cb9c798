"""Closing months of a division with all below it, and reopening the newest with a second person."""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.domain.administration.translations import catalog_text
from app.domain.calendar import month_start
from app.domain.ledger.periods import Checked, PeriodStatus
from app.models.administration import Approval, Division
from app.models.billing.corrections import AccountingPeriod
from app.queries import locks
from app.queries.ledger import periods as queries
from app.queries.locks import Lock
from app.services.administration import approvals


class NotReady(Exception):
    """A month is not closed while something stands in its way; ``checks`` tells what."""

    def __init__(self, month: date, checks: list[Checked]) -> None:
        super().__init__(f"{month}: {', '.join(each.check for each in checks)}")
        self.month, self.checks = month, checks


class NotNewest(Exception):
    """Only the newest closed month is reopened."""


class ReopeningAlreadyRequested(Exception):
    """Somebody asked for the reopening, and nobody decided yet."""


def close_period(session: Session, division_id: int, month: date, *, by: str, today: date, now: datetime) -> int:
    """Close a month of a division and all below it; return how many divisions were closed.

    Whoever posts to them meanwhile is waited for; what they post later counts for the first open month.

    :raises NotReady: if something stands in the way
    """
    month = month_start(month)
    division_ids = _lock(session, division_id)
    failed = [each for each in queries.checks(session, division_id, month, today=today) if not each.passed]
    if failed:
        raise NotReady(month, failed)
    rows = [
        {"division_id": each, "billing_month": month, "status": PeriodStatus.CLOSED, "decided_by": by, "decided_at": now}
        for each in division_ids
    ]
    statement = insert(AccountingPeriod).values(rows)
    closed = statement.on_conflict_do_update(
        index_elements=["division_id", "billing_month"],
        set_={name: statement.excluded[name] for name in ("status", "decided_by", "decided_at", "reason")},
        where=AccountingPeriod.status == PeriodStatus.OPEN,
    ).returning(AccountingPeriod.id)
    count = len(session.scalars(closed).all())
    session.expire_all()
    return count


def close_periods(session: Session, division_id: int, month: date, *, by: str, today: date, now: datetime) -> list[date]:
    """Close a month of a division and all open ones before it, or none of them; return the months.

    :raises NotReady: if something stands in the way of one
    """
    _lock(session, division_id)
    months = [*queries.open_before(session, division_id, month_start(month)), month_start(month)]
    for each in months:
        close_period(session, division_id, each, by=by, today=today, now=now)
    return months


def ask_to_reopen(session: Session, division_id: int, month: date, *, reason: str) -> Approval:
    """Ask a second person to reopen the newest closed month of a division and all below it.

    :raises NotNewest: if it is not closed, or a later one is
    :raises ReopeningAlreadyRequested: if a request waits
    """
    month = month_start(month)
    _lock(session, division_id)
    _require_newest(session, division_id, month)
    waiting = select(Approval.id).where(
        Approval.kind == ApprovalKind.PERIOD_REOPEN, Approval.division_id == division_id, Approval.status == ApprovalStatus.PENDING
    )
    if session.scalar(waiting):
        raise ReopeningAlreadyRequested
    division = session.get_one(Division, division_id)
    return approvals.ask(
        session,
        ApprovalKind.PERIOD_REOPEN,
        division_id=division_id,
        subject=f"{division}, {month:%m.%Y}",
        subject_id=division_id,
        contents={"billing_month": month.isoformat()},
        basis=reason,
    )


def reopen(session: Session, request: Approval, _today: date, now: datetime) -> None:
    """Reopen the month once a second person agrees.

    :raises NotNewest: if it was reopened or a later month was closed meanwhile
    """
    month = date.fromisoformat(request.contents["billing_month"])
    division_ids = _lock(session, request.division_id)
    _require_newest(session, request.division_id, month)
    session.execute(
        update(AccountingPeriod)
        .where(
            AccountingPeriod.division_id.in_(division_ids),
            AccountingPeriod.billing_month == month,
            AccountingPeriod.status == PeriodStatus.CLOSED,
        )
        .values(status=PeriodStatus.OPEN, decided_by=request.decided_by, decided_at=now, reason=request.basis)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _require_newest(session: Session, division_id: int, month: date) -> None:
    if queries.newest_closed(session, division_id) != month:
        raise NotNewest


def _lock(session: Session, division_id: int) -> list[int]:
    """Wait for whoever posts to a division or one below it, and return them."""
    division_ids = queries.subtree(session, division_id)
    for each in division_ids:
        locks.acquire(session, Lock.ACCOUNTING_PERIOD, each)
    return division_ids


def _page_of(request: Approval) -> approvals.PageAddress:
    return "PeriodsView.month", {"division_id": request.division_id, "month": request.contents["billing_month"]}


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.PERIOD_REOPEN,
        catalog_text("Reopening of a closed month"),
        catalog_text("approve the reopening of a month"),
        (roles.SUPERVISOR,),
        reopen,
        page_of=_page_of,
        too_late=(approvals.TooLate(NotNewest, catalog_text("Only the newest closed month can be reopened.")),),
    )
)
