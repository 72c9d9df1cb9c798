"""The books are checked, and what was found is kept with its time: documents, entries, sums and reports against each other."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.domain.ledger.proofs import CheckCause, NamedRow, named_row
from app.models.ledger import BooksCheck, BooksDifference
from app.queries import administration, ledger
from app.queries.ledger import BilledDivision, Drift, checks
from app.queries.reports import levels


def find(session: Session, *, limit: int, billed: BilledDivision | None = None) -> list[Drift]:
    """Return what differs in the books and in reports made of them, at most so many rows a rule.

    The transaction must be a snapshot (REPEATABLE READ), or what is posted meanwhile looks like a difference.

    :param billed: only what a bill run touched
    """
    tree = administration.divisions(session)
    return [
        *ledger.drifts(session, limit=limit, billed=billed),
        *levels.drifts(session, tree, division_id=billed.division_id if billed else None),
    ]


def keep(session: Session, cause: CheckCause, found: Sequence[Drift], *, division_id: int | None = None) -> int:
    """Keep what a check found and return its id; each row with the division it is in, or the one checked if the row is gone."""
    kept = BooksCheck(
        cause=cause, checked_division_id=division_id, rules=ledger.proof_size(session)["rules"] + len(levels.COMPARED),
        differences=len(found),
    )  # fmt: skip
    session.add(kept)
    session.flush()
    rows = [named_row(each.row) for each in found]
    places = _divisions(session, rows) if rows else {}
    other = division_id or administration.whole_company(session)
    session.add_all(
        BooksDifference(
            books_check_id=kept.id, division_id=places.get(row, other), rule=each.rule[:100], row_table=row.table, row_key=row.key[:100],
            stored=each.stored, computed=each.computed,
        )
        for each, row in zip(found, rows, strict=True)
    )  # fmt: skip
    session.flush()
    return kept.id


def _divisions(session: Session, rows: Sequence[NamedRow]) -> dict[NamedRow, int]:
    """Return the divisions of rows."""
    places = dict[NamedRow, int]()
    for table in {row.table for row in rows}:
        of_table = [row for row in rows if row.table == table]
        found = checks.divisions_of_rows(session, table, [row.number for row in of_table])
        places |= {row: found[row.number] for row in of_table if row.number in found}
    return places
