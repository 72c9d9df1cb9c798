"""A head-end of the demo: readings of devices, a conflict, one that waits for its device, a month of a profile, and an event."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import current_app

from app import clock
from app.domain.metering import ReadingSource, RegisterCode
from app.domain.readers import number_text
from app.extensions import transaction
from app.queries import metering as readings
from app.queries.metering import Series
from app.queries.records import fetch_all, fetch_one
from app.services import metering

#: Energy of the hours of a day, in hundredths of a day's.
_SHAPE = (2, 2, 1, 1, 1, 2, 4, 6, 5, 3, 3, 4, 5, 4, 3, 4, 5, 8, 10, 9, 7, 5, 4, 2)
_PROFILED_DAYS = 35


class _Meter(NamedTuple):
    account_id: int
    number: str
    serial_number: str


#: Plain meters of the newest accounts of the city that were not read today.
_METERS = """
    SELECT a.id AS account_id, a.number, m.serial_number FROM account a
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.valid_to IS NULL AND i.ct_primary = i.ct_secondary
    JOIN device m ON m.id = i.meter_id AND (SELECT count(*) FROM register g WHERE g.meter_id = m.id) = 1
    JOIN division d ON d.id = a.division_id AND d.code = '1726901'
    WHERE a.closed_on IS NULL AND (SELECT count(*) FROM supply o WHERE o.account_id = a.id) = 1
      AND NOT EXISTS (SELECT FROM reading r WHERE r.account_id = a.id AND (r.read_on = :today OR r.replaces_id IS NOT NULL))
    ORDER BY a.id DESC OFFSET 10 LIMIT 6
"""


_ZONED = """
    SELECT a.number FROM register g JOIN meter_installation i ON i.meter_id = g.meter_id AND i.valid_to IS NULL
    JOIN supply s ON s.service_point_id = i.service_point_id AND s.valid_to IS NULL JOIN account a ON a.id = s.account_id
    WHERE g.code = 'NIGHT' ORDER BY a.id LIMIT 1
"""


def send_batch(number: str, credentials: tuple[str, str]) -> None:
    """Send a batch the way a system of telemetry does: a good reading, one of a meter with zones alone, and one of nobody's account."""
    today = clock.today()
    day = today.isoformat()
    with transaction() as session:
        plain = readings.series_by_number(session, [number])[-1]
        zoned = readings.series_by_number(session, [fetch_one(session, _ZONED, str)])
    whole = next(series for series in reversed(zoned) if series.register == RegisterCode.TOTAL)
    good = {"account_number": number, "read_on": day, "dial": usual_dial(plain, today)}
    alone = {"meter_number": whole.meter_number, "register": whole.register, "read_on": day, "dial": usual_dial(whole, today)}
    nobody = {"account_number": "269999999999", "read_on": day, "dial": 100}
    current_app.test_client().post(
        "/api/readings", json={"readings": [good, alone, nobody]}, auth=credentials, headers={"Idempotency-Key": f"namuna-{day}"}
    )


def send(credentials: tuple[str, str]) -> None:
    """Send what a head-end knows of a few devices."""
    today = clock.today()
    with transaction() as session:
        meters = fetch_all(session, _METERS, _Meter, today=today)
        known = [readings.series_by_number(session, [meter.number])[-1] for meter in meters]
    known = [series for series in known if series.history_milli and series.last_dial_milli is not None]
    if len(known) < 4:
        return
    # Of the one that takes least, five times the usual is no more than its place is connected for.
    high, plain, conflict, doubted = sorted(known, key=lambda series: series.history_milli)[:4]
    shown = usual_dial(conflict, today)
    with transaction() as session:
        metering.enter(
            session, account_id=conflict.account_id, meter_number=conflict.meter_number, read_on=today.isoformat(), dial=str(shown),
            source=ReadingSource.CONTROLLER, sure=True, today=today,
        )  # fmt: skip
    before = (high.last_dial_milli or 0) // 1000
    much = before + 5 * (usual_dial(high, today) - before) + 5
    rows = [
        _row(plain, usual_dial(plain, today)), _row(conflict, shown + 12), _row(high, much),
        _row(doubted, usual_dial(doubted, today)) | {"quality": "E"},
        {"meter_number": "DEMO-0001", "read_on": f"{today}T00:05:00+05:00", "dial": 12},
        {"meter_number": "DEMO-0001", "read_on": f"{today - timedelta(days=1)}T00:05:00+05:00", "dial": 8},
        {"meter_number": plain.meter_number, "read_on": "2100-01-01", "dial": 1},
    ]  # fmt: skip
    _post("devices", "readings", rows, f"namuna-asboblar-{today}", credentials)
    _post("profiles", "profiles", list(_profiles(plain, today)), f"namuna-profil-{today}", credentials)
    event = {"meter_number": doubted.meter_number, "event": "DISCONNECTED", "happened_at": f"{today}T00:01:00+05:00"}
    opened = {"meter_number": plain.meter_number, "event": "COVER_OPENED", "happened_at": f"{today}T00:02:00+05:00"}
    _post("events", "events", [event, opened], f"namuna-hodisa-{today}", credentials)


def _row(series: Series, dial: int) -> dict[str, Any]:
    return {"meter_number": series.meter_number, "read_on": f"{clock.today()}T00:05:00+05:00", "dial": dial}


def _profiles(series: Series, today: date) -> Any:
    """Yield the days of a profile by hours; one day lacks two hours, another four."""
    daily = series.history_milli // max(series.history_days, 1)
    for before in range(_PROFILED_DAYS, 0, -1):
        day = today - timedelta(days=before)
        if day < series.valid_from:
            continue
        hours: list[str | None] = [
            number_text(daily * share * (90 + (before * 7 + hour * 5) % 21) // 10_000, 3) for hour, share in enumerate(_SHAPE)
        ]
        for hour in {1: (9, 10), 3: (13, 14, 15, 16)}.get(before, ()):
            hours[hour] = None
        yield {"meter_number": series.meter_number, "day": day.isoformat(), "step_minutes": 60, "quantities": hours}


def _post(kind: str, name: str, rows: list[dict[str, Any]], key: str, credentials: tuple[str, str]) -> None:
    current_app.test_client().post(f"/api/readings/{kind}", json={name: rows}, auth=credentials, headers={"Idempotency-Key": key})


def usual_dial(series: Series, today: date) -> int:
    """Return what a register would show today after its usual energy, in whole units."""
    days = (today - (series.last_read_on or today)).days
    used_milli = series.history_milli * days // max(series.history_days, 1) * series.multiplier_denominator // series.multiplier_numerator
    return ((series.last_dial_milli or 0) + used_milli) % series.capacity_milli // 1000
