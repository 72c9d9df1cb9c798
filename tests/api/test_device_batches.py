"""Readings, profiles and events that head-ends send of their devices: answered row by row, stored once."""

import json
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from app import clock
from app.api import readings
from app.api.tries import FailedKeyLimiter
from app.cli.demo import READINGS_KEY, READINGS_LOGIN
from tests.api.conftest import basic

_keys = iter(range(1, 10_000))
CREDENTIALS = basic(READINGS_LOGIN, READINGS_KEY)
TODAY = clock.today()
#: Meters of the city with one register, not read today, of supplies that were never off, and what they showed last in whole units.
_PLAIN = """
    SELECT m.serial_number, (x.dial_milli + (x.dial_milli - y.dial_milli) * (%(today)s - x.read_on) / (x.read_on - y.read_on)) / 1000, g.id
    FROM device m
    JOIN meter_installation i ON i.meter_id = m.id AND i.valid_to IS NULL AND i.ct_primary = 1
    JOIN register g ON g.meter_id = m.id AND (SELECT count(*) FROM register o WHERE o.meter_id = m.id) = 1
    JOIN division d ON d.id = i.division_id AND d.code = '1726901'
    JOIN supply s ON s.service_point_id = i.service_point_id AND s.valid_to IS NULL
    JOIN account a ON a.id = s.account_id AND a.closed_on IS NULL AND (SELECT count(*) FROM supply o WHERE o.account_id = a.id) = 1
    JOIN LATERAL (SELECT * FROM reading r WHERE r.meter_installation_id = i.id ORDER BY r.read_on DESC, r.id DESC LIMIT 1) x
        ON x.read_on < %(today)s AND x.account_id = a.id AND x.kind = 'PERIODIC' AND x.dial_milli < 90000000
    JOIN LATERAL (
        SELECT * FROM reading r WHERE r.meter_installation_id = i.id AND r.read_on < x.read_on ORDER BY r.read_on DESC, r.id DESC LIMIT 1
    ) y ON y.dial_milli + 5000 < x.dial_milli
    WHERE NOT EXISTS (SELECT FROM doubtful_reading q WHERE q.register_id = g.id)
      AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id IS NOT NULL AND n.account_id = a.id)
      AND NOT EXISTS (SELECT FROM point_state t WHERE t.service_point_id = i.service_point_id)
    ORDER BY m.id DESC LIMIT 3
"""
Plain = list[tuple[str, int, int]]


@pytest.fixture(autouse=True)
def no_wrong_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "_tries", FailedKeyLimiter())


@pytest.fixture
def plain(demo_database: psycopg.Connection) -> Plain:
    return [(str(row[0]), int(row[1]), int(row[2])) for row in demo_database.execute(_PLAIN, {"today": TODAY}).fetchall()]


def send(client: FlaskClient, kind: str, rows: Any, key: str | None = None, status: int = 200, language: str = "en") -> Any:
    name = "readings" if kind == "devices" else kind
    headers = CREDENTIALS | {"Idempotency-Key": key or f"d{next(_keys)}", "Accept-Language": language}
    response = client.post(f"/api/readings/{kind}", json={name: rows}, headers=headers)
    assert response.status_code == status, response.data
    return json.loads(response.data)


def reading(serial: str, dial: object, **more: object) -> dict[str, object]:
    return {"meter_number": serial, "read_on": f"{TODAY}T00:05:00+05:00", "dial": dial} | more


def test_each_reading_of_a_device_is_accepted_held_parked_or_refused(client: FlaskClient, plain: Plain) -> None:
    (first, shown, _), (second, other, _), *_ = plain
    rows = [reading(first, shown + 3), reading(second, other + 2, quality="E"), reading("N-404", 5), reading(first, "12x4")]

    answer = send(client, "devices", rows)

    assert [answer[name] for name in ("received", "accepted", "held", "parked", "refused")] == [4, 1, 1, 1, 1]
    assert answer["refused_by_reason"] == {"NOT_A_NUMBER": 1}
    assert [(row["status"], row.get("code"), row.get("field")) for row in answer["readings"]] == [
        ("ACCEPTED", None, None), ("HELD", "QUALITY", None), ("PARKED", "UNKNOWN_DEVICE", None), ("REFUSED", "NOT_A_NUMBER", "dial"),
    ]  # fmt: skip


def test_batch_sent_again_is_answered_with_the_same_bytes_and_stored_once(
    client: FlaskClient, demo_database: psycopg.Connection, plain: Plain
) -> None:
    serial, shown, register_id = plain[0]
    rows = [reading(serial, shown + 1), reading("N-405", 1)]

    answers = [send(client, "devices", rows, key="same") for _ in range(2)]
    state = client.get("/api/readings/same", headers=CREDENTIALS)
    other = send(client, "devices", [reading(serial, shown + 2)], key="same", status=409)

    assert answers[0] == answers[1] == json.loads(state.data)
    assert other["code"] == "OTHER_CONTENTS"
    counted = "SELECT count(*) FROM reading WHERE register_id = %s AND read_on = %s"
    assert demo_database.execute(counted, (register_id, TODAY)).fetchone() == (1,)
    assert demo_database.execute("SELECT readings FROM parked_device WHERE serial_key = 'N405'").fetchone() == (1,)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "NOT_JSON"),
        (b'{"readings": []}', "NO_READINGS"),
        (b'{"readings": [1]}', "NOT_A_READING"),
        (b'{"readings": [{"account_number": "1"}]}', "UNKNOWN_FIELD"),
        (b'{"readings": [{"dial": [1]}]}', "NOT_A_VALUE"),
        (b'{"readings": [' + b",".join([b"{}"] * 1001) + b"]}", "TOO_MANY_READINGS"),
    ],
)
def test_body_that_is_no_batch_is_refused_whole(client: FlaskClient, body: bytes, error: str) -> None:
    headers = CREDENTIALS | {"Idempotency-Key": f"d{next(_keys)}"}

    response = client.post("/api/readings/devices", data=body, content_type="application/json", headers=headers)

    assert (response.status_code, json.loads(response.data)["code"]) == (400, error)


