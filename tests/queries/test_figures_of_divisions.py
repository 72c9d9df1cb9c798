"""Figures of districts for supervisors and the home page: sums of months, what waits, how far a month is billed.

A household pays 600 soʻm for each of its first kilowatt-hours.
"""

from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.calendar import TASHKENT
from app.domain.payments.channels import Channel
from app.queries import monitoring as queries
from app.queries.billing import holds
from app.queries.billing.corrections import ToCorrect, bills_to_correct
from app.queries.monitoring import home as home_queries
from app.services import billing, payments
from tests.builders import Home, bill_month, make_district, make_home, read

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DEC, JAN, FEB, MARCH, APRIL = date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 5))


class Towns(NamedTuple):
    """Two districts of one region, each with a household.

    The first is billed 100 kWh for January and 150 kWh for February and pays 70,000 soʻm in March; the second is billed
    100 kWh for January and pays 100,000 soʻm in February, 40,000 more than it owes.
    """

    region_id: int
    first: Home
    second: Home


@pytest.fixture
def towns(session: Session) -> Towns:
    districts = make_district(session, "1726998"), make_district(session, "1726999")
    first, second = (make_home(session, district) for district in districts)
    for home, day, dial in ((first, date(2026, 1, 31), 1100), (first, date(2026, 2, 28), 1250), (second, date(2026, 1, 31), 1100)):
        read(session, home, day, dial)
    for home, month in ((first, JAN), (first, FEB), (second, JAN)):
        bill_month(session, home.division_id, month)
    for home, amount, day in ((first, 7_000_000, date(2026, 3, 5)), (second, 10_000_000, date(2026, 2, 5))):
        payments.book(session, payments.MoneyReceived(Channel.CASHIER, home.number, home.account_id, amount), received_on=day)
    assert districts[0].parent_id is not None
    return Towns(districts[0].parent_id, first, second)


def work_in(session: Session, *homes: Home) -> None:
    """Let the transaction work in the districts of some homes."""
    ids = ",".join(str(home.division_id) for home in homes)
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{ids}}}"})


#: Billed, paid, debt and advance of each district at the end of a month, in soʻm.
MONTHS = [
    (DEC, (0, 0, 0, 0), (0, 0, 0, 0)),
    (JAN, (60_000, 0, 60_000, 0), (60_000, 0, 60_000, 0)),
    (FEB, (90_000, 0, 150_000, 0), (0, 100_000, 0, 40_000)),
    (MARCH, (0, 70_000, 80_000, 0), (0, 0, 0, 40_000)),
    (APRIL, (0, 0, 80_000, 0), (0, 0, 0, 40_000)),
]


def som(row: queries.DivisionMonth | queries.MonthTotals | queries.AccountMonth) -> tuple[int, ...]:
    return tuple(tiyin // 100 for tiyin in (row.billed_tiyin, row.paid_tiyin, row.debt_tiyin, row.advance_tiyin))


@pytest.mark.parametrize(("month", "first", "second"), MONTHS)
def test_month_of_a_region_is_the_sum_of_its_districts_and_theirs_of_their_accounts(
    session: Session, towns: Towns, month: date, first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    below = {row.division_id: som(row) for row in queries.by_division(session, towns.region_id, month)}

    assert (below.pop(towns.first.division_id), below.pop(towns.second.division_id)) == (first, second)
    assert set(below.values()) <= {(0, 0, 0, 0)}
    assert som(queries.one_division(session, towns.region_id, month)) == tuple(a + b for a, b in zip(first, second, strict=True))
    for home, expected in ((towns.first, first), (towns.second, second)):
        assert [(row.number, som(row)) for row in queries.account_months(session, home.division_id, month, limit=9)] == [
            (home.number, expected)
        ]


def test_months_of_a_division_come_in_the_order_asked_for(session: Session, towns: Towns) -> None:
    rows = queries.months_of(session, towns.first.division_id, [MARCH, JAN])

    assert [(row.billing_month, som(row)) for row in rows] == [(MARCH, MONTHS[3][1]), (JAN, MONTHS[1][1])]


def test_accounts_of_a_district_are_told_page_by_page(session: Session, towns: Towns) -> None:
    assert queries.account_months(session, towns.first.division_id, JAN, after=towns.first.account_id, limit=9) == []
    assert queries.account_months(session, towns.first.division_id, JAN, limit=0) == []


@pytest.mark.usefixtures("towns")
def test_latest_month_is_that_of_the_last_bills(session: Session) -> None:
    assert queries.latest_month(session) == FEB


@pytest.mark.usefixtures("towns")
@pytest.mark.parametrize(("today", "overdue"), [(date(2026, 2, 10), 0), (date(2026, 3, 10), 0), (date(2026, 3, 11), 1)])
def test_only_bills_that_are_open_after_their_day_are_overdue(session: Session, today: date, overdue: int) -> None:
    found = home_queries.waiting(session, ["exceptions", "holds", "overdue_bills"], today=today, since=LONG_AGO)

    oldest = datetime(2026, 3, 10, tzinfo=TASHKENT)
    assert found == ([home_queries.WorkQueue("overdue_bills", overdue, oldest)] if overdue else [])


def test_bill_that_is_held_back_waits_for_a_person(session: Session, towns: Towns) -> None:
    session.execute(
        text("INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('billing.largest_bill_som', 5, '2020-01-01', 't')")
    )
    read(session, towns.second, date(2026, 2, 28), 1200)
    run_id = bill_month(session, towns.second.division_id, FEB)

    assert holds.count_waiting(session, run_id) == 1
    assert holds.count_waiting(session, run_id + 1) == 0
    found = home_queries.waiting(session, ["holds"], today=FEB, since=LONG_AGO)
    assert [(row.kind, row.rows) for row in found] == [("holds", 1)]


@pytest.mark.parametrize(("month", "billed"), [(DEC, 0), (JAN, 2), (FEB, 1)])
def test_district_is_billed_once_its_run_is_posted(session: Session, towns: Towns, month: date, billed: int) -> None:
    work_in(session, towns.first, towns.second)

    found = home_queries.district_months(session, month)

    assert (len(found), sum(each.billed for each in found)) == (2, billed)


def test_district_that_is_not_billed_is_told_with_its_run_and_only_to_who_works_there(session: Session, towns: Towns) -> None:
    run = billing.open_run(session, division_id=towns.second.division_id, month=FEB, today=MARCH)

    work_in(session, towns.first, towns.second)
    unbilled = [each for each in home_queries.district_months(session, FEB) if not each.billed]
    assert unbilled == [(towns.second.division_id, "District 1726999", run.id, str(run.status), False)]
    work_in(session, towns.first)
    assert [each.billed for each in home_queries.district_months(session, FEB)] == [True]


@pytest.mark.parametrize(
    ("since", "expected"),
    [(JAN, ToCorrect(2, 3, 21_000_000)), (FEB, ToCorrect(1, 1, 9_000_000)), (MARCH, ToCorrect(0, 0, 0))],
)
def test_correction_of_many_tells_beforehand_what_it_takes_back(session: Session, towns: Towns, since: date, expected: ToCorrect) -> None:
    assert bills_to_correct(session, division_id=towns.region_id, tariff_group_id=None, since=since) == expected
    group_id = session.scalar(text("SELECT id FROM tariff_group WHERE code = 'HOUSEHOLD'"))
    assert bills_to_correct(session, division_id=towns.region_id, tariff_group_id=group_id, since=since) == expected
    assert bills_to_correct(session, division_id=towns.region_id, tariff_group_id=0, since=since) == ToCorrect(0, 0, 0)
