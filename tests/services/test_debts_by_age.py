"""Debts by age: the sums kept with the debts, the rows behind each figure, and the work on debtors."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.domain.ledger.debts import Band, DebtStage, bands
from app.domain.payments.channels import Channel
from app.domain.reference import ConsumerKind
from app.models.accounts import Account
from app.models.legal_consumers import LegalConsumer
from app.queries import ledger
from app.queries.ledger import debts
from app.services import payments
from app.services.acts.supply import pass_to
from app.services.ledger import debtors, totals
from app.services.payments import MoneyReceived
from tests.builders import Home, bill_month, make_district, make_home, read

AGE = bands((30, 60, 90, 180, 365))
JAN = date(2026, 1, 1)


class Debtors:
    """A district with two homes that owe for January."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.district = make_district(session)
        self.first, self.second = make_home(session, self.district, 1), make_home(session, self.district, 2)
        for home, dial in ((self.first, 1310), (self.second, 1100)):
            read(session, home, date(2026, 1, 31), dial)
        bill_month(session, self.district.id, JAN)
        self.due = session.execute(text("SELECT min(due_on) FROM debt WHERE division_id = :id"), {"id": self.district.id}).scalar_one()

    def pay(self, home: Home, amount_tiyin: int, key: str) -> None:
        payments.book(self.session, MoneyReceived(Channel.CASHIER, key, home.account_id, amount_tiyin), received_on=date(2026, 2, 2))

    def owed(self, home: Home) -> int:
        statement = "SELECT coalesce(sum(remaining_tiyin), 0) FROM debt WHERE account_id = :id"
        return int(self.session.execute(text(statement), {"id": home.account_id}).scalar_one())

    def by_age(self, days_late: int, kind: ConsumerKind | None = None) -> tuple[list[int], list[int]]:
        (row,) = debts.by_age(self.session, [self.district.id], AGE, today=self.due + timedelta(days=days_late), kind=kind)
        return row.amounts, row.debts

    def work(self, home: Home) -> tuple[str | None, str]:
        row = self.session.execute(text("SELECT owner, stage FROM debtor WHERE account_id = :id"), {"id": home.account_id}).one()
        return (row[0], row[1])


@pytest.fixture
def office(session: Session) -> Debtors:
    return Debtors(session)


