"""Eskiz, a gateway of SMS: its calls and answers, and the sending of one message.

Source: the description of its interface in iota-uz/eskiz (``api/openapi.yaml``), read for its facts: a login gives a token that is
sent as Bearer; ``/api/message/sms/send`` takes ``mobile_phone``, ``message`` and ``from`` as a form and answers with the message's
``id`` and the status ``waiting``. That 401 means a token that is over, and 429 too many calls, is inferred from HTTP.
"""

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from app.domain.notices import Delivery, DeliveryOutcome, DeliveryProblem, Outgoing
from app.gateways.exchange import ExchangeAnswer, NoAnswer, NotSent, exchange

NAME = "ESKIZ"
ADDRESS = "https://notify.eskiz.uz"
#: The sender of a contract without a name of its own.
SENDER = "4546"
TIMEOUT_S = 20.0

_AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Credentials(NamedTuple):
    """What a contract with Eskiz says."""

    login: str
    password: str
    sender: str = SENDER
    address: str = ADDRESS
    #: address of a proxy between; empty asks Eskiz itself
    proxy: str = ""


class Eskiz:
    """Sends messages of one contract; its token is kept while it lives."""

    name = NAME

    def __init__(self, credentials: Credentials, *, timeout_s: float = TIMEOUT_S) -> None:
        self._credentials, self._timeout_s = credentials, timeout_s
        self._token: str | None = None

    def send(self, message: Outgoing) -> Delivery:
        """Send a message and return what is known then; a token that is over is asked for once more."""
        form = {"mobile_phone": message.address.removeprefix("+"), "message": message.text, "from": self._credentials.sender}
        for is_last in (False, True):
            if self._token is None and (failed := self._log_in()) is not None:
                return failed
            try:
                answer = self._post("/api/message/sms/send", form, {"Authorization": f"Bearer {self._token}"})
            except NotSent as reason:
                return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.NO_CONNECTION, detail=str(reason))
            except NoAnswer as reason:
                return Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.NO_ANSWER, detail=str(reason))
            if answer.status != HTTPStatus.UNAUTHORIZED or is_last:
                break
            self._token = None
        return delivery(answer)

    def _log_in(self) -> Delivery | None:
        """Get a token; return why there is none, in which case nothing was sent."""
        form = {"email": self._credentials.login, "password": self._credentials.password}
        try:
            answer = self._post("/api/auth/login", form, {})
        except (NotSent, NoAnswer) as reason:
            return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.NO_CONNECTION, detail=str(reason))
        self._token = token(answer)
        if self._token is None:
            return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.WRONG_CREDENTIALS, detail=f"HTTP {answer.status}")
        return None

    def _post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> ExchangeAnswer:
        body, media_type = encode_form(form)
        url = self._credentials.address.rstrip("/") + path
        headers = {"Accept": "application/json", "Content-Type": media_type, **headers}
        return exchange("POST", url, headers=headers, body=body, timeout_s=self._timeout_s, proxy=self._credentials.proxy)


def encode_form(form: Mapping[str, str]) -> tuple[bytes, str]:
    """Return a form as ``multipart/form-data``, and its media type."""
    boundary = secrets.token_hex(16)
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in form.items()]
    return ("".join(parts) + f"--{boundary}--\r\n").encode(), f"multipart/form-data; boundary={boundary}"


def token(answer: ExchangeAnswer) -> str | None:
    """Return the token of a login, or None if there is none in the answer."""
    data = _object(answer.body).get("data")
    given = data.get("token") if isinstance(data, dict) else None
    return (
        given
        if answer.status < HTTPStatus.MULTIPLE_CHOICES and isinstance(given, str) and given.isascii() and given.isprintable()
        else None
    )


def delivery(answer: ExchangeAnswer) -> Delivery:
    """Return what an answer to a message says; an answer that tells no number, or a fault of the server, leaves it in doubt."""
    said = _object(answer.body)
    words = f"HTTP {answer.status} {_words(said)}".strip()
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        number = said.get("id")
        if isinstance(number, str | int) and not isinstance(number, bool) and str(number) and said.get("status") != "error":
            return Delivery(DeliveryOutcome.SENT, reference=str(number))
        return Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.UNREADABLE_ANSWER, detail=words)
    if answer.status in _AGAIN:
        return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.BUSY, detail=words)
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.WRONG_CREDENTIALS, detail=words)
    if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail=words)
    return Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.UNREADABLE_ANSWER, detail=words)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _words(said: Mapping[str, Any]) -> str:
    message = said.get("message")
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False) if message else ""
