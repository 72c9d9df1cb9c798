"""OneID: where a browser is sent, and who came back, against a server on loopback that speaks as OneID does."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.gateways import oneid
from app.gateways.oneid import OneIdContract, OneIdFailed, OneIdPerson
from tests.loopback import LOGIN, PASSWORD, OneIdServer, running

BACK = "http://127.0.0.1:8080/portal/oneid/back"
PINFL = "30101199001232"


@pytest.fixture
def server() -> Iterator[OneIdServer]:
    with running(OneIdServer()) as started:
        yield started


def contract(server: OneIdServer, secret: str = PASSWORD) -> OneIdContract:
    return OneIdContract(LOGIN, secret, server.url)


def test_browser_is_sent_with_state_and_the_address_to_come_back_to() -> None:
    address = urlsplit(oneid.sign_on_address(OneIdContract("ours", "secret"), state="once", back=BACK))

    assert f"{address.scheme}://{address.netloc}{address.path}" == oneid.ADDRESS
    assert parse_qs(address.query) == {
        "response_type": ["one_code"], "client_id": ["ours"], "redirect_uri": [BACK], "scope": ["ours"], "state": ["once"],
    }  # fmt: skip


def test_person_is_told_for_a_code_once(server: OneIdServer) -> None:
    server.codes["c1"] = {"valid": "true", "pin": PINFL, "full_name": "KARIMOV ANVAR"}

    assert oneid.person(contract(server), "c1", back=BACK) == OneIdPerson(PINFL, "KARIMOV ANVAR")
    assert server.asked[0]["redirect_uri"] == BACK
    with pytest.raises(OneIdFailed, match="HTTP 400"):
        oneid.person(contract(server), "c1", back=BACK)


def test_wrong_secret_is_refused(server: OneIdServer) -> None:
    with pytest.raises(OneIdFailed, match="HTTP 401"):
        oneid.person(contract(server, "wrong"), "c1", back=BACK)


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"valid": "false", "pin": PINFL}, "not valid"),
        ({"pin": PINFL}, "not valid"),
        ({"valid": True, "pin": "30101199001233"}, "no JSHSHIR"),
        ({"valid": True, "pin": None}, "no JSHSHIR"),
        ({"valid": True}, "no JSHSHIR"),
    ],
)
def test_person_that_is_not_vouched_for_is_nobody(server: OneIdServer, person: dict[str, Any], reason: str) -> None:
    server.codes["c1"] = person

    with pytest.raises(OneIdFailed, match=reason):
        oneid.person(contract(server), "c1", back=BACK)


@pytest.mark.parametrize("answer", [(200, b"<html>"), (200, b"[]"), (200, b'{"access_token": 7}'), (500, b"{}"), (302, b"{}")])
def test_answer_that_says_nothing_is_no_sign_on(server: OneIdServer, answer: tuple[int, bytes]) -> None:
    server.answer = answer

    with pytest.raises(OneIdFailed):
        oneid.person(contract(server), "c1", back=BACK)


def test_server_that_is_not_there_is_no_sign_on() -> None:
    with pytest.raises(OneIdFailed, match="NotSent"):
        oneid.person(OneIdContract(LOGIN, PASSWORD, "http://127.0.0.1:9/"), "c1", back=BACK)


def test_without_a_contract_nobody_signs_on() -> None:
    nothing = {"ONEID_CLIENT_ID": "", "ONEID_CLIENT_SECRET": "", "ONEID_URL": "", "OUTGOING_PROXY": ""}

    assert oneid.contract(nothing) is None
    assert oneid.contract(nothing | {"ONEID_CLIENT_ID": "ours"}) is None
    assert oneid.contract(nothing | {"ONEID_CLIENT_ID": "ours", "ONEID_CLIENT_SECRET": "s"}) == OneIdContract("ours", "s")
