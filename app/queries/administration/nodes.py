"""How the exchange with nodes stands: who this database is, its subscriptions, slots, conflicts and packages."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration.nodes import CENTRE, NodeCondition, condition
from app.domain.calendar import TASHKENT
from app.models.administration import Node, NodeSetting, SyncCounter, SyncPackage
from app.queries.administration.parameters import value_on
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_one, fetch_optional


class NodeIdentity(NamedTuple):
    """Which database this is, and the version of the reference information it works on."""

    number: int
    name: str
    release: int
    released_at: datetime | None


class NodeRow(NamedTuple):
    """A node as the centre knows it."""

    number: int
    name: str
    division: str
    condition: NodeCondition
    release: int | None
    versions_behind: int | None
    seen_at: datetime | None
    #: bytes of the centre's changes the node has not confirmed
    lag_bytes: int | None
    #: bytes of changes the centre keeps for the node
    retained_bytes: int | None
    #: bytes of the node's changes the centre had not confirmed when it was last heard of
    waiting_bytes: int | None
    conflicts: int
    division_id: int


class SubscriptionRow(NamedTuple):
    """A subscription of this database: whether it runs, how long ago the last message came, and what it counted."""

    id: int
    name: str
    is_enabled: bool
    is_running: bool
    lag_s: float | None
    counters: dict[str, int]


class SlotRow(NamedTuple):
    """What this database keeps for a reader of its changes."""

    name: str
    is_active: bool
    lag_bytes: int
    retained_bytes: int
    wal_status: str


class ConflictRow(NamedTuple):
    """A conflict that nobody has settled."""

    id: int
    happened_at: datetime
    subscription: str
    kind: str
    times: int
    detail: str | None


class PackageRow(NamedTuple):
    """A package file that left or arrived."""

    number: int
    direction: str
    kind: str
    version: int
    rows: int
    created_at: datetime
    acknowledged_at: datetime | None


def own_number(session: Session) -> int:
    """Return which node this database is; 0 is the centre."""
    number = session.scalar(select(NodeSetting.number))
    return CENTRE if number is None else int(number)


def release(session: Session) -> int:
    """Return the version of the reference information."""
    return fetch_one(session, "SELECT coalesce(max(number), 0) FROM reference_release", int)


def own_division(session: Session) -> int:
    """Return the division this database works for: a node's own, at the centre the whole company."""
    statement = """
        SELECT coalesce(n.division_id, d.id) FROM division d LEFT JOIN node n ON n.number = :own AND n.number <> 0 WHERE d.parent_id IS NULL
        """
    return fetch_one(session, statement, int, own=own_number(session))


def is_within_scope(session: Session, division_id: int) -> bool:
    """Return whether the transaction at hand works in a division."""
    return fetch_one(session, "SELECT :id = ANY ((SELECT app_divisions())::bigint[])", bool, id=division_id)


def is_written_elsewhere(session: Session, account_id: int) -> bool:
    """Tell whether an account's division works on its own node, and this database is not it."""
    statement = """
        SELECT EXISTS (
            SELECT 1 FROM account a JOIN division d ON d.id = a.division_id
            JOIN node n ON n.number <> 0 AND n.dropped_at IS NULL JOIN division top ON top.id = n.division_id
            WHERE a.id = :account_id AND starts_with(d.path, top.path) AND n.number <> :own)
        """
    return fetch_one(session, statement, bool, account_id=account_id, own=own_number(session))


def highest_division_written_here(session: Session) -> int | None:
    """Return the highest division of the transaction's scope whose rows are written in this database; None: there is none."""
    statement = """
        WITH elsewhere AS (
            SELECT top.path FROM node n JOIN division top ON top.id = n.division_id
            WHERE n.number NOT IN (0, :own) AND n.dropped_at IS NULL AND :own = 0)
        SELECT d.id FROM division d
        WHERE d.id = ANY ((SELECT app_divisions())::bigint[]) AND NOT EXISTS (SELECT FROM elsewhere e WHERE starts_with(d.path, e.path))
          AND (:own = 0 OR EXISTS (
              SELECT FROM node n JOIN division top ON top.id = n.division_id WHERE n.number = :own AND starts_with(d.path, top.path)))
        ORDER BY length(d.path), d.id LIMIT 1
        """
    return fetch_optional(session, statement, int, own=own_number(session))


def place(session: Session) -> NodeIdentity:
    """Return who this database is and what it works on."""
    number = own_number(session)
    released_at = fetch_optional(session, "SELECT released_at FROM reference_release ORDER BY number DESC LIMIT 1", datetime)
    name = session.scalar(select(Node.name).where(Node.number == number))
    return NodeIdentity(number, str(name or ""), release(session), released_at)


