"""Energy that was paid for before a price rose keeps its old price.

Source: amendments of August 2024: households keep the price of up to two months within the norm, others of up to one month.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.domain.reference import ConsumerKind
from app.domain.tariffs import quantity_paid
from app.models.supply import PrepaidVolume
from app.queries import administration as parameters
from app.queries.records import fetch_all

_VALID_DAYS = 366

#: Accounts with money ahead whose price changes on the day, the rate and end of the first block, and their usual month.
_PAID_AHEAD = """
    SELECT a.id, a.division_id, c.kind, p.advance_tiyin, v.id AS version_id, r.quantum_milli, b.upper_milli,
           (b.rate * 10000)::bigint AS rate_e4, coalesce(h.monthly, 0)::bigint AS monthly
    FROM account_position p
    JOIN account a ON a.id = p.account_id
    JOIN division d ON d.id = a.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
    JOIN consumer c ON c.id = a.consumer_id
    JOIN supply s ON s.account_id = a.id AND s.valid_from < :day AND coalesce(s.valid_to > :day, true)
    JOIN service_point sp ON sp.id = s.service_point_id
    JOIN resource r ON r.id = sp.resource_id
    JOIN tariff t ON t.resource_id = sp.resource_id AND t.tariff_group_id = s.tariff_group_id
    JOIN tariff_version v ON v.tariff_id = t.id AND v.valid_to = :day
    JOIN LATERAL (
        SELECT rate, upper_milli FROM tariff_block WHERE version_id = v.id AND zone = 'TOTAL' AND rate > 0 ORDER BY block_no LIMIT 1
    ) b ON true
    LEFT JOIN LATERAL (
        SELECT sum(quantity_milli) * 30 / greatest(sum(period_to - period_from), 1) AS monthly
        FROM consumption WHERE account_id = a.id AND quality = 'ACTUAL' AND period_to > CAST(:day AS date) - 100
    ) h ON true
    WHERE p.advance_tiyin > 0
      AND NOT EXISTS (SELECT 1 FROM prepaid_volume x WHERE x.account_id = a.id AND x.tariff_version_id = v.id)
    ORDER BY a.id
"""


class _PaidAhead(NamedTuple):
    id: int
    division_id: int
    kind: str
    advance_tiyin: int
    version_id: int
    quantum_milli: int
    upper_milli: int | None
    rate_e4: int
    #: energy of a usual month
    monthly: int


def grant_prepaid(session: Session, *, division_id: int, day: date, basis: str) -> int:
    """Let the accounts of a division keep the price that ends on a day for the energy they had paid for; return how many do.

    A second call grants nothing more.
    """
    rows = prepaid_offers(session, division_id=division_id, day=day)
    if rows:
        session.execute(insert(PrepaidVolume), [row | {"basis": basis} for row in rows])
    return len(rows)


def prepaid_offers(session: Session, *, division_id: int, day: date) -> list[dict[str, Any]]:
    """Return the volumes that the accounts of a division would keep at the price that ends on a day.

    A household's energy is bounded by the norm, the end of the first block, where there is one; others by their usual
    month.
    """
    months = {
        ConsumerKind.HOUSEHOLD: parameters.value_on(session, "tariffs.prepaid_months_household", day),
        ConsumerKind.LEGAL: parameters.value_on(session, "tariffs.prepaid_months_legal", day),
    }
    rows = []
    for row in fetch_all(session, _PAID_AHEAD, _PaidAhead, division_id=division_id, day=day):
        kind = ConsumerKind(row.kind)
        norm = row.upper_milli if kind is ConsumerKind.HOUSEHOLD and row.upper_milli else row.monthly
        paid = quantity_paid(row.advance_tiyin, row.rate_e4, quantum_milli=row.quantum_milli)
        quantity = min(paid, norm * months[kind])
        if quantity > 0:
            rows.append(
                {
                    "division_id": row.division_id,
                    "account_id": row.id,
                    "tariff_version_id": row.version_id,
                    "quantity_milli": quantity,
                    "valid_from": day,
                    "valid_to": day + timedelta(days=_VALID_DAYS),
                }
            )
    return rows
