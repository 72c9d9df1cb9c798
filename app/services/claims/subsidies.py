"""Subsidies: what the state pays of an account's bills for a month, taken off its next bill; once a programme and month.

They come in files. A file whose sum goes beyond what its loader may do alone in a day is granted once a second person agrees. It is the
limit of credit notes (``billing.adjustment_limit_som``), and what is granted counts with them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import identifiers, readers
from app.domain.administration import ApprovalKind, ApprovalStatus, JobKind, roles
from app.domain.administration.translations import catalog_text
from app.domain.billing import Component
from app.domain.calendar import month_period
from app.domain.reference import RefusedRow, RowFault, RowRefused, value_of
from app.gateways.subsidies_file import SubsidyLine
from app.models.accounts import Account
from app.models.administration import Approval, StoredFile
from app.models.billing import BillableCharge
from app.models.claims import Subsidy
from app.services.administration import approvals, limits, log_job, start_job

#: Rows of a file that are granted in one transaction.
ROWS = 500
_LIMIT = "billing.adjustment_limit_som"
#: So many rejected rows are shown to the second person; the job's log names the same.
_SHOWN = 200


class SubsidySums(NamedTuple):
    """What rows of a file granted or would grant: how many and their sum, and the rows that were refused with their faults."""

    rows: int
    amount_tiyin: int
    refused: list[RefusedRow]


class SubsidyFile(NamedTuple):
    """A file of subsidies that a job takes in, and who loaded it."""

    job_id: int
    division_id: int
    file_id: int
    programme: str
    loaded_by: str


class _GoodRow(NamedTuple):
    account: Account
    amount_tiyin: int
    month: date


class NotApproved(Exception):
    """No second person agreed to grant the file."""


#: Rows of a file that grant an account's month.
_Seen = dict[tuple[int, date], int | None]


def grant_subsidies(session: Session, rows: Sequence[SubsidyLine], *, division_id: int, programme: str) -> SubsidySums:
    """Grant the good rows and return their sum, and the others with their faults.

    A row of an account that has the programme's subsidy of the month already is refused, so a file read twice grants once.
    """
    good, refused = _sorted_out(session, rows, division_id, programme, {})
    for row in good:
        _grant(session, row.account, row.amount_tiyin, row.month, programme)
    session.flush()
    return _sums(good, refused, rows)


def sums_of(session: Session, rows: Sequence[SubsidyLine], *, division_id: int, programme: str) -> SubsidySums:
    """Return what the rows of a file would grant; nothing is written."""
    seen: _Seen = {}
    good: list[_GoodRow] = []
    refused: list[RefusedRow] = []
    for first in range(0, len(rows), ROWS):
        more_good, more_refused = _sorted_out(session, rows[first : first + ROWS], division_id, programme, seen)
        good += more_good
        refused += more_refused
    return _sums(good, refused, rows)


def ask_if_needed(session: Session, file: SubsidyFile, found: SubsidySums, *, today: date) -> Approval | None:
    """Count a file against what its loader may do alone in a day; if it goes beyond, ask a second person and return the request."""
    sum_tiyin, division_id = found.amount_tiyin, file.division_id
    if limits.use(session, _LIMIT, sum_tiyin, division_id=division_id, account_id=None, today=today, by=file.loaded_by):
        return None
    name = session.scalars(select(StoredFile.name).where(StoredFile.id == file.file_id)).one()
    contents = {
        "file_id": file.file_id, "file": name, "programme": file.programme, "rows": found.rows, "amount_tiyin": found.amount_tiyin,
        "rejected_rows": len(found.refused), "rejected": [list(row) for row in found.refused[:_SHOWN]],
    }  # fmt: skip
    return approvals.ask(
        session, ApprovalKind.SUBSIDY_GRANT, division_id=file.division_id, subject=name, subject_id=file.job_id, contents=contents,
        basis=file.programme, made_by=file.loaded_by,
    )  # fmt: skip


def approved(session: Session, approval_id: int, file: SubsidyFile) -> Approval:
    """Return the request by which a file may be granted.

    :raises NotApproved: if nobody agreed to it, or to another file or programme
    """
    request = session.get_one(Approval, approval_id)
    agreed = (request.status, request.contents["file_id"], request.contents["programme"], request.division_id)
    if agreed != (ApprovalStatus.APPROVED, file.file_id, file.programme, file.division_id):
        raise NotApproved
    return request


def _apply(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    """Start granting what was agreed to."""
    told = {"file_id": request.contents["file_id"], "programme": request.contents["programme"], "approval_id": request.id}
    job_id = start_job(session, JobKind.SUBSIDY_IMPORT, division_id=request.division_id, parameters=told)
    message = catalog_text("Approved by %(name)s; job № %(job)s grants it.")
    log_job(session, request.subject_id or 0, message, name=request.decided_by or "", job=job_id)


def _discard(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    """Say beside the file's job that nothing of it is granted."""
    message = catalog_text("Refused by %(name)s; the file was discarded and nothing was granted.")
    if request.status == ApprovalStatus.WITHDRAWN:
        message = catalog_text("Withdrawn by %(name)s; the file was discarded and nothing was granted.")
    log_job(session, request.subject_id or 0, message, name=request.decided_by or "")


