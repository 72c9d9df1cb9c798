"""Readings that a system sends in batches: judged and booked like those of a file; doubtful ones wait for a person."""

import hashlib
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.domain.metering import ImportContent, ImportStatus, RowStatus
from app.gateways.meter_data import ReadingRow
from app.models.metering import ReadingImport
from app.queries import locks
from app.queries import metering as queries
from app.queries.locks import Lock
from app.queries.metering import SourceRecord
from app.services import administration
from app.services.metering.files import accept_rows, check_rows, finish_acceptance, finish_check


class OtherContents(Exception):
    """The idempotency key was used for other contents."""


def first_answer(session: Session, source: SourceRecord, *, key: str, body: bytes) -> str | None:
    """Return what the source was answered when it sent the batch before; None: it did not. Two equal calls wait for one another.

    :raises OtherContents: if it sent other contents under the key
    """
    locks.acquire(session, Lock.KEY, "reading_batch", source.id, key)
    before = queries.batch_of(session, source.id, key)
    if before is None:
        return None
    if before[1] != hashlib.sha256(body).hexdigest():
        raise OtherContents
    return before[2]


def open_batch(
    session: Session, source: SourceRecord, *, key: str, body: bytes, content: ImportContent = ImportContent.READINGS
) -> ReadingImport:
    """Keep a batch as it came, and return its import; whoever calls keeps the reply with it."""
    stored = administration.store_file(
        session, division_id=source.division_id, name=f"{key}.json", media_type="application/json", content=body
    )
    target = ReadingImport(
        division_id=source.division_id,
        stored_file_id=stored.id,
        meter_data_source_id=source.id,
        idempotency_key=key,
        reply="",
        content=content,
    )
    session.add(target)
    session.flush()
    return target


def take_batch(session: Session, source: SourceRecord, *, key: str, body: bytes, rows: Sequence[ReadingRow], today: date) -> ReadingImport:
    """Judge the readings of a batch and book those that nothing speaks against.

    Doubtful ones are held: the batch stays CHECKED until a person records or discards them. Whoever calls keeps the reply with it.
    """
    target = open_batch(session, source, key=key, body=body)
    check_rows(session, target, rows, today=today)
    finish_check(session, target, today=today)
    if target.status == ImportStatus.CHECKED:
        accept_rows(session, target, after=0, limit=len(rows), today=today, doubtful=False)
        if not queries.import_rows(session, target.id, only=(RowStatus.GOOD,), limit=1):
            finish_acceptance(session, target)
    return target
