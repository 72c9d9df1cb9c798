import contextlib
import io
import random
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import psycopg
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.payments import payment_number
from app.domain.payments.files import ControlTotals, FileTotals, Form, PaymentRowProblem, Profile, StatementAccount, TotalsPlace, Unit
from app.domain.payments.layouts import SHIPPED
from app.domain.readers import FileProblem
from app.gateways.payment_files import COPY_COLUMNS, PaymentFileRow, child, first_rows, reading
from app.gateways.payment_files.rows import Days, UnreadableRow, amount_reader
from app.gateways.tables import Unreadable
from app.gateways.tables_child import WorkbookRefused
from tests.gateways.read_files import on_disk, read

VECTORS = Path(__file__).parents[1] / "vectors" / "payment_files"
UNREADABLE, OTHER_KIND, CUT, TOO_LARGE, NO_HEADER, NO_ROWS = (
    FileProblem.UNREADABLE,
    FileProblem.OTHER_KIND,
    FileProblem.CUT,
    FileProblem.TOO_LARGE,
    FileProblem.NO_HEADER,
    FileProblem.NO_ROWS,
)
BANK, POST, WORKBOOK, ONE_C, CAMT, CENTRE = SHIPPED.values()
#: account, amount, reference, day and nothing else
PLAIN = Profile(form=Form.CSV, columns={"account_number": 1, "amount": 2, "paid_on": 3, "purpose": 4})
OWN = "20208000900123456001"


def brief(rows: list[PaymentFileRow]) -> list[tuple[int, str, str | None, int | None, str | None]]:
    return [
        (row.row, payment_number(row.reference), row.account_number, row.amount_tiyin, row.paid_on and row.paid_on.isoformat())
        for row in rows
        if row.problem is None
    ]


def dbf(fields: Sequence[tuple[str, str, int]], records: Sequence[Sequence[str]], *, language: int = 0x65, **lies: int) -> bytes:
    """Return a dBASE III file; a record whose first text begins with an asterisk is deleted.

    :param lies: header_bytes, record_bytes, count or version told in place of the true ones
    """
    encoding = "cp1251" if language == 0xC9 else "cp866"
    described = b"".join(
        name.encode().ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([length, 0]) + bytes(14) for name, kind, length in fields
    )
    true = {"count": len(records), "header_bytes": 33 + len(described), "record_bytes": 1 + sum(length for *_, length in fields)} | lies
    start = struct.pack("<BBBBLHH", lies.get("version", 3), 126, 11, 27, true["count"], true["header_bytes"], true["record_bytes"])
    head = start + bytes(17) + bytes([language]) + bytes(2) + described + b"\r"
    body = b"".join(
        (b"*" if record[0].startswith("*") else b" ")
        + b"".join(text.lstrip("*").encode(encoding).ljust(length) for text, (*_, length) in zip(record, fields, strict=True))
        for record in records
    )
    return head + body + b"\x1a"


POST_FIELDS = [("LS", "C", 12), ("SUMMA", "N", 12), ("NUM", "C", 10), ("DATA", "D", 8), ("FIO", "C", 30), ("PERIOD", "C", 6)]
POST_RECORDS = [
    ["170010000012", "  15000.00", "1", "20261125", "Каримов Анвар", "102026"],
    ["*170010000013", "    100.00", "2", "20261125", "Удалён", "102026"],
    ["001001000014", "   -250.50", "3", "20261126", "Юсупова Дилором", "092026"],
]


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as book:
        page = book.add_worksheet()
        for row_no, row in enumerate(rows):
            page.write_row(row_no, 0, row)
    return content.getvalue()


WORKBOOK_ROWS: list[list[object]] = [
    ["Реестр платежей"],
    [],
    ["за 25.11.2026"],
    ["№", "Номер операции", "Дата операции", "Лицевой счет", "Сумма", "ФИО", "Назначение"],
    [1, "A1", date(2026, 11, 25), "017001000012", 15000.5, "Каримов Анвар", "свет"],
    [2, "A2", "26.11.2026", 170010000013, "1 234,50", "Юсупова Дилором", "свет"],
]


# Forms


def test_csv_of_a_bank_is_read_to_its_totals() -> None:
    rows, summary = read(VECTORS / "bank.csv", BANK)

    assert brief(rows) == [
        (2, "PB-0001", "170010000012", 15_000_000, "2026-11-25"),
        (3, "PB-0002", "017001000013", 9_999_950, "2026-11-25"),
        (4, "PB-0003", "170010000014", -2_000_000, "2026-11-26"),
        (5, "PB-0004", "170010000015", 123_456_789, "2026-11-26"),
    ]
    assert (rows[1].payer, rows[1].phone, rows[1].purpose) == ('ООО "Тошкент; Савдо"', None, "По договору 17")
    assert (summary.rows, summary.rejected, summary.found, summary.declared) == (
        4,
        0,
        FileTotals(4, 146_456_739),
        FileTotals(4, 146_456_739),
    )


