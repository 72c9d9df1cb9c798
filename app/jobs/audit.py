"""Sealing of the audit trail, and the daily head that is kept outside the database."""

import os
from datetime import date
from pathlib import Path

from flask import Flask, current_app

from app import clock
from app.domain.audit import DatedHead
from app.extensions import Scope, db, enter, transaction
from app.queries.administration import audit as queries
from app.services.administration import audit as service

#: Entries sealed in a transaction, and at most in a turn of the sweep.
BATCH, TURN = 10_000, 100_000


def sweep(app: Flask) -> int:
    """Seal what waits for it; return how many entries were sealed."""
    with app.app_context():
        enter(Scope(actor="sealer", today=clock.today(), everywhere=True))
        try:
            return seal(most=TURN)
        finally:
            db.session.remove()


def seal(*, most: int) -> int:
    """Seal entries in batches, a transaction each; the first batch of a day leaves its head outside, once it is committed."""
    count = 0
    while count < most:
        with transaction() as session:
            done = service.seal(session, most=BATCH)
        if done is None or not done.entries:
            break
        keep_head(DatedHead(clock.today(), done.seq, done.hash))
        count += done.entries
    return count


def keep_head(head: DatedHead) -> None:
    """Append a head to the file outside the database, unless it has one of the day."""
    path = Path(current_app.config["AUDIT_HEADS"])
    kept = heads(path)
    if kept and kept[-1].day >= head.day:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, f"{head.day.isoformat()} {head.seq} {head.hash}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def heads(path: Path) -> list[DatedHead]:
    """Return the heads kept in a file, oldest first; a file that is not there holds none.

    :raises ValueError: if a line is no head
    """
    if not path.exists():
        return []
    rows = [line.split() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    return [DatedHead(date.fromisoformat(day), int(seq), link) for day, seq, link in rows]


def verify(kept: list[DatedHead]) -> queries.Verdict:
    """Walk the whole chain in one snapshot, keep what was found, and return it."""
    session = db.session()
    session.rollback()
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        verdict = queries.verify(session, kept)
    finally:
        session.rollback()
    with transaction() as writing:
        service.record_check(writing, verdict)
    return verdict
