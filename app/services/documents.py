"""Prints that are counted, and statements that are kept as they were made."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.documents import FORM, PrintedKind
from app.models.documents import AccountStatement
from app.queries import documents as queries
from app.queries.payments import ELSEWHERE
from app.queries.records import fetch_all, fetch_one

_TABLES = {
    PrintedKind.BILL: "bill", PrintedKind.RECEIPT: "payment", PrintedKind.TAX_INVOICE: "tax_invoice",
    PrintedKind.STATEMENT: "account_statement",
}  # fmt: skip
#: What two statements of the same months are compared by: names and addresses are not among it.
_FIGURES = ("opening_tiyin", "lines", "closing_tiyin")


def record_prints(session: Session, kind: PrintedKind, ids: Sequence[int]) -> set[int]:
    """Record the first print of documents; those printed before stay as they are. Return those printed first now.

    A print of a division that works on its own node is recorded there only.
    """
    statement = (
        f"INSERT INTO paper_print (division_id, kind, document_id, form) SELECT c.division_id, :kind, c.id, :form FROM {_TABLES[kind]} c "
        f"WHERE c.id = ANY(:ids) AND NOT {ELSEWHERE} ORDER BY c.id ON CONFLICT DO NOTHING RETURNING document_id"
    )
    return set(fetch_all(session, statement, int, kind=kind, ids=list(ids), form=FORM))


def record_print(session: Session, kind: PrintedKind, document_id: int) -> datetime | None:
    """Record the print of a document; return when it was printed first if this is a copy, else None.

    Of two people who print at once, one gets the copy: the second waits for the transaction of the first.
    """
    if document_id in record_prints(session, kind, [document_id]):
        return None
    return queries.first_prints(session, kind, [document_id]).get(document_id)


class MonthIsOpen(Exception):
    """A statement was asked for of a month that may still change; the text is its first day."""


def require_closed(session: Session, division_id: int, *, until: date, today: date) -> None:
    """Refuse a statement of months that are not over, or not closed where a division closes its months.

    :param until: first day of the month after the last one
    :raises MonthIsOpen: if the last month is open
    """
    first_open = queries.first_open_month(session, division_id, today=today)
    if until > first_open:
        raise MonthIsOpen(first_open.isoformat())


def keep_statement(session: Session, account_id: int, *, since: date, until: date, contents: Mapping[str, Any]) -> int:
    """Keep a statement as it was made and return its id; one of the same months with the same figures is that statement.

    :param since: first day of the first month
    :param until: first day of the month after the last one
    """
    for earlier in queries.statements_of(session, account_id, since=since, until=until):
        if all(earlier.contents[name] == contents[name] for name in _FIGURES):
            return earlier.id
    division_id = fetch_one(session, "SELECT division_id FROM account WHERE id = :id", int, id=account_id)
    made = AccountStatement(division_id=division_id, account_id=account_id, period_from=since, period_to=until, contents=dict(contents))
    session.add(made)
    session.flush()
    return made.id
