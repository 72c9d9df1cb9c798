"""Files of targets: division, indicator, month and what is to be reached, as CSV or XLSX."""

from typing import NamedTuple

from app.domain.administration.translations import catalog_text
from app.gateways.tables import TableRefusal
from app.gateways.uploads import FileColumn, FileSpec, read_lines


class TargetLine(NamedTuple):
    """A row of a file of targets, as it is written there."""

    row_no: int
    division: str
    indicator: str
    month: str
    target: str
    #: why the row is refused as it stands
    refusal: TableRefusal | None = None


def parse_targets(content: bytes, name: str, unread: list[str] | None = None) -> list[TargetLine]:
    """Return the rows of a CSV or XLSX file; whether they are any good is not looked at.

    :param unread: filled with the names of a workbook's further filled sheets
    :raises Unreadable: if the file cannot be read, or lacks a column, or has no rows
    """
    lines = read_lines(content, name, TARGETS, unread=unread)
    return [
        TargetLine(row_no, division, indicator, month, target, refusal) for row_no, (division, indicator, month, target), refusal in lines
    ]


TARGETS = FileSpec(
    catalog_text("Load a file of targets"),
    catalog_text(
        "CSV or XLSX with the columns division (SOATO code), indicator, month (2026-03) and target (soʻm, a number or percent). "
        "Targets that are there already are changed; a row that is wrong is named with its column, the others are taken."
    ),
    parse_targets,
    {
        "division": FileColumn(("division", "soato", "code"), ("подразделение", "код СОАТО"), ("boʻlinma",), ("бўлинма",)),
        "indicator": FileColumn(("indicator",), ("показатель",), ("koʻrsatkich",), ("кўрсаткич",)),
        "billing_month": FileColumn(("month",), ("месяц",), ("oy",), ("ой",)),
        "target": FileColumn(("target", "plan"), ("цель", "план"), ("maqsad", "reja"), ("мақсад", "режа")),
    },
    {"division": "1726", "indicator": "collected", "billing_month": "2026-03", "target": "95.5"},
)
