"""Payment by SMS: an aggregator confirms a debit from the phone, or the payer's message itself arrives.

Open: no public Uzbek document of a confirmed debit was found, so the layout of ``Confirmation``, its signature, the codes and
the reply are ours, to be replaced by those of a contract. Open as well: the short number, the words a message may begin with,
and the length of an account number (an argument).

Source of the message's XML: the handler of PlayMobile in nyaruka/courier, read for its facts: ``<sms-request>`` holds messages
with ``id``, ``msisdn``, ``submit-date`` and a text; one without id or msisdn is refused with HTTP 400, so is XML that cannot
be read; none at all is 200. That ``submit-date`` is UTC+5 is inferred.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from app.gateways import channel_time, json_bodies
from app.gateways.json_bodies import NotJson

ACCEPTED = 0
BAD_REQUEST = 1
WRONG_SIGNATURE = 2
UNKNOWN_ACCOUNT = 3
WRONG_AMOUNT = 4
CONFLICTING_REPEAT = 5
PAYMENTS_SUSPENDED = 6
UNAVAILABLE = 9

_MESSAGES: Mapping[int, str] = {
    ACCEPTED: "Платёж принят",
    BAD_REQUEST: "Неверный запрос",
    WRONG_SIGNATURE: "Неверная подпись",
    UNKNOWN_ACCOUNT: "Лицевой счёт не найден",
    WRONG_AMOUNT: "Неверная сумма",
    CONFLICTING_REPEAT: "Номер транзакции уже использован с другими данными",
    PAYMENTS_SUSPENDED: "Приём платежей приостановлен по закону ЎРҚ-1044 до погашения другой задолженности",
    UNAVAILABLE: "Услуга временно недоступна",
}

#: The signature covers these values as they were sent, joined by a stroke; none of them may hold one.
_SIGNED = ("transaction_id", "phone", "account", "amount", "confirmed_at")
_TRANSACTION = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
_PHONE = re.compile(r"\+?998[0-9]{9}")
_ACCOUNT = re.compile(r"[0-9]{1,20}")
#: One word, the account number, whole soʻm; blanks may part the thousands. Points and commas could mean either, so none is taken.
_ORDER = re.compile(r"(?:\D+ )?([0-9]+) ([0-9]{1,12}|[0-9]{1,3}(?: [0-9]{3}){1,3})")
_WORDS = frozenset({"", "TOLOV", "TO'LOV", "ТЎЛОВ", "ОПЛАТА"})
_APOSTROPHES = str.maketrans(dict.fromkeys("ʻʼ‘’`´", "'"))


class SmsPaymentRefusal(Exception):
    """A request is answered with an error.

    :ivar code: our code
    """

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Confirmation(NamedTuple):
    """An aggregator's word that it debited a phone."""

    transaction_id: str
    #: +998 and nine digits
    phone: str
    account_number: str
    amount_tiyin: int
    confirmed_ms: int


class Message(NamedTuple):
    """A message a payer sent to our short number."""

    id: str
    #: digits of the sender's number, as they were sent
    msisdn: str
    submitted_at: datetime
    text: str


def parse(body: bytes, *, secret: str) -> Confirmation:
    """Return a confirmation.

    :param secret: the key of the contract, which signs
    :raises SmsPaymentRefusal: if it is no JSON, lacks a field, is signed otherwise, or names no amount
    """
    sent = _object(body)
    values: list[Any] = [sent.get(name) for name in _SIGNED]
    transaction_id, phone, account, amount, confirmed_ms = values
    patterns = ((transaction_id, _TRANSACTION), (phone, _PHONE), (account, _ACCOUNT))
    has_texts = all(isinstance(text, str) and pattern.fullmatch(text) for text, pattern in patterns)
    if not has_texts or not json_bodies.is_int63(amount) or not json_bodies.is_int63(confirmed_ms):
        raise SmsPaymentRefusal(BAD_REQUEST)
    if not json_bodies.is_short_text(sent.get("signature")):
        raise SmsPaymentRefusal(WRONG_SIGNATURE)
    if not hmac.compare_digest(sent["signature"].encode(), _signature(values, secret).encode()):
        raise SmsPaymentRefusal(WRONG_SIGNATURE)
    if json_bodies.amount_tiyin(amount) is None:
        raise SmsPaymentRefusal(WRONG_AMOUNT)
    return Confirmation(transaction_id, f"+{phone.removeprefix('+')}", account, amount, confirmed_ms)


def _object(body: bytes) -> dict[str, Any]:
    try:
        sent = json_bodies.decode(body)
    except NotJson:
        raise SmsPaymentRefusal(BAD_REQUEST) from None
    if not isinstance(sent, dict):
        raise SmsPaymentRefusal(BAD_REQUEST)
    return sent


def _signature(values: list[Any], secret: str) -> str:
    return hmac.new(secret.encode(), "|".join(map(str, values)).encode(), hashlib.sha256).hexdigest()


def accepted(confirmation: Confirmation, *, reference: str) -> bytes:
    """Answer a confirmation with our number of the payment."""
    return _reply("OK", confirmation.transaction_id, reference, ACCEPTED)


def refusal(refused: SmsPaymentRefusal, *, transaction_id: str = "") -> bytes:
    """Return an answer that says no.

    :param transaction_id: the transaction it is about; empty if that could not be read
    """
    return _reply("REFUSED", transaction_id, "", refused.code)


def _reply(status: str, transaction_id: str, reference: str, code: int) -> bytes:
    about = {"transaction_id": transaction_id, "reference": reference}
    return json_bodies.encode({"status": status, **about, "code": code, "message": _MESSAGES[code]})


def parse_messages(body: bytes) -> tuple[Message, ...]:
    """Return the messages of a request; none if there are none.

    :raises SmsPaymentRefusal: if it is no XML, brings a document type, or has a message without id, msisdn or a readable date
    """
    # A parser for each call: nothing of one stranger's document is left for the next.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(body.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SmsPaymentRefusal(BAD_REQUEST) from None
    if root.getroottree().docinfo.doctype or root.tag != "sms-request":
        raise SmsPaymentRefusal(BAD_REQUEST)
    return tuple(_message(element) for element in root.iterchildren("message"))


def _message(element: Any) -> Message:
    number, msisdn = element.get("id"), element.get("msisdn")
    submitted_at = channel_time.decode(element.get("submit-date"), channel_time.ISO_LIKE)
    if not json_bodies.is_short_text(number) or not json_bodies.is_short_text(msisdn) or submitted_at is None:
        raise SmsPaymentRefusal(BAD_REQUEST)
    return Message(number, msisdn, submitted_at, element.findtext("content") or "")


def order(text: str, *, account_digits: tuple[int, int] = (12, 13)) -> tuple[str, int] | None:
    """Return the account number and the tiyin a message asks to pay, or None if it does not say so beyond doubt.

    :param account_digits: the least and the most digits of an account number

    >>> order("TOLOV 262801234567 50 000")
    ('262801234567', 5000000)
    """
    words = " ".join(text.translate(_APOSTROPHES).upper().split())
    found = _ORDER.fullmatch(words)
    if found is None or words[: found.start(1)].strip() not in _WORDS:
        return None
    number, som = found[1], int(found[2].replace(" ", ""))
    least, limit = account_digits
    return (number, som * 100) if som and least <= len(number) <= limit else None
