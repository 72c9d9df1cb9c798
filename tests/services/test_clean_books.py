"""Days of work by chance never turn the proof of the books red, after no bill run and at no level: ``make clean-books RUNS=100``."""

import os
import random
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.billing.corrections import CorrectionKind
from app.domain.calendar import month_period
from app.domain.payments.channels import Channel
from app.queries import administration
from app.queries.ledger import BilledDivision
from app.queries.reports import levels
from app.services import payments
from app.services.billing import adjustments, corrections
from app.services.billing.adjustments import CreditNote
from app.services.billing.corrections import CorrectionRequest
from app.services.ledger import checks
from app.services.payments.booking import MoneyReceived
from tests.builders import Home, bill_month, make_district, make_home, read

RUNS = int(os.environ.get("BOOKS_RUNS", "3"))
MONTHS = [date(2026, month, 1) for month in range(1, 5)]


class Work:
    """Two districts and what happens in them, as chance has it."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.chance, self.number = session, random.Random(seed), 0
        self.homes: dict[int, list[Home]] = {}
        for place, code in enumerate(("1726991", "1727991")):
            district = make_district(session, code)
            self.homes[district.id] = [make_home(session, district, serial) for serial in range(1, 4 + place)]
        self.dials = {home.account_id: 1000 for homes in self.homes.values() for home in homes}
        self.payments, self.notes = list[int](), list[int]()
        self.billed: dict[int, date] = {}

    def month(self, month: date) -> None:
        """Read some meters, take and give money, correct, and bill, in an order of chance."""
        for homes in self.homes.values():
            for home in homes:
                if self.chance.random() < 0.7:
                    self.dials[home.account_id] += self.chance.randint(0, 400)
                    read(self.session, home, month_period(month).last, self.dials[home.account_id])
        acts = [self.bill, self.bill, *self.chance.choices([self.pay, self.pay, self.reverse_payment, self.note, self.reverse_note], k=8)]
        acts += self.chance.choices([self.correct, self.pay], k=2)
        self.chance.shuffle(acts)
        waiting = list(self.homes)
        self.chance.shuffle(waiting)
        on = month_period(month).last + timedelta(days=1)
        for act in acts:
            if act == self.bill:
                self.bill(waiting.pop(), month)
            else:
                act(on)  # type: ignore[call-arg, arg-type]

    def bill(self, division_id: int, month: date) -> None:
        """Bill a district's month; what its check finds differs."""
        bill_month(self.session, division_id, month)
        self.billed[division_id] = month
        assert checks.find(self.session, limit=20, billed=BilledDivision(division_id, month)) == []

    def pay(self, on: date) -> None:
        """Book money for an account."""
        money = MoneyReceived(Channel.CASHIER, self.key(), self.account().account_id, self.chance.randint(1, 9_000_000))
        self.payments.append(payments.book(self.session, money, received_on=on))

    def reverse_payment(self, on: date) -> None:
        """Take a payment back."""
        if self.payments:
            payments.reverse(self.session, self.taken(self.payments), reference=self.key(), reason="by mistake", reversed_on=on)

    def note(self, on: date) -> None:
        """Give money back."""
        amount = self.chance.randint(1, 900_000)
        note = CreditNote(self.account().account_id, amount, amount * 12 // 112, "letter", self.key())
        self.notes.append(adjustments.credit(self.session, note, posted_on=on).id)

    def reverse_note(self, on: date) -> None:
        """Take a note back."""
        if self.notes:
            adjustments.reverse(self.session, self.taken(self.notes), basis="by mistake", posted_on=on)

    def correct(self, on: date) -> None:
        """Bill an account's months again, or take its bills back."""
        home = self.account()
        if home.division_id not in self.billed:
            return
        months = MONTHS[: MONTHS.index(self.billed[home.division_id]) + 1]
        kind, since = self.chance.choice([*CorrectionKind]), self.chance.choice(months)
        wanted = CorrectionRequest(home.division_id, since, kind, "read anew", self.key(), account_id=home.account_id)
        try:
            with self.session.begin_nested():
                corrections.correct_account(self.session, wanted, today=on)
        except corrections.NothingToCancel:
            pass

    def account(self) -> Home:
        """Return an account of chance."""
        return self.chance.choice([home for homes in self.homes.values() for home in homes])

    def taken(self, ids: list[int]) -> int:
        """Return one of some rows, which is done with then."""
        return ids.pop(self.chance.randrange(len(ids)))

    def key(self) -> str:
        """Return a reference that was not used."""
        self.number += 1
        return f"w{self.number}"


@pytest.mark.parametrize("seed", range(RUNS))
def test_days_of_work_never_turn_the_books_red(session: Session, seed: int) -> None:
    work = Work(session, seed)

    for month in MONTHS:
        work.month(month)
        assert checks.find(session, limit=20) == []

    counted = session.execute(
        text("SELECT (SELECT count(*) FROM bill), (SELECT count(*) FROM payment), (SELECT count(*) FROM adjustment)")
    ).one()  # fmt: skip
    assert all(counted)
    tree = administration.divisions(session)
    assert {each.path.count("/") for each in tree if each.id in work.homes} == {max(each.path.count("/") for each in tree)}
    assert levels.drifts(session, tree) == []
