"""Files of readings: one row a reading, columns named in English, Russian or Uzbek."""

from typing import NamedTuple

from app.gateways.tables import columns_of, plain_number, read_table

#: What the columns are called, the surest name first.
NAMES = {
    "account": (
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
    "meter": (
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
    "date": (
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
    "reading": (
        "dial",
        "current reading",
        "reading",
        "текущее показание",
        "текущие показания",
        "показание счётчика",
        "показания счётчика",
        "показание",
        "показания",
        "joriy koʻrsatkich",
        "hisoblagich koʻrsatkichi",
        "koʻrsatkich",
        "koʻrsatkichi",
        "жорий кўрсаткич",
        "ҳисоблагич кўрсаткичи",
        "кўрсаткич",
        "кўрсаткичи",
    ),
}


class ReadingRow(NamedTuple):
    """A row of a file of readings as it stands there."""

    row_no: int
    account_number: str
    meter_number: str
    read_on: str
    dial: str


def parse_readings(content: bytes, name: str) -> list[ReadingRow]:
    """Return the readings of a CSV or XLSX file; whether they are any good is not looked at.

    The meter's column may be missing: then its number is empty.

    :raises Unreadable: if the file cannot be read, or has no account, date and reading columns, or no rows
    """
    table = read_table(content, name)
    return [
        ReadingRow(row_no, plain_number(account), plain_number(meter), read_on, dial)
        for row_no, (account, meter, read_on, dial) in columns_of(table, NAMES, needed=("account", "date", "reading"))
    ]
