"""What the page of an account reads: bills, payments, balances and what happened, with figures worked out by hand.

A household pays 600 soʻm for each of its first kilowatt-hours, VAT of 12 % inside.
"""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.billing import BillState
from app.domain.billing.corrections import CorrectionKind
from app.domain.ledger import DocumentKind
from app.domain.ledger.debts import Band
from app.domain.payments import PaymentMove
from app.domain.payments.channels import Channel
from app.models.administration import Division
from app.queries import accounts as account_queries
from app.queries import documents, ledger, metering
from app.queries import payments as payment_queries
from app.queries.accounts import details
from app.queries.billing import bills as queries
from app.queries.billing import holds
from app.queries.holdings import ALWAYS
from app.queries.ledger import debts
from app.queries.payments import cash
from app.services import payments
from app.services.billing import adjustments, corrections
from app.services.payments import moves
from tests.builders import Home, bill_month, install, make_district, make_home, read

JAN, FEB, MARCH, APRIL = (date(2026, month, 1) for month in range(1, 5))
READ_ON, PAID_ON = date(2026, 2, 28), date(2026, 3, 5)
MADE = datetime(2026, 3, 5, 6, tzinfo=UTC)
NOBODY = 10**9


class Lived(NamedTuple):
    """A home billed 100 kWh for January and 150 kWh for February that paid 70,000 soʻm in March, and one billed nothing."""

    home: Home
    other: Home
    january: int
    february: int
    payment: int


@pytest.fixture
def lived(session: Session) -> Lived:
    home = make_home(session, make_district(session))
    for day, dial, month in ((date(2026, 1, 31), 1100, JAN), (date(2026, 2, 28), 1250, FEB)):
        read(session, home, day, dial)
        bill_month(session, home.division_id, month)
    payment = payments.book(session, payments.MoneyReceived(Channel.CASHIER, "receipt 1", home.account_id, 7_000_000), received_on=PAID_ON)
    ids = session.scalars(text("SELECT id FROM bill WHERE account_id = :id ORDER BY billing_month"), {"id": home.account_id}).all()
    other = make_home(session, session.get_one(Division, home.division_id), 2, since=MARCH)
    return Lived(home, other, ids[0], ids[1], payment)


@pytest.mark.parametrize(
    ("today", "february"), [(date(2026, 3, 10), BillState.PART_PAID), (date(2026, 3, 11), BillState.OVERDUE)]
)  # fmt: skip
def test_bills_of_an_account_tell_what_is_left_of_each_and_where_it_stands(
    session: Session, lived: Lived, today: date, february: BillState
) -> None:
    rows = queries.account_bills(session, lived.home.account_id)

    assert [(row.id, row.quantity_milli, row.amount_tiyin, row.remaining_tiyin, row.due_on, row.state(today)) for row in rows] == [
        (lived.february, 150_000, 9_000_000, 8_000_000, date(2026, 3, 10), february),
        (lived.january, 100_000, 6_000_000, 0, date(2026, 2, 10), BillState.PAID),
    ]
    assert queries.account_bills(session, lived.home.account_id, limit=1) == rows[:1]
    assert queries.account_bill(session, lived.january) == rows[1]
    assert (queries.account_bill(session, NOBODY), queries.account_bills(session, lived.other.account_id)) == (None, [])


