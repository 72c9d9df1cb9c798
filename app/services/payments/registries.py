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
from app.services import bulk
from app.services.administration import start_job, store_file
from app.services.payments.controls import enter_suspense_of

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
#: Good rows whose reference an earlier row of the part bears.
_REPEATS = text(
    f"""
    CREATE TEMPORARY TABLE registry_repeat ON COMMIT DROP AS
    SELECT row FROM (SELECT s.row, row_number() OVER (PARTITION BY s.reference ORDER BY s.row) FROM registry_staging s WHERE {_GOOD}) n
    WHERE row_number > 1
    """
)
_TENDER = (
    "division_id, payment_contract_id, reference, account_id, account_number, amount_tiyin, status, provider_ms, created_ms, performed_ms, "
    "payment_control_id, received_on, waiting, payer, phone, purpose"
)
_MATCHES = text(f"CREATE TEMPORARY TABLE registry_match ON COMMIT DROP AS SELECT {_TENDER} FROM tender WITH NO DATA")
#: The first row of each reference as a tender, with its account if there is one that money may be taken for.
_MATCH = text(
    f"""
    INSERT INTO registry_match
    SELECT coalesce(a.division_id, :division), :contract, s.reference, a.id, s.account_number, s.amount_tiyin, 'PERFORMED',
           0, :now_ms, :now_ms, :control, least(coalesce(s.paid_on, CAST(:today AS date)), CAST(:today AS date)), a.id IS NOT NULL,
           left(s.payer, 200), left(s.phone, 32), left(s.purpose, 500)
    FROM registry_staging s
    LEFT JOIN (SELECT c.id, c.number, c.division_id FROM account c WHERE NOT {queries.BLOCKED} AND NOT {queries.ELSEWHERE}) a
        ON a.number = s.account_number
    WHERE {_GOOD} AND s.row NOT IN (SELECT row FROM registry_repeat)
    ORDER BY s.row
    """
)
_COUNTS = text("SELECT count(account_id), count(*) - count(account_id), coalesce(sum(amount_tiyin), 0) FROM registry_match")
#: Rows that are bad, and rows of a reference that stands for something else.
_OTHERS = f"""
    SELECT {{division}}, {{control}}, s.row, s.reference, s.account_number, s.amount_tiyin,
           coalesce(s.problem, CASE WHEN s.amount_tiyin < 0 THEN 'TAKEN_BACK' ELSE 'OTHER_CONTENTS' END),
           left(s.problem_column, 64), s.problem_value
    FROM (SELECT * FROM registry_staging s WHERE {{which}}) s
    LEFT JOIN {{known}} ON t.reference = s.reference AND {_GOOD}
    WHERE NOT ({_GOOD}) OR (t.account_number, t.amount_tiyin) IS DISTINCT FROM (s.account_number, s.amount_tiyin)
    ORDER BY s.row
"""
_PROBLEM = "division_id, payment_control_id, row_no, reference, account_number, amount_tiyin, problem, column_name, value"


def load(
    session: Session, control: PaymentControl, registry: Registry, *, now: datetime, today: date, beside: Session | None = None
) -> Outcome:
    """Turn a registry's rows into tenders of its control, all in this transaction.

    :param beside: another session, in which the next rows are matched while some are written; it writes nothing
    :raises TotalsDiffer: if the file's own totals are others; the caller gives the transaction up
    :raises Unreadable: if the file cannot be read to its end; the same holds
    """
    given = {
        "contract": control.payment_contract_id, "control": control.id, "division": control.division_id, "today": today,
        "now_ms": int(now.timestamp() * 1000),
    }  # fmt: skip
    matched = _matched(beside or session, registry.chunks, given)
    taken = [_Taken(0, 0, 0, 0), *(_write(session, part, given) for part in (_ahead(matched) if beside else matched))]
    summary = registry.summary
    if not summary.totals_agree:
        assert summary.declared is not None
        raise TotalsDiffer(summary.declared, summary.found)
    enter_suspense_of(session, control.id, on=today)
    accepted, suspense, sum_tiyin, rejected = map(sum, zip(*taken, strict=True))
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
    sum_tiyin: int
    rejected: int


class _Matched(NamedTuple):
    """Some rows of a registry, matched as if none of them were known."""

    chunks: list[bytes]
    tenders: bytes
    problems: bytes
    taken: _Taken


def _ahead(parts: Iterator[_Matched]) -> Iterator[_Matched]:
    """Return each part while the next one is made."""
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, parts, None)
        while part := coming.result():
            coming = maker.submit(next, parts, None)
            yield part


