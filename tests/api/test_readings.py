"""Readings that systems send: each answered, booked once, in the divisions of the key."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.api import readings
from app.api.tries import FailedKeyLimiter
from app.cli.demo import READINGS_KEY, READINGS_LOGIN
from tests.api.conftest import basic

_keys = iter(range(1, 10_000))
CREDENTIALS = basic(READINGS_LOGIN, READINGS_KEY)
#: The day of the whole module, also if midnight passes while it runs.
TODAY = clock.today()
#: Single counters of a district that were not read today: account, meter, whole units expected today from the last two readings.
_PLAIN = """
    SELECT a.number, m.serial_number,
           (x.dial_milli + (x.dial_milli - y.dial_milli) * (%(today)s - x.read_on) / (x.read_on - y.read_on)) / 1000
    FROM account a
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.valid_to IS NULL
    JOIN device m ON m.id = i.meter_id AND (SELECT count(*) FROM register g WHERE g.meter_id = m.id) = 1 AND m.serial_number NOT LIKE 'G%%'
    JOIN division d ON d.id = a.division_id AND d.code = %(district)s
    JOIN LATERAL (
        SELECT * FROM reading r WHERE r.meter_installation_id = i.id ORDER BY r.read_on DESC, r.id DESC LIMIT 1
    ) x ON x.read_on < %(today)s AND x.account_id = a.id AND x.dial_milli < 90000000 AND x.kind = 'PERIODIC'
    JOIN LATERAL (
        SELECT * FROM reading r WHERE r.meter_installation_id = i.id AND r.read_on < x.read_on AND r.account_id = a.id
        ORDER BY r.read_on DESC, r.id DESC LIMIT 1
    ) y ON y.dial_milli + 5000 < x.dial_milli
    WHERE a.closed_on IS NULL AND i.ct_primary = 1 AND (SELECT count(*) FROM supply o WHERE o.account_id = a.id) = 1
      AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id IS NOT NULL AND n.account_id = a.id)
    ORDER BY a.number DESC LIMIT 1
"""
#: An account of the city whose meter has registers of zones, and what each would show today.
_ZONED = """
    SELECT a.number, jsonb_object_agg(g.code, CASE WHEN g.code = 'DEMAND' THEN x.dial_milli / 1000 ELSE
           (x.dial_milli + (x.dial_milli - y.dial_milli) * (%(today)s - x.read_on) / (x.read_on - y.read_on)) / 1000 END)
    FROM account a
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.valid_to IS NULL
    JOIN register g ON g.meter_id = i.meter_id
    JOIN division d ON d.id = a.division_id AND starts_with(d.path, (SELECT path FROM division WHERE code = '1726'))
    JOIN LATERAL (
        SELECT * FROM reading r WHERE r.meter_installation_id = i.id AND r.register_id = g.id ORDER BY r.read_on DESC, r.id DESC LIMIT 1
    ) x ON x.read_on < %(today)s
    JOIN LATERAL (
        SELECT * FROM reading r WHERE r.meter_installation_id = i.id AND r.register_id = g.id AND r.read_on < x.read_on
        ORDER BY r.read_on DESC, r.id DESC LIMIT 1
    ) y ON true
    GROUP BY a.number HAVING count(*) > 3 ORDER BY a.number LIMIT 1
