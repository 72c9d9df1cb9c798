"""What a correction of bills reads: the bills it takes back, what was set against them, and what came of it."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.values import Integers
from app.queries import arrays
from app.queries.billing.rules import made_with
from app.queries.live import live


class LiveBills(NamedTuple):
    """Bills that stand, sorted by account, the newest first."""

    id: Integers
    account_id: Integers
    month: list[date]
    #: days from 1970-01-01
    due_day: Integers
    amount_tiyin: Integers
    vat_tiyin: Integers
    #: set against each by payments, advances and credit notes
    allocated_tiyin: Integers


class MonthAmount(NamedTuple):
    """What an account's bill of a month comes to."""

    month: date
    quantity_milli: int
    amount_tiyin: int


class BilledMonth(NamedTuple):
    """A month some accounts were billed for, as they were billed."""

    month: date
    due_on: date
    #: the day the first bill of the month was issued: operating parameters hold as they did then
    first_issued_on: date
    account_ids: list[int]


def live_bills(session: Session, ids: Integers, *, since: date) -> LiveBills:
    """Return the bills of accounts that stand, of months from ``since`` on."""
    statement = text(
        f"""
        SELECT b.id, b.account_id, b.billing_month, b.due_on - DATE '1970-01-01', b.amount_tiyin, b.vat_tiyin, coalesce(a.amount, 0)
        FROM bill b LEFT JOIN LATERAL (SELECT sum(amount_tiyin)::bigint AS amount FROM allocation WHERE bill_id = b.id) a ON true
        WHERE b.account_id = ANY(:ids) AND b.billing_month >= :since AND {live("b")}
        ORDER BY b.account_id, b.billing_month DESC, b.id DESC
        """
    )
    rows = session.execute(statement, {"ids": ids.tolist(), "since": since}).all()
    id_, account_id, *amounts = np.array([(row[0], row[1], *row[3:]) for row in rows], dtype=np.int64).reshape(len(rows), 6).T
    return LiveBills(id_, account_id, [row[2] for row in rows], *amounts)


def first_month_touched(session: Session, account_id: int, day: date) -> date | None:
    """Return the first month of an account whose bill stands and covers a day or a later one, or None."""
    statement = text(f"SELECT min(b.billing_month) FROM bill b WHERE b.account_id = :id AND b.period_to > :day AND {live('b')}")
    found: date | None = session.scalar(statement, {"id": account_id, "day": day})
    return found


def first_month_of_reading(session: Session, reading_id: int) -> date | None:
    """Return the first month whose bill stands and was made with a reading, or None."""
    statement = text(
        f"""
        SELECT min(b.billing_month) FROM reading r JOIN bill b ON b.account_id = r.account_id AND {live("b")}
        WHERE r.id = :id AND ({made_with("r")} OR EXISTS (
            SELECT 1 FROM consumption c WHERE c.bill_id = b.id AND r.id IN (c.earlier_reading_id, c.later_reading_id)))
        """
    )
    found: date | None = session.scalar(statement, {"id": reading_id})
    return found


def billed_months(session: Session, ids: list[int], *, since: date) -> list[BilledMonth]:
    """Return the months accounts are billed for from ``since`` on, oldest first, grouped by how they were billed."""
    statement = text(
        f"""
        SELECT b.billing_month, b.due_on, f.first_issued_on, array_agg(b.account_id ORDER BY b.account_id)
        FROM bill b
        JOIN LATERAL (
            SELECT min(o.issued_on) AS first_issued_on FROM bill o
            WHERE o.account_id = b.account_id AND o.billing_month = b.billing_month AND o.cancels_id IS NULL
        ) f ON true
        WHERE b.account_id = ANY(:ids) AND b.billing_month >= :since AND {live("b")}
        GROUP BY b.billing_month, b.due_on, f.first_issued_on ORDER BY b.billing_month, b.due_on, f.first_issued_on
        """
    )
    return [BilledMonth(*row) for row in session.execute(statement, {"ids": ids, "since": since})]


def month_amounts(session: Session, account_id: int, *, since: date) -> list[MonthAmount]:
    """Return what an account's bills that stand come to, from a month on, oldest first."""
    statement = text(
        f"""
        SELECT b.billing_month, b.quantity_milli, b.amount_tiyin FROM bill b
        WHERE b.account_id = :account_id AND b.billing_month >= :since AND {live("b")} ORDER BY b.billing_month
        """
    )
    return [MonthAmount(*row) for row in session.execute(statement, {"account_id": account_id, "since": since})]


_WANTED = f"""
    FROM account a
    JOIN division d ON d.id = a.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
    WHERE a.id > :after AND (CAST(:account_id AS bigint) IS NULL OR a.id = :account_id)
      AND (CAST(:group_id AS bigint) IS NULL OR EXISTS (
          SELECT 1 FROM supply s WHERE s.account_id = a.id AND s.tariff_group_id = :group_id AND coalesce(s.valid_to > :since, true)))
      AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id AND b.billing_month >= :since AND {live("b")})
"""


