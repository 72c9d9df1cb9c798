"""The report of a file of readings: every row, its verdict and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app import labels
from app.domain.metering import Doubt, RowProblem, RowStatus, register_code
from app.queries.metering import ImportRow


def report_rows(rows: Sequence[ImportRow]) -> list[list[object]]:
    """Return rows of (row, account, meter, date, register, reading, verdict, column, what is wrong) in the reader's language."""
    return [
        [
            row.row_no,
            row.account_number,
            row.meter_number,
            row.read_on,
            labels.register(register_code(row.register)) or row.register,
            row.dial,
            labels.member_of(RowStatus, row.status),
            str(labels.COLUMN_LABELS[row.column]) if row.column else "",
            reason_of(row),
        ]
        for row in rows
    ]


def reason_of(row: ImportRow) -> str:
    """Return why a row is refused or doubted, in the reader's language; empty if it is neither."""
    phrase = labels.member_of(RowProblem, row.problem) or labels.member_of(Doubt, row.doubt)
    return " ".join([phrase, *_about(row.about or {})]) if phrase else ""


def _about(about: Mapping[str, Any]) -> Iterator[str]:
    """Return what makes the reason plain: what stands in the cell, the last reading, the row of the file it stands in."""
    if about.get("value"):
        yield _("It says: %(value)s", value=about["value"])
    if about.get("registers"):
        names = ", ".join(labels.register(code) for code in about["registers"].split(", "))
        yield _("The meter has: %(registers)s.", registers=names)
    if about.get("lacking"):
        yield _("Missing or doubtful: %(registers)s.", registers=", ".join(labels.register(code) for code in about["lacking"].split(", ")))
    if "billed_to" in about:
        yield _("Bills are made of readings up to %(day)s.", day=labels.iso_day(about["billed_to"]))
    if "last_on" in about:
        last = {"dial": labels.quantity(about["last_milli"]), "day": labels.iso_day(about["last_on"])}
        if about.get("twin"):
            yield _("The last reading is %(dial)s of %(day)s, in row %(row)s of this file.", row=about["twin"], **last)
        else:
            yield _("The last reading is %(dial)s of %(day)s.", **last)
