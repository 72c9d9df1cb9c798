"""Payment files: every row becomes money, a repeat, suspense or a named problem; a file and its rows count once, whoever sends them."""

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.payments import ControlKind, HeldDecision, PaymentMove
from app.domain.payments.files import ControlTotals
from app.domain.payments.layouts import SHIPPED
from app.gateways.tables import Unreadable
from app.models.payments import PaymentBlock
from app.queries import ledger
from app.services import payments
from app.services.administration import approvals
from app.services.payments import files, held, suspense
from tests.services.bank_scenario import DAY, NOW, Bank, Parts


@pytest.fixture
def bank(session: Session, tmp_path: Path) -> Bank:
    return Bank(session, tmp_path)


def test_rows_become_payments_of_the_day_they_were_paid(bank: Bank) -> None:
    outcome = bank.load(bank.file(bank.row("1"), bank.row("2", "20000,50")))

    assert outcome == Parts(2, 0, 0, 0)
    assert bank.credited() == 6_000_000 - 3_000_050
    days = bank.session.execute(text("SELECT DISTINCT received_on FROM payment WHERE account_id = :id"), {"id": bank.home.account_id})
    assert [row[0] for row in days] == [date(2026, 3, 2)]


@pytest.mark.parametrize("name", ["payments.csv", "renamed.csv"])
def test_same_file_is_refused_whatever_it_is_called(bank: Bank, name: str) -> None:
    content = bank.file(bank.row("1"))
    bank.load(content)

    with pytest.raises(files.LoadedBefore, match=f"^{bank.control(content).id}$"):
        bank.load(content, name)


Change = Callable[[list[str]], list[str]]
VARIANTS: list[tuple[str, Change, tuple[int, int]]] = [
    ("reordered", lambda rows: rows[::-1], (0, 10)),
    ("one row more", lambda rows: [*rows, rows[0].replace("r0;", "r10;")], (1, 10)),
    ("one row less", lambda rows: rows[1:], (0, 9)),
    ("one amount changed", lambda rows: [rows[0].replace("1000,00", "1001,00"), *rows[1:]], (0, 10)),
    ("one account changed", lambda rows: [rows[0].replace("269", "268"), *rows[1:]], (0, 10)),
    ("a row twice", lambda rows: [*rows, rows[3]], (0, 11)),
    ("other blanks", lambda rows: [row.replace(";", " ; ") for row in rows], (0, 10)),
    ("payer in capitals", lambda rows: [row.replace("Karimov A.", "KARIMOV  A.") for row in rows], (0, 10)),
    ("only one row of it", lambda rows: [rows[7]], (0, 1)),
    ("another day", lambda rows: [row.replace("02.03.2026", "01.03.2026") for row in rows], (10, 0)),
]


@pytest.mark.parametrize("start", range(int(os.environ.get("PAYMENT_FILE_VARIANTS", "1"))))
@pytest.mark.parametrize(("what", "change", "expected"), VARIANTS, ids=[name for name, _, _ in VARIANTS])
def test_variants_of_a_file_pay_nothing_twice_and_lose_nothing(
    bank: Bank, what: str, change: Change, expected: tuple[int, int], start: int
) -> None:
    rows = [bank.row(f"r{place}", f"{1000 + (start if place else 0)},00") for place in range(10)]
    bank.load(bank.file(*rows))

    outcome = bank.load(bank.file(*change(rows)))

    assert (outcome.accepted + outcome.suspense, outcome.held, outcome.rejected) == (*expected, 0), what


def test_number_that_begins_anew_is_another_payment(bank: Bank) -> None:
    bank.load(bank.file(bank.row("1").replace("02.03.2026", "02.02.2026")))

    assert bank.load(bank.file(bank.row("1"))) == Parts(1, 0, 0, 0)
    assert bank.credited() == 6_000_000 - 2_000_000


def test_rows_of_one_number_in_a_file_are_payments_whether_they_are_equal_or_not(bank: Bank) -> None:
    outcome = bank.load(bank.file(bank.row("1"), bank.row("1"), bank.row("1", "500,00")))

    assert outcome == Parts(3, 0, 0, 0)
    assert bank.credited() == 6_000_000 - 2_050_000


def test_row_of_a_number_that_is_unique_by_contract_is_held_beside_the_first(bank: Bank) -> None:
    bank.lay_out(unique=("reference",))

    content = bank.file(bank.row("1"), bank.row("1", "500,00"), bank.row("2"))
    outcome = bank.load(content)

    assert outcome == Parts(2, 0, 1, 0)
    row = bank.session.execute(text("SELECT reason, row_no, twin_row_no, twin_amount_tiyin, twin_control_id FROM held_row")).one()
    assert tuple(row) == ("SAME_FILE", 2, 1, 1_000_000, bank.control(content).id)