def test_withdrawn_bill_leaves_the_list_and_is_shown_where_it_is_asked_for(session: Session, lived: Lived) -> None:
    wanted = corrections.CorrectionRequest(
        lived.home.division_id, FEB, CorrectionKind.CANCEL, "wrong meter", "form 1", account_id=lived.home.account_id
    )
    corrections.correct_account(session, wanted, today=PAID_ON)

    def found(*, withdrawn: bool) -> list[tuple[int, bool, bool]]:
        return [
            (row.id, row.is_withdrawn, row.takes_back)
            for row in queries.account_bills(session, lived.home.account_id, withdrawn=withdrawn)
        ]  # fmt: skip

    assert found(withdrawn=False) == [(lived.january, False, False)]
    assert found(withdrawn=True) == [(lived.february, True, False), (lived.january, False, False)]
    assert queries.consumption_by_month(session, lived.home.account_id, since=JAN) == [(JAN, 100_000, 6_000_000), (FEB, 0, 0)]
    assert cash.last_bill_tiyin(session, lived.home.account_id) == 6_000_000
    assert [row.month for row in holds.energy_before(session, lived.home.account_id, APRIL)] == [JAN]
    assert [
        (row.kind, row.amount_tiyin, row.undone)
        for row in account_queries.timeline(session, lived.home.account_id)
        if row.detail == "2026-02"
    ] == [
        ("CANCELLATION", -9_000_000, False),
        ("BILL", 9_000_000, True),
    ]


def test_heads_of_bills_tell_whom_each_is_for_and_leave_out_what_is_not_there(session: Session, lived: Lived) -> None:
    heads = queries.bill_heads(session, [lived.february, NOBODY, lived.january])

    assert set(heads) == {lived.january, lived.february}
    head = heads[lived.february]
    told = (head.account_number, head.consumer_name, head.consumer_kind, head.address, head.unit, head.billing_month, head.cancels_id)
    assert told == (lived.home.number, "Karimov Anvar 1", "HOUSEHOLD", "Navoiy, 1", "kWh", FEB, None)
    assert (head.amount_tiyin, head.vat_tiyin, head.issued_on, head.due_on) == (9_000_000, 964_286, MARCH, date(2026, 3, 10))
    assert queries.bill_head(session, NOBODY) is None


def test_bill_is_found_by_what_outsiders_see_of_it_only_with_its_own_account(session: Session, lived: Lived) -> None:
    public_id = queries.bill_heads(session, [lived.january])[lived.january].public_id

    assert queries.bill_id_of(session, public_id, lived.home.account_id, ALWAYS) == lived.january
    assert queries.bill_id_of(session, public_id, lived.other.account_id, ALWAYS) is None


def test_lines_and_energy_of_bills_tell_how_the_sums_came_about(session: Session, lived: Lived) -> None:
    lines = queries.bill_lines(session, lived.january, lived.february)
    energy = queries.bill_consumption(session, lived.january, lived.february)

    assert [(row.bill_id, row.component, row.block_no, row.quantity_milli, row.rate, row.amount_tiyin, row.for_month) for row in lines] == [
        (lived.january, "ENERGY", 1, 100_000, 600, 6_000_000, JAN),
        (lived.february, "ENERGY", 1, 150_000, 600, 9_000_000, FEB),
    ]
    assert [(row.bill_id, row.meter, row.earlier_milli, row.later_milli, row.quantity_milli, row.multiplier) for row in energy] == [
        (lived.january, lived.home.serial, 1_000_000, 1_100_000, 100_000, 1),
        (lived.february, lived.home.serial, 1_100_000, 1_250_000, 150_000, 1),
    ]
    assert (queries.bill_lines(session), queries.bill_consumption(session)) == ([], [])


@pytest.mark.parametrize(
    ("since", "expected"),
    [(JAN, [(JAN, 100_000, 6_000_000), (FEB, 150_000, 9_000_000)]), (FEB, [(FEB, 150_000, 9_000_000)]), (MARCH, [])],
)
def test_energy_is_told_by_month_from_a_month_on(session: Session, lived: Lived, since: date, expected: list[Any]) -> None:
    assert queries.consumption_by_month(session, lived.home.account_id, since=since) == expected


@pytest.mark.parametrize(("month", "expected"), [(APRIL, [FEB, JAN]), (FEB, [JAN]), (JAN, [])])
def test_energy_of_the_months_before_is_told_the_newest_first(session: Session, lived: Lived, month: date, expected: list[date]) -> None:
    assert [row.month for row in holds.energy_before(session, lived.home.account_id, month)] == expected


