"""What reports are made of. Each module has the rows of some reports, each with its source, counted by parts of a division.

A statement knows ``:divisions`` and, place by place, ``:parts``: what each of them is counted in; ``:start`` and ``:end``, the period's
first day and the day after its last; and ``:consumers``, the only kind of consumers that counts, or NULL.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.domain.calendar import Period
from app.domain.reference import ConsumerKind


class ReportRequest(NamedTuple):
    """What a report is asked for.

    :ivar divisions: all whose rows count
    :ivar parts: place by place, the division each of them is counted in
    :ivar consumers: of one kind of consumers only
    """

    divisions: Sequence[int]
    parts: Sequence[int]
    period: Period
    consumers: ConsumerKind | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements of reports are given."""
        return {
            "divisions": list(self.divisions), "parts": list(self.parts), "start": self.period.start, "end": self.period.end,
            "consumers": self.consumers,
        }  # fmt: skip


#: The part each division is counted in; to be joined.
PART = "unnest(CAST(:divisions AS bigint[]), CAST(:parts AS bigint[])) AS part (division_id, part_id)"


def parted(alias: str) -> str:
    """Return the SQL that joins the part a row (by its alias) is counted in."""
    return f"JOIN {PART} ON part.division_id = {alias}.division_id"


def within(column: str) -> str:
    """Return the SQL that tells whether a day or month lies in the period."""
    return f"{column} >= CAST(:start AS date) AND {column} < CAST(:end AS date)"


def kind_counts(kind: str) -> str:
    """Return the SQL that tells whether a kind of consumers (a column) counts."""
    return f"(CAST(:consumers AS text) IS NULL OR {kind} = CAST(:consumers AS text))"


def of_kind(alias: str) -> str:
    """Return the SQL that tells whether a row (by its alias) with an account is of the kind of consumers that counts."""
    return f"""(CAST(:consumers AS text) IS NULL OR EXISTS (
        SELECT FROM account of_kind JOIN consumer kind ON kind.id = of_kind.consumer_id
        WHERE of_kind.id = {alias}.account_id AND kind.kind = CAST(:consumers AS text)))"""