def test_fixed_width_of_a_settlement_centre_has_its_totals_above() -> None:
    rows, summary = read(VECTORS / "centre.txt", CENTRE)

    assert brief(rows) == [
        (2, "1000000001", "170010000012", 1_500_000, "2026-11-25"),
        (3, "1000000002", "000010000013", 25_050, "2026-11-26"),
        (4, "1000000003", "170010000014", -25_050, "2026-11-26"),
    ]
    assert (rows[0].payer, rows[0].purpose) == ("Каримов Анвар", "102026")
    assert (summary.declared, summary.totals_agree) == (FileTotals(3, 1_500_000), True)
    assert (summary.payment_file_number, summary.dated_on) == ("77", date(2026, 11, 26))


@pytest.mark.parametrize("language", [0x65, 0x26, 0xC9, 0])
def test_dbf_of_the_post_is_read_without_deleted_records(language: int) -> None:
    rows, summary = read(dbf(POST_FIELDS, POST_RECORDS, language=language), POST)

    assert brief(rows) == [
        (1, "1", "170010000012", 1_500_000, "2026-11-25"),
        (3, "3", "001001000014", -25_050, "2026-11-26"),
    ]
    assert [row.payer for row in rows] == ["Каримов Анвар", "Юсупова Дилором"]
    assert (summary.found, summary.declared) == (FileTotals(2, 1_474_950), None)


def test_workbook_is_read_below_its_header_whatever_its_cells_are() -> None:
    rows, _ = read(workbook(WORKBOOK_ROWS), WORKBOOK)

    assert brief(rows) == [
        (5, "A1", "017001000012", 1_500_050, "2026-11-25"),
        (6, "A2", "170010000013", 123_450, "2026-11-26"),
    ]


def test_1c_gives_what_came_in_and_finds_the_account_in_the_purpose() -> None:
    rows, summary = read(VECTORS / "kl_to_1c.txt", ONE_C)

    assert [(row.row, row.account_number, row.amount_tiyin, row.problem, row.problem_value) for row in rows] == [
        (1, "170010000012", 50_000_000, None, None),
        (2, None, None, PaymentRowProblem.OUTGOING, "100000.00 → 20208000700999999001"),
        (3, "", 15_000_050, None, None),
    ]
    assert (rows[0].payer, rows[0].purpose) == ("ООО Лола", "За электроэнергию, л/с 170010000012, договор № 5")
    assert rows[2].purpose == "Оплата за свет без номера счёта"
    assert (summary.found, summary.declared, summary.left_out) == (FileTotals(3, 65_000_050), FileTotals(None, 65_000_050), 1)
    assert summary.accounts == (StatementAccount(OWN, 100_000_000, 155_000_050),)
    assert summary.dated_on == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("says", "encoding"), [("Windows", "cp1251"), ("DOS", "cp866"), ("DOS", "cp1251"), ("Windows", "utf-8"), ("Windows", "utf-8-sig")]
)
def test_1c_is_read_in_the_encoding_it_is_in(says: str, encoding: str) -> None:
    text = (VECTORS / "kl_to_1c.txt").read_bytes().decode("cp1251").replace("Кодировка=Windows", f"Кодировка={says}")

    rows, _ = read(text.encode(encoding), replace(ONE_C, encoding="koi8-r"))

    assert [row.payer for row in rows] == ["ООО Лола", "Энергосбыт", "ЯТТ Собиров"]


@pytest.mark.parametrize("version", ["02", "08"])
def test_camt_gives_credits_one_by_one_and_what_was_taken_back(version: str) -> None:
    rows, summary = read(VECTORS / f"camt053_{version}.xml", CAMT)

    assert brief(rows) == [
        (1, "T1", "170010000012", 10_000_000, "2026-11-26"),
        (2, "E1", "170010000013", 15_000_000, "2026-11-26"),
        (3, "E2", "170010000014", 30_025, "2026-11-26"),
        (4, "T3", "170010000012", -5_000_000, "2026-11-26"),
    ]
    assert rows[0].payer == "Лола МЧЖ"
    assert (summary.declared, summary.totals_agree, summary.left_out) == (FileTotals(None, 20_030_025), True, 1)
    assert (summary.payment_file_number, summary.dated_on) == (f"STMT-{int(version)}", date(2026, 11, 27))
    assert summary.accounts == (StatementAccount(OWN, 100_000_000, 115_030_025),)


def test_notification_leaves_out_what_is_not_booked_yet() -> None:
    rows, summary = read(VECTORS / "camt054_08.xml", CAMT)

    assert brief(rows) == [(1, "T1", "170010000012", 120_000, "2026-11-26")]
    assert (summary.left_out, summary.totals_agree) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "agree", "problem"),
    [
        ('<Amt Ccy="UZS">100000.00</Amt>', '<Amt Ccy="UZS">100000.01</Amt>', False, None),
        ("<Sum>250300.25</Sum>", "<Sum>250300.26</Sum>", False, None),
        ('<Amt Ccy="UZS">100000.00</Amt>', '<Amt Ccy="USD">100000.00</Amt>', False, PaymentRowProblem.BAD_AMOUNT),
        ("л/с 170010000012</Ustrd>", "л/с 17001000001</Ustrd>", True, None),
    ],
)
def test_camt_whose_details_differ_does_not_agree(old: str, new: str, agree: bool, problem: PaymentRowProblem | None) -> None:
    text = (VECTORS / "camt053_08.xml").read_text()

    rows, summary = read(text.replace(old, new, 1).encode(), CAMT)

    assert (summary.totals_agree, rows[0].problem) == (agree, problem)


