"""What an inspection record is computed from: supplies, energy billed in a window, the last check."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.calendar import NO_END
from app.domain.values import Integers, divide_half_up
from app.queries import arrays
from app.queries.live import live
from app.queries.records import fetch_all, fetch_optional
from app.queries.tariffs import Prices

_DAYS = "- DATE '1970-01-01'"

_BILLED = f"""
    SELECT l.period_from {_DAYS}, l.period_to {_DAYS}, l.quantity_milli
    FROM bill b JOIN bill_line l ON l.bill_id = b.id AND l.billing_month = b.billing_month AND l.component = 'ENERGY'
    WHERE b.account_id = :account_id AND {live("b")}
      AND l.period_from < :to AND l.period_to > :from AND l.quantity_milli <> 0
"""


class RecordRow(NamedTuple):
    """An inspection record for people."""

    id: int
    account_id: int
    number: str
    drawn_on: date
    kind: str
    inspector: str
    period_from: date
    period_to: date
    method: str
    findings: str | None
    derivation: dict[str, Any]
    quantity_milli: int
    amount_tiyin: int
    vat_tiyin: int
    status: str
    charge_id: int | None
    form: int


class SupplyDays(NamedTuple):
    """Days an account was supplied under a tariff; ``tariff`` is its place in the price table, −1: it has none."""

    from_day: int
    to_day: int
    tariff: int


def inspection_record(session: Session, record_id: int) -> RecordRow | None:
    """Return an inspection record."""
    statement = f"SELECT {', '.join(RecordRow._fields)} FROM inspection_record WHERE id = :id"
    return fetch_optional(session, statement, RecordRow, id=record_id)


class _Supply(NamedTuple):
    from_day: int
    to_day: int
    resource_id: int
    tariff_group_id: int


def supplies(session: Session, prices: Prices, account_id: int) -> list[SupplyDays]:
    """Return the supplies of an account in the order of their days."""
    statement = (
        f"SELECT s.valid_from {_DAYS} AS from_day, coalesce(s.valid_to {_DAYS}, {NO_END}) AS to_day, p.resource_id, s.tariff_group_id "
        "FROM supply s JOIN service_point p ON p.id = s.service_point_id WHERE s.account_id = :id ORDER BY s.valid_from"
    )
    rows = fetch_all(session, statement, _Supply, id=account_id)
    return [SupplyDays(row.from_day, row.to_day, prices.places.get((row.resource_id, row.tariff_group_id), -1)) for row in rows]


def last_checked(session: Session, account_id: int) -> date | None:
    """Return the end of the newest window that an inspection record of the account charged or asks to."""
    statement = "SELECT max(period_to) FROM inspection_record WHERE account_id = :id AND status <> 'REFUSED'"
    return fetch_optional(session, statement, date, id=account_id)


def billed_energy(session: Session, account_id: int, from_day: Integers, to_day: Integers) -> Integers:
    """Return the energy live bills charge for in each period, a bill line's shared by its days; in thousandths."""
    if not len(from_day):
        return np.zeros(0, dtype=np.int64)
    start, end, quantity = arrays.columns(
        session, _BILLED, 3, account_id=account_id,
        **{"from": np.datetime64(int(from_day.min()), "D").item(), "to": np.datetime64(int(to_day.max()), "D").item()},
    )  # fmt: skip
    overlap = np.maximum(np.minimum(end, to_day[:, None]) - np.maximum(start, from_day[:, None]), 0)
    shared: Integers = divide_half_up(quantity * overlap, end - start).sum(axis=1)
    return shared
