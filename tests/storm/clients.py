"""Payments as the channels' own clients make them: which calls, in what order, how signed, and what they may be answered with."""

import hashlib
import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from app import clock
from app.domain.calendar import TASHKENT
from app.services.demo.payments import PAYME_KEY, PROVIDER_KEY, PROVIDER_LOGIN

WRONG_KEY = "not-the-key-0000000000000000000000000"
JSON = "application/json"
AT = f"{clock.now().astimezone(TASHKENT):%Y-%m-%d %H:%M:%S}"


class Unanswered(Exception):
    """Nobody answered, or the server could not: the client knows nothing and asks again."""


class Call(NamedTuple):
    """A request, to be repeated byte for byte."""

    path: str
    body: bytes
    headers: Mapping[str, str]


class Step(NamedTuple):
    """What a client calls, and goes on calling until it is answered."""

    name: str
    #: made when it is sent, for it may hold what the step before was answered with
    call: Callable[[], Call]
    #: answers to it and its repeats; what is not 0 says that it was done before, or what became of the payment since
    codes: frozenset[int]
    #: a repeat is answered as the first time; else it is refused
    repeats_answer: bool


class Payment:
    """A payment of a channel.

    :ivar is_undone: cancelled after it was performed; with Click, never performed
    """

    channel: ClassVar[str]
    #: codes of refusals
    unknown_account: ClassVar[int]
    wrong_key: ClassVar[int]
    other_amount: ClassVar[frozenset[int]]
    can_be_undone: ClassVar[bool] = True
    own_key: ClassVar[str] = PROVIDER_KEY
    #: said while the database does not answer: the client asks again; None: HTTP says it
    not_now: ClassVar[int | None] = None

    def __init__(self, serial: int, account: str, amount_tiyin: int, *, key: str = "", is_undone: bool = False) -> None:
        self.serial, self.account, self.amount_tiyin, self.is_undone = serial, account, amount_tiyin, is_undone
        self.key = key or self.own_key

    @property
    def reference(self) -> str:
        """The provider's number of the transaction."""
        return str(self.serial)

    def steps(self) -> list[Step]:
        """Return the calls that make the payment and, if it is undone, undo it."""
        raise NotImplementedError

    def with_amount(self, amount_tiyin: int) -> Call:
        """Return the first call, under the same number, with another amount."""
        return type(self)(self.serial, self.account, amount_tiyin, key=self.key).steps()[0].call()

    def heard(self, answer: bytes) -> None:
        """Remember what the next step needs of an answer."""

    @staticmethod
    def code(answer: bytes) -> int:
        """Return the provider's code of an answer; 0: accepted."""
        raise NotImplementedError


class PaynetJson(Payment):
    """PAYNET in JSON-RPC: a payment is one call; its repeat is refused with 201."""

    channel, unknown_account, wrong_key, other_amount = "PAYNET", 302, 601, frozenset({201})
    not_now = -32603

    def steps(self) -> list[Step]:
        perform = Step("Perform", lambda: self._call("PerformTransaction", self._paid()), frozenset({0, 201}), repeats_answer=False)
        cancel = Step("Cancel", lambda: self._call("CancelTransaction", {}), frozenset({0}), repeats_answer=True)
        return [perform, cancel] if self.is_undone else [perform]

    def _paid(self) -> dict[str, Any]:
        return {"amount": self.amount_tiyin, "time": AT, "fields": {"client_id": self.account}}

    def _call(self, method: str, more: dict[str, Any]) -> Call:
        params = {"serviceId": 7, "transactionId": self.serial} | more
        return _json("/api/paynet", {"jsonrpc": "2.0", "method": method, "id": self.serial, "params": params}, basic(self.key))

    @staticmethod
    def code(answer: bytes) -> int:
        return _error_of(answer)


class PaynetSoap(Payment):
    """PAYNET in SOAP: the same transactions as in JSON-RPC."""

    channel, unknown_account, wrong_key, other_amount = "PAYNET", 302, 412, frozenset({201})
    not_now = 102

    def steps(self) -> list[Step]:
        paid = f"<amount>{self.amount_tiyin}</amount>" + _parameter("clientid", self.account)
        perform = Step("Perform", lambda: self._call("PerformTransaction", paid), frozenset({0, 201}), repeats_answer=False)
        cancel = Step("Cancel", lambda: self._call("CancelTransaction", ""), frozenset({0}), repeats_answer=True)
        return [perform, cancel] if self.is_undone else [perform]

    def _call(self, method: str, more: str) -> Call:
        fields = f"<password>{self.key}</password><username>{PROVIDER_LOGIN}</username>{more}<serviceId>7</serviceId>"
        fields += f"<transactionId>{self.serial}</transactionId><transactionTime>2026-11-27T11:06:00+05:00</transactionTime>"
        body = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="http://uws.provider.com/"><s:Body>'
            f"<u:{method}Arguments>{fields}</u:{method}Arguments></s:Body></s:Envelope>"
        )
        return Call("/api/paynet/soap", body.encode(), {"Content-Type": "text/xml; charset=utf-8"})

    @staticmethod
    def code(answer: bytes) -> int:
        found = re.search(rb"<status>(-?[0-9]+)</status>", answer)
        assert found is not None, answer
        return int(found[1])


