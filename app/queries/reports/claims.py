"""Debts by age, and penalties."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.ledger.debts import Band
from app.domain.reference import ConsumerKind
from app.queries.ledger.debts import age_bands
from app.queries.records import fetch_each
from app.queries.reports import ReportRequest, kind_counts, of_kind, parted


class AgedDebts(NamedTuple):
    """Unpaid bills of a kind of consumers, by the days since they were due; without a last day: and older, 0 to 0: not due yet."""

    division_id: int
    consumer_kind: ConsumerKind
    days_from_no: int
    days_to_no: int | None
    bills: int
    debt_tiyin: int


def debts(session: Session, asked: ReportRequest) -> Iterator[AgedDebts]:
    """Yield unpaid bills by age now.

    Source: ``debt_total``.
    """
    today = asked.period.start
    age: Sequence[Band] = age_bands(session, today)
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
        JOIN unnest(CAST(:first_days AS int[]), CAST(:last_days AS int[])) WITH ORDINALITY AS b (first_day, last_day, place)
            ON b.place = x.place + 1
        WHERE x.bills <> 0
        ORDER BY x.division_id, x.consumer_kind, x.place
        """
    given = {**asked.parameters, "after": [band.first_day for band in age[1:]]}
    del given["end"]
    given |= {"first_days": [band.first_day for band in age], "last_days": [band.last_day for band in age]}
    return fetch_each(session, statement, AgedDebts, **given)


class Penalties(NamedTuple):
    """Penalties of a division: what was charged, what was taken back, and what stands."""

    division_id: int
    accounts: int
    charged_tiyin: int
    reversed_tiyin: int
    kept_tiyin: int


def penalties(session: Session, asked: ReportRequest) -> Iterator[Penalties]:
    """Yield penalties by the day they were charged or taken back.

    Source: ``penalty``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, count(DISTINCT y.account_id) AS accounts,
               coalesce(sum(y.amount_tiyin) FILTER (WHERE y.amount_tiyin > 0), 0)::bigint AS charged_tiyin,
               coalesce(-sum(y.amount_tiyin) FILTER (WHERE y.amount_tiyin < 0), 0)::bigint AS reversed_tiyin,
               coalesce(sum(y.amount_tiyin), 0)::bigint AS kept_tiyin
        FROM penalty y {parted("y")}
        WHERE y.created_at >= CAST(:start AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'
          AND y.created_at < CAST(:end AS date)::timestamp AT TIME ZONE 'Asia/Tashkent' AND {of_kind("y")}
        GROUP BY part.part_id
        """
    return fetch_each(session, statement, Penalties, **asked.parameters)
