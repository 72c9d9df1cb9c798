"""Eskiz, a gateway of SMS: its calls and answers, the sending of messages, and its receipts.

Source: the description of its interface in iota-uz/eskiz (``api/openapi.yaml``), read for its facts: a login gives a token that is
sent as Bearer; ``/api/message/sms/send-batch`` takes ``messages`` (``user_sms_id``, ``to``, ``text``), ``from``, ``dispatch_id`` and
``callback_url`` as JSON and answers with an ``id`` and a ``status`` a message, ``waiting``. A receipt is a POST with ``user_sms_id``,
``status`` and more. That 401 means a token that is over, and 429 too many calls, is inferred from HTTP; so is that a form and JSON
are both possible for receipts.
"""

import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from app.domain.notices import Delivery, DeliveryOutcome, DeliveryProblem, Outgoing, ReceiptMeaning
from app.gateways.exchange import ExchangeAnswer, NoAnswer, NotSent, exchange
from app.gateways.message_contracts import GatewayAgreement, GatewayReceipt, called

NAME = "ESKIZ"
ADDRESS = "https://notify.eskiz.uz"
TIMEOUT_S = 20.0

_AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_MEANINGS: Mapping[str, ReceiptMeaning] = {
    **dict.fromkeys(("DELIVERED", "DELIVRD"), ReceiptMeaning.DELIVERED),
    **dict.fromkeys(("REJECTED", "REJECTD", "UNDELIV", "UNDELIVERABLE", "UNDELIVERED", "EXPIRED", "DELETED"), ReceiptMeaning.UNDELIVERED),
    **dict.fromkeys(("NEW", "STORED", "ACCEPTED", "PARTDELIVERED", "ENROUTE", "UNKNOWN", "WAITING", "TRANSMTD"), ReceiptMeaning.UNDER_WAY),
}


class Eskiz:
    """Sends messages of one contract; its token is kept while it lives."""

    name = NAME

    def __init__(self, agreement: GatewayAgreement, *, timeout_s: float = TIMEOUT_S) -> None:
        self._agreement, self._timeout_s = agreement, timeout_s
        self.most = agreement.messages_a_call
        self._token: str | None = None

    def send(self, messages: Sequence[Outgoing]) -> list[Delivery]:
        """Send messages in one call and return what is known then, in their order; a token that is over is asked for once more."""
        answer = ExchangeAnswer(HTTPStatus.UNAUTHORIZED, b"")
        for is_last in (False, True):
            if self._token is None and (failed := self._log_in()) is not None:
                return [failed] * len(messages)
            said = called(lambda: self._send_batch(messages))
            if isinstance(said, Delivery):
                return [said] * len(messages)
            answer = said
            if answer.status != HTTPStatus.UNAUTHORIZED or is_last:
                break
            self._token = None
        return deliveries(answer, messages)

    def _send_batch(self, messages: Sequence[Outgoing]) -> ExchangeAnswer:
        batch: dict[str, Any] = {
            "messages": [{"user_sms_id": each.reference, "to": each.address.removeprefix("+"), "text": each.text} for each in messages],
            "from": self._agreement.sender,
            "dispatch_id": zlib.crc32("|".join(each.reference for each in messages).encode()),
        }
        if self._agreement.receipts_url:
            batch["callback_url"] = self._agreement.receipts_url
        body = json.dumps(batch, ensure_ascii=False).encode()
        return self._post("/api/message/sms/send-batch", body, "application/json", {"Authorization": f"Bearer {self._token}"})

    def _log_in(self) -> Delivery | None:
        """Get a token; return why there is none, in which case nothing was sent."""
        given = {"email": self._agreement.login, "password": self._agreement.secret}
        try:
            answer = self._post("/api/auth/login", *encode_form(given), {})
        except (NotSent, NoAnswer) as reason:
            return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.NO_CONNECTION, detail=str(reason))
        self._token = token(answer)
        if self._token is None:
            return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.WRONG_CREDENTIALS, detail=f"HTTP {answer.status}")
        return None

    def _post(self, path: str, body: bytes, media_type: str, headers: Mapping[str, str]) -> ExchangeAnswer:
        headers = {"Accept": "application/json", "Content-Type": media_type, **headers}
        url = self._agreement.address.rstrip("/") + path
        return exchange("POST", url, headers=headers, body=body, timeout_s=self._timeout_s, proxy=self._agreement.proxy)


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


def deliveries(answer: ExchangeAnswer, messages: Sequence[Outgoing]) -> list[Delivery]:
    """Return what an answer says of each message; one that tells no number, or a fault of the server, leaves them in doubt."""
    said = _object(answer.body)
    words = f"HTTP {answer.status} {_words(said)}".strip()
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        number, statuses = said.get("id"), said.get("status")
        is_number = isinstance(number, str | int) and not isinstance(number, bool) and str(number)
        if is_number and isinstance(statuses, list) and len(statuses) == len(messages):
            return [_taken(status, f"{number}/{place}", words) for place, status in enumerate(statuses)]
        return [Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.UNREADABLE_ANSWER, detail=words)] * len(messages)
    return [_not_taken(answer.status, words)] * len(messages)


def _taken(status: Any, reference: str, words: str) -> Delivery:
    if isinstance(status, str) and status.lower() in {"error", "rejected"}:
        return Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail=f"{words} {status}")
    return Delivery(DeliveryOutcome.SENT, reference=reference)


def _not_taken(status: int, words: str) -> Delivery:
    if status in _AGAIN:
        return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.BUSY, detail=words)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.WRONG_CREDENTIALS, detail=words)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail=words)
    return Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.UNREADABLE_ANSWER, detail=words)


def receipt(fields: Mapping[str, Any]) -> GatewayReceipt | None:
    """Return what a receipt says, or None if it names no message."""
    reference, status = fields.get("user_sms_id"), str(fields.get("status") or "").upper()
    if not isinstance(reference, str | int) or not str(reference):
        return None
    return GatewayReceipt(str(reference)[:200], _MEANINGS.get(status, ReceiptMeaning.UNREADABLE))


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _words(said: Mapping[str, Any]) -> str:
    message = said.get("message")
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False) if message else ""
