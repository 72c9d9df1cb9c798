"""Files as banks really send them: each case with the rows that are right, and what is left out by name."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from app.domain.payments import payment_number
from app.domain.payments.files import OwnTransfers, PaymentRowProblem, Profile
from app.domain.payments.layouts import SHIPPED
from tests.gateways.read_files import read

CASES = Path(__file__).parents[1] / "cases"
BANK, ONE_C, CAMT = SHIPPED["Bank CSV (cp1251, ;)"], SHIPPED["1C"], SHIPPED["camt.053"]
OWN, OTHER_OWN = "20208000900123456001", "20208000900123456002"


class Case(NamedTuple):
    """A file, its payments (number, account, tiyin, day), and what is left out of it."""

    name: str
    profile: Profile
    payments: list[tuple[str, str, int, str]]
    left_out: list[tuple[PaymentRowProblem, int | None, str]] = []


TABLE = [
    Case("01-camt-batch-one-bank-reference.xml", CAMT, [
        ("BATCH-01", "269010000003", 10_000_000, "2026-11-26"), ("BATCH-01", "269010000001", 20_000_000, "2026-11-26"),
    ]),
    Case("01b-camt-batch-one-bank-reference-twins.xml", CAMT, [("BATCH-01B", "269010000003", 15_000_000, "2026-11-26")] * 2),
    Case("01c-camt-entries-nonref.xml", CAMT, [
        ("", "269010000003", 10_000_000, "2026-11-26"), ("", "269010000001", 5_000_000, "2026-11-26"),
    ]),
    Case("02a-number-again-october.csv", BANK, [("1", "269010000005", 15_000_000, "2026-10-26")]),
    Case("02b-number-again-november.csv", BANK, [("1", "269010000005", 15_000_000, "2026-11-26")]),
    Case("02c-one-file-two-payers-same-number.csv", BANK, [
        ("5", "269010000006", 8_000_000, "2026-11-27"), ("5", "269010000005", 9_000_000, "2026-11-27"),
    ]),
    # The entry's amount, where there is one payment.
    Case("04-camt-txamt-in-dollars.xml", CAMT, [
        ("T-04a", "269010000003", 15_000_000, "2026-11-26"), ("T-04b", "269010000003", 7_000_000, "2026-11-26"),
    ]),
    # The payer paid 150,000; what the bank kept of it is left out, so that the file holds the 149,000 it tells of.
    Case(
        "05-camt-charges.xml", CAMT, [("T-05", "269010000003", 15_000_000, "2026-11-26")],
        [(PaymentRowProblem.BANK_CHARGE, -100_000, "-1000.00")],
    ),
    Case(
        "06-camt-second-account-in-dollars.xml", CAMT, [("T-06", "269010000003", 15_000_000, "2026-11-26")],
        [(PaymentRowProblem.OTHER_CURRENCY, None, "10.00 USD 20208840900123456002")],
    ),
    Case("07-camt-in-envelope.xml", CAMT, [("T-07", "269010000003", 15_000_000, "2026-11-26")]),
    # A statement of one day tells the day of arrival.
    Case("08-1c-without-day-of-arrival.txt", ONE_C, [
        ("901", "269010000003", 15_000_000, "2026-11-26"), ("902", "269010000001", 15_000_000, "2026-11-26"),
    ]),
    Case("09-1c-purpose-continued-with-equals.txt", ONE_C, [("903", "269010000003", 15_000_000, "2026-11-26")]),
    Case("09b-1c-purpose-continued-with-a-key.txt", ONE_C, [("904", "269010000003", 15_000_000, "2026-11-26")]),
    Case("10-1c-utf8-mark-no-encoding-line.txt", ONE_C, [("905", "269010000003", 15_000_000, "2026-11-26")]),
    Case("24-own-transfer.txt", ONE_C, [], [(PaymentRowProblem.OWN_TRANSFER, 15_000_000, f"{OTHER_OWN} → {OWN}")]),
    Case(
        "24-own-transfer.txt", replace(ONE_C, own_transfers=OwnTransfers.PAYMENT), [("906", "", 15_000_000, "2026-11-26")],
    ),
]  # fmt: skip


def check(content: bytes | Path, case: Case) -> None:
    rows, summary = read(content, case.profile)
    taken = [row for row in rows if row.problem is None]

    assert [(payment_number(row.reference), row.account_number or "", row.amount_tiyin, str(row.paid_on)) for row in taken] == case.payments
    assert [(row.problem, row.amount_tiyin, row.problem_value) for row in rows if row.problem is not None] == case.left_out
    assert len({row.reference for row in taken}) == len(taken)
    assert (summary.left_out, summary.rejected, summary.totals_agree) == (len(case.left_out), 0, True)
    assert summary.found.sum_tiyin == sum(row.amount_tiyin or 0 for row in rows)


@pytest.mark.parametrize("case", TABLE, ids=[f"{case.name}-{case.profile.own_transfers}" for case in TABLE])
def test_file_gives_the_payments_that_are_right(case: Case) -> None:
    check(CASES / case.name, case)


Change = Callable[[str], str]


def one_c(name: str, change: Change, encoding: str = "cp1251") -> bytes:
    return change((CASES / name).read_bytes().decode("cp1251")).encode(encoding)


def test_1c_file_that_says_dos_and_is_in_cp1251_is_read() -> None:
    content = one_c("09-1c-purpose-continued-with-equals.txt", lambda text: text.replace("=Windows", "=DOS"))

    check(content, Case("", ONE_C, [("903", "269010000003", 15_000_000, "2026-11-26")]))


def test_1c_statement_of_several_days_takes_the_day_of_the_document() -> None:
    content = one_c("08-1c-without-day-of-arrival.txt", lambda text: text.replace("ДатаНачала=26.11.2026", "ДатаНачала=01.11.2026"))

    rows, _ = read(content.replace("Дата=26.11.2026".encode("cp1251"), "Дата=25.11.2026".encode("cp1251")), ONE_C)

    assert [str(row.paid_on) for row in rows] == ["2026-11-25", "2026-11-26"]


def test_1c_account_in_dollars_is_left_out_by_name() -> None:
    dollars = "20208840900123456002"
    content = one_c("24-own-transfer.txt", lambda text: text.replace(OWN, dollars))

    rows, summary = read(content, ONE_C)

    assert [(row.problem, row.amount_tiyin, row.problem_value) for row in rows] == [
        (PaymentRowProblem.OTHER_CURRENCY, None, f"150000.00 → {dollars}")
    ]
    assert (summary.found.sum_tiyin, summary.left_out) == (0, 1)


def test_transfer_from_an_account_of_ours_at_another_bank_is_left_out_where_the_layout_names_it() -> None:
    elsewhere = "20208000111111111001"
    content = CASES / "09-1c-purpose-continued-with-equals.txt"

    rows, _ = read(content, replace(ONE_C, own_accounts=(elsewhere,)))

    assert [(row.problem, row.amount_tiyin) for row in rows] == [(PaymentRowProblem.OWN_TRANSFER, 15_000_000)]


def test_camt_transfer_between_own_accounts_is_left_out() -> None:
    debtor = f"<RltdPties><DbtrAcct><Id><Othr><Id>{OTHER_OWN}</Id></Othr></Id></DbtrAcct></RltdPties><RmtInf>"
    text = (CASES / "07-camt-in-envelope.xml").read_text().replace("<RmtInf>", debtor)

    rows, summary = read(text.encode(), replace(CAMT, own_accounts=(OTHER_OWN,)))

    assert [(row.problem, row.amount_tiyin, row.problem_value) for row in rows] == [(PaymentRowProblem.OWN_TRANSFER, 15_000_000, OTHER_OWN)]
    assert summary.totals_agree


def test_camt_payment_in_another_currency_among_several_of_an_entry_is_named() -> None:
    text = (
        (CASES / "01-camt-batch-one-bank-reference.xml").read_text().replace('<Amt Ccy="UZS">100000.00</Amt>', '<Amt Ccy="USD">8.00</Amt>')
    )

    rows, summary = read(text.encode(), CAMT)

    assert [(row.problem, row.problem_value) for row in rows] == [(PaymentRowProblem.BAD_AMOUNT, "8.00 USD"), (None, None)]
    assert not summary.totals_agree


def test_envelope_without_a_statement_is_refused_and_named() -> None:
    with pytest.raises(Exception, match="message but BusMsg"):
        read(b"<BusMsg><AppHdr/></BusMsg>", CAMT)
