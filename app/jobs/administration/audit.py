"""Sealing of the audit trail, and the signed heads that are kept outside the database."""

from pathlib import Path

from flask import current_app

from app import clock
from app.domain.administration.audit import AuditFault, ChainProblem, KeptHead
from app.extensions import db, transaction
from app.gateways import audit_heads
from app.queries.administration import audit as queries
from app.services.administration import audit as service

#: Entries sealed in a transaction, and at most in a turn of the schedule.
BATCH, TURN = 10_000, 100_000


def seal_waiting() -> int:
    """Seal what waits for it, at most a turn's entries; return how many were sealed."""
    return seal(limit=TURN)


def seal(*, limit: int) -> int:
    """Seal entries in batches, a transaction each; then leave the head outside, at least each minute."""
    count = 0
    while count < limit:
        with transaction() as session:
            done = service.seal(session, limit=BATCH)
        if done is None or not done.entries:
            break
        count += done.entries
    keep_head()
    return count


def keep_head() -> bool:
    """Append the head of what is committed to the file outside, signed, unless it has that head or one of this minute."""
    chain = queries.chain(db.session())
    db.session.rollback()
    if chain.head is None:
        return False
    key = audit_heads.private_key(Path(current_app.config["AUDIT_KEY"]))
    return audit_heads.keep(Path(current_app.config["AUDIT_HEADS"]), key, KeptHead(clock.now(), chain.seq, chain.head))


def public_key() -> str:
    """Return the key that checks heads, made at first use."""
    return audit_heads.public_key(audit_heads.private_key(Path(current_app.config["AUDIT_KEY"])))


def verify(kept: list[KeptHead], *, public: str) -> queries.ChainVerdict:
    """Check heads and triggers and walk the whole chain in one snapshot, keep what was found, and return it.

    :param public: the key that checks the heads
    """
    session = db.session()
    session.rollback()
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        verdict = queries.verify(session, kept)
        forged = audit_heads.forged(kept, public)
        if verdict.fault is None and forged is not None:
            verdict = verdict._replace(fault=AuditFault(ChainProblem.HEAD_FORGED, forged.seq, None))
    finally:
        session.rollback()
    with transaction() as writing:
        service.record_check(writing, verdict)
    return verdict
