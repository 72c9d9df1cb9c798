"""Acts at the same moment as another act, a bill run or a payment on the same account: one waits, then sees what the other did."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal, ActRefused, ActRequest
from app.domain.metering import ReadingSource, RowProblem
from app.domain.payments.channels import Channel
from app.models.acts import Act
from app.queries import ledger
from app.services import acts, metering, payments
from app.services.payments import MoneyReceived
from tests.builders import Home, bill_month, make_district, make_home, read
from tests.parallel import Beside, copied
from tests.services.act_scenario import DAY, FEB, JAN, MARCH, TODAY, proved

NEXT = date(2026, 4, 1)
Work = Callable[[Session], Any]


class DemoDatabase(NamedTuple):
    """A database of its own with an account that is billed for January and February."""

    engine: Engine
    home: Home

    def act(self, act_kind: ActKind, reference: str, /, day: date = DAY, **parameters: Any) -> Work:
        """An act that somebody asks for."""
        given = parameters | {"readings": {str(self.home.register_id): 1_800_000}}
        request = ActRequest(act_kind, self.home.division_id, day, "application", given, reference, account_id=self.home.account_id)
        return lambda session: acts.submit(session, request, today=TODAY).id

    def change_owner(self, name: str, **parameters: Any) -> Work:
        """A change of owner to somebody new."""
        given = {"kind": "HOUSEHOLD", "name": name, "identifier": None, "phone": None, "language": "uz", "debt": "TAKEN_OVER"}
        return self.act(ActKind.CHANGE_OWNER, name, **(given | parameters))

    def pay(self, session: Session) -> int:
        """A payment of 1,000 soʻm."""
        return payments.book(session, MoneyReceived(Channel.CASHIER, "pay", self.home.account_id, 100_000), received_on=TODAY)

    def at_once(self, first: Work, second: Work) -> Beside:
        """Do one thing, and another while the first is not committed; return the second, which had to wait."""
        with Session(self.engine) as session:
            first(session)
            beside = Beside(self.engine, second)
            assert beside.waits()
            session.commit()
        return beside

    def told(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says of the account afterwards."""
        with Session(self.engine) as session:
            return [tuple(row) for row in session.execute(text(statement), {"id": self.home.account_id})]

    def is_sound(self) -> bool:
        """The ledger adds up, bills come out again, and each day is billed once."""
        live = "b.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id)"
        twice = (
            f"SELECT b.id FROM bill b JOIN bill o ON o.account_id = b.account_id AND o.id > b.id AND o.period_from < b.period_to "
            f"AND o.period_to > b.period_from WHERE {live} AND {live.replace('b.', 'o.')}"
        )
        with Session(self.engine) as session:
            return proved(session, self.home.division_id) and ledger.drifts(session) == [] and not session.execute(text(twice)).all()


@pytest.fixture
def demo_database(servers: tuple[str, str]) -> Iterator[DemoDatabase]:
    with copied(servers, "pc_billing_parallel") as own, Session(own) as session:
        home = make_home(session, make_district(session), dial=1000)
        for day, dial in ((FEB, 1310), (MARCH, 1590)):
            read(session, home, day, dial)
        for month in (JAN, FEB):
            bill_month(session, home.division_id, month)
        session.commit()
        yield DemoDatabase(own, home)


OWNERS = "SELECT c.name FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = :id"
MARCH_BILLS = (
    "SELECT period_from, period_to, amount_tiyin FROM bill b WHERE account_id = :id AND billing_month = '2026-03-01' "
    "AND cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id) ORDER BY period_from"
)


def test_of_two_changes_of_owner_at_once_one_is_refused(demo_database: DemoDatabase) -> None:
    second = demo_database.at_once(demo_database.change_owner("First"), demo_database.change_owner("Second"))

    with pytest.raises(ActRefused) as refused:
        second.done()

    assert refused.value.refusal == ActRefusal.LATER_FACTS
    assert demo_database.told(OWNERS) == [("First",)]
    assert demo_database.told("SELECT count(*) FROM supply WHERE account_id = :id") == [(2,)]
    assert demo_database.is_sound()


def test_of_two_readings_of_one_day_entered_at_once_one_is_refused(demo_database: DemoDatabase) -> None:
    def entered(dial: str) -> Work:
        given = {"meter_number": "", "read_on": "2026-03-20", "source": ReadingSource.OFFICE, "sure": True, "today": TODAY}
        return lambda session: metering.enter(session, account_id=demo_database.home.account_id, dial=dial, **given).id

    second = demo_database.at_once(entered("1700"), entered("1710"))

    with pytest.raises(metering.ReadingRefused) as refused:
        second.done()

    assert refused.value.problem == RowProblem.BEFORE_LAST_READING
    assert demo_database.told("SELECT dial_milli FROM reading WHERE account_id = :id AND read_on = '2026-03-20'") == [(1_700_000,)]


