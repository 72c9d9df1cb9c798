"""Money: tenders taken from providers, payments booked, and what they are counted by."""

from app.services.payments.booking import AlreadyReversed, ConflictingRepeat, Money, book, book_many, reverse
from app.services.payments.cash import Cash, Cashier, PaymentsBlocked, give_back, take_cash
from app.services.payments.controls import NotCounted, NotOver, SamePerson, ShiftCounted, cash_contract, close, count, shift, sums
from app.services.payments.crediting import BATCH, credit, credit_tender
from app.services.payments.tenders import (
    Asked,
    Call,
    Taken,
    TooLateToCancel,
    Undoing,
    cancel,
    change_key,
    day_control,
    keep_fiscal_receipt,
    log_calls,
    perform,
    take,
)

__all__ = [
    "BATCH",
    "AlreadyReversed",
    "Asked",
    "Call",
    "Cash",
    "Cashier",
    "ConflictingRepeat",
    "Money",
    "NotCounted",
    "NotOver",
    "PaymentsBlocked",
    "SamePerson",
    "ShiftCounted",
    "Taken",
    "TooLateToCancel",
    "Undoing",
    "book",
    "book_many",
    "cancel",
    "cash_contract",
    "change_key",
    "close",
    "count",
    "credit",
    "credit_tender",
    "day_control",
    "give_back",
    "keep_fiscal_receipt",
    "log_calls",
    "perform",
    "reverse",
    "shift",
    "sums",
    "take",
    "take_cash",
]
