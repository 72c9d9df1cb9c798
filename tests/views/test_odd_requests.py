"""JSON where words or a form are awaited, numbers of thousands of digits: refused, never with an error of ours."""

import json
from typing import Any

import pytest
from flask import Flask

from tests.views.members import enter

pytestmark = pytest.mark.usefixtures("clean")

SCALARS: tuple[Any, ...] = (None, True, 7, "text", [], ["x"], [{}])
WORDS: tuple[Any, ...] = (
    {"username": ["x"], "password": "p", "provider": "db"},
    {"username": "\ud800", "password": "p", "provider": "db"},
    {"username": "a\0b", "password": "p", "provider": "db"},
    {"username": {}, "password": 1, "provider": []},
)


@pytest.fixture(autouse=True)
def unshielded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer an error of ours with 500, as in production."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.mark.parametrize("address", ["/api/v1/security/login", "/login/"])
@pytest.mark.parametrize("told", [*SCALARS, *WORDS], ids=repr)
def test_json_that_is_no_name_and_password_logs_nobody_in(app: Flask, address: str, told: Any) -> None:
    answer = app.test_client().post(address, data=json.dumps(told), content_type="application/json")

    assert answer.status_code == 400


@pytest.mark.parametrize("address", ["/resetmypassword/form", "/userinfoeditview/form", "/my-sessions/device", "/accountview/list/"])
@pytest.mark.parametrize("told", [*SCALARS, {"old_password": ["x"], "code": {}}], ids=repr)
def test_form_takes_no_json(app: Flask, address: str, told: Any) -> None:
    client = enter(app)
    token = client.get("/resetmypassword/form").text.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]

    answer = client.post(address, data=json.dumps(told), content_type="application/json", headers={"X-CSRFToken": token})

    assert answer.status_code in {200, 400, 403, 405}


@pytest.mark.parametrize(
    "address",
    ["/files/{}", "/accountview/show/{}", "/jobview/show/{}", "/charts/?division={}", "/shadowrunview/try?division={}", "/users/add?pk={}"],
)
def test_number_of_thousands_of_digits_is_no_row(app: Flask, address: str) -> None:
    answer = enter(app, "admin").get(address.format("9" * 5000))

    assert answer.status_code in {400, 404}
