"""What was before the owner changed is another person's."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from app.queries.billing import account_bills, consumption_by_month
from app.queries.holdings import ALWAYS, Holding, holding
from app.queries.metering import account_readings
from app.queries.payments import account_payments
from app.queries.portal.own_data import own_data
from tests.builders import bill_month, read
from tests.services.act_scenario import APRIL, DAY, JAN, TODAY, Office
from tests.services.owner_scenario import change

MAY = date(2026, 5, 1)
RECORDED = datetime(2026, 4, 20, 9, tzinfo=UTC)


def test_account_without_a_change_was_always_its_consumers(office: Office) -> None:
    assert holding(office.session, office.home.account_id) == ALWAYS


def test_account_taken_over_is_the_new_owners_since_the_day(office: Office) -> None:
    act = change(office)

    assert holding(office.session, office.home.account_id) == (DAY, act.created_at)


def test_account_that_stayed_with_its_owner_was_always_his(office: Office) -> None:
    change(office, debt="STAYS")

    assert holding(office.session, office.home.account_id) == ALWAYS


def test_change_that_was_undone_counts_no_more(office: Office) -> None:
    # The counter-act takes back more than one person may.
    office.session.execute(
        text("INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('acts.limit_som', 9000000, '2026-01-01', 'test')")
    )

    office.undo(change(office))

    assert holding(office.session, office.home.account_id) == ALWAYS


def test_new_owner_sees_bills_and_energy_of_the_own_time_alone(office: Office) -> None:
    change(office)
    read(office.session, office.home, MAY, 2000)
    bill_month(office.session, office.home.division_id, APRIL)
    session, account_id = office.session, office.home.account_id
    held = holding(session, account_id)

    assert [(bill.period_from, bill.period_to) for bill in account_bills(session, account_id, held=held)] == [(DAY, MAY)]
    assert sum(month.quantity_milli for month in consumption_by_month(session, account_id, since=JAN, held=held)) == 200_000
    assert {reading.read_on for reading in account_readings(session, account_id, held=held)} == {DAY, MAY}


def test_new_owner_sees_no_payment_of_the_old_one(office: Office) -> None:
    office.pay_tiyin(5_000)
    change(office)
    office.pay_tiyin(7_000, on=TODAY)
    session, account_id = office.session, office.home.account_id

    found = account_payments(session, account_id, held=holding(session, account_id))

    assert [payment.amount_tiyin for payment in found] == [7_000]


def test_own_data_of_the_new_owner_begin_with_the_own_time(office: Office) -> None:
    office.pay_tiyin(5_000)
    change(office)

    found = own_data(office.session, office.home.account_id, TODAY)

    assert (found["bills"], found["payments"], found["consumption"]) == ([], [], [])


@pytest.mark.parametrize(
    ("received_on", "later", "shown"),
    [(DAY - timedelta(days=1), 1, False), (DAY, -1, False), (DAY, 1, True), (DAY + timedelta(days=1), -1, True)],
)
def test_payment_on_the_day_of_the_change_is_of_who_paid_after_it(received_on: date, later: int, *, shown: bool) -> None:
    assert Holding(DAY, RECORDED).has_paid(received_on, RECORDED + timedelta(hours=later)) is shown
