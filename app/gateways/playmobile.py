"""PlayMobile (smsxabar), a gateway of SMS: its call and answers, its receipts, and messages of consumers.

Source: the handler of PlayMobile in nyaruka/courier, read for its facts: POST to ``/broker-api/send`` with Basic credentials and
``messages`` of ``recipient``, ``message-id`` and ``sms`` (``originator``, ``content.text``); 200 ``Request is received``; 400 with an
error in JSON; a message has at most 640 characters. Recalled, to be confirmed by the customer: ``error-code`` and
``error-description``, and receipts as JSON with ``message-id`` and ``status``.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from app.domain.notices import Delivery, DeliveryOutcome, DeliveryProblem, Outgoing, ReceiptMeaning
from app.gateways.exchange import ExchangeAnswer, exchange
from app.gateways.message_contracts import GatewayAgreement, GatewayReceipt, called

NAME = "PLAYMOBILE"
ADDRESS = "https://send.smsxabar.uz"
TIMEOUT_S = 20.0
LONGEST_TEXT = 640

_AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_MEANINGS: Mapping[str, ReceiptMeaning] = {
    **dict.fromkeys(("delivered", "delivrd"), ReceiptMeaning.DELIVERED),
    **dict.fromkeys(("notdelivered", "undelivered", "undeliv", "rejected", "failed", "expired", "deleted"), ReceiptMeaning.UNDELIVERED),
    **dict.fromkeys(("created", "accepted", "transmitted", "waiting", "enroute", "unknown"), ReceiptMeaning.UNDER_WAY),
}


class PlayMobile:
    """Sends messages of one contract."""

    name = NAME

    def __init__(self, agreement: GatewayAgreement, *, timeout_s: float = TIMEOUT_S) -> None:
        self._agreement, self._timeout_s = agreement, timeout_s
        self.most = agreement.messages_a_call

    def send(self, messages: Sequence[Outgoing]) -> list[Delivery]:
        """Send messages in one call and return what is known then, in their order; one that is too long stays here."""
        fitting = [each for each in messages if len(each.text) <= LONGEST_TEXT]
        known = {each.reference: _too_long(each) for each in messages if each not in fitting}
        if fitting:
            answer = called(lambda: self._post(fitting))
            known |= {each.reference: answer if isinstance(answer, Delivery) else delivery(answer, each.reference) for each in fitting}
        return [known[each.reference] for each in messages]

    def _post(self, messages: Sequence[Outgoing]) -> ExchangeAnswer:
        credentials = base64.b64encode(f"{self._agreement.login}:{self._agreement.secret}".encode()).decode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Basic {credentials}"}
        batch = {"messages": [_message(each, self._agreement.sender) for each in messages]}
        url, body = self._agreement.address.rstrip("/") + "/broker-api/send", json.dumps(batch, ensure_ascii=False).encode()
        return exchange("POST", url, headers=headers, body=body, timeout_s=self._timeout_s, proxy=self._agreement.proxy)


def _message(message: Outgoing, sender: str) -> Mapping[str, Any]:
    sms = {"originator": sender, "content": {"text": message.text}}
    return {"recipient": message.address.removeprefix("+"), "message-id": message.reference, "sms": sms}


def _too_long(message: Outgoing) -> Delivery:
    return Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail=f"{len(message.text)} > {LONGEST_TEXT}")


def delivery(answer: ExchangeAnswer, reference: str) -> Delivery:
    """Return what an answer says of a message; the gateway knows it by our number."""
    words = f"HTTP {answer.status} {_error(answer.body)}".strip()
    if answer.status == HTTPStatus.OK:
        return Delivery(DeliveryOutcome.SENT, reference=reference)
    if answer.status in _AGAIN:
        return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.BUSY, detail=words)
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.WRONG_CREDENTIALS, detail=words)
    if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail=words)
    return Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.UNREADABLE_ANSWER, detail=words)


def receipt(fields: Mapping[str, Any]) -> GatewayReceipt | None:
    """Return what a receipt says, or None if it names no message."""
    reference, status = fields.get("message-id"), str(fields.get("status") or "").lower().replace(" ", "")
    if not isinstance(reference, str | int) or not str(reference):
        return None
    return GatewayReceipt(str(reference)[:200], _MEANINGS.get(status, ReceiptMeaning.UNREADABLE))


def _error(body: bytes) -> str:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    return " ".join(str(said[name]) for name in ("error-code", "error-description") if name in said)
