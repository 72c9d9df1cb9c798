"""Money booked once: payments set against the oldest debts, and their reversal."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import ledger, payments
from app.domain.calendar import month_start
from app.domain.ledger import DocumentKind, LedgerAccount
from app.domain.payments import Channel
from app.domain.values import MAX_AMOUNT_TIYIN, AmountTooLarge, Integers, sums_by
from app.models.payments import Payment
from app.queries import ledger as ledger_queries
from app.services import bulk
from app.services import ledger as ledger_service
from app.services.ledger import Books


class ConflictingRepeat(Exception):
    """A reference was booked before with other contents; the text is the payment's id."""


class AlreadyReversed(Exception):
    """A payment can be undone once, and an undoing cannot be undone."""


class Money(NamedTuple):
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


_DEBIT = {channel: LedgerAccount.CASH if channel == Channel.CASHIER else LedgerAccount.PROVIDER for channel in Channel}


def book(session: Session, money: Money, *, received_on: date) -> int:
    """Book money once and return the payment's id; a repeat returns the id of the first.

    :raises ConflictingRepeat: if the reference was booked with other contents
    :raises AmountTooLarge: if the amount is beyond what the system carries
    """
    return book_many(session, [money], received_on=received_on)[0]


def book_many(session: Session, received: Sequence[Money], *, received_on: date) -> list[int]:
    """Book money once each, oldest debts first, and return the payments' ids in order; repeats return the first's.

    :raises ConflictingRepeat: if any reference was booked with other contents; nothing is booked then
    """
    assert all(money.amount_tiyin > 0 for money in received)
    if any(money.amount_tiyin > MAX_AMOUNT_TIYIN for money in received):
        raise AmountTooLarge
    accounts = np.unique(np.array([money.account_id for money in received], dtype=np.int64))
    # The accounts are locked first, so that two channels paying at once see each other's allocations.
    ledger_service.lock_positions(session, accounts)
    ids = _insert(session, received, received_on)
    fresh = [(ids[key], money) for key, money in _by_key(received).items() if ids[key] > 0]
    if fresh:
        _allocate(session, accounts, fresh, received_on)
    return [abs(ids[money.channel, money.reference]) for money in received]


