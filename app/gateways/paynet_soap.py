"""PAYNET's ProviderWebService (UWS) v1.3: SOAP in, SOAP out; a refusal is a status in the usual result, no SOAP Fault.

Source: ProviderWebService developer manual v1.3 of 2013-03-26 and its WSDL: names, order of children, samples. Amounts
are integer tiyin, moments xsd:dateTime of UTC+5.

A body is read as UTF-8 whatever it declares, so that what is logged is what was read. The manual's own samples break its
schema, so less is asked of a request than the schema asks: children may come in any order and with or without a
namespace, unknown ones are passed over, ``xsi:type`` is not read, a cancellation needs no moment.

Open until the contract is signed: what a check of an unknown transaction answers (``ABSENT`` with status 0 as in the
JSON variant, 103, 203 or 305), what a second cancellation answers (the first reply or 202), what 305 means, whether the
ends of a statement's period belong to it. Inferred, not read: 411 for a number that cannot be read and for a field
given twice, 401 … 410 for a parameter given twice, the zeros that fill a refused result.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from lxml import etree  # type: ignore[import-untyped]

from app.domain.readers import LARGEST_MONEY_TIYIN
from app.gateways import paynet_statuses as statuses

UWS = "http://uws.provider.com/"
#: Namespaces of the envelope in SOAP 1.1 and 1.2, and how a reply in each is announced.
SOAP_11, SOAP_12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
CONTENT_TYPES: Mapping[str, str] = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}

PERFORM, CHECK, CANCEL = "PerformTransaction", "CheckTransaction", "CancelTransaction"
STATEMENT, INFORMATION, CHANGE_PASSWORD = "GetStatement", "GetInformation", "ChangePassword"

#: States of a transaction; ``ABSENT`` is read in the JSON variant only, ``NO_STATE`` fills a refused result.
NO_STATE, SUCCEEDED, CANCELLED, ABSENT = 0, 1, 2, 3

#: Parameters: the account, as our descriptor files name it, and what information is wanted.
ACCOUNT, INFORMATION_TYPE = "clientid", "getInfoType"

LARGEST_BODY = 64 * 1024
TASHKENT = timezone(timedelta(hours=5))

#: What a request must bring, in the order it is checked.
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    PERFORM: ("username", "password", "serviceId", "transactionId", "transactionTime", "amount"),
    CHECK: ("username", "password", "serviceId", "transactionId", "transactionTime"),
    CANCEL: ("username", "password", "serviceId", "transactionId"),
    STATEMENT: ("username", "password", "serviceId", "dateFrom", "dateTo"),
    INFORMATION: ("username", "password", "serviceId"),
    CHANGE_PASSWORD: ("username", "password", "newPassword"),
}
_OPTIONAL: Mapping[str, tuple[str, ...]] = {CANCEL: ("transactionTime",), STATEMENT: ("onlyTransactionId",)}
#: With what a field that is given twice, or cannot be read, is refused; 411 if it is not named here.
_CODES = {
    "amount": statuses.WRONG_AMOUNT,
    "transactionTime": statuses.WRONG_MOMENT,
    "dateFrom": statuses.WRONG_MOMENT,
    "dateTo": statuses.WRONG_MOMENT,
}

_LONG = re.compile(r"[+-]?[0-9]{1,40}")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: From the start of an element to the last end tag of its name: a secret that holds an end tag is hidden as well.
_SECRETS = [
    re.compile(
        rf"(<\s*(?:[^\s<>/:]+:)?{name}(?![\w.:-])(?!\s*/>)(?:[^<>]*>)?)(?:.*(?=<\s*/\s*(?:[^\s<>/:]+:)?{name}\s*>)|.*\Z)",
        re.IGNORECASE | re.DOTALL,
    )
    for name in ("password", "newPassword")
]


class Secret(str):
    """A text that is not shown when a record that holds it is logged."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class PaynetSoapRefusal(Exception):
    """A request is answered with a status other than 0.

    :ivar code: the status
    :ivar method: in whose result it is answered; None if no method was understood: a SOAP Fault
    :ivar envelope: namespace of the envelope of the answer
    :ivar about: what is wrong: a field, a method; never a value that was sent
    """

    def __init__(self, code: int, method: str | None = None, envelope: str = SOAP_11, about: str = "") -> None:
        super().__init__(f"{code} {about}".rstrip())
        self.code, self.method, self.envelope, self.about = code, method, envelope, about


