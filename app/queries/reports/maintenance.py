"""Works on devices planned and done, and the materials they took."""

from typing import NamedTuple

from app.queries.maintenance import RECORD_STANDS
from app.queries.names import shown
from app.queries.reports import Documents, parted, within

_APPROVED = "LEFT JOIN maintenance_plan l ON l.id = w.maintenance_plan_id"
_COUNTS = "w.status <> 'CANCELLED' AND coalesce(l.status = 'APPROVED', true)"


class WorksDone(NamedTuple):
    """Works of a kind that were due in the period, those of them that are not done yet, and works done in it, with their hours.

    Source: ``maintenance_work`` by the day it is due, ``maintenance_record`` by the day it was done.
    """

    division_id: int
    maintenance_kind: str
    planned_works: int
    not_done: int
    done_works: int
    planned_hours_milli: int
    norm_hours_milli: int
    hours_milli: int


WORKS = Documents(
    f"""
    SELECT part.part_id AS division_id, w.division_id AS own_id, 'maintenance_work' AS row_table, w.id AS row_id,
           NULL::bigint AS account_id, w.term_on AS row_on, {shown("k")} AS maintenance_kind, 1 AS planned_works,
           (w.status <> 'DONE')::int AS not_done, 0 AS done_works,
           k.norm_hours_milli AS planned_hours_milli, 0::bigint AS norm_hours_milli, 0::bigint AS hours_milli
    FROM maintenance_work w {parted("w")} JOIN maintenance_kind k ON k.id = w.maintenance_kind_id {_APPROVED}
    WHERE {within("w.term_on")} AND {_COUNTS}
    UNION ALL
    SELECT part.part_id, w.division_id, 'maintenance_record', r.id, NULL::bigint, r.record_on, {shown("k")}, 0, 0, 1, 0::bigint,
           k.norm_hours_milli, r.hours_milli
    FROM maintenance_record r JOIN maintenance_work w ON w.id = r.maintenance_work_id {parted("w")}
    JOIN maintenance_kind k ON k.id = w.maintenance_kind_id
    WHERE {within("r.record_on")} AND r.event = 'CARRY_OUT' AND {RECORD_STANDS}
    """
)


class MaterialsUsed(NamedTuple):
    """How much of a material works took that were done in the period, by where it came from, and how much their norms are.

    Source: ``material_use`` by the day the work was done, ``material_norm``.
    """

    division_id: int
    stock_place: str
    material: str
    unit: str
    used_milli: int
    norm_milli: int


_DONE = f"""
    FROM maintenance_record r JOIN maintenance_work w ON w.id = r.maintenance_work_id {parted("w")}
"""
_IN_PERIOD = f"{within('r.record_on')} AND r.event = 'CARRY_OUT' AND {RECORD_STANDS}"
#: What a norm says belongs to the place that the record's materials came from.
MATERIALS = Documents(
    f"""
    SELECT part.part_id AS division_id, w.division_id AS own_id, 'material_use' AS row_table, u.id AS row_id, NULL::bigint AS account_id,
           r.record_on AS row_on, coalesce(p.name, '') AS stock_place, {shown("t")} AS material, t.unit, u.quantity_milli AS used_milli,
           0::bigint AS norm_milli
    {_DONE} JOIN material_use u ON u.maintenance_record_id = r.id JOIN material t ON t.id = u.material_id
    LEFT JOIN stock_place p ON p.id = u.stock_place_id
    WHERE {_IN_PERIOD}
    UNION ALL
    SELECT part.part_id, w.division_id, 'maintenance_record', r.id, NULL::bigint, r.record_on, coalesce(p.name, ''), {shown("t")}, t.unit,
           0::bigint, n.quantity_milli
    {_DONE} JOIN material_norm n ON n.maintenance_kind_id = w.maintenance_kind_id AND n.retired_on IS NULL
    JOIN material t ON t.id = n.material_id
    LEFT JOIN LATERAL (
        SELECT max(u.stock_place_id) AS place_id FROM material_use u WHERE u.maintenance_record_id = r.id
    ) took ON true
    LEFT JOIN stock_place p ON p.id = took.place_id
    WHERE {_IN_PERIOD}
    """
)