# The same payment file once more


def test_renamed_file_gives_the_same_rows(tmp_path: Path) -> None:
    renamed = tmp_path / "реестр (1).bin"
    renamed.write_bytes((VECTORS / "bank.csv").read_bytes())

    assert read(renamed, BANK) == read(VECTORS / "bank.csv", BANK)


UNNUMBERED = replace(BANK, columns={name: place for name, place in BANK.columns.items() if name != "reference"})


def bank_lines() -> list[bytes]:
    return (VECTORS / "bank.csv").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("profile", [BANK, UNNUMBERED], ids=["numbered", "without references"])
def test_rows_in_another_order_keep_their_references(profile: Profile) -> None:
    header, *payments, total, signature = bank_lines()
    payments.append(payments[0])
    shuffled = payments[:]
    random.Random(1).shuffle(shuffled)

    rows, _ = read(b"".join([header, *payments, total, signature]), profile)
    reordered, _ = read(b"".join([header, *shuffled, total, signature]), profile)

    assert {row._replace(row=0) for row in rows} == {row._replace(row=0) for row in reordered}
    assert len({row.reference for row in rows}) == 5


def test_equal_rows_without_references_are_told_apart_by_number() -> None:
    rows, _ = read(b"7001;5.00;25.11.2026;a\n7001;5.00;25.11.2026;a\n7001;5,00;25.11.2026;a\n7001;5.00;26.11.2026;a\n", PLAIN)

    assert [row.problem for row in rows] == [None, None, PaymentRowProblem.BAD_AMOUNT, None]
    starts = [row.reference.split("-")[0] for row in rows if row.problem is None]
    assert [row.reference.split("-")[1] for row in rows if row.problem is None] == ["1", "2", "1"]
    assert starts[0] == starts[1]
    assert len(set(starts)) == 2


def test_changed_row_changes_its_own_reference_only() -> None:
    rows, summary = read(b"".join(bank_lines()), UNNUMBERED)
    changed, changed_summary = read(b"".join(bank_lines()).replace(b"150 000,00", b"150 000,01"), UNNUMBERED)

    assert [row.reference for row in changed][1:] == [row.reference for row in rows][1:]
    assert changed[0].reference != rows[0].reference
    assert (summary.totals_agree, changed_summary.totals_agree) == (True, False)


@pytest.mark.parametrize(("old", "new"), [(b"\xce;4;", b"\xce;5;"), (b"1 464 567,39", b"1 464 567,40")])
def test_wrong_total_does_not_agree(old: bytes, new: bytes) -> None:
    _, summary = read(b"".join(bank_lines()).replace(old, new), BANK)

    assert not summary.totals_agree


@pytest.mark.parametrize("kept", range(2, 6))
def test_csv_cut_anywhere_above_its_totals_is_refused(kept: int) -> None:
    with pytest.raises(Unreadable, match="ИТОГО: the file may be cut"):
        read(b"".join(bank_lines()[:kept])[:-3], BANK)


@pytest.mark.parametrize(("name", "problem"), [("kl_to_1c.txt", CUT), ("camt053_08.xml", UNREADABLE)])
def test_statement_cut_in_the_middle_is_refused(name: str, problem: FileProblem) -> None:
    content = (VECTORS / name).read_bytes()

    with pytest.raises(Unreadable) as caught:
        read(content[: len(content) // 2], ONE_C if name.endswith("txt") else CAMT)

    assert caught.value.problem == problem


def test_amount_below_the_totals_is_not_lost_silently() -> None:
    with pytest.raises(Unreadable, match="row 8 has an amount below the control totals"):
        read(b"".join([*bank_lines(), bank_lines()[1]]), BANK)


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (b"7001;5.00;25.11.2026;\n7002;6.00;25.11.2026;\n2;11.00\n", FileTotals(2, 1100)),
        (b"7001;5.00;25.11.2026;\n7002;-5.00;25.11.2026;\n2;0.00\n\n;;\n", FileTotals(2, 0)),
    ],
)
def test_last_row_may_hold_the_totals(content: bytes, declared: FileTotals) -> None:
    _, summary = read(content, replace(PLAIN, totals=ControlTotals(TotalsPlace.LAST_ROW, columns={"count": 1, "sum": 2})))

    assert (summary.declared, summary.totals_agree) == (declared, True)


def test_last_row_that_holds_no_totals_is_taken_for_a_cut() -> None:
    profile = replace(PLAIN, totals=ControlTotals(TotalsPlace.LAST_ROW, columns={"count": 4, "sum": 2}))

    with pytest.raises(Unreadable, match="control totals cannot be read in row 2"):
        read(b"7001;5.00;25.11.2026;a\n7002;6.00;25.11.2026;a\n", profile)


# Rows