def test_held_row_shows_the_file_row_day_and_loader_of_its_twin(bank: Bank) -> None:
    first = bank.file(bank.row("1"), bank.row("2", "7,00"))
    bank.load(first, "march.csv")
    bank.session.execute(text("UPDATE payment_control SET created_by = 'anna'"))

    bank.load(bank.file(bank.row("2", "9,00"), bank.row("3")))

    held_row = bank.session.execute(
        text(
            "SELECT reason, row_no, amount_tiyin, twin_file, twin_row_no, twin_on, twin_amount_tiyin, twin_loaded_by, twin_control_id "
            "FROM held_row"
        )
    ).one()
    assert tuple(held_row) == ("OTHER_FILE", 1, 900, "march.csv", 2, date(2026, 3, 2), 700, "anna", bank.control(first).id)


def test_row_that_waits_for_a_person_holds_the_same_row_of_a_third_file(bank: Bank) -> None:
    future = bank.row("1").replace("02.03.2026", "05.03.2026")
    bank.load(bank.file(future))
    second = bank.file(future, bank.row("2"))
    bank.load(second)

    bank.decide(bank.control(second), HeldDecision.REPEAT)
    third = bank.load(bank.file(future, bank.row("2"), bank.row("3")))

    assert third == Parts(1, 0, 2, 0)


def test_payment_of_a_file_loaded_before_keys_were_made_is_held(bank: Bank) -> None:
    bank.load(bank.file(bank.row("1"), bank.row("2", "7,00")))
    bank.session.execute(text("UPDATE tender SET row_no = NULL, reference = split_part(reference, '~', 1)"))

    assert bank.load(bank.file(bank.row("9"), bank.row("2", "8,00"))) == Parts(1, 0, 1, 0)


TODAY_AND_TOMORROW = [("03.03.2026", Parts(1, 0, 0, 0)), ("04.03.2026", Parts(0, 0, 1, 0)), ("03.03.2027", Parts(0, 0, 1, 0))]


@pytest.mark.parametrize(("paid_on", "expected"), TODAY_AND_TOMORROW)
def test_payment_dated_in_the_future_is_held(bank: Bank, paid_on: str, expected: Parts) -> None:
    assert bank.load(bank.file(bank.row("1").replace("02.03.2026", paid_on))) == expected


def test_held_rows_become_payments_repeats_or_nothing_and_all_rows_are_counted_with_their_sums(bank: Bank) -> None:
    bank.load(bank.file(*(bank.row(f"r{place}", f"{place + 1},00") for place in range(3))))
    future, unknown = bank.row("f", "70,00").replace("02.03.2026", "05.03.2026"), bank.row("r2", "3,00", number="999999999999")
    content = bank.file(bank.row("r0", "1,00"), bank.row("r1", "2,00"), unknown, bank.row("n", "40,00"), future)
    bank.load(content)
    control = bank.control(content)
    assert bank.counted(control) == {"accepted": (1, 4_000), "held": (4, 7_600)}

    assert bank.perform(bank.decide(control, HeldDecision.ACCEPT, 1, 3)) == 2
    assert bank.perform(bank.decide(control, HeldDecision.REPEAT)) == 1
    assert bank.perform(bank.decide(control, HeldDecision.REJECT)) == 1

    expected = {"accepted": (2, 4_100), "suspense": (1, 300), "repeated": (1, 200), "rejected": (1, 7_000)}
    assert bank.counted(control) == expected
    assert (control.received, control.rows_tiyin, control.declared_rows, control.declared_tiyin) == (5, 11_600, 5, 11_600)
    assert (control.tenders, control.received_tiyin) == (3, 4_400)
    assert bank.credited() == 6_000_000 - 600 - 4_100
    told = bank.session.execute(text("SELECT DISTINCT decided_by, basis, decided_at FROM held_row")).all()
    assert [tuple(row) for row in told] == [("operator", "letter of the bank", NOW)]


