"""Files of readings: one row a reading, columns named in English, Russian or Uzbek."""

from typing import NamedTuple

from app.gateways.tables import Refusal, columns_of, read_table

#: What the columns are called, the surest name first.
NAMES = {
    "account_number": (
        "account number",
        "account no",
        "account",
        "номер лицевого счёта",
        "№ лицевого счёта",
        "лицевой счёт",
        "№ л/с",
        "л/с",
        "shaxsiy hisobraqam",
        "shaxsiy hisob raqami",
        "hisobraqam",
        "hisobraqami",
        "шахсий ҳисобрақам",
        "шахсий ҳисоб рақами",
        "ҳисобрақам",
        "ҳисобрақами",
    ),
    "meter_number": (
        "meter number",
        "meter no",
        "meter",
        "номер счётчика",
        "№ счётчика",
        "счётчик",
        "номер прибора учёта",
        "hisoblagich raqami",
        "hisoblagich",
        "ҳисоблагич рақами",
        "ҳисоблагич",
    ),
    "read_on": (
        "read on",
        "reading date",
        "date",
        "дата показания",
        "дата показаний",
        "дата снятия показаний",
        "дата снятия",
        "дата",
        "koʻrsatkich sanasi",
        "sana",
        "кўрсаткич санаси",
        "сана",
    ),
    "dial": (
        "dial",
        "current reading",
        "new reading",
        "reading",
        "текущее показание",
        "текущие показания",
        "новое показание",
        "новые показания",
        "показание счётчика",
        "показания счётчика",
        "показание",
        "показания",
        "joriy koʻrsatkich",
        "yangi koʻrsatkich",
        "hisoblagich koʻrsatkichi",
        "koʻrsatkich",
        "koʻrsatkichi",
        "жорий кўрсаткич",
        "янги кўрсаткич",
        "ҳисоблагич кўрсаткичи",
        "кўрсаткич",
        "кўрсаткичи",
    ),
    "register": (
        "register",
        "zone",
        "tariff zone",
        "регистр",
        "зона",
        "тарифная зона",
        "шкала",
        "registr",
        "zona",
        "tarif zonasi",
        "регистр коди",
    ),
}


class ReadingRow(NamedTuple):
    """A row of a file of readings as it stands there."""

    row_no: int
    account_number: str
    meter_number: str
    read_on: str
    dial: str
    #: the register's code, empty where the file has no such column
    register: str = ""
    #: why the row is refused as it stands; its column is one of the fields above
    refusal: Refusal | None = None


class ReadingFile(NamedTuple):
    """What a file of readings holds."""

    rows: list[ReadingRow]
    #: filled sheets of a workbook that were not read
    further_sheets: tuple[str, ...]


def parse_readings(content: bytes, name: str) -> ReadingFile:
    """Return the readings of a CSV or XLSX file; whether they are any good is not looked at.

    The columns of the meter and the register may be missing.

    :raises Unreadable: if the file cannot be read, or has no account, date and reading columns, or no rows
    """
    table = read_table(content, name)
    lines = columns_of(table, NAMES, needed=("account_number", "read_on", "dial"))
    rows = [
        ReadingRow(row_no, account, meter, read_on, dial, register, refusal)
        for row_no, (account, meter, read_on, dial, register), refusal in lines
    ]
    return ReadingFile(rows, table.further_sheets)
