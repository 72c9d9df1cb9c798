"""What browsers are told with every answer, whatever is asked for."""

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

import config
from tests.access import walk
from tests.databases import ROOT
from tests.views.members import enter

pytestmark = pytest.mark.usefixtures("clean")

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
DIRECTIVES = {
    "default-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "worker-src": "'self'", "object-src": "'none'",
    "base-uri": "'none'", "frame-ancestors": "'none'", "form-action": "'self'",
}  # fmt: skip
#: What a rule's arguments are filled with.
FILLED = {"filename": "css/app.css", "public_id": "00000000-0000-0000-0000-000000000000", "code_": "ru", "code": "ru", "kind": "csv",
          "archive_kind": "zip"}  # fmt: skip


def addresses(app: Flask) -> list[str]:
    urls = app.url_map.bind("localhost")
    return sorted(
        {_address(urls, rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and "logout" not in rule.rule}
    )


def _address(urls: Any, rule: Rule) -> str:
    return urls.build(rule.endpoint, {name: FILLED.get(name, "1") for name in rule.arguments}, method="GET")


def lacks(headers: Any, address: str) -> list[str]:
    """Return what an answer does not tell."""
    found = [name for name, value in ALWAYS.items() if headers.get(name) != value]
    policy = dict(part.strip().split(" ", 1) for part in headers.get("Content-Security-Policy", "").split(";") if part.strip())
    scripts = policy.pop("script-src", "")
    if policy != DIRECTIVES or not scripts.startswith("'self' 'nonce-") or "unsafe" in scripts or "http" in scripts:
        found.append("Content-Security-Policy")
    if "/static/" not in address and "no-store" not in headers.get("Cache-Control", ""):
        found.append("Cache-Control")
    return found


@pytest.mark.parametrize("user", ["", "admin"])
def test_every_answer_carries_the_headers(app: Flask, user: str, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # an error of ours is an answer too
    client = enter(app, user) if user else app.test_client()
    chosen = walk.drawn(addresses(app), pytestconfig.getoption("randomly_seed", 1), one_of=4)
    asked = [*chosen, "/nowhere", "/portal/nowhere", "/api/nowhere", "/static/nowhere.css"]

    answers = {}
    for address in asked:
        with client.get(address) as answer:
            answers[address] = lacks(answer.headers, address)
    answers["POST"] = lacks(client.post("/login/").headers, "/login/")
    answers["payme"] = lacks(client.post("/api/payme", data="{").headers, "/api/payme")

    assert len(answers) > 75
    assert {address: missing for address, missing in answers.items() if missing} == {}


def test_each_page_has_its_own_nonce(app: Flask) -> None:
    client = app.test_client()

    assert len({client.get("/login/").headers["Content-Security-Policy"] for _ in range(3)}) == 3


def test_https_is_demanded_and_the_cookie_bound_to_the_host_where_the_address_is_https(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"SECRET_KEY": "x", "DATABASE_URL": "x://", "REDIS_URL": "", "PUBLIC_URL": "https://billing.example.uz"}
    settings = config.settings(given)
    for name in ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME"):
        monkeypatch.setitem(app.config, name, settings[name])

    answer = app.test_client().get("/login/", base_url="https://localhost")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_no_template_has_an_inline_handler_or_a_script_without_its_word() -> None:
    faults = [
        f"{path.name}: {tag[:60]}"
        for path in (ROOT / "app" / "templates").rglob("*.html")
        for tag in re.findall(
            r"<[a-z]+[^>]*\son[a-z]+=[^>]*>|<script(?![^>]*(?:nonce=|application/json))[^>]*>|javascript:", path.read_text()
        )
    ]

    assert faults == []


def test_script_that_is_refused_again_and_again_is_told_once(app: Flask) -> None:
    client = app.test_client()
    for _ in range(20):
        client.get("/billview/list/")

    with client.session_transaction() as session:
        assert len(session["_flashes"]) == 1
    assert client.get("/login/").text.count('class="alert') == 1
