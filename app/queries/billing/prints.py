"""Which bills and accounts a printing job is about, in the order papers are delivered."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.live import live
from app.queries.records import fetch_all


class PrintBatch(NamedTuple):
    """Bills that are delivered together, in the order of the houses."""

    #: the street or mahalla
    name: str
    bill_ids: list[int]


class LegalAccount(NamedTuple):
    """An account of a legal consumer, for its papers."""

    account_id: int
    account_number: str


_IN_DIVISION = "JOIN division d ON d.id = {table}.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))"

_BY_STREET = "d.name || ', ' || st.name"
_BY_MAHALLA = "d.name || ', ' || coalesce(m.name, st.name)"

_SHEAVES = f"""
    SELECT {{name}} AS name, array_agg(b.id ORDER BY st.name, st.id, coalesce(substring(sp.house FROM '^[0-9]+')::int, 0), sp.house,
                              coalesce(substring(sp.flat FROM '^[0-9]+')::int, 0), sp.flat, b.account_id) AS bill_ids
    FROM bill b {_IN_DIVISION.format(table="b")}
    JOIN LATERAL (SELECT * FROM supply s WHERE s.account_id = b.account_id AND s.valid_from < b.period_to
                  ORDER BY s.valid_from DESC LIMIT 1) s ON true
    JOIN service_point sp ON sp.id = s.service_point_id
    JOIN street st ON st.id = sp.street_id
    LEFT JOIN mahalla m ON m.id = st.mahalla_id
    WHERE b.billing_month = :month AND {live("b")}
    GROUP BY 1 ORDER BY 1
"""


class _Street(NamedTuple):
    name: str
    bill_ids: list[int]


def print_batches(session: Session, *, division_id: int, month: date, by_mahalla: bool, limit: int) -> list[PrintBatch]:
    """Return the live bills of a division's month by street or mahalla.

    :param limit: bills of a batch; a longer street becomes several, numbered
    """
    statement = _SHEAVES.format(name=_BY_MAHALLA if by_mahalla else _BY_STREET)
    result = []
    for name, ids in fetch_all(session, statement, _Street, division_id=division_id, month=month):
        parts = [ids[start : start + limit] for start in range(0, len(ids), limit)]
        numbered = [name] if len(parts) == 1 else [f"{name} ({number})" for number in range(1, len(parts) + 1)]
        result += [PrintBatch(*batch) for batch in zip(numbered, parts, strict=True)]
    return result


def bills_to_invoice(session: Session, *, division_id: int, month: date) -> list[int]:
    """Return the bills with VAT of legal consumers of a division's month that have no tax invoice yet, oldest first."""
    statement = f"""
        SELECT b.id FROM bill b {_IN_DIVISION.format(table="b")}
        JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'LEGAL'
        WHERE b.billing_month = :month AND b.vat_tiyin <> 0 AND NOT EXISTS (SELECT 1 FROM tax_invoice t WHERE t.bill_id = b.id)
        ORDER BY b.id
        """
    return fetch_all(session, statement, int, division_id=division_id, month=month)


def invoices_of_month(session: Session, *, division_id: int, month: date) -> list[int]:
    """Return the tax invoices of a division's month in the order of their numbers."""
    statement = f"""
        SELECT t.id FROM tax_invoice t {_IN_DIVISION.format(table="t")} JOIN bill b ON b.id = t.bill_id
        WHERE b.billing_month = :month ORDER BY t.division_id, t.year, t.sequence_no
        """
    return fetch_all(session, statement, int, division_id=division_id, month=month)


def legal_accounts(session: Session, *, division_id: int, since: date, until: date) -> list[LegalAccount]:
    """Return the accounts of legal consumers of a division that had anything on their books in the months [since, until)."""
    statement = f"""
        SELECT a.id AS account_id, a.number AS account_number FROM account a {_IN_DIVISION.format(table="a")}
        JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'LEGAL'
        WHERE EXISTS (SELECT 1 FROM account_balance m WHERE m.account_id = a.id AND m.billing_month < :until
                      AND (m.billing_month >= :since OR m.closing_tiyin <> 0))
        ORDER BY a.number
        """
    parameters = {"division_id": division_id, "since": since, "until": until}
    return fetch_all(session, statement, LegalAccount, **parameters)
