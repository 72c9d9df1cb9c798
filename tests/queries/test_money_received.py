"""What screens of payments read: rows of files, tenders of a contract, and whose money in suspense may be."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.domain.payments.channels import Channel
from app.domain.payments.reconciliation import StatementSource, StatementState
from app.models.payments import PaymentContract
from app.queries import payments as queries
from app.queries.payments import cash
from app.queries.payments import reconciliation as reconciliations
from app.services.payments import reconciliation as reconciliation_service
from app.services.payments import statements
from app.services.payments.statements import GoodRow
from tests.services.bank_scenario import DAY, Bank
from tests.services.tender_scenario import NOW_MS, Scenario

WRONG_NUMBER, SLIP = "269990000999", "269990000010"


@pytest.fixture
def bank(session: Session, tmp_path: Path) -> Bank:
    return Bank(session, tmp_path)


@pytest.fixture
def scenario(session: Session) -> Scenario:
    return Scenario(session)


def test_each_row_of_a_file_is_told_with_what_became_of_it(bank: Bank) -> None:
    later = bank.row("3", "500,00").replace("02.03.2026", "05.03.2026")
    wrong = bank.row("4", "700,00").replace("02.03.2026", "32.02.2026")
    content = bank.file(bank.row("1"), bank.row("2", number=WRONG_NUMBER), later, wrong)
    bank.load(content)
    control_id = bank.control(content).id

    rows = queries.payment_file_rows(bank.session, control_id, limit=10)
    problems = queries.payment_file_problems(bank.session, control_id)

    assert [(row.row_no, row.became, row.account_number, row.amount_tiyin, row.account_id) for row in rows] == [
        (1, "ACCEPTED", bank.home.number, 1_000_000, bank.home.account_id),
        (2, "SUSPENSE", WRONG_NUMBER, 1_000_000, None),
        (3, "WAITING", bank.home.number, 50_000, None),
        (4, problems[0].problem, bank.home.number, 70_000, None),
    ]
    assert [(row.row_no, row.column_name, row.value) for row in problems] == [(4, "paid_on", "32.02.2026")]
    assert queries.payment_file_rows(bank.session, control_id, limit=2) == rows[:2]
    assert queries.payment_file_rows(bank.session, control_id + 1, limit=2) == []


def test_rows_that_wait_are_told_with_the_files_they_may_repeat(bank: Bank) -> None:
    first = bank.file(bank.row("1"), bank.row("2", "7,00"))
    bank.load(first, "march.csv")
    later = bank.row("3", "500,00").replace("02.03.2026", "05.03.2026")
    second = bank.file(bank.row("1", "9,00"), bank.row("2", "8,00"), later)
    bank.load(second, "april.csv")

    twins = queries.held_twins(bank.session, bank.control(second).id)
    rows = queries.held_rows(bank.session, bank.control(second).id)

    assert [(twin.twin_control_id, twin.twin_file, twin.rows, twin.sum_tiyin, twin.future) for twin in twins] == [
        (bank.control(first).id, "march.csv", 2, 1_700, 0),
        (None, None, 1, 50_000, 1),
    ]
    assert [(row.row_no, row.reason, row.amount_tiyin, row.twin_amount_tiyin) for row in rows] == [
        (1, "OTHER_FILE", 900, 1_000_000),
        (2, "OTHER_FILE", 800, 700),
        (3, "FUTURE", 50_000, None),
    ]


@pytest.mark.parametrize(
    ("number", "payer", "phone", "because"),
    [
        (SLIP, "", "", ["NUMBER"]),
        ("", "Karimov Anvar", "", ["NAME"]),
        ("", "karimov  anvar 1", "", ["NAME"]),
        ("", "", "+998 90 123-45-67", ["PHONE"]),
        (SLIP, "Karimov Anvar", "901234567", ["NUMBER"]),
        ("", "Karimov Anvar", "901234567", ["PHONE"]),
        ("", "Kar", "1234567", []),
        ("", "Ergasheva Nodira", "901234568", []),
        (WRONG_NUMBER, "", "", []),
    ],
)
def test_money_in_suspense_may_be_of_whom_number_telephone_or_name_is_like(
    bank: Bank, number: str, payer: str, phone: str, because: list[str]
) -> None:
    found = queries.suspense_candidates(bank.session, number, payer, phone)

    assert [each.because for each in found] == because
    assert {(each.number, each.debt_tiyin) for each in found} <= {(bank.home.number, 6_000_000)}
    assert queries.suspense_candidates(bank.session, number, payer, phone, limit=0) == []


@pytest.mark.parametrize(
    ("first", "last", "found"), [(0, 0, ["1", "2"]), (1, 9, []), (-9, -1, []), (-9, 0, ["1", "2"]), (0, 9, ["1", "2"])]
)
def test_tenders_are_told_by_the_moment_of_the_provider_with_both_ends(scenario: Scenario, first: int, last: int, found: list[str]) -> None:
    scenario.take(scenario.asked("1", 1_000_000), scenario.asked("2", 500_000))

    rows = queries.tenders_between(scenario.session, scenario.contract_id, NOW_MS + first, NOW_MS + last)

    assert [row.reference for row in rows] == found
    assert queries.tenders_between(scenario.session, scenario.contract_id + 1, NOW_MS + first, NOW_MS + last) == []


@pytest.mark.parametrize(
    ("amount", "since", "undone", "expected"),
    [(1_000_000, 0, False, True), (1_000_000, 1, False, False), (1_000_001, 0, False, False), (1_000_000, 0, True, False)],
)
def test_same_sum_for_an_account_is_noticed_while_it_stands(
    scenario: Scenario, amount: int, since: int, *, undone: bool, expected: bool
) -> None:
    scenario.take(scenario.asked("1", 1_000_000))
    if undone:
        scenario.cancel("1")

    assert cash.was_taken_lately(scenario.session, scenario.home.account_id, amount, since_ms=NOW_MS + since) is expected
    assert cash.was_taken_lately(scenario.session, scenario.home.account_id + 1, amount, since_ms=NOW_MS + since) is False


def test_tenders_of_a_control_are_told_with_their_payments_the_newest_first(scenario: Scenario) -> None:
    scenario.take(scenario.asked("1", 1_000_000), scenario.asked("2", 500_000))
    scenario.credit()
    scenario.take(scenario.asked("3", 700_000))
    scenario.cancel("2")

    rows = cash.control_tenders(scenario.session, scenario.control_id)

    assert [(row.reference, row.amount_tiyin, row.status, row.payment_id is not None, row.received) for row in rows] == [
        ("3", 700_000, "PERFORMED", False, True),
        ("2", 500_000, "REVERSED", True, True),
        ("1", 1_000_000, "PERFORMED", True, True),
    ]
    assert {(row.account_number, row.consumer_name) for row in rows} == {(scenario.home.number, "Karimov Anvar 1")}
    assert cash.control_tenders(scenario.session, scenario.control_id, limit=1) == rows[:1]
    assert cash.control_tenders(scenario.session, scenario.control_id + 1) == []


def test_contracts_to_choose_from_are_active_ones_of_the_channels(scenario: Scenario) -> None:
    session = scenario.session
    session.add(PaymentContract(channel=Channel.PAYNET, name="Another", merchant_number="2", is_active=False))
    session.add(PaymentContract(channel=Channel.BANK, name="A bank", merchant_number="3"))
    session.flush()

    assert [row.name for row in queries.contract_choices(session, [Channel.PAYNET])] == ["Test"]
    assert [row.name for row in queries.contract_choices(session, [Channel.PAYNET, Channel.BANK])] == ["A bank", "Test"]
    assert queries.contract_choices(session, []) == []
    assert {"Test", "A bank"} <= {row.name for row in reconciliations.provider_contracts(session)}
    assert "Another" not in {row.name for row in reconciliations.provider_contracts(session)}


def test_contract_of_a_moment_is_the_one_that_was_there(scenario: Scenario) -> None:
    now = datetime(2100, 1, 1, tzinfo=UTC)

    found = queries.contract_as_of(scenario.session, Channel.PAYNET, now)

    assert found is not None
    assert (found.id, found.merchant_number) == (scenario.contract_id, "1")
    assert queries.contract_as_of(scenario.session, Channel.PAYNET, datetime(2020, 1, 1, tzinfo=UTC)) is None
    assert queries.contract_as_of(scenario.session, Channel.CLICK, now) is None


def said_on(day: date) -> GoodRow:
    """A payment that a provider's statement says of a day."""
    return GoodRow(f"said {day}", 1_000_000, StatementState.PERFORMED, datetime(day.year, day.month, day.day, 7, tzinfo=UTC), day)


def test_days_that_were_compared_are_told_in_their_order(scenario: Scenario) -> None:
    days = [DAY + timedelta(days=number) for number in range(3)]
    for day in (days[2], days[0]):
        statements.keep(scenario.session, scenario.contract_id, StatementSource.GATEWAY, [said_on(day)])
        reconciliation_service.reconcile(scenario.session, scenario.contract_id, day, now=datetime(2026, 3, 9, tzinfo=UTC))

    assert reconciliations.compared_days(scenario.session, scenario.contract_id, days) == [days[0], days[2]]
    assert reconciliations.compared_days(scenario.session, scenario.contract_id, [days[1]]) == []
    assert reconciliations.compared_days(scenario.session, scenario.contract_id + 1, days) == []
