"""What shadow runs found."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.live import live
from app.queries.names import shown
from app.queries.records import Choice, fetch_all, fetch_one, fetch_optional

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
    SELECT g.id, {shown("g")} AS name, {_SUMS} FROM shadow_result r JOIN tariff_group g ON g.id = r.tariff_group_id {_WHERE}
    GROUP BY g.id ORDER BY 2, g.id
"""
_BY_DIVISION = f"""
    SELECT d.id, {shown("d")} AS name, {_SUMS} FROM shadow_result r JOIN division d ON d.id = r.division_id {_WHERE}
    GROUP BY d.id ORDER BY 2, d.id
"""

_DRAFTS = f"""
    SELECT c.id, t.id AS tariff_id, {shown("t")} AS tariff, c.contents ->> 'blocks' AS blocks
    FROM reference_change c LEFT JOIN tariff_version v ON v.id = c.row_id
    JOIN tariff t ON t.id = coalesce((c.contents ->> 'tariff_id')::bigint, v.tariff_id)
    WHERE c.table_name = 'tariff_version' AND c.status IN ('DRAFT', 'APPROVED') AND c.contents ->> 'blocks' <> ''
      AND (CAST(:approval_id AS bigint) IS NULL OR c.approval_id = :approval_id)
    ORDER BY c.id
"""
_LAST_MONTH = """
    SELECT coalesce(max(billing_month) FILTER (WHERE billing_month < :month), max(billing_month)) FROM bill_run WHERE status = 'POSTED'
"""


def count_posted(session: Session, *, division_id: int, month: date) -> int:
    """Return how many live bills a division's month has."""
    return fetch_one(session, _COUNT, int, division_id=division_id, month=month)


class StepSums(NamedTuple):
    """What a step of a tariff came to, as posted and as proposed."""

    component: str
    zone: str
    block_no: int
    bills: int
    quantity_now_milli: int
    quantity_proposed_milli: int
    amount_now_tiyin: int
    amount_proposed_tiyin: int


def by_step(session: Session, run_id: int, division_id: int | None = None) -> list[StepSums]:
    """Return what each step came to, as posted and as proposed; amounts in tiyin."""
    return fetch_all(session, _BY_STEP, StepSums, run_id=run_id, division_id=division_id)


class PartSums(NamedTuple):
    """What a tariff group or a division came to, as posted and as proposed."""

    id: int
    name: str
    bills: int
    quantity_now_milli: int
    quantity_proposed_milli: int
    amount_now_tiyin: int
    amount_proposed_tiyin: int


def by_group(session: Session, run_id: int, division_id: int | None = None) -> list[PartSums]:
    """Return what each tariff group came to."""
    return fetch_all(session, _BY_GROUP, PartSums, run_id=run_id, division_id=division_id)


def by_division(session: Session, run_id: int, division_id: int | None = None) -> list[PartSums]:
    """Return what each division came to."""
    return fetch_all(session, _BY_DIVISION, PartSums, run_id=run_id, division_id=division_id)


def tariffs(session: Session) -> list[Choice]:
    """Return the tariffs in use: id and name."""
    return fetch_all(session, "SELECT id, name FROM tariff WHERE retired_on IS NULL ORDER BY name", Choice)


class DraftVersion(NamedTuple):
    """A tariff version that waits for approval or for its day."""

    id: int
    tariff_id: int
    tariff: str
    blocks: str | None


def drafts(session: Session, approval_id: int | None = None) -> list[DraftVersion]:
    """Return the tariff versions that wait for approval or for their day: id of the change, tariff and blocks.

    :param approval_id: only those of a request
    """
    return fetch_all(session, _DRAFTS, DraftVersion, approval_id=approval_id)


def last_posted_month(session: Session, *, before: date) -> date | None:
    """Return the newest month before another that a run was posted for; if there is none, the newest of all."""
    return fetch_optional(session, _LAST_MONTH, date, month=before)
