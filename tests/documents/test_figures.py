"""A figure shown in several places is the same in each: it comes from one query, or from entries that prove it."""

import io
import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import labels
from app.documents import monitoring as charts
from app.documents.billing import bills
from app.domain.billing import BillState, bill_state
from app.domain.calendar import months_after
from app.extensions import Scope, db, set_scope
from app.queries import accounts, billing, ledger, monitoring, payments
from app.queries.accounts import details, search
from app.queries.ledger import periods
from tests.builders import bill_month, make_district, make_home, read

TODAY = date(2026, 3, 15)


@pytest.fixture
def demo_session(app: Flask) -> Iterator[Session]:
    with app.test_request_context():
        set_scope(Scope(actor="test", today=TODAY, everywhere=True))
        yield db.session()
        db.session.remove()


def test_consumption_by_month_is_the_energy_of_the_bills_that_stand(demo_session: Session) -> None:
    account_ids = demo_session.scalars(text("SELECT id FROM account ORDER BY id")).all()
    billed = Counter(
        {row[0]: int(row[1]) for row in demo_session.execute(text("SELECT account_id, sum(quantity_milli) FROM bill GROUP BY account_id"))}
    )
    others = demo_session.scalar(text("SELECT count(*) FROM bill_line WHERE component <> 'ENERGY' AND quantity_milli <> 0"))

    shown = {each: billing.consumption_by_month(demo_session, each, since=date(1970, 1, 1)) for each in account_ids}

    assert others, "the town has lines whose quantity is no energy of their own"
    wrong = {each for each, rows in shown.items() if sum(row.quantity_milli for row in rows) != billed[each]}
    assert wrong == set()


def test_only_months_with_a_bill_are_shown(session: Session) -> None:
    district = make_district(session)
    home = make_home(session, district)
    read(session, home, date(2026, 2, 1), 1100)
    bill_month(session, district.id, date(2026, 1, 1))
    since = months_after(TODAY, -23)

    rows = charts.consumption_rows(billing.consumption_by_month(session, home.account_id, since=months_after(since, -12)), since)

    assert [(row.month, row.quantity_milli, row.year_before_milli) for row in rows] == [(date(2026, 1, 1), 100_000, None)]


def test_chart_draws_the_rows_of_its_table(demo_session: Session) -> None:
    account_id = demo_session.scalar(text("SELECT account_id FROM bill GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"))
    rows = charts.consumption_rows(billing.consumption_by_month(demo_session, account_id or 0, since=date(1970, 1, 1)), date(1970, 1, 1))

    chart = charts.consumption(rows, unit="kWh")

    assert len(rows) > 1
    assert chart["series"][0]["values"] == [row.quantity_milli / 1000 for row in rows]


def test_debt_is_the_same_on_the_card_in_the_search_on_the_receipt_and_in_the_charts(demo_session: Session) -> None:
    rows = demo_session.execute(
        text(
            "SELECT a.id, a.number, a.division_id FROM account a JOIN account_position p ON p.account_id = a.id "
            "WHERE EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id) "
            "AND NOT EXISTS (SELECT 1 FROM tender t WHERE t.account_id = a.id AND t.waiting) "
            "ORDER BY p.debt_tiyin DESC, a.id LIMIT 12"
        )
    ).all()
    newest = demo_session.scalar(text("SELECT max(billing_month) FROM account_balance"))

    for account_id, number, division_id in rows:
        card = accounts.card(demo_session, account_id)
        assert card is not None
        hit, *_others = search.search(demo_session, number, personal=True)
        debt, advance, _ = ledger.position(demo_session, account_id)
        due = details.due(demo_session, account_id, date(1970, 1, 1))
        standing = payments.standing(demo_session, number, TODAY)
        charted = {
            each.account_id: (each.debt_tiyin, each.advance_tiyin)
            for each in monitoring.account_months(demo_session, division_id, newest or TODAY, after=account_id - 1, limit=1)
        }
        remaining = sum(bill.remaining_tiyin for bill in billing.account_bills(demo_session, account_id, limit=1000))

        assert {(debt, advance), (card.debt_tiyin, card.advance_tiyin), (hit.debt_tiyin, hit.advance_tiyin), charted[account_id]} == {
            (debt, advance)
        }
        assert remaining == debt
        assert standing is None or standing.owed_tiyin == debt - advance
        assert due.overdue_tiyin == 0


def test_accounts_of_a_district_make_up_what_the_charts_show(demo_session: Session) -> None:
    newest = demo_session.scalar(text("SELECT max(billing_month) FROM account_balance")) or TODAY
    districts = demo_session.scalars(text("SELECT DISTINCT division_id FROM account_balance ORDER BY 1")).all()

    for district in districts:
        rows = monitoring.account_months(demo_session, district, newest, limit=100_000)
        whole = monitoring.one_division(demo_session, district, newest)
        assert sum(row.billed_tiyin for row in rows) + adjusted(demo_session, district, newest) == billed(demo_session, district, newest)
        assert (sum(row.debt_tiyin for row in rows), sum(row.advance_tiyin for row in rows)) == (whole.debt_tiyin, whole.advance_tiyin)
        assert (sum(row.billed_tiyin for row in rows), sum(row.paid_tiyin for row in rows)) == (whole.billed_tiyin, whole.paid_tiyin)