def test_last_bill_is_the_newest_and_none_where_nothing_was_billed(session: Session, lived: Lived) -> None:
    assert [cash.last_bill_tiyin(session, home.account_id) for home in (lived.home, lived.other)] == [9_000_000, 0]


@pytest.mark.parametrize(("month", "owed"), [(JAN, 0), (FEB, 6_000_000), (MARCH, 15_000_000), (APRIL, 8_000_000)])
def test_what_was_owed_before_a_month_comes_from_the_entries(session: Session, lived: Lived, month: date, owed: int) -> None:
    assert ledger.owed_before(session, lived.home.account_id, month) == owed


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (JAN, APRIL, [("BILL", JAN, 6_000_000), ("BILL", FEB, 9_000_000), ("PAYMENT", MARCH, -7_000_000)]),
        (FEB, MARCH, [("BILL", FEB, 9_000_000)]),
        (APRIL, date(2026, 5, 1), []),
    ],
)
def test_statement_has_a_line_for_each_document_of_its_months(
    session: Session, lived: Lived, since: date, until: date, expected: list[Any]
) -> None:
    lines = ledger.statement_lines(session, lived.home.account_id, since=since, until=until)

    assert [(line.document_kind, line.billing_month, line.net_tiyin) for line in lines] == expected


def test_balance_after_a_document_comes_from_the_bill_before_it(session: Session, lived: Lived) -> None:
    of_bills = documents.balances_after(
        session,
        [DocumentKind.BILL],
        [documents.PostedDocument(lived.home.account_id, bill, MADE) for bill in (lived.january, lived.february)],
    )
    of_payment = documents.balance_after(session, lived.home.account_id, [DocumentKind.PAYMENT], lived.payment, MADE)

    assert [tuple(of_bills[bill])[:4] for bill in (lived.january, lived.february)] == [(0, 0, 0, 6_000_000), (6_000_000, 0, 0, 9_000_000)]
    assert tuple(of_payment)[:4] == (15_000_000, 0, 0, -7_000_000)


def test_balance_counts_what_was_paid_and_adjusted_since_the_bill_before(session: Session, lived: Lived) -> None:
    note = adjustments.CreditNote(lived.home.account_id, 500_000, 50_000, "letter 7", "n")
    adjustments.credit(session, note, posted_on=PAID_ON)
    later = payments.book(session, payments.MoneyReceived(Channel.CASHIER, "receipt 2", lived.home.account_id, 100), received_on=PAID_ON)

    assert tuple(documents.balance_after(session, lived.home.account_id, [DocumentKind.PAYMENT], later, MADE))[:4] == (
        15_000_000,
        7_000_000,
        -500_000,
        -100,
    )


def test_payments_are_listed_the_newest_first_and_one_taken_back_is_marked(session: Session, lived: Lived) -> None:
    reversal = payments.reverse(session, lived.payment, reference="undo 1", reason="wrong account", reversed_on=PAID_ON)

    rows = payment_queries.account_payments(session, lived.home.account_id)

    assert [(row.id, row.amount_tiyin, row.reversed, row.reverses_id, row.reason) for row in rows] == [
        (reversal, 7_000_000, False, lived.payment, "wrong account"),
        (lived.payment, 7_000_000, True, None, None),
    ]
    assert payment_queries.account_payments(session, lived.home.account_id, limit=1) == rows[:1]
    assert [
        (row.kind, row.amount_tiyin, row.undone)
        for row in account_queries.timeline(session, lived.home.account_id)
        if row.kind in {"PAYMENT", "REVERSAL"}
    ] == [("REVERSAL", 7_000_000, False), ("PAYMENT", -7_000_000, True)]


def test_request_about_a_payment_waits_with_its_account_and_no_other(session: Session, lived: Lived) -> None:
    assert payment_queries.move_request(session, lived.payment) is None
    assert details.waiting_requests(session, lived.home.account_id) == []

    asked = moves.ask(session, lived.payment, PaymentMove.TRANSFER, account_id=lived.other.account_id, reason="letter 7")

    assert payment_queries.move_request(session, lived.payment) == (asked.id, "PENDING", PaymentMove.TRANSFER)
    assert [row.id for row in details.waiting_requests(session, lived.home.account_id)] == [asked.id]