@pytest.mark.parametrize(
    ("line", "problem", "column", "value", "amount"),
    [
        ("7001;1,2,3;25.11.2026;a", PaymentRowProblem.BAD_AMOUNT, "amount", "1,2,3", None),
        ("7001;;25.11.2026;a", PaymentRowProblem.BAD_AMOUNT, "amount", None, None),
        ("7001;0.00;25.11.2026;a", PaymentRowProblem.ZERO_AMOUNT, "amount", "0.00", None),
        ("7001;10000000000000.01;25.11.2026;a", PaymentRowProblem.AMOUNT_TOO_LARGE, "amount", "10000000000000.01", None),
        ("7001;5.00;31.02.2026;a", PaymentRowProblem.BAD_DATE, "paid_on", "31.02.2026", 500),
        ("7001;5.00;25.11.1926;a", PaymentRowProblem.BAD_DATE, "paid_on", "25.11.1926", 500),
        ("7001;5.00;25.11.2026", PaymentRowProblem.TOO_FEW_COLUMNS, None, "7001 5.00 25.11.2026", None),
        ("7001;5.00;25.11.2026;" + "я" * 200_000, PaymentRowProblem.TEXT_TOO_LONG, "purpose", "я" * 100, 500),
        ("7" * 65 + ";5.00;25.11.2026;a", PaymentRowProblem.TEXT_TOO_LONG, "account_number", "7" * 65, 500),
    ],
)
def test_row_with_a_problem_is_there_without_its_day_and_with_the_amount_that_can_be_read(
    line: str, problem: PaymentRowProblem, column: str | None, value: str | None, amount: int | None
) -> None:
    rows, summary = read(f"{line}\n7002;6.00;25.11.2026;b\n".encode(), PLAIN)

    assert [(row.problem, row.problem_column, row.problem_value) for row in rows] == [(problem, column, value), (None, None, None)]
    assert (rows[0].row, rows[0].amount_tiyin, rows[0].paid_on) == (1, amount, None)
    assert (summary.rows, summary.rejected, summary.found.sum_tiyin) == (2, 1, 600 + (amount or 0))


@pytest.mark.parametrize("filler", ["", "0", "000000", "-", "NONREF", "NotProvided", "б/н"])
def test_row_with_a_filler_for_its_number_is_known_by_all_it_says(filler: str) -> None:
    profile = Profile(form=Form.CSV, columns={"account_number": 1, "amount": 2, "reference": 3})

    rows, _ = read(f"7001;5.00;{filler}\n7002;5.00;{filler}\n7001;5.00;R1\n".encode(), profile)

    assert [row.problem for row in rows] == [None, None, None]
    assert [payment_number(row.reference) for row in rows] == ["", "", "R1"]
    assert len({row.reference for row in rows}) == 3


KEYS: list[tuple[tuple[str, ...], str, bool]] = [
    (("reference",), "7002;9.00;R1;26.11.2026;B", True),
    (("reference",), "7001;5.00;R2;25.11.2026;A", False),
    (("reference", "paid_on"), "7002;9.00;R1;25.11.2026;B", True),
    (("reference", "paid_on"), "7001;5.00;R1;26.11.2026;A", False),
    (("reference", "payer"), "7002;9.00;R1;26.11.2026; a", True),
    (("reference", "payer"), "7001;5.00;R1;25.11.2026;B", False),
    (("account_number", "amount"), "7001;5;R2;26.11.2026;B", True),
    (("account_number", "amount"), "7002;5;R1;25.11.2026;A", False),
]


@pytest.mark.parametrize(("unique", "other", "is_same"), KEYS)
def test_payment_is_known_by_what_the_layout_says(unique: tuple[str, ...], other: str, is_same: bool) -> None:
    columns = {"account_number": 1, "amount": 2, "reference": 3, "paid_on": 4, "payer": 5}

    rows, _ = read(f"7001;5.00;R1;25.11.2026;A\n{other}\n".encode(), Profile(form=Form.CSV, columns=columns, unique=unique))

    keys = [row.reference.rpartition("~")[2].rpartition("-") for row in rows]
    assert (keys[0][0] == keys[1][0], keys[1][2]) == (is_same, "2" if is_same else "1")


def test_texts_are_cleaned_and_escaped() -> None:
    content = '7001;5.00;25.11.2026;"C:\\new\tline\r\n\\N \x00\x1b[31m\u202egnp\u0085"\n;;;\n \x1a\n'.encode()

    rows, summary = read(content, PLAIN)

    assert [row.purpose for row in rows] == ["C:\\new\tline\r\n\\N [31m\u202egnp"]
    assert summary.rows == 1


def test_chunks_are_what_copy_wants(servers: tuple[str, str]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in COPY_COLUMNS.items())
    content = b'7001;5.00;25.11.2026;"a\tb\\.\n\\.\nc\x00"\n7002;-;;\\N\n'

    with psycopg.connect(servers[0]) as connection, on_disk(content) as path, reading(path, PLAIN, timeout_s=30) as payment_file:
        connection.execute(f"CREATE TEMP TABLE payment_file ({columns})")
        with connection.cursor().copy("COPY payment_file FROM STDIN") as copy:
            for chunk in payment_file.chunks:
                copy.write(chunk)
        stored = connection.execute("SELECT * FROM payment_file ORDER BY row").fetchall()
        connection.rollback()

    assert [row[2:] for row in stored] == [
        ("7001", 500, date(2026, 11, 25), None, None, "a\tb\\.\n\\.\nc", None, None, None),
        ("7002", None, None, None, None, "\\N", "BAD_AMOUNT", "amount", "-"),
    ]


