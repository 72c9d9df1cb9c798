"""Reports against documents at each level: what reports say is summed, level by level, and compared with the documents of the divisions."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.calendar import Period
from app.domain.ledger.proofs import REPORT_RULE
from app.domain.reports import Placed
from app.queries.ledger.proofs import Drift
from app.queries.records import fetch_all
from app.queries.reports import ReportRequest, SummedColumns, added_up, billing, claims, ledger, payments

#: All days there are.
_EVER = Period(date(1900, 1, 1), date(2200, 1, 1))


class DocumentSums(NamedTuple):
    """What the documents of a division add up to, its own only."""

    division_id: int
    billed: int
    paid: int
    adjusted: int
    debt: int
    owed: int


_SOURCES = """
    SELECT division_id, amount_tiyin AS billed, 0 AS paid, 0 AS adjusted, 0 AS debt, 0 AS advance FROM bill
    UNION ALL SELECT division_id, 0, CASE WHEN reverses_id IS NULL THEN amount_tiyin ELSE -amount_tiyin END, 0, 0, 0 FROM payment
    UNION ALL SELECT division_id, 0, 0, CASE WHEN reverses_id IS NULL THEN -amount_tiyin ELSE amount_tiyin END, 0, 0 FROM adjustment
    UNION ALL SELECT division_id, 0, 0, 0, remaining_tiyin, 0 FROM debt
    UNION ALL SELECT division_id, 0, 0, 0, 0, advance_tiyin FROM account_position
"""


def _documents(session: Session, divisions: Sequence[int]) -> list[DocumentSums]:
    statement = f"""
        SELECT x.division_id, sum(x.billed)::bigint AS billed, sum(x.paid)::bigint AS paid, sum(x.adjusted)::bigint AS adjusted,
               sum(x.debt)::bigint AS debt, (sum(x.debt) - sum(x.advance))::bigint AS owed
        FROM ({_SOURCES}) x WHERE x.division_id = ANY(:divisions) GROUP BY x.division_id
        """
    return fetch_all(session, statement, DocumentSums, divisions=list(divisions))


class _Compared(NamedTuple):
    """A report, and which of its columns are which sums of documents.

    :ivar reads_lines: it reads the lines of all bills, too many to be read after each bill run
    :ivar reads_sums: it reads sums that are kept with the books, few enough for the whole company after each bill run
    """

    name: str
    rows: Callable[[Session, ReportRequest], Iterator[Any]]
    columns: Mapping[str, str]
    reads_lines: bool = False
    reads_sums: bool = False


COMPARED = (
    _Compared(
        "turnover", ledger.turnover,
        {"charged_tiyin": "billed", "paid_tiyin": "paid", "adjusted_tiyin": "adjusted", "closing_tiyin": "owed"},
        reads_sums=True,
    ),
    _Compared("sales", partial(added_up, SummedColumns(billing.SALES, billing.Sales)), {"amount_tiyin": "billed"}, reads_lines=True),
    _Compared("payments", partial(added_up, SummedColumns(payments.PAYMENTS, payments.ChannelPayments)), {"kept_tiyin": "paid"}),
    _Compared("debts", claims.debts, {"debt_tiyin": "debt"}, reads_sums=True),
)  # fmt: skip


def drifts(session: Session, tree: Sequence[Placed], *, division_id: int | None = None) -> list[Drift]:
    """Return the figures of reports that differ from the documents: of each division by itself, and of all above it with what is below.

    The transaction must be a snapshot (REPEATABLE READ), or what is posted meanwhile looks like a difference.

    :param tree: all divisions
    :param division_id: a division whose documents alone are read: its own figures, and those of all above it, where the others
        count as their own reports say
    """
    chosen = [each.id for each in tree if division_id in (None, each.id)]
    documents, found = _documents(session, chosen), dict[tuple[str, str], Drift]()
    depths = sorted({each.path.count("/") for each in tree}) if division_id is None else []
    for parts in (chosen, *(_parts(tree, depth) for depth in depths)):
        for report in COMPARED:
            if division_id is None or not report.reads_lines:
                drifts_ = _compare(session, report, ReportRequest(chosen, parts, _EVER), documents)
                found |= {(drift.rule, drift.row): drift for drift in drifts_}
    return [*found.values(), *(_above(session, tree, division_id, documents) if division_id is not None else ())]


def _above(session: Session, tree: Sequence[Placed], division_id: int, documents: Sequence[DocumentSums]) -> Iterator[Drift]:
    """Yield the figures of the divisions above one that are not its documents and what the reports of the others say."""
    own, ids = next(each for each in tree if each.id == division_id), [each.id for each in tree]
    above = [each for each in tree if own.path.startswith(each.path) and each.id != division_id]
    for report in (each for each in COMPARED if each.reads_sums):
        each_said = _said(session, report, ReportRequest(ids, ids, _EVER))
        proved = _wanted(report, {division_id: division_id}, documents)
        for top in above:
            inside = [each.id for each in tree if each.path.startswith(top.path)]
            said = _said(session, report, ReportRequest(inside, [top.id] * len(inside), _EVER))
            for column in report.columns:
                wanted = proved[column, division_id] + sum(each_said[column, each] for each in inside if each != division_id)
                if said[column, top.id] != wanted:
                    yield Drift(f"{REPORT_RULE}: {report.name}.{column}", f"division {top.id}", said[column, top.id], wanted)


def _parts(tree: Sequence[Placed], depth: int) -> list[int]:
    """Return place by place the division at a depth of the tree that each belongs to; those higher up count by themselves."""
    tops = [each for each in tree if each.path.count("/") == depth]
    return [next((top.id for top in tops if each.path.startswith(top.path)), each.id) for each in tree]


def _compare(session: Session, report: _Compared, request: ReportRequest, documents: Sequence[DocumentSums]) -> Iterator[Drift]:
    said = _said(session, report, request)
    wanted = _wanted(report, dict(zip(request.divisions, request.parts, strict=True)), documents)
    for column, part in sorted({*said, *wanted}):
        if said[column, part] != wanted[column, part]:
            yield Drift(f"{REPORT_RULE}: {report.name}.{column}", f"division {part}", said[column, part], wanted[column, part])


def _said(session: Session, report: _Compared, request: ReportRequest) -> Counter[tuple[str, int]]:
    """Return what a report says, by column and part."""
    said = Counter[tuple[str, int]]()
    for row in report.rows(session, request):
        said.update({(column, row.division_id): getattr(row, column) for column in report.columns})
    return said


def _wanted(report: _Compared, part_of: Mapping[int, int], documents: Sequence[DocumentSums]) -> Counter[tuple[str, int]]:
    """Return what documents say a report should say, by column and part."""
    wanted = Counter[tuple[str, int]]()
    for sums in documents:
        part = part_of[sums.division_id]
        wanted.update({(column, part): getattr(sums, source) for column, source in report.columns.items()})
    return wanted