def test_card_tells_how_an_account_stands(session: Session, lived: Lived) -> None:
    card = account_queries.card(session, lived.home.account_id)

    assert card is not None
    assert (card.number, card.consumer_name, card.address, card.phone, card.unit, card.capacity_milli) == (
        lived.home.number, "Karimov Anvar 1", "Navoiy, 1", "+998901234567", "kWh", 10_000,
    )  # fmt: skip
    assert (card.debt_tiyin, card.advance_tiyin, card.billed_to, card.actual_to) == (8_000_000, 0, READ_ON, READ_ON)
    assert account_queries.card_by_number(session, lived.home.number) == card
    assert (account_queries.card(session, NOBODY), account_queries.card_by_number(session, "0")) == (None, None)


def test_numbers_and_units_are_those_of_the_accounts_asked_for(session: Session, lived: Lived) -> None:
    ids = [lived.home.account_id, lived.other.account_id]

    assert account_queries.ids_of_numbers(session, [lived.other.number, lived.home.number, "0"]) == ids
    assert account_queries.units_of(session, [*ids, NOBODY]) == dict.fromkeys(ids, "kWh")
    assert [payment_queries.account_id_of(session, number) for number in (lived.home.number, "0")] == [lived.home.account_id, None]


def test_timeline_tells_what_happened_the_newest_first(session: Session, lived: Lived) -> None:
    rows = account_queries.timeline(session, lived.home.account_id)

    assert [(row.happened_on, row.kind, row.amount_tiyin) for row in rows if row.kind not in {"READING", "INSTALLATION"}] == [
        (PAID_ON, "PAYMENT", -7_000_000),
        (MARCH, "BILL", 9_000_000),
        (FEB, "BILL", 6_000_000),
    ]
    assert [(row.happened_on, row.quantity_milli) for row in rows if row.kind == "READING"] == [
        (date(2026, 2, 28), 1_250_000),
        (date(2026, 1, 31), 1_100_000),
        (JAN, 1_000_000),
    ]
    assert [(row.happened_on, row.detail) for row in rows if row.kind == "INSTALLATION"] == [(JAN, lived.home.serial)]
    assert account_queries.timeline(session, lived.home.account_id, limit=2) == rows[:2]


def test_meters_and_readings_of_an_account_are_listed_the_newest_first(session: Session, lived: Lived) -> None:
    session.execute(text("UPDATE meter_installation SET valid_to = :day WHERE id = :id"), {"day": APRIL, "id": lived.home.installation_id})
    newer = install(session, lived.home, "NEW-1", APRIL, ct_primary=20)

    meters = account_queries.account_installations(session, lived.home.account_id)
    readings = metering.account_readings(session, lived.home.account_id)

    assert [(row.id, row.serial_number, row.valid_from, row.registers, row.ct_primary) for row in meters] == [
        (newer.installation_id, "NEW-1", APRIL, ["5 0 TOTAL"], 20),
        (lived.home.installation_id, lived.home.serial, JAN, ["5 0 TOTAL"], 1),
    ]
    assert [(row.dial_milli, row.replaced, row.newest) for row in readings] == [
        (1_250_000, False, True),
        (1_100_000, False, False),
        (1_000_000, False, False),
    ]


def test_debts_are_listed_by_the_bands_the_settings_say(session: Session, lived: Lived) -> None:
    age = debts.age_bands(session, APRIL)

    assert (age[0], age[-1].last_day) == (Band(0, 0), None)
    assert [after.first_day - before.last_day for before, after in pairwise(age) if before.last_day is not None] == [1] * (len(age) - 1)
    (row,) = debts.by_age(session, [lived.home.division_id], age, today=date(2026, 3, 11))
    assert (row.total_tiyin, row.amounts[1], row.debts[1]) == (8_000_000, 8_000_000, 1)
