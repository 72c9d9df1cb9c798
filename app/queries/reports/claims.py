"""Debts by age, and penalties."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.ledger.debts import Band
from app.domain.reference import ConsumerKind
from app.queries.ledger.debts import age_bands
from app.queries.records import fetch_each
from app.queries.reports import Documents, ReportRequest, kind_counts, of_kind, parted


class AgedDebts(NamedTuple):
    """Unpaid bills of a kind of consumers, by the days since they were due; without a last day: and older, 0 to 0: not due yet."""

    division_id: int
    consumer_kind: ConsumerKind
    days_from_no: int
    days_to_no: int | None
    bills: int
    debt_tiyin: int


_BANDS = """unnest(CAST(:first_days AS int[]), CAST(:last_days AS int[])) WITH ORDINALITY AS b (first_day, last_day, place)"""


def _bands_given(session: Session, asked: ReportRequest) -> dict[str, list[int | None]]:
    age: Sequence[Band] = age_bands(session, asked.period.start)
    return {
        "after": [band.first_day for band in age[1:]],
        "first_days": [band.first_day for band in age],
        "last_days": [band.last_day for band in age],
    }


#: The debts that ``debt_total`` adds up.
DEBTS = Documents(
    f"""
    SELECT part.part_id AS division_id, d.division_id AS own_id, 'bill' AS row_table, d.bill_id AS row_id, d.account_id, d.due_on AS row_on,
           c.kind AS consumer_kind, b.first_day AS days_from_no, b.last_day AS days_to_no, 1 AS bills, d.remaining_tiyin AS debt_tiyin
    FROM debt d {parted("d")} JOIN account a ON a.id = d.account_id JOIN consumer c ON c.id = a.consumer_id
    JOIN {_BANDS} ON b.place = width_bucket(CAST(:start AS date) - d.due_on, CAST(:after AS int[])) + 1
    WHERE {kind_counts("c.kind")}
    """,
    given=_bands_given,
)


def debts(session: Session, asked: ReportRequest) -> Iterator[AgedDebts]:
    """Yield unpaid bills by age now.

    Source: ``debt_total``.
    """
    statement = f"""
        SELECT x.division_id, x.consumer_kind, b.first_day AS days_from_no, b.last_day AS days_to_no, x.bills, x.debt_tiyin
        FROM (
            SELECT part.part_id AS division_id, t.consumer_kind,
                   width_bucket(CAST(:start AS date) - t.due_on, CAST(:after AS int[])) AS place,
                   coalesce(sum(t.debts), 0)::bigint AS bills, coalesce(sum(t.remaining_tiyin), 0)::bigint AS debt_tiyin
            FROM debt_total t {parted("t")}
            WHERE {kind_counts("t.consumer_kind")}
            GROUP BY 1, 2, 3
        ) x
        JOIN {_BANDS} ON b.place = x.place + 1
        WHERE x.bills <> 0
        ORDER BY x.division_id, x.consumer_kind, x.place
        """
    return fetch_each(session, statement, AgedDebts, **DEBTS.parameters(session, asked))


class Penalties(NamedTuple):
    """Penalties of a division: what was charged, what was taken back, and what stands.

    Source: ``penalty``.
    """

    division_id: int
    accounts: int
    charged_tiyin: int
    reversed_tiyin: int
    kept_tiyin: int


PENALTIES = Documents(
    f"""
    SELECT part.part_id AS division_id, y.division_id AS own_id, 'penalty' AS row_table, y.id AS row_id, y.account_id,
           (y.created_at AT TIME ZONE 'Asia/Tashkent')::date AS row_on, 1 AS accounts,
           greatest(y.amount_tiyin, 0) AS charged_tiyin, greatest(-y.amount_tiyin, 0) AS reversed_tiyin, y.amount_tiyin AS kept_tiyin
    FROM penalty y {parted("y")}
    WHERE y.created_at >= CAST(:start AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
      AND y.created_at < CAST(:end AS date)::timestamp AT TIME ZONE 'Asia/Tashkent' AND {of_kind("y")}
    """,
    frozenset({"accounts"}),
)
