"""Money booked once: payments set against the oldest debts, and their reversal."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import ledger
from app.domain.calendar import month_start
from app.domain.ledger import LedgerAccount
from app.domain.payments.channels import CHANNELS, Channel, Collection
from app.domain.settlement import Receipts
from app.domain.values import MAX_AMOUNT_TIYIN, AmountTooLarge, Integers
from app.models.payments import Payment
from app.queries import ledger as ledger_queries
from app.queries.records import fetch_all
from app.services import ledger as ledger_service
from app.services.ledger import PostingAccounts
from app.services.payments.telling import tell_payers


class ConflictingRepeat(Exception):
    """A reference was booked before with other contents; the text is the payment's id."""


class PaymentAlreadyReversed(Exception):
    """A payment can be reversed once, and a reversal cannot be reversed."""


class MoneyReceived(NamedTuple):
    """Money received for an account: what to book."""

    channel: Channel
    #: idempotency key, unique in the channel
    reference: str
    account_id: int
    amount_tiyin: int
    tender_id: int | None = None

    @property
    def contents_sha256(self) -> str:
        """Digest of what a repeat must be equal in."""
        return hashlib.sha256(f"{self.account_id}|{self.amount_tiyin}".encode()).hexdigest()


def _debit(channel: Channel) -> int:
    """Return the code of the ledger account that a channel's money comes in on."""
    return ledger.code(LedgerAccount.CASH if CHANNELS[channel].collection == Collection.CASH else LedgerAccount.PROVIDER)


def book(session: Session, money: MoneyReceived, *, received_on: date) -> int:
    """Book money once and return the payment's id; a repeat returns the id of the first.

    :raises ConflictingRepeat: if the reference was booked with other contents
    :raises AmountTooLarge: if the amount is beyond what the system carries
    """
    return book_many(session, [money], received_on=received_on)[0]


def book_many(session: Session, received: Sequence[MoneyReceived], *, received_on: date) -> list[int]:
    """Book money once each, oldest debts first, and return the payments' ids in order; repeats return the first's.

    :raises ConflictingRepeat: if any reference was booked with other contents; nothing is booked then
    """
    assert all(money.amount_tiyin > 0 for money in received)
    if any(money.amount_tiyin > MAX_AMOUNT_TIYIN for money in received):
        raise AmountTooLarge
    accounts = np.unique(np.array([money.account_id for money in received], dtype=np.int64))
    # The accounts are locked first, so that two channels paying at once see each other's allocations.
    ledger_service.lock_positions(session, accounts)
    unique = _by_key(received)
    fresh = _insert(session, unique, received_on)
    ids = {key: fresh.get(key) or _booked_before(session, money) for key, money in unique.items()}
    if fresh:
        _settle(session, accounts, [(ids[key], money) for key, money in unique.items() if key in fresh], received_on)
        tell_payers(session, list(fresh.values()))
    return [ids[money.channel, money.reference] for money in received]


def reverse(session: Session, payment_id: int, *, reference: str, reason: str, reversed_on: date) -> int:
    """Reverse a payment by a further one: what is left of it as advance goes first, then the newest allocations.

    :raises PaymentAlreadyReversed: if it was reversed before, or is itself a reversal
    """
    payment = session.execute(select(Payment).where(Payment.id == payment_id)).scalar_one()
    account = np.array([payment.account_id], dtype=np.int64)
    _, advance = ledger_service.lock_positions(session, account)
    check_stands(session, payment)
    reversal = Payment(
        division_id=payment.division_id,
        account_id=payment.account_id,
        channel=payment.channel,
        reference=reference,
        contents_sha256=payment.contents_sha256,
        amount_tiyin=payment.amount_tiyin,
        received_on=reversed_on,
        reverses_id=payment.id,
        reason=reason,
    )
    session.add(reversal)
    session.flush()
    books = PostingAccounts(account, np.array([payment.division_id], dtype=np.int64))
    given_back = Receipts(*np.array([[0], [reversal.id], [-payment.amount_tiyin], [_debit(Channel(payment.channel))]], dtype=np.int64))
    posted = ledger_service.reverse_receipts(session, books, given_back, advance, on=reversed_on)
    ledger_service.post(session, books, posted, month=month_start(reversed_on), posted_on=reversed_on)
    return reversal.id


