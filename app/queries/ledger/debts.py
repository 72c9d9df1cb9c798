"""Debts by age: one query over the sums that are kept with the debts."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.ledger.debts import BAND_PARAMETERS, Band, bands
from app.domain.reference import ConsumerKind
from app.queries.administration import value_on
from app.queries.ledger.periods import subtree
from app.queries.names import shown
from app.queries.records import fetch_all


class DivisionDebts(NamedTuple):
    """What is open in a division and all below it, by age."""

    division_id: int
    name: str
    has_children: bool
    #: of each band, in tiyin
    amounts: list[int]
    #: how many bills of each band are not paid
    debts: list[int]

    @property
    def total_tiyin(self) -> int:
        """All ages together."""
        return sum(self.amounts)


def age_bands(session: Session, today: date) -> list[Band]:
    """Return the bands of a day, as the settings say."""
    return bands(value_on(session, code, today) for code in BAND_PARAMETERS)


def by_age(
    session: Session, division_ids: Sequence[int], age: Sequence[Band], *, today: date, kind: ConsumerKind | None = None
) -> list[DivisionDebts]:
    """Return the debts of divisions, each with all below it, by age, in the order of their names.

    :param kind: of one kind of consumers only
    """
    statement = f"""
        SELECT c.id AS division_id, {shown("c")} AS name, EXISTS (SELECT 1 FROM division g WHERE g.parent_id = c.id) AS has_children,
               array_agg(coalesce(t.amount, 0) ORDER BY b.place) AS amounts, array_agg(coalesce(t.debts, 0) ORDER BY b.place) AS debts
        FROM division c
        CROSS JOIN generate_series(0, CAST(:bands AS int) - 1) AS b (place)
        LEFT JOIN (
            SELECT c.id, width_bucket(CAST(:today AS date) - t.due_on, CAST(:first_days AS int[])) AS place,
                   sum(t.remaining_tiyin)::bigint AS amount, sum(t.debts)::bigint AS debts
            FROM debt_total t JOIN division d ON d.id = t.division_id
            JOIN division c ON c.id = ANY(:ids) AND starts_with(d.path, c.path)
            WHERE CAST(:kind AS text) IS NULL OR t.consumer_kind = :kind
            GROUP BY c.id, place
        ) t ON t.id = c.id AND t.place = b.place
        WHERE c.id = ANY(:ids)
        GROUP BY c.id ORDER BY 2, c.id
        """
    first_days = [band.first_day for band in age[1:]]
    given = {"ids": list(division_ids), "bands": len(age), "first_days": first_days, "today": today, "kind": kind}
    return fetch_all(session, statement, DivisionDebts, **given)


class DebtRow(NamedTuple):
    """An unpaid bill with whom to call."""

    bill_id: int
    account_id: int
    number: str
    consumer: str
    phone: str | None
    due_on: date
    remaining_tiyin: int


def debts_of_age(
    session: Session,
    division_id: int,
    age: Band,
    *,
    today: date,
    kind: ConsumerKind | None = None,
    after: tuple[date, int] | None = None,
    limit: int = 100,
) -> list[DebtRow]:
    """Return the unpaid bills of an age in a division and all below it, the newest first: the rows behind a figure of ``by_age``.

    :param after: due day and bill of the last row of the page before
    """
    first, last = age.due_days(today)
    statement = """
        WITH page AS MATERIALIZED (
            SELECT d.bill_id, d.account_id, d.due_on, d.remaining_tiyin FROM debt d
            WHERE d.division_id = ANY(:divisions)
              AND d.due_on BETWEEN coalesce(CAST(:first AS date), '-infinity') AND coalesce(CAST(:last AS date), 'infinity')
              AND (CAST(:kind AS text) IS NULL OR EXISTS (
                    SELECT FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = d.account_id AND c.kind = :kind))
              AND (CAST(:after_day AS date) IS NULL OR (d.due_on, d.bill_id) < (:after_day, CAST(:after_bill AS bigint)))
            ORDER BY d.due_on DESC, d.bill_id DESC LIMIT :limit
        )
        SELECT d.bill_id, d.account_id, a.number, c.name AS consumer, c.phone, d.due_on, d.remaining_tiyin
        FROM page d JOIN account a ON a.id = d.account_id JOIN consumer c ON c.id = a.consumer_id
        ORDER BY d.due_on DESC, d.bill_id DESC
        """
    after_day, after_bill = after or (None, None)
    # the rows of the page are found first: whom they are of is asked for them only
    given = {"divisions": subtree(session, division_id), "first": first, "last": last, "kind": kind}
    return fetch_all(session, statement, DebtRow, **given, after_day=after_day, after_bill=after_bill, limit=limit)