class PaynetSoapCall(NamedTuple):
    """A request that has the right shape; numbers its method does not have are 0, texts empty, moments None."""

    envelope: str
    method: str
    username: str
    password: Secret
    service_id: int
    transaction_id: int
    #: when PAYNET took the money, or asked
    transaction_at: datetime | None
    amount_tiyin: int
    parameters: Mapping[str, str]
    date_from: datetime | None
    date_to: datetime | None
    #: a statement is wanted without amounts, moments and our numbers
    only_transaction_id: bool
    new_password: Secret

    @property
    def account_number(self) -> str:
        """The account the payer typed."""
        return "".join(self.parameters.get(ACCOUNT, "").split())

    @property
    def information_type(self) -> str:
        """What information is wanted, such as ``CHK_PERFORM_TRN``."""
        return self.parameters.get(INFORMATION_TYPE, "").strip()


class PaynetStatementLine(NamedTuple):
    """A transaction that stands, as a statement lists it."""

    amount_tiyin: int
    provider_transaction_id: int
    transaction_id: int
    transaction_at: datetime


class _Fields(NamedTuple):
    """The children of a request by name, and where to answer if one is wrong."""

    envelope: str
    method: str
    texts: dict[str, str]

    def refused(self, code: int, name: str) -> PaynetSoapRefusal:
        return PaynetSoapRefusal(code, self.method, self.envelope, name)

    def long(self, name: str) -> int:
        """Return a whole number of 64 bits, 0 if there is none."""
        text = self.texts.get(name, "").strip() or "0"
        if not _LONG.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
            raise self.refused(_CODES.get(name, statuses.MISSING_PARAMETER), name)
        return int(text)

    def moment(self, name: str) -> datetime | None:
        """Return a moment in UTC; one without an offset is of UTC+5, parts below microseconds are cut."""
        text = self.texts.get(name, "").strip()
        found = _MOMENT.fullmatch(text)
        if not text:
            return None
        try:
            day, clock, fraction, offset = found.groups() if found else ("", "", "", "")
            moment = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{offset or '+05:00'}").astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.refused(statuses.WRONG_MOMENT, name) from None
        # The first and the last year cannot be moved between zones.
        if not 2 <= moment.year <= 9998:
            raise self.refused(statuses.WRONG_MOMENT, name)
        return moment


def parse(body: bytes) -> PaynetSoapCall:
    """Return a request.

    :raises PaynetSoapRefusal: if it is no SOAP, names no known method, or lacks a field
    """
    envelope, payload = _payload(body)
    method = str(payload.tag).removeprefix(f"{{{UWS}}}").removesuffix("Arguments")
    if payload.tag != f"{{{UWS}}}{method}Arguments" or method not in _REQUIRED:
        raise PaynetSoapRefusal(statuses.UNKNOWN_METHOD, None, envelope, f"unknown method {etree.QName(payload).localname[:64]}")
    fields = _Fields(envelope, method, {})
    _read_texts(payload, fields)
    for name in _REQUIRED[method]:
        if not fields.texts.get(name, "").strip():
            raise fields.refused(statuses.MISSING_PARAMETER, name)
    if method == PERFORM and not 0 < fields.long("amount") <= LARGEST_MONEY_TIYIN:
        raise fields.refused(statuses.WRONG_AMOUNT, "amount")
    return PaynetSoapCall(
        envelope=envelope,
        method=method,
        username=fields.texts["username"],
        password=Secret(fields.texts["password"]),
        service_id=fields.long("serviceId"),
        transaction_id=fields.long("transactionId"),
        transaction_at=fields.moment("transactionTime"),
        amount_tiyin=fields.long("amount"),
        parameters=_parameters(payload, fields),
        date_from=fields.moment("dateFrom"),
        date_to=fields.moment("dateTo"),
        only_transaction_id=fields.texts.get("onlyTransactionId", "").strip() in {"true", "1"},
        new_password=Secret(fields.texts.get("newPassword", "")),
    )


