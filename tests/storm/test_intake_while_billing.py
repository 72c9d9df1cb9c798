"""Payments are taken while a bill run holds every account of a district and a month is being closed, and credited afterwards."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app import clock
from app.services.ledger import periods
from tests.storm.clients import Payme, Payment, PaynetJson, send
from tests.storm.database import BILLED, DemoDatabase, Kept, Works, crediting, kept, wait_until_credited, working
from tests.waiting import wait_until

FIRST = 7_000_000
#: A provider's patience is ten seconds and more; ours is shorter.
SOON_S = 2.0


@contextmanager
def busy(demo_database: DemoDatabase) -> Iterator[None]:
    """Hold all positions of the district, as a chunk of a bill run does, and close a month; both end with the block."""
    with working(demo_database.url) as run, working(demo_database.url) as closing:
        run.execute(
            text("SELECT account_id FROM account_position WHERE division_id = :id ORDER BY account_id FOR UPDATE"),
            {"id": demo_database.division_id},
        )
        periods.close_period(closing, demo_database.division_id, BILLED, by="supervisor", today=clock.today(), now=clock.now())
        yield


def asked(works: Works, payment: Payment, place: int) -> tuple[int, bool]:
    """Return the code a step is answered with, and whether that was soon."""
    began = time.monotonic()
    answer = send(works.port, payment.steps()[place].call())
    return payment.code(answer), time.monotonic() - began < SOON_S


def found(demo_database: DemoDatabase, payment: Payment) -> Kept:
    return next(each for each in kept(demo_database.url) if each[:2] == (payment.channel, payment.reference))


def test_payments_are_taken_repeated_and_cancelled_while_a_bill_run_holds_their_accounts(storm_town: DemoDatabase, works: Works) -> None:
    one, other = (
        PaynetJson(FIRST, storm_town.accounts[-1], 150_000),
        PaynetJson(FIRST + 1, storm_town.accounts[-1], 150_000, is_undone=True),
    )
    payme = Payme(FIRST + 2, storm_town.accounts[-2], 150_000)

    with busy(storm_town):
        taken = [asked(works, one, 0), asked(works, other, 0), asked(works, payme, 0), asked(works, payme, 1)]
        wait_until(lambda: crediting(storm_town.url, held_up=True))
        again = [asked(works, one, 0), asked(works, payme, 1), asked(works, payme, 1), asked(works, other, 1)]
        during = [found(storm_town, each).payments for each in (one, other, payme)]
    wait_until_credited(storm_town.url)

    assert taken == [(0, True)] * 4
    assert again == [(201, True), (0, True), (0, True), (0, True)]
    assert during == [0, 0, 0]
    assert [found(storm_town, each).paid_tiyin for each in (one, payme)] == [150_000, 150_000]
    assert (found(storm_town, other).status, found(storm_town, other).payments) == ("REVERSED", 0)
