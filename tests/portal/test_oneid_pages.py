"""Signing on to the portal by OneID, against a server on loopback that speaks as OneID does."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.loopback import LOGIN, PASSWORD, OneIdServer, running
from tests.portal.consumers import Consumer, consumer

STRANGER = "51507200500140"


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[OneIdServer]:
    with running(OneIdServer()) as started:
        monkeypatch.setitem(app.config, "ONEID_CLIENT_ID", LOGIN)
        monkeypatch.setitem(app.config, "ONEID_CLIENT_SECRET", PASSWORD)
        monkeypatch.setitem(app.config, "ONEID_URL", started.url)
        yield started


@pytest.fixture
def person(demo_database: psycopg.Connection) -> tuple[Consumer, str]:
    """An account of a household, and the JSHSHIR it is kept under."""
    account = consumer(demo_database, "c.pinfl IS NOT NULL")
    row = demo_database.execute(
        "SELECT c.pinfl FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = %s", (account.id,)
    ).fetchone()
    assert row is not None
    return account, str(row[0])


def leave(client: FlaskClient) -> str:
    """Go to OneID and return the state."""
    answer = client.get("/portal/oneid")
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def come_back(client: FlaskClient, state: str, code: str = "c1") -> str:
    answer = client.get("/portal/oneid/back", query_string={"state": state, "code": code})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def vouch(server: OneIdServer, pinfl: str, code: str = "c1") -> None:
    server.codes[code] = {"valid": "true", "pin": pinfl, "full_name": "SOMEBODY"}


def test_jshshir_opens_the_accounts_that_are_kept_under_it(client: FlaskClient, server: OneIdServer, person: tuple[Consumer, str]) -> None:
    account, pinfl = person
    vouch(server, pinfl)

    assert come_back(client, leave(client)).startswith("/portal/home")

    assert account.number in client.get("/portal/home").text
    assert "OneID" in client.get("/portal/users").text
    assert server.asked[0]["redirect_uri"].endswith("/portal/oneid/back")


def test_state_is_used_up_and_no_other_is_taken(app: Flask, client: FlaskClient, server: OneIdServer, person: tuple[Consumer, str]) -> None:
    for code in ("c1", "c2", "c3"):
        vouch(server, person[1], code)
    state = leave(client)

    assert come_back(client, "another") == "/portal/"
    assert come_back(client, state) == "/portal/"  # used up by the first try
    stranger = app.test_client()
    assert come_back(stranger, leave(client), "c2") == "/portal/"
    assert come_back(stranger, "", "c3") == "/portal/"
    assert server.asked == []


def test_person_without_an_account_is_told_so_and_not_remembered(
    client: FlaskClient, server: OneIdServer, demo_database: psycopg.Connection
) -> None:
    vouch(server, STRANGER)

    assert come_back(client, leave(client)) == "/portal/"

    assert "JSHSHIR" in client.get("/portal/", headers={"Accept-Language": "en"}).text
    assert demo_database.execute("SELECT count(*) FROM portal_user WHERE pinfl = %s", (STRANGER,)).fetchone() == (0,)


def test_code_that_tells_nobody_opens_nothing(client: FlaskClient, server: OneIdServer) -> None:
    assert come_back(client, leave(client), "never given") == "/portal/"
    assert len(server.asked) == 1
    assert client.get("/portal/home").status_code == 302


def test_account_that_became_anothers_is_not_seen_any_more(
    client: FlaskClient, server: OneIdServer, person: tuple[Consumer, str], demo_database: psycopg.Connection
) -> None:
    account, pinfl = person
    vouch(server, pinfl)
    come_back(client, leave(client))
    demo_database.execute("UPDATE consumer SET pinfl = NULL WHERE id = (SELECT consumer_id FROM account WHERE id = %s)", (account.id,))

    assert client.get("/portal/home").headers["Location"] == "/portal/"

    demo_database.execute("UPDATE consumer SET pinfl = %s WHERE id = (SELECT consumer_id FROM account WHERE id = %s)", (pinfl, account.id))


def test_without_a_contract_it_is_not_offered_and_says_so(client: FlaskClient) -> None:
    assert "/portal/oneid" not in client.get("/portal/").text
    answer = client.get("/portal/oneid", headers={"Accept-Language": "en"})

    assert (answer.status_code, "is not set up here" in answer.text) == (404, True)
    assert client.get("/portal/oneid/back").status_code == 404


def test_it_is_offered_with_a_contract(client: FlaskClient, server: OneIdServer) -> None:
    assert server.url
    assert "/portal/oneid" in client.get("/portal/").text
