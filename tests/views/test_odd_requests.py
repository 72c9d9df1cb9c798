"""JSON where words or a form are awaited, numbers of thousands of digits: refused, never with an error of ours."""

import json
from threading import Thread
from typing import Any

import psycopg
import pytest
from flask import Flask

from tests.browsers import one, token
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


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", "", "multipart/mixed; boundary=x"])
def test_body_that_is_no_form_empties_no_row(app: Flask, demo_database: psycopg.Connection, kind: str) -> None:
    pk = one(demo_database, "SELECT id FROM service_point WHERE stove IS NOT NULL AND cadastre_number IS NOT NULL ORDER BY id LIMIT 1")
    row = f"SELECT to_jsonb(p) FROM service_point p WHERE id = {pk}"
    before, client = one(demo_database, row), enter(app, "admin")
    made = token(client.get(f"/servicepointview/edit/{pk}").text)

    answer = client.post(f"/servicepointview/edit/{pk}", data=b'{"flat": "7"}', content_type=kind, headers={"X-CSRFToken": made})

    assert (answer.status_code, one(demo_database, row)) == (400, before)


@pytest.mark.parametrize(
    "address",
    ["/files/{}", "/accountview/show/{}", "/jobview/show/{}", "/charts/?division={}", "/shadowrunview/try?division={}", "/users/add?pk={}"],
)
def test_number_of_thousands_of_digits_is_no_row(app: Flask, address: str) -> None:
    answer = enter(app, "admin").get(address.format("9" * 5000))

    assert answer.status_code in {400, 404}


@pytest.mark.parametrize("odd", ["[]", "-1", "1e309", "2026-13", "9" * 25])
@pytest.mark.parametrize("name", ["page_TariffVersionView", "psize_TariffVersionView"])
def test_card_takes_no_odd_page_of_its_related_rows(app: Flask, name: str, odd: str) -> None:
    answer = enter(app, "admin").get("/tariffview/show/1", query_string={name: odd})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("meanwhile", "status"), [("DELETE FROM post WHERE id = {}", 409), ("UPDATE post SET name = 'Meanwhile' WHERE id = {}", 302)]
)
def test_edit_of_a_row_that_goes_at_the_same_moment_is_refused_and_of_one_that_changes_is_the_last(
    app: Flask, demo_database: psycopg.Connection, demo_url: str, meanwhile: str, status: int
) -> None:
    post = one(demo_database, "INSERT INTO post (code, name) VALUES ('odd', 'Before') RETURNING id")
    client, answers = enter(app, "admin"), []
    made = token(client.get(f"/postview/edit/{post}").text)
    form = {"csrf_token": made, "code": "odd", "name": "After", "change_reason": "test"}
    with psycopg.connect(demo_url) as other:
        other.execute(meanwhile.format(post))
        edit = Thread(target=lambda: answers.append(client.post(f"/postview/edit/{post}", data=form).status_code))
        edit.start()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        while one(demo_database, waiting) == "0" and edit.is_alive():
            edit.join(0.05)
        other.commit()
    edit.join()

    names = demo_database.execute("DELETE FROM post WHERE id = %s RETURNING name", (post,)).fetchall()
    assert (answers, names) == ([status], [] if status == 409 else [("After",)])
