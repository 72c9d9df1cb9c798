"""A node's sign of life, and what did not fit when changes from the other side were applied."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.nodes import CENTRE
from app.queries.administration import nodes as queries

_ONE_AT_A_TIME = 7_226_008


def note_sign_of_life(session: Session, *, now: datetime) -> None:
    """Let the centre know which version this node works on, and how much it could not yet hand over."""
    number = queries.own_number(session)
    if number == CENTRE:
        return
    waiting = sum(slot.lag_bytes for slot in queries.slots(session))
    session.execute(
        text(
            """
            INSERT INTO node_state (number, division_id, reference_release, waiting_bytes, conflicts, seen_at)
            SELECT n.number, n.division_id, :release, :waiting, :conflicts, :now FROM node n WHERE n.number = :number
            ON CONFLICT (number) DO UPDATE SET division_id = excluded.division_id, reference_release = excluded.reference_release,
                waiting_bytes = excluded.waiting_bytes, conflicts = excluded.conflicts, seen_at = excluded.seen_at
            """
        ),
        {
            "number": number,
            "release": queries.release(session),
            "waiting": waiting,
            "conflicts": queries.open_conflict_count(session),
            "now": now,
        },
    )


def record_conflicts(session: Session, *, now: datetime, detail: str | None = None) -> int:
    """Write down what subscriptions counted since the last time; return how many new conflicts that were.

    A counter that fell was begun anew by PostgreSQL, after a crash for instance.
    """
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME}):
        return 0
    before, found = queries.counted_before(session), 0
    for subscription in queries.subscriptions(session):
        for kind, total in subscription.counters.items():
            earlier = before.get((subscription.id, kind), 0)
            added = total - earlier if total >= earlier else total
            if added:
                _record(session, subscription, kind, added, total, now=now, detail=detail)
                found += added
    return found


def _record(
    session: Session, subscription: queries.SubscriptionRow, kind: str, count: int, total: int, *, now: datetime, detail: str | None
) -> None:
    session.execute(
        text(
            "INSERT INTO sync_conflict (happened_at, subscription, subscription_id, kind, count, total, detail) "
            "VALUES (:now, :subscription, :id, :kind, :count, :total, :detail)"
        ),
        {
            "now": now,
            "subscription": subscription.name,
            "id": subscription.id,
            "kind": kind,
            "count": count,
            "total": total,
            "detail": detail,
        },
    )


def settle_conflicts(session: Session, *, now: datetime, by: str) -> int:
    """Mark all listed conflicts as settled by somebody; return how many."""
    done = session.execute(
        text("UPDATE sync_conflict SET settled_at = :now, settled_by = :by WHERE settled_at IS NULL RETURNING id"),
        {"now": now, "by": by[:64]},
    )
    return len(done.all())
