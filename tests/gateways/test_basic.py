"""Credentials of a provider: the right ones and no others, whatever is sent."""

import hashlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateways import basic

KEY_SHA256 = hashlib.sha256(b"test-secret").hexdigest()


def is_authorised(header: str | None) -> bool:
    return basic.is_authorised(header, login="Paycom", key_sha256=KEY_SHA256)


def header(credentials: bytes, scheme: str = "Basic") -> str:
    return f"{scheme} {b64encode(credentials).decode()}"


@pytest.mark.parametrize("sent", ["Basic UGF5Y29tOnRlc3Qtc2VjcmV0", "basic UGF5Y29tOnRlc3Qtc2VjcmV0"])
def test_right_login_and_key_are_let_in(sent: str) -> None:
    assert is_authorised(sent)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic UGF5Y29tOndyb25n",
        "Basic ???",
        "Basic UGF5Y29tOnRlc3Qtc2VjcmV",
        "Basic \u0661\u0662",
        "Bearer UGF5Y29tOnRlc3Qtc2VjcmV0",
        "UGF5Y29tOnRlc3Qtc2VjcmV0",
        header(b"Paycom"),
        header(b"Paycom:"),
        header(b":test-secret"),
        header(b"paycom:test-secret"),
        header(b"Paycom:test-secret:more"),
        header(b"Paycom:test-secret\n"),
        header(b"\xff\xfe:test-secret"),
    ],
)
def test_anything_else_is_turned_away(sent: str | None) -> None:
    assert not is_authorised(sent)


def test_key_may_hold_a_colon_and_letters_of_any_script() -> None:
    key = "а:бʻ".encode()

    assert basic.is_authorised(header(b"pcb:" + key), login="pcb", key_sha256=hashlib.sha256(key).hexdigest())


def test_empty_credentials_are_no_match_for_an_empty_key_under_another_scheme() -> None:
    empty = hashlib.sha256(b"").hexdigest()

    assert not basic.is_authorised("Bearer OnRlc3Q=", login="pcb", key_sha256=empty)


@given(st.text() | st.binary().map(header))
def test_no_header_raises_or_lets_in(sent: str) -> None:
    assert not is_authorised(sent)
