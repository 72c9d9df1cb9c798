"""Payme Merchant API: JSON-RPC in, JSON-RPC out; always HTTP 200. And the link that opens Payme's page to pay.

Source: developer.help.paycom.uz, protocol, Merchant API methods and the link to pay. Amounts are integer tiyin, moments
milliseconds. Ours: which of the codes from -31050 to -31099 says that payments are suspended; the provider only demands a text.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.gateways import basic, json_bodies
from app.gateways.json_bodies import CallId, RpcBody

LOGIN = "Paycom"

NOT_POST = -32300
PARSE = -32700
INVALID_REQUEST = -32600
UNKNOWN_METHOD = -32601
NO_PRIVILEGES = -32504
INTERNAL = -32400
#: No transaction to keep the fiscal receipt with.
NO_FISCAL_TRANSACTION = -32001
WRONG_AMOUNT = -31001
UNKNOWN_TRANSACTION = -31003
CANNOT_CANCEL = -31007
CANNOT_PERFORM = -31008
UNKNOWN_ACCOUNT = -31050
#: Law ЎРҚ-1044 of 2025-03-07: no payment is accepted for an account until another debt is paid.
PAYMENTS_SUSPENDED = -31060

#: States as Payme counts them.
CREATED, PERFORMED, CANCELLED, REVERSED = 1, 2, -1, -2
TIMED_OUT_REASON = 4
#: Reasons count from 1 to 10 so far; a larger number is no reason.
LARGEST_REASON = 9999

_MESSAGES: Mapping[int, tuple[str, str, str]] = {
    NOT_POST: ("Метод запроса должен быть POST", "Soʻrov usuli POST boʻlishi kerak", "The request must be a POST"),
    PARSE: ("Ошибка разбора JSON", "JSON oʻqilmadi", "The JSON cannot be read"),
    INVALID_REQUEST: ("Неверный запрос", "Notoʻgʻri soʻrov", "Invalid request"),
    UNKNOWN_METHOD: ("Метод не найден", "Usul topilmadi", "Unknown method"),
    NO_PRIVILEGES: ("Недостаточно привилегий", "Huquq yetarli emas", "Insufficient privileges"),
    INTERNAL: ("Системная ошибка", "Tizim xatosi", "System error"),
    NO_FISCAL_TRANSACTION: ("Чек не найден", "Chek topilmadi", "Receipt not found"),
    WRONG_AMOUNT: ("Неверная сумма", "Summa notoʻgʻri", "Wrong amount"),
    UNKNOWN_TRANSACTION: ("Транзакция не найдена", "Tranzaksiya topilmadi", "Transaction not found"),
    CANNOT_CANCEL: ("Транзакцию нельзя отменить", "Tranzaksiyani bekor qilib boʻlmaydi", "The transaction cannot be cancelled"),
    CANNOT_PERFORM: ("Невозможно выполнить операцию", "Amalni bajarib boʻlmaydi", "The operation cannot be performed"),
    UNKNOWN_ACCOUNT: ("Лицевой счёт не найден", "Hisobraqam topilmadi", "Account not found"),
    PAYMENTS_SUSPENDED: (
        "Приём платежей приостановлен по закону ЎРҚ-1044 до погашения другой задолженности",
        "Boshqa qarz toʻlanmaguncha toʻlovlarni qabul qilish ЎРҚ-1044-sonli qonunga koʻra toʻxtatilgan",
        "Payment acceptance is suspended by law ЎРҚ-1044 until another debt is paid",
    ),
}

_FIELDS: Mapping[str, Mapping[str, type]] = {
    "CheckPerformTransaction": {"amount": int, "account": dict},
    "CreateTransaction": {"id": str, "time": int, "amount": int, "account": dict},
    "PerformTransaction": {"id": str},
    "CancelTransaction": {"id": str, "reason": int},
    "CheckTransaction": {"id": str},
    "GetStatement": {"from": int, "to": int},
    "SetFiscalData": {"id": str, "type": str, "fiscal_data": dict},
    "ChangePassword": {"password": str},
}

FISCAL_TYPES = ("PERFORM", "CANCEL")
#: Texts of a fiscal receipt with their longest length; what is missing is empty.
_FISCAL_TEXTS = {"message": 500, "terminal_id": 64, "fiscal_sign": 64, "qr_code_url": 500, "date": 64}


class PaymeRefusal(Exception):
    """A request is answered with an error.

    :ivar code: Payme's code
    :ivar about: what the error is about: a field, a method
    """

    def __init__(self, code: int, about: str | None = None) -> None:
        super().__init__(str(code))
        self.code, self.about = code, about


class PaymeCall(NamedTuple):
    """A request that has the right shape."""

    id: CallId
    method: str
    params: dict[str, Any]

    @property
    def account_number(self) -> str:
        """The account the payer typed; empty if it cannot be one."""
        return json_bodies.account_number(self.params["account"].get("account"))


class FiscalReceipt(NamedTuple):
    """What the tax committee's fiscal module said about a payment or its return."""

    #: PERFORM or CANCEL
    type: str
    receipt_id: int
    #: 0 if the receipt was made
    status_code: int
    message: str
    terminal_id: str
    fiscal_sign: str
    qr_code_url: str
    #: as it was sent; the pattern is not documented
    date: str