@pytest.mark.parametrize(
    ("days", "place"),
    [(-5, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (180, 4), (181, 5), (365, 5), (366, 6), (4000, 6)],
)
def test_debt_stands_in_the_band_of_its_age(office: Debtors, days: int, place: int) -> None:
    amounts, counts = office.by_age(days)

    owed = office.owed(office.first) + office.owed(office.second)
    assert owed > 0
    assert amounts == [owed if each == place else 0 for each in range(7)]
    assert counts == [2 if each == place else 0 for each in range(7)]


@pytest.mark.parametrize(
    ("last_days", "expected"),
    [
        ((30, 60), [(0, 0), (1, 30), (31, 60), (61, None)]),
        ((60, 30, 30), [(0, 0), (1, 30), (31, 60), (61, None)]),
        ((), [(0, 0), (1, None)]),
    ],
)
def test_bands_leave_no_day_out_whatever_the_settings_say(last_days: Sequence[int], expected: list[tuple[int, int | None]]) -> None:
    assert [tuple(band) for band in bands(last_days)] == expected


def test_payments_lower_the_sums_and_reversals_raise_them(office: Debtors) -> None:
    first, second = office.owed(office.first), office.owed(office.second)

    office.pay(office.first, first - 1_00, "part")
    after_part = office.by_age(1)
    office.pay(office.first, 1_00, "rest")
    after_all = office.by_age(1)
    payment = office.session.execute(
        text("SELECT max(id) FROM payment WHERE account_id = :id"), {"id": office.first.account_id}
    ).scalar_one()
    payments.reverse(office.session, payment, reference="back", reason="mistake", reversed_on=date(2026, 2, 3))
    after_reversal = office.by_age(1)

    assert [(amounts[1], counts[1]) for amounts, counts in (after_part, after_all, after_reversal)] == [
        (1_00 + second, 2),
        (second, 1),
        (1_00 + second, 2),
    ]
    assert ledger.drifts(office.session) == []


def test_rows_behind_a_figure_sum_to_it(office: Debtors) -> None:
    amounts, counts = office.by_age(45)
    rows = [debts.debts_of_age(office.session, office.district.id, band, today=office.due + timedelta(days=45), limit=10) for band in AGE]

    assert [sum(row.remaining_tiyin for row in found) for found in rows] == amounts
    assert [len(found) for found in rows] == counts


def test_rows_behind_a_figure_come_page_by_page(office: Debtors) -> None:
    def page(after: tuple[date, int] | None) -> list[debts.DebtRow]:
        return debts.debts_of_age(office.session, office.district.id, Band(0, 0), today=office.due, after=after, limit=1)

    (first,) = page(None)
    (second,) = page((first.due_on, first.bill_id))

    assert first.bill_id > second.bill_id
    assert page((second.due_on, second.bill_id)) == []


def test_account_that_goes_to_a_company_takes_its_debts_along(office: Debtors) -> None:
    owed, other = office.owed(office.first), office.owed(office.second)
    company = LegalConsumer(division_id=office.district.id, name="Sanoat MChJ", stir="301234567")
    office.session.add(company)
    office.session.flush()

    pass_to(office.session, office.session.get_one(Account, office.first.account_id), company)

    assert office.by_age(1, ConsumerKind.LEGAL)[0][1] == owed
    assert office.by_age(1, ConsumerKind.HOUSEHOLD)[0][1] == other
    assert ledger.drifts(office.session) == []


def test_nobody_waits_for_the_sums_of_another_transaction(demo_url: str) -> None:
    engine = create_engine(config.database_url(demo_url), poolclass=NullPool)
    with Session(engine) as one, Session(engine) as other:
        account, division = one.execute(text("SELECT id, division_id FROM account ORDER BY id LIMIT 1")).one()
        day, before = one.execute(
            text("SELECT due_on, sum(remaining_tiyin) FROM debt_total WHERE division_id = :id GROUP BY due_on ORDER BY due_on LIMIT 1"),
            {"id": division},
        ).one()
        for session, amount in ((one, 100), (other, 20), (other, 3)):
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            totals.add_debts(session, np.array([account]), np.array([division]), np.array([amount]), due_on=day)
        statement = text("SELECT sum(remaining_tiyin) FROM debt_total WHERE division_id = :id AND due_on = :day")
        sums = [session.execute(statement, {"id": division, "day": day}).scalar_one() - before for session in (one, other)]

    assert sums == [100, 23]


def test_debtor_is_taken_up_and_the_work_goes_on(office: Debtors) -> None:
    ids = [office.first.account_id, office.second.account_id]

    taken = debtors.assign(office.session, ids, owner="anna")
    debtors.advance(office.session, ids[:1], DebtStage.PROMISED, by="boris")
    debtors.assign(office.session, ids[1:], owner=None)

    assert taken == 2
    assert [office.work(office.first), office.work(office.second)] == [("anna", "PROMISED"), (None, "NEW")]


def test_who_has_nobody_gets_the_one_who_spoke_to_him(office: Debtors) -> None:
    debtors.advance(office.session, [office.first.account_id], DebtStage.CONTACTED, by="boris")

    assert office.work(office.first) == ("boris", "CONTACTED")


def test_work_on_debts_that_were_paid_says_nothing_of_later_ones(office: Debtors) -> None:
    debtors.advance(office.session, [office.first.account_id], DebtStage.DISPUTED, by="anna")
    office.pay(office.first, office.owed(office.first), "all")
    read(office.session, office.first, date(2026, 2, 28), 1500)
    bill_month(office.session, office.district.id, date(2026, 2, 1))

    before = office.work(office.first)
    debtors.assign(office.session, [office.first.account_id], owner="boris")

    assert before == (None, "NEW")
    assert office.work(office.first) == ("boris", "NEW")
