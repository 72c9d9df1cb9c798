"""Subsidies: what the state pays of an account's bills for a month, taken off its next bill; once a programme and month."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import identifiers, readers
from app.domain.billing import Component
from app.domain.calendar import month_period
from app.domain.reference import RefusedRow, RowFault, RowRefused, value_of
from app.gateways.subsidies_file import SubsidyLine
from app.models.accounts import Account
from app.models.billing import BillableCharge
from app.models.claims import Subsidy


def grant_subsidies(session: Session, rows: Sequence[SubsidyLine], *, division_id: int, programme: str) -> tuple[int, list[RefusedRow]]:
    """Grant the good rows and return how many they were, and the others with their faults.

    A row of an account that has the programme's subsidy of the month already is refused, so a file read twice grants once.
    """
    numbers = {identifiers.compact(row.account_number) for row in rows}
    accounts = {
        row.number: row for row in session.scalars(select(Account).where(Account.number.in_(numbers), Account.division_id == division_id))
    }
    having = select(Subsidy.account_id, Subsidy.billing_month).where(
        Subsidy.programme == programme, Subsidy.account_id.in_([account.id for account in accounts.values()])
    )
    # rows of the file that granted a month; None where it was granted before
    known: dict[tuple[int, date], int | None] = dict.fromkeys(session.execute(having))
    granted, refused = 0, []
    for row in rows:
        try:
            account, amount, month = _checked(row, accounts, known)
        except RowRefused as fault:
            refused.append(fault.of(row.row_no))
            continue
        known[account.id, month] = row.row_no
        _grant(session, account, amount, month, programme)
        granted += 1
    session.flush()
    assert granted + len(refused) == len(rows)
    return granted, refused


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