def test_two_clicks_at_once_are_one_act(demo_database: DemoDatabase) -> None:
    change = demo_database.change_owner("First")

    second = demo_database.at_once(change, change)

    assert [(second.done(),)] == demo_database.told("SELECT id FROM act WHERE account_id = :id")
    assert demo_database.is_sound()


def test_account_that_is_being_closed_does_not_change_hands(demo_database: DemoDatabase) -> None:
    second = demo_database.at_once(
        demo_database.act(ActKind.CLOSE_ACCOUNT, "close", unsettled="STAYS"), demo_database.change_owner("Second")
    )

    with pytest.raises(ActRefused) as refused:
        second.done()

    assert refused.value.refusal == ActRefusal.NOT_OPEN
    assert demo_database.is_sound()


def test_counter_act_waits_for_an_act_that_stands_on_the_first_one(demo_database: DemoDatabase) -> None:
    first = Beside(demo_database.engine, demo_database.change_owner("First")).done()
    with Session(demo_database.engine) as session:
        undo = acts.request_of(session.get_one(Act, first), effective_on=TODAY, reason="mistake", reference="undo")
    later = demo_database.act(ActKind.CHANGE_TERM, "term", day=NEXT, term="FAMILIES", value_milli=2000)

    second = demo_database.at_once(later, lambda session: acts.submit(session, undo, today=TODAY))

    with pytest.raises(ActRefused) as refused:
        second.done()
    assert refused.value.refusal == ActRefusal.LATER_ACT
    assert demo_database.is_sound()


def test_bill_run_that_waited_for_an_act_bills_what_the_act_left(demo_database: DemoDatabase) -> None:
    with Session(demo_database.engine) as session:
        read(session, demo_database.home, NEXT, 1900)
        session.commit()

    demo_database.at_once(
        demo_database.change_owner("First"), lambda session: bill_month(session, demo_database.home.division_id, MARCH)
    ).done()
    Beside(demo_database.engine, lambda session: bill_month(session, demo_database.home.division_id, NEXT)).done()

    assert [row[:2] for row in demo_database.told(MARCH_BILLS)] == [(MARCH, DAY)]
    assert demo_database.told(OWNERS) == [("First",)]
    assert demo_database.is_sound()


def test_act_that_waited_for_a_bill_run_takes_its_bill_back_to_its_day(demo_database: DemoDatabase) -> None:
    demo_database.at_once(
        lambda session: bill_month(session, demo_database.home.division_id, MARCH), demo_database.change_owner("First")
    ).done()

    assert [row[:2] for row in demo_database.told(MARCH_BILLS)] == [(MARCH, DAY)]
    assert demo_database.told("SELECT count(*) FROM bill WHERE account_id = :id AND cancels_id IS NOT NULL") == [(1,)]
    assert demo_database.is_sound()


@pytest.mark.parametrize("act_is_first", [True, False])
def test_payment_and_change_of_owner_at_once_keep_every_tiyin(demo_database: DemoDatabase, act_is_first: bool) -> None:
    before = demo_database.told("SELECT debt_tiyin - advance_tiyin FROM account_position WHERE account_id = :id")[0][0]
    change = demo_database.change_owner("First")

    demo_database.at_once(*((change, demo_database.pay) if act_is_first else (demo_database.pay, change))).done()

    final = sum(row[2] for row in demo_database.told(MARCH_BILLS))
    after = demo_database.told("SELECT debt_tiyin - advance_tiyin FROM account_position WHERE account_id = :id")[0][0]
    assert after == before + final - 100_000
    assert demo_database.is_sound()


def test_account_is_not_closed_as_settled_with_a_payment_that_is_undone_at_that_moment(demo_database: DemoDatabase) -> None:
    close = demo_database.act(ActKind.CLOSE_ACCOUNT, "close", unsettled="REFUSE")
    with Session(demo_database.engine) as session:
        shown = acts.preview(session, town_request(demo_database), today=TODAY)
        owes = shown["positions"][0]["after_tiyin"]
        payment = payments.book(session, MoneyReceived(Channel.CASHIER, "all", demo_database.home.account_id, owes), received_on=TODAY)
        session.commit()

    undoing = demo_database.at_once(
        lambda session: payments.reverse(session, payment, reference="undo", reason="error", reversed_on=TODAY), close
    )

    with pytest.raises(ActRefused) as refused:
        undoing.done()
    assert refused.value.refusal == ActRefusal.UNSETTLED
    assert demo_database.told("SELECT status FROM account WHERE id = :id") == [("OPEN",)]
    assert demo_database.is_sound()


def town_request(demo_database: DemoDatabase) -> ActRequest:
    given = {"unsettled": "STAYS", "readings": {str(demo_database.home.register_id): 1_800_000}}
    return ActRequest(
        ActKind.CLOSE_ACCOUNT, demo_database.home.division_id, DAY, "application", given, "shown", account_id=demo_database.home.account_id
    )
