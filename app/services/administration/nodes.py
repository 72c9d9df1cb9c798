"""A node's heartbeat, and what did not fit when changes from the other side were applied."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration.nodes import ATTEMPTS, CENTRE, EXPECTED, STOPPING, are_failures_of_a_change
from app.queries import locks
from app.queries.administration import nodes as queries
from app.queries.locks import Lock
from app.queries.records import fetch_all


def record_heartbeat(session: Session, *, now: datetime) -> None:
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


class RecordedConflicts(NamedTuple):
    """A conflict that was written down."""

    subscription: str
    kind: str
    times: int


def record_conflicts(session: Session, *, now: datetime, detail: str | None = None) -> list[RecordedConflicts]:
    """Write down the conflicts that subscriptions counted since the last time, and return them.

    A counter that fell was begun anew by PostgreSQL, after a crash for instance.
    """
    if not locks.try_to_acquire(session, Lock.CONFLICTS):
        return []
    before, found = queries.counted_before(session), []
    for subscription in queries.subscriptions(session):
        added = _added(session, subscription, before, now=now)
        stops = STOPPING & added.keys()
        for kind, (count, seconds) in added.items():
            fails = are_failures_of_a_change(added=count, seconds=seconds, is_running=subscription.is_running)
            if kind in EXPECTED or (kind == ATTEMPTS and (stops or not fails)):
                continue
            _record(session, subscription, kind, count, now=now, detail=detail)
            found.append(RecordedConflicts(subscription.name, kind, count))
    return found


def _added(
    session: Session, subscription: queries.SubscriptionRow, before: dict[tuple[int, str], queries.Counted], *, now: datetime
) -> dict[str, tuple[int, float]]:
    """Return by how much each counter rose, in how many seconds, and keep where they stand now."""
    added = {}
    for kind, total in subscription.counters.items():
        earlier = before.get((subscription.id, kind))
        count = total - earlier.total if earlier and total >= earlier.total else total
        if count:
            added[kind] = (count, (now - earlier.read_at).total_seconds() if earlier else 0.0)
        session.execute(
            text(
                "INSERT INTO sync_counter (subscription_id, kind, total, read_at) VALUES (:id, :kind, :total, :now) "
                "ON CONFLICT (subscription_id, kind) DO UPDATE SET total = excluded.total, read_at = excluded.read_at"
            ),
            {"id": subscription.id, "kind": kind, "total": total, "now": now},
        )
    return added


def _record(session: Session, subscription: queries.SubscriptionRow, kind: str, count: int, *, now: datetime, detail: str | None) -> None:
    """List a conflict; one that is listed already happened once more."""
    given = {"now": now, "subscription": subscription.name, "id": subscription.id, "kind": kind, "count": count, "detail": detail}
    again = fetch_all(
        session,
        "UPDATE sync_conflict SET count = count + :count, happened_at = :now, total = total + :count "
        "WHERE subscription_id = :id AND kind = :kind AND detail IS NOT DISTINCT FROM :detail AND settled_at IS NULL RETURNING id",
        int,
        **given,
    )
    if not again:
        session.execute(
            text(
                "INSERT INTO sync_conflict (happened_at, subscription, subscription_id, kind, count, total, detail) "
                "VALUES (:now, :subscription, :id, :kind, CAST(:count AS bigint), CAST(:count AS bigint), :detail)"
            ),
            given,
        )


def settle_conflicts(session: Session, *, now: datetime, by: str) -> int:
    """Mark all listed conflicts as settled by somebody; return how many."""
    statement = "UPDATE sync_conflict SET settled_at = :now, settled_by = :by WHERE settled_at IS NULL RETURNING id"
    return len(fetch_all(session, statement, int, now=now, by=by[:64]))