def _grant(session: Session, account: Account, amount: int, month: date, programme: str) -> None:
    period = month_period(month)
    charge = BillableCharge(
        division_id=account.division_id,
        account_id=account.id,
        component=Component.SUBSIDY,
        period_from=period.start,
        period_to=period.end,
        amount_tiyin=-amount,
        basis=programme[:300],
        derivation={"programme": programme, "billing_month": month.isoformat()},
    )
    session.add(charge)
    session.flush()
    session.add(
        Subsidy(
            division_id=account.division_id,
            account_id=account.id,
            programme=programme,
            billing_month=month,
            amount_tiyin=amount,
            charge_id=charge.id,
        )
    )


def _sorted_out(
    session: Session, rows: Sequence[SubsidyLine], division_id: int, programme: str, seen: _Seen
) -> tuple[list[_GoodRow], list[RefusedRow]]:
    """Return the rows that can be granted, and the others with their faults.

    :param seen: what earlier rows of the file grant; these are added
    """
    numbers = {identifiers.compact(row.account_number) for row in rows}
    accounts = {
        row.number: row for row in session.scalars(select(Account).where(Account.number.in_(numbers), Account.division_id == division_id))
    }
    having = select(Subsidy.account_id, Subsidy.billing_month).where(
        Subsidy.programme == programme, Subsidy.account_id.in_([account.id for account in accounts.values()])
    )
    # Rows of the file that grant a month; None where it was granted before.
    for account_id, month in session.execute(having):
        seen.setdefault((account_id, month), None)
    good, refused = [], []
    for row in rows:
        try:
            checked = _GoodRow(*_checked(row, accounts, seen))
        except RowRefused as fault:
            refused.append(fault.of(row.row_no))
            continue
        seen[checked.account.id, checked.month] = row.row_no
        good.append(checked)
    return good, refused


def _sums(good: Sequence[_GoodRow], refused: list[RefusedRow], rows: Sequence[SubsidyLine]) -> SubsidySums:
    assert len(good) + len(refused) == len(rows)
    return SubsidySums(len(good), sum(row.amount_tiyin for row in good), refused)


def _checked(row: SubsidyLine, accounts: dict[str, Account], known: dict[tuple[int, date], int | None]) -> tuple[Account, int, date]:
    """Return what a row grants, or refuse it by the first column that is wrong."""
    if row.refusal:
        raise RowRefused(row.refusal.column, row.refusal.fault, row.refusal.value)
    account = accounts.get(value_of("account_number", row.account_number, readers.account_number))
    if account is None:
        raise RowRefused("account_number", RowFault.UNKNOWN_ROW, row.account_number)
    amount = value_of("amount_tiyin", row.amount, readers.money)
    if amount <= 0:
        raise RowRefused("amount_tiyin", RowFault.BREAKS_RULE, row.amount)
    month = value_of("billing_month", row.month, readers.month)
    if (account.id, month) in known:
        raise RowRefused("billing_month", RowFault.REPEATED, row.month, known[account.id, month])
    return account, amount, month


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.SUBSIDY_GRANT,
        catalog_text("Subsidies over the limit"),
        catalog_text("approve files of subsidies over the limit"),
        (roles.SUPERVISOR,),
        _apply,
        refuse=_discard,
        page_of=approvals.page_of_subject("JobView.show"),
        describe=lambda request: {"subsidies": request.contents},
    )
)
