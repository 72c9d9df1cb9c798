"""What a bill run would be without arrays: one account at a time, one object a row, one commit an account."""

import time
from datetime import date, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.billing import LINE_KINDS, BillingOutcome
from app.domain.ledger import DocumentKind, LedgerAccount
from app.domain.metering import Quality
from app.extensions import db
from app.models.accounts import Account
from app.models.billing import Bill, BillLine, BillRun
from app.models.ledger import AccountBalance, AccountPosition, Debt, LedgerEntry
from app.models.metering import Consumption
from app.queries import billing as queries
from app.queries import tariffs
from app.services import billing

DAY = date(2026, 2, 1)


def day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(number))


def bill_accounts(sample: int) -> float:
    """Bill so many accounts; return accounts a second."""
    session = db.session()
    prices, policy = tariffs.prices(session), billing.policy_on(session, DAY)
    run = session.scalars(select(BillRun).order_by(BillRun.id)).first()
    assert run is not None
    ids = session.scalars(select(Account.id).order_by(Account.id).limit(sample)).all()
    began = time.perf_counter()
    for account_id in ids:
        chunk = queries.chunk(session, prices, ids=np.array([account_id]), month=run.billing_month)
        outcome = billing.compute(chunk, prices, month=run.billing_month, policy=policy)
        if len(outcome.bills.account):
            _add(session, run, account_id, int(chunk.division_id[0]), outcome)
        session.commit()
    return len(ids) / (time.perf_counter() - began)


def _add(session: Session, run: BillRun, account_id: int, division_id: int, outcome: BillingOutcome) -> None:
    bills, lines, taken = outcome.bills, outcome.lines, outcome.consumptions
    place = {"account_id": account_id, "division_id": division_id}
    quality = Quality.ACTUAL if bills.actual[0] else Quality.ESTIMATED
    amount, vat = int(bills.amount_tiyin[0]), int(bills.vat_tiyin[0])
    bill = Bill(
        **place, bill_run_id=run.id, billing_month=run.billing_month, period_from=day(bills.from_day[0]), period_to=day(bills.to_day[0]),
        quality=quality, quantity_milli=int(bills.quantity_milli[0]), amount_tiyin=amount, vat_tiyin=vat, issued_on=DAY, due_on=DAY,
    )  # fmt: skip
    session.add(bill)
    session.flush()
    of_bill = {"bill_id": bill.id, "billing_month": run.billing_month}
    for no in range(len(lines.account)):
        session.add(
            BillLine(
                **place, **of_bill, line_no=no + 1, kind=LINE_KINDS[lines.kind[no]], for_month=run.billing_month,
                period_from=day(lines.from_day[no]), period_to=day(lines.to_day[no]), tariff_version_id=int(lines.version_id[no]),
                block_no=int(lines.block_no[no]), quantity_milli=int(lines.quantity_milli[no]), rate=int(lines.rate_e4[no]) / 10_000,
                amount_tiyin=int(lines.amount_tiyin[no]), vat_tiyin=int(lines.vat_tiyin[no]),
            )
        )  # fmt: skip
    for no in range(len(taken.account)):
        session.add(
            Consumption(
                **place, **of_bill, period_from=day(taken.from_day[no]), period_to=day(taken.to_day[no]), quality=quality,
                quantity_milli=int(taken.quantity_milli[no]), earlier_reading_id=int(taken.earlier_reading_id[no]) or None,
                later_reading_id=int(taken.later_reading_id[no]) or None, rolled_over=bool(taken.rolled_over[no]),
            )
        )  # fmt: skip
    for credit, sums in ((LedgerAccount.REVENUE, amount - vat), (LedgerAccount.VAT, vat)):
        if sums:
            session.add(
                LedgerEntry(
                    **place, debit=LedgerAccount.RECEIVABLE, credit=credit, amount_tiyin=sums, posted_on=DAY,
                    billing_month=run.billing_month, document_kind=DocumentKind.BILL, document_id=bill.id,
                    document_month=run.billing_month,
                )
            )  # fmt: skip
    session.add(
        AccountBalance(**place, billing_month=run.billing_month, opening_tiyin=0, charged_tiyin=amount, paid_tiyin=0, closing_tiyin=amount)
    )
    session.add(Debt(**place, **of_bill, due_on=DAY, remaining_tiyin=amount))
    position = session.get_one(AccountPosition, account_id)
    position.debt_tiyin += amount
    position.billed_to, position.billed_month = day(bills.to_day[0]), run.billing_month
