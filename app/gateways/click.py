"""Click. SHOP-API: Prepare and Complete, signed, as a form or as JSON; answered as JSON with HTTP 200. Merchant API: our requests.

Source: docs.click.uz (SHOP-API request and errors, Merchant API request, button) and the order of checks of Click's own PHP
library: fields -8, signature -1, action -3, account -5, prepared transaction -6, paid before -4, amount -2, cancelled -9. The
first three are done here. The others need the books, so an amount is refused only when it is asked for: ``Call.amount_tiyin``.

The signature covers the digits of the amount as they were sent, so numbers of a JSON body are kept as texts. A service other
than the contract's is taken for a wrong field (-8); inferred. A missing ``error_note`` is let pass, for nothing depends on it.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from app.domain.calendar import TASHKENT
from app.domain.payments.reconciliation import StatementState
from app.gateways import json_bodies
from app.gateways.json_bodies import NotJson

SUCCESS = 0
WRONG_SIGNATURE = -1
WRONG_AMOUNT = -2
UNKNOWN_ACTION = -3
ALREADY_PAID = -4
UNKNOWN_ACCOUNT = -5
#: Law ЎРҚ-1044 of 2025-03-07; Click has no code of its own for it, so this one is inferred.
PAYMENTS_SUSPENDED = UNKNOWN_ACCOUNT
UNKNOWN_TRANSACTION = -6
CANNOT_UPDATE = -7
BAD_REQUEST = -8
CANCELLED = -9

_NOTES: Mapping[int, str] = {
    SUCCESS: "Success",
    WRONG_SIGNATURE: "SIGN CHECK FAILED!",
    WRONG_AMOUNT: "Incorrect parameter amount",
    UNKNOWN_ACTION: "Action not found",
    ALREADY_PAID: "Already paid",
    UNKNOWN_ACCOUNT: "User does not exist",
    UNKNOWN_TRANSACTION: "Transaction does not exist",
    CANNOT_UPDATE: "Failed to update user",
    BAD_REQUEST: "Error in request from click",
    CANCELLED: "Transaction cancelled",
}

PREPARE, COMPLETE = 0, 1

#: How a payment stands in the Merchant API.
PERFORMED = 2

MERCHANT_API = "https://api.click.uz/v2/merchant/"
BUTTON = "https://my.click.uz/services/pay"

_WHOLE = re.compile(r"[0-9]{1,18}")
_ERROR = re.compile(r"-?[0-9]{1,9}")
_NUMBERS = ("click_trans_id", "service_id", "click_paydoc_id")
_TEXTS = ("merchant_trans_id", "amount", "action", "error", "sign_time", "sign_string")


class ClickRefusal(Exception):
    """A request is answered with an error.

    :ivar code: Click's code
    """

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class ClickCall(NamedTuple):
    """A request that has the right shape and signature."""

    #: PREPARE or COMPLETE
    action: int
    click_trans_id: int
    click_paydoc_id: int
    #: the account number as it was sent
    merchant_trans_id: str
    #: soʻm, the digits as they were sent
    amount: str
    #: our number of the prepared transaction; 0 in Prepare
    prepare_id: int
    #: below zero in Complete: Click could not debit the payer, the transaction is to be cancelled
    error: int
    #: when Click signed; None if that is no moment
    signed_at: datetime | None = None

    def is_signed_within(self, minutes: int, now: datetime) -> bool:
        """Tell whether the call was signed so lately; a clock may be fast by as much."""
        return self.signed_at is not None and abs(now - self.signed_at) <= timedelta(minutes=minutes)

    @property
    def amount_tiyin(self) -> int:
        """The amount; to be asked for in its place in the order of checks.

        :raises ClickRefusal: if it is no plain positive number of soʻm with at most two decimals
        """
        return tiyin_of(self.amount)

    @property
    def account_number(self) -> str:
        """The account the payer typed; empty if it cannot be one."""
        return json_bodies.account_number(self.merchant_trans_id)


def tiyin_of(som: str) -> int:
    """Return soʻm as tiyin, exactly.

    >>> tiyin_of("50000.5")
    5000050

    :raises ClickRefusal: for signs, exponents, NaN, more than two decimals, nothing at all, or more than the system carries
    """
    amount = json_bodies.amount_of_som(som)
    if amount is None:
        raise ClickRefusal(WRONG_AMOUNT)
    return amount


def parse(body: bytes, *, secret: str, service_id: int) -> ClickCall:
    """Return a request.

    :param secret: the key of the contract, which signs
    :raises ClickRefusal: if a field is missing or malformed, the signature is wrong, or the action unknown, in this order
    """
    fields = _fields(body)
    _check_fields(fields, service_id)
    if not hmac.compare_digest(fields["sign_string"].encode(), _signature(fields, secret).encode()):
        raise ClickRefusal(WRONG_SIGNATURE)
    if fields["action"] not in (str(PREPARE), str(COMPLETE)):
        raise ClickRefusal(UNKNOWN_ACTION)
    return ClickCall(
        action=int(fields["action"]),
        click_trans_id=int(fields["click_trans_id"]),
        click_paydoc_id=int(fields["click_paydoc_id"]),
        merchant_trans_id=fields["merchant_trans_id"],
        amount=fields["amount"],
        prepare_id=int(fields["merchant_prepare_id"]) if _is_complete(fields) else 0,
        error=int(fields["error"]),
        signed_at=_moment(fields["sign_time"]),
    )


def _moment(text: str) -> datetime | None:
    """Return a moment as Click writes it, by the clocks of Tashkent."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=TASHKENT)
    except ValueError:
        return None


