"""Money over the counter: taken into the cashier's shift and booked at once."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.services.payments.booking import ConflictingRepeat
from app.services.payments.controls import cash_contract, shift
from app.services.payments.crediting import credit_tender
from app.services.payments.tenders import TenderRequest, accept


class PaymentsBlocked(Exception):
    """No money may be taken for an account until another debt is paid."""


class Cash(NamedTuple):
    """Money a consumer puts on the counter."""

    #: the form's key, which makes a second Enter harmless
    reference: str
    account_number: str
    amount_tiyin: int


class Cashier(NamedTuple):
    """Who takes or gives money, and for which division."""

    name: str
    division_id: int
    #: as receipts of the shift print it; empty: the name of the user
    full_name: str = ""


def take_cash(session: Session, cash: Cash, *, cashier: Cashier, now: datetime, today: date) -> int:
    """Book money over the counter once and return the payment's id; a repeat returns the first's.

    :raises ConflictingRepeat: if the form was used for another sum or account
    :raises PaymentsBlocked: if no money may be taken for the account
    :raises ShiftCounted: if the cashier's shift takes nothing more
    """
    now_ms = int(now.timestamp() * 1000)
    control = shift(session, cashier=cashier.name, division_id=cashier.division_id, today=today, full_name=cashier.full_name)
    asked = TenderRequest(
        cash_contract(session), cash.reference, cash.account_number, cash.amount_tiyin, now_ms, is_performed=True, control_id=control.id,
        at_counter=True,
    )  # fmt: skip
    (taken,) = accept(session, [asked], now_ms=now_ms, today=today)
    if taken.tender is None:
        raise PaymentsBlocked
    if not taken.agrees(asked):
        raise ConflictingRepeat(str(taken.tender.id))
    return credit_tender(session, taken.tender.id, today=today)