"""
Plain = tuple[str, str, int]


@pytest.fixture(autouse=True)
def no_wrong_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "_tries", FailedKeyLimiter())


@pytest.fixture
def plain(demo_database: psycopg.Connection) -> Plain:
    """An account that was not read today, its meter, and what it would show."""
    return plain_in(demo_database, "1726901")


def plain_in(demo_database: psycopg.Connection, district: str) -> Plain:
    row = demo_database.execute(_PLAIN, {"district": district, "today": TODAY}).fetchone()
    assert row is not None
    return str(row[0]), str(row[1]), int(row[2])


def send(client: FlaskClient, rows: Any, key: str | None = None, status: int = 200, **headers: str) -> Any:
    body = {"readings": rows}
    sent = CREDENTIALS | {"Idempotency-Key": key or f"k{next(_keys)}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.post("/api/readings", json=body, headers=sent)
    assert response.status_code == status, response.data
    return json.loads(response.data)


def reading(account: str, dial: object, **more: object) -> dict[str, object]:
    return {"account_number": account, "read_on": TODAY.isoformat(), "dial": dial} | more


def recorded(demo_database: psycopg.Connection, account: str) -> list[tuple[int, str, str, str]]:
    statement = (
        "SELECT r.dial_milli / 1000, r.source, r.created_by, k.name FROM reading r JOIN account a ON a.id = r.account_id "
        "JOIN reading_import i ON i.id = r.reading_import_id JOIN meter_data_source k ON k.id = i.meter_data_source_id "
        "WHERE a.number = %s AND r.read_on = %s"
    )
    return demo_database.execute(statement, (account, TODAY)).fetchall()


def test_each_reading_is_accepted_held_or_refused(client: FlaskClient, demo_database: psycopg.Connection, plain: Plain) -> None:
    account, meter, shown = plain
    rows = [reading(account, shown + 5, meter_number=meter, register="TOTAL"), reading("269999999999", 1), reading(account, shown - 1)]

    answer = send(client, rows)

    assert (answer["received"], answer["accepted"], answer["held"], answer["refused"]) == (3, 1, 0, 2)
    assert [(row["row"], row["status"], row.get("code"), row.get("field")) for row in answer["readings"]] == [
        (1, "ACCEPTED", None, None), (2, "REFUSED", "UNKNOWN_ACCOUNT", "account_number"), (3, "REFUSED", "BEFORE_LAST_READING", "read_on"),
    ]  # fmt: skip
    assert recorded(demo_database, account) == [(shown + 5, "TELEMETRY", f"source:{READINGS_LOGIN}", "ASKUE (demo)")]


def test_reading_is_named_by_its_meter_alone(client: FlaskClient, demo_database: psycopg.Connection, plain: Plain) -> None:
    account, meter, shown = plain

    answer = send(
        client, [{"meter_number": meter, "read_on": TODAY.isoformat(), "dial": str(shown + 1)}, {"meter_number": "X-0", "dial": "1"}]
    )

    assert [(row["status"], row.get("code")) for row in answer["readings"]] == [("ACCEPTED", None), ("REFUSED", "UNKNOWN_METER")]
    assert [row[0] for row in recorded(demo_database, account)] == [shown + 1]


def test_batch_sent_again_is_answered_with_the_same_bytes_and_booked_once(
    client: FlaskClient, demo_database: psycopg.Connection, plain: Plain
) -> None:
    account, _meter, shown = plain
    headers = CREDENTIALS | {"Idempotency-Key": f"again-{account}"}

    first, again = (client.post("/api/readings", json={"readings": [reading(account, shown + 2)]}, headers=headers) for _ in range(2))
    other = send(client, [reading(account, shown + 3)], f"again-{account}", 409)

    assert (first.status_code, first.data) == (200, again.data)
    assert other["code"] == "OTHER_CONTENTS"
    assert [row[0] for row in recorded(demo_database, account)] == [shown + 2]


def test_equal_batches_at_one_moment_are_one(app: Flask, demo_database: psycopg.Connection, plain: Plain) -> None:
    account, _meter, shown = plain
    key = f"together-{account}"

    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda _: send(app.test_client(), [reading(account, shown + 2)], key), range(4))]

    assert [answer["accepted"] for answer in answers] == [1, 1, 1, 1]
    assert len(recorded(demo_database, account)) == 1


def test_two_batches_at_one_moment_record_a_register_once(app: Flask, demo_database: psycopg.Connection, plain: Plain) -> None:
    account, _meter, shown = plain

    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda each: send(app.test_client(), [reading(account, shown + each)]), range(4))]

    assert sorted(answer["accepted"] for answer in answers) == [0, 0, 0, 1]
    assert len(recorded(demo_database, account)) == 1


def test_meter_with_zones_is_recorded_whole_or_held(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account, dials = demo_database.execute(_ZONED, {"today": TODAY}).fetchone() or ("", {})

    alone = send(client, [reading(account, dials["TOTAL"], register="TOTAL")])
    whole = send(client, [reading(account, dial, register=code.lower()) for code, dial in dials.items()])

    assert (alone["held"], alone["readings"][0]["code"]) == (1, "INCOMPLETE")
    assert (whole["accepted"], whole["held"], whole["refused"]) == (len(dials), 0, 0)


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("en", "No such account in this division. Check the number. It says: 269999999999"),
        ("ru-RU,ru;q=0.9", "В этом подразделении нет такого лицевого счёта. Проверьте номер. Там написано: 269999999999"),
        ("uz", "Bu boʻlinmada bunday shaxsiy hisobraqam yoʻq. Raqamni tekshiring. U yerda yozilgani: 269999999999"),
    ],
)
def test_reasons_come_in_the_language_asked_for(client: FlaskClient, language: str, reason: str) -> None:
    answer = send(client, [reading("269999999999", 1)], Accept_Language=language)

    assert answer["readings"][0]["reason"] == reason


def test_account_of_another_division_is_unknown_to_the_key(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account, meter, shown = plain_in(demo_database, "1718901")

    answer = send(client, [reading(account, shown + 1), {"meter_number": meter, "read_on": TODAY.isoformat(), "dial": shown + 1}])

    assert [row["code"] for row in answer["readings"]] == ["UNKNOWN_ACCOUNT", "UNKNOWN_METER"]
    assert recorded(demo_database, account) == []


def test_state_of_a_batch_is_told_to_its_source_alone(client: FlaskClient, plain: Plain) -> None:
    account, _meter, shown = plain
    sent = send(client, [reading(account, shown + 1)], f"state-{account}")

    assert json.loads(client.get(f"/api/readings/state-{account}", headers=CREDENTIALS).data) == sent
    assert client.get("/api/readings/another", headers=CREDENTIALS).status_code == 404
    assert client.get(f"/api/readings/state-{account}").status_code == 401


@pytest.mark.parametrize(
    ("headers", "change"),
    [
        ({}, ""),
        (basic(READINGS_LOGIN, "wrong"), ""),
        (basic("nobody", READINGS_KEY), ""),
        (CREDENTIALS, "is_active = false"),
        (CREDENTIALS, "networks = '192.0.2.0/24'"),
    ],
    ids=["no key", "wrong key", "wrong name", "stopped", "other network"],
)
def test_only_an_active_source_with_its_key_from_its_network_is_heard(
    client: FlaskClient, demo_database: psycopg.Connection, headers: dict[str, str], change: str
) -> None:
    if change:
        demo_database.execute(f"UPDATE meter_data_source SET {change}")
    try:
        answer = client.post("/api/readings", json={"readings": []}, headers=headers | {"Idempotency-Key": "1"})
    finally:
        demo_database.execute("UPDATE meter_data_source SET is_active = true, networks = ''")

    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "WRONG_KEY")


def test_wrong_keys_without_end_are_told_so_and_never_lock_the_right_one_out(client: FlaskClient) -> None:
    wrong = basic(READINGS_LOGIN, "wrong") | {"Idempotency-Key": "1"}

    statuses = [client.post("/api/readings", json={}, headers=wrong).status_code for _ in range(12)]

    assert statuses == [401] * 10 + [429] * 2
    assert send(client, [reading("269999999999", 1)])["refused"] == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "NOT_JSON"),
        (b"{", "NOT_JSON"),
        (b"\xff\xfe", "NOT_JSON"),
        (b"[" * 100_000, "NOT_JSON"),
        (b"1", "NO_READINGS"),
        (b"[]", "NO_READINGS"),
        (b'{"readings": {}}', "NO_READINGS"),
        (b'{"readings": []}', "NO_READINGS"),
        (b'{"readings": [1]}', "NOT_A_READING"),
        (b'{"readings": [{"reading": "1"}]}', "UNKNOWN_FIELD"),
        (b'{"readings": [{"dial": [1]}]}', "NOT_A_VALUE"),
        (b'{"readings": [{"dial": true}]}', "NOT_A_VALUE"),
        (b'{"readings": [' + b",".join([b"{}"] * 1001) + b"]}", "TOO_MANY_READINGS"),
    ],
)
def test_body_that_is_no_batch_is_refused_whole(client: FlaskClient, body: bytes, error: str) -> None:
    answer = client.post("/api/readings", data=body, headers=CREDENTIALS | {"Idempotency-Key": f"k{next(_keys)}"})

    assert (answer.status_code, json.loads(answer.data)["code"]) == (400, error)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ({}, "EMPTY", "account_number"),
        ({"account_number": "1" * 65}, "TEXT_TOO_LONG", "account_number"),
        ({"account_number": "12\x003"}, "CONTROL_CHARACTER", "account_number"),
        ({"account_number": "\ud800"}, "CONTROL_CHARACTER", "account_number"),
    ],
    ids=["empty", "long", "zero", "half of a pair"],
)
def test_reading_that_cannot_be_kept_is_refused_alone(client: FlaskClient, row: dict[str, str], code: str, field: str) -> None:
    answer = send(client, [row])

    assert [(each["status"], each["code"], each["field"]) for each in answer["readings"]] == [("REFUSED", code, field)]


@pytest.mark.parametrize("key", ["", " ", "x" * 65, "\u00e9"])
def test_batch_without_a_name_is_refused(client: FlaskClient, key: str) -> None:
    answer = client.post("/api/readings", json={"readings": [{}]}, headers=CREDENTIALS | ({"Idempotency-Key": key} if key else {}))

    assert (answer.status_code, json.loads(answer.data)["code"]) == (400, "NO_KEY")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_body_is_read_whatever_its_kind_is_called(client: FlaskClient, kind: str) -> None:
    headers = CREDENTIALS | {"Idempotency-Key": f"k{next(_keys)}"}

    answer = client.post("/api/readings", data=b'{"readings": [{}]}', content_type=kind, headers=headers)

    assert (answer.status_code, json.loads(answer.data)["received"]) == (200, 1)


def test_body_beyond_the_limit_is_refused(client: FlaskClient) -> None:
    answer: TestResponse = client.post("/api/readings", data=b" " * ((1 << 20) + 1), headers=CREDENTIALS | {"Idempotency-Key": "large"})

    assert answer.status_code == 413


def test_batch_waits_while_maintenance_lasts(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    demo_database.execute("INSERT INTO maintenance (id, message) VALUES (1, 'now')")
    try:
        assert send(client, [{}], status=503)["code"] == "NOT_NOW"
    finally:
        demo_database.execute("DELETE FROM maintenance")


def test_batch_of_readings_is_in_the_audit_trail(client: FlaskClient, demo_database: psycopg.Connection, plain: Plain) -> None:
    account, _meter, shown = plain

    batch = send(client, [reading(account, shown + 1)])["batch"]

    rows = demo_database.execute(
        "SELECT actor, operation FROM audit_entry WHERE table_name = 'reading_import' AND row_id = %s ORDER BY id", (batch,)
    ).fetchall()
    assert {actor for actor, _ in rows} == {f"source:{READINGS_LOGIN}"}
    assert {"INSERT", "READ"} <= {operation for _, operation in rows}
