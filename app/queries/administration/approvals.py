"""What waits for a second person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus
from app.models.administration import Approval
from app.queries.records import fetch_one

#: From hand to hand: whoever gave somebody a password could have worked under his name, and so could who gave him one.
_COMMON_HAND = """
    WITH RECURSIVE given AS (
        SELECT taker.username, giver.username AS by FROM audit_entry e
        JOIN ab_user taker ON taker.id = (e.after ->> 'user_id')::bigint JOIN ab_user giver ON giver.username = e.after ->> 'given_by'
        WHERE e.table_name = 'given_password' AND e.operation IN ('INSERT', 'UPDATE') AND e.happened_at > :since
    ), hand AS (
        SELECT name AS of, name AS by FROM unnest(ARRAY[:first, :second]) AS name
        UNION SELECT hand.of, given.by FROM hand JOIN given ON given.username = hand.by
    )
    SELECT EXISTS (SELECT FROM hand a JOIN hand b ON b.by = a.by WHERE a.of = :first AND b.of = :second)
"""


def pending_approvals(session: Session, *, kinds: Collection[ApprovalKind], not_by: str, limit: int = 200) -> list[Approval]:
    """Return requests of some kinds that others made, oldest first."""
    return list(session.scalars(_pending(select(Approval), kinds, not_by).order_by(Approval.id).limit(limit)))


def pending_count(session: Session, *, kinds: Collection[ApprovalKind], not_by: str) -> int:
    """Return how many requests of some kinds wait for somebody else than the one named."""
    return int(session.scalar(_pending(select(func.count()).select_from(Approval), kinds, not_by)) or 0)


def have_common_hand(session: Session, first: str, second: str, *, since: datetime) -> bool:
    """Return whether two users may be one person: the same one, or with passwords that one of them, or a third, gave since a moment.

    Passwords given by commands of the machine count for nobody: who works there needs no user.
    """
    return fetch_one(session, _COMMON_HAND, bool, first=first, second=second, since=since)


def contents_wait(session: Session, kind: ApprovalKind, contents: dict[str, Any]) -> bool:
    """Tell whether a request of a kind waits whose contents include these."""
    waiting = select(Approval.id).where(Approval.kind == kind, Approval.status == ApprovalStatus.PENDING)
    waiting = waiting.where(Approval.contents.contains(contents))
    return session.scalar(waiting.limit(1)) is not None


def _pending(statement: Select[Any], kinds: Collection[ApprovalKind], not_by: str) -> Select[Any]:
    return statement.where(Approval.status == ApprovalStatus.PENDING, Approval.kind.in_(kinds), Approval.created_by != not_by)
