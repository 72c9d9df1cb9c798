"""PAYNET's calls in both of its forms, SOAP and JSON-RPC: one set of answers, two ways of writing them."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.api.intake import Answer, DayControl, Do, Effect, Effects, Request, Take, Terms, by_login, by_password, is_number, masked, may_call
from app.domain.payments import Channel, Repeat, TenderEvent, TenderStatus, UnknownTransaction
from app.gateways import paynet_json, paynet_soap, paynet_wsdl
from app.gateways import paynet_statuses as statuses
from app.queries import payments as queries
from app.queries.payments import ContractRecord, Standing, TenderRecord
from app.services import payments as service
from app.services.payments import Taken

#: How long an account number is and how it looks, as the descriptor files tell PAYNET's terminals.
#: Source: PAYNET does not say; personal account numbers of the electricity trade have 12 or 13 digits.
_ACCOUNT_LENGTH, _ACCOUNT_PATTERN = 13, "[0-9]{5,13}"
_UNKNOWN = {UnknownTransaction.NOT_FOUND: statuses.UNKNOWN_TRANSACTION, UnknownTransaction.UNKNOWN_ERROR: statuses.UNKNOWN_ERROR}


class Refused(Exception):
    """A call is answered with a status.

    :ivar code: one of ``paynet_statuses``
    :ivar tender: the transaction it is about, if it is known
    """

    def __init__(self, code: int, tender: TenderRecord | None = None) -> None:
        super().__init__(str(code))
        self.code, self.tender = code, tender


class Window(NamedTuple):
    """The time of a statement, both ends included."""

    from_at: datetime
    to_at: datetime


def _information(request: Request, number: str) -> Generator[Effect, Any, Standing]:
    if not is_number(number):
        raise Refused(statuses.UNKNOWN_CONSUMER)
    found: Standing | None = yield Do(lambda session: queries.standing(session, number, request.today))
    if found is None:
        raise Refused(statuses.UNKNOWN_CONSUMER)
    if found.is_blocked:
        raise Refused(statuses.FORBIDDEN_FOR_PAYER)
    return found


def _pay(
    request: Request, contract: ContractRecord, number: str, reference: str, amount_tiyin: int, paid_at: datetime | None
) -> Generator[Effect, Any, Taken]:
    """Take a payment in one statement; the same transaction again is refused, whatever became of it."""
    if not is_number(number):
        raise Refused(statuses.UNKNOWN_CONSUMER)
    if amount_tiyin < contract.smallest_tiyin:
        raise Refused(statuses.WRONG_AMOUNT)
    if amount_tiyin > contract.largest_tiyin:
        raise Refused(paynet_json.AMOUNT_TOO_LARGE)
    if contract.is_stopped:
        raise Refused(statuses.UNAVAILABLE)
    control_id = yield DayControl(contract.id, request.today)
    provider_ms = _ms(paid_at or request.now)
    taken: Taken = yield Take(
        service.Asked(contract.id, reference, number, amount_tiyin, provider_ms, is_performed=True, control_id=control_id)
    )
    if taken.tender is None:
        raise Refused(statuses.FORBIDDEN_FOR_PAYER if taken.is_blocked else statuses.UNKNOWN_CONSUMER)
    if not taken.is_new:
        raise Refused(statuses.ALREADY_EXISTS, taken.tender)
    return taken


def _check(contract: ContractRecord, reference: str) -> Generator[Effect, Any, TenderRecord | None]:
    """Return a transaction; None: unknown, to be answered as a state."""
    tender: TenderRecord | None = yield Do(lambda session: queries.tender(session, contract.id, reference))
    if tender is None and contract.unknown_transaction != UnknownTransaction.STATE_3:
        raise Refused(_UNKNOWN[UnknownTransaction(contract.unknown_transaction)])
    return tender


def _cancel(request: Request, contract: ContractRecord, reference: str) -> Generator[Effect, Any, TenderRecord]:
    def work(session: Session) -> TenderRecord:
        tender = queries.tender(session, contract.id, reference, lock=True)
        if tender is None:
            raise Refused(statuses.UNKNOWN_TRANSACTION)
        if tender.status != TenderStatus.PERFORMED:
            if contract.repeated_cancel == Repeat.REFUSED:
                raise Refused(statuses.ALREADY_CANCELLED, tender)
            return tender
        try:
            undoing = service.Undoing(TenderEvent.CANCEL, None, request.now_ms, request.today, most_days=contract.cancel_days)
            return service.cancel(session, tender, undoing)
        except service.TooLateToCancel:
            raise Refused(paynet_json.CANNOT_CANCEL, tender) from None

    tender: TenderRecord = yield Do(work)
    return tender


def _statement(contract: ContractRecord, window: Window) -> Generator[Effect, Any, list[TenderRecord]]:
    first, last = _ms(window.from_at), _ms(window.to_at) + 999
    tenders: list[TenderRecord] = yield Do(lambda session: queries.tenders_between(session, contract.id, first, last))
    return [tender for tender in tenders if tender.status == TenderStatus.PERFORMED]


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _state(tender: TenderRecord) -> int:
    return paynet_json.PERFORMED if tender.status == TenderStatus.PERFORMED else paynet_json.CANCELLED


# JSON-RPC


def handle_json(request: Request, terms: Terms) -> Effects:
    """Answer a JSON-RPC call: 200 whatever the answer, 401 for wrong credentials."""
    call_id, call, status = paynet_json.request_id(request.body), None, 200
    try:
        contract = _authorised_json(request, terms)
        call = paynet_json.parse(request.body, service_id=_service(contract))
        body = yield from _JSON[call.method](request, contract, call)
    except paynet_json.Refusal as refused:
        body = paynet_json.refusal(call_id, refused)
        status = 401 if refused.code == paynet_json.ACCESS_DENIED else 200
    except Refused as refused:
        body = paynet_json.refusal(call_id, paynet_json.Refusal(refused.code))
    name = call.method if call else ""
    reference = str(call.transaction_id) if call and call.transaction_id else None
    return Answer(body, status, name=name, reference=reference, kept_request="" if name == "ChangePassword" else None)


def _authorised_json(request: Request, terms: Terms) -> ContractRecord:
    if request.method != "POST":
        raise paynet_json.Refusal(paynet_json.NOT_POST)
    contract = by_password(terms.of(Channel.PAYNET), request)
    if contract is None:
        raise paynet_json.Refusal(paynet_json.ACCESS_DENIED)
    return contract


def _service(contract: ContractRecord) -> int:
    return int(contract.service_number) if contract.service_number.isdecimal() else -1


Steps = Generator[Effect, Any, bytes]


def _json_information(request: Request, _contract: ContractRecord, call: paynet_json.Call) -> Steps:
    found = yield from _information(request, call.account_number)
    return paynet_json.information(call, name=masked(found.consumer_name), balance_tiyin=-found.owed_tiyin, at=request.now)


def _json_perform(request: Request, contract: ContractRecord, call: paynet_json.Call) -> Steps:
    taken = yield from _pay(request, contract, call.account_number, str(call.transaction_id), call.amount_tiyin, call.paid_at)
    assert taken.tender is not None
    return paynet_json.performed(call, provider_id=taken.tender.id, balance_tiyin=-taken.owed_tiyin, at=_at(taken.tender.performed_ms))


def _json_check(request: Request, contract: ContractRecord, call: paynet_json.Call) -> Steps:
    tender = yield from _check(contract, str(call.transaction_id))
    if tender is None:
        return paynet_json.state(call, provider_id=0, state=paynet_json.NOT_FOUND, at=request.now)
    return paynet_json.state(call, provider_id=tender.id, state=_state(tender), at=request.now)


def _json_cancel(request: Request, contract: ContractRecord, call: paynet_json.Call) -> Steps:
    tender = yield from _cancel(request, contract, str(call.transaction_id))
    return paynet_json.state(call, provider_id=tender.id, state=paynet_json.CANCELLED, at=_at(tender.cancelled_ms))


def _json_statement(_request: Request, contract: ContractRecord, call: paynet_json.Call) -> Steps:
    tenders = yield from _statement(contract, Window(call.from_at, call.to_at))
    lines = [paynet_json.Performed(each.amount_tiyin, int(each.reference), each.id, _at(each.performed_ms)) for each in tenders]
    return paynet_json.statement(call, lines)


def _json_password(_request: Request, contract: ContractRecord, call: paynet_json.Call) -> Steps:
    yield Do(lambda session: service.change_key(session, contract.id, call.new_password))
    return paynet_json.password_changed(call)


_JSON: dict[str, Callable[[Request, ContractRecord, paynet_json.Call], Steps]] = {
    "GetInformation": _json_information,
    "PerformTransaction": _json_perform,
    "CheckTransaction": _json_check,
    "CancelTransaction": _json_cancel,
    "GetStatement": _json_statement,
    "ChangePassword": _json_password,
}


# SOAP


def handle_soap(request: Request, terms: Terms) -> Effects:
    """Answer a SOAP call; the WSDL and the descriptor files are read from the same address."""
    if request.method == "GET":
        return _files(request, terms)
    call, envelope, status = None, paynet_soap.SOAP_11, 200
    try:
        call = paynet_soap.parse(request.body)
        envelope = call.envelope
        contract = _authorised(request, terms, call)
        body = yield from _SOAP[call.method](request, contract, call)
    except paynet_soap.Refusal as refused:
        envelope = refused.envelope
        body = paynet_soap.refusal(envelope, refused.method, refused.code, answered_at=request.now, about=refused.about)
        if refused.method is None:
            status = 400  # WS-I Basic Profile 1.1, R1113: a message that cannot be read
    except Refused as refused:
        body = _soap_refusal(request, call, refused)
    return Answer(
        body,
        status,
        paynet_soap.CONTENT_TYPES[envelope],
        name=call.method if call else "",
        reference=str(call.transaction_id) if call and call.transaction_id else None,
        kept_request=paynet_soap.without_secrets(request.body),
    )


def _authorised(request: Request, terms: Terms, call: paynet_soap.Call) -> ContractRecord:
    contract = by_login(terms.of(Channel.PAYNET), call.username, call.password)
    if contract is None:
        raise Refused(statuses.WRONG_LOGIN)
    if not may_call(contract, request.address):
        raise Refused(statuses.ACCESS_DENIED)
    if call.method != paynet_soap.CHANGE_PASSWORD and call.service_id != _service(contract):
        raise Refused(statuses.UNKNOWN_SERVICE)
    return contract


def _soap_refusal(request: Request, call: paynet_soap.Call | None, refused: Refused) -> bytes:
    """Answer no; what a repeat is told bears the moment of the first, so that it is the same however often it is asked."""
    assert call is not None
    tender = refused.tender
    if tender is None:
        return paynet_soap.refusal(call.envelope, call.method, refused.code, answered_at=request.now)
    return paynet_soap.refusal(
        call.envelope, call.method, refused.code, answered_at=_at(max(tender.performed_ms, tender.cancelled_ms)),
        provider_transaction_id=tender.id, state=_state(tender),
    )  # fmt: skip


def _soap_information(request: Request, _contract: ContractRecord, call: paynet_soap.Call) -> Steps:
    found = yield from _information(request, call.account_number)
    parameters = {"balance": str(-found.owed_tiyin), "name": masked(found.consumer_name)}
    return paynet_soap.information(call.envelope, answered_at=request.now, parameters=parameters)


def _soap_perform(request: Request, contract: ContractRecord, call: paynet_soap.Call) -> Steps:
    taken = yield from _pay(request, contract, call.account_number, str(call.transaction_id), call.amount_tiyin, call.transaction_at)
    assert taken.tender is not None
    return paynet_soap.performed(
        call.envelope, answered_at=_at(taken.tender.performed_ms), provider_transaction_id=taken.tender.id,
        parameters={"balance": str(-taken.owed_tiyin)},
    )  # fmt: skip


def _soap_check(request: Request, contract: ContractRecord, call: paynet_soap.Call) -> Steps:
    tender = yield from _check(contract, str(call.transaction_id))
    if tender is None:
        return paynet_soap.checked(
            call.envelope,
            answered_at=request.now,
            provider_transaction_id=0,
            state=paynet_soap.ABSENT,
            state_code=statuses.UNKNOWN_TRANSACTION,
        )
    return paynet_soap.checked(
        call.envelope, answered_at=request.now, provider_transaction_id=tender.id, state=_state(tender),
        state_code=statuses.OK if tender.status == TenderStatus.PERFORMED else statuses.ALREADY_CANCELLED,
    )  # fmt: skip


def _soap_cancel(request: Request, contract: ContractRecord, call: paynet_soap.Call) -> Steps:
    tender = yield from _cancel(request, contract, str(call.transaction_id))
    return paynet_soap.cancelled(call.envelope, answered_at=_at(tender.cancelled_ms))


def _soap_statement(request: Request, contract: ContractRecord, call: paynet_soap.Call) -> Steps:
    assert call.date_from is not None
    assert call.date_to is not None
    tenders = yield from _statement(contract, Window(call.date_from, call.date_to))
    lines = [paynet_soap.StatementLine(each.amount_tiyin, each.id, int(each.reference), _at(each.provider_ms)) for each in tenders]
    return paynet_soap.statement(call.envelope, lines, answered_at=request.now, only_transaction_id=call.only_transaction_id)


def _soap_password(request: Request, contract: ContractRecord, call: paynet_soap.Call) -> Steps:
    yield Do(lambda session: service.change_key(session, contract.id, call.new_password))
    return paynet_soap.password_changed(call.envelope, answered_at=request.now)


_SOAP: dict[str, Callable[[Request, ContractRecord, paynet_soap.Call], Steps]] = {
    paynet_soap.INFORMATION: _soap_information,
    paynet_soap.PERFORM: _soap_perform,
    paynet_soap.CHECK: _soap_check,
    paynet_soap.CANCEL: _soap_cancel,
    paynet_soap.STATEMENT: _soap_statement,
    paynet_soap.CHANGE_PASSWORD: _soap_password,
}


def _files(request: Request, terms: Terms) -> Answer:
    """Give out the WSDL, or one of the three files that tell terminals what to ask for."""
    contracts = terms.of(Channel.PAYNET)
    found = paynet_wsdl.descriptors(
        _service(contracts[0]) if contracts else 0, account_length=_ACCOUNT_LENGTH, account_pattern=_ACCOUNT_PATTERN
    )
    if not request.tail:
        scheme = request.headers.get("x-forwarded-proto", "http")
        return Answer(
            paynet_wsdl.wsdl(f"{scheme}://{request.headers.get('host', '')}/api/paynet/soap"),
            media_type="text/xml; charset=utf-8",
            name="WSDL",
        )
    body = found.get(request.tail)
    return Answer(body or b"", 200 if body else 404, "text/xml; charset=utf-8", name=request.tail[:64])
