"""Payments by channel, contract and day, and money in suspense."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.payments.channels import Channel
from app.queries.records import fetch_each
from app.queries.reports import ReportRequest, of_kind, parted, within

_SUMS = """
    count(*) FILTER (WHERE y.reverses_id IS NULL) AS payments,
    coalesce(sum(y.amount_tiyin) FILTER (WHERE y.reverses_id IS NULL), 0)::bigint AS credited_tiyin,
    count(y.reverses_id) AS reversals,
    coalesce(sum(y.amount_tiyin) FILTER (WHERE y.reverses_id IS NOT NULL), 0)::bigint AS reversed_tiyin,
    coalesce(sum(CASE WHEN y.reverses_id IS NULL THEN y.amount_tiyin ELSE -y.amount_tiyin END), 0)::bigint AS kept_tiyin
"""


class ChannelPayments(NamedTuple):
    """What was credited over a channel under a contract, what of it was taken back, and what is kept."""

    division_id: int
    channel: Channel
    contract: str
    payments: int
    credited_tiyin: int
    reversals: int
    reversed_tiyin: int
    kept_tiyin: int


def by_channel(session: Session, asked: ReportRequest) -> Iterator[ChannelPayments]:
    """Yield payments by channel and contract with a bank or provider, by the day they were received.

    Source: ``payment``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, y.channel, coalesce(k.name, '') AS contract, {_SUMS}
        FROM payment y {parted("y")} LEFT JOIN tender t ON t.id = y.tender_id LEFT JOIN payment_contract k ON k.id = t.payment_contract_id
        WHERE {within("y.received_on")} AND {of_kind("y")}
        GROUP BY part.part_id, y.channel, k.name ORDER BY part.part_id, y.channel, k.name
        """
    return fetch_each(session, statement, ChannelPayments, **asked.parameters)


class DayPayments(NamedTuple):
    """What was credited on a day, what was taken back, and what is kept."""

    division_id: int
    received_on: date
    payments: int
    credited_tiyin: int
    reversals: int
    reversed_tiyin: int
    kept_tiyin: int


def by_day(session: Session, asked: ReportRequest) -> Iterator[DayPayments]:
    """Yield payments by the day they were received.

    Source: ``payment``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, y.received_on, {_SUMS}
        FROM payment y {parted("y")}
        WHERE {within("y.received_on")} AND {of_kind("y")}
        GROUP BY part.part_id, y.received_on ORDER BY part.part_id, y.received_on
        """
    return fetch_each(session, statement, DayPayments, **asked.parameters)


class Suspense(NamedTuple):
    """Money that no account is known for, by contract and month received."""

    division_id: int
    contract: str
    received_month: date | None
    tenders: int
    amount_tiyin: int


def suspense(session: Session, asked: ReportRequest) -> Iterator[Suspense]:
    """Yield money in suspense now; it is nobody's yet, so no kind of consumers has any.

    Source: ``tender``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, k.name AS contract, date_trunc('month', t.received_on)::date AS received_month,
               count(*) AS tenders, coalesce(sum(t.amount_tiyin), 0)::bigint AS amount_tiyin
        FROM tender t {parted("t")} JOIN payment_contract k ON k.id = t.payment_contract_id
        WHERE t.account_id IS NULL AND t.status = 'PERFORMED'
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """
    return fetch_each(session, statement, Suspense, divisions=list(asked.divisions), parts=list(asked.parts))
