"""The audit trail: searched, compared, verified."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.audit import ChainProblem, DatedHead, Fault, Link, Walk, sealed

#: What is sealed of an entry ``e``: every column, in a form that no setting of the session changes.
TEXT = """jsonb_build_array(e.id, to_char(e.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.division_id, e.actor,
    e.address, e.table_name, e.row_id, e.operation, e.reason, e.before, e.after)::text"""

PAGE = 50
_BATCH = 10_000
#: How far from its place a moved entry is looked for.
_NEAR = 20_000


class Verdict(NamedTuple):
    """What a walk along the whole chain found."""

    sealed: int
    pending: int
    head: str | None
    fault: Fault | None


def verify(session: Session, heads: list[DatedHead]) -> Verdict:
    """Walk the chain from its first seal and return the first bad row, if there is one.

    The session's transaction must be a snapshot (REPEATABLE READ), or entries sealed meanwhile look inserted.
    """
    walk = Walk({head.seq: head.hash for head in heads})
    fault = None
    for links in _links(session):
        fault = walk.take(links)
        if fault is not None:
            break
    fault = fault or walk.end() or _inserted(session)
    if fault is not None and fault.problem == ChainProblem.CHANGED and _moved(session, walk):
        fault = fault._replace(problem=ChainProblem.REORDERED)
    pending = int(session.scalar(text("SELECT count(*) FROM audit_pending")) or 0)
    return Verdict(walk.seq, pending, walk.hash.hex() if walk.seq else None, fault)


def _links(session: Session) -> Iterator[list[Link]]:
    """Return the chain in batches; a gap of seals ends nothing."""
    statement = text(
        f"""
        SELECT s.seq, s.audit_entry_id, s.hash, CASE WHEN e.id IS NOT NULL THEN {TEXT} END
        FROM (SELECT * FROM audit_seal WHERE seq > :after ORDER BY seq LIMIT {_BATCH}) s
        LEFT JOIN audit_entry e ON e.id = s.audit_entry_id ORDER BY s.seq
        """
    )
    after = -1
    while True:
        rows = session.execute(statement, {"after": after}).all()
        if not rows:
            return
        yield [Link(row[0], row[1], bytes(row[2]), row[3]) for row in rows]
        after = rows[-1][0]


def _inserted(session: Session) -> Fault | None:
    """Return the first entry that neither is sealed nor waits for it: it came in beside the functions that write the trail."""
    first = session.scalar(
        text(
            """
            SELECT min(e.id) FROM audit_entry e
            WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.audit_entry_id = e.id)
              AND NOT EXISTS (SELECT 1 FROM audit_pending p WHERE p.audit_entry_id = e.id)
            """
        )
    )
    return Fault(ChainProblem.INSERTED, None, int(first)) if first is not None else None


def _moved(session: Session, walk: Walk) -> bool:
    """Tell whether what belongs in the place of the link that does not fit stands elsewhere: entry, number or seal."""
    assert walk.suspect is not None
    link = walk.suspect[0]
    near = text(
        f"""
        SELECT s.hash, {TEXT}, {TEXT.replace("e.id", "CAST(:id AS bigint)", 1)}
        FROM audit_seal s JOIN audit_entry e ON e.id = s.audit_entry_id WHERE s.seq BETWEEN :low AND :high AND s.seq <> :seq
        """
    )
    given = {"id": link.entry_id, "seq": link.seq, "low": link.seq - _NEAR, "high": link.seq + _NEAR}
    for stored, content, renumbered in session.execute(near, given):
        due = sealed(walk.hash, content)
        if due in (link.hash, bytes(stored)) or sealed(walk.hash, renumbered) == link.hash:
            return True
    return False
