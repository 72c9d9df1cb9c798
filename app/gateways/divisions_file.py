"""Files of districts: CSV, XLSX, or JSON as the public lists of regions and districts have it."""

import re
from typing import NamedTuple

from app.domain.administration.translations import catalog_text
from app.domain.readers import Misread
from app.domain.readers import code as code_of
from app.gateways.tables import TableRefusal
from app.gateways.uploads import TABLES, FileColumn, FileSpec, read_lines

_REGION_CODE = re.compile(r"17[0-9]{2}")


class DistrictRow(NamedTuple):
    """A row of a file of districts."""

    row_no: int
    code: str
    #: empty if the file names the region otherwise than by its SOATO code
    region_code: str
    name: str
    name_uz_cyrl: str
    name_ru: str
    #: why the row is refused as it stands
    refusal: TableRefusal | None = None


def parse_districts(content: bytes, name: str, unread: list[str] | None = None) -> list[DistrictRow]:
    """Return the districts of a CSV, XLSX or JSON file; whether codes and names are any good is not looked at.

    :param unread: filled with the names of a workbook's further filled sheets
    :raises Unreadable: if the file cannot be read, or has no code and name columns, or no rows
    """
    lines = read_lines(content, name, DISTRICTS, unread=unread, objects=True)
    return [
        DistrictRow(row_no, code, _region_code(region), name, name_uz_cyrl, name_ru, refusal)
        for row_no, (code, region, name, name_uz_cyrl, name_ru), refusal in lines
    ]


def _region_code(text: str) -> str:
    """Keep a SOATO code of a region; public files have a serial number of their own in its place."""
    try:
        code = code_of(text)
    except Misread:
        return ""
    return code if _REGION_CODE.fullmatch(code) else ""


DISTRICTS = FileSpec(
    catalog_text("Load a file of districts"),
    catalog_text(
        "CSV, XLSX or JSON with the columns code (SOATO, 7 digits), name, and if known region, name_uz_cyrl, name_ru. "
        "A district that is there already gets its new names."
    ),
    parse_districts,
    {
        "code": FileColumn(("soato", "soato id", "soato code", "code"), ("код СОАТО", "код", "СОАТО")),
        "region": FileColumn(("region soato", "region code", "region id", "region"), ("код области",), is_needed=False),
        "name": FileColumn(("name uz", "name"), ("название",), ("nomi",)),
        "name_uz_cyrl": FileColumn(("name uz cyrl", "name oz"), uz_Cyrl=("номи",), is_needed=False),
        "name_ru": FileColumn(("name ru",), is_needed=False),
    },
    {
        "code": "1726262",
        "region": "1726",
        "name": "Uchtepa tumani",
        "name_uz_cyrl": "Учтепа тумани",
        "name_ru": "Учтепинский район",
    },
    (*TABLES, ".json"),
)
