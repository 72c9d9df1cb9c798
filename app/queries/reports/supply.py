"""Supplies cut and restored."""

from typing import NamedTuple

from app.domain.supply import OffReason, StateSource
from app.queries.reports import Documents, of_kind, parted, within

_DAY = "(p.begins_at AT TIME ZONE 'Asia/Tashkent')::date"
_START, _END = (f"CAST(:{name} AS date)::timestamp AT TIME ZONE 'Asia/Tashkent'" for name in ("start", "end"))
#: Full minutes of a state within the period, up to ``:now``.
_MINUTES = f"""(floor(extract(
    epoch FROM least(coalesce(p.ends_at, {_END}), {_END}, CAST(:now AS timestamptz)) - greatest(p.begins_at, {_START})))::bigint / 60)"""


class SwitchedSupplies(NamedTuple):
    """Supplies that were cut and restored, by why they were off and by who says so, those off at the end, and hours without supply.

    A supply off for another reason right after it was off is cut once.

    Source: ``point_state``.
    """

    division_id: int
    off_reason: OffReason
    state_source: StateSource
    cut: int
    restored: int
    off_at_end: int
    hours_off_milli: int


#: States that stand: those that begin in the period, and those in which a supply is off at its end.
SWITCHED = Documents(
    f"""
    SELECT part.part_id AS division_id, p.division_id AS own_id, 'point_state' AS row_table, p.id AS row_id, p.account_id,
           {_DAY} AS row_on, coalesce(p.off_reason, before.off_reason, 'DEVICE') AS off_reason, p.state_source,
           (p.supply_state = 'OFF' AND before.id IS NULL AND {within(_DAY)})::int AS cut,
           (p.supply_state = 'ON' AND before.id IS NOT NULL AND {within(_DAY)})::int AS restored,
           (p.supply_state = 'OFF' AND (p.ends_at IS NULL OR p.ends_at >= {_END}))::int AS off_at_end,
           CASE WHEN p.supply_state = 'OFF' THEN greatest({_MINUTES}, 0) * 1000 / 60 ELSE 0 END AS hours_off_milli
    FROM point_state p {parted("p")}
    LEFT JOIN point_state before ON before.service_point_id = p.service_point_id AND before.withdrawn_act_id IS NULL
        AND before.supply_state = 'OFF' AND before.ends_at = p.begins_at
    WHERE p.withdrawn_act_id IS NULL AND p.begins_at < {_END} AND {of_kind("p")} AND (
        p.supply_state = 'OFF' AND (p.ends_at IS NULL OR p.ends_at > {_START})
        OR p.supply_state = 'ON' AND before.id IS NOT NULL AND p.begins_at >= {_START})
    """
)
