"""Files of other makers: what the readers of readings, subsidies, dictionaries, statements and tables make of each."""

from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.domain import readers
from app.domain.payments.files import PaymentRowProblem
from app.gateways.meter_data import parse_readings
from app.gateways.reference_file import parse_dictionary
from app.gateways.statement_file import parse_statement
from app.gateways.subsidies_file import parse_subsidies
from app.services.payments import statements
from tests.cases.table import Case, found, inputs, payment_file_rows, refused, value


def readings(path: Path) -> list[Any]:
    """Return (account, meter, day, dial in thousandths, register) of each row, or its refusal."""
    return [
        refused(row.refusal)
        if row.refusal
        else (
            value(readers.account_number, row.account_number),
            value(readers.code, row.meter_number),
            value(readers.day, row.read_on),
            value(partial(readers.dial, decimals=0), row.dial),
            row.register,
        )
        for row in parse_readings(path.read_bytes(), path.name).rows
    ]


def subsidies(path: Path) -> list[Any]:
    """Return (account, tiyin, month) of each row, or its refusal."""
    return [
        refused(row.refusal)
        if row.refusal
        else (value(readers.account_number, row.account_number), value(readers.money, row.amount), value(readers.month, row.month))
        for row in parse_subsidies(path.read_bytes(), path.name)
    ]


def percents(path: Path) -> list[Any]:
    """Return the percents of a file of benefits, in hundredths."""
    rows = parse_dictionary(path.read_bytes(), path.name, ("code", "name", "percent", "source"))
    return [value(readers.percent, row.cells["percent"]) for row in rows]


def statement(path: Path) -> tuple[list[Any], list[Any]]:
    """Return (reference, tiyin, moment) of the good rows, and (row, column, fault, value) of the others."""
    good, bad = statements.checked(parse_statement(path.read_bytes(), path.name))
    return (
        [(row.reference, row.amount_tiyin, row.happened_at) for row in good],
        [(row.row_no, row.column, row.fault.value, row.value) for row in bad],
    )


def payment_file(path: Path, profile: str) -> list[Any]:
    """Return (account, tiyin, day, payer) of each row, or its problem."""
    return [
        (row.problem, row.problem_column, row.problem_value)
        if row.problem
        else (row.account_number, row.amount_tiyin, row.paid_on, row.payer)
        for row in payment_file_rows(path, profile)
    ]


csv = partial(payment_file, profile="Bank CSV (cp1251, ;)")
xlsx = partial(payment_file, profile="Bank XLSX, sarlavha 4-qatorda")
dbf = partial(payment_file, profile="Oʻzbekiston pochtasi DBF (cp866)")
NOVEMBER_26 = date(2026, 11, 26)

CASES = [
    Case(
        "03-numbers-of-18-digits.xlsx",
        xlsx,
        [(PaymentRowProblem.LONG_NUMBER, "reference", "2,0261126E+17")] * 2,
        chosen="each row is refused by name; nothing is counted as repeated",
    ),
    Case("11-row-longer-than-header.csv", subsidies, [("EXTRA_CELLS", "", "000.00")]),
    Case("11b-row-longer-than-header-readings.csv", readings, [("EXTRA_CELLS", "", "5")]),
    Case("12-thousands-with-comma.csv", statement, ([], [(2, "amount_tiyin", "TOO_MANY_DECIMALS", "150,000")])),
    Case("12b-thousands-with-comma-subsidies.csv", subsidies, [("269010000003", "TOO_MANY_DECIMALS", date(2026, 10, 1))]),
    Case("13-percent-cell.xlsx", percents, [5000], chosen="50, as the sheet shows it, not refused"),
    Case("14-error-cell.xlsx", readings, [("ERROR_CELL", "meter_number", "#N/A")]),
    Case(
        "15-previous-reading.csv",
        readings,
        [("269020000007", "26902000007", date(2026, 11, 25), 15_060_000, "")],
        chosen="15060: 'Новое показание' is a known name, a previous reading is none",
    ),
    Case(
        "16-days-as-programs-write-them.csv",
        readings,
        [
            ("269020000003", "26902000003", date(2026, 11, 25), 53_508_000, ""),
            ("269020000004", "26902000004", date(2026, 11, 25), 16_990_000, ""),
            ("269020000005", "26902000005", date(2026, 11, 1), 59_040_000, ""),
        ],
    ),
    Case(
        "16b-moments-of-excel.csv",
        statement,
        (
            [
                ("R-16", 15_000_000, datetime(2026, 11, 26, 4, 5, tzinfo=UTC)),
                ("R-17", 15_000_000, datetime(2026, 11, 26, 4, 5, tzinfo=UTC)),
                ("R-18", 15_000_000, datetime(2026, 11, 26, 5, tzinfo=UTC)),
            ],
            [],
        ),
    ),
    Case(
        "17-dbf-language-byte-lies.dbf",
        dbf,
        [("269010000003", 15_000_000, NOVEMBER_26, "Инвентов А.")],
        chosen="the encoding of the layout, unless the other one reads better",
    ),
    Case("18-dbf-account-as-double.dbf", dbf, [("269010000003", 15_000_000, NOVEMBER_26, "x")], chosen="the number is read"),
    Case("18b-dbf-amount-as-currency.dbf", dbf, [("269010000003", 15_000_000, NOVEMBER_26, "x")], chosen="the amount is read"),
    Case("19-dbf-vfp-autoincrement.dbf", dbf, [("269010000003", 15_000_000, NOVEMBER_26, "Инвентов А.")]),
    Case("20-account-numbers-of-spreadsheets.csv", csv, [("269010000005", 100_000, NOVEMBER_26, "A")] * 3),
    Case("20b-excel-formula-account.csv", readings, [("269010000003", "26901000003", date(2026, 11, 20), 20_600_000, "")]),
    Case("21-workbook-with-backslashes.xlsx", readings, [("269010000003", "26901000003", date(2026, 11, 20), 20_600_000, "")]),
    Case(
        "22-name-beginning-with-a-quote.csv",
        readings,
        [
            ("BAD_QUOTES", "", '269010000003;"Ромашка" МЧЖ;26901000003;2026-11-23;20600'),
            ("269010000001", "26901000001", date(2026, 11, 23), 20_600_000, ""),
        ],
        chosen="the first row is refused alone: which column its figures belong to is a guess",
    ),
    Case(
        "23-zone-registers.csv",
        readings,
        [
            ("269010000074", "26901000074", date(2026, 11, 23), 28_500_000, "TOTAL"),
            ("269010000074", "26901000074", date(2026, 11, 23), 17_100_000, "DAY"),
            ("269010000074", "26901000074", date(2026, 11, 23), 11_400_000, "NIGHT"),
        ],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_file_of_another_maker_gives_the_right_value(case: Case) -> None:
    assert found(case) == case.right


def test_every_input_from_11_to_23_is_in_the_table_once() -> None:
    assert sorted(case.name for case in CASES if case.name >= "11") == sorted(inputs("11", "23"))
