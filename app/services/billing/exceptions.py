"""Work on exceptions of bill runs: who looks at them, and that they are settled."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.billing import ExceptionStatus
from app.models.billing import BillException


def assign(session: Session, ids: Sequence[int], *, owner: str | None) -> int:
    """Let a person be the one who looks at consumers' exceptions (None: nobody any more); return how many of those named are there."""
    found = _locked(session, ids)
    for each in found:
        each.owner = owner
    session.flush()
    return len({each.id for each in found} & {*ids})


def settle(session: Session, ids: Sequence[int], *, by: str) -> int:
    """Say that consumers' exceptions need nothing more; whose they are stays. Return how many of those named are there."""
    found = _locked(session, ids)
    for each in found:
        each.status, each.owner = ExceptionStatus.SETTLED, each.owner or by
    session.flush()
    return len({each.id for each in found} & {*ids})


_BILLED_SINCE = text(
    """
    UPDATE bill_exception e SET status = 'SETTLED'
    FROM bill_run r, account_position p, division d, division top
    WHERE top.id = :division_id AND d.id = e.division_id AND starts_with(d.path, top.path)
      AND r.id = e.bill_run_id AND p.account_id = e.account_id AND e.status = 'OPEN' AND e.owner IS NULL
      AND (p.billed_month > r.billing_month OR (e.parked AND p.billed_month = r.billing_month))
    """
)


def settle_billed(session: Session, division_id: int) -> None:
    """Settle exceptions of a division and all below it that nobody took up and whose account was billed since.

    An account that was billed with a question mark is done with once a later month is billed; one left without a bill, once that month is.
    """
    session.execute(_BILLED_SINCE, {"division_id": division_id})


def _locked(session: Session, ids: Sequence[int]) -> Sequence[BillException]:
    """Return exceptions, and all open ones of the same consumers: who looks at one looks at all."""
    named = select(BillException.account_id).where(BillException.id.in_(ids), BillException.status == ExceptionStatus.OPEN)
    of_consumer = BillException.account_id.in_(named) & (BillException.status == ExceptionStatus.OPEN)
    wanted = select(BillException).where(BillException.id.in_(ids) | of_consumer)
    return session.scalars(wanted.order_by(BillException.id).with_for_update()).all()
