"""Indicators: what the worker counted, targets, and the company's own words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.indicators import Direction
from app.queries.records import fetch_all, fetch_optional
from app.queries.reports import PART

#: Under this name the money of single days is kept.
RECEIVED = "received"
#: So few accounts are counted all at once.
FEW_ACCOUNTS = 100_000


class KeptFigure(NamedTuple):
    """What was counted last of an indicator, for a part of a division."""

    division_id: int
    name: str
    begins_on: date
    part: int
    whole: int
    counted_at: datetime


def kept(
    session: Session, names: Sequence[str], divisions: Sequence[int], parts: Sequence[int], months: Sequence[date]
) -> list[KeptFigure]:
    """Return what the worker counted of some months, added up by part, with the moment of the oldest count."""
    statement = f"""
        SELECT part.part_id AS division_id, v.name, v.begins_on, sum(v.part)::bigint AS part, sum(v.whole)::bigint AS whole,
               min(v.counted_at) AS counted_at
        FROM indicator_value v JOIN {PART} ON part.division_id = v.division_id
        WHERE v.name = ANY(:names) AND v.begins_on = ANY(:months)
        GROUP BY part.part_id, v.name, v.begins_on
        """
    given = {"names": list(names), "months": list(months), "divisions": list(divisions), "parts": list(parts)}
    return fetch_all(session, statement, KeptFigure, **given)


class DayMoney(NamedTuple):
    """What was received on a day."""

    day: date
    amount_tiyin: int


def received(session: Session, divisions: Sequence[int], since: date) -> list[DayMoney]:
    """Return the money of each day since one, as it was counted last."""
    statement = """
        SELECT begins_on AS day, sum(part)::bigint AS amount_tiyin FROM indicator_value
        WHERE name = :name AND begins_on >= :since AND division_id = ANY(:divisions) GROUP BY begins_on ORDER BY begins_on
        """
    return fetch_all(session, statement, DayMoney, name=RECEIVED, since=since, divisions=list(divisions))


class Piece(NamedTuple):
    """A month of a part of the tree that is to be counted anew: the division at its top, and whether those below belong to it."""

    division_id: int
    path: str
    whole: bool
    month: date


def stale_piece(session: Session, months: Sequence[date], changing: Sequence[date], before: datetime) -> Piece | None:
    """Return what was never counted or, of the months that change, was counted before a moment, the longest ago first; None: nothing.

    Pieces are the regions with all below them, and the company itself; where accounts are few, the company with all below it.
    """
    statement = """
        WITH size AS (SELECT reltuples < :few AS is_small FROM pg_class WHERE oid = 'account'::regclass)
        SELECT d.id AS division_id, d.path, d.parent_id IS NOT NULL OR s.is_small AS whole, m.month
        FROM size s JOIN division d ON d.level = 'REPUBLIC' OR (d.level = 'REGION' AND NOT s.is_small)
        CROSS JOIN unnest(CAST(:months AS date[])) AS m (month)
        LEFT JOIN indicator_value v ON v.division_id = d.id AND v.begins_on = m.month AND v.name = 'billed'
        WHERE v.counted_at IS NULL OR (m.month = ANY(:changing) AND v.counted_at < :before)
        ORDER BY v.counted_at NULLS LAST, m.month DESC, d.id LIMIT 1
        """
    given = {"months": list(months), "changing": list(changing), "before": before, "few": FEW_ACCOUNTS}
    return fetch_optional(session, statement, Piece, **given)


class TargetRecord(NamedTuple):
    """What a division is to reach."""

    division_id: int
    name: str
    target: int


def targets(session: Session, divisions: Sequence[int], month: date) -> list[TargetRecord]:
    """Return the targets of divisions for a month."""
    statement = "SELECT division_id, name, target FROM indicator_target WHERE division_id = ANY(:divisions) AND billing_month = :month"
    return fetch_all(session, statement, TargetRecord, divisions=list(divisions), month=month)


class OwnWords(NamedTuple):
    """What the company says of an indicator; empty: as declared."""

    name: str
    definition: str
    source: str
    owner: str
    direction: Direction | None


def own_words(session: Session) -> list[OwnWords]:
    """Return what the company says of indicators in its own words."""
    return fetch_all(session, "SELECT name, definition, source, owner, direction FROM indicator ORDER BY name", OwnWords)