# Amounts and days


def amount_profile(point: str, group: str, unit: Unit) -> Profile:
    return replace(PLAIN, decimal_separator=point, group_separator=group, unit=unit)


@st.composite
def written_amounts(draw: st.DrawFn) -> tuple[Profile, str, int]:
    """Return a profile, an amount as it may be written by it, and the tiyin it is."""
    tiyin = draw(st.integers(1, 10**15))
    point, group = draw(st.sampled_from([(p, g) for p in ".," for g in ("", " ", ",", ".", "'") if p != g]))
    unit = draw(st.sampled_from(Unit))
    whole, fraction = (tiyin, "") if unit is Unit.TIYIN else (tiyin // 100, f"{tiyin % 100:02d}")
    digits = f"{whole:,}".replace(",", group) if draw(st.booleans()) else str(whole)
    if group == " " and draw(st.booleans()):
        digits = digits.replace(" ", draw(st.sampled_from("\u00a0\u202f\u2009")))
    fraction = draw(st.sampled_from([fraction, fraction.rstrip("0")]))
    text = f"{digits}{point}{fraction}" if fraction else digits
    before, behind, sign = draw(st.sampled_from([("", "", 1), ("+", "", 1), ("-", "", -1), ("\u2212", "", -1), ("", "-", -1)]))
    return amount_profile(point, group, unit), draw(st.sampled_from(["{}", " {} "])).format(f"{before}{text}{behind}"), sign * tiyin


@settings(deadline=None)
@given(written_amounts())
def test_amount_in_any_style_is_exact(case: tuple[Profile, str, int]) -> None:
    profile, text, tiyin = case

    assert amount_reader(profile)(text) == tiyin


@pytest.mark.parametrize(
    "text",
    ["", ".", "-", "1..2", "1 2.00", "12 34.00", "1_000", "NaN", "Infinity", "1E+1000000", "١٢٣", "1.٢٣", "²2.00", "0x10",
     "--1", "-1-", "(1.00)", "- 1", "1.00 UZS", "+-1", "1,000.00", "1 0000.00"],
)  # fmt: skip
def test_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRow) as caught:
        amount_reader(amount_profile(".", " ", Unit.SOM))(text)

    assert caught.value.problem == PaymentRowProblem.BAD_AMOUNT


@pytest.mark.parametrize("text", ["1.234", "0.001", "150.000", "1.000"])
def test_amount_with_more_decimals_than_a_tiyin_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRow) as caught:
        amount_reader(amount_profile(".", " ", Unit.SOM))(text)

    assert caught.value.problem == PaymentRowProblem.TOO_MANY_DECIMALS


@pytest.mark.parametrize("text", ["9" * 5_000, "10000000000000.01", "-99999999999999"])
def test_amount_beyond_the_largest_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRow) as caught:
        amount_reader(amount_profile(".", "", Unit.SOM))(text)

    assert caught.value.problem == PaymentRowProblem.AMOUNT_TOO_LARGE


@pytest.mark.parametrize(
    ("date_format", "text", "day"),
    [
        ("dd.mm.yyyy", "05.11.2026", "2026-11-05"),
        ("dd.mm.yyyy", " 5.11.2026 23:59:59", "2026-11-05"),
        ("dd.mm.yy", "05.11.26", "2026-11-05"),
        ("dd/mm/yyyy", "05/11/2026", "2026-11-05"),
        ("dd-mm-yyyy", "05-11-2026", "2026-11-05"),
        ("ddmmyy", "051126", "2026-11-05"),
        ("ddmmyyyy", "05112026", "2026-11-05"),
        ("yymmdd", "261105", "2026-11-05"),
        ("yyyymmdd", "20261105", "2026-11-05"),
        ("yyyy-mm-dd", "2026-11-05T10:00", "2026-11-05"),
        ("iso", "2026-11-05", "2026-11-05"),
        ("iso", "2026-11-05+05:00", "2026-11-05"),
        ("iso", "2026-11-05T23:30:00", "2026-11-05"),
        ("iso", "2026-11-05T19:30:00Z", "2026-11-06"),
        ("iso", "2026-11-05T19:30:00.5+05:00", "2026-11-05"),
    ],
)
def test_day_is_read_in_its_format(date_format: str, text: str, day: str) -> None:
    assert Days(date_format)[text] == day


@pytest.mark.parametrize(
    ("date_format", "text"),
    [("dd.mm.yyyy", "2026-11-05"), ("dd.mm.yyyy", "05.11.26"), ("ddmmyy", "51126"), ("dd.mm.yyyy", "٠٥.11.2026"), ("iso", "now"),
     ("iso", "9999-12-31T23:59:59Z"), ("iso", "0001-01-01T00:00:00+14:00"), ("dd.mm.yyyy", "")],
)  # fmt: skip
def test_text_that_is_no_day_is_refused(date_format: str, text: str) -> None:
    with pytest.raises(UnreadableRow):
        Days(date_format)[text]