def is_authorised(header: str | None, key_sha256: str) -> bool:
    """Tell whether an Authorization header is Basic Paycom:KEY, comparing in constant time.

    :param key_sha256: SHA-256 of the key, in hexadecimal digits
    """
    return basic.is_authorised(header, login=LOGIN, key_sha256=key_sha256)


def parse(sent: RpcBody) -> PaymeCall:
    """Return a request.

    :raises PaymeRefusal: if it is no JSON, names no known method, or lacks a field
    """
    parsed = sent.content
    if not sent.is_json:
        raise PaymeRefusal(PARSE)
    if not isinstance(parsed, dict) or not isinstance(parsed.get("method"), str) or not isinstance(parsed.get("params", {}), dict):
        raise PaymeRefusal(INVALID_REQUEST)
    method, params = parsed["method"], parsed.get("params", {})
    if method not in _FIELDS:
        raise PaymeRefusal(UNKNOWN_METHOD, method[:64])
    _check_fields(method, params)
    return PaymeCall(sent.id, method, params)


def _check_fields(method: str, params: Mapping[str, Any]) -> None:
    for name, kind in _FIELDS[method].items():
        if not _fits(params.get(name), kind):
            raise PaymeRefusal(WRONG_AMOUNT if name == "amount" and name in params else INVALID_REQUEST, name)
    if method == "SetFiscalData" and params["type"] not in FISCAL_TYPES:
        raise PaymeRefusal(INVALID_REQUEST, "type")
    if method == "CancelTransaction" and abs(params["reason"]) > LARGEST_REASON:
        raise PaymeRefusal(INVALID_REQUEST, "reason")


def _fits(value: Any, kind: type) -> bool:
    if kind is int:
        return json_bodies.is_int63(value)
    return json_bodies.is_short_text(value) if kind is str else isinstance(value, kind)


def fiscal_receipt(call: PaymeCall) -> FiscalReceipt:
    """Return the receipt of a SetFiscalData call; what the fiscal module left out is empty or 0.

    :raises PaymeRefusal: if a number is no number, a text is too long, or the link is not one of the web
    """
    sent = call.params["fiscal_data"]
    numbers: dict[str, Any] = {name: sent.get(name) or 0 for name in ("receipt_id", "status_code")}
    texts: dict[str, Any] = {name: sent.get(name) or "" for name in _FISCAL_TEXTS}
    wrong = [name for name, number in numbers.items() if not json_bodies.is_int63(number)]
    wrong += [name for name, text in texts.items() if text != "" and not json_bodies.is_short_text(text, _FISCAL_TEXTS[name])]
    if wrong:
        raise PaymeRefusal(INVALID_REQUEST, wrong[0])
    # The link is shown to the consumer, who may open it.
    if texts["qr_code_url"] and not texts["qr_code_url"].startswith("https://"):
        raise PaymeRefusal(INVALID_REQUEST, "qr_code_url")
    return FiscalReceipt(type=call.params["type"], **numbers, **texts)


def reply(call_id: CallId, result: Mapping[str, Any]) -> bytes:
    """Return a successful answer; the same result always gives the same bytes."""
    return json_bodies.encode({"id": call_id, "result": result})


def refusal(call_id: CallId, refused: PaymeRefusal) -> bytes:
    """Return an answer that says no, in three languages."""
    russian, uzbek, english = _MESSAGES[refused.code]
    error = {"code": refused.code, "message": {"ru": russian, "uz": uzbek, "en": english}, "data": refused.about}
    return json_bodies.encode({"id": call_id, "error": error})


def checkout_link(merchant: str, account_fields: Mapping[str, str], amount_tiyin: int, *, host: str) -> str:
    """Return the address of Payme's page with account and amount filled in.

    :param host: checkout.paycom.uz, or checkout.test.paycom.uz for the sandbox
    """
    texts = (merchant, *account_fields, *account_fields.values())
    assert not any(mark in text for text in texts for mark in ";="), texts
    account = ";".join(f"ac.{name}={value}" for name, value in account_fields.items())
    return f"https://{host}/{b64encode(f'm={merchant};{account};a={amount_tiyin}'.encode()).decode()}"
