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
from app.services.payments.controls import enter_suspense_of

#: Chunks of about a megabyte that are taken at once.
CHUNKS_OF_PART = 8


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
_FIRST = text(f"SELECT (SELECT count(*) FROM registry_staging s WHERE {_GOOD}), (SELECT count(*) FROM registry_repeat)")
_WRITE = text(
    f"""
    WITH written AS (
        INSERT INTO tender (division_id, payment_contract_id, reference, account_id, account_number, amount_tiyin, status, provider_ms,
                            created_ms, performed_ms, payment_control_id, received_on, waiting, payer, phone, purpose)
        SELECT coalesce(a.division_id, :division), :contract, s.reference, a.id, s.account_number, s.amount_tiyin, 'PERFORMED',
               0, :now_ms, :now_ms, :control,
               least(coalesce(s.paid_on, CAST(:today AS date)), CAST(:today AS date)), a.id IS NOT NULL,
               left(s.payer, 200), left(s.phone, 32), left(s.purpose, 500)
        FROM registry_staging s
        LEFT JOIN (SELECT c.id, c.number, c.division_id FROM account c WHERE NOT {queries.BLOCKED} AND NOT {queries.ELSEWHERE}) a
            ON a.number = s.account_number
        WHERE {_GOOD} AND s.row NOT IN (SELECT row FROM registry_repeat)
        ORDER BY s.row
        ON CONFLICT (payment_contract_id, reference) DO NOTHING
        RETURNING account_id
    )
    SELECT count(account_id), count(*) - count(account_id) FROM written
    """
)
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
    LEFT JOIN tender t ON t.payment_contract_id = :contract AND t.reference = s.reference AND {_GOOD}
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
    session.execute(text("SET LOCAL work_mem = '128MB'"))
    parts = _parts(registry.chunks)
    accepted, suspense, rejected = 0, 0, 0
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, parts, None)
        while part := coming.result():
            coming = reader.submit(next, parts, None)
            taken = _take(session, part, given)
            accepted, suspense, rejected = accepted + taken[0], suspense + taken[1], rejected + taken[2]
    summary = registry.summary
    if not summary.totals_agree:
        assert summary.declared is not None
        raise TotalsDiffer(summary.declared, summary.found)
    enter_suspense_of(session, control.id, on=today)
    outcome = Outcome(summary.rows, accepted, suspense, summary.rows - accepted - suspense - rejected, rejected)
    assert outcome.repeated >= 0
    control.received, control.accepted, control.suspense, control.repeated, control.rejected = outcome
    control.tenders, control.received_tiyin = queries.sums(session, control.id)
    control.registry_number = summary.registry_number[:64] or None
    session.flush()
    return outcome


def _parts(chunks: Iterator[bytes]) -> Iterator[list[bytes]]:
    while part := list(islice(chunks, CHUNKS_OF_PART)):
        yield part


def _take(session: Session, part: Sequence[bytes], given: dict[str, Any]) -> tuple[int, int, int]:
    """Take some rows; return how many were accepted, are in suspense, and were rejected."""
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
    accepted, suspense = map(int, session.execute(_WRITE, given).one())
    good, repeats = map(int, session.execute(_FIRST).one())
    all_known = {"all": accepted + suspense < good - repeats}
    return accepted, suspense, int(session.execute(_OTHERS, given | all_known).rowcount)  # type: ignore[attr-defined]


def refuse(session: Session, control_id: int) -> None:
    """Record that nothing of a registry was taken; the file can come again."""
    control = control_of(session, control_id)
    if control.status == ControlStatus.OPEN:
        control.status = ControlStatus.REFUSED
        session.flush()
