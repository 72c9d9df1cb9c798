"""Money that names a contract: the oldest debts of all its accounts first, the rest is an advance; undone and moved as a whole."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.payments import PaymentMove
from app.models.accounts import Account
from app.queries import ledger
from app.services import payments
from app.services.administration import approvals
from app.services.contracts import make_standard_contract
from app.services.payments import moves
from app.services.payments.by_contract import shares
from tests.builders import SINCE, bill_month, make_home, owed, read
from tests.services.bank_scenario import DAY, Bank

NOW = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


@pytest.fixture
def bank(session: Session, tmp_path: Path) -> Bank:
    return Bank(session, tmp_path)


def contract_of_two(session: Session, bank: Bank) -> tuple[str, int, int]:
    """Put the bank's account and another one of later bills under one contract; return its number and both accounts."""
    first = session.get_one(Account, bank.home.account_id)
    other = make_home(session, bank.district, 2, since=date(2026, 2, 1))
    read(session, other, date(2026, 2, 28), 1050)
    bill_month(session, bank.district.id, date(2026, 2, 1))
    contract = make_standard_contract(session, first, on=SINCE)
    session.execute(
        text(
            "INSERT INTO contract_account (division_id, contract_id, account_id, valid_from) "
            "VALUES (:division, :contract, :account, '2026-02-01')"
        ),
        {"division": bank.district.id, "contract": contract.id, "account": other.account_id},
    )
    return contract.number, first.id, other.account_id


def credit(session: Session) -> None:
    after, more = 0, True
    while more:
        after, _count, failed = payments.credit(session, today=DAY, after=after)
        assert failed == []
        more = after > 0


def debts(session: Session, account_id: int) -> int:
    return int(session.scalar(text("SELECT coalesce(sum(remaining_tiyin), 0) FROM debt WHERE account_id = :id"), {"id": account_id}) or 0)


def test_row_with_the_number_of_a_contract_pays_the_oldest_debts_of_its_accounts(session: Session, bank: Bank) -> None:
    number, first, other = contract_of_two(session, bank)
    before = debts(session, first), debts(session, other)
    paid = before[0] + before[1] + 500_00

    outcome = bank.load(bank.file(f"1;{number};{paid // 100},{paid % 100:02d};02.03.2026;Firm"))
    credit(session)

    assert (outcome.accepted, outcome.suspense) == (1, 0)
    assert min(before) > 0
    assert (debts(session, first), debts(session, other)) == (0, 0)
    rows = session.execute(text("SELECT account_id, amount_tiyin FROM payment ORDER BY account_id")).all()
    assert sum(row.amount_tiyin for row in rows) == paid
    assert {row.account_id for row in rows} == {first, other}
    assert owed(session, bank.home) == (0, 500_00)
    assert ledger.drifts(session) == []


def test_small_sum_pays_the_oldest_debt_only(session: Session, bank: Bank) -> None:
    number, first, other = contract_of_two(session, bank)

    assert shares(session, number, first, 100_00, on=DAY) == {first: 100_00}
    assert shares(session, bank.home.number, first, 100_00, on=DAY) == {first: 100_00}
    assert shares(session, number, first, debts(session, first) + 1, on=DAY).keys() <= {first, other}


def test_payment_of_a_contract_is_moved_as_a_whole(session: Session, bank: Bank) -> None:
    number, first, other = contract_of_two(session, bank)
    paid = debts(session, first) + debts(session, other)
    bank.load(bank.file(f"1;{number};{paid // 100},{paid % 100:02d};02.03.2026;Firm"))
    credit(session)
    stranger = make_home(session, bank.district, 3)
    payment_id = session.scalar(text("SELECT min(id) FROM payment"))

    asked = moves.ask(session, int(payment_id or 0), PaymentMove.TRANSFER, account_id=stranger.account_id, reason="mistake")
    approvals.decide(session, asked.id, grant=True, by="another", remark=None, today=DAY, now=NOW)

    assert owed(session, stranger) == (0, paid)
    assert debts(session, first) + debts(session, other) == paid
    assert ledger.drifts(session) == []


def test_number_that_two_contracts_bear_is_nobodys(session: Session, bank: Bank) -> None:
    number, _first, _other = contract_of_two(session, bank)
    session.execute(
        text(
            "WITH d AS (SELECT id FROM division WHERE id <> :id LIMIT 1), k AS (INSERT INTO contract (division_id, consumer_id, kind, "
            "number, "
            "status, signed_on, valid_from) SELECT d.id, c.id, 'OFFER', :number, 'SIGNED', '2026-01-01', '2026-01-01' FROM d, consumer c "
            "ORDER BY c.id LIMIT 1 RETURNING id, division_id) "
            "INSERT INTO contract_account (division_id, contract_id, account_id, valid_from) "
            "SELECT k.division_id, k.id, a.id, '2026-01-01' FROM k, account a WHERE a.id = :account"
        ),
        {"id": bank.district.id, "number": number, "account": make_home(session, bank.district, 4).account_id},
    )

    outcome = bank.load(bank.file(f"1;{number};100,00;02.03.2026;Firm"))

    assert (outcome.accepted, outcome.suspense) == (0, 1)
    assert ledger.drifts(session) == []
