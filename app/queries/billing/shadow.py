"""What shadow runs found."""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.queries.live import live

_COUNT = f"""
    SELECT count(*) FROM bill b
    JOIN division d ON d.id = b.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
    WHERE b.billing_month = :month AND {live("b")}
"""
_SUMS = """sum(r.bills)::bigint AS bills, sum(r.quantity_now_milli)::bigint AS quantity_now_milli,
    sum(r.quantity_proposed_milli)::bigint AS quantity_proposed_milli, sum(r.amount_now_tiyin)::bigint AS amount_now_tiyin,
    sum(r.amount_proposed_tiyin)::bigint AS amount_proposed_tiyin"""
_WHERE = "WHERE r.shadow_run_id = :run_id AND (CAST(:division_id AS bigint) IS NULL OR r.division_id = :division_id)"
_BY_STEP = f"""
    SELECT r.component, r.zone, r.block_no, {_SUMS} FROM shadow_result r {_WHERE}
    GROUP BY r.component, r.zone, r.block_no ORDER BY r.component DESC, r.zone, r.block_no
"""
_BY_GROUP = f"""
    SELECT g.id, g.name, {_SUMS} FROM shadow_result r JOIN tariff_group g ON g.id = r.tariff_group_id {_WHERE}
    GROUP BY g.id, g.name ORDER BY g.name
"""
_BY_DIVISION = f"""
    SELECT d.id, d.name, {_SUMS} FROM shadow_result r JOIN division d ON d.id = r.division_id {_WHERE}
    GROUP BY d.id, d.name ORDER BY d.name
"""

_DRAFTS = """
    SELECT c.id, t.id AS tariff_id, t.name AS tariff, c.contents ->> 'blocks' AS blocks
    FROM reference_change c JOIN tariff t ON t.id = (c.contents ->> 'tariff_id')::bigint
    WHERE c.table_name = 'tariff_version' AND c.status IN ('DRAFT', 'APPROVED') AND c.contents ->> 'blocks' <> ''
    ORDER BY c.id
"""


def count_posted(session: Session, *, division_id: int, month: date) -> int:
    """Return how many live bills a division's month has."""
    return int(session.scalar(text(_COUNT), {"division_id": division_id, "month": month}) or 0)


def by_step(session: Session, run_id: int, division_id: int | None = None) -> list[Any]:
    """Return what each step came to, as posted and as proposed; amounts in tiyin."""
    return list(session.execute(text(_BY_STEP), {"run_id": run_id, "division_id": division_id}))


def by_group(session: Session, run_id: int, division_id: int | None = None) -> list[Any]:
    """Return what each tariff group came to."""
    return list(session.execute(text(_BY_GROUP), {"run_id": run_id, "division_id": division_id}))


def by_division(session: Session, run_id: int, division_id: int | None = None) -> list[Any]:
    """Return what each division came to."""
    return list(session.execute(text(_BY_DIVISION), {"run_id": run_id, "division_id": division_id}))


def tariffs(session: Session) -> list[tuple[int, str]]:
    """Return the tariffs in use: id and name."""
    return [(row[0], row[1]) for row in session.execute(text("SELECT id, name FROM tariff WHERE retired_on IS NULL ORDER BY name"))]


def drafts(session: Session) -> list[Any]:
    """Return the tariff versions that wait for approval or for their day: id of the change, tariff and blocks."""
    return list(session.execute(text(_DRAFTS)))