def without_secrets(body: bytes) -> str:
    """Return a request for the log: what passwords hold is ``***``, also where the XML is broken or cut off.

    >>> without_secrets(b"<password>pwd</password><ns1:newPassword>pw")
    '<password>***</password><ns1:newPassword>***'
    """
    text = body.decode(errors="replace")
    for secret in _SECRETS:
        text = secret.sub(r"\1***", text)
    return text


def performed(envelope: str, *, answered_at: datetime, provider_transaction_id: int, parameters: Mapping[str, str]) -> bytes:
    """Return the answer that money was taken.

    :param parameters: what the payer is shown, such as ``balance`` in tiyin
    """
    number = _tag("providerTrnId", provider_transaction_id)
    return _result(envelope, PERFORM, statuses.OK, answered_at, _written_parameters(parameters) + number)


def checked(envelope: str, *, answered_at: datetime, provider_transaction_id: int, state: int, state_code: int = statuses.OK) -> bytes:
    """Return the state of a transaction.

    :param provider_transaction_id: our number of it, 0 if there is none
    :param state_code: why it has not succeeded, one of the statuses
    """
    return _result(envelope, CHECK, statuses.OK, answered_at, _state(provider_transaction_id, state, state_code))


def cancelled(envelope: str, *, answered_at: datetime, state: int = CANCELLED) -> bytes:
    """Return the answer that a transaction was cancelled."""
    return _result(envelope, CANCEL, statuses.OK, answered_at, _tag("transactionState", state))


def statement(envelope: str, lines: Iterable[PaynetStatementLine], *, answered_at: datetime, only_transaction_id: bool = False) -> bytes:
    """Return the transactions of a period, in the order given."""
    written = "".join(f"<statements>{_line(line, only_transaction_id)}</statements>" for line in lines)
    return _result(envelope, STATEMENT, statuses.OK, answered_at, written)


def information(envelope: str, *, answered_at: datetime, parameters: Mapping[str, str]) -> bytes:
    """Return what the payer is shown before he pays, in the order given."""
    return _result(envelope, INFORMATION, statuses.OK, answered_at, _written_parameters(parameters))


def password_changed(envelope: str, *, answered_at: datetime) -> bytes:
    """Return the answer that the password is the new one from now on."""
    return _result(envelope, CHANGE_PASSWORD, statuses.OK, answered_at, "")


def refusal(
    envelope: str,
    method: str | None,
    code: int,
    *,
    answered_at: datetime,
    about: str = "",
    provider_transaction_id: int = 0,
    state: int = NO_STATE,
) -> bytes:
    """Return an answer that says no; where no method was understood, a Fault.

    :param about: the field that is wrong, added to the text of the status
    :param provider_transaction_id: our number of the transaction that a repeat would double
    :param state: where the transaction stands that was not cancelled
    """
    contents = {
        PERFORM: _tag("providerTrnId", provider_transaction_id),
        CHECK: _state(provider_transaction_id, state, code),
        CANCEL: _tag("transactionState", state),
    }
    if method is None:
        return fault(envelope, about)
    return _result(envelope, method, code, answered_at, contents.get(method, ""), about)


def fault(envelope: str, about: str) -> bytes:
    """Return a Fault that blames the sender: ``Client`` in SOAP 1.1, ``Sender`` in 1.2.

    SOAP asks for HTTP status 500 with the first, 400 with the second.
    """
    if envelope == SOAP_12:
        code, reason = "<s:Code><s:Value>s:Sender</s:Value></s:Code>", f'<s:Text xml:lang="en">{_text(about)}</s:Text>'
        return _enveloped(envelope, f"<s:Fault>{code}<s:Reason>{reason}</s:Reason></s:Fault>")
    return _enveloped(envelope, f"<s:Fault>{_tag('faultcode', 's:Client')}{_tag('faultstring', about)}</s:Fault>")