def nodes(session: Session, *, now: datetime) -> list[NodeRow]:
    """Return the nodes that work, judged by what the centre knows of them; a node knows nothing of the others."""
    if own_number(session) != CENTRE:
        return []
    latest = release(session)
    statement = f"""
        SELECT n.number, n.name, n.division_id, {shown("d")} AS division, n.is_linked, sub.subenabled IS NOT TRUE AS is_stopped,
               s.reference_release AS release, s.seen_at,
               pg_wal_lsn_diff(pg_current_wal_lsn(), slot.confirmed_flush_lsn)::bigint AS lag_bytes,
               pg_wal_lsn_diff(pg_current_wal_lsn(), slot.restart_lsn)::bigint AS retained_bytes, s.waiting_bytes,
               coalesce(s.conflicts, 0) AS conflicts,
               (SELECT max(version) FROM sync_package p
                WHERE p.number = n.number AND p.kind = 'REFERENCE' AND p.acknowledged_at IS NOT NULL) AS acknowledged
        FROM node n JOIN division d ON d.id = n.division_id LEFT JOIN node_state s ON s.number = n.number
        LEFT JOIN pg_replication_slots slot ON slot.slot_name = 'pcb_node_' || n.number AND slot.database = current_database()
        LEFT JOIN pg_subscription sub ON sub.subname = 'pcb_node_' || n.number
             AND sub.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        WHERE n.number <> 0 AND n.dropped_at IS NULL ORDER BY n.number
        """
    silent_after_s = value_on(session, "nodes.silent_seconds", now.astimezone(TASHKENT).date())
    return [_judged(row, latest, now, silent_after_s) for row in fetch_all(session, statement, _KnownNode)]


class _KnownNode(NamedTuple):
    number: int
    name: str
    division_id: int
    division: str
    is_linked: bool
    is_stopped: bool
    release: int | None
    seen_at: datetime | None
    lag_bytes: int | None
    retained_bytes: int | None
    waiting_bytes: int | None
    conflicts: int
    acknowledged: int | None


def _judged(row: _KnownNode, latest: int, now: datetime, silent_after_s: int) -> NodeRow:
    known = row.release if row.is_linked else row.acknowledged or row.release
    silent_s = (now - row.seen_at).total_seconds() if row.seen_at else None
    behind = latest - known if known is not None else None
    judged = condition(
        is_linked=row.is_linked, is_stopped=row.is_stopped, silent_s=silent_s, silent_after_s=silent_after_s, versions_behind=behind or 0
    )
    sizes = (row.lag_bytes, row.retained_bytes, row.waiting_bytes)
    return NodeRow(row.number, row.name, row.division, judged, known, behind, row.seen_at, *sizes, row.conflicts, row.division_id)


def subscriptions(session: Session) -> list[SubscriptionRow]:
    """Return this database's subscriptions with every counter of theirs that is not zero."""
    statement = """
        SELECT s.oid::bigint AS id, s.subname AS name, s.subenabled AS is_enabled, st.pid IS NOT NULL AS is_running,
               extract(epoch FROM now() - st.latest_end_time)::float8 AS lag_s,
               coalesce(to_jsonb(c) - ARRAY['subid', 'subname', 'stats_reset'], '{}') AS counters
        FROM pg_subscription s
        LEFT JOIN pg_stat_subscription st ON st.subid = s.oid AND st.worker_type = 'apply'
        LEFT JOIN pg_stat_subscription_stats c ON c.subid = s.oid
        WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY s.subname
        """
    return [row._replace(counters=_counted(row.counters)) for row in fetch_all(session, statement, SubscriptionRow)]


def _counted(counters: dict[str, int]) -> dict[str, int]:
    return {name.removeprefix("confl_"): value for name, value in counters.items() if value}


def slots(session: Session) -> list[SlotRow]:
    """Return what this database keeps for readers of its changes."""
    statement = """
        SELECT slot_name AS name, active AS is_active,
               coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint AS lag_bytes,
               coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint AS retained_bytes,
               coalesce(wal_status, '') AS wal_status
        FROM pg_replication_slots WHERE database = current_database() AND slot_name LIKE 'pcb%' ORDER BY slot_name
        """
    return fetch_all(session, statement, SlotRow)


def open_conflicts(session: Session, *, limit: int = 100) -> list[ConflictRow]:
    """Return the conflicts nobody has settled, the latest first."""
    statement = (
        "SELECT id, happened_at, subscription, kind, count AS times, detail FROM sync_conflict WHERE settled_at IS NULL "
        "ORDER BY id DESC LIMIT :limit"
    )
    return fetch_all(session, statement, ConflictRow, limit=limit)


def open_conflict_count(session: Session) -> int:
    """Return how many conflicts nobody has settled, and how many exchanges stand still, in one figure."""
    statement = """
        SELECT (SELECT count(*) FROM sync_conflict WHERE settled_at IS NULL) + (
            SELECT count(*) FROM pg_subscription
            WHERE NOT subenabled AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
        """
    return fetch_one(session, statement, int)


class Counted(NamedTuple):
    """How far a counter of a subscription had come, and when it was read."""

    total: int
    read_at: datetime


def counted_before(session: Session) -> dict[tuple[int, str], Counted]:
    """Return the counters of subscriptions as they were last read."""
    rows = session.execute(select(SyncCounter.subscription_id, SyncCounter.kind, SyncCounter.total, SyncCounter.read_at))
    return {(row.subscription_id, row.kind): Counted(row.total, row.read_at) for row in rows}


def packages(session: Session, *, limit: int = 50) -> list[PackageRow]:
    """Return the latest package files."""
    fields = (
        SyncPackage.number,
        SyncPackage.direction,
        SyncPackage.kind,
        SyncPackage.version,
        SyncPackage.rows,
        SyncPackage.created_at,
        SyncPackage.acknowledged_at,
    )
    return [PackageRow(*row) for row in session.execute(select(*fields).order_by(SyncPackage.id.desc()).limit(limit))]