def test_many_different_moments_do_not_stay_in_memory() -> None:
    days = Days("iso")

    for second in range(25_000):
        assert days[f"2026-11-05T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"] == "2026-11-05"

    assert len(days) <= 10_000


# Hostile files


class Hostile(NamedTuple):
    what: str
    make: Callable[[], bytes]
    profile: Profile
    #: None if it is read
    problem: FileProblem | None
    #: a part of the detail, or the problems of the rows
    seen: Any


def camt(before: str, inside: str) -> bytes:
    name = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    return f'{before}<Document xmlns="{name}"><BkToCstmrStmt><Stmt>{inside}</Stmt></BkToCstmrStmt></Document>'.encode()


def one_c(*lines: str) -> bytes:
    return "\r\n".join(("1CClientBankExchange", *lines)).encode("cp1251")


def zip_bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(200 << 20))
    return content.getvalue()


LAUGHS = "<!DOCTYPE w [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"
XXE = '<!DOCTYPE w [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
ATTRIBUTES = "<Id " + " ".join(f"a{n}=''" for n in range(100_000)) + "/>"
XINCLUDE = (
    '<Ntry><CdtDbtInd>CRDT</CdtDbtInd><i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/></Ntry>'
)
RECORD = ["170010000012", "15000.00", "1", "20261125", "Каримов", "102026"]
CYRILLIC = "7001;5.00;25.11.2026;Каримов\n7002;6.00;25.11.2026;Юсупова\n"
WINDOWS = replace(PLAIN, encoding="cp1251")
NAMED = replace(WINDOWS, header_rows=1, columns={"account_number": 1, "amount": "Сумма"})

