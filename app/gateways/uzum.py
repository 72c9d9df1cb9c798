"""Uzum Bank's merchant webhooks: five POST addresses, HTTP Basic, HTTP 200 for success and 400 for a refusal.

Source: the public AsyncAPI of the webhooks and two implementers (names, codes); the bank's own OpenAPI was not to be had.
Amounts come in tiyin and are shown in soʻm as text; moments are milliseconds.

Inferred: an account number that cannot be one is 10007, a ``transId`` that is no UUID is 10005, an amount that is no positive
whole number is 10011, fractions of a soʻm are shown with two decimals, and 10007 is said while the law suspends payments. Open:
whether a repeated call is refused (10010, 10016, 10018) or answered as the first time, and whether ``transId`` may come in
capitals. It is kept as it was sent.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.gateways import json_bodies
from app.gateways.json_bodies import NotJson

ACCESS_DENIED = 10001
PARSE = 10002
UNKNOWN_OPERATION = 10003
MISSING_PARAMETER = 10005
UNKNOWN_SERVICE = 10006
UNKNOWN_ACCOUNT = 10007
#: Law ЎРҚ-1044 of 2025-03-07; the bank has no code of its own for it.
PAYMENTS_SUSPENDED = UNKNOWN_ACCOUNT
ALREADY_PAID = 10008
ALREADY_CREATED = 10010
WRONG_AMOUNT = 10011
AMOUNT_TOO_SMALL = 10012
AMOUNT_TOO_LARGE = 10013
UNKNOWN_TRANSACTION = 10014
CANCELLED_BEFORE = 10015
CONFIRMED_BEFORE = 10016
CANNOT_REVERSE = 10017
REVERSED_BEFORE = 10018
INTERNAL = 99999

#: HTTP status of an answer that says no.
REFUSED_STATUS = 400
#: States of a transaction; one that is not confirmed in 30 minutes has failed.
CREATED, CONFIRMED, REVERSED, FAILED = "CREATED", "CONFIRMED", "REVERSED", "FAILED"

CHECK, CREATE, CONFIRM, REVERSE, STATUS = "check", "create", "confirm", "reverse", "status"
OPERATIONS = (CHECK, CREATE, CONFIRM, REVERSE, STATUS)

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class UzumRefusal(Exception):
    """A request is answered with an error.

    :ivar code: Uzum Bank's code
    """

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class UzumCall(NamedTuple):
    """A request that has the right shape; what its operation does not have is empty or 0."""

    operation: str
    service_id: int
    sent_ms: int
    #: the bank's number of the transaction, as it was sent
    trans_id: str = ""
    account_number: str = ""
    amount_tiyin: int = 0
    #: what the bank says of a payment it confirms; it need not
    payment_source: str = ""
    processing_reference: str = ""


class Moments(NamedTuple):
    """When the steps of a transaction were taken, in milliseconds; None for a step that was not."""

    created_ms: int
    confirmed_ms: int | None
    reversed_ms: int | None


def parse(operation: str, body: bytes, *, service_id: int, account_field: str = "account") -> UzumCall:
    """Return a request.

    :param operation: the last part of the address: one of ``OPERATIONS``
    :param service_id: the number of our service in the contract; a request for another is refused
    :param account_field: name in ``params`` that holds the account number
    :raises UzumRefusal: if the operation is unknown, the body is no JSON object, a parameter is missing or wrong
    """
    if operation not in OPERATIONS:
        raise UzumRefusal(UNKNOWN_OPERATION)
    sent = _object(body)
    if not json_bodies.is_int63(sent.get("serviceId")) or not json_bodies.is_int63(sent.get("timestamp")):
        raise UzumRefusal(MISSING_PARAMETER)
    if sent["serviceId"] != service_id:
        raise UzumRefusal(UNKNOWN_SERVICE)
    call = UzumCall(operation, service_id, sent["timestamp"])
    if operation != CHECK:
        call = call._replace(trans_id=_trans_id(sent))
    if operation in (CHECK, CREATE):
        call = call._replace(account_number=_account(sent, account_field))
    if operation == CREATE:
        call = call._replace(amount_tiyin=_amount(sent))
    if operation == CONFIRM:
        call = call._replace(payment_source=_word(sent, "paymentSource"), processing_reference=_word(sent, "processingReferenceNumber"))
    return call


def _object(body: bytes) -> dict[str, Any]:
    try:
        sent = json_bodies.decode(body)
    except NotJson:
        raise UzumRefusal(PARSE) from None
    if not isinstance(sent, dict):
        raise UzumRefusal(PARSE)
    return sent


def _trans_id(sent: Mapping[str, Any]) -> str:
    trans_id = sent.get("transId")
    if not isinstance(trans_id, str) or not _UUID.fullmatch(trans_id):
        raise UzumRefusal(MISSING_PARAMETER)
    return trans_id


def _account(sent: Mapping[str, Any], account_field: str) -> str:
    params = sent.get("params")
    if not isinstance(params, dict) or params.get(account_field) in (None, ""):
        raise UzumRefusal(MISSING_PARAMETER)
    number = json_bodies.account_number(params[account_field])
    if not number:
        raise UzumRefusal(UNKNOWN_ACCOUNT)
    return number


def _amount(sent: Mapping[str, Any]) -> int:
    if sent.get("amount") is None:
        raise UzumRefusal(MISSING_PARAMETER)
    amount = json_bodies.amount_tiyin(sent["amount"])
    if amount is None:
        raise UzumRefusal(WRONG_AMOUNT)
    return amount


def _word(sent: Mapping[str, Any], name: str) -> str:
    """Return a text that may be missing; one that cannot be kept is taken for missing, for the money is what counts."""
    value = sent.get(name)
    return str(value) if json_bodies.is_short_text(value) or json_bodies.is_int63(value) else ""


def som(tiyin: int) -> str:
    """Return an amount in soʻm, with decimals only where there are tiyin.

    >>> som(13000000), som(-5)
    ('130000', '-0.05')
    """
    whole, part = divmod(abs(tiyin), 100)
    return f"{'-' if tiyin < 0 else ''}{whole}{f'.{part:02d}' if part else ''}"


def checked(call: UzumCall, *, name: str, amount_tiyin: int, at_ms: int) -> bytes:
    """Answer check: whom the account belongs to, and how much is to be paid.

    :param at_ms: the moment of the answer
    """
    shown = {"account": call.account_number, "fio": name, "amount": som(amount_tiyin)}
    data = {field: {"value": value} for field, value in shown.items()}
    return json_bodies.encode({"serviceId": call.service_id, "timestamp": at_ms, "status": "OK", "data": data})


def created(call: UzumCall, *, created_ms: int) -> bytes:
    """Answer create."""
    return _reply(call, CREATED, {"transTime": created_ms}, call.amount_tiyin)


def confirmed(call: UzumCall, *, confirmed_ms: int, amount_tiyin: int) -> bytes:
    """Answer confirm."""
    return _reply(call, CONFIRMED, {"confirmTime": confirmed_ms}, amount_tiyin)


def reversed_(call: UzumCall, *, reversed_ms: int, amount_tiyin: int) -> bytes:
    """Answer reverse."""
    return _reply(call, REVERSED, {"reverseTime": reversed_ms}, amount_tiyin)


def status(call: UzumCall, *, state: str, moments: Moments, amount_tiyin: int) -> bytes:
    """Answer status.

    :param state: CREATED, CONFIRMED, REVERSED or FAILED
    """
    times = {"transTime": moments.created_ms, "confirmTime": moments.confirmed_ms, "reverseTime": moments.reversed_ms}
    return _reply(call, state, times, amount_tiyin)


def refusal(refused: UzumRefusal, *, service_id: int, at_ms: int, trans_id: str = "") -> bytes:
    """Return an answer that says no, to be sent with ``REFUSED_STATUS``.

    :param trans_id: the transaction it is about; empty if that could not be read
    """
    about = {"transId": trans_id} if trans_id else {}
    failed = {"status": FAILED, "timestamp": at_ms, "errorCode": str(refused.code)}
    return json_bodies.encode({"serviceId": service_id, **about, **failed})


def _reply(call: UzumCall, state: str, times: Mapping[str, int | None], amount_tiyin: int) -> bytes:
    theirs = {"serviceId": call.service_id, "transId": call.trans_id}
    return json_bodies.encode({**theirs, "status": state, **times, "amount": amount_tiyin})
