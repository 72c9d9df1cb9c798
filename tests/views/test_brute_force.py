"""Whoever tries secrets is turned away after ten, from one address or from many, whatever he says his address is."""

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.browsers import token
from tests.views.members import MEMBER, enter, give_device

pytestmark = pytest.mark.usefixtures("clean")

ALLOWED = 10
SIZES = [pytest.param(16, id="16"), pytest.param(1000, id="1000", marks=pytest.mark.security)]
Try = Callable[[FlaskClient, str, dict[str, str]], int]


def by_form(client: FlaskClient, address: str, headers: dict[str, str]) -> int:
    form = {"username": MEMBER, "password": "wrong", "csrf_token": token(client.get("/login/").text)}
    return client.post("/login/", data=form, environ_base={"REMOTE_ADDR": address}, headers=headers).status_code


def by_interface(client: FlaskClient, address: str, headers: dict[str, str]) -> int:
    tried = {"username": MEMBER, "password": "wrong", "provider": "db"}
    return client.post("/api/v1/security/login", json=tried, environ_base={"REMOTE_ADDR": address}, headers=headers).status_code


def by_code(client: FlaskClient, address: str, headers: dict[str, str]) -> int:
    if client.get("/login-code/").status_code != 200:
        form = {"username": MEMBER, "password": "pc-billing-demo", "csrf_token": token(client.get("/login/").text)}
        client.post("/login/", data=form)
    made = token(client.get("/login-code/").text)
    answer = client.post("/login-code/", data={"code": "x", "csrf_token": made}, environ_base={"REMOTE_ADDR": address}, headers=headers)
    return answer.status_code


def by_own_password(client: FlaskClient, address: str, headers: dict[str, str]) -> int:
    form = {"old_password": "wrong", "password": "a quiet river at dawn", "password_again": "a quiet river at dawn"}
    form["csrf_token"] = token(client.get("/my-sessions/").text)
    return client.post("/resetmypassword/form", data=form, environ_base={"REMOTE_ADDR": address}, headers=headers).status_code


def by_portal(client: FlaskClient, address: str, headers: dict[str, str]) -> int:
    form = {"account": "269018777777", "csrf_token": token(client.get("/portal/").text)}
    return client.post("/portal/", data=form, environ_base={"REMOTE_ADDR": address}, headers=headers).status_code


def by_portal_code(client: FlaskClient, address: str, headers: dict[str, str]) -> int:
    with client.session_transaction() as session:
        session["portal_number"] = "269018666666"
    form = {"code": "000000", "csrf_token": token(client.get("/portal/code").text)}
    return client.post("/portal/code", data=form, environ_base={"REMOTE_ADDR": address}, headers=headers).status_code


def one(_number: int) -> tuple[str, dict[str, str]]:
    return "203.0.113.50", {}


def many(number: int) -> tuple[str, dict[str, str]]:
    return f"198.18.{number % 50}.1", {}


def spoofed(number: int) -> tuple[str, dict[str, str]]:
    return "203.0.113.51", {"X-Forwarded-For": f"198.19.{number // 250}.{number % 250}", "X-Real-IP": "192.0.2.1"}


@pytest.fixture(params=[0, 1], ids=["no proxy", "one proxy"])
def proxies(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """The application as it stands, and behind one proxy that adds the address it sees."""
    if request.param:
        monkeypatch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, x_for=1))
    return int(request.param)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("where", [one, many, spoofed])
@pytest.mark.parametrize("way", [by_form, by_interface, by_code, by_own_password, by_portal, by_portal_code])
def test_tries_of_one_users_secret_are_turned_away_after_ten(
    app: Flask, demo_database: psycopg.Connection, way: Try, where: Callable[[int], tuple[str, dict[str, str]]], size: int
) -> None:
    if where is many and way in {by_portal, by_portal_code}:
        pytest.skip("strangers elsewhere shut no owner out: their codes have budgets, counted in the database")
    client = enter(app) if way is by_own_password else app.test_client()
    if way is by_code:
        give_device(demo_database)

    answers = [way(client, *where(number)) for number in range(size)]

    assert 429 not in answers[:ALLOWED]
    assert set(answers[ALLOWED:]) == {429}


@pytest.mark.parametrize("size", SIZES)
def test_address_a_proxy_saw_counts_and_what_was_said_before_it_does_not(app: Flask, proxies: int, size: int) -> None:
    client, answers = app.test_client(), []

    for number in range(size):
        tried = {"username": f"none-{number}", "password": "wrong", "provider": "db"}
        said = {"X-Forwarded-For": f"198.19.{number // 250}.{number % 250}, 203.0.113.52"}
        answers.append(
            client.post("/api/v1/security/login", json=tried, headers=said, environ_base={"REMOTE_ADDR": "203.0.113.53"}).status_code
        )

    assert proxies in {0, 1}
    assert 429 not in answers[:ALLOWED]
    assert set(answers[ALLOWED:]) == {429}
