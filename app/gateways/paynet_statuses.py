"""The statuses PAYNET is answered with, and their texts.

Source: PAYNET's manual of the SOAP service has no table; read from implementations and from the contract's annex of the
JSON variant. Two of them disagree about 305: service not found (annex, taken here) or transaction not found.
"""

from collections.abc import Mapping

OK = 0
INSUFFICIENT_FUNDS = 77
UNAVAILABLE = 100
QUOTA_EXHAUSTED = 101
SYSTEM_ERROR = 102
UNKNOWN_ERROR = 103
ALREADY_EXISTS = 201
ALREADY_CANCELLED = 202
UNKNOWN_TRANSACTION = 203
UNKNOWN_NUMBER = 301
UNKNOWN_CONSUMER = 302
UNKNOWN_PRODUCT = 304
UNKNOWN_SERVICE = 305
CANNOT_CANCEL = 306
#: The first of ten: 401 is said of the first parameter, 410 of the tenth.
WRONG_PARAMETER = 401
MISSING_PARAMETER = 411
WRONG_LOGIN = 412
WRONG_AMOUNT = 413
WRONG_MOMENT = 414
AMOUNT_TOO_LARGE = 415
FORBIDDEN_FOR_PAYER = 501
OUTSIDE_AREA = 502
ACCESS_DENIED = 601
UNKNOWN_METHOD = 603

#: What ``errorMsg`` says.
TEXTS: Mapping[int, str] = {
    OK: "Ok",
    INSUFFICIENT_FUNDS: "Недостаточно средств на счёте клиента для отмены платежа",
    UNAVAILABLE: "Услуга временно не поддерживается",
    QUOTA_EXHAUSTED: "Квота исчерпана",
    SYSTEM_ERROR: "Системная ошибка",
    UNKNOWN_ERROR: "Неизвестная ошибка",
    ALREADY_EXISTS: "Транзакция уже существует",
    ALREADY_CANCELLED: "Транзакция уже отменена",
    UNKNOWN_TRANSACTION: "Транзакция не найдена",
    UNKNOWN_NUMBER: "Номер не существует",
    UNKNOWN_CONSUMER: "Клиент не найден",
    UNKNOWN_PRODUCT: "Товар не найден",
    UNKNOWN_SERVICE: "Услуга не найдена",
    CANNOT_CANCEL: "Отмена невозможна по правилам поставщика",
    **{WRONG_PARAMETER + place: f"Ошибка в параметре {place + 1}" for place in range(10)},
    MISSING_PARAMETER: "Не заданы обязательные параметры",
    WRONG_LOGIN: "Неверный логин или пароль",
    WRONG_AMOUNT: "Неверная сумма",
    WRONG_MOMENT: "Неверный формат даты и времени",
    AMOUNT_TOO_LARGE: "Сумма превышает максимальную",
    FORBIDDEN_FOR_PAYER: "Платежи для данного плательщика запрещены",
    OUTSIDE_AREA: "Клиент вне зоны обслуживания поставщика",
    ACCESS_DENIED: "Доступ запрещён",
    UNKNOWN_METHOD: "Неверный код команды",
}
