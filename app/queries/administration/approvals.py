"""What waits for a second person."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus
from app.models.administration import Approval


def pending_approvals(session: Session, *, kinds: Collection[ApprovalKind], not_by: str, limit: int = 200) -> list[Approval]:
    """Return requests of some kinds that others made, oldest first."""
    return list(session.scalars(_pending(select(Approval), kinds, not_by).order_by(Approval.id).limit(limit)))


def pending_count(session: Session, *, kinds: Collection[ApprovalKind], not_by: str) -> int:
    """Return how many requests of some kinds wait for somebody else than the one named."""
    return int(session.scalar(_pending(select(func.count()).select_from(Approval), kinds, not_by)) or 0)


def contents_wait(session: Session, kind: ApprovalKind, contents: dict[str, Any]) -> bool:
    """Tell whether a request of a kind waits whose contents include these."""
    waiting = select(Approval.id).where(Approval.kind == kind, Approval.status == ApprovalStatus.PENDING)
    waiting = waiting.where(Approval.contents.contains(contents))
    return session.scalar(waiting.limit(1)) is not None


def _pending(statement: Select[Any], kinds: Collection[ApprovalKind], not_by: str) -> Select[Any]:
    return statement.where(Approval.status == ApprovalStatus.PENDING, Approval.kind.in_(kinds), Approval.created_by != not_by)
