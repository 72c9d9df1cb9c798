"""Demo accounts on which acts were performed: a tariff group, a term and a benefit from a day, and a billed reading."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from app.queries.records import fetch_all, fetch_one, fetch_optional
from app.services import acts

#: Households with a bill of the month and an actual reading in it that nobody replaced, the last of the district first.
_HOMES = """
    SELECT a.id AS account_id, r.id AS reading_id, r.read_on, r.dial_milli / 1000 - 1 AS dial
    FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD'
    JOIN bill b ON b.account_id = a.id AND b.billing_month = :month AND b.quality = 'ACTUAL' AND b.quantity_milli > 10000
    JOIN consumption x ON x.bill_id = b.id AND x.billing_month = b.billing_month AND x.zone = 'TOTAL'
    JOIN reading r ON r.id = x.later_reading_id
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL JOIN service_point p ON p.id = s.service_point_id
    JOIN resource e ON e.id = p.resource_id AND e.code = 'ELECTRICITY'
    JOIN tariff_group g ON g.id = s.tariff_group_id AND g.code = 'HOUSEHOLD'
    WHERE a.division_id = :division_id AND x.quantity_milli > 10000 AND a.closed_on IS NULL
      AND NOT EXISTS (SELECT 1 FROM supply_term t WHERE t.account_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM account_benefit t WHERE t.account_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM consumption y WHERE y.bill_id = b.id AND y.billing_month = b.billing_month AND y.id <> x.id)
    ORDER BY a.id DESC LIMIT 5
"""


class Home(NamedTuple):
    """An account, a reading it was billed with, and what the register may have shown."""

    account_id: int
    reading_id: int
    read_on: date
    dial: int


def perform_acts(session: Session, division_id: int, *, month: date, today: date) -> int:
    """Perform an example of each act on a district's accounts that were billed for a month; return how many."""
    homes = fetch_all(session, _HOMES, Home, division_id=division_id, month=month)
    done = 0
    for home, (kind, day, parameters) in zip(homes, _examples(session, homes, month), strict=False):
        request = ActRequest(
            kind,
            division_id,
            day,
            "namunaviy ariza",
            parameters,
            f"demo-{division_id}-{kind}-{home.account_id}",
            account_id=home.account_id,
        )
        acts.submit(session, request, today=today)
        done += 1
    day = month.replace(day=15)
    volume = fetch_optional(session, _VOLUME, _Volume, division_id=division_id, day=day)
    if volume:
        given = {"prepaid_volume_id": volume.id}
        request = ActRequest(
            ActKind.WITHDRAW_PREPAID, division_id, day, "namunaviy ariza", given, f"demo-{division_id}-prepaid",
            account_id=volume.account_id,
        )  # fmt: skip
        acts.submit(session, request, today=today)
    return done + (volume is not None)


class _Volume(NamedTuple):
    id: int
    account_id: int


_VOLUME = """
    SELECT id, account_id FROM prepaid_volume
    WHERE division_id = :division_id AND valid_from <= :day AND valid_to > :day ORDER BY id LIMIT 1
"""


def _examples(session: Session, homes: list[Home], month: date) -> Iterator[tuple[ActKind, date, dict[str, Any]]]:
    group = fetch_one(session, "SELECT id FROM tariff_group WHERE code = 'HOUSEHOLD_STOVE'", int)
    benefit = fetch_optional(session, "SELECT min(id) FROM benefit", int)
    day = month.replace(day=15)
    yield ActKind.CHANGE_TARIFF_GROUP, day, {"tariff_group_id": group}
    yield ActKind.CHANGE_TERM, month, {"term": "FAMILIES", "value_milli": 2000}
    yield ActKind.CHANGE_BENEFIT, day, {"benefit_id": benefit, "is_granted": True}
    if len(homes) > 3:
        yield ActKind.CORRECT_READING, homes[3].read_on, {"reading_id": homes[3].reading_id, "dial": str(homes[3].dial)}
        yield ActKind.CHANGE_TERM, month, {"term": "CAPACITY", "value_milli": 15_000}
