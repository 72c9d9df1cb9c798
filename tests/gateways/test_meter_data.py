import io
from datetime import date

import pytest
import xlsxwriter

from app.domain.readers import FileProblem
from app.gateways.meter_data import ReadingRow, parse_readings
from app.gateways.tables import Unreadable

ROW = ["170010000012", "M-7", "31.10.2026", "12,5"]
READING = ReadingRow(2, *ROW)


def parsed(content: bytes, name: str) -> list[ReadingRow]:
    return parse_readings(content, name).rows


def text(*rows: list[str], mark: str = ";") -> bytes:
    return "\r\n".join(mark.join(row) for row in rows).encode()


def workbook(*rows: list[object]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as book:
        page = book.add_worksheet()
        for row_no, row in enumerate(rows):
            page.write_row(row_no, 0, row)
    return content.getvalue()


@pytest.mark.parametrize(
    "header",
    [
        ["account", "meter", "date", "reading"],
        ["Account_Number", "Meter_Number", "Read_On", "Dial"],
        ["ACCOUNT NO.", "METER NO.", "READING DATE", "CURRENT READING, kWh"],
        ["лицевой счёт", "счётчик", "дата", "показание"],
        ["Лицевой счет", "Номер счетчика", "Дата показания", "Показания"],
        ["Л/С", "№ счётчика", "Дата снятия показаний", "Текущие показания, кВт·ч"],
        ["hisobraqam", "hisoblagich", "sana", "koʻrsatkich"],
        ["Shaxsiy hisobraqam", "Hisoblagich raqami", "Koʻrsatkich sanasi", "Joriy ko'rsatkich"],
        ["ҳисобрақам", "ҳисоблагич", "сана", "кўрсаткич"],
        ["Шахсий хисобракам", "Хисоблагич раками", "САНА", "Курсаткич"],
    ],
    ids=lambda header: header[0],
)
def test_columns_are_known_by_their_names_in_each_language(header: list[str]) -> None:
    assert parsed(text(header, ROW), "readings.csv") == [READING]
    assert parsed(workbook(header, ROW), "readings.xlsx") == [READING]


def test_order_of_columns_and_other_columns_do_not_matter() -> None:
    content = text(["№", "reading", "name", "date", "account"], ["1", "12,5", "Karimov", "31.10.2026", "170010000012"])

    assert parsed(content, "readings.csv") == [READING._replace(meter_number="")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251", "cp866"])
def test_russian_file_is_read_in_each_encoding(encoding: str) -> None:
    content = text(["Лицевой счёт", "Счётчик", "Дата", "Показание"], ROW).decode().encode(encoding)

    assert parsed(content, "показания.csv") == [READING]


def test_header_below_a_title_is_found_and_rows_keep_their_numbers() -> None:
    content = text(["Readings of October, 2026"], [], ["account", "meter", "date", "reading"], [], ROW, ["", "", "", ""], ROW)

    assert parsed(content, "readings.csv") == [READING._replace(row_no=5), READING._replace(row_no=7)]


def test_header_in_the_tenth_row_is_found_and_in_the_eleventh_is_not() -> None:
    titles = [[f"title {line}"] for line in range(10)]
    below = [["account", "date", "reading"], ["170010000012", "31.10.2026", "12,5"]]

    assert parsed(text(*titles[:9], *below), "readings.csv")[0].row_no == 11
    with pytest.raises(Unreadable):
        parsed(text(*titles, *below), "readings.csv")


def test_numbers_and_days_of_a_workbook_become_plain_text() -> None:
    content = workbook(["account", "meter", "date", "reading"], [1700100000012, 123456, date(2026, 10, 31), 12.5])

    assert parsed(content, "readings.xlsx") == [ReadingRow(2, "1700100000012", "123456", "2026-10-31", "12.5")]


def test_cells_are_left_for_the_readers_of_values() -> None:
    content = text(["account", "meter", "date", "reading"], ["170010000012.0", "'00123", "31.10.2026", "12.0"])

    assert parsed(content, "readings.csv") == [ReadingRow(2, "170010000012.0", "'00123", "31.10.2026", "12.0")]


@pytest.mark.parametrize("dial", ["NaN", "-1", "1E+1000000", "1_000", "١٢٣", "=1+1", "<b>1</b>", "9" * 5_000])
def test_what_is_no_reading_is_left_for_the_check_of_rows(dial: str) -> None:
    content = text(["account", "date", "reading"], ["170010000012", "31.10.2026", dial])

    assert parsed(content, "readings.csv")[0].dial == dial


@pytest.mark.parametrize(
    ("rows", "problem", "detail"),
    [
        ([["account", "date"], ["1", "2"]], FileProblem.NO_HEADER, "missing columns: dial"),
        ([["дата", "показание"], ["1", "2"]], FileProblem.NO_HEADER, "missing columns: account_number"),
        ([["meter", "name"], ["1", "2"]], FileProblem.NO_HEADER, "missing columns: account_number, read_on, dial"),
        ([["170010000012", "31.10.2026", "5"]], FileProblem.NO_HEADER, "missing columns: account_number, read_on, dial"),
        ([["account", "date", "reading", "Reading, kWh"], ["1", "2", "3", "4"]], FileProblem.NO_HEADER, "dial stands twice"),
        ([["account", "date", "reading"]], FileProblem.NO_ROWS, "nothing below the header"),
        ([[""]], FileProblem.NO_ROWS, "the file is empty"),
    ],
)
def test_file_without_columns_or_rows_is_refused(rows: list[list[str]], problem: FileProblem, detail: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parsed(text(*rows), "readings.csv")

    assert (caught.value.problem, caught.value.detail) == (problem, detail)


def test_each_of_many_rows_comes_back_once() -> None:
    rows = [[f"1700100{number:05d}", "", "31.10.2026", str(number)] for number in range(50_000)]

    readings = parsed(text(["account", "meter", "date", "reading"], *rows), "readings.csv")

    assert readings == [ReadingRow(row_no, *row) for row_no, row in enumerate(rows, 2)]


@pytest.mark.parametrize(
    "header",
    [
        ["account", "date", "day", "night", "peak"],
        ["account", "date", "Reading day", "Night reading, kWh", "Peak (reading)"],
        ["Л/С", "Дата", "День", "Ночь", "Пик"],
        ["Л/С", "Дата", "Показание (день)", "Показание ночь", "Пиковая"],
        ["hisobraqam", "sana", "Kunduzgi", "Tungi", "Tigʻiz"],
        ["ҳисобрақам", "сана", "кундузги кўрсаткич", "тунги кўрсаткич", "тиғиз кўрсаткич"],
    ],
    ids=lambda header: header[2],
)
def test_row_with_a_column_for_each_register_holds_a_reading_of_each(header: list[str]) -> None:
    row = ["170010000012", "31.10.2026", "720", "480", "30"]
    expected = [ReadingRow(2, row[0], "", row[1], dial, code) for code, dial in (("DAY", "720"), ("PEAK", "30"), ("NIGHT", "480"))]

    assert parsed(text(header, row), "readings.csv") == expected
    assert parsed(workbook(header, row), "readings.xlsx") == expected


def test_register_whose_cell_is_empty_was_not_read_and_a_row_without_any_is_kept() -> None:
    content = text(["account", "date", "reading", "day", "night"], ["1", "31.10.2026", "1200", "720", ""], ["2", "31.10.2026", "", "", ""])

    assert parsed(content, "readings.csv") == [
        ReadingRow(2, "1", "", "31.10.2026", "1200", ""), ReadingRow(2, "1", "", "31.10.2026", "720", "DAY"),
        ReadingRow(3, "2", "", "31.10.2026", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("other", ["День", "Мощность", "Всего", "Показание день (предыдущее)", "Сумма"])
def test_lone_column_that_may_mean_something_else_is_no_register(other: str) -> None:
    content = text(["л/с", "дата", "показание", other], ["170010000012", "31.10.2026", "1200", "7"])

    assert [(row.dial, row.register) for row in parsed(content, "readings.csv")] == [("1200", "")]


def test_spoiled_cell_of_a_register_refuses_its_row_by_the_register() -> None:
    content = text(["account", "date", "day", "night"], ["170010000012", "31.10.2026", "720", "#REF!"])

    (row,) = parsed(content, "readings.csv")

    assert (row.register, row.refusal and (row.refusal.fault, row.refusal.column)) == ("NIGHT", ("ERROR_CELL", "dial"))


def test_file_without_any_column_of_readings_is_refused_by_name() -> None:
    with pytest.raises(Unreadable) as unreadable:
        parsed(text(["account", "date", "name"], ["170010000012", "31.10.2026", "Karimov"]), "readings.csv")

    assert unreadable.value.detail == "missing columns: dial"