SHELF = [
    Hostile("empty file", lambda: b"", PLAIN, NO_ROWS, "the file is empty"),
    Hostile("blank lines", lambda: b"\n;;;\n \n", PLAIN, NO_ROWS, "no row"),
    Hostile("header only, no columns", lambda: b"a;b;c\n", BANK, NO_HEADER, "stands 0 times"),
    Hostile("a column twice", lambda: "Сумма;Сумма".encode("cp1251"), NAMED, NO_HEADER, "2 times"),
    Hostile("field of 200 KB", lambda: b"7" * 200_000 + b";5.00;25.11.2026;a", PLAIN, None, ["TEXT_TOO_LONG"]),
    Hostile("quoted field of 2 MB", lambda: b'7001;5.00;25.11.2026;"' + b"a" * 2_000_000, PLAIN, None, ["TEXT_TOO_LONG"]),
    Hostile("unclosed quote", lambda: b'7001;5.00;25.11.2026;"a\n7002;6.00;25.11.2026;b\n', PLAIN, None, ["BAD_QUOTES", None]),
    Hostile("line of 100 MB", lambda: b"7" * (100 << 20), PLAIN, UNREADABLE, "a line of more than"),
    Hostile("NUL", lambda: b"7001;5.\x0000;25.11.2026;\x00\n", PLAIN, None, [None]),
    Hostile("UTF-16 without its mark", lambda: CYRILLIC.encode("utf-16-le"), WINDOWS, OTHER_KIND, "UTF-16"),
    Hostile("UTF-16 BE without its mark", lambda: CYRILLIC.encode("utf-16-be"), replace(PLAIN, encoding="utf-16"), None, [None, None]),
    Hostile("UTF-16 LE, so profiled", lambda: CYRILLIC.encode("utf-16-le"), replace(PLAIN, encoding="utf-16"), None, [None, None]),
    Hostile("UTF-16 with its mark", lambda: CYRILLIC.encode("utf-16"), replace(PLAIN, encoding="utf-16"), None, [None, None]),
    Hostile("UTF-16 cut in a letter", lambda: CYRILLIC.encode("utf-16")[:-1], replace(PLAIN, encoding="utf-16"), UNREADABLE, "encoding"),
    Hostile("another encoding", lambda: CYRILLIC.encode("cp1251"), PLAIN, UNREADABLE, "not in the encoding"),
    Hostile("every byte there is", lambda: bytes(range(256)) * 300, replace(PLAIN, encoding="koi8-r"), None, ["TOO_FEW_COLUMNS"] * 300),
    Hostile("PDF", lambda: b"%PDF-1.7\n", PLAIN, OTHER_KIND, "PDF"),
    Hostile("workbook under a profile of texts", lambda: workbook([[1]]), PLAIN, OTHER_KIND, "workbook"),
    Hostile("text under a profile of workbooks", lambda: b"7001;5.00", WORKBOOK, OTHER_KIND, "no .xlsx"),
    Hostile("zip bomb", zip_bomb, WORKBOOK, UNREADABLE, "far more than its size"),
    Hostile("damaged workbook", lambda: workbook(WORKBOOK_ROWS)[:-100], WORKBOOK, UNREADABLE, "damaged"),
    Hostile("DBF with record length 0", lambda: dbf(POST_FIELDS, [RECORD], record_bytes=0), POST, UNREADABLE, "damaged"),
    Hostile("DBF cut in its header", lambda: dbf(POST_FIELDS, [RECORD])[:100], POST, UNREADABLE, "damaged"),
    Hostile("DBF cut in its first bytes", lambda: dbf(POST_FIELDS, [RECORD])[:20], POST, OTHER_KIND, "no DBF"),
    Hostile("DBF header of no length", lambda: dbf(POST_FIELDS, [RECORD], header_bytes=0), POST, UNREADABLE, "damaged"),
    Hostile("DBF that tells too many records", lambda: dbf(POST_FIELDS, [RECORD], count=2**32 - 1), POST, CUT, "file has 1"),
    Hostile("DBF that tells too few records", lambda: dbf(POST_FIELDS, [RECORD] * 3, count=1), POST, CUT, "file has 3"),
    Hostile("DBF cut in a record", lambda: dbf(POST_FIELDS, [RECORD] * 3)[:-20], POST, CUT, "file has 2"),
    Hostile("DBF without fields", lambda: dbf([], []), POST, UNREADABLE, "damaged"),
    Hostile("DBF of another version", lambda: dbf(POST_FIELDS, [RECORD], version=0x7F), POST, OTHER_KIND, "no DBF"),
    Hostile("DBF without a column", lambda: dbf(POST_FIELDS[:-1], [RECORD[:-1]]), POST, NO_HEADER, "PERIOD"),
    Hostile("DBF amount in a memo", lambda: dbf([("LS", "C", 12), ("SUMMA", "M", 10)], [["1", "1"]]),
            replace(POST, columns={"account_number": "LS", "amount": "SUMMA"}), OTHER_KIND, "type M"),
    Hostile("billion laughs", lambda: camt(LAUGHS, "<Id>&a11;</Id>"), CAMT, UNREADABLE, "entities"),
    Hostile("XXE", lambda: camt(XXE, "<Id>&secret;</Id>"), CAMT, UNREADABLE, "entities"),
    Hostile("undeclared entity", lambda: camt("", "<Id>&secret;</Id>"), CAMT, UNREADABLE, "not defined"),
    Hostile("entity in an attribute", lambda: camt(LAUGHS, "<Id a='&a11;'/>"), CAMT, UNREADABLE, "entities"),
    Hostile("document type of another host", lambda: camt('<!DOCTYPE w SYSTEM "http://127.0.0.1:1/w">', ""), CAMT, UNREADABLE, "entities"),
    Hostile("parameter entity", lambda: camt('<!DOCTYPE w [<!ENTITY % x SYSTEM "file:///etc">%x;]>', ""), CAMT, UNREADABLE, "entities"),
    Hostile("file that asks for another", lambda: camt("", XINCLUDE), CAMT, None, ["BAD_AMOUNT"]),
    Hostile("100,000 attributes", lambda: camt("", ATTRIBUTES), CAMT, TOO_LARGE, "too many"),
    Hostile("envelope without an end", lambda: b"<a>" * 300_000, CAMT, OTHER_KIND, "no camt.053"),
    Hostile("deep nesting", lambda: camt("", "<Ntry>" * 500_000), CAMT, TOO_LARGE, "too deep"),
    Hostile("another message", lambda: camt("", "").replace(b"camt.053", b"pain.001"), CAMT, OTHER_KIND, "no camt.053"),
    Hostile("unknown encoding", lambda: camt('<?xml version="1.0" encoding="utf-7"?>', ""), CAMT, UNREADABLE, "damaged XML"),
    Hostile("no XML", lambda: b"7001;5.00", CAMT, UNREADABLE, "damaged XML"),
    Hostile("empty entry", lambda: camt("", "<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"), CAMT, None, ["BAD_AMOUNT"]),
    Hostile("statement without entries", lambda: camt("", ""), CAMT, None, []),
    Hostile("not 1C", lambda: b"1;2;3", ONE_C, OTHER_KIND, "no 1CClientBankExchange"),
    Hostile("1C of no account", lambda: one_c("КонецФайла"), ONE_C, NO_HEADER, "РасчСчет"),
    Hostile("1C section in a section", lambda: one_c("СекцияДокумент=1", "СекцияДокумент=2"), ONE_C, CUT, "КонецДокумента"),
    Hostile("1C section of many keys", lambda: one_c("СекцияДокумент=1", *(f"k{n}=1" for n in range(600))), ONE_C, TOO_LARGE, "section"),
    Hostile("1C section of one long key", lambda: one_c("СекцияДокумент=1", "a=" + "1" * 9_000_000), ONE_C, TOO_LARGE, "section"),
]  # fmt: skip


@pytest.mark.parametrize("hostile", SHELF, ids=lambda hostile: hostile.what)
def test_hostile_file_is_refused_or_read_with_problems(hostile: Hostile) -> None:
    before = psutil.Process().children()
    problem = None

    try:
        rows, summary = read(hostile.make(), hostile.profile)
    except Unreadable as unreadable:
        problem, seen = unreadable.problem, unreadable.detail
    else:
        seen = [row.problem for row in rows]
        assert summary.rejected == sum(row.problem is not None for row in rows)

    assert problem == hostile.problem, seen
    assert seen == hostile.seen if problem is None else hostile.seen in seen
    assert psutil.Process().children() == before


