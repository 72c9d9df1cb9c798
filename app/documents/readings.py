"""The report of a file of readings: every row, its verdict and what to do."""

from collections.abc import Sequence

from app import labels
from app.domain.metering import Doubt, RowProblem, RowStatus
from app.queries.metering import ImportRow


def report_rows(rows: Sequence[ImportRow]) -> list[list[object]]:
    """Return rows of (row, account, meter, date, reading, verdict, column, what is wrong) in the reader's language."""
    return [
        [
            row.row_no,
            row.account_number,
            row.meter_number,
            row.read_on,
            row.dial,
            labels.member_of(RowStatus, row.status),
            str(labels.COLUMN_LABELS[row.column]) if row.column else "",
            labels.member_of(RowProblem, row.problem) or labels.member_of(Doubt, row.doubt),
        ]
        for row in rows
    ]