def test_decision_about_held_rows_is_done_once(bank: Bank) -> None:
    bank.load(bank.file(bank.row("1")))
    content = bank.file(bank.row("1"), bank.row("2"))
    bank.load(content)
    control = bank.control(content)
    asked = bank.decide(control, HeldDecision.ACCEPT)

    with pytest.raises(held.NothingHeld):
        bank.decide(control, HeldDecision.REPEAT)
    bank.perform(asked)
    with pytest.raises(held.NothingHeld):
        bank.decide(control, HeldDecision.ACCEPT)

    assert bank.credited() == 6_000_000 - 3_000_000
    with pytest.raises(Exception, match="held_row"), bank.session.begin_nested():
        bank.session.execute(text("UPDATE held_row SET status = 'REPEATED', tender_id = NULL"))


@pytest.mark.parametrize(("alone_som", "needs_another"), [(10_000, False), (9_999, True)])
def test_second_person_decides_with_the_first_above_the_limit_and_not_at_it(bank: Bank, alone_som: int, needs_another: bool) -> None:
    bank.load(bank.file(bank.row("1")))
    content = bank.file(bank.row("1"), bank.row("2"))
    bank.load(content)

    asked = bank.decide(bank.control(content), HeldDecision.ACCEPT, alone_som=alone_som)

    assert (asked.approval_id is not None, asked.job_id is None) == (needs_another, needs_another)


@pytest.mark.parametrize("grant", [True, False])
def test_held_rows_wait_for_the_second_person_and_again_if_he_refuses(bank: Bank, grant: bool) -> None:
    bank.load(bank.file(bank.row("1")))
    content = bank.file(bank.row("1"), bank.row("2"))
    bank.load(content)
    control = bank.control(content)
    asked = bank.decide(control, HeldDecision.ACCEPT, alone_som=0)
    assert asked.approval_id is not None
    with pytest.raises(held.NothingHeld):
        bank.decide(control, HeldDecision.ACCEPT)

    approvals.decide(bank.session, asked.approval_id, grant=grant, by="another", remark="no", today=DAY, now=NOW)

    if grant:
        job_id = bank.session.execute(text("SELECT job_run_id FROM held_row")).scalar_one()
        bank.perform(held.DecisionStart(None, job_id))
    else:
        bank.perform(bank.decide(control, HeldDecision.REPEAT))
    assert bank.counted(control) == {"accepted": (1 + grant, 1_000_000 * (1 + grant))} | ({} if grant else {"repeated": (1, 1_000_000)})


def test_payment_file_is_not_closed_while_rows_are_held(bank: Bank) -> None:
    bank.load(bank.file(bank.row("1")))
    content = bank.file(bank.row("1"), bank.row("2"))
    bank.load(content)
    control = bank.control(content)
    payments.count(bank.session, control.id, counted_tiyin=2_000_000, by="operator", today=DAY)

    with pytest.raises(payments.RowsHeld):
        payments.close(bank.session, control.id, by="supervisor", now=NOW, today=DAY)
    bank.perform(bank.decide(control, HeldDecision.ACCEPT))
    payments.close(bank.session, control.id, by="supervisor", now=NOW, today=DAY)

    assert (control.received_tiyin, control.counted_tiyin) == (2_000_000, 2_000_000)
    assert bank.session.scalar(text("SELECT count(*) FROM control_entry")) == 0
    bank.credited()


def test_same_file_is_another_one_when_a_person_says_so_and_all_of_it_is_held(bank: Bank) -> None:
    content = bank.file(bank.row("1"), bank.row("2"))
    bank.load(content)

    outcome = bank.load(content, again=True)

    assert outcome == Parts(0, 0, 2, 0)
    with pytest.raises(files.LoadedBefore):
        bank.load(content)


def test_what_is_received_adds_up_in_the_database(bank: Bank) -> None:
    content = bank.file(bank.row("1"))
    bank.load(content)

    for change in ("held = held + 1", "held_tiyin = held_tiyin + 1", "declared_tiyin = 5", "declared_rows = 2"):
        with pytest.raises(IntegrityError), bank.session.begin_nested():
            bank.session.execute(text(f"UPDATE payment_control SET {change} WHERE kind = 'PAYMENT_FILE'"))


def test_wrong_totals_refuse_the_whole_file_and_it_can_come_again(bank: Bank) -> None:
    content = bank.file(bank.row("1"), bank.row("2"), total="1,00")

    with pytest.raises(files.TotalsDiffer), bank.session.begin_nested():
        bank.load(content)

    assert bank.session.scalar(text("SELECT count(*) FROM tender")) == 0
    assert bank.credited() == 6_000_000


def test_cut_file_is_refused_by_its_missing_totals_or_named_rows(bank: Bank) -> None:
    content = bank.file(bank.row("1"), bank.row("2"), bank.row("3"))

    with pytest.raises((files.TotalsDiffer, Unreadable)), bank.session.begin_nested():
        bank.load(content[:100])

    assert bank.session.scalar(text("SELECT count(*) FROM tender")) == 0