def reverse(session: Session, payment_id: int, *, reference: str, reason: str, reversed_on: date) -> int:
    """Undo a payment by a further one: what is left of it as advance goes first, then the newest allocations.

    :raises AlreadyReversed: if it was undone before, or is itself an undoing
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
    from_advance = min(int(advance[0]), payment.amount_tiyin)
    from_debts = payment.amount_tiyin - from_advance
    _take_back_allocations(session, reversal, from_debts, reversed_on)
    one, document = np.zeros(1, dtype=np.int64), np.array([reversal.id], dtype=np.int64)
    posted = [
        ledger.entries(
            DocumentKind.PAYMENT_REVERSAL, debit, _DEBIT[payment.channel], account=one, document=document,
            amount_tiyin=np.array([amount], dtype=np.int64),
        )
        for debit, amount in ((LedgerAccount.ADVANCE, from_advance), (LedgerAccount.RECEIVABLE, from_debts))
    ]  # fmt: skip
    books = Books(account, np.array([payment.division_id], dtype=np.int64))
    ledger_service.post(session, books, ledger.joined(*posted), month=month_start(reversed_on), posted_on=reversed_on)
    return reversal.id


def check_stands(session: Session, payment: Payment) -> None:
    """Refuse a payment that cannot be undone.

    :raises AlreadyReversed: if it was undone before, or is itself an undoing
    """
    if payment.reverses_id or session.scalar(select(Payment.id).where(Payment.reverses_id == payment.id)):
        raise AlreadyReversed


_Key = tuple[Channel, str]


def _by_key(received: Sequence[Money]) -> dict[_Key, Money]:
    """Return the money by idempotency key; the same key twice must mean the same money."""
    result: dict[_Key, Money] = {}
    for money in received:
        first = result.setdefault((money.channel, money.reference), money)
        if first.contents_sha256 != money.contents_sha256:
            raise ConflictingRepeat(money.reference)
    return result


def _insert(session: Session, received: Sequence[Money], received_on: date) -> dict[_Key, int]:
    """Insert payments; return each key's id, negative if it was booked before."""
    unique = _by_key(received)
    statement = text(
        """
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
    )
    rows = session.execute(
        statement,
        {
            "account": [money.account_id for money in unique.values()],
            "channel": [money.channel for money in unique.values()],
            "reference": [money.reference for money in unique.values()],
            "contents": [money.contents_sha256 for money in unique.values()],
            "amount": [money.amount_tiyin for money in unique.values()],
            "tender": [money.tender_id for money in unique.values()],
            "received_on": received_on,
        },
    )
    ids = {(Channel(row.channel), row.reference): int(row.id) for row in rows}
    for key, money in unique.items():
        if key not in ids:
            ids[key] = -_booked_before(session, money)
    return ids


def _booked_before(session: Session, money: Money) -> int:
    statement = select(Payment.id, Payment.contents_sha256).where(Payment.channel == money.channel, Payment.reference == money.reference)
    first = session.execute(statement).one()
    if first.contents_sha256 != money.contents_sha256:
        raise ConflictingRepeat(str(first.id))
    return int(first.id)


def _allocate(session: Session, accounts: Integers, fresh: list[tuple[int, Money]], on: date) -> None:
    """Set fresh payments against the debts of their accounts, in the order of the payments, and post them."""
    division = _divisions(session, accounts)
    owner = np.searchsorted(accounts, np.array([money.account_id for _, money in fresh], dtype=np.int64))
    order = np.argsort(owner, kind="stable")
    owner = owner[order]
    payment = np.array([payment_id for payment_id, _ in fresh], dtype=np.int64)[order]
    amount = np.array([money.amount_tiyin for _, money in fresh], dtype=np.int64)[order]
    debts = ledger_queries.open_debts(session, accounts)
    debt_owner = np.searchsorted(accounts, debts.account_id)
    place, debt, part = _match(owner, amount, debt_owner, debts.remaining_tiyin)
    bulk.copy(
        session,
        "allocation",
        {
            "division_id": division[owner[place]],
            "account_id": accounts[owner[place]],
            "bill_id": debts.bill_id[debt],
            "payment_id": payment[place],
            "amount_tiyin": part,
            "allocated_on": on,
        },
        len(part),
    )
    paid = sums_by(debt, part, len(debts.bill_id))
    ledger_service.reduce_debts(session, debts.bill_id[paid > 0], paid[paid > 0])
    set_off = sums_by(place, part, len(owner))
    assert (set_off <= amount).all()
    channel = [fresh[index][1].channel for index in order.tolist()]
    posted = []
    for debit in sorted({_DEBIT[each] for each in channel}):
        mine = np.array([_DEBIT[each] == debit for each in channel])
        target = {"account": owner[mine], "document": payment[mine]}
        against = {LedgerAccount.RECEIVABLE: set_off[mine], LedgerAccount.ADVANCE: (amount - set_off)[mine]}
        posted += [ledger.entries(DocumentKind.PAYMENT, debit, credit, amount_tiyin=sums, **target) for credit, sums in against.items()]
    ledger_service.post(session, Books(accounts, division), ledger.joined(*posted), month=month_start(on), posted_on=on)


def _match(owner: Integers, amount: Integers, debt_owner: Integers, debt: Integers) -> tuple[Integers, Integers, Integers]:
    """Lay payments and debts of each owner side by side, both in order, and return (payment, debt, common part).

    All are stretches on one line of money, an owner's behind those of the one before; a part is where two of them overlap.
    """
    pool = sums_by(owner, amount, int(owner.max()) + 1 if len(owner) else 0)
    mine = debt_owner < len(pool)
    parts = np.zeros(len(debt), dtype=np.int64)
    parts[mine], _ = payments.allocate(pool, debt_owner[mine], debt[mine])
    payment_end = np.cumsum(amount)
    (row,) = parts.nonzero()
    part, place = parts[row], debt_owner[row]
    end = (np.cumsum(pool) - pool)[place] + np.cumsum(part) - np.append(0, np.cumsum(part))[np.searchsorted(place, place)]
    first, last = np.searchsorted(payment_end, end - part, "right"), np.searchsorted(payment_end, end, "left")
    pieces = last - first + 1
    piece = np.repeat(np.arange(len(row)), pieces)
    paying = first[piece] + np.arange(len(piece)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    low = np.maximum((payment_end - amount)[paying], (end - part)[piece])
    common = np.minimum(payment_end[paying], end[piece]) - low
    order = np.argsort(paying, kind="stable")
    return paying[order], row[piece][order], common[order]


def _divisions(session: Session, accounts: Integers) -> Integers:
    rows = session.execute(
        text("SELECT division_id FROM account_position WHERE account_id = ANY(:ids) ORDER BY account_id"),
        {"ids": accounts.tolist()},
    )
    return np.array([row[0] for row in rows], dtype=np.int64)


def _take_back_allocations(session: Session, reversal: Payment, wanted_tiyin: int, on: date) -> None:
    """Take allocations back from the newest on until the sum is reached, and let the debts rise again."""
    rows = session.execute(
        text(
            "SELECT a.bill_id, sum(a.amount_tiyin)::bigint, max(b.due_on) FROM allocation a JOIN bill b ON b.id = a.bill_id "
            "WHERE a.account_id = :account GROUP BY a.bill_id HAVING sum(a.amount_tiyin) > 0 ORDER BY max(b.due_on) DESC, a.bill_id DESC"
        ),
        {"account": reversal.account_id},
    )
    for bill_id, allocated, due_on in rows.all():
        part = min(wanted_tiyin, allocated)
        if part:
            _take_back(session, reversal, bill_id, part, due_on=due_on, on=on)
            wanted_tiyin -= part
    assert wanted_tiyin == 0, "more was set against bills than the payments of the account"


def _take_back(session: Session, reversal: Payment, bill_id: int, part: int, *, due_on: date, on: date) -> None:
    given = {
        "bill": bill_id, "account": reversal.account_id, "division": reversal.division_id, "payment": reversal.id, "part": part,
        "due_on": due_on, "on": on,
    }  # fmt: skip
    session.execute(
        text(
            "INSERT INTO allocation (division_id, account_id, bill_id, payment_id, amount_tiyin, allocated_on) "
            "VALUES (:division, :account, :bill, :payment, -:part, :on)"
        ),
        given,
    )
    session.execute(
        text(
            "INSERT INTO debt (bill_id, account_id, division_id, due_on, remaining_tiyin) "
            "VALUES (:bill, :account, :division, :due_on, :part) "
            "ON CONFLICT (bill_id) DO UPDATE SET remaining_tiyin = debt.remaining_tiyin + excluded.remaining_tiyin"
        ),
        given,
    )
