"""Sealing of the audit trail, and the record of its verifications."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from app.domain.administration.audit import GENESIS, sealed
from app.domain.administration.privacy import scrubbed_query
from app.models.administration import AuditCheck
from app.queries import locks
from app.queries.administration.audit import TEXT, ChainVerdict
from app.queries.locks import Lock
from app.queries.records import fetch_all, fetch_optional

_WAITING = f"""
    SELECT p.audit_entry_id, CASE WHEN e.id IS NOT NULL THEN {TEXT} END AS content
    FROM audit_pending p LEFT JOIN audit_entry e ON e.id = p.audit_entry_id
    ORDER BY p.audit_entry_id LIMIT :limit
"""
_SEAL = """
    INSERT INTO audit_seal (seq, audit_entry_id, hash)
    SELECT :seq + place, id, decode(hash, 'hex')
    FROM unnest(CAST(:ids AS bigint[]), CAST(:hashes AS text[])) WITH ORDINALITY AS made(id, hash, place)
"""


class Sealed(NamedTuple):
    """What a step of sealing did: the head it left, and how many entries it sealed."""

    seq: int
    hash: str
    entries: int


class _Last(NamedTuple):
    seq: int
    hash: bytes


class _Waiting(NamedTuple):
    audit_entry_id: int
    #: None: the entry is gone
    content: str | None


def seal(session: Session, *, limit: int = 10_000) -> Sealed | None:
    """Seal the oldest entries that wait for it; None while another process does.

    An entry that is gone before it is sealed is sealed as an empty text, so that the verification names it.
    """
    if not locks.try_to_acquire(session, Lock.AUDIT_SEAL):
        return None
    seq, link = fetch_optional(session, "SELECT seq, hash FROM audit_seal ORDER BY seq DESC LIMIT 1", _Last) or _Last(0, GENESIS)
    rows = fetch_all(session, _WAITING, _Waiting, limit=limit)
    hashes = []
    for _id, content in rows:
        link = sealed(link, content or "")
        hashes.append(link.hex())
    if rows:
        _store(session, {"seq": seq, "ids": [row.audit_entry_id for row in rows], "hashes": hashes})
    return Sealed(seq + len(rows), link.hex(), len(rows))


def _store(session: Session, given: dict[str, Any]) -> None:
    session.execute(text(_SEAL), given)
    session.execute(text("DELETE FROM audit_pending WHERE audit_entry_id = ANY(:ids)"), {"ids": given["ids"]})


def record_reading(connection: Connection, page: str, query: Mapping[str, str], rows: Iterable[tuple[str, int]]) -> None:
    """Write into the audit trail that rows were shown to the actor of the transaction, on which page, for which query."""
    shown = sorted(rows)
    connection.execute(
        text("SELECT write_reading(:page, CAST(:query AS jsonb), CAST(:tables AS text[]), CAST(:ids AS bigint[]))"),
        {
            "page": page,
            "query": json.dumps({name[:64]: value[:100].replace("\0", "") for name, value in scrubbed_query(query).items()}),
            "tables": [table for table, _id in shown],
            "ids": [row_id for _table, row_id in shown],
        },
    )


def record_check(session: Session, verdict: ChainVerdict) -> None:
    """Keep what a verification found."""
    fault = verdict.fault
    session.add(
        AuditCheck(
            sealed=verdict.sealed,
            pending=verdict.pending,
            head=verdict.head,
            problem=fault.problem if fault else None,
            problem_seq=fault.seq if fault else None,
            problem_entry_id=fault.entry_id if fault else None,
            problem_detail=fault.detail[:300] or None if fault else None,
        )
    )
    session.flush()
