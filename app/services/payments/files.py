"""Payment files of banks and of the post: a file becomes tenders, all of it or nothing, however often it is sent.

Rows are matched set-wise. A row whose key another file's row bears may be the same payment: it is held for a person, as is one dated
in the future; equal rows of one file are separate payments. A row whose account nobody has, or which may take no payments, is money
in suspense. Two files of a contract are loaded one after another.
"""

import hashlib
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.payments import ControlKind, ControlStatus
from app.domain.payments.files import OCCURRENCE, FileTotals, Profile
from app.gateways.payment_files import PaymentFile, Summary
from app.models.payments import PaymentControl, PaymentFileLayout
from app.queries import locks
from app.queries.locks import Lock
from app.services.administration import start_job, store_file
from app.services.payments import by_contract, held, matching
from app.services.payments.controls import enter_suspense_of, lock
from app.services.payments.matching import MatchResult


class LoadedBefore(Exception):
    """The same file was loaded before; the text is its control's id."""


class TotalsDiffer(Exception):
    """A file holds something else than its own control totals say; nothing of it is taken."""

    def __init__(self, declared: FileTotals, found: FileTotals) -> None:
        super().__init__(f"declared {declared.count} rows, {declared.sum_tiyin} tiyin; found {found.count} rows, {found.sum_tiyin} tiyin")
        self.declared, self.found = declared, found


class Upload(NamedTuple):
    """A file somebody brings."""

    name: str
    media_type: str
    content: bytes


class FileOutcome(NamedTuple):
    """What became of all rows of a payment file."""

    received: int
    rows_tiyin: int
    #: what the file says it holds; None: it does not say
    declared_tiyin: int | None
    taken: MatchResult


def receive(session: Session, upload: Upload, *, profile_id: int, division_id: int, today: date, again: bool = False) -> int:
    """Keep a file and start loading it; return the job's id.

    :param again: a person says that it is another file, though it says the same: its rows are held
    :raises LoadedBefore: if the contract has the same file already
    """
    profile = session.execute(select(PaymentFileLayout).where(PaymentFileLayout.id == profile_id)).scalar_one()
    digest = hashlib.sha256(upload.content).hexdigest()
    known = (
        select(PaymentControl.id)
        .where(
            PaymentControl.payment_contract_id == profile.payment_contract_id,
            PaymentControl.file_sha256 == digest,
            PaymentControl.status != ControlStatus.REFUSED,
        )
        .order_by(PaymentControl.id.desc())
    )
    before = session.scalars(known).all()
    if before and not again:
        raise LoadedBefore(str(before[0]))
    stored = store_file(session, division_id=division_id, name=upload.name, media_type=upload.media_type, content=upload.content)
    control = PaymentControl(
        kind=ControlKind.PAYMENT_FILE, division_id=division_id, payment_contract_id=profile.payment_contract_id, business_day=today,
        name=stored.name, stored_file_id=stored.id, file_sha256=digest, file_times=len(before), payment_file_layout_id=profile.id,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(control)
    except IntegrityError:
        # Another operator sent it in this moment.
        raise LoadedBefore(str(session.scalar(known) or "")) from None
    return start_job(session, JobKind.PAYMENT_FILE_LOAD, division_id=division_id, subject_id=control.id)


def profile_of(session: Session, control: PaymentControl) -> Profile:
    """Return the layout a payment file is read by."""
    assert control.payment_file_layout_id is not None
    statement = select(PaymentFileLayout.layout).where(PaymentFileLayout.id == control.payment_file_layout_id)
    return Profile.from_dict(session.execute(statement).scalar_one())


def load(
    session: Session, control: PaymentControl, payment_file: PaymentFile, *, now: datetime, today: date, beside: Session | None = None
) -> FileOutcome:
    """Turn a payment file's rows into tenders of its control, all in this transaction.

    :param beside: another session, in which the next rows are matched while some are written; it writes nothing
    :raises TotalsDiffer: if the file's own totals are others; the caller gives the transaction up
    :raises Unreadable: if the file cannot be read to its end; the same holds
    """
    contract_id = control.payment_contract_id
    assert contract_id is not None
    # Two files of a contract that are loaded at once would not see each other's payments.
    locks.acquire(session, Lock.PAYMENT_FILES, contract_id)
    is_once = OCCURRENCE not in profile_of(session, control).unique
    given = {
        "contract": contract_id, "control": control.id, "division": control.division_id, "today": today,
        "now_ms": int(now.timestamp() * 1000),
        "reasons": matching.reasons(session, contract=contract_id, control=control.id, is_once=is_once),
    }  # fmt: skip
    taken = matching.load_rows(session, payment_file.chunks, given, beside=beside)
    summary = payment_file.summary
    if not summary.totals_agree:
        assert summary.declared is not None
        raise TotalsDiffer(summary.declared, summary.found)
    count, sum_tiyin = by_contract.match_contracts(session, control.id)
    taken = taken._replace(
        accepted=taken.accepted + count, accepted_tiyin=taken.accepted_tiyin + sum_tiyin, suspense=taken.suspense - count,
        suspense_tiyin=taken.suspense_tiyin - sum_tiyin,
    )  # fmt: skip
    enter_suspense_of(session, control.id, on=today)
    if taken.held:
        held.find_twins(session, control.id)
    _record(control, taken, summary)
    session.flush()
    return FileOutcome(control.received, control.rows_tiyin, control.declared_tiyin, taken)


def _record(control: PaymentControl, taken: MatchResult, summary: Summary) -> None:
    """Write down what became of all rows; the database refuses what does not add up to what was read and declared."""
    for name, value in taken._asdict().items():
        setattr(control, name, value)
    control.received, control.rows_tiyin = summary.found.count or 0, summary.found.sum_tiyin or 0
    if summary.declared is not None:
        control.declared_rows, control.declared_tiyin = summary.declared.count, summary.declared.sum_tiyin
    control.tenders = taken.accepted + taken.suspense
    control.received_tiyin = taken.accepted_tiyin + taken.suspense_tiyin
    control.payment_file_number = summary.payment_file_number[:64] or None


def refuse(session: Session, control_id: int) -> None:
    """Record that nothing of a payment file was taken; the file can come again."""
    control = lock(session, control_id)
    if control.status == ControlStatus.OPEN:
        control.status = ControlStatus.REFUSED
        session.flush()
