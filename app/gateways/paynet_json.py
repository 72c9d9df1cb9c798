"""PAYNET, the JSON-RPC 2.0 variant of UWS: one POST address, HTTP Basic, HTTP 200 but for wrong credentials (401).

Source: UWS 3.4 and annex 1.5 to its contract, read second hand through those who passed PAYNET's certification in 2026.
Two families of codes: negative ones of JSON-RPC, positive ones of business. Amounts come in tiyin and are shown in whole soʻm,
for PAYNET takes no fractions; moments are UTC+5.

Inferred, not read: a parameter that is missing is -32600 beside ``fields`` and 411 within; 501 is said while the law suspends
payments. Open: whether a repeated cancellation repeats the first reply or is refused with 202 (the endpoint's setting), and
which name in ``fields`` holds the account number (an argument).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.gateways import channel_time, json_bodies
from app.gateways import paynet_statuses as statuses
from app.gateways.json_bodies import CallId, RpcBody

NOT_POST = -32300
PARSE = -32700
INVALID_REQUEST = -32600
UNKNOWN_METHOD = -32601
WRONG_PARAMS = -32602
INTERNAL = -32603
#: What JSON-RPC adds to the statuses, and what is said in it otherwise.
_MESSAGES: Mapping[int, str] = {
    **statuses.TEXTS,
    NOT_POST: "Метод запроса должен быть POST",
    PARSE: "Ошибка разбора JSON",
    INVALID_REQUEST: "Неверный запрос или отсутствует обязательный параметр",
    UNKNOWN_METHOD: "Метод не найден",
    WRONG_PARAMS: "Неверные параметры",
    INTERNAL: "Внутренняя ошибка",
    113: "Кошелёк не идентифицирован",
    140: "Превышен месячный лимит",
    141: "Превышен дневной лимит",
    **{400 + place: f"Ошибка проверки параметра {place}" for place in range(1, 11)},
    statuses.MISSING_PARAMETER: "Не заданы один или несколько обязательных параметров",
    statuses.FORBIDDEN_FOR_PAYER: "Приём платежей по лицевому счёту приостановлен по закону ЎРҚ-1044 до погашения другой задолженности",
}

#: States of a transaction; a transaction nobody knows is a state, not an error.
PERFORMED, CANCELLED, NOT_FOUND = 1, 2, 3
#: Names under which contracts put the account number, the one PAYNET documents first.
ACCOUNT_FIELDS = ("client_id", "clientid", "account")
#: A moment that a call does not have.
NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)


class PaynetJsonRefusal(Exception):
    """A request is answered with an error.

    :ivar code: PAYNET's code
    """

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class PaynetJsonCall(NamedTuple):
    """A request that has the right shape; what its method does not have is empty or 0."""

    id: CallId
    method: str
    #: the name in ``fields`` the account number came under; the reply uses it too
    account_field: str = ""
    account_number: str = ""
    #: PAYNET's number of the transaction
    transaction_id: int = 0
    amount_tiyin: int = 0
    #: when the payer paid, by PAYNET's clock; None if it did not say
    paid_at: datetime | None = None
    #: the statement's window, both ends included
    from_at: datetime = NO_MOMENT
    to_at: datetime = NO_MOMENT
    new_password: str = ""


class Performed(NamedTuple):
    """A line of a statement: a transaction that was performed and not cancelled."""

    amount_tiyin: int
    transaction_id: int
    provider_id: int
    performed_at: datetime


def parse(sent: RpcBody, *, service_id: int, account_fields: Sequence[str] = ACCOUNT_FIELDS) -> PaynetJsonCall:
    """Return a request.

    :param service_id: the number of our service in the contract; a request for another is refused
    :param account_fields: names in ``fields`` that may hold the account number, the first found counts
    :raises PaynetJsonRefusal: if it is no JSON, names no known method or another service, or lacks a parameter
    """
    parsed = _envelope(sent)
    method, params = parsed["method"], parsed.get("params", {})
    if method not in _READERS:
        raise PaynetJsonRefusal(UNKNOWN_METHOD)
    # The documented ChangePassword names no service.
    if method != "ChangePassword" or "serviceId" in params:
        _check_service(params, service_id)
    return _READERS[method](PaynetJsonCall(sent.id, method), params, account_fields)


def _envelope(sent: RpcBody) -> dict[str, Any]:
    parsed = sent.content
    if not sent.is_json:
        raise PaynetJsonRefusal(PARSE)
    if not isinstance(parsed, dict) or parsed.get("jsonrpc", "2.0") != "2.0":
        raise PaynetJsonRefusal(INVALID_REQUEST)
    if not isinstance(parsed.get("method"), str) or not isinstance(parsed.get("params", {}), dict):
        raise PaynetJsonRefusal(INVALID_REQUEST)
    return parsed


def _check_service(params: Mapping[str, Any], service_id: int) -> None:
    """Refuse another service; the number may come as digits in quotes."""
    if _needed(params, "serviceId") not in (service_id, str(service_id)):
        raise PaynetJsonRefusal(statuses.UNKNOWN_SERVICE)


def _information(call: PaynetJsonCall, params: Mapping[str, Any], account_fields: Sequence[str]) -> PaynetJsonCall:
    name, number = _account(params, account_fields)
    return call._replace(account_field=name, account_number=number)


def _perform(call: PaynetJsonCall, params: Mapping[str, Any], account_fields: Sequence[str]) -> PaynetJsonCall:
    call = _transaction(_information(call, params, account_fields), params, account_fields)
    paid_at = _moment(params, "time") if params.get("time") is not None else None
    return call._replace(amount_tiyin=_amount(params), paid_at=paid_at)


def _transaction(call: PaynetJsonCall, params: Mapping[str, Any], _account_fields: Sequence[str]) -> PaynetJsonCall:
    """Read the number of a transaction; whatever ``timestamp`` says beside it, in whatever form, is not looked at."""
    sent = _needed(params, "transactionId")
    number = int(sent) if isinstance(sent, str) and sent.isascii() and sent.isdecimal() and len(sent) <= 18 else sent
    if not json_bodies.is_int63(number) or number <= 0:
        raise PaynetJsonRefusal(WRONG_PARAMS)
    return call._replace(transaction_id=number)


def _statement(call: PaynetJsonCall, params: Mapping[str, Any], _account_fields: Sequence[str]) -> PaynetJsonCall:
    return call._replace(from_at=_moment(params, "dateFrom"), to_at=_moment(params, "dateTo"))


def _password(call: PaynetJsonCall, params: Mapping[str, Any], _account_fields: Sequence[str]) -> PaynetJsonCall:
    sent = _needed(params, "newPassword")
    if not json_bodies.is_short_text(sent):
        raise PaynetJsonRefusal(WRONG_PARAMS)
    return call._replace(new_password=sent)


_READERS: Mapping[str, Callable[[PaynetJsonCall, Mapping[str, Any], Sequence[str]], PaynetJsonCall]] = {
    "GetInformation": _information,
    "PerformTransaction": _perform,
    "CheckTransaction": _transaction,
    "CancelTransaction": _transaction,
    "GetStatement": _statement,
    "ChangePassword": _password,
}


def _needed(params: Mapping[str, Any], name: str) -> Any:
    if params.get(name) is None:
        raise PaynetJsonRefusal(INVALID_REQUEST)
    return params[name]


def _account(params: Mapping[str, Any], account_fields: Sequence[str]) -> tuple[str, str]:
    """Return the name the account number came under, and the number; one that cannot be a number is nobody's."""
    fields = _needed(params, "fields")
    if not isinstance(fields, dict):
        raise PaynetJsonRefusal(WRONG_PARAMS)
    name = next((name for name in account_fields if fields.get(name) not in (None, "")), None)
    if name is None:
        raise PaynetJsonRefusal(statuses.MISSING_PARAMETER)
    number = json_bodies.account_number(fields[name])
    if not number:
        raise PaynetJsonRefusal(statuses.UNKNOWN_CONSUMER)
    return name, number


