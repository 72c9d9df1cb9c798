"""Work on exceptions of bill runs: who looks at them, and that they are settled."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.billing import ExceptionStatus
from app.models.billing import BillException


def assign(session: Session, ids: Sequence[int], *, owner: str | None) -> int:
    """Let a person be the one who looks at exceptions (None: nobody any more); return how many."""
    found = _locked(session, ids)
    for each in found:
        each.owner = owner
    session.flush()
    return len(found)


def settle(session: Session, ids: Sequence[int], *, by: str) -> int:
    """Say that exceptions need nothing more; whose they are stays. Return how many."""
    found = _locked(session, ids)
    for each in found:
        each.status, each.owner = ExceptionStatus.SETTLED, each.owner or by
    session.flush()
    return len(found)


def _locked(session: Session, ids: Sequence[int]) -> Sequence[BillException]:
    return session.scalars(select(BillException).where(BillException.id.in_(ids)).order_by(BillException.id).with_for_update()).all()
