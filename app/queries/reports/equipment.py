"""Devices: what warehouses and brigades kept, got and gave, and meters by type, age and verification."""

from typing import NamedTuple

from app.domain.equipment import DeviceState, VerificationState
from app.queries.movements import DEVICES, MovedTable
from app.queries.reports import Documents, parted, within


class StockTurnover(NamedTuple):
    """Devices of a model that a warehouse or a brigade kept when the period began, got and gave in it, and kept when it ended.

    Source: ``movement``.
    """

    division_id: int
    stock_place: str
    device_model: str
    opening_devices: int
    devices_in: int
    devices_out: int
    closing_devices: int


def turnover(moved: MovedTable, told: str, joins: str) -> Documents:
    """Return what places kept, got and gave of things: a movement is one more where it leads, and one less where it begins.

    :param told: the column of the report that tells things (``t``) apart, as SQL, with its name
    :param joins: the tables that it needs beside
    """
    things = f"{moved.name}s"
    return Documents(
        f"""
        SELECT part.part_id AS division_id, p.division_id AS own_id, '{moved.movements}' AS row_table, m.id AS row_id,
               NULL::bigint AS account_id, m.moved_on AS row_on, p.name AS stock_place, {told},
               CASE WHEN {within("m.moved_on")} THEN 0 ELSE x.change END AS opening_{things},
               CASE WHEN {within("m.moved_on")} THEN greatest(x.change, 0) ELSE 0 END AS {things}_in,
               CASE WHEN {within("m.moved_on")} THEN greatest(-x.change, 0) ELSE 0 END AS {things}_out,
               x.change AS closing_{things}
        FROM {moved.movements} m
        CROSS JOIN LATERAL (VALUES (m.to_stock_place_id, 1), (m.from_stock_place_id, -1)) x (place_id, change)
        JOIN stock_place p ON p.id = x.place_id {parted("p")}
        JOIN {moved.name} t ON t.id = m.{moved.name}_id {joins}
        WHERE m.moved_on < CAST(:end AS date) AND m.to_stock_place_id IS DISTINCT FROM m.from_stock_place_id AND {moved.stands("m")}
        """
    )


STOCK = turnover(DEVICES, "k.name AS device_model", "JOIN device_model k ON k.id = t.model_id")


class MetersByAge(NamedTuple):
    """Meters of a model, by state, by the years since they were made (and up to the next group), and by verification.

    Source: ``device``.
    """

    division_id: int
    device_model: str
    device_state: DeviceState
    years_from_no: int | None
    verification: VerificationState
    meters: int


METERS = Documents(
    f"""
    SELECT part.part_id AS division_id, d.division_id AS own_id, 'device' AS row_table, d.id AS row_id, NULL::bigint AS account_id,
           d.verified_to AS row_on, k.name AS device_model, d.state AS device_state,
           (SELECT max(age) FROM unnest(ARRAY[0, 4, 8, 12, 16]) a (age)
            WHERE age <= extract(year FROM CAST(:start AS date)) - d.made_in_year) AS years_from_no,
           CASE WHEN d.verified_to IS NULL THEN 'UNKNOWN' WHEN d.verified_to <= CAST(:start AS date) THEN 'EXPIRED'
                WHEN d.verified_to <= CAST(:start AS date) + 60 THEN 'ENDS_SOON' ELSE 'HOLDS' END AS verification,
           1 AS meters
    FROM device d {parted("d")} JOIN device_model k ON k.id = d.model_id JOIN device_kind n ON n.id = k.device_kind_id
    WHERE n.has_registers AND d.state IS NOT NULL AND d.state <> 'WRITTEN_OFF'
    """
)
