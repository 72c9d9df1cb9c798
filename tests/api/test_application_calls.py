"""Applications that systems file: known by key or signature, once a number, and never for a stranger."""

import hashlib
import json
from base64 import b64encode
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.api import applications
from app.api.tries import FailedKeyLimiter
from app.gateways.application_json import sign
from tests.api.conftest import basic

KEY, SECRET = "applications-key-0000000000000000", "applications-secret-00000000000000"
_numbers = iter(range(1, 10_000))
_OWN = """
    SELECT a.number, c.pinfl, a.id FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD'
    JOIN division d ON d.id = a.division_id AND d.code = %s
    WHERE a.status = 'OPEN' AND NOT EXISTS (SELECT FROM application x WHERE x.account_id = a.id AND x.ended_on IS NULL)
    ORDER BY a.id DESC LIMIT 1
    """


@pytest.fixture(autouse=True)
def sources(demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "_tries", FailedKeyLimiter())
    demo_database.execute(
        """
        INSERT INTO application_source (division_id, name, login, key_sha256, secret)
        SELECT id, 'my.gov.uz', 'my-gov', %s, NULL FROM division WHERE code = '1726'
        UNION ALL SELECT id, 'Aggregator', 'aggregator', '', %s FROM division WHERE code = '1726'
        ON CONFLICT (login) DO NOTHING
        """,
        (hashlib.sha256(KEY.encode()).hexdigest(), SECRET),
    )


@pytest.fixture
def own(demo_database: psycopg.Connection) -> tuple[str, str]:
    """An account of the sources' division, and its consumer's number."""
    row = demo_database.execute(_OWN, ("1726901",)).fetchone()
    assert row is not None
    demo_database.execute(
        "UPDATE consumer SET pinfl = coalesce(pinfl, '30101199000012') WHERE id = (SELECT consumer_id FROM account WHERE id = %s)",
        (row[2],),
    )
    return str(row[0]), str(row[1] or "30101199000012")


def body(own: tuple[str, str], **given: Any) -> dict[str, Any]:
    applicant = {"name": "Karimov Aziz", "phone": "+998901112233", "identifier": own[1]}
    number = f"MG-{next(_numbers)}"
    return {"number": number, "kind": "METER_EXCHANGE", "account": own[0], "applicant": applicant, "fields": {"cause": "OLD"}} | given


def send(client: FlaskClient, content: Any, **headers: str) -> TestResponse:
    return client.post("/api/applications", json=content, headers=basic("my-gov", KEY) | headers)


def test_application_is_filed_once_a_number(client: FlaskClient, own: tuple[str, str]) -> None:
    content = body(own, files=[{"name": "a.pdf", "content": b64encode(b"%PDF-1.4\n%%EOF\n").decode()}])

    first, second = send(client, content), send(client, content)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert first.json is not None
    assert first.json["status"] == "RECEIVED"
    other = send(client, content | {"fields": {"cause": "BROKEN"}})
    assert (other.status_code, other.content_type) == (409, "application/problem+json")
    found = client.get(f"/api/applications/{content['number']}", headers=basic("my-gov", KEY))
    assert found.json == first.json


def signed(client: FlaskClient, content: Any, *, at: int | None = None, secret: str = SECRET) -> TestResponse:
    sent, sent_at = json.dumps(content).encode(), str(at if at is not None else int(clock.now().timestamp()))
    signature = sign(secret, method="POST", path="/api/applications", sent_at=sent_at, body=sent)
    headers = {"X-Login": "aggregator", "X-Timestamp": sent_at, "X-Signature": signature, "Content-Type": "application/json"}
    return client.post("/api/applications", data=sent, headers=headers)


def test_signed_call_is_taken(client: FlaskClient, own: tuple[str, str]) -> None:
    assert signed(client, body(own, kind="COMPLAINT", fields={"about": "The light is dim."})).status_code == 201


@pytest.mark.parametrize("wrong", [{"at": 1_700_000_000}, {"secret": "another"}])
def test_call_that_is_signed_wrongly_or_long_ago_is_refused(client: FlaskClient, own: tuple[str, str], wrong: dict[str, Any]) -> None:
    assert signed(client, body(own), **wrong).status_code == 401


def test_source_that_signs_has_no_key_to_send(client: FlaskClient, own: tuple[str, str]) -> None:
    answer = client.post("/api/applications", json=body(own), headers=basic("aggregator", ""))

    assert answer.status_code == 401


def test_stranger_learns_nothing_of_an_account(client: FlaskClient, own: tuple[str, str]) -> None:
    foreign = send(client, body((own[0], "30101199000013")))
    nobody = send(client, body(("269999999999", own[1])))

    assert (foreign.status_code, nobody.status_code) == (422, 422)
    assert foreign.json == nobody.json


def test_account_of_another_division_is_nobodys(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    row = demo_database.execute(_OWN, ("1718901",)).fetchone()
    assert row is not None

    answer = send(client, body((str(row[0]), str(row[1] or ""))))

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "NOT_YOURS")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"kind": "INSTALMENT", "fields": {"months": 3, "reason": "x"}}, 422, "INACTIVE_KIND"),
        ({"kind": "NOTHING"}, 422, "UNKNOWN_KIND"),
        ({"fields": {"cause": 7}}, 422, "WRONG_FIELDS"),
        ({"fields": {"cause": "OLD", "more": "x"}}, 422, "WRONG_FIELDS"),
        ({"fields": []}, 400, "NOT_AN_APPLICATION"),
        ({"number": ""}, 400, "NOT_AN_APPLICATION"),
        ({"number": "a\u0000b"}, 400, "NOT_AN_APPLICATION"),
        ({"more": 1}, 400, "NOT_AN_APPLICATION"),
        ({"files": [{"name": "a.pdf", "content": "%%"}]}, 400, "NOT_AN_APPLICATION"),
        ({"files": [{"name": "a.jpg", "content": b64encode(b"no picture").decode()}]}, 422, "WRONG_FILE"),
        ({"applicant": {"name": "K", "phone": "+7 495 123 45 67"}, "kind": "COMPLAINT", "fields": {"about": "x"}}, 422, "WRONG_FIELDS"),
    ],
)
def test_what_cannot_be_filed_is_a_problem(
    client: FlaskClient, own: tuple[str, str], changed: dict[str, Any], status: int, code: str
) -> None:
    answer = send(client, body(own, **changed))

    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert (answer.status_code, answer.json["status"], answer.json["code"]) == (status, status, code)


def test_thirty_files_are_refused(client: FlaskClient, own: tuple[str, str]) -> None:
    files = [{"name": "a.pdf", "content": b64encode(b"%PDF-1.4\n%%EOF\n").decode()}] * 30

    assert send(client, body(own, files=files)).status_code == 400


def test_kinds_are_told_with_their_schemas(client: FlaskClient) -> None:
    told = client.get("/api/applications/kinds", headers=basic("my-gov", KEY)).json

    assert told is not None
    assert "INSTALMENT" not in {each["kind"] for each in told["kinds"]}
    assert all(each["fields"]["type"] == "object" for each in told["kinds"])


def test_number_of_another_source_is_not_told(client: FlaskClient, own: tuple[str, str]) -> None:
    content = body(own, kind="COMPLAINT", fields={"about": "Of the aggregator."})
    signed(client, content)

    assert client.get(f"/api/applications/{content['number']}", headers=basic("my-gov", KEY)).status_code == 404


def test_without_a_key_nothing_is_answered(client: FlaskClient) -> None:
    answer = client.get("/api/applications/kinds")

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
