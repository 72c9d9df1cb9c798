"""The audit trail: searched, compared, verified."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration.audit import NOT_AUDITED, AuditFault, ChainProblem, KeptHead, Link, Walk, names_of, sealed
from app.queries.records import fetch_all, fetch_one, fetch_optional

#: What is sealed of an entry ``e``: every column, in a form that no setting of the session changes. Who asked and who approved came
#: later; an entry without them is sealed as it always was.
TEXT = """(jsonb_build_array(e.id, to_char(e.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.division_id, e.actor,
    e.address, e.table_name, e.row_id, e.operation, e.reason, e.before, e.after)
    || CASE WHEN e.asked_by IS NULL THEN '[]' ELSE jsonb_build_array(e.asked_by, e.approved_by) END)::text"""

PAGE = 50
#: The one trigger that is narrowed on purpose: a provider's call is itself the record of a tender it makes (revision 0021).
_NARROWED = (
    "CREATE TRIGGER tender_audit_insert AFTER INSERT ON public.tender REFERENCING NEW TABLE AS moved FOR EACH STATEMENT WHEN "
    "((current_setting('app.actor'::text, true) IS DISTINCT FROM 'intake'::text)) EXECUTE FUNCTION write_statement('tender')"
)
#: Bits of a trigger's type: INSERT, DELETE and UPDATE; DELETE, UPDATE and TRUNCATE.
_EVENTS, _CHANGES = 4 | 8 | 16, 8 | 16 | 32
_BATCH = 10_000
#: How far from its place a moved entry is looked for.
_NEAR = 20_000


class Search(NamedTuple):
    """What is looked for in the trail; what is None does not matter.

    ``rows`` are pairs of table and row, any of which; ``since`` is included, ``until`` is not.
    """

    rows: tuple[tuple[str, int], ...] | None = None
    table: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    reads: bool | None = None


class AuditRecord(NamedTuple):
    """An entry of the trail."""

    id: int
    happened_at: datetime
    actor: str
    address: str | None
    table_name: str
    row_id: int | None
    operation: str
    reason: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    asked_by: str | None = None
    approved_by: str | None = None


class ChainVerdict(NamedTuple):
    """What a walk along the whole chain found."""

    sealed: int
    pending: int
    head: str | None
    fault: AuditFault | None


_ENTRY = (
    "SELECT e.id, e.happened_at, e.actor, e.address, e.table_name, e.row_id, e.operation, e.reason, e.before, e.after, "
    "e.asked_by, e.approved_by FROM audit_entry e"
)
_CONDITIONS = {
    "table": "e.table_name = ANY(:table)",
    "actor": "e.actor = :actor",
    "since": "e.happened_at >= :since",
    "until": "e.happened_at < :until",
    "reads": "(e.operation = 'READ') = :reads",
}


def entries(session: Session, search: Search, *, before: tuple[datetime, int] | None = None, limit: int = PAGE) -> list[AuditRecord]:
    """Return entries the reader may see, newest first.

    :param before: moment and id of the last entry of the page before
    """
    given: dict[str, Any] = {name: value for name, value in search._asdict().items() if value is not None and name != "rows"}
    if search.table is not None:
        given["table"] = names_of(search.table)
    conditions = [_CONDITIONS[name] for name in given]
    given["limit"] = limit
    if before is not None:
        conditions.append("(e.happened_at, e.id) < (:before_at, :before_id)")
        given |= {"before_at": before[0], "before_id": before[1]}
    places = []
    rows = [(name, row_id) for table, row_id in search.rows or () for name in names_of(table)]
    for place, (table, row_id) in enumerate(rows):
        # A branch a row, each with the index's own order, and the newest of all branches.
        each = " AND ".join([*conditions, f"e.table_name = :table{place}", f"e.row_id = :row{place}"])
        places.append(f"({_ENTRY} WHERE {each} ORDER BY e.happened_at DESC, e.id DESC LIMIT :limit)")
        given |= {f"table{place}": table, f"row{place}": row_id}
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    source = " UNION ALL ".join(places) or f"{_ENTRY} {where}"
    return fetch_all(session, f"SELECT * FROM ({source}) t ORDER BY happened_at DESC, id DESC LIMIT :limit", AuditRecord, **given)


def entry(session: Session, entry_id: int) -> AuditRecord | None:
    """Return an entry, or None if it is not there (or not the reader's)."""
    return fetch_optional(session, f"{_ENTRY} WHERE e.id = :id", AuditRecord, id=entry_id)


def limit_time(session: Session, milliseconds: int) -> None:
    """Let no statement of this transaction take longer."""
    session.execute(text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": str(milliseconds)})


class Chain(NamedTuple):
    """Where the sealing stands."""

    seq: int
    head: str | None
    pending: int
    oldest_pending_at: datetime | None


def chain(session: Session) -> Chain:
    """Return the head of the chain and what waits to be sealed, as far as anybody cares."""
    statement = """
        SELECT coalesce(s.seq, 0) AS seq, encode(s.hash, 'hex') AS head,
               (SELECT count(*) FROM (SELECT 1 FROM audit_pending LIMIT 10001) t) AS pending,
               (SELECT happened_at FROM audit_entry WHERE id = (
                   SELECT audit_entry_id FROM audit_pending ORDER BY audit_entry_id LIMIT 1)) AS oldest_pending_at
        FROM (SELECT 1) one LEFT JOIN (SELECT seq, hash FROM audit_seal ORDER BY seq DESC LIMIT 1) s ON true
        """
    return fetch_one(session, statement, Chain)


class ChainCheck(NamedTuple):
    """A verification of the chain."""

    created_at: datetime
    created_by: str
    sealed: int
    pending: int
    head: str | None
    problem: str | None
    problem_seq: int | None
    problem_entry_id: int | None
    problem_detail: str | None


def checks(session: Session, *, limit: int = 10) -> list[ChainCheck]:
    """Return the last verifications, newest first."""
    statement = (
        "SELECT created_at, created_by, sealed, pending, head, problem, problem_seq, problem_entry_id, problem_detail "
        "FROM audit_check ORDER BY id DESC LIMIT :limit"
    )
    return fetch_all(session, statement, ChainCheck, limit=limit)


def verify(session: Session, heads: list[KeptHead]) -> ChainVerdict:
    """Walk the chain from its first seal and return the first bad row, if there is one.

    The session's transaction must be a snapshot (REPEATABLE READ), or entries sealed meanwhile look inserted.
    """
    walk = Walk({head.seq: head.hash for head in heads})
    fault = None
    for links in _links(session):
        fault = walk.verify(links)
        if fault is not None:
            break
    fault = fault or walk.end() or _inserted(session) or _silent(session)
    if fault is not None and fault.problem == ChainProblem.CHANGED and _moved(session, walk):
        fault = fault._replace(problem=ChainProblem.REORDERED)
    pending = fetch_one(session, "SELECT count(*) FROM audit_pending", int)
    return ChainVerdict(walk.seq, pending, walk.hash.hex() if walk.seq else None, fault)


def _links(session: Session) -> Iterator[list[Link]]:
    """Return the chain in batches; a gap of seals ends nothing."""
    statement = f"""
        SELECT s.seq, s.audit_entry_id AS entry_id, s.hash, CASE WHEN e.id IS NOT NULL THEN {TEXT} END AS text
        FROM (SELECT * FROM audit_seal WHERE seq > :after ORDER BY seq LIMIT {_BATCH}) s
        LEFT JOIN archive.audit_entry e ON e.id = s.audit_entry_id ORDER BY s.seq
        """
    links = fetch_all(session, statement, Link, after=-1)
    while links:
        yield links
        links = fetch_all(session, statement, Link, after=links[-1].seq)


class _Triggers(NamedTuple):
    table_name: str
    #: which events its triggers write down, and which they refuse, as bits of ``pg_trigger.tgtype``
    audited: int
    kept: int


class _Near(NamedTuple):
    hash: bytes
    content: str
    renumbered: str


def silent_tables(session: Session) -> list[str]:
    """Return the tables whose changes leave no audit row, or not all: a trigger is missing, off, narrowed, or does nothing.

    Tables of the trail itself that could be changed count too, and each of their months, whether detached or not.
    """
    covered = """
        SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS table_name,
               coalesce(bit_or(t.tgtype::int) FILTER (WHERE p.proname IN ('write_audit', 'write_statement')), 0) & 28 AS audited,
               coalesce(bit_or(t.tgtype::int) FILTER (WHERE p.proname = 'refuse_change'), 0) & 56 AS kept
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'monthly', 'archive')
        LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
             AND cardinality(t.tgattr::int2[]) = 0 AND (t.tgqual IS NULL OR pg_get_triggerdef(t.oid) = :narrowed)
        LEFT JOIN pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = 'public'::regnamespace
             AND (p.prosrc LIKE '%INSERT INTO audit_entry%INSERT INTO audit_pending%' OR p.proname = 'refuse_change')
             AND split_part(encode(t.tgargs, 'escape'), '\\000', 1)
                 IN (c.relname, regexp_replace(c.relname, '_([0-9]{4}_[0-9]{2}|default)$', ''))
        WHERE c.relkind IN ('r', 'p') GROUP BY n.nspname, c.relname
        """
    return sorted(each.table_name for each in fetch_all(session, covered, _Triggers, narrowed=_NARROWED) if _is_silent(*each))


def _is_silent(table: str, audited: int, kept: int) -> bool:
    if "." in table or table in {"audit_entry", "audit_seal"}:
        return kept != _CHANGES
    return table not in NOT_AUDITED and audited != _EVENTS


def _silent(session: Session) -> AuditFault | None:
    """Return that triggers of the trail are missing or off, and on which tables."""
    silent = silent_tables(session)
    return AuditFault(ChainProblem.TRIGGER_OFF, None, None, ", ".join(silent)) if silent else None


def _inserted(session: Session) -> AuditFault | None:
    """Return the first entry that neither is sealed nor waits for it: it came in beside the functions that write the trail."""
    statement = """
        SELECT min(e.id) FROM archive.audit_entry e
        WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.audit_entry_id = e.id)
          AND NOT EXISTS (SELECT 1 FROM audit_pending p WHERE p.audit_entry_id = e.id)
        """
    first = fetch_optional(session, statement, int)
    return AuditFault(ChainProblem.INSERTED, None, first) if first is not None else None


def _moved(session: Session, walk: Walk) -> bool:
    """Tell whether what belongs in the place of the link that does not fit stands elsewhere: entry, number or seal."""
    assert walk.suspect is not None
    link = walk.suspect[0]
    near = f"""
        SELECT s.hash, {TEXT} AS content, {TEXT.replace("e.id", "CAST(:id AS bigint)", 1)} AS renumbered
        FROM audit_seal s JOIN archive.audit_entry e ON e.id = s.audit_entry_id WHERE s.seq BETWEEN :low AND :high AND s.seq <> :seq
        """
    given = {"id": link.entry_id, "seq": link.seq, "low": link.seq - _NEAR, "high": link.seq + _NEAR}
    for stored, content, renumbered in fetch_all(session, near, _Near, **given):
        due = sealed(walk.hash, content)
        if due in (link.hash, stored) or sealed(walk.hash, renumbered) == link.hash:
            return True
    return False
