"""All readings a bill is made of: also those of reactive energy and capacity, which leave no consumption but stand in its lines."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.metering import Quality, RegisterCode
from app.queries.billing.bills import ConsumptionRow, bill_consumption
from app.queries.documents import as_made
from app.queries.records import fetch_all

#: Readings of the account's further registers as they stood when the bill was made, each with the one before it.
_FURTHER = f"""
    WITH known AS (
        SELECT b.id AS bill_id, r.meter_installation_id, r.register_id, r.read_on, r.dial_milli,
               lag(r.read_on) OVER series AS earlier_on, lag(r.dial_milli) OVER series AS earlier_milli
        FROM bill b JOIN reading r ON r.account_id = b.account_id AND r.created_at <= b.created_at AND r.kind <> 'WITHDRAWAL'
        WHERE b.id = ANY(:ids) AND b.quality = 'ACTUAL' AND r.read_on <= b.period_to
          AND r.register_id IN (SELECT id FROM register WHERE code IN ('REACTIVE', 'DEMAND'))
          AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id AND n.created_at <= b.created_at)
        WINDOW series AS (PARTITION BY b.id, r.meter_installation_id, r.register_id ORDER BY r.read_on, r.id)
    )
    SELECT b.id AS bill_id, g.code, m.serial_number, b.period_from, k.earlier_on, k.read_on, k.earlier_milli, k.dial_milli,
           1000 * (10 ^ g.digits)::bigint AS capacity_milli, i.ct_primary::bigint * i.vt_primary AS numerator,
           i.ct_secondary::bigint * i.vt_secondary AS denominator, coalesce(r.quantum_milli, 1) AS quantum_milli
    FROM bill b JOIN known k ON k.bill_id = b.id AND k.read_on > b.period_from
    {as_made.row("meter_installation", "i", "i_now.id = k.meter_installation_id", "b.created_at")}
    {as_made.row("device", "m", "m_now.id = i.meter_id", "b.created_at")}
    {as_made.row("register", "g", "g_now.id = k.register_id", "b.created_at")}
    JOIN service_point sp ON sp.id = i.service_point_id JOIN resource r ON r.id = sp.resource_id
    WHERE b.id = ANY(:ids) AND (g.code = 'DEMAND' OR k.earlier_on IS NOT NULL)
    ORDER BY b.id, g.code DESC, k.read_on, k.meter_installation_id, k.register_id
"""


def bill_readings(session: Session, *ids: int) -> list[ConsumptionRow]:
    """Return the energy bills are made of with its readings, then what their reactive registers counted and capacity registers showed."""
    return bill_consumption(session, *ids) + further_readings(session, *ids)


def further_readings(session: Session, *ids: int) -> list[ConsumptionRow]:
    """Return what the reactive registers of bills counted and their capacity registers showed."""
    return [_row_of(row) for row in fetch_all(session, _FURTHER, _Reading, ids=list(ids))]


class _Reading(NamedTuple):
    bill_id: int
    code: str
    serial_number: str
    period_from: date
    earlier_on: date | None
    read_on: date
    earlier_milli: int | None
    dial_milli: int
    capacity_milli: int
    numerator: int
    denominator: int
    quantum_milli: int


def _row_of(row: _Reading) -> ConsumptionRow:
    """Return a reading as bills list it; a register of capacity counts nothing, so what it showed is the quantity."""
    counts = row.code == RegisterCode.REACTIVE
    earlier = (row.earlier_milli or 0) if counts else 0
    rolled_over = row.dial_milli < earlier
    shown = row.dial_milli - earlier + (row.capacity_milli if rolled_over else 0)
    quantum = row.quantum_milli if counts else 1
    quantity = (2 * shown * row.numerator + row.denominator * quantum) // (2 * row.denominator * quantum) * quantum
    return ConsumptionRow(
        period_from=row.earlier_on if counts and row.earlier_on else row.period_from, period_to=row.read_on,
        quantity_milli=quantity, quality=Quality.ACTUAL,
        meter=row.serial_number, earlier_milli=row.earlier_milli if counts else None, later_milli=row.dial_milli,
        multiplier=Decimal(row.numerator) / row.denominator, rolled_over=rolled_over, capacity_milli=row.capacity_milli, zone=row.code,
        bill_id=row.bill_id,
    )  # fmt: skip
