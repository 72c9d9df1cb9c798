"""The description of the interface of readings: served, well formed, and true of what is answered."""

import json
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.api import readings
from app.api.openapi import document
from app.api.readings_interface import INTERFACE
from app.api.tries import FailedKeyLimiter
from app.cli.demo import READINGS_KEY, READINGS_LOGIN
from tests.api.conftest import basic
from tests.api.described import assert_described, values_of

CREDENTIALS = basic(READINGS_LOGIN, READINGS_KEY)
DESCRIBED = document(INTERFACE)
SENDING = [each for each in INTERFACE.operations if each.method == "post"]
_keys = count()


@pytest.fixture(autouse=True)
def no_wrong_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "_tries", FailedKeyLimiter())


def test_description_is_served_to_everybody(client: FlaskClient) -> None:
    answer = client.get("/api/readings/openapi.json")

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert json.loads(answer.data) == DESCRIBED


def test_every_address_of_the_interface_is_described(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("readings.")]
    served = {(rule.rule.replace("<path:tail>", "{key}"), method.lower()) for rule in rules for method in rule.methods or ()}

    described = {(each.path, each.method) for each in INTERFACE.operations}

    assert {pair for pair in served if pair[1] not in {"head", "options"}} - {("/api/readings/openapi.json", "get")} == described


def test_schemas_are_well_formed_and_refer_to_what_is_there() -> None:
    for schema in DESCRIBED["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(DESCRIBED)

    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert referred == set(DESCRIBED["components"]["schemas"])


@pytest.mark.parametrize("operation", SENDING, ids=[each.name for each in SENDING])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_answers_to_all_that_the_description_allows_are_as_described(client: FlaskClient, operation: Any, data: st.DataObject) -> None:
    schema = DESCRIBED["paths"][operation.path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body = json.dumps(data.draw(values_of(schema, DESCRIBED["components"]["schemas"])))
    headers = CREDENTIALS | {"Idempotency-Key": f"described-{next(_keys)}"}

    answer = client.post(operation.path, data=body, headers=headers)
    state = client.get(f"/api/readings/{headers['Idempotency-Key']}", headers=CREDENTIALS)

    assert answer.status_code == 200, answer.data
    assert_described(INTERFACE, operation.path, "post", answer)
    assert_described(INTERFACE, "/api/readings/{key}", "get", state)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b'{"readings": [{"a": 1}]}', {}, 400),
        (b"{}", {"Idempotency-Key": ""}, 400),
        (b"{}", basic(READINGS_LOGIN, "wrong"), 401),
        (b" " * ((1 << 20) + 1), {}, 413),
    ],
)
@pytest.mark.parametrize("operation", SENDING, ids=[each.name for each in SENDING])
def test_refused_calls_are_answered_as_described(
    client: FlaskClient, operation: Any, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = client.post(operation.path, data=body, headers=CREDENTIALS | {"Idempotency-Key": f"refused-{next(_keys)}"} | headers)

    assert answer.status_code == status
    assert_described(INTERFACE, operation.path, "post", answer)


def test_other_contents_and_unknown_keys_are_answered_as_described(client: FlaskClient) -> None:
    headers = CREDENTIALS | {"Idempotency-Key": "described"}
    client.post("/api/readings", data=b'{"readings": [{}]}', headers=headers)

    other = client.post("/api/readings", data=b'{"readings": [{}, {}]}', headers=headers)
    unknown = client.get("/api/readings/never", headers=CREDENTIALS)

    assert (other.status_code, unknown.status_code) == (409, 404)
    assert_described(INTERFACE, "/api/readings", "post", other)
    assert_described(INTERFACE, "/api/readings/{key}", "get", unknown)
