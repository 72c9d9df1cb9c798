"""First prints of documents, and statements as they were made."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration.nodes import KEY_BITS
from app.domain.documents import BalanceAfter, PrintedKind
from app.domain.ledger import DocumentKind
from app.queries.documents import as_made
from app.queries.ledger import OWED


class StatementRecord(NamedTuple):
    """A reconciliation statement as it was made, for the months [since, until)."""

    id: int
    account_id: int
    since: date
    until: date
    contents: dict[str, Any]
    created_at: datetime
    created_by: str


class Addressee(NamedTuple):
    """Whom a document is for, as it was recorded when the document was made."""

    number: str
    consumer_name: str
    language: str
    address: str
    division: str
    unit: str


def addressee_of_record(session: Session, record_id: int) -> Addressee:
    """Return whom an inspection record is about, as it was recorded when the record was drafted."""
    statement = text(
        f"""
        SELECT a.number, c.name, c.language, {as_made.ADDRESS}, d.name, coalesce(r.unit, 'kWh')
        FROM inspection_record x {as_made.addressee("x", "x.drawn_on + 1")} WHERE x.id = :id
        """
    )
    return Addressee(*session.execute(statement, {"id": record_id}).one())


_STATEMENT = "SELECT id, account_id, period_from, period_to, contents, created_at, created_by FROM account_statement "


def first_prints(session: Session, kind: PrintedKind, ids: Sequence[int]) -> dict[int, datetime]:
    """Return when documents of a kind were printed first; one that never was is left out."""
    statement = text("SELECT document_id, created_at FROM paper_print WHERE kind = :kind AND document_id = ANY(:ids)")
    return {row[0]: row[1] for row in session.execute(statement, {"kind": kind, "ids": list(ids)})}


def statement(session: Session, statement_id: int) -> StatementRecord | None:
    """Return a statement, or None if it is not there (or not the reader's)."""
    row = session.execute(text(f"{_STATEMENT} WHERE id = :id"), {"id": statement_id}).one_or_none()
    return StatementRecord(*row) if row else None


def statements_of(session: Session, account_id: int, *, since: date | None = None, until: date | None = None) -> list[StatementRecord]:
    """Return the statements made for an account, newest first; of certain months only, if they are given."""
    months = "AND period_from = :since AND period_to = :until" if since and until else ""
    rows = session.execute(
        text(f"{_STATEMENT} WHERE account_id = :account_id {months} ORDER BY id DESC LIMIT 100"),
        {"account_id": account_id, "since": since, "until": until},
    )
    return [StatementRecord(*row) for row in rows]


#: Documents of an account with what each changed and its place in the ledger. Entries of an account follow each other by id, but for
#: those of different places: a division that worked on its own node has keys of another range.
_BALANCE_AFTER = """
    WITH document AS (
        SELECT document_kind, document_id, min(id) AS first, min(created_at) AS made, sum(amount_tiyin * ({owed}))::bigint AS net
        FROM ledger_entry WHERE account_id = :account_id GROUP BY document_kind, document_id
    ), own AS (
        SELECT d.first, coalesce(d.made, :made) AS made, coalesce(d.net, 0) AS net
        FROM (SELECT 1) one LEFT JOIN document d ON d.document_kind = ANY(:kinds) AND d.document_id = :document_id
    ), earlier AS (
        SELECT d.*, d.document_kind IN ('BILL', 'BILL_CANCELLATION') AS is_bill,
               d.document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL') AS is_payment
        FROM document d CROSS JOIN own
        WHERE NOT (d.document_kind = ANY(:kinds) AND d.document_id = :document_id)
          AND CASE WHEN d.first >> {bits} = own.first >> {bits} THEN d.first < own.first ELSE d.made <= own.made END
    ), bill AS (SELECT max(first) AS first FROM earlier WHERE is_bill)
    SELECT coalesce(sum(net) FILTER (WHERE e.first <= b.first), 0)::bigint,
           -coalesce(sum(net) FILTER (WHERE e.first > coalesce(b.first, 0) AND is_payment), 0)::bigint,
           coalesce(sum(net) FILTER (WHERE e.first > coalesce(b.first, 0) AND NOT is_payment), 0)::bigint,
           (SELECT net FROM own)
    FROM bill b LEFT JOIN earlier e ON true
"""


def balance_after(session: Session, account_id: int, kinds: Sequence[DocumentKind], document_id: int, made: datetime) -> BalanceAfter:
    """Return what a consumer owed after a document of these kinds, and how that came from the bill before; from the entries.

    :param made: when the document was recorded; counts where it moved nothing
    """
    given = {"account_id": account_id, "kinds": [*kinds], "document_id": document_id, "made": made}
    statement = text(_BALANCE_AFTER.format(owed=OWED, bits=KEY_BITS))
    return BalanceAfter(*session.execute(statement, given).one())
