"""Payme Merchant API: JSON-RPC in, JSON-RPC out; always HTTP 200.

Source: developer.help.paycom.uz, protocol and Merchant API methods. Amounts are integer tiyin, moments milliseconds.
"""

import hashlib
import hmac
import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any, NamedTuple

NOT_POST = -32300
PARSE = -32700
INVALID_REQUEST = -32600
UNKNOWN_METHOD = -32601
NO_PRIVILEGES = -32504
INTERNAL = -32400
WRONG_AMOUNT = -31001
UNKNOWN_TRANSACTION = -31003
CANNOT_CANCEL = -31007
CANNOT_PERFORM = -31008
UNKNOWN_ACCOUNT = -31050

#: States as Payme counts them.
CREATED, PERFORMED, CANCELLED, REVERSED = 1, 2, -1, -2
TIMED_OUT_REASON = 4

_MESSAGES: Mapping[int, tuple[str, str, str]] = {
    NOT_POST: ("Метод запроса должен быть POST", "Soʻrov usuli POST boʻlishi kerak", "The request must be a POST"),
    PARSE: ("Ошибка разбора JSON", "JSON oʻqilmadi", "The JSON cannot be read"),
    INVALID_REQUEST: ("Неверный запрос", "Notoʻgʻri soʻrov", "Invalid request"),
    UNKNOWN_METHOD: ("Метод не найден", "Usul topilmadi", "Unknown method"),
    NO_PRIVILEGES: ("Недостаточно привилегий", "Huquq yetarli emas", "Insufficient privileges"),
    INTERNAL: ("Системная ошибка", "Tizim xatosi", "System error"),
    WRONG_AMOUNT: ("Неверная сумма", "Summa notoʻgʻri", "Wrong amount"),
    UNKNOWN_TRANSACTION: ("Транзакция не найдена", "Tranzaksiya topilmadi", "Transaction not found"),
    CANNOT_CANCEL: ("Транзакцию нельзя отменить", "Tranzaksiyani bekor qilib boʻlmaydi", "The transaction cannot be cancelled"),
    CANNOT_PERFORM: ("Невозможно выполнить операцию", "Amalni bajarib boʻlmaydi", "The operation cannot be performed"),
    UNKNOWN_ACCOUNT: ("Лицевой счёт не найден", "Hisobraqam topilmadi", "Account not found"),
}

_FIELDS: Mapping[str, Mapping[str, type]] = {
    "CheckPerformTransaction": {"amount": int, "account": dict},
    "CreateTransaction": {"id": str, "time": int, "amount": int, "account": dict},
    "PerformTransaction": {"id": str},
    "CancelTransaction": {"id": str, "reason": int},
    "CheckTransaction": {"id": str},
    "GetStatement": {"from": int, "to": int},
}


class Refusal(Exception):
    """A request is answered with an error.

    :ivar code: Payme's code
    :ivar about: what the error is about: a field, a method
    """

    def __init__(self, code: int, about: str | None = None) -> None:
        super().__init__(str(code))
        self.code, self.about = code, about


class Call(NamedTuple):
    """A request that has the right shape."""

    id: Any
    method: str
    params: dict[str, Any]

    @property
    def account_number(self) -> str:
        """The account the payer typed."""
        value = self.params["account"].get("account", "")
        return "".join(str(value).split())


def is_authorised(header: str | None, key_sha256: str) -> bool:
    """Tell whether an Authorization header is Basic Paycom:KEY, comparing in constant time.

    :param key_sha256: SHA-256 of the key, in hexadecimal digits
    """
    scheme, _, encoded = (header or "").partition(" ")
    try:
        login, _, key = b64decode(encoded, validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError, ValueError):
        login, key = "", ""
    same = hmac.compare_digest(hashlib.sha256(key.encode()).hexdigest(), key_sha256)
    return same and scheme.lower() == "basic" and login == "Paycom"


def request_id(body: bytes) -> Any:
    """Return the id of a request, or None if it has none that can be read."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed.get("id") if isinstance(parsed, dict) else None


def parse(body: bytes) -> Call:
    """Return a request.

    :raises Refusal: if it is no JSON, names no known method, or lacks a field
    """
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(PARSE) from None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("method"), str) or not isinstance(parsed.get("params", {}), dict):
        raise Refusal(INVALID_REQUEST)
    method, params = parsed["method"], parsed.get("params", {})
    if method not in _FIELDS:
        raise Refusal(UNKNOWN_METHOD, method[:64])
    for name, kind in _FIELDS[method].items():
        if not isinstance(params.get(name), kind) or isinstance(params.get(name), bool):
            raise Refusal(WRONG_AMOUNT if name == "amount" and name in params else INVALID_REQUEST, name)
    if isinstance(params.get("id"), str) and not 0 < len(params["id"]) <= 64:
        raise Refusal(INVALID_REQUEST, "id")
    if any(isinstance(value, int) and abs(value) >= 2**62 for value in params.values()):
        raise Refusal(WRONG_AMOUNT if abs(params.get("amount", 0)) >= 2**62 else INVALID_REQUEST)
    return Call(parsed.get("id"), method, params)


def reply(call_id: Any, result: Mapping[str, Any]) -> bytes:
    """Return a successful answer; the same result always gives the same bytes."""
    return _encoded({"id": call_id, "result": result})


def refusal(call_id: Any, refused: Refusal) -> bytes:
    """Return an answer that says no, in three languages."""
    russian, uzbek, english = _MESSAGES[refused.code]
    error = {"code": refused.code, "message": {"ru": russian, "uz": uzbek, "en": english}, "data": refused.about}
    return _encoded({"id": call_id, "error": error})


def _encoded(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
