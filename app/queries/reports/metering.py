"""Points that no source reads, and devices that send nothing."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.administration import values_on
from app.queries.records import fetch_each
from app.queries.reports import ReportRequest, parted


class SilentPoints(NamedTuple):
    """Meters installed now: how many no source read for the months that are set, and how many that are read from afar are silent."""

    division_id: int
    meters: int
    unread: int
    remote_meters: int
    silent: int


def silent_points(session: Session, asked: ReportRequest) -> Iterator[SilentPoints]:
    """Yield the meters that nobody reads, and the devices that telemetry read once and that are silent now.

    Source: ``meter_installation``, ``reading``; the months and days are ``metering.unread_months`` and ``metering.silent_days``.
    """
    values = values_on(session, "metering", asked.period.start)
    statement = f"""
        SELECT x.division_id, count(*) AS meters, count(*) FILTER (WHERE x.last_on IS NULL OR x.last_on < x.read_since) AS unread,
               count(x.remote_on) AS remote_meters, count(*) FILTER (WHERE x.remote_on < x.sent_since) AS silent
        FROM (
            SELECT part.part_id AS division_id, last.read_on AS last_on, remote.read_on AS remote_on,
                   (CAST(:start AS date) - make_interval(months => :months))::date AS read_since, CAST(:start AS date) - :days AS sent_since
            FROM meter_installation i {parted("i")}
            JOIN register g ON g.meter_id = i.meter_id
                AND g.code = (SELECT o.code FROM register o WHERE o.meter_id = i.meter_id ORDER BY o.code <> 'TOTAL', o.id LIMIT 1)
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
        ) x GROUP BY x.division_id ORDER BY x.division_id
        """
    given = {**asked.parameters, "months": values["metering.unread_months"], "days": values["metering.silent_days"]}
    return fetch_each(session, statement, SilentPoints, **given)