def _payload(body: bytes) -> tuple[str, Any]:
    """Return the namespace of the envelope and the only element of its body."""
    root = _root(body)
    envelope = str(root.tag).removesuffix("Envelope").strip("{}")
    if envelope not in CONTENT_TYPES:
        raise PaynetSoapRefusal(statuses.UNKNOWN_METHOD, about="no SOAP envelope")
    bodies = root.findall(f"{{{envelope}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise PaynetSoapRefusal(statuses.UNKNOWN_METHOD, None, envelope, "one element in one Body is expected")
    return envelope, bodies[0][0]


def _root(body: bytes) -> Any:
    if len(body) > LARGEST_BODY:
        raise PaynetSoapRefusal(statuses.UNKNOWN_METHOD, about="longer than 64 KB")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        # A comment inside a number would else cut the number in two.
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body.strip().removeprefix(b"\xef\xbb\xbf").lstrip(), parser)
    except etree.XMLSyntaxError:
        raise PaynetSoapRefusal(statuses.UNKNOWN_METHOD, about="no well-formed XML in UTF-8") from None
    if root.getroottree().docinfo.doctype:
        raise PaynetSoapRefusal(statuses.UNKNOWN_METHOD, about="a document type is not accepted")
    return root


def _ours(element: Any) -> str:
    """Return the name of a child without namespace or with PAYNET's; an empty text for any other."""
    name = etree.QName(element)
    return str(name.localname) if name.namespace in {None, UWS} else ""


def _read_texts(payload: Any, fields: _Fields) -> None:
    """Put the texts of the children the method knows among the fields; of two alike nobody can tell which is meant."""
    known = _REQUIRED[fields.method] + _OPTIONAL.get(fields.method, ())
    for child in payload:
        name = _ours(child)
        if name in known:
            if name in fields.texts or len(child):
                raise fields.refused(_CODES.get(name, statuses.MISSING_PARAMETER), name)
            fields.texts[name] = child.text or ""


def _parameters(payload: Any, fields: _Fields) -> dict[str, str]:
    """Return the parameters by their keys; one that is not plain, or a key with two values, is refused."""
    parameters: dict[str, str] = {}
    for place, child in enumerate(child for child in payload if _ours(child) == "parameters"):
        parts = [(_ours(part), (part.text or "").strip()) for part in child if _ours(part)]
        plain = len(dict(parts)) == len(parts) and not any(len(part) for part in child)
        key, value = dict(parts).get("paramKey", ""), dict(parts).get("paramValue", "")
        if not plain or (key and parameters.setdefault(key, value) != value):
            raise fields.refused(statuses.WRONG_PARAMETER + min(place, 9), "parameters")
    return parameters


def _enveloped(envelope: str, contents: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="{envelope}"><s:Body>{contents}</s:Body></s:Envelope>'.encode()


def _result(envelope: str, method: str, code: int, answered_at: datetime, contents: str, about: str = "") -> bytes:
    message = statuses.TEXTS[code] + (f": {about}" if about else "")
    head = _tag("errorMsg", message) + _tag("status", code) + _tag("timeStamp", _moment(answered_at))
    return _enveloped(envelope, f'<uws:{method}Result xmlns:uws="{UWS}">{head}{contents}</uws:{method}Result>')


def _state(provider_transaction_id: int, state: int, code: int) -> str:
    return (
        _tag("providerTrnId", provider_transaction_id)
        + _tag("transactionState", state)
        + _tag("transactionStateErrorStatus", code)
        + _tag("transactionStateErrorMsg", statuses.TEXTS[code])
    )


def _line(line: PaynetStatementLine, only_transaction_id: bool) -> str:
    number = _tag("transactionId", line.transaction_id)
    if only_transaction_id:
        return number
    ours = _tag("amount", line.amount_tiyin) + _tag("providerTrnId", line.provider_transaction_id)
    return ours + number + _tag("transactionTime", _moment(line.transaction_at))


def _written_parameters(parameters: Mapping[str, str]) -> str:
    return "".join(f"<parameters>{_tag('paramKey', key)}{_tag('paramValue', value)}</parameters>" for key, value in parameters.items())


def _tag(name: str, value: str | int) -> str:
    return f"<{name}>{_text(str(value))}</{name}>"


def _text(value: str) -> str:
    """Return a text as XML writes it; a character XML cannot hold becomes U+FFFD."""
    return escape(_NOT_XML.sub("\ufffd", value))


def _moment(at: datetime) -> str:
    """Return a moment as PAYNET reads it: ``2026-04-26T19:13:55.421+05:00``."""
    assert at.tzinfo is not None
    return at.astimezone(TASHKENT).isoformat(timespec="milliseconds")
