"""Registries of banks and of the post: a file becomes tenders, all of it or nothing, however often it is sent.

Rows are matched set-wise: a reference known with the same contents is a repeat, with others a problem; a row whose account nobody
has, or which may take no payments, is money in suspense.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from psycopg.errors import UniqueViolation
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.payments import ControlKind, ControlStatus
from app.domain.registries import Profile, Totals
from app.gateways.registries import COPY_COLUMNS, Registry
from app.models.payments import PaymentControl, RegistryProfile
from app.queries import payments as queries
from app.services.administration import start_job, store_file

#: Chunks of about a megabyte that are taken at once.
CHUNKS_OF_PART = 16


class LoadedBefore(Exception):
    """The same file was loaded before; the text is its control's id."""


class TotalsDiffer(Exception):
    """A file holds something else than its own control totals say; nothing of it is taken."""

    def __init__(self, declared: Totals, found: Totals) -> None:
        super().__init__(f"declared {declared.count} rows, {declared.sum_tiyin} tiyin; found {found.count} rows, {found.sum_tiyin} tiyin")
        self.declared, self.found = declared, found


class Upload(NamedTuple):
    """A file somebody brings."""

    name: str
    media_type: str
    content: bytes


class Outcome(NamedTuple):
    """What became of the rows of a registry."""

    received: int
    accepted: int
    suspense: int
    repeated: int
    rejected: int


def receive(session: Session, upload: Upload, *, profile_id: int, division_id: int, today: date) -> int:
    """Keep a file and start loading it; return the job's id.

    :raises LoadedBefore: if the contract has the same file already
    """
    profile = session.execute(select(RegistryProfile).where(RegistryProfile.id == profile_id)).scalar_one()
    digest = hashlib.sha256(upload.content).hexdigest()
    known = select(PaymentControl.id).where(
        PaymentControl.payment_contract_id == profile.payment_contract_id,
        PaymentControl.file_sha256 == digest,
        PaymentControl.status != ControlStatus.REFUSED,
    )
    if (before := session.scalar(known)) is not None:
        raise LoadedBefore(str(before))
    stored = store_file(session, division_id=division_id, name=upload.name, media_type=upload.media_type, content=upload.content)
    control = PaymentControl(
        kind=ControlKind.REGISTRY, division_id=division_id, payment_contract_id=profile.payment_contract_id, business_day=today,
        name=stored.name, stored_file_id=stored.id, file_sha256=digest, registry_profile_id=profile.id,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(control)
    except IntegrityError:
        # Another operator sent it in this moment.
        raise LoadedBefore(str(session.scalar(known) or "")) from None
    return start_job(session, JobKind.REGISTRY_LOAD, division_id=division_id, subject_id=control.id)


def profile_of(session: Session, control: PaymentControl) -> Profile:
    """Return the layout a registry is read by."""
    assert control.registry_profile_id is not None
    statement = select(RegistryProfile.layout).where(RegistryProfile.id == control.registry_profile_id)
    return Profile.from_dict(session.execute(statement).scalar_one())


def control_of(session: Session, control_id: int) -> PaymentControl:
    """Return a control, locked."""
    return session.execute(select(PaymentControl).where(PaymentControl.id == control_id).with_for_update()).scalar_one()


_STAGING = f"""
    CREATE TEMPORARY TABLE registry_staging ({", ".join(f"{name} {kind}" for name, kind in COPY_COLUMNS.items())}) ON COMMIT DROP
"""
_GOOD = "s.problem IS NULL AND s.amount_tiyin > 0"
#: Good rows whose reference an earlier row of the file bears.
_REPEATS = text(
    f"""
    CREATE TEMPORARY TABLE registry_repeat ON COMMIT DROP AS
    SELECT row FROM (SELECT s.row, row_number() OVER (PARTITION BY s.reference ORDER BY s.row) FROM registry_staging s WHERE {_GOOD}) n
    WHERE row_number > 1
    """
)
#: Keeps the first row of each reference, and posts what is in suspense.
_WRITE = f"""
    WITH written AS (
        INSERT INTO tender (division_id, payment_contract_id, reference, account_id, account_number, amount_tiyin, status, provider_ms,
                            created_ms, performed_ms, payment_control_id, received_on, waiting, payer, phone, purpose)
        SELECT coalesce(a.division_id, :division), :contract, s.reference, a.id, s.account_number, s.amount_tiyin, 'PERFORMED',
               0, :now_ms, :now_ms, :control, least(coalesce(s.paid_on, CAST(:today AS date)), CAST(:today AS date)), a.id IS NOT NULL,
               left(s.payer, 200), left(s.phone, 32), left(s.purpose, 500)
        FROM registry_staging s
        LEFT JOIN (SELECT c.id, c.number, c.division_id FROM account c WHERE NOT {queries.BLOCKED} AND NOT {queries.ELSEWHERE}) a
            ON a.number = s.account_number
        WHERE {_GOOD} AND s.row NOT IN (SELECT row FROM registry_repeat)
        ORDER BY s.row {{}}
        RETURNING id, account_id, division_id, amount_tiyin
    ), suspended AS (
        INSERT INTO control_entry (division_id, payment_control_id, tender_id, debit, credit, amount_tiyin, posted_on, reason)
        SELECT division_id, :control, id, 'PROVIDER', 'SUSPENSE', amount_tiyin, :today, 'account unknown'
        FROM written WHERE account_id IS NULL ORDER BY id
    )
    SELECT count(account_id), count(*) - count(account_id), coalesce(sum(amount_tiyin), 0),
           (SELECT count(*) FROM registry_staging s WHERE {_GOOD}) - (SELECT count(*) FROM registry_repeat)
    FROM written
"""
#: Where all references are new, which most are, nothing is looked up before it is written.
_WRITE_NEW = text(_WRITE.format(""))
_WRITE_SOME = text(_WRITE.format("ON CONFLICT (payment_contract_id, reference) DO NOTHING"))
#: Rows that are bad, and rows of a reference that stands for something else: in the table, or in an earlier row of the file.
#: Only where a reference was known before must all rows be looked up.
_OTHERS = text(
    f"""
    INSERT INTO registry_problem (division_id, payment_control_id, row_no, reference, account_number, amount_tiyin, problem,
                                  column_name, value)
    SELECT :division, :control, s.row, s.reference, s.account_number, s.amount_tiyin,
           coalesce(s.problem, CASE WHEN s.amount_tiyin < 0 THEN 'TAKEN_BACK' ELSE 'OTHER_CONTENTS' END),
           left(s.problem_column, 64), s.problem_value
    FROM (SELECT * FROM registry_staging s WHERE :all OR NOT ({_GOOD}) OR s.row IN (SELECT row FROM registry_repeat)) s
    LEFT JOIN LATERAL (
        SELECT account_number, amount_tiyin FROM tender
        WHERE payment_contract_id = :contract AND reference = s.reference AND {_GOOD} OFFSET 0
    ) t ON true
    WHERE NOT ({_GOOD}) OR (t.account_number, t.amount_tiyin) IS DISTINCT FROM (s.account_number, s.amount_tiyin)
    ORDER BY s.row
    """
)


def load(session: Session, control: PaymentControl, registry: Registry, *, now: datetime, today: date) -> Outcome:
    """Turn a registry's rows into tenders of its control, all in this transaction; while some are written, the next are read.

    :raises TotalsDiffer: if the file's own totals are others; the caller gives the transaction up
    :raises Unreadable: if the file cannot be read to its end; the same holds
    """
    given = {
        "contract": control.payment_contract_id, "control": control.id, "division": control.division_id, "today": today,
        "now_ms": int(now.timestamp() * 1000),
    }  # fmt: skip
    # A part is sorted in memory, and its statistics are rough.
    session.execute(text("SELECT set_config('work_mem', '128MB', true), set_config('default_statistics_target', '10', true)"))
    parts, taken = _parts(registry.chunks), [_Taken(0, 0, 0, 0)]
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, parts, None)
        while part := coming.result():
            coming = reader.submit(next, parts, None)
            taken.append(_take(session, part, given))
    summary = registry.summary
    if not summary.totals_agree:
        assert summary.declared is not None
        raise TotalsDiffer(summary.declared, summary.found)
    accepted, suspense, rejected, sum_tiyin = map(sum, zip(*taken, strict=True))
    outcome = Outcome(summary.rows, accepted, suspense, summary.rows - accepted - suspense - rejected, rejected)
    assert outcome.repeated >= 0
    control.received, control.accepted, control.suspense, control.repeated, control.rejected = outcome
    control.tenders, control.received_tiyin = accepted + suspense, sum_tiyin
    control.registry_number = summary.registry_number[:64] or None
    session.flush()
    return outcome


