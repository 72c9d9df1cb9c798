"""The books settle as the pure rule says, whatever order money and bills come in."""

from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import settlement
from app.domain.billing.corrections import CorrectionKind
from app.domain.calendar import months_after
from app.domain.payments.channels import Channel
from app.domain.settlement import BillAmounts
from app.domain.values import Integers, sums_by
from app.queries import ledger
from app.services import payments
from app.services.billing import adjustments, corrections
from app.services.billing.adjustments import CreditNote
from app.services.billing.corrections import CorrectionRequest, NothingToCancel
from app.services.payments import MoneyReceived
from tests.builders import bill_month, make_district, make_home, read
from tests.strategies import TIMES, int64s

SINCE, ON = date(2026, 1, 1), date(2027, 2, 3)


class Books:
    """Two accounts, and what was done with them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        district = make_district(session)
        self.homes = [make_home(session, district, serial) for serial in (1, 2)]
        self.dials = [1000, 1000]
        self.months = 0
        self.step = 0
        self.paid: dict[int, tuple[int, int]] = {}
        self.noted: dict[int, tuple[int, int]] = {}
        self.bill()

    def ids(self) -> Integers:
        return int64s([home.account_id for home in self.homes])

    def bill(self, *_: int) -> None:
        month = months_after(SINCE, self.months)
        self.months += 1
        for place, home in enumerate(self.homes):
            self.dials[place] += 40 * (1 + place + self.months % 3)
            read(self.session, home, months_after(month, 1) - timedelta(days=1), self.dials[place])
        bill_month(self.session, self.homes[0].division_id, month)

    def pay(self, account: int, amount: int, also: int) -> None:
        """Book one payment, or one for each account and a second for the first."""
        received = [(account, amount)] if also % 2 else [(account, amount), (1 - account, amount // 2 + 1), (account, 7 * also + 1)]
        money = [
            MoneyReceived(Channel.PAYME if place % 2 else Channel.CASHIER, f"p{self.step}.{place}", self.homes[of].account_id, sum_)
            for place, (of, sum_) in enumerate(received)
        ]
        for payment_id, row in zip(payments.book_many(self.session, money, received_on=ON), received, strict=True):
            self.paid[payment_id] = row

    def reverse(self, _account: int, _amount: int, pick: int) -> None:
        if self.paid:
            payment_id = sorted(self.paid)[pick % len(self.paid)]
            payments.reverse(self.session, payment_id, reference=f"u{self.step}", reason="property", reversed_on=ON)
            del self.paid[payment_id]

    def credit(self, account: int, amount: int, _pick: int) -> None:
        note = CreditNote(self.homes[account].account_id, amount, amount // 10, "letter", f"n{self.step}")
        self.noted[adjustments.credit(self.session, note, posted_on=ON).id] = account, amount

    def uncredit(self, _account: int, _amount: int, pick: int) -> None:
        if self.noted:
            note_id = sorted(self.noted)[pick % len(self.noted)]
            adjustments.reverse(self.session, note_id, basis="letter", posted_on=ON)
            del self.noted[note_id]

    def correct(self, account: int, amount: int, pick: int) -> None:
        kind = CorrectionKind.REBILL if amount % 3 else CorrectionKind.CANCEL
        since = months_after(SINCE, pick % self.months)
        wanted = CorrectionRequest(
            self.homes[account].division_id, since, kind, "property", f"c{self.step}", account_id=self.homes[account].account_id
        )
        try:
            corrections.correct_account(self.session, wanted, today=ON)
        except NothingToCancel:
            return

    def take(self, step: tuple[str, int, int, int]) -> None:
        self.step += 1
        getattr(self, step[0])(*step[1:])

    def bills(self) -> tuple[BillAmounts, Integers]:
        """Return the bills that stand and charge something, and what the others give back to each account."""
        rows = self.session.execute(
            text(
                "SELECT account_id, id, due_on - DATE '1970-01-01', amount_tiyin, billing_month - DATE '1970-01-01' FROM bill b "
                "WHERE account_id = ANY(:ids) "
                "AND cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id)"
            ),
            {"ids": self.ids().tolist()},
        ).all()
        whole = np.array([tuple(row) for row in rows], dtype=np.int64).reshape(len(rows), 5).T
        bills = BillAmounts(np.searchsorted(self.ids(), whole[0]), *whole[1:])
        given_back = sums_by(bills.account, np.maximum(-bills.amount_tiyin, 0), len(self.homes))
        return settlement.chosen(bills, bills.amount_tiyin > 0), given_back

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.execute(text(statement), {"ids": self.ids().tolist()})]


_steps = st.lists(
    st.tuples(
        st.sampled_from(["bill", "pay", "pay", "reverse", "credit", "uncredit", "correct"]),
        st.integers(0, 1), st.integers(10, 9_000_000), st.integers(0, 9),
    ),
    min_size=3, max_size=9,
)  # fmt: skip


@settings(max_examples=10 * TIMES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_steps)
def test_books_stand_as_if_all_money_were_settled_against_all_bills_at_once(session: Session, steps: list[tuple[str, int, int, int]]):
    with session.begin_nested() as savepoint:
        books = Books(session)
        for step in steps:
            books.take(step)

        bills, pool = books.bills()
        for account, amount in [*books.paid.values(), *books.noted.values()]:
            pool[account] += amount
        moved, advance = settlement.settle(pool, bills)
        part = dict(zip(moved.bill_id.tolist(), moved.amount_tiyin.tolist(), strict=True))
        open_ = {bill: amount - part.get(bill, 0) for bill, amount in zip(bills.bill_id.tolist(), bills.amount_tiyin.tolist(), strict=True)}
        assert dict(books.rows("SELECT bill_id, remaining_tiyin FROM debt WHERE account_id = ANY(:ids)")) == {
            bill: amount for bill, amount in open_.items() if amount
        }
        assert part == dict(
            books.rows(
                "SELECT bill_id, sum(amount_tiyin)::bigint FROM allocation WHERE account_id = ANY(:ids) "
                "GROUP BY bill_id HAVING sum(amount_tiyin) <> 0"
            )
        )
        assert books.rows("SELECT advance_tiyin FROM account_position WHERE account_id = ANY(:ids) ORDER BY account_id") == [
            (each,) for each in advance.tolist()
        ]
        assert ledger.drifts(session) == []
        savepoint.rollback()