PROFILES = [PLAIN, WINDOWS, BANK, CENTRE, ONE_C, CAMT, POST, WORKBOOK, UNNUMBERED, replace(PLAIN, encoding="utf-16", quote="")]
STARTS = [
    b"",
    one_c("РасчСчет=1", "СекцияДокумент=1", "ПолучательСчет=1"),
    camt("", "<Ntry>")[:-40],
    dbf(POST_FIELDS, [RECORD]),
    b"PK\x03\x04",
]


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(PROFILES), st.sampled_from(STARTS), st.binary())
def test_any_bytes_are_read_or_refused(profile: Profile, start: bytes, content: bytes) -> None:
    with on_disk(start + content) as path, contextlib.suppress(WorkbookRefused, UnicodeError):
        child.answer(path, profile, io.BytesIO())


cells = st.text(st.characters(codec="utf-8", exclude_characters=';"\r\n', exclude_categories=["Cc", "Zl", "Zp"]), max_size=12)


@settings(deadline=None)
@given(st.lists(st.lists(cells | st.sampled_from(["7001", "5.00", "25.11.2026", ""]), min_size=1, max_size=6)))
def test_accepted_and_rejected_rows_are_all_rows(table: list[list[str]]) -> None:
    filled = sum(any(cell.strip() for cell in row) for row in table)
    lines = child.TextLines(PLAIN, "dd.mm.yyyy")

    with on_disk("\n".join(map(";".join, table)).encode()) as path:
        rows = list(child._lines(path, PLAIN, lines, child.StatementHead()))

    assert len(rows) == lines.rows == filled
    assert sum(line.endswith("\\N\t\\N\t\\N\n") for line in rows) == lines.rows - lines.rejected
    assert sum(int(line.split("\t")[3]) for line in rows if line.endswith("\\N\t\\N\t\\N\n")) <= abs(lines.sum_tiyin)


# The process and the try-out


def test_reading_ends_with_the_block(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    large.write_bytes(b"7001;5.00;25.11.2026;a\n" * 300_000)
    before = psutil.Process().children()

    with reading(large, PLAIN) as payment_file:
        assert next(payment_file.chunks).startswith(b"1\t")

    assert psutil.Process().children() == before


def test_reading_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    large.write_bytes(b"7001;5.00;25.11.2026;a\n" * 2_000_000)

    with pytest.raises(Unreadable, match="not read within 1 s"), reading(large, PLAIN, timeout_s=1) as payment_file:
        list(payment_file.chunks)


def test_larger_file_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate((512 << 20) + 1)

    with pytest.raises(Unreadable, match="more than 512 MB"), reading(huge, PLAIN) as payment_file:
        list(payment_file.chunks)


def test_rows_come_in_chunks_of_about_a_megabyte(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    large.write_bytes(("7001;5.00;25.11.2026;" + "a" * 500 + "\n").encode() * 10_000)

    with reading(large, PLAIN) as payment_file:
        sizes = [len(chunk) for chunk in payment_file.chunks]

    assert payment_file.summary.rows == 10_000
    assert 5 < len(sizes) < 10
    assert max(sizes) < 1 << 20


@pytest.mark.parametrize(
    ("name", "profile", "first"),
    [
        ("bank.csv", BANK, "Номер документа;Дата"),
        ("centre.txt", CENTRE, "77        26112026"),
        ("kl_to_1c.txt", ONE_C, "1CClientBankExchange"),
        ("camt053_02.xml", CAMT, "<?xml"),
    ],
)
def test_try_out_shows_first_lines_and_rows(name: str, profile: Profile, first: str) -> None:
    shown = first_rows(VECTORS / name, profile, 1)

    rows, _ = read(VECTORS / name, profile)
    assert shown.refusal is None
    assert shown.rows == rows[:1]
    assert shown.lines[0].startswith(first)
    assert len(shown.lines) == 1


def test_try_out_shows_the_cells_of_tables_without_lines() -> None:
    with on_disk(workbook(WORKBOOK_ROWS)) as path:
        assert first_rows(path, WORKBOOK).lines[4] == "1 | A1 | 2026-11-25 | 017001000012 | 15000,5 | Каримов Анвар | свет"
    with on_disk(dbf(POST_FIELDS, POST_RECORDS)) as path:
        assert first_rows(path, POST).lines[0] == "LS | SUMMA | NUM | DATA | FIO | PERIOD"


def test_try_out_of_a_profile_that_does_not_fit_shows_the_lines_and_why() -> None:
    shown = first_rows(VECTORS / "bank.csv", replace(BANK, header_rows=2), 3)

    assert (len(shown.lines), shown.rows) == (3, [])
    assert shown.refusal is not None
    assert shown.refusal.problem == NO_HEADER


def test_try_out_reads_no_further_than_it_shows() -> None:
    shown = first_rows(VECTORS / "bank.csv", replace(BANK, totals=replace(BANK.totals, marker="ВСЕГО")), 2)

    assert (shown.refusal, len(shown.rows)) == (None, 2)
