"""Registries: every row becomes money, a repeat, suspense or a named problem; a file and its rows count once, whoever sends them."""

import hashlib
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.payments import Channel, ControlKind
from app.domain.registries import ControlTotals, Form, Profile, TotalsPlace
from app.gateways import registries as gateway
from app.gateways.tables import Unreadable
from app.models.payments import PaymentBlock, PaymentContract, PaymentControl, RegistryProfile
from app.queries import ledger
from app.services import payments
from app.services.administration import approvals
from app.services.payments import registries, suspense
from app.services.payments.registries import Outcome, Upload
from tests.builders import bill_month, make_district, make_home, owed, read

DAY, NOW = date(2026, 3, 3), datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
PROFILE = Profile(
    form=Form.CSV,
    columns={"reference": 1, "account_number": 2, "amount": 3, "paid_on": 4, "payer": 5},
    decimal_separator=",",
    totals=ControlTotals(place=TotalsPlace.MARKER, columns={"count": 2, "sum": 3}),
)


class Bank:
    """A bank that sends files, and an account that owes 6,000,000 tiyin."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.district = make_district(session)
        self.home = make_home(session, self.district)
        read(session, self.home, date(2026, 1, 31), 1100)
        bill_month(session, self.home.division_id, date(2026, 1, 1))
        contract = PaymentContract(channel=Channel.BANK, name="Test bank", merchant_number="1")
        session.add(contract)
        session.flush()
        self.contract_id = contract.id
        profile = RegistryProfile(payment_contract_id=contract.id, name="CSV", layout=PROFILE.to_dict())
        session.add(profile)
        session.flush()
        self.profile_id = profile.id

    def file(self, *rows: str, count: int | None = None, total: str | None = None) -> bytes:
        """A file with its totals: soʻm, two decimals."""
        sums = [int(row.split(";")[2].replace(",", "")) for row in rows]
        declared = total if total is not None else f"{sum(sums) // 100},{sum(sums) % 100:02d}"
        return "\n".join([*rows, f"ИТОГО;{len(rows) if count is None else count};{declared}"]).encode() + b"\n"

    def row(self, reference: str, amount: str = "10000,00", number: str | None = None) -> str:
        return f"{reference};{number or self.home.number};{amount};02.03.2026;Karimov A."

    def load(self, content: bytes, name: str = "registry.csv") -> Outcome:
        """Bring a file as an operator does, and load it as the job does."""
        registries.receive(
            self.session, Upload(name, "text/csv", content), profile_id=self.profile_id, division_id=self.district.id, today=DAY
        )
        control = self.control(content)
        path = self.folder / "file"
        path.write_bytes(content)
        with gateway.reading(path, registries.profile_of(self.session, control)) as registry:
            return registries.load(self.session, control, registry, now=NOW, today=DAY)

    def control(self, content: bytes) -> PaymentControl:
        found = (
            self.session.query(PaymentControl).filter_by(file_sha256=hashlib.sha256(content).hexdigest()).order_by(PaymentControl.id.desc())
        )
        control = found.first()
        assert control is not None
        return control

    def credited(self) -> int:
        """Let the ledger hear of it; what the account owes then."""
        payments.credit(self.session, today=DAY)
        debt, advance = owed(self.session, self.home)
        assert ledger.drifts(self.session) == []
        return debt - advance

    def problems(self) -> list[tuple[int, str, str | None]]:
        rows = self.session.execute(text("SELECT row_no, problem, column_name FROM registry_problem ORDER BY id"))
        return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
def bank(session: Session, tmp_path: Path) -> Bank:
    return Bank(session, tmp_path)


def test_rows_become_payments_of_the_day_they_were_paid(bank: Bank) -> None:
    outcome = bank.load(bank.file(bank.row("1"), bank.row("2", "20000,50")))

    assert outcome == Outcome(2, 2, 0, 0, 0)
    assert bank.credited() == 6_000_000 - 3_000_050
    days = bank.session.execute(text("SELECT DISTINCT received_on FROM payment WHERE account_id = :id"), {"id": bank.home.account_id})
    assert [row[0] for row in days] == [date(2026, 3, 2)]


@pytest.mark.parametrize("name", ["registry.csv", "renamed.csv"])
def test_same_file_is_refused_whatever_it_is_called(bank: Bank, name: str) -> None:
    content = bank.file(bank.row("1"))
    bank.load(content)

    with pytest.raises(registries.LoadedBefore):
        bank.load(content, name)


Change = Callable[[list[str]], list[str]]
VARIANTS: list[tuple[str, Change, tuple[int, int, int]]] = [
    ("reordered", lambda rows: rows[::-1], (0, 10, 0)),
    ("one row more", lambda rows: [*rows, rows[0].replace("r0;", "r10;")], (1, 10, 0)),
    ("one row less", lambda rows: rows[1:], (0, 9, 0)),
    ("one amount changed", lambda rows: [rows[0].replace("1000,00", "1001,00"), *rows[1:]], (0, 9, 1)),
    ("one account changed", lambda rows: [rows[0].replace("269", "268"), *rows[1:]], (0, 9, 1)),
    ("a row twice", lambda rows: [*rows, rows[3]], (0, 11, 0)),
    ("other blanks", lambda rows: [row.replace(";", " ; ") for row in rows], (0, 10, 0)),
]


@pytest.mark.parametrize("start", range(int(os.environ.get("REGISTRY_VARIANTS", "1"))))
@pytest.mark.parametrize(("what", "change", "expected"), VARIANTS, ids=[name for name, _, _ in VARIANTS])
def test_variants_of_a_file_pay_nothing_twice(bank: Bank, what: str, change: Change, expected: tuple[int, int, int], start: int) -> None:
    rows = [bank.row(f"r{place}", f"{1000 + (start if place else 0)},00") for place in range(10)]
    bank.load(bank.file(*rows))

    outcome = bank.load(bank.file(*change(rows)))

    assert (outcome.accepted + outcome.suspense, outcome.repeated, outcome.rejected) == expected, what
    assert outcome.received == outcome.accepted + outcome.suspense + outcome.repeated + outcome.rejected


def test_row_of_a_used_reference_with_other_contents_is_named(bank: Bank) -> None:
    bank.load(bank.file(bank.row("1")))

    bank.load(bank.file(bank.row("1", "99999,00"), bank.row("2")))

    assert bank.problems() == [(1, "OTHER_CONTENTS", None)]
    assert bank.credited() == 6_000_000 - 2_000_000


def test_two_rows_of_one_reference_that_differ_are_one_payment_and_one_problem(bank: Bank) -> None:
    outcome = bank.load(bank.file(bank.row("1"), bank.row("1", "500,00")))

    assert outcome == Outcome(2, 1, 0, 0, 1)
    assert bank.credited() == 5_000_000


def test_wrong_totals_refuse_the_whole_file_and_it_can_come_again(bank: Bank) -> None:
    content = bank.file(bank.row("1"), bank.row("2"), total="1,00")

    with pytest.raises(registries.TotalsDiffer), bank.session.begin_nested():
        bank.load(content)

    assert bank.session.scalar(text("SELECT count(*) FROM tender")) == 0
    assert bank.credited() == 6_000_000


def test_cut_file_is_refused_by_its_missing_totals_or_named_rows(bank: Bank) -> None:
    content = bank.file(bank.row("1"), bank.row("2"), bank.row("3"))

    with pytest.raises((registries.TotalsDiffer, Unreadable)), bank.session.begin_nested():
        bank.load(content[:100])

    assert bank.session.scalar(text("SELECT count(*) FROM tender")) == 0


def test_bad_rows_are_named_and_the_good_ones_go_on(bank: Bank) -> None:
    rows = [bank.row("1"), bank.row("2", "abc"), bank.row("3").replace("02.03.2026", "32.03.2026"), bank.row("4", "-5,00")]
    content = ("\n".join(rows) + "\n").encode()
    layout = PROFILE.to_dict() | {"totals": ControlTotals().__dict__ | {"columns": {}}}
    bank.session.execute(text("UPDATE registry_profile SET layout = CAST(:layout AS jsonb)"), {"layout": json.dumps(layout)})
    bank.session.expire_all()

    outcome = bank.load(content)

    assert outcome == Outcome(4, 1, 0, 0, 3)
    assert [(row, problem) for row, problem, _ in bank.problems()] == [(2, "BAD_AMOUNT"), (3, "BAD_DATE"), (4, "TAKEN_BACK")]


def test_unknown_account_is_suspense_until_a_second_person_agrees(bank: Bank) -> None:
    outcome = bank.load(bank.file(bank.row("1", number="999999999999")))
    assert outcome == Outcome(1, 0, 1, 0, 0)
    assert bank.credited() == 6_000_000
    tender_id = int(bank.session.execute(text("SELECT id FROM tender WHERE account_id IS NULL")).scalar_one())

    request = suspense.ask_transfer(bank.session, tender_id, account_id=bank.home.account_id, basis="letter of the payer")
    with pytest.raises(suspense.NotInSuspense):
        suspense.ask_transfer(bank.session, tender_id, account_id=bank.home.account_id, basis="again")
    assert bank.credited() == 6_000_000
    approvals.decide(bank.session, request.id, grant=True, by="another", remark=None, today=DAY, now=NOW)

    assert bank.credited() == 5_000_000
    moved = bank.session.execute(text("SELECT debit, credit, amount_tiyin FROM control_entry ORDER BY id")).all()
    assert [tuple(row) for row in moved] == [("PROVIDER", "SUSPENSE", 1_000_000), ("SUSPENSE", "PROVIDER", 1_000_000)]
    with pytest.raises(suspense.NotInSuspense):
        suspense.ask_transfer(bank.session, tender_id, account_id=bank.home.account_id, basis="once more")


def test_money_for_a_blocked_account_waits_in_suspense(bank: Bank) -> None:
    block = PaymentBlock(
        division_id=bank.home.division_id, account_id=bank.home.account_id, valid_from=DAY, creditor="Toza hudud", basis="ЎРҚ-1044"
    )
    bank.session.add(block)
    bank.session.flush()

    assert bank.load(bank.file(bank.row("1"))) == Outcome(1, 0, 1, 0, 0)


def test_registry_is_counted_and_closed_by_two_persons_and_never_changes_again(bank: Bank) -> None:
    content = bank.file(bank.row("1"), bank.row("2", number="999999999999"))
    bank.load(content)
    control = bank.control(content)

    payments.count(bank.session, control.id, counted_tiyin=1_999_900, by="operator", today=DAY)
    with pytest.raises(payments.SamePerson):
        payments.close(bank.session, control.id, by="operator", now=NOW, today=DAY)
    payments.close(bank.session, control.id, by="supervisor", now=NOW, today=DAY)

    assert control.kind == ControlKind.REGISTRY
    short = bank.session.execute(text("SELECT debit, credit, amount_tiyin FROM control_entry WHERE reason = 'short'")).one()
    assert tuple(short) == ("OVER_SHORT", "PROVIDER", 100)
    with pytest.raises(Exception, match="is closed"), bank.session.begin_nested():
        bank.session.execute(text("UPDATE payment_control SET counted_tiyin = 0 WHERE id = :id"), {"id": control.id})


def test_money_that_finds_its_account_after_its_control_was_closed_is_posted_beside_it(bank: Bank) -> None:
    content = bank.file(bank.row("1", number="999999999999"))
    bank.load(content)
    control = bank.control(content)
    payments.count(bank.session, control.id, counted_tiyin=1_000_000, by="operator", today=DAY)
    payments.close(bank.session, control.id, by="supervisor", now=NOW, today=DAY)
    tender_id = bank.session.execute(text("SELECT id FROM tender WHERE account_id IS NULL")).scalar_one()

    request = suspense.ask_transfer(bank.session, tender_id, account_id=bank.home.account_id, basis="telephone")
    approvals.decide(bank.session, request.id, grant=True, by="another", remark=None, today=DAY, now=NOW)

    entries = bank.session.execute(text("SELECT payment_control_id, debit, credit FROM control_entry ORDER BY id")).all()
    assert [tuple(row) for row in entries] == [(control.id, "PROVIDER", "SUSPENSE"), (None, "SUSPENSE", "PROVIDER")]
    assert bank.credited() == 5_000_000
    assert ledger.drifts(bank.session) == []
    with pytest.raises(IntegrityError, match="is closed"), bank.session.begin_nested():
        bank.session.execute(
            text(
                "INSERT INTO control_entry (division_id, payment_control_id, tender_id, debit, credit, amount_tiyin, posted_on, reason) "
                "SELECT division_id, :control, tender_id, 'CASH', 'SUSPENSE', 1, posted_on, '' FROM control_entry LIMIT 1"
            ),
            {"control": control.id},
        )
