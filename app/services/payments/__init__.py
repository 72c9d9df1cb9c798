"""Money: tenders taken from providers, payments booked, and what they are counted by."""

from app.services.payments.booking import AlreadyReversed, ConflictingRepeat, Money, book, book_many, reverse
from app.services.payments.crediting import BATCH, credit
from app.services.payments.tenders import (
    Asked,
    Call,
    Taken,
    TooLateToCancel,
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
    "ConflictingRepeat",
    "Money",
    "Taken",
    "TooLateToCancel",
    "book",
    "book_many",
    "cancel",
    "change_key",
    "credit",
    "day_control",
    "keep_fiscal_receipt",
    "log_calls",
    "perform",
    "reverse",
    "take",
]