def _amount(params: Mapping[str, Any]) -> int:
    amount = _needed(params, "amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise PaynetJsonRefusal(statuses.WRONG_AMOUNT)
    if json_bodies.amount_tiyin(amount) is None:
        raise PaynetJsonRefusal(statuses.AMOUNT_TOO_LARGE)
    return amount


def _moment(params: Mapping[str, Any], name: str) -> datetime:
    found = channel_time.decode(_needed(params, name), channel_time.ISO_LIKE, channel_time.DOTTED)
    if found is None:
        raise PaynetJsonRefusal(statuses.WRONG_MOMENT)
    return found


def whole_som(tiyin: int) -> str:
    """Return what an account holds in whole soʻm; a debt, below zero, is rounded up, so that paying what is shown clears it.

    >>> whole_som(-13000001), whole_som(199)
    ('-130001', '1')
    """
    return str(tiyin // 100)


def information(call: PaynetJsonCall, *, name: str, balance_tiyin: int, at: datetime) -> bytes:
    """Answer GetInformation.

    :param balance_tiyin: what the account holds; a debt is below zero
    """
    fields = {"name": name, "balance": whole_som(balance_tiyin)}
    return _reply(call, {"status": "0", "timestamp": channel_time.encode(at), "fields": fields})


def performed(call: PaynetJsonCall, *, provider_id: int, balance_tiyin: int, at: datetime) -> bytes:
    """Answer PerformTransaction; the balance after the payment is compulsory for accounts that accumulate.

    :param balance_tiyin: what the account holds; a debt is below zero
    """
    fields = {call.account_field: call.account_number, "balance": whole_som(balance_tiyin)}
    return _reply(call, {"providerTrnId": provider_id, "timestamp": channel_time.encode(at), "fields": fields})


def state(call: PaynetJsonCall, *, provider_id: int, state: int, at: datetime) -> bytes:
    """Answer CheckTransaction or CancelTransaction.

    :param provider_id: our number of the transaction; 0 if it was not found
    :param state: PERFORMED, CANCELLED or, to a check only, NOT_FOUND
    """
    return _reply(call, {"providerTrnId": provider_id, "timestamp": channel_time.encode(at), "transactionState": state})


def statement(call: PaynetJsonCall, rows: Sequence[Performed]) -> bytes:
    """Answer GetStatement; only transactions that were performed and not cancelled belong there."""
    statements = [
        {
            "amount": row.amount_tiyin,
            "transactionId": row.transaction_id,
            "providerTrnId": row.provider_id,
            "timestamp": channel_time.encode(row.performed_at),
        }
        for row in rows
    ]
    return _reply(call, {"statements": statements})


def password_changed(call: PaynetJsonCall) -> bytes:
    """Answer ChangePassword."""
    return _reply(call, {"result": "success"})


def refusal(call_id: CallId, refused: PaynetJsonRefusal) -> bytes:
    """Return an answer that says no, in Russian."""
    error = {"code": refused.code, "message": _MESSAGES[refused.code]}
    return json_bodies.encode({"jsonrpc": "2.0", "id": call_id, "error": error})


def _reply(call: PaynetJsonCall, result: Mapping[str, Any]) -> bytes:
    return json_bodies.encode({"jsonrpc": "2.0", "id": call.id, "result": result})