def _matched(session: Session, chunks: Iterator[bytes], given: dict[str, Any]) -> Iterator[_Matched]:
    while part := list(islice(chunks, CHUNKS_OF_PART)):
        counts = _match(session, part, given)
        tenders = b"".join(_copied(session, "COPY registry_match TO STDOUT (FORMAT BINARY)"))
        which = f"NOT ({_GOOD}) OR s.row IN (SELECT row FROM registry_repeat)"
        problems = list(_copied(session, f"COPY ({_others(given, which, 'registry_match t')}) TO STDOUT"))
        yield _Matched(part, tenders, b"".join(problems), _Taken(*counts, len(problems)))


def _match(session: Session, part: Sequence[bytes], given: dict[str, Any]) -> tuple[int, int, int]:
    """Lay a part out in temporary tables; return how many rows have an account, how many have none, and their sum."""
    # A part is sorted in memory, and its statistics are rough.
    session.execute(text("SELECT set_config('work_mem', '128MB', true), set_config('default_statistics_target', '10', true)"))
    session.execute(text("DROP TABLE IF EXISTS pg_temp.registry_staging, pg_temp.registry_repeat, pg_temp.registry_match"))
    session.execute(text(_STAGING))
    _copy(session, f"COPY registry_staging ({', '.join(COPY_COLUMNS)}) FROM STDIN", part)
    # A row without an account is money all the same.
    session.execute(text("UPDATE registry_staging SET account_number = '' WHERE account_number IS NULL AND problem IS NULL"))
    session.execute(text("ANALYZE registry_staging"))
    session.execute(_REPEATS)
    session.execute(_MATCHES)
    session.execute(_MATCH, given)
    accepted, suspense, sum_tiyin = map(int, session.execute(_COUNTS).one())
    return accepted, suspense, sum_tiyin


def _others(given: dict[str, Any], which: str, known: str) -> str:
    return _OTHERS.format(division=int(given["division"]), control=int(given["control"]), which=which, known=known)


def _write(session: Session, part: _Matched, given: dict[str, Any]) -> _Taken:
    """Write a part; if any reference was known before, or the role may not copy, look for each."""
    if not bulk.may_copy(session):
        return _write_new(session, part, given)
    try:
        with session.begin_nested():
            _copy(session, f"COPY tender ({_TENDER}) FROM STDIN (FORMAT BINARY)", [part.tenders])
    except UniqueViolation:
        return _write_new(session, part, given)
    _copy(session, f"COPY registry_problem ({_PROBLEM}) FROM STDIN", [part.problems])
    return part.taken


def _write_new(session: Session, part: _Matched, given: dict[str, Any]) -> _Taken:
    """Write what is new of a part, and name what stands for something else than what is known."""
    _match(session, part.chunks, given)
    counted = _COUNTS.text.replace("registry_match", "written")
    new = f"INSERT INTO tender ({_TENDER}) SELECT * FROM registry_match ON CONFLICT (payment_contract_id, reference) DO NOTHING"
    counts = session.execute(text(f"WITH written AS ({new} RETURNING account_id, amount_tiyin) {counted}")).one()
    # By key, whatever the planner believes of a table that has just grown.
    known = f"LATERAL (SELECT * FROM tender WHERE payment_contract_id = {int(given['contract'])} AND reference = s.reference OFFSET 0) t"
    problems = session.execute(text(f"INSERT INTO registry_problem ({_PROBLEM}) {_others(given, 'true', known)}"))
    accepted, suspense, sum_tiyin = map(int, counts)
    return _Taken(accepted, suspense, sum_tiyin, int(problems.rowcount))  # type: ignore[attr-defined]


def _copied(session: Session, statement: str) -> Iterator[bytes]:
    """Return what COPY gives, a row at a time in the text format."""
    cursor: Any = session.connection().connection.cursor()
    with cursor, cursor.copy(statement) as stream:
        yield from map(bytes, stream)


def _copy(session: Session, statement: str, content: Sequence[bytes]) -> None:
    cursor: Any = session.connection().connection.cursor()
    with cursor, cursor.copy(statement) as stream:
        for chunk in content:
            stream.write(chunk)


def refuse(session: Session, control_id: int) -> None:
    """Record that nothing of a registry was taken; the file can come again."""
    control = control_of(session, control_id)
    if control.status == ControlStatus.OPEN:
        control.status = ControlStatus.REFUSED
        session.flush()
