"""Points that no source reads, and devices that send nothing."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.queries.administration import values_on
from app.queries.reports import Documents, ReportRequest, parted


class SilentPoints(NamedTuple):
    """Meters installed now: how many no source read for the months that are set, and how many that are read from afar are silent.

    Source: ``meter_installation``, ``reading``; the months and days are ``metering.unread_months`` and ``metering.silent_days``.
    """

    division_id: int
    meters: int
    unread: int
    remote_meters: int
    silent: int


def _thresholds(session: Session, asked: ReportRequest) -> Mapping[str, Any]:
    values = values_on(session, "metering", asked.period.start)
    return {"months": values["metering.unread_months"], "days": values["metering.silent_days"]}


SILENT = Documents(
    f"""
    SELECT x.division_id, x.own_id, 'meter_installation' AS row_table, x.id AS row_id, x.account_id, x.last_on AS row_on, 1 AS meters,
           (x.last_on IS NULL OR x.last_on < (CAST(:start AS date) - make_interval(months => CAST(:months AS int)))::date)::int AS unread,
           (x.remote_on IS NOT NULL)::int AS remote_meters,
           coalesce((x.remote_on < CAST(:start AS date) - CAST(:days AS int))::int, 0) AS silent
    FROM (
        SELECT part.part_id AS division_id, i.division_id AS own_id, i.id, last.read_on AS last_on, remote.read_on AS remote_on, (
                   SELECT s.account_id FROM supply s WHERE s.service_point_id = i.service_point_id AND s.valid_to IS NULL
               ORDER BY s.id LIMIT 1
               ) AS account_id
        FROM meter_installation i {parted("i")}
        LEFT JOIN LATERAL (
            SELECT g.id FROM register g WHERE g.meter_id = i.meter_id ORDER BY g.code <> 'TOTAL', g.id LIMIT 1
        ) g ON true
        LEFT JOIN LATERAL (
            SELECT r.read_on FROM reading r
            WHERE r.meter_installation_id = i.id AND r.register_id = g.id AND r.kind <> 'WITHDRAWAL'
              AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id AND n.kind = 'WITHDRAWAL')
            ORDER BY r.read_on DESC LIMIT 1
        ) last ON true
        LEFT JOIN LATERAL (
            SELECT r.read_on FROM reading r
            WHERE r.meter_installation_id = i.id AND r.register_id = g.id AND r.source = 'TELEMETRY' ORDER BY r.read_on DESC LIMIT 1
        ) remote ON true
        WHERE i.valid_from < CAST(:end AS date) AND coalesce(i.valid_to, 'infinity') >= CAST(:end AS date)
          AND (CAST(:consumers AS text) IS NULL OR EXISTS (
              SELECT FROM supply s JOIN account a ON a.id = s.account_id JOIN consumer c ON c.id = a.consumer_id
              WHERE s.service_point_id = i.service_point_id AND s.valid_to IS NULL AND c.kind = CAST(:consumers AS text)))
    ) x
    """,
    given=_thresholds,
)