class _Taken(NamedTuple):
    accepted: int
    suspense: int
    rejected: int
    sum_tiyin: int


def _parts(chunks: Iterator[bytes]) -> Iterator[list[bytes]]:
    while part := list(islice(chunks, CHUNKS_OF_PART)):
        yield part


def _take(session: Session, part: Sequence[bytes], given: dict[str, Any]) -> _Taken:
    """Take some rows."""
    session.execute(text("DROP TABLE IF EXISTS pg_temp.registry_staging, pg_temp.registry_repeat"))
    session.execute(text(_STAGING))
    cursor: Any = session.connection().connection.cursor()
    with cursor, cursor.copy(f"COPY registry_staging ({', '.join(COPY_COLUMNS)}) FROM STDIN") as stream:
        for chunk in part:
            stream.write(chunk)
    # A row without an account is money all the same.
    session.execute(text("UPDATE registry_staging SET account_number = '' WHERE account_number IS NULL AND problem IS NULL"))
    session.execute(text("ANALYZE registry_staging"))
    session.execute(_REPEATS)
    try:
        with session.begin_nested():
            accepted, suspense, sum_tiyin, first = map(int, session.execute(_WRITE_NEW, given).one())
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        accepted, suspense, sum_tiyin, first = map(int, session.execute(_WRITE_SOME, given).one())
    rejected = session.execute(_OTHERS, given | {"all": accepted + suspense < first}).rowcount  # type: ignore[attr-defined]
    return _Taken(accepted, suspense, int(rejected), sum_tiyin)


def refuse(session: Session, control_id: int) -> None:
    """Record that nothing of a registry was taken; the file can come again."""
    control = control_of(session, control_id)
    if control.status == ControlStatus.OPEN:
        control.status = ControlStatus.REFUSED
        session.flush()
