"""Files of verification certificates: device number, certificate number, who issued it, when, and until when it holds; CSV or XLSX."""

from typing import NamedTuple

from app.domain.administration.translations import catalog_text
from app.gateways.tables import TableRefusal
from app.gateways.uploads import FileColumn, FileSpec, read_lines


class CertificateLine(NamedTuple):
    """A row of a file of certificates, as it is written there."""

    row_no: int
    serial_number: str
    certificate_number: str
    organisation: str
    issued_on: str
    #: empty: as long as the interval of the device's kind
    verified_to: str
    #: why the row is refused as it stands
    refusal: TableRefusal | None = None


def parse_certificates(content: bytes, name: str, unread: list[str] | None = None) -> list[CertificateLine]:
    """Return the rows of a CSV or XLSX file; whether they are any good is not looked at.

    :param unread: filled with the names of a workbook's further filled sheets
    :raises Unreadable: if the file cannot be read, or lacks a column, or has no rows
    """
    return [
        CertificateLine(row_no, serial, number, organisation, issued, ends, refusal)
        for row_no, (serial, number, organisation, issued, ends), refusal in read_lines(content, name, CERTIFICATES, unread=unread)
    ]


CERTIFICATES = FileSpec(
    catalog_text("Load a file of certificates"),
    catalog_text(
        "CSV or XLSX with the columns device number, certificate number, organisation, issued on (2026-03-15) and valid to, the first day "
        "it no longer holds; where that is empty, the interval of the device's kind is counted. "
        "Good rows are recorded, a document each; the others are named with their column."
    ),
    parse_certificates,
    {
        "serial_number": FileColumn(
            ("device number", "serial number"),
            ("номер прибора", "заводской номер"),
            ("qurilma raqami", "zavod raqami"),
            ("қурилма рақами", "завод рақами"),
        ),
        "certificate_number": FileColumn(
            ("certificate number", "certificate"),
            ("номер свидетельства", "свидетельство"),
            ("guvohnoma raqami", "guvohnoma"),
            ("гувоҳнома рақами", "гувоҳнома"),
        ),
        "organisation": FileColumn(("organisation", "organization"), ("организация",), ("tashkilot",), ("ташкилот",)),
        "issued_on": FileColumn(("issued on",), ("дата выдачи", "выдано"), ("berilgan sana",), ("берилган сана",)),
        "verified_to": FileColumn(
            ("valid to",), ("действует до", "действительно до"), ("amal qilish muddati",), ("амал қилиш муддати",), is_needed=False
        ),
    },
    {
        "serial_number": "12345678",
        "certificate_number": "Q-1024",
        "organisation": "Namuna metrologiya markazi",
        "issued_on": "2026-03-15",
        "verified_to": "2034-03-15",
    },
)
