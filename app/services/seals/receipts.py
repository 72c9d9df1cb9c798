"""Seals of documents: found by their numbers and ranges, and received with a protocol of the numbers that stand already."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.seals import SealEvent, SealPlace, SealRange, SealRefusal, SealRefused, SealState
from app.models.seals import SealKind
from app.queries.records import fetch_all, fetch_one
from app.services.seals.movements import FOUND, WANTED, SealCause, added, move, wanted

#: Numbers of a protocol that are named one by one.
MOST_NAMED = 200


class ReceivedSeals(NamedTuple):
    """What a receipt did.

    :ivar seals_count: of the seals that were received
    :ivar doubles: numbers that stand already, with where they are, as many as are named
    :ivar doubles_count: of all numbers that were left out
    """

    seals_count: int
    doubles: list[dict[str, Any]]
    doubles_count: int


class _Double(NamedTuple):
    number: str
    state: SealState
    place: str


_DOUBLES = f"""
    SELECT s.number, s.state, coalesce(k.name, concat_ws(' ', o.name, d.serial_number), '') AS place
    FROM {FOUND} LEFT JOIN stock_place k ON k.id = s.stock_place_id
    LEFT JOIN device d ON d.id = s.device_id LEFT JOIN device_model o ON o.id = d.model_id
    WHERE s.state IS NOT NULL ORDER BY s.number LIMIT {MOST_NAMED}
"""


def receive(
    session: Session, ranges: Sequence[SealRange], *, division_id: int, kind_id: int | None, to: SealPlace, on: date, today: date,
    cause: SealCause,
) -> ReceivedSeals:  # fmt: skip
    """Receive new seals in a warehouse; numbers that stand already are left out and told.

    :raises SealRefused: if no kind is said, or every number stands already
    """
    kind = session.get(SealKind, kind_id or 0)
    if kind is None or not kind.is_own:
        raise SealRefused(SealRefusal.NO_KIND, column="seal_kind_id")
    doubles = fetch_all(session, _DOUBLES, _Double, **wanted(ranges))
    fresh = added(session, ranges, division_id=division_id, kind_id=kind.id)
    if not fresh:
        raise SealRefused(SealRefusal.ALL_DOUBLES, ", ".join(each.number for each in doubles[:5]), column="seals")
    move(session, fresh, SealEvent.RECEIVE, on=on, today=today, cause=cause, to=to)
    named = [each._asdict() for each in doubles]
    return ReceivedSeals(len(fresh), named, sum(each.seals for each in ranges) - len(fresh))


_IDS = f"SELECT s.id FROM {FOUND} WHERE s.division_id = :division AND s.state IS NOT NULL"
_MISSING = f"""
    SELECT w.number FROM ({WANTED}) w
    WHERE NOT EXISTS (SELECT FROM seal s WHERE s.number_key = w.key AND s.division_id = :division AND s.state IS NOT NULL OFFSET 0)
    ORDER BY w.number LIMIT 5
"""
_DISTINCT = f"SELECT count(*) FROM ({WANTED}) w"


def seals_of(session: Session, ranges: Sequence[SealRange], *, division_id: int) -> list[int]:
    """Return the seals of a division that ranges name.

    :raises SealRefused: if one is not known there, or named twice
    """
    given = wanted(ranges)
    missing = fetch_all(session, _MISSING, str, division=division_id, **given)
    if missing:
        raise SealRefused(SealRefusal.UNKNOWN, ", ".join(missing), column="seals")
    found = fetch_all(session, _IDS, int, division=division_id, **given)
    if fetch_one(session, _DISTINCT, int, **given) < sum(each.seals for each in ranges):
        raise SealRefused(SealRefusal.WRITTEN_TWICE, column="seals")
    return found