def _signature(fields: Mapping[str, str], secret: str) -> str:
    before = fields["click_trans_id"] + fields["service_id"] + secret + fields["merchant_trans_id"]
    prepared = fields["merchant_prepare_id"] if _is_complete(fields) else ""
    signed = before + prepared + fields["amount"] + fields["action"] + fields["sign_time"]
    # MD5 is what the protocol demands.
    return hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest()


def _is_complete(fields: Mapping[str, str]) -> bool:
    return fields.get("action") == str(COMPLETE)


def _fields(body: bytes) -> dict[str, str]:
    """Return the fields of a form or of a JSON object, all as texts; what is no text or number is left out."""
    try:
        if not body.lstrip().startswith(b"{"):
            pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=64)
            fields = dict(pairs)
            # A field that is there twice could be signed as one and read as the other.
            if len(fields) != len(pairs):
                raise ClickRefusal(BAD_REQUEST)
            return fields
        parsed = json_bodies.decode(body, numbers_as_text=True)
    except (ValueError, NotJson):
        raise ClickRefusal(BAD_REQUEST) from None
    return {name: value for name, value in parsed.items() if isinstance(value, str)}


def _check_fields(fields: Mapping[str, str], service_id: int) -> None:
    numbers = (*_NUMBERS, "merchant_prepare_id") if _is_complete(fields) else _NUMBERS
    has_numbers = all(_WHOLE.fullmatch(fields.get(name, "")) for name in numbers)
    has_texts = all(json_bodies.is_short_text(fields.get(name)) for name in _TEXTS)
    if not has_numbers or not has_texts or not _ERROR.fullmatch(fields["error"]) or int(fields["service_id"]) != service_id:
        raise ClickRefusal(BAD_REQUEST)


def prepared(call: ClickCall, *, prepare_id: int) -> bytes:
    """Answer Prepare with our number of the transaction."""
    return _reply(call, SUCCESS, {"merchant_prepare_id": prepare_id})


def completed(call: ClickCall, *, confirm_id: int) -> bytes:
    """Answer Complete with our number of the payment."""
    return _reply(call, SUCCESS, {"merchant_confirm_id": confirm_id})


def refusal(refused: ClickRefusal, call: ClickCall | None = None) -> bytes:
    """Return an answer that says no.

    :param call: the request, if it could be read that far
    """
    return _reply(call, refused.code, {})


def _reply(call: ClickCall | None, error: int, ours: Mapping[str, int]) -> bytes:
    theirs = {"click_trans_id": call.click_trans_id, "merchant_trans_id": call.merchant_trans_id} if call else {}
    return json_bodies.encode({**theirs, **ours, "error": error, "error_note": _NOTES[error]})


