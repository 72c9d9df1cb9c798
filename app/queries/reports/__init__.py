"""What reports are made of. Each module has the rows of some reports, each with its source, counted by parts of a division.

A statement knows ``:divisions`` and, place by place, ``:parts``: what each of them is counted in; ``:start`` and ``:end``, the period's
first day and the day after its last; and ``:consumers``, the only kind of consumers that counts, or NULL.

Most reports add up ``Documents``: a statement with a row for each document. What a report shows are their sums (``summed``), and the rows
behind a figure are the same rows, not added up (``app.queries.reports.behind``).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_type_hints

from sqlalchemy.orm import Session

from app.domain.calendar import Period
from app.domain.reference import ConsumerKind
from app.domain.reports import SUMMED, ReportUnit, columns_of
from app.queries.records import fetch_each


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


class Documents(NamedTuple):
    """The rows that a report adds up.

    Beside the columns of the report its rows tell ``own_id``, their own division; ``row_table`` and ``row_id``, the document;
    ``account_id`` and ``row_on``, its account and day, if it has any.

    :ivar distinct: columns that count accounts, each once however many rows it has
    :ivar given: what the statement is given beside the parameters of all
    """

    statement: str
    distinct: frozenset[str] = frozenset()
    given: Callable[[Session, ReportRequest], Mapping[str, Any]] | None = None

    def parameters(self, session: Session, asked: ReportRequest) -> dict[str, Any]:
        """Return what the statement is given; no more than it names."""
        known = {**asked.parameters, **(self.given(session, asked) if self.given else {})}
        return {name: value for name, value in known.items() if f":{name}" in self.statement}


def summed(documents: Documents, record: type) -> str:
    """Return the SQL of a report: its documents added up by what its record tells apart."""
    columns = columns_of(get_type_hints(record), {})
    keys = [f"x.{column.name}" for column in columns if column.unit not in SUMMED]
    sums = [_sum(column.name, documents) for column in columns if column.unit in SUMMED]
    order = [_order(f"x.{column.name}", column.unit) for column in columns if column.unit not in SUMMED]
    told = ", ".join(keys)
    return f"SELECT {', '.join([*keys, *sums])} FROM ({documents.statement}) x GROUP BY {told} ORDER BY {', '.join(order)}"


class SummedColumns(NamedTuple):
    """Documents, and the record that says what of them is told apart and added up."""

    documents: Documents
    record: type


def added_up(sums: SummedColumns, session: Session, asked: ReportRequest) -> Iterator[Any]:
    """Yield the documents of a report, added up by what its record tells apart."""
    return fetch_each(session, summed(sums.documents, sums.record), sums.record, **sums.documents.parameters(session, asked))


def _sum(name: str, documents: Documents) -> str:
    if name in documents.distinct:
        return f"count(DISTINCT x.account_id) FILTER (WHERE x.{name} <> 0) AS {name}"
    return f"coalesce(sum(x.{name}), 0)::bigint AS {name}"


def _order(key: str, unit: ReportUnit) -> str:
    """Return what rows are sorted by; those without a text come last."""
    return f"{key} = '', {key}" if unit == ReportUnit.TEXT else key
