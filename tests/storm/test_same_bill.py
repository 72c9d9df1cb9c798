"""Two channels pay the same bill at the same moment: both are posted once, and the second is an advance."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, cycle
from typing import NamedTuple

import psycopg
import pytest

from tests.storm.clients import CHANNELS, Payment, send
from tests.storm.conftest import PAIRS
from tests.storm.database import DemoDatabase, Kept, Works, drifts, kept, wait_until_credited

FIRST = 5_000_000


class Paid(NamedTuple):
    """An account, what it owed, and the two payments of it."""

    account: str
    owed_tiyin: int
    pair: tuple[Payment, Payment]


def position(url: str, account: str) -> tuple[int, int]:
    """Return an account's debt and advance in tiyin."""
    statement = "SELECT p.debt_tiyin, p.advance_tiyin FROM account_position p JOIN account a ON a.id = p.account_id WHERE a.number = %s"
    with psycopg.connect(url) as connection:
        row = connection.execute(statement, (account,)).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def pay(port: int, payment: Payment, barrier: threading.Barrier) -> int:
    """Go through a payment's steps, the last one together with the other payer's; return the code of its answer."""
    *before, last = payment.steps()
    for step in before:
        payment.heard(send(port, step.call()))
    barrier.wait(60)
    return payment.code(send(port, last.call()))


@pytest.fixture(scope="module")
def paid(storm_town: DemoDatabase, works: Works) -> list[Paid]:
    """Every bill of some accounts, paid in full by two channels at once."""
    bills, kinds = [], cycle(combinations(CHANNELS, 2))
    for place, (account, (one, other)) in enumerate(zip(storm_town.accounts[:PAIRS], kinds, strict=False)):
        debt, advance = position(storm_town.url, account)
        assert (debt > 0, advance) == (True, 0)
        bills.append(Paid(account, debt, (one(FIRST + 2 * place, account, debt), other(FIRST + 2 * place + 1, account, debt))))
    # Both halves of the oldest pair always have a thread, so no pair waits for ever.
    with ThreadPoolExecutor(24) as threads:
        codes = []
        for bill in bills:
            barrier = threading.Barrier(2)
            codes += [threads.submit(pay, works.port, each, barrier) for each in bill.pair]
        assert {each.result() for each in codes} == {0}
    wait_until_credited(storm_town.url)
    return bills


def test_both_payments_are_posted_once(paid: list[Paid], storm_town: DemoDatabase) -> None:
    found: dict[tuple[str, str], Kept] = {(each.channel, each.reference): each for each in kept(storm_town.url)}

    for bill in paid:
        for each in bill.pair:
            tender = found[each.channel, each.reference]
            assert (tender.status, tender.payments, tender.paid_tiyin, tender.reversals) == ("PERFORMED", 1, bill.owed_tiyin, 0)


def test_second_payment_is_an_advance(paid: list[Paid], storm_town: DemoDatabase) -> None:
    assert [position(storm_town.url, bill.account) for bill in paid] == [(0, bill.owed_tiyin) for bill in paid]


def test_books_agree_after_every_bill_was_paid_twice(paid: list[Paid], storm_town: DemoDatabase) -> None:
    assert len(paid) == PAIRS
    assert drifts(storm_town.url) == []