def check_stands(session: Session, payment: Payment) -> None:
    """Refuse a payment that cannot be reversed.

    :raises PaymentAlreadyReversed: if it was reversed before, or is itself a reversal
    """
    if payment.reverses_id or session.scalar(select(Payment.id).where(Payment.reverses_id == payment.id)):
        raise PaymentAlreadyReversed


_Key = tuple[Channel, str]


class _Inserted(NamedTuple):
    id: int
    channel: str
    reference: str


def _by_key(received: Sequence[MoneyReceived]) -> dict[_Key, MoneyReceived]:
    """Return the money by idempotency key; the same key twice must mean the same money."""
    result: dict[_Key, MoneyReceived] = {}
    for money in received:
        first = result.setdefault((money.channel, money.reference), money)
        if first.contents_sha256 != money.contents_sha256:
            raise ConflictingRepeat(money.reference)
    return result


def _insert(session: Session, unique: dict[_Key, MoneyReceived], received_on: date) -> dict[_Key, int]:
    """Insert payments; return the ids of those that were not booked before."""
    statement = """
        INSERT INTO payment (division_id, account_id, channel, reference, contents_sha256, amount_tiyin, received_on, tender_id)
        SELECT a.division_id, u.account_id, u.channel, u.reference, u.contents, u.amount, :received_on, u.tender_id
        FROM unnest(CAST(:account AS bigint[]), CAST(:channel AS text[]), CAST(:reference AS text[]), CAST(:contents AS text[]),
                    CAST(:amount AS bigint[]), CAST(:tender AS bigint[]))
            WITH ORDINALITY
            AS u (account_id, channel, reference, contents, amount, tender_id, place)
        JOIN account a ON a.id = u.account_id
        ORDER BY u.place
        ON CONFLICT (channel, reference) DO NOTHING RETURNING id, channel, reference
        """
    rows = fetch_all(
        session,
        statement,
        _Inserted,
        account=[money.account_id for money in unique.values()],
        channel=[money.channel for money in unique.values()],
        reference=[money.reference for money in unique.values()],
        contents=[money.contents_sha256 for money in unique.values()],
        amount=[money.amount_tiyin for money in unique.values()],
        tender=[money.tender_id for money in unique.values()],
        received_on=received_on,
    )
    return {(Channel(row.channel), row.reference): row.id for row in rows}


def _booked_before(session: Session, money: MoneyReceived) -> int:
    statement = select(Payment.id, Payment.contents_sha256).where(Payment.channel == money.channel, Payment.reference == money.reference)
    first = session.execute(statement).one()
    if first.contents_sha256 != money.contents_sha256:
        raise ConflictingRepeat(str(first.id))
    return int(first.id)


def _settle(session: Session, accounts: Integers, fresh: list[tuple[int, MoneyReceived]], on: date) -> None:
    """Set fresh payments against the debts of their accounts, in the order of the payments, and post them."""
    rows = [(payment_id, money.account_id, money.amount_tiyin, _debit(money.channel)) for payment_id, money in fresh]
    payment, account, amount, debit = np.array(rows, dtype=np.int64).T
    owner = np.searchsorted(accounts, account)
    order = np.argsort(owner, kind="stable")
    books = PostingAccounts(accounts, ledger_queries.divisions_of(session, accounts))
    receipts = Receipts(owner[order], payment[order], amount[order], debit[order])
    posted = ledger_service.settle_receipts(session, books, receipts, on=on)
    ledger_service.post(session, books, posted, month=month_start(on), posted_on=on)