@pytest.mark.parametrize("kind", ["devices", "profiles", "events"])
def test_nothing_is_taken_without_a_key_of_a_source(client: FlaskClient, kind: str) -> None:
    assert client.post(f"/api/readings/{kind}", json={}, headers={"Idempotency-Key": "1"}).status_code == 401


def test_reason_is_told_in_the_language_that_was_asked_for(client: FlaskClient) -> None:
    answer = send(client, "devices", [reading("", 1), reading("N-404", 1, read_on="")], language="ru")

    assert [row["field"] for row in answer["readings"]] == ["meter_number", "read_on"]
    assert all(any("а" <= letter <= "я" for letter in row["reason"]) for row in answer["readings"])


def profile(serial: str, quantities: list[Any], **more: object) -> dict[str, object]:
    return {"meter_number": serial, "day": TODAY.isoformat(), "step_minutes": 60, "quantities": quantities} | more


def test_profile_is_stored_by_day_with_its_gaps_filled_and_told(
    client: FlaskClient, demo_database: psycopg.Connection, plain: Plain
) -> None:
    serial, _, register_id = plain[0]
    hours: list[Any] = [0.5] * 24
    hours[10], hours[11] = None, 0.9

    answer = send(client, "profiles", [profile(serial, hours)])

    assert answer["profiles"] == [{"row": 1, "status": "ACCEPTED", "gap_minutes": 60}]
    row = demo_database.execute(
        "SELECT quantities_milli[10:12], qualities, version FROM interval_day WHERE register_id = %s AND day = %s ORDER BY version DESC",
        (register_id, TODAY),
    ).fetchone()
    assert row is not None
    assert (row[0], row[1]) == ([500, 700, 900], "A" * 10 + "L" + "A" * 13)


def test_later_profile_of_a_day_is_a_further_version_and_the_first_stays(
    client: FlaskClient, demo_database: psycopg.Connection, plain: Plain
) -> None:
    serial, _, register_id = plain[1]

    for energy in (0.5, 0.6):
        send(client, "profiles", [profile(serial, [energy] * 24)])

    rows = demo_database.execute(
        "SELECT version, quantities_milli[1] FROM interval_day WHERE register_id = %s ORDER BY version", (register_id,)
    )
    assert rows.fetchall() == [(1, 500), (2, 600)]


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"quantities": [1] * 23}, "WRONG_STEPS", "quantities"),
        ({"step_minutes": 20}, "WRONG_STEP", "step_minutes"),
        ({"quantities": ["x", *[1] * 23]}, "NOT_A_NUMBER", "quantities"),
        ({"quantities": [-1, *[1] * 23]}, "NOT_A_NUMBER", "quantities"),
        ({"day": "2999-01-01"}, "NOT_A_DATE", "day"),
        ({"day": "2100-01-01"}, "IN_THE_FUTURE", "day"),
        ({"meter_number": "N-404"}, "UNKNOWN_METER", "meter_number"),
        ({"register": "NIGHT"}, "UNKNOWN_REGISTER", "register"),
        ({"qualities": "Z" * 24}, "UNKNOWN_QUALITY", "qualities"),
    ],
)
def test_profile_that_breaks_a_rule_is_refused_with_its_field(
    client: FlaskClient, plain: Plain, changed: dict[str, object], code: str, field: str
) -> None:
    answer = send(client, "profiles", [profile(plain[0][0], [1] * 24) | changed])

    assert [(row["status"], row["code"], row["field"]) for row in answer["profiles"]] == [("REFUSED", code, field)]


def test_event_of_a_device_is_kept_once_and_one_of_an_unknown_device_waits(
    client: FlaskClient, demo_database: psycopg.Connection, plain: Plain
) -> None:
    serial = plain[2][0]
    moment = f"{TODAY}T00:01:00+05:00"
    rows = [
        {"meter_number": serial, "event": "DISCONNECTED", "happened_at": moment},
        {"meter_number": "N-406", "event": "ON", "happened_at": moment},
        {"meter_number": serial, "event": "EXPLODED", "happened_at": moment},
        {"meter_number": serial, "event": "ON", "happened_at": "2100-01-01T00:00:00Z"},
    ]

    answers = [send(client, "events", rows) for _ in range(2)]

    assert [(row["status"], row.get("code"), row.get("field")) for row in answers[1]["events"]] == [
        ("ACCEPTED", None, None), ("ACCEPTED", None, None), ("REFUSED", "UNKNOWN_EVENT", "event"),
        ("REFUSED", "IN_THE_FUTURE", "happened_at"),
    ]  # fmt: skip
    kept = demo_database.execute("SELECT serial_number, kind, device_id IS NOT NULL, status FROM device_event ORDER BY id").fetchall()
    assert [row for row in kept if row[0] in {serial, "N-406"}] == [
        (serial, "DISCONNECTED", True, "POSTED"), ("N-406", "RECONNECTED", False, "WAITING"),
    ]  # fmt: skip
    states = """
        SELECT p.supply_state, p.state_source FROM point_state p JOIN device_event e ON p.reference = 'device-event:' || e.id
        WHERE e.serial_number = %s
        """
    assert demo_database.execute(states, (serial,)).fetchall() == [("OFF", "DEVICE")]
