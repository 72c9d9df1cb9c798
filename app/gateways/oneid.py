"""OneID, the state's sign-on: where a browser is sent, and who came back.

Source: public integrations of sso.egov.uz (read for their facts): one address for all steps; ``response_type=one_code`` sends the browser
back with ``code`` and ``state``; ``grant_type=one_authorization_code`` gives an access token for the code, and
``grant_type=one_access_token_identify`` tells the person: ``valid``, ``pin`` (JSHSHIR), ``full_name``. There is no id token and so no
nonce in it: the state, which one browser knows once, stands for it. To be confirmed against the contract with OneID.
"""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.domain import identifiers
from app.gateways.exchange import NoAnswer, NotSent, exchange

ADDRESS = "https://sso.egov.uz/sso/oauth/Authorization.do"
TIMEOUT_S = 10.0


class OneIdFailed(Exception):
    """OneID does not say who it is; the text is what went wrong, for the log."""


class OneIdContract(NamedTuple):
    """What a contract with OneID says.

    :ivar proxy: address of a proxy between; empty asks OneID itself
    """

    client_id: str
    client_secret: str
    address: str = ADDRESS
    proxy: str = ""


class OneIdPerson(NamedTuple):
    """Who signed on."""

    pinfl: str
    name: str


def contract(settings: Mapping[str, Any]) -> OneIdContract | None:
    """Return the contract of the settings; None: there is none, and nobody signs on by OneID."""
    if not settings["ONEID_CLIENT_ID"] or not settings["ONEID_CLIENT_SECRET"]:
        return None
    address = settings["ONEID_URL"] or ADDRESS
    return OneIdContract(settings["ONEID_CLIENT_ID"], settings["ONEID_CLIENT_SECRET"], address, settings["OUTGOING_PROXY"])


def faults(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield why consumers could not sign on in production, one sentence a fault."""
    if settings["ONEID_CLIENT_ID"] and not settings["ONEID_CLIENT_SECRET"]:
        yield "ONEID_CLIENT_SECRET is not set: OneID would refuse every sign-on. Set it, or leave ONEID_CLIENT_ID empty."
    if settings["ONEID_URL"] and not settings["ONEID_URL"].startswith("https://"):
        yield "ONEID_URL is no https:// address: the secret and who signs on would travel in the open."


def sign_on_address(under: OneIdContract, *, state: str, back: str) -> str:
    """Return where the browser is sent to sign on.

    :param back: our address to which OneID sends it back
    """
    asked = {"response_type": "one_code", "client_id": under.client_id, "redirect_uri": back, "scope": under.client_id, "state": state}
    return f"{under.address}?{urlencode(asked)}"


def person(under: OneIdContract, code: str, *, back: str, timeout_s: float = TIMEOUT_S) -> OneIdPerson:
    """Return whose code it is.

    :raises OneIdFailed: if OneID does not say, or does not vouch for the person
    """
    given = _asked(under, {"grant_type": "one_authorization_code", "code": code, "redirect_uri": back}, timeout_s)
    token = given.get("access_token")
    if not isinstance(token, str) or not token:
        raise OneIdFailed("no token")
    told = _asked(under, {"grant_type": "one_access_token_identify", "access_token": token, "scope": under.client_id}, timeout_s)
    if str(told.get("valid", "")).lower() not in {"true", "1"}:
        raise OneIdFailed("not valid")
    try:
        pinfl = identifiers.pinfl(str(told.get("pin", "")))
    except identifiers.InvalidIdentifier:
        raise OneIdFailed("no JSHSHIR") from None
    return OneIdPerson(pinfl, str(told.get("full_name", ""))[:200])


def _asked(under: OneIdContract, form: Mapping[str, str], timeout_s: float) -> dict[str, Any]:
    body = urlencode({**form, "client_id": under.client_id, "client_secret": under.client_secret}).encode()
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = exchange("POST", under.address, headers=headers, body=body, timeout_s=timeout_s, proxy=under.proxy)
        told = json.loads(answer.body)
    except (NotSent, NoAnswer, ValueError, RecursionError) as error:
        raise OneIdFailed(type(error).__name__) from None
    if answer.status != HTTPStatus.OK or not isinstance(told, dict):
        raise OneIdFailed(f"HTTP {answer.status}")
    return told