def adjusted(session: Session, district: int, month: date) -> int:
    return total(session, "adjusted_tiyin", district, month)


def billed(session: Session, district: int, month: date) -> int:
    return total(session, "closing_tiyin - opening_tiyin + paid_tiyin", district, month)


def total(session: Session, column: str, district: int, month: date) -> int:
    statement = text(f"SELECT coalesce(sum({column}), 0) FROM account_balance WHERE division_id = :district AND billing_month = :month")
    return int(session.execute(statement, {"district": district, "month": month}).scalar_one())


def test_amounts_of_a_bill_are_the_same_on_its_page_its_paper_and_in_the_list(demo_session: Session) -> None:
    account_id = demo_session.scalar(text("SELECT account_id FROM bill GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"))
    listed = billing.account_bills(demo_session, account_id or 0)

    for bill in listed:
        head = billing.bill_head(demo_session, bill.id)
        assert head is not None
        lines = billing.bill_lines(demo_session, bill.id)
        paper = bills.bill_pdf(demo_session, head, copy_of=None)

        assert sum(line.amount_tiyin for line in lines) == head.amount_tiyin == bill.amount_tiyin
        assert sum(line.quantity_milli for line in lines if line.component == "ENERGY") == head.quantity_milli == bill.quantity_milli
        assert len(PdfReader(io.BytesIO(paper)).pages) >= 1


def test_balances_by_month_add_up(demo_session: Session) -> None:
    account_ids = demo_session.scalars(text("SELECT DISTINCT account_id FROM account_balance")).all()

    for account_id in account_ids:
        rows = ledger.month_balances(demo_session, account_id, 24)
        assert all(row.opening_tiyin + row.charged_tiyin + row.adjusted_tiyin - row.paid_tiyin == row.closing_tiyin for row in rows)
        assert all(later.opening_tiyin == earlier.closing_tiyin for later, earlier in itertools.pairwise(rows))


@pytest.mark.parametrize(
    ("amount", "remaining", "day", "state"),
    [
        (500, 500, 10, BillState.UNPAID),
        (500, 500, 9, BillState.OVERDUE),
        (500, 200, 10, BillState.PART_PAID),
        (500, 200, 9, BillState.OVERDUE),
        (500, 0, 9, BillState.PAID),
        (0, 0, 9, BillState.NOTHING_TO_PAY),
        (-500, 0, 9, BillState.NOTHING_TO_PAY),
    ],
)
def test_bill_says_what_has_become_of_it(amount: int, remaining: int, day: int, state: BillState) -> None:
    given_ = {"amount_tiyin": amount, "remaining_tiyin": remaining, "due_on": date(2026, 3, day), "today": date(2026, 3, 10)}

    assert bill_state(**given_, is_withdrawn=False, takes_back=False) == state


@given(st.integers(-1000, 1000), st.integers(0, 1000), st.booleans())
def test_bill_that_was_taken_back_is_never_to_be_paid(amount: int, remaining: int, takes_back: bool) -> None:
    days = {"due_on": TODAY, "today": TODAY}

    found = bill_state(amount_tiyin=amount, remaining_tiyin=remaining, is_withdrawn=True, takes_back=takes_back, **days)

    assert found in {BillState.WITHDRAWN, BillState.TAKES_BACK}


def test_month_before_anything_was_posted_is_neither_open_nor_closed(session: Session) -> None:
    district = make_district(session)
    read(session, make_home(session, district), date(2026, 2, 1), 1100)
    bill_month(session, district.id, date(2026, 1, 1))

    found = periods.months_of(session, district.id, [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)])

    assert [(each.month.month, each.begun) for each in found] == [(2, True), (1, True), (12, False)]


def test_days_to_pay_by_are_those_of_the_bills_that_are_owed(session: Session) -> None:
    district = make_district(session)
    home = make_home(session, district)
    for month, dial in ((1, 1100), (2, 1300)):
        read(session, home, date(2026, month + 1, 1), dial)
        bill_month(session, district.id, date(2026, month, 1))
    first, second = (bill.remaining_tiyin for bill in reversed(billing.account_bills(session, home.account_id)))

    due = details.due(session, home.account_id, date(2026, 3, 1))

    assert due == details.Due(first, date(2026, 2, 11), second, date(2026, 3, 10))


@pytest.mark.parametrize(
    ("component", "unit"), [("ENERGY", "kWh"), ("BENEFIT", "kWh"), ("OVER_LIMIT", "kWh"), ("REACTIVE", "kvar·h"), ("DEMAND", "kW")]
)
def test_line_is_written_in_the_unit_of_what_it_charges_for(component: str, unit: str) -> None:
    assert labels.line_unit(component, "kWh") == unit
