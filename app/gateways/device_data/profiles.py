"""Interval profiles as texts: of a batch, or of a file with a row a device, register and day."""

from typing import NamedTuple

from app.domain.administration.translations import catalog_text
from app.gateways.tables import Line
from app.gateways.uploads import FileColumn, FileSpec, read_lines


class ProfileTexts(NamedTuple):
    """A day of a register by steps, as it was written.

    :ivar quantities: a text a step; empty: nobody knows it
    :ivar qualities: a letter a step, or nothing
    :ivar fault: why it is not read, and in which field
    """

    row_no: int
    meter_number: str
    register: str
    day: str
    step_minutes: str
    qualities: str
    quantities: tuple[str, ...]
    fault: tuple[str, str] | None = None


def read_profile_file(content: bytes, name: str) -> list[ProfileTexts]:
    """Return the profiles of a CSV or XLSX file; whether they are any good is not looked at.

    :raises Unreadable: if the file cannot be read, or lacks a column, or has no rows
    """
    return [_texts_of(line) for line in read_lines(content, name, PROFILES)]


def _texts_of(line: Line) -> ProfileTexts:
    meter_number, register, day, step_minutes, quantities, qualities = line.cells
    fault = (line.refusal.fault, line.refusal.column) if line.refusal else None
    steps = tuple("" if each in {"-", "null"} else each for each in quantities.split())
    return ProfileTexts(line.row_no, meter_number[:64], register[:64], day[:64], step_minutes[:64], qualities[:96], steps, fault)


PROFILES = FileSpec(
    catalog_text("Load a file of interval profiles"),
    catalog_text(
        "CSV or XLSX with a header line: device, register, day, step in minutes, energy of each step with a blank between, a minus where "
        "it is not known."
    ),
    read_profile_file,
    {
        "meter_number": FileColumn(
            en=("meter number", "meter no", "meter", "device", "serial number"),
            ru=("номер счётчика", "№ счётчика", "счётчик", "номер прибора учёта", "заводской номер"),
            uz=("hisoblagich raqami", "hisoblagich"),
            uz_Cyrl=("ҳисоблагич рақами", "ҳисоблагич"),
        ),
        "register": FileColumn(
            en=("register", "zone"), ru=("регистр", "зона"), uz=("registr", "zona"), uz_Cyrl=("регистр коди",), is_needed=False
        ),
        "day": FileColumn(en=("day", "date"), ru=("день", "дата"), uz=("kun", "sana"), uz_Cyrl=("кун", "сана")),
        "step_minutes": FileColumn(en=("step", "step minutes"), ru=("шаг", "шаг минут"), uz=("qadam",), uz_Cyrl=("қадам",)),
        "quantities": FileColumn(
            en=("energy", "quantities", "values"),
            ru=("энергия", "значения"),
            uz=("energiya", "qiymatlar"),
            uz_Cyrl=("энергия", "қийматлар"),
        ),
        "qualities": FileColumn(
            en=("quality", "qualities"), ru=("качество",), uz=("sifat",), uz_Cyrl=("сифат",), is_needed=False
        ),
    },
    {
        "meter_number": "07654321", "register": "TOTAL", "day": "2026-03-31", "step_minutes": "60",
        "quantities": "0.4 0.4 0.3 0.3 0.3 0.4 0.6 0.9 0.8 0.5 0.5 0.6 0.7 0.6 0.5 0.6 0.8 1.2 1.5 1.4 1.1 - 0.7 0.5", "qualities": "",
    },
)  # fmt: skip
