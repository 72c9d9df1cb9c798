"""The rows behind a figure of a report: the documents that it adds up, by the statement the report itself adds up."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.reports import Key, ReportColumn
from app.queries.records import fetch_each, fetch_one
from app.queries.reports import Documents, ReportRequest


class RowBehind(NamedTuple):
    """A document, and what it adds to a figure.

    :ivar row_table: its table; of a report that is not made yet, the name of the report
    :ivar value: in the unit of the figure's column
    """

    division_id: int
    row_table: str
    row_id: int | None
    account_id: int | None
    account_number: str | None
    row_on: date | None
    value: int


class TotalBehind(NamedTuple):
    """How many rows are behind a figure, and what they add up to."""

    rows: int
    value: int


class AskedFigure(NamedTuple):
    """A figure of a report.

    :ivar column: its column, one of those that are added up
    :ivar keys: what its row is told apart by: column → value; those not named are added up
    :ivar part: the part it is counted in; None: all
    :ivar told_apart: what rows of the report are told apart by
    """

    documents: Documents
    told_apart: Sequence[str]
    column: str
    keys: Mapping[ReportColumn, Key]
    part: int | None


def rows_behind(session: Session, asked: ReportRequest, figure: AskedFigure, *, limit: int | None = None) -> Iterator[RowBehind]:
    """Yield the rows behind a figure by day and number.

    :param limit: so many only; None: all
    """
    statement = f"""
        SELECT y.own_id AS division_id, y.row_table, y.row_id, y.account_id, a.number AS account_number, y.row_on, y.value
        FROM ({_chosen(figure)}) y LEFT JOIN account a ON a.id = y.account_id
        ORDER BY y.row_on, y.row_table, y.row_id LIMIT CAST(:most AS bigint)
        """
    return fetch_each(session, statement, RowBehind, most=limit, **_given(session, asked, figure))


def total_behind(session: Session, asked: ReportRequest, figure: AskedFigure) -> TotalBehind:
    """Return how many rows are behind a figure, and what they add up to."""
    statement = f"SELECT count(*) AS rows, coalesce(sum(y.value), 0)::bigint AS value FROM ({_chosen(figure)}) y"
    return fetch_one(session, statement, TotalBehind, **_given(session, asked, figure))


def _chosen(figure: AskedFigure) -> str:
    """Return the SQL of the rows of a figure; of accounts that are counted once, a row each."""
    same = [_same(column, value) for column, value in figure.keys.items()]
    wanted = " AND ".join([f"x.{figure.column} <> 0", "(CAST(:part AS bigint) IS NULL OR x.division_id = :part)", *same])
    is_distinct = figure.column in figure.documents.distinct
    once = f"DISTINCT ON ({', '.join(f'x.{each}' for each in (*figure.told_apart, 'account_id'))})" if is_distinct else ""
    return f"""
        SELECT {once} x.own_id, x.row_table, x.row_id, x.account_id, x.row_on, x.{figure.column}::bigint AS value
        FROM ({figure.documents.statement}) x WHERE {wanted}
        """


def _same(column: ReportColumn, value: Key) -> str:
    """Return the SQL that tells whether a row holds what the figure is told apart by."""
    if value is None:
        return f"x.{column.name} IS NULL"
    kind = "date" if isinstance(value, date) else "bigint" if isinstance(value, int) else "text"
    held = f"x.{column.name}" if kind != "text" else f"coalesce(x.{column.name}, '')"
    return f"{held} = CAST(:key_{column.name} AS {kind})"


def _given(session: Session, asked: ReportRequest, figure: AskedFigure) -> dict[str, Any]:
    keys = {f"key_{column.name}": value for column, value in figure.keys.items() if value is not None}
    return {**figure.documents.parameters(session, asked), **keys, "part": figure.part}
