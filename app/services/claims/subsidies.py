"""Subsidies: what the state pays of an account's bills for a month, taken off its next bill; once a programme and month."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.billing import Component
from app.domain.calendar import month_period
from app.domain.reference import RefusedRow, RowFault, RowRefused
from app.domain.values import AmountTooLarge, NotANumber, decimal_of, tiyin_of
from app.models.accounts import Account
from app.models.billing import BillableCharge
from app.models.claims import Subsidy


class SubsidyRow(NamedTuple):
    """A row of a file of subsidies, as it is written there."""

    row_no: int
    account_number: str
    amount: str
    month: str


def grant_subsidies(session: Session, rows: Sequence[SubsidyRow], *, division_id: int, programme: str) -> tuple[int, list[RefusedRow]]:
    """Grant the good rows and return how many they were, and the others with their faults.

    A row of an account that has the programme's subsidy of the month already is refused, so a file read twice grants once.
    """
    numbers = {row.account_number for row in rows}
    accounts = {
        row.number: row for row in session.scalars(select(Account).where(Account.number.in_(numbers), Account.division_id == division_id))
    }
    having = select(Subsidy.account_id, Subsidy.billing_month).where(
        Subsidy.programme == programme, Subsidy.account_id.in_([account.id for account in accounts.values()])
    )
    known = {(account_id, month) for account_id, month in session.execute(having)}
    granted, refused = 0, []
    for row in rows:
        try:
            account, amount, month = _checked(row, accounts, known)
        except RowRefused as fault:
            refused.append(RefusedRow(row.row_no, fault.column, fault.fault))
            continue
        known.add((account.id, month))
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


def _checked(row: SubsidyRow, accounts: dict[str, Account], known: set[tuple[int, date]]) -> tuple[Account, int, date]:
    """Return what a row grants, or refuse it by the first column that is wrong."""
    account = accounts.get(row.account_number)
    if account is None:
        raise RowRefused("account_number", RowFault.UNKNOWN_ROW if row.account_number else RowFault.EMPTY)
    try:
        amount = tiyin_of(decimal_of(row.amount))
    except (NotANumber, AmountTooLarge):
        raise RowRefused("amount_tiyin", RowFault.NOT_A_NUMBER) from None
    if amount <= 0:
        raise RowRefused("amount_tiyin", RowFault.BREAKS_RULE)
    month = _month_of(row.month)
    if (account.id, month) in known:
        raise RowRefused("billing_month", RowFault.REPEATED)
    return account, amount, month


def _month_of(text: str) -> date:
    """Return the first day of a month written as 2026-03, 2026-03-01 or 03.2026."""
    compact = text.strip()[:10]
    found = _YEAR_FIRST.fullmatch(compact) or _MONTH_FIRST.fullmatch(compact)
    if found is None:
        raise RowRefused("billing_month", RowFault.NOT_A_DAY)
    return date(int(found["year"]), int(found["month"]), 1)


_YEAR_FIRST = re.compile(r"(?P<year>20[0-9]{2})-(?P<month>0[1-9]|1[0-2])(-[0-3][0-9])?")
_MONTH_FIRST = re.compile(r"([0-3][0-9]\.)?(?P<month>0[1-9]|1[0-2])\.(?P<year>20[0-9]{2})")
