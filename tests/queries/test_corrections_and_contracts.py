"""What was taken back and billed again, what notes were set against, and what contracts of several accounts owe.

A household pays 600 soʻm for each of its first kilowatt-hours.
"""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.billing.corrections import CorrectionKind
from app.models.accounts import Account
from app.models.administration import Division
from app.queries import contracts
from app.queries.billing import corrections as queries
from app.services.billing import adjustments, corrections
from app.services.contracts import make_standard_contract
from tests.builders import SINCE, Home, bill_month, make_district, make_home, read

JAN, FEB, MARCH = (date(2026, month, 1) for month in range(1, 4))
ON = date(2026, 3, 5)
NO_ACCOUNTS = (0, 0, 0)


@pytest.fixture
def home(session: Session) -> Home:
    """A home billed 100 kWh for January and 150 kWh for February."""
    home = make_home(session, make_district(session))
    for day, dial, month in ((date(2026, 1, 31), 1100, JAN), (date(2026, 2, 28), 1250, FEB)):
        read(session, home, day, dial)
        bill_month(session, home.division_id, month)
    return home


def correction_of(home: Home, since: date, kind: CorrectionKind) -> corrections.CorrectionRequest:
    return corrections.CorrectionRequest(home.division_id, since, kind, "wrong meter", "form 1", account_id=home.account_id)


@pytest.mark.parametrize(
    ("since", "kind", "expected"),
    [
        (JAN, CorrectionKind.REBILL, [(JAN, 1, -6_000_000, 1, 6_000_000), (FEB, 1, -9_000_000, 1, 9_000_000)]),
        (FEB, CorrectionKind.REBILL, [(FEB, 1, -9_000_000, 1, 9_000_000)]),
        (FEB, CorrectionKind.CANCEL, [(FEB, 1, -9_000_000, 0, 0)]),
    ],
)
def test_correction_tells_by_month_what_it_took_back_and_billed_again(
    session: Session, home: Home, since: date, kind: CorrectionKind, expected: list[tuple[object, ...]]
) -> None:
    made = corrections.correct_account(session, correction_of(home, since, kind), today=ON)

    assert queries.months_of_correction(session, made.id) == expected
    bills = queries.bills_of_correction(session, made.id)
    amounts = [amount for _, taken, back, again, billed in expected for amount, count in ((back, taken), (billed, again)) if count]
    assert [bill.amount_tiyin for bill in bills] == amounts
    assert {(bill.number, bill.cancels_id is not None) for bill in bills} == {(home.number, amount < 0) for amount in amounts}
    assert queries.bills_of_correction(session, made.id, limit=1) == bills[:1]
    assert (queries.months_of_correction(session, made.id + 1), queries.bills_of_correction(session, made.id + 1)) == ([], [])


@pytest.mark.parametrize(("since", "accounts"), [(JAN, 1), (FEB, 1), (MARCH, 0)])
def test_correction_is_about_accounts_with_a_bill_to_take_back(session: Session, home: Home, since: date, accounts: int) -> None:
    make_home(session, session.get_one(Division, home.division_id), 2)

    of_one = corrections.open_correction(session, correction_of(home, since, CorrectionKind.REBILL))

    assert queries.count_to_correct(session, of_one) == accounts


def test_note_tells_the_bills_it_was_set_against_and_what_undid_it(session: Session, home: Home) -> None:
    note = adjustments.credit(session, adjustments.CreditNote(home.account_id, 7_000_000, 750_000, "letter 7", "n"), posted_on=ON)

    assert [(use.billing_month, use.amount_tiyin) for use in queries.adjustment_uses(session, note.id)] == [
        (JAN, 6_000_000),
        (FEB, 1_000_000),
    ]
    assert queries.adjustment_undone_by(session, note.id) is None
    undone = adjustments.reverse(session, note.id, basis="letter 8", posted_on=ON)
    assert queries.adjustment_undone_by(session, note.id) == undone.id


@pytest.mark.parametrize(
    ("on", "expected"), [(date(2025, 12, 31), NO_ACCOUNTS), (JAN, (1, 15_000_000, 0)), (FEB, (2, 15_000_000, 500_000))]
)  # fmt: skip
def test_accounts_under_one_contract_owe_together_from_the_day_each_joins(
    session: Session, home: Home, on: date, expected: tuple[int, ...]
) -> None:
    other = make_home(session, session.get_one(Division, home.division_id), 2)
    adjustments.credit(session, adjustments.CreditNote(other.account_id, 500_000, 0, "letter 9", "o"), posted_on=ON)
    contract = make_standard_contract(session, session.get_one(Account, home.account_id), on=SINCE)
    session.execute(
        text(
            "INSERT INTO contract_account (division_id, contract_id, account_id, valid_from) VALUES (:division, :contract, :account, :day)"
        ),
        {"division": home.division_id, "contract": contract.id, "account": other.account_id, "day": FEB},
    )

    assert contracts.balance_of_account(session, home.account_id, on=on) == expected


@pytest.mark.parametrize(
    ("on", "notice_days", "expected"),
    [
        (MARCH, 30, 1),
        (MARCH, 29, 0),
        (date(2026, 3, 30), 0, 0),
        (date(2026, 3, 30), 1, 1),
        (date(2026, 3, 31), 30, 0),
        (date(2025, 12, 31), 99, 0),
    ],
)
def test_signed_contracts_whose_term_ends_soon_are_counted(session: Session, home: Home, on: date, notice_days: int, expected: int) -> None:
    wanted = contracts.RegisterFilter(on, ends_by=contracts.notice_until(on, notice_days))
    before = contracts.register_count(session, wanted, limit=99)
    contract = make_standard_contract(session, session.get_one(Account, home.account_id), on=SINCE)
    session.execute(text("UPDATE contract SET status = 'SIGNED', valid_to = '2026-03-31' WHERE id = :id"), {"id": contract.id})

    assert contracts.register_count(session, wanted, limit=99) - before == expected
