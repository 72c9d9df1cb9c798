"""Payments by channel, contract and day, and money in suspense."""

from datetime import date
from typing import NamedTuple

from app.domain.payments.channels import Channel
from app.queries.reports import Documents, of_kind, parted, within

PAYMENTS = Documents(
    f"""
    SELECT part.part_id AS division_id, y.division_id AS own_id, 'payment' AS row_table, y.id AS row_id, y.account_id,
           y.received_on AS row_on, y.channel, coalesce(k.name, '') AS contract, y.received_on,
           (y.reverses_id IS NULL)::int AS payments, CASE WHEN y.reverses_id IS NULL THEN y.amount_tiyin ELSE 0 END AS credited_tiyin,
           (y.reverses_id IS NOT NULL)::int AS reversals, CASE WHEN y.reverses_id IS NULL THEN 0 ELSE y.amount_tiyin END AS reversed_tiyin,
           CASE WHEN y.reverses_id IS NULL THEN y.amount_tiyin ELSE -y.amount_tiyin END AS kept_tiyin
    FROM payment y {parted("y")} LEFT JOIN tender t ON t.id = y.tender_id LEFT JOIN payment_contract k ON k.id = t.payment_contract_id
    WHERE {within("y.received_on")} AND {of_kind("y")}
    """
)


class ChannelPayments(NamedTuple):
    """What was credited over a channel under a contract, what of it was taken back, and what is kept.

    Source: ``payment``.
    """

    division_id: int
    channel: Channel
    contract: str
    payments: int
    credited_tiyin: int
    reversals: int
    reversed_tiyin: int
    kept_tiyin: int


class DayPayments(NamedTuple):
    """What was credited on a day, what was taken back, and what is kept.

    Source: ``payment``.
    """

    division_id: int
    received_on: date
    payments: int
    credited_tiyin: int
    reversals: int
    reversed_tiyin: int
    kept_tiyin: int


class Suspense(NamedTuple):
    """Money that no account is known for, by contract and month received.

    Source: ``tender``.
    """

    division_id: int
    contract: str
    received_month: date | None
    tenders: int
    amount_tiyin: int


SUSPENSE = Documents(
    f"""
    SELECT part.part_id AS division_id, t.division_id AS own_id, 'tender' AS row_table, t.id AS row_id, NULL::bigint AS account_id,
           t.received_on AS row_on, k.name AS contract, date_trunc('month', t.received_on)::date AS received_month,
           1 AS tenders, t.amount_tiyin
    FROM tender t {parted("t")} JOIN payment_contract k ON k.id = t.payment_contract_id
    WHERE t.account_id IS NULL AND t.status = 'PERFORMED'
    """
)
