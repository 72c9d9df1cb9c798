from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.payments.channels import Channel
from app.domain.values import AmountTooLarge
from app.queries import ledger
from app.services import payments
from app.services.payments import MoneyReceived
from tests.builders import Home, bill_month, make_district, make_home, owed, read
from tests.strategies import TIMES

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
DAY = date(2026, 3, 3)


def debtor(session: Session) -> Home:
    """An account with two unpaid bills: 6 000 000 and 12 000 000 tiyin."""
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, home.division_id, JAN)
    read(session, home, date(2026, 2, 28), 1300)
    bill_month(session, home.division_id, FEB)
    return home


def money(home: Home, amount_tiyin: int, reference: str = "r1", channel: Channel = Channel.CASHIER) -> MoneyReceived:
    return MoneyReceived(channel, reference, home.account_id, amount_tiyin)


def remaining(session: Session) -> list[int]:
    return list(session.scalars(text("SELECT remaining_tiyin FROM debt ORDER BY due_on")))


def test_oldest_debt_is_paid_first(session: Session) -> None:
    home = debtor(session)

    payments.book(session, money(home, 7_000_000), received_on=DAY)

    assert remaining(session) == [11_000_000]
    assert ledger.drifts(session) == []


def test_overpayment_is_an_advance(session: Session) -> None:
    home = debtor(session)

    payments.book(session, money(home, 20_000_000), received_on=DAY)

    assert remaining(session) == []
    assert owed(session, home) == (0, 2_000_000)
    assert ledger.drifts(session) == []


def test_repeat_returns_the_first_payment_and_books_nothing(session: Session) -> None:
    home = debtor(session)
    first = payments.book(session, money(home, 1_000_000), received_on=DAY)

    again = payments.book(session, money(home, 1_000_000), received_on=DAY)

    assert again == first
    assert owed(session, home) == (17_000_000, 0)


def test_repeat_with_another_amount_is_refused(session: Session) -> None:
    home = debtor(session)
    payments.book(session, money(home, 1_000_000), received_on=DAY)

    with pytest.raises(payments.ConflictingRepeat):
        payments.book(session, money(home, 2_000_000), received_on=DAY)

    assert owed(session, home) == (17_000_000, 0)


def test_same_reference_in_another_channel_is_another_payment(session: Session) -> None:
    home = debtor(session)

    payments.book(session, money(home, 1_000_000), received_on=DAY)
    payments.book(session, money(home, 1_000_000, channel=Channel.BANK), received_on=DAY)

    assert owed(session, home) == (16_000_000, 0)


def test_amount_beyond_the_limit_is_refused(session: Session) -> None:
    home = debtor(session)

    with pytest.raises(AmountTooLarge):
        payments.book(session, money(home, 10**15 + 1), received_on=DAY)
    payments.book(session, money(home, 10**15), received_on=DAY)

    assert owed(session, home) == (0, 10**15 - 18_000_000)
    assert ledger.drifts(session) == []


def test_reversal_restores_the_debts(session: Session) -> None:
    home = debtor(session)
    payment = payments.book(session, money(home, 20_000_000), received_on=DAY)

    payments.reverse(session, payment, reference="x", reason="mistyped", reversed_on=DAY)

    assert remaining(session) == [6_000_000, 12_000_000]
    assert owed(session, home) == (18_000_000, 0)
    assert ledger.drifts(session) == []


def test_reversal_of_a_spent_advance_raises_the_debt_again(session: Session) -> None:
    home = make_home(session, make_district(session))
    payment = payments.book(session, money(home, 6_000_000), received_on=date(2026, 1, 3))
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, home.division_id, JAN)
    assert owed(session, home) == (0, 0)

    payments.reverse(session, payment, reference="x", reason="bounced", reversed_on=DAY)

    assert owed(session, home) == (6_000_000, 0)
    assert ledger.drifts(session) == []


def test_payment_is_reversed_once(session: Session) -> None:
    home = debtor(session)
    payment = payments.book(session, money(home, 1_000_000), received_on=DAY)
    reversal = payments.reverse(session, payment, reference="x", reason="mistyped", reversed_on=DAY)

    for target in (payment, reversal):
        with pytest.raises(payments.PaymentAlreadyReversed):
            payments.reverse(session, target, reference="y", reason="mistyped", reversed_on=DAY)

    assert owed(session, home) == (18_000_000, 0)


def test_batch_books_each_payment_once_with_its_own_allocations(session: Session) -> None:
    home = debtor(session)
    batch = [money(home, 4_000_000, "a"), money(home, 4_000_000, "b"), money(home, 11_000_000, "c"), money(home, 4_000_000, "a")]

    ids = payments.book_many(session, batch, received_on=DAY)

    assert ids[0] == ids[3]
    rows = session.execute(text("SELECT payment_id, sum(amount_tiyin)::bigint FROM allocation GROUP BY payment_id ORDER BY payment_id"))
    assert [tuple(row) for row in rows] == [(ids[0], 4_000_000), (ids[1], 4_000_000), (ids[2], 10_000_000)]
    assert owed(session, home) == (0, 1_000_000)
    assert ledger.drifts(session) == []


_STEPS = st.lists(st.tuples(st.sampled_from(["pay", "reverse", "repeat"]), st.integers(1, 9_000_000), st.integers(0, 5)), max_size=12)


@settings(max_examples=20 * TIMES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_books_hold_after_any_payments_repeats_and_reversals(session: Session, steps: list[tuple[str, int, int]]) -> None:
    with session.begin_nested() as savepoint:
        home = debtor(session)
        booked: list[tuple[int, MoneyReceived]] = []
        undone: set[int] = set()
        for number, (step, amount, pick) in enumerate(steps):
            if step == "pay" or not booked:
                paid = money(home, amount, f"p{number}")
                booked.append((payments.book(session, paid, received_on=DAY), paid))
            elif step == "repeat":
                first, paid = booked[pick % len(booked)]
                assert payments.book(session, paid, received_on=DAY) == first
            elif booked[pick % len(booked)][0] not in undone:
                target = booked[pick % len(booked)][0]
                payments.reverse(session, target, reference=f"u{number}", reason="property", reversed_on=DAY)
                undone.add(target)

        kept = sum(paid.amount_tiyin for payment, paid in booked if payment not in undone)
        debt, advance = owed(session, home)
        assert debt - advance == 18_000_000 - kept
        assert ledger.drifts(session) == []
        savepoint.rollback()