class Merchant(NamedTuple):
    """What a contract gives for requests of ours."""

    merchant_user_id: int
    service_id: int
    secret: str


class ClickRequest(NamedTuple):
    """An HTTP request, ready to be sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


def payment_status(merchant: Merchant, payment_id: int, *, at_s: int) -> ClickRequest:
    """Return the request that asks how a payment stands.

    :param at_s: the moment of the request, in seconds since 1970-01-01 UTC
    """
    return _request(merchant, "GET", f"payment/status/{merchant.service_id}/{payment_id}", at_s)


def status_by_mti(merchant: Merchant, merchant_trans_id: str, *, at_s: int, on: date | None = None) -> ClickRequest:
    """Return the request that asks how the payments of an account stand.

    :param on: the day of the payment; None asks for any
    """
    day = f"/{on.isoformat()}" if on else ""
    return _request(merchant, "GET", f"payment/status_by_mti/{merchant.service_id}/{quote(merchant_trans_id, safe='')}{day}", at_s)


def reversal(merchant: Merchant, payment_id: int, *, at_s: int) -> ClickRequest:
    """Return the request that gives a payment back."""
    return _request(merchant, "DELETE", f"payment/reversal/{merchant.service_id}/{payment_id}", at_s)


class Status(NamedTuple):
    """How a payment stands, as Click told it when it was asked."""

    #: None: Click did not say
    state: StatementState | None
    note: str


def status(body: bytes) -> Status:
    """Return what an answer about a payment's status says; one that cannot be read says nothing.

    From memory, to be confirmed by the provider: 2 is performed, below it the payment is under way, below zero it has failed.
    Others take 1 for performed; a payment under way is asked about again, so nothing is lost by waiting. No amount is told.
    """
    try:
        answer: Any = json_bodies.decode(body)
    except NotJson:
        answer = None
    if not isinstance(answer, dict):
        return Status(None, "")
    told: Any = answer.get("payment_status")
    note = str(answer.get("error_note") or "")[:200]
    if answer.get("error_code") != SUCCESS or not json_bodies.is_int63(told) or told > PERFORMED:
        return Status(None, note)
    if told == PERFORMED:
        return Status(StatementState.PERFORMED, note)
    return Status(StatementState.CANCELLED if told < 0 else StatementState.PENDING, note)


def invoice(merchant: Merchant, *, amount_tiyin: int, phone: str, account_number: str, at_s: int) -> ClickRequest:
    """Return the request that asks the owner of a phone to pay.

    :param phone: 998 and nine digits
    """
    # The amount is a JSON number with decimals; a float would not be exact, so it is written as text.
    fields = {"phone_number": phone, "merchant_trans_id": account_number}
    rest = json.dumps(fields, separators=(",", ":"))[1:]
    body = f'{{"service_id":{merchant.service_id},"amount":{_som(amount_tiyin)},{rest}'
    return _request(merchant, "POST", "invoice/create", at_s)._replace(body=body.encode())


def payment_link(*, service_id: int, merchant_id: int, amount_tiyin: int, account_number: str, return_url: str) -> str:
    """Return the address of Click's page with account and amount filled in."""
    fields = {
        "service_id": service_id,
        "merchant_id": merchant_id,
        "amount": _som(amount_tiyin),
        "transaction_param": account_number,
        "return_url": return_url,
    }
    return f"{BUTTON}?{urlencode(fields)}"


def _request(merchant: Merchant, method: str, path: str, at_s: int) -> ClickRequest:
    digest = hashlib.sha1(f"{at_s}{merchant.secret}".encode(), usedforsecurity=False).hexdigest()
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Auth": f"{merchant.merchant_user_id}:{digest}:{at_s}",
    }
    return ClickRequest(method, MERCHANT_API + path, headers)


def _som(tiyin: int) -> str:
    assert tiyin > 0, tiyin
    return f"{tiyin // 100}.{tiyin % 100:02d}"
