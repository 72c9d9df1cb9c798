"""Seals: what warehouses and brigades kept, got and gave, those that were applied, and those that were found broken without an act."""

from typing import NamedTuple

from app.domain.seals import InspectionCause, InspectionStatus, SealedPart
from app.queries.movements import SEALS
from app.queries.names import shown
from app.queries.reports import Documents, of_kind, parted, within
from app.queries.reports.equipment import turnover


class SealTurnover(NamedTuple):
    """Seals of a kind that a warehouse or a brigade kept when the period began, got and gave in it, and kept when it ended.

    Source: ``seal_movement``.
    """

    division_id: int
    stock_place: str
    seal_kind: str
    opening_seals: int
    seals_in: int
    seals_out: int
    closing_seals: int


STOCK = turnover(SEALS, f"{shown('k')} AS seal_kind", "JOIN seal_kind k ON k.id = t.seal_kind_id")


class AppliedSeals(NamedTuple):
    """Seals of a kind that a warehouse or a brigade applied in the period, by what they lock.

    Source: ``seal_movement``.
    """

    division_id: int
    stock_place: str
    seal_kind: str
    sealed_part: SealedPart
    applied_seals: int


APPLIED = Documents(
    f"""
    SELECT part.part_id AS division_id, m.division_id AS own_id, 'seal_movement' AS row_table, m.id AS row_id, NULL::bigint AS account_id,
           m.moved_on AS row_on, coalesce(p.name, '') AS stock_place, {shown("k")} AS seal_kind,
           coalesce(m.to_part, 'TERMINAL_COVER') AS sealed_part,
           1 AS applied_seals
    FROM seal_movement m {parted("m")} JOIN seal s ON s.id = m.seal_id JOIN seal_kind k ON k.id = s.seal_kind_id
    LEFT JOIN stock_place p ON p.id = m.from_stock_place_id
    WHERE m.to_state = 'APPLIED' AND {within("m.moved_on")} AND {SEALS.stands("m")}
    """
)


class BrokenSeals(NamedTuple):
    """Inspections that were opened in the period, and those that are open of it or of earlier ones, by what opened them.

    Source: ``inspection``.
    """

    division_id: int
    inspection_cause: InspectionCause
    inspection_status: InspectionStatus
    inspections: int
    open_inspections: int


BROKEN = Documents(
    f"""
    SELECT part.part_id AS division_id, i.division_id AS own_id, 'inspection' AS row_table, i.id AS row_id, i.account_id,
           i.opened_on AS row_on, i.cause AS inspection_cause, i.status AS inspection_status,
           ({within("i.opened_on")})::int AS inspections,
           (i.status = 'OPEN')::int AS open_inspections
    FROM inspection i {parted("i")}
    WHERE i.status <> 'WITHDRAWN' AND i.opened_on < CAST(:end AS date) AND {of_kind("i")}
      AND (i.status = 'OPEN' OR i.opened_on >= CAST(:start AS date))
    """
)
