"""First prints of documents, and statements as they were made."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.administration.nodes import KEY_BITS
from app.domain.documents import FORM, BalanceAfter, PrintedKind
from app.domain.ledger import DocumentKind
from app.domain.reference import Names
from app.queries.documents import as_made
from app.queries.ledger import OWED
from app.queries.records import fetch_all, fetch_one, fetch_optional


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
    #: the division in the consumer's language
    office: str
    unit: str


def addressee_of_record(session: Session, record_id: int) -> Addressee:
    """Return whom an inspection record is about, as it was recorded when the record was drafted."""
    statement = f"""
        SELECT a.number, c.name AS consumer_name, c.language, {as_made.ADDRESS} AS address, d.name AS division,
               {as_made.consumers_name("d")} AS office, coalesce(r.unit, 'kWh') AS unit
        FROM inspection_record x {as_made.addressee("x", "x.drawn_on + 1")} WHERE x.id = :id
        """
    return fetch_one(session, statement, Addressee, id=record_id)


def division_names(session: Session, division_id: int, moment: datetime) -> Names:
    """Return what a division was called at a moment, in each language."""
    statement = (
        "SELECT d.name AS uz, d.name_uz_cyrl AS uz_cyrl, d.name_ru AS ru FROM division n "
        "CROSS JOIN LATERAL as_of(n, n.id, :moment) d WHERE n.id = :id"
    )
    return fetch_one(session, statement, Names, id=division_id, moment=moment)


_STATEMENT = "SELECT id, account_id, period_from AS since, period_to AS until, contents, created_at, created_by FROM account_statement "


class _FirstPrint(NamedTuple):
    document_id: int
    created_at: datetime


def first_prints(session: Session, kind: PrintedKind, ids: Sequence[int]) -> dict[int, datetime]:
    """Return when documents of a kind were printed first; one that never was is left out."""
    statement = "SELECT document_id, created_at FROM paper_print WHERE kind = :kind AND document_id = ANY(:ids)"
    return dict(fetch_all(session, statement, _FirstPrint, kind=kind, ids=list(ids)))


def forms(session: Session, kind: PrintedKind, ids: Sequence[int]) -> dict[int, int]:
    """Return the forms documents of a kind were printed in first; one that never was is left out."""
    statement = "SELECT document_id AS id, form FROM paper_print WHERE kind = :kind AND document_id = ANY(:ids)"
    return dict(fetch_all(session, statement, _FormOf, kind=kind, ids=list(ids)))


def form_of(session: Session, kind: PrintedKind, document_id: int, copy_of: datetime | None) -> int:
    """Return the form a document is printed in: a copy has that of the first print.

    :param copy_of: when it was printed first, if this is a copy
    """
    return forms(session, kind, [document_id]).get(document_id, FORM) if copy_of else FORM


class _FormOf(NamedTuple):
    id: int
    form: int


def statement(session: Session, statement_id: int) -> StatementRecord | None:
    """Return a statement, or None if it is not there (or not the reader's)."""
    return fetch_optional(session, f"{_STATEMENT} WHERE id = :id", StatementRecord, id=statement_id)


def statements_of(session: Session, account_id: int, *, since: date | None = None, until: date | None = None) -> list[StatementRecord]:
    """Return the statements made for an account, newest first; of certain months only, if they are given."""
    months = "AND period_from = :since AND period_to = :until" if since and until else ""
    return fetch_all(
        session,
        f"{_STATEMENT} WHERE account_id = :account_id {months} ORDER BY id DESC LIMIT 100",
        StatementRecord,
        account_id=account_id,
        since=since,
        until=until,
    )


def first_open_month(session: Session, division_id: int, *, today: date) -> date:
    """Return the first month of a division of which no statement can be made: it is not over, or not closed where months are closed."""
    statement = """
        SELECT least(date_trunc('month', CAST(:today AS date))::date, min(closed.month) + interval '1 month')::date FROM (
            SELECT max(p.billing_month) AS month FROM accounting_period p JOIN division d ON d.id = p.division_id
            JOIN division top ON top.id = :division_id AND starts_with(d.path, top.path)
            WHERE p.status = 'CLOSED' GROUP BY p.division_id
        ) closed
        """
    return fetch_one(session, statement, date, division_id=division_id, today=today)


#: Documents of an account with what each changed and its place in the ledger. Entries of an account follow each other by id, but for
#: those of different places: a division that worked on its own node has keys of another range.
_BALANCE_AFTER = """
    SELECT asked.document_id, of_one.* FROM unnest(CAST(:accounts AS bigint[]), CAST(:documents AS bigint[]), CAST(:made AS timestamptz[]))
        asked(account_id, document_id, made) CROSS JOIN LATERAL (
    WITH document AS (
        SELECT document_kind, document_id, min(id) AS first, min(created_at) AS made, sum(amount_tiyin * ({owed}))::bigint AS net
        FROM ledger_entry WHERE account_id = asked.account_id GROUP BY document_kind, document_id
    ), own AS (
        SELECT d.first, coalesce(d.made, asked.made) AS made, coalesce(d.net, 0) AS net
        FROM (SELECT 1) one LEFT JOIN document d ON d.document_kind = ANY(:kinds) AND d.document_id = asked.document_id
    ), earlier AS (
        SELECT d.*, d.document_kind IN ('BILL', 'BILL_CANCELLATION') AS is_bill,
               d.document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL') AS is_payment
        FROM document d CROSS JOIN own
        WHERE NOT (d.document_kind = ANY(:kinds) AND d.document_id = asked.document_id)
          AND CASE WHEN d.first >> {bits} = own.first >> {bits} THEN d.first < own.first ELSE d.made <= own.made END
    ), bill AS (SELECT max(first) AS first FROM earlier WHERE is_bill)
    SELECT coalesce(sum(net) FILTER (WHERE e.first <= b.first), 0)::bigint AS previous_tiyin,
           -coalesce(sum(net) FILTER (WHERE e.first > coalesce(b.first, 0) AND is_payment), 0)::bigint AS paid_tiyin,
           coalesce(sum(net) FILTER (WHERE e.first > coalesce(b.first, 0) AND NOT is_payment), 0)::bigint AS adjusted_tiyin,
           coalesce((SELECT net FROM own), 0) AS own_tiyin
    FROM bill b LEFT JOIN earlier e ON true
    ) of_one
"""


class PostedDocument(NamedTuple):
    """A document of an account in the ledger."""

    account_id: int
    id: int
    #: when it was recorded; counts where it moved nothing
    made: datetime


class _BalanceOf(NamedTuple):
    document_id: int
    previous_tiyin: int
    paid_tiyin: int
    adjusted_tiyin: int
    own_tiyin: int


def balance_after(session: Session, account_id: int, kinds: Sequence[DocumentKind], document_id: int, made: datetime) -> BalanceAfter:
    """Return what a consumer owed after a document of these kinds, and how that came from the bill before; from the entries.

    :param made: when the document was recorded; counts where it moved nothing
    """
    return balances_after(session, kinds, [PostedDocument(account_id, document_id, made)])[document_id]


def balances_after(session: Session, kinds: Sequence[DocumentKind], documents: Sequence[PostedDocument]) -> dict[int, BalanceAfter]:
    """Return what was owed after each of some documents of these kinds: see ``balance_after``."""
    accounts, ids, made = (list(column) for column in zip(*documents, strict=True))
    statement = _BALANCE_AFTER.format(owed=OWED, bits=KEY_BITS)
    rows = fetch_all(session, statement, _BalanceOf, accounts=accounts, documents=ids, made=made, kinds=[*kinds])
    return {row.document_id: BalanceAfter(*row[1:]) for row in rows}
