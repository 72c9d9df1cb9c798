"""Files of readings: a row for each reading, or one row with a column for each register; headers in English, Russian or Uzbek."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.domain.administration.translations import catalog_text
from app.domain.metering.registers import REGISTER_WORDS, ZONE_REGISTERS, RegisterCode
from app.gateways.tables import Line, TableRefusal, UploadedTable, columns_of, header_lines, plain_name, read_table
from app.gateways.uploads import FileColumn, FileSpec

#: Words that make a register's name the name of a column of readings.
_SHOWN = ("reading", "dial", "показание", "показания", "текущее показание", "koʻrsatkich", "кўрсаткич")
#: Column → the names that say by themselves that a register's readings stand there.
_NAMED = {
    f"dial_{code.lower()}": tuple(f"{first} {last}" for word in words for shown in _SHOWN for first, last in ((shown, word), (word, shown)))
    for code, words in REGISTER_WORDS.items()
}
#: A register's bare name is a column of readings only beside another zone's: a lone "day" may be a day of the month. "Capacity" never
#: is, for lists name the connected capacity so.
_BARE = {f"dial_{code.lower()}": words for code, words in REGISTER_WORDS.items() if code != RegisterCode.DEMAND}
_ZONES = {f"dial_{code.lower()}" for code in ZONE_REGISTERS}


class ReadingRow(NamedTuple):
    """A reading as a row of a file holds it; a row with a column for each register holds several."""

    row_no: int
    account_number: str
    meter_number: str
    read_on: str
    dial: str
    #: the register's code, empty where the file has no such column
    register: str = ""
    #: why the row is refused as it stands; its column is one of the fields above
    refusal: TableRefusal | None = None


class ReadingFile(NamedTuple):
    """What a file of readings holds."""

    rows: list[ReadingRow]
    #: filled sheets of a workbook that were not read
    further_sheets: tuple[str, ...]


def parse_readings(content: bytes, name: str) -> ReadingFile:
    """Return the readings of a CSV or XLSX file; whether they are any good is not looked at.

    The columns of the meter and the register may be missing. Beside the column of the reading, or in its place, there may be one for
    each register: "day", "night", "reading peak".

    :raises Unreadable: if the file cannot be read, or has no account, date and reading columns, or no rows
    """
    table = read_table(content, name)
    names = {**READINGS.names, **_register_names(table)}
    lines = columns_of(table, names, needed=READINGS.needed, one_of=("dial", *_NAMED))
    rows = [row for line in lines for row in _rows_of(line, dict(zip(names, line.cells, strict=True)))]
    return ReadingFile(rows, table.further_sheets)


def _register_names(table: UploadedTable) -> Mapping[str, tuple[str, ...]]:
    """Return what the columns of registers may be called in a file."""
    all_names = {column: (*names, *_BARE.get(column, ())) for column, names in _NAMED.items()}
    for cells in header_lines(table):
        keys = {plain_name(cell) for cell in cells}
        if sum(any(plain_name(name) in keys for name in all_names[zone]) for zone in _ZONES) > 1:
            return all_names
    return _NAMED


def _rows_of(line: Line, cells: Mapping[str, str]) -> Iterator[ReadingRow]:
    """Return the readings of a row: what each filled column shows; of a row without any the plain one, empty."""
    known = line.row_no, cells["account_number"], cells["meter_number"], cells["read_on"]
    if line.refusal:
        register = line.refusal.column.removeprefix("dial_").upper() if line.refusal.column in _NAMED else cells["register"]
        refusal = line.refusal._replace(column="dial") if line.refusal.column in _NAMED else line.refusal
        yield ReadingRow(*known, cells["dial"], register, refusal)
        return
    filled = [(column.removeprefix("dial_").upper(), cells[column]) for column in _NAMED if cells[column]]
    if cells["dial"] or not filled:
        yield ReadingRow(*known, cells["dial"], cells["register"])
    yield from (ReadingRow(*known, dial, register) for register, dial in filled)


READINGS = FileSpec(
    catalog_text("Load a file of readings"),
    catalog_text(
        "CSV or XLSX with a header line: account, meter (may be empty), date, reading. Nothing is recorded before you have seen the check."
    ),
    parse_readings,
    {
        "account_number": FileColumn(
            en=("account number", "account no", "account"),
            ru=("номер лицевого счёта", "№ лицевого счёта", "лицевой счёт", "№ л/с", "л/с"),
            uz=("shaxsiy hisobraqam", "shaxsiy hisob raqami", "hisobraqam", "hisobraqami"),
            uz_Cyrl=("шахсий ҳисобрақам", "шахсий ҳисоб рақами", "ҳисобрақам", "ҳисобрақами"),
        ),
        "meter_number": FileColumn(
            en=("meter number", "meter no", "meter"),
            ru=("номер счётчика", "№ счётчика", "счётчик", "номер прибора учёта"),
            uz=("hisoblagich raqami", "hisoblagich"),
            uz_Cyrl=("ҳисоблагич рақами", "ҳисоблагич"),
            is_needed=False,
        ),
        "read_on": FileColumn(
            en=("read on", "reading date", "date"),
            ru=("дата показания", "дата показаний", "дата снятия показаний", "дата снятия", "дата"),
            uz=("koʻrsatkich sanasi", "sana"),
            uz_Cyrl=("кўрсаткич санаси", "сана"),
        ),
        "dial": FileColumn(
            en=("dial", "current reading", "new reading", "reading"),
            ru=(
                "текущее показание",
                "текущие показания",
                "новое показание",
                "новые показания",
                "показание счётчика",
                "показания счётчика",
                "показание",
                "показания",
            ),
            uz=("joriy koʻrsatkich", "yangi koʻrsatkich", "hisoblagich koʻrsatkichi", "koʻrsatkich", "koʻrsatkichi"),
            uz_Cyrl=("жорий кўрсаткич", "янги кўрсаткич", "ҳисоблагич кўрсаткичи", "кўрсаткич", "кўрсаткичи"),
            is_needed=False,
        ),
        "register": FileColumn(
            en=("register", "zone", "tariff zone"),
            ru=("регистр", "зона", "тарифная зона", "шкала"),
            uz=("registr", "zona", "tarif zonasi"),
            uz_Cyrl=("регистр коди",),
            is_needed=False,
        ),
    },
    {"account_number": "269990000001", "meter_number": "07654321", "read_on": "2026-03-31", "dial": "12345.6", "register": "TOTAL"},
    send=catalog_text("Check the file"),
)