def accounts_to_correct(session: Session, correction: Any, *, after: int, limit: int) -> Integers:
    """Return the next accounts a correction is about that have a bill to take back, in the order of id."""
    statement = text(f"SELECT a.id {_WANTED} ORDER BY a.id LIMIT :limit")
    return arrays.columns(session, statement, 1, **_given(correction), after=after, limit=limit)[0]


def count_to_correct(session: Session, correction: Any) -> int:
    """Return how many accounts a correction is about."""
    return int(session.scalar(text(f"SELECT count(*) {_WANTED}"), _given(correction) | {"after": 0}) or 0)


def _given(correction: Any) -> dict[str, Any]:
    return {
        "division_id": correction.division_id,
        "account_id": correction.account_id,
        "group_id": correction.tariff_group_id,
        "since": correction.since_month,
    }


def bills_to_correct(session: Session, *, division_id: int, tariff_group_id: int | None, since: date) -> tuple[int, int, int]:
    """Return accounts, bills and sum in tiyin that a correction of many accounts would take back."""
    statement = text(
        f"""
        SELECT count(DISTINCT b.account_id), count(*), coalesce(sum(b.amount_tiyin), 0)::bigint FROM bill b
        WHERE b.account_id IN (SELECT a.id {_WANTED}) AND b.billing_month >= :since AND {live("b")}
        """
    )
    given = {"division_id": division_id, "account_id": None, "group_id": tariff_group_id, "since": since, "after": 0}
    row = session.execute(statement, given).one()
    return row[0], row[1], row[2]


def closed_to_correct(session: Session, *, division_id: int, tariff_group_id: int | None, since: date) -> int:
    """Return the sum in tiyin of the bills of closed months that a correction of many accounts would take back, whatever their signs."""
    statement = text(
        f"""
        SELECT coalesce(sum(abs(b.amount_tiyin)), 0)::bigint FROM bill b
        WHERE b.account_id IN (SELECT a.id {_WANTED}) AND b.billing_month >= :since AND {live("b")}
          AND EXISTS (SELECT 1 FROM accounting_period p WHERE p.division_id = b.division_id AND p.status = 'CLOSED'
                      AND p.billing_month >= b.billing_month)
        """
    )
    given = {"division_id": division_id, "account_id": None, "group_id": tariff_group_id, "since": since, "after": 0}
    return int(session.scalar(statement, given) or 0)


def tariff_groups(session: Session) -> list[tuple[int, str]]:
    """Return the tariff groups to choose from."""
    return [(row.id, row.name) for row in session.execute(text("SELECT id, name FROM tariff_group ORDER BY name, id"))]


class CorrectedMonth(NamedTuple):
    """What a correction did to the bills of a month."""

    month: date
    taken_back: int
    taken_back_tiyin: int
    billed_again: int
    billed_again_tiyin: int


def months_of_correction(session: Session, correction_id: int) -> list[CorrectedMonth]:
    """Return what a correction took back and billed again, month by month."""
    statement = text(
        """
        SELECT b.billing_month, count(b.cancels_id), coalesce(sum(b.amount_tiyin) FILTER (WHERE b.cancels_id IS NOT NULL), 0)::bigint,
               count(*) FILTER (WHERE b.cancels_id IS NULL), coalesce(sum(b.amount_tiyin) FILTER (WHERE b.cancels_id IS NULL), 0)::bigint
        FROM bill b JOIN bill_run r ON r.id = b.bill_run_id WHERE r.correction_id = :id GROUP BY 1 ORDER BY 1
        """
    )
    return [CorrectedMonth(*row) for row in session.execute(statement, {"id": correction_id})]


class CorrectedBill(NamedTuple):
    """A bill of a correction."""

    id: int
    month: date
    account_id: int
    number: str
    amount_tiyin: int
    cancels_id: int | None


def bills_of_correction(session: Session, correction_id: int, limit: int = 100) -> list[CorrectedBill]:
    """Return the first bills of a correction, by account and month, those that take back first."""
    statement = text(
        """
        SELECT b.id, b.billing_month, b.account_id, a.number, b.amount_tiyin, b.cancels_id
        FROM bill b JOIN bill_run r ON r.id = b.bill_run_id JOIN account a ON a.id = b.account_id
        WHERE r.correction_id = :id ORDER BY b.account_id, b.billing_month, b.cancels_id NULLS LAST, b.id LIMIT :limit
        """
    )
    return [CorrectedBill(*row) for row in session.execute(statement, {"id": correction_id, "limit": limit})]


def adjustment_uses(session: Session, adjustment_id: int) -> dict[str, Any]:
    """Return the bills a credit note was set against, and the note that undid it."""
    rows = session.execute(
        text(
            "SELECT b.id, b.billing_month, a.amount_tiyin FROM allocation a JOIN bill b ON b.id = a.bill_id "
            "WHERE a.adjustment_id = :id ORDER BY b.billing_month, a.id"
        ),
        {"id": adjustment_id},
    ).all()
    undone_by = session.scalar(text("SELECT id FROM adjustment WHERE reverses_id = :id"), {"id": adjustment_id})
    return {"uses": rows, "undone_by": undone_by}