def test_bad_rows_are_named_and_the_good_ones_go_on(bank: Bank) -> None:
    rows = [bank.row("1"), bank.row("2", "abc"), bank.row("3").replace("02.03.2026", "32.03.2026"), bank.row("4", "-5,00")]
    content = ("\n".join(rows) + "\n").encode()
    bank.lay_out(totals=ControlTotals())

    outcome = bank.load(content)

    assert outcome == Parts(1, 0, 0, 3)
    assert [(row, problem) for row, problem, _ in bank.problems()] == [(2, "BAD_AMOUNT"), (3, "BAD_DATE"), (4, "TAKEN_BACK")]


def test_unknown_account_is_suspense_until_a_second_person_agrees(bank: Bank) -> None:
    outcome = bank.load(bank.file(bank.row("1", number="999999999999")))
    assert outcome == Parts(0, 1, 0, 0)
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


def test_request_about_money_in_suspense_tells_whether_it_goes_back(bank: Bank) -> None:
    bank.load(bank.file(bank.row("1", number="999999999999"), bank.row("2", number="999999999999")))
    ids = bank.session.scalars(text("SELECT id FROM tender ORDER BY reference")).all()

    asked = [
        suspense.ask_transfer(bank.session, of, account_id=to, basis="letter")
        for of, to in zip(ids, (bank.home.account_id, None), strict=True)
    ]

    assert [suspense.APPROVAL.describe(each) for each in asked] == [{"move": None}, {"move": PaymentMove.REFUND}]


def test_money_for_a_blocked_account_waits_in_suspense(bank: Bank) -> None:
    block = PaymentBlock(
        division_id=bank.home.division_id, account_id=bank.home.account_id, valid_from=DAY, creditor="Toza hudud", basis="ЎРҚ-1044"
    )
    bank.session.add(block)
    bank.session.flush()

    assert bank.load(bank.file(bank.row("1"))) == Parts(0, 1, 0, 0)


def test_payment_file_is_counted_and_closed_by_two_persons_and_never_changes_again(bank: Bank) -> None:
    content = bank.file(bank.row("1"), bank.row("2", number="999999999999"))
    bank.load(content)
    control = bank.control(content)

    payments.count(bank.session, control.id, counted_tiyin=1_999_900, by="operator", today=DAY)
    with pytest.raises(payments.SameCashier):
        payments.close(bank.session, control.id, by="operator", now=NOW, today=DAY)
    payments.close(bank.session, control.id, by="supervisor", now=NOW, today=DAY)

    assert control.kind == ControlKind.PAYMENT_FILE
    short = bank.session.execute(text("SELECT debit, credit, amount_tiyin FROM control_entry WHERE reason = 'short'")).one()
    assert tuple(short) == ("OVER_SHORT", "PROVIDER", 100)
    with pytest.raises(Exception, match="is closed"), bank.session.begin_nested():
        bank.session.execute(text("UPDATE payment_control SET counted_tiyin = 0 WHERE id = :id"), {"id": control.id})


def test_charges_that_the_bank_kept_are_neither_short_nor_paid_by_the_consumer(bank: Bank) -> None:
    layout = json.dumps(SHIPPED["camt.053"].to_dict())
    bank.session.execute(text("UPDATE payment_file_layout SET layout = CAST(:layout AS jsonb)"), {"layout": layout})
    bank.session.expire_all()
    case = (Path(__file__).parents[1] / "cases" / "05-camt-charges.xml").read_text()
    content = case.replace("2026-11-26", "2026-03-02").replace("269010000003", bank.home.number).encode()

    assert bank.load(content) == Parts(1, 0, 0, 0)
    control = bank.control(content)
    payments.count(bank.session, control.id, counted_tiyin=14_900_000, by="operator", today=DAY)
    payments.close(bank.session, control.id, by="supervisor", now=NOW, today=DAY)

    assert bank.counted(control) == {"accepted": (1, 15_000_000), "left_out": (1, -100_000)}
    assert (control.rows_tiyin, control.declared_tiyin) == (14_900_000, 14_900_000)
    entries = bank.session.execute(text("SELECT debit, credit, amount_tiyin, reason FROM control_entry")).all()
    assert [tuple(entry) for entry in entries] == [("COMMISSION", "PROVIDER", 100_000, "bank charges")]
    assert bank.credited() == 6_000_000 - 15_000_000


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