class Payme(Payment):
    """Payme: created, performed; every repeat is answered byte for byte as the first time while the transaction stands there."""

    channel, unknown_account, wrong_key, other_amount = "PAYME", -31050, -32504, frozenset({-31001})
    own_key, not_now = PAYME_KEY, -32400

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.created_ms = clock.now_ms()

    @property
    def reference(self) -> str:
        return f"{self.serial:024x}"

    def steps(self) -> list[Step]:
        made = {"time": self.created_ms, "amount": self.amount_tiyin, "account": {"account": self.account}}
        steps = [self._step("CreateTransaction", made, -31008), self._step("PerformTransaction", {}, -31008)]
        return [*steps, self._step("CancelTransaction", {"reason": 5})] if self.is_undone else steps

    def _step(self, method: str, more: dict[str, Any], *afterwards: int) -> Step:
        body = {"method": method, "params": {"id": self.reference} | more, "id": self.serial}
        return Step(method, lambda: _json("/api/payme", body, basic(self.key, "Paycom")), frozenset({0, *afterwards}), repeats_answer=True)

    @staticmethod
    def code(answer: bytes) -> int:
        return _error_of(answer)


class Click(Payment):
    """Click: prepared, completed; undone, it tells in Complete that the payer could not be debited."""

    channel, unknown_account, wrong_key, other_amount = "CLICK", -5, -1, frozenset({-2, -4})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepared = 0

    def steps(self) -> list[Step]:
        after = frozenset({-9}) if self.is_undone else frozenset({0, -4})
        return [
            Step("Prepare", lambda: self._call(0), frozenset({0, -9 if self.is_undone else -4}), repeats_answer=True),
            Step("Complete", lambda: self._call(1), after, repeats_answer=False),
        ]

    def heard(self, answer: bytes) -> None:
        self.prepared = json.loads(answer).get("merchant_prepare_id") or self.prepared

    def _call(self, action: int) -> Call:
        amount = f"{self.amount_tiyin // 100}.{self.amount_tiyin % 100:02d}"
        prepared = str(self.prepared) if action else ""
        signed = f"{self.serial}80012{self.key}{self.account}{prepared}{amount}{action}{AT}"
        fields = {
            "click_trans_id": self.serial, "service_id": "80012", "click_paydoc_id": "1", "merchant_trans_id": self.account,
            "amount": amount, "action": action, "error": -5017 if action and self.is_undone else 0, "error_note": "", "sign_time": AT,
            "sign_string": hashlib.md5(signed.encode()).hexdigest(),
        }  # fmt: skip
        body = urlencode(fields | ({"merchant_prepare_id": prepared} if action else {}))
        return Call("/api/click", body.encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    @staticmethod
    def code(answer: bytes) -> int:
        return int(json.loads(answer)["error"])


class Uzum(Payment):
    """Uzum Bank: created, confirmed; repeats of both are refused."""

    channel, unknown_account, wrong_key, other_amount = "UZUM", 10007, 10001, frozenset({10010})

    @property
    def reference(self) -> str:
        return str(UUID(int=self.serial))

    def steps(self) -> list[Step]:
        source = {"paymentSource": "UZCARD", "tariff": "1", "processingReferenceNumber": "2", "phone": "998000000000"}
        made = {"params": {"account": self.account}, "amount": self.amount_tiyin}
        steps = [
            Step("create", lambda: self._call("create", made), frozenset({0, 10010}), repeats_answer=False),
            Step("confirm", lambda: self._call("confirm", source), frozenset({0, 10016, 10015}), repeats_answer=False),
        ]
        reverse = Step("reverse", lambda: self._call("reverse", {}), frozenset({0}), repeats_answer=True)
        return [*steps, reverse] if self.is_undone else steps

    def _call(self, operation: str, more: dict[str, Any]) -> Call:
        body = {"serviceId": 9, "timestamp": 1_795_759_560_000, "transId": self.reference} | more
        return _json(f"/api/uzum/{operation}", body, basic(self.key))

    @staticmethod
    def code(answer: bytes) -> int:
        return int(json.loads(answer).get("errorCode", 0))


class Sms(Payment):
    """Payment by SMS: one confirmation, always answered alike; there is no cancelling."""

    channel, unknown_account, wrong_key, other_amount = "SMS", 3, 2, frozenset({5})
    can_be_undone = False

    @property
    def reference(self) -> str:
        return f"storm-{self.serial}"

    def steps(self) -> list[Step]:
        values = [self.reference, "+998901234567", self.account, self.amount_tiyin, 1_795_759_560_000]
        signature = hmac.new(self.key.encode(), "|".join(map(str, values)).encode(), hashlib.sha256).hexdigest()
        names = ("transaction_id", "phone", "account", "amount", "confirmed_at", "signature")
        body = dict(zip(names, [*values, signature], strict=True))
        return [Step("confirm", lambda: _json("/api/sms", body, {}), frozenset({0}), repeats_answer=True)]

    @staticmethod
    def code(answer: bytes) -> int:
        return int(json.loads(answer)["code"])


CHANNELS: tuple[type[Payment], ...] = (PaynetJson, PaynetSoap, Payme, Click, Uzum, Sms)


def send(port: int, call: Call) -> bytes:
    """Send a call and return the answer.

    :raises Unanswered: if there is none, or one that says that the server could not
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", call.path, call.body, dict(call.headers))
        response = connection.getresponse()
        body = response.read()
    except (OSError, HTTPException) as error:
        raise Unanswered(repr(error)) from error
    finally:
        connection.close()
    if response.status >= 500:
        raise Unanswered(f"{response.status} {body!r}")
    return body


def basic(key: str, login: str = PROVIDER_LOGIN) -> dict[str, str]:
    """Return the header of HTTP Basic credentials."""
    return {"Authorization": "Basic " + b64encode(f"{login}:{key}".encode()).decode()}


def _json(path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Call:
    return Call(path, json.dumps(body).encode(), {"Content-Type": JSON, **headers})


def _parameter(key: str, value: str) -> str:
    return f"<parameters><paramKey>{key}</paramKey><paramValue>{value}</paramValue></parameters>"


def _error_of(answer: bytes) -> int:
    return int(json.loads(answer).get("error", {"code": 0})["code"])
