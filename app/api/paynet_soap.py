"""PAYNET's SOAP service; its WSDL and descriptor files are read from the same address."""

from collections.abc import Callable

from app.api import paynet
from app.api.intake import (
    ChannelAdapter,
    ContractTerms,
    Effects,
    IntakeAnswer,
    IntakeRequest,
    Unavailable,
    WorksElsewhere,
    by_login,
    masked,
    may_call,
)
from app.domain.payments import TenderStatus
from app.domain.payments.channels import Channel
from app.gateways import paynet_soap, paynet_wsdl
from app.gateways import paynet_statuses as statuses
from app.queries.payments import PaymentContractRecord

#: How long an account number is and how it looks, as the descriptor files tell PAYNET's terminals.
#: Source: PAYNET does not say; personal account numbers of the electricity trade have 12 or 13 digits.
_ACCOUNT_LENGTH, _ACCOUNT_PATTERN = 13, "[0-9]{5,13}"


def handle(request: IntakeRequest, terms: ContractTerms) -> Effects:
    """Answer a SOAP call; the WSDL and the descriptor files are read from the same address."""
    if request.method == "GET":
        return _files(request, terms)
    call, envelope, status, is_known = None, paynet_soap.SOAP_11, 200, None
    try:
        call = paynet_soap.parse(request.body)
        envelope = call.envelope
        contract = _authorised(request, terms, call)
        is_known = True
        body = yield from _METHODS[call.method](request, contract, call)
    except paynet_soap.PaynetSoapRefusal as refused:
        envelope = refused.envelope
        body = paynet_soap.refusal(envelope, refused.method, refused.code, answered_at=request.now, about=refused.about)
        if refused.method is None:
            status = 400  # WS-I Basic Profile 1.1, R1113: a message that cannot be read
    except WorksElsewhere:
        body = _refusal(request, call, paynet.PaynetRefused(statuses.UNAVAILABLE))
    except Unavailable:
        body = _refusal(request, call, paynet.PaynetRefused(statuses.SYSTEM_ERROR))
    except paynet.PaynetRefused as refused:
        body = _refusal(request, call, refused)
        is_known = False if refused.code == statuses.WRONG_LOGIN else is_known
    return IntakeAnswer(
        body,
        status,
        paynet_soap.CONTENT_TYPES[envelope],
        name=call.method if call else "",
        reference=str(call.transaction_id) if call and call.transaction_id else None,
        kept_request=paynet_soap.without_secrets(request.body),
        is_known=is_known,
    )


def _authorised(request: IntakeRequest, terms: ContractTerms, call: paynet_soap.PaynetSoapCall) -> PaymentContractRecord:
    contract = by_login(terms.of(Channel.PAYNET), call.username, call.password)
    if contract is None:
        raise paynet.PaynetRefused(statuses.WRONG_LOGIN)
    if not may_call(contract, request.address):
        raise paynet.PaynetRefused(statuses.ACCESS_DENIED)
    if call.method != paynet_soap.CHANGE_PASSWORD and call.service_id != paynet.service_of(contract):
        raise paynet.PaynetRefused(statuses.UNKNOWN_SERVICE)
    return contract


def _refusal(request: IntakeRequest, call: paynet_soap.PaynetSoapCall | None, refused: paynet.PaynetRefused) -> bytes:
    """Answer no; what a repeat is told bears the moment of the first, so that it is the same however often it is asked."""
    assert call is not None
    tender = refused.tender
    if tender is None:
        return paynet_soap.refusal(call.envelope, call.method, refused.code, answered_at=request.now)
    return paynet_soap.refusal(
        call.envelope, call.method, refused.code, answered_at=paynet.moment(max(tender.performed_ms, tender.cancelled_ms)),
        provider_transaction_id=tender.id, state=paynet.state(tender),
    )  # fmt: skip


def _information(request: IntakeRequest, _contract: PaymentContractRecord, call: paynet_soap.PaynetSoapCall) -> paynet.PaynetSteps:
    found = yield from paynet.information(request, call.account_number)
    parameters = {"balance": str(-found.owed_tiyin), "name": masked(found.consumer_name)}
    return paynet_soap.information(call.envelope, answered_at=request.now, parameters=parameters)


def _perform(request: IntakeRequest, contract: PaymentContractRecord, call: paynet_soap.PaynetSoapCall) -> paynet.PaynetSteps:
    taken = yield from paynet.pay(request, contract, call.account_number, str(call.transaction_id), call.amount_tiyin, call.transaction_at)
    assert taken.tender is not None
    return paynet_soap.performed(
        call.envelope, answered_at=paynet.moment(taken.tender.performed_ms), provider_transaction_id=taken.tender.id,
        parameters={"balance": str(-taken.owed_tiyin)},
    )  # fmt: skip


def _check(request: IntakeRequest, contract: PaymentContractRecord, call: paynet_soap.PaynetSoapCall) -> paynet.PaynetSteps:
    tender = yield from paynet.check(contract, str(call.transaction_id))
    if tender is None:
        return paynet_soap.checked(
            call.envelope,
            answered_at=request.now,
            provider_transaction_id=0,
            state=paynet_soap.ABSENT,
            state_code=statuses.UNKNOWN_TRANSACTION,
        )
    return paynet_soap.checked(
        call.envelope, answered_at=request.now, provider_transaction_id=tender.id, state=paynet.state(tender),
        state_code=statuses.OK if tender.status == TenderStatus.PERFORMED else statuses.ALREADY_CANCELLED,
    )  # fmt: skip


def _cancel(request: IntakeRequest, contract: PaymentContractRecord, call: paynet_soap.PaynetSoapCall) -> paynet.PaynetSteps:
    tender = yield from paynet.cancel(request, contract, str(call.transaction_id))
    return paynet_soap.cancelled(call.envelope, answered_at=paynet.moment(tender.cancelled_ms))


def _statement(request: IntakeRequest, contract: PaymentContractRecord, call: paynet_soap.PaynetSoapCall) -> paynet.PaynetSteps:
    assert call.date_from is not None
    assert call.date_to is not None
    tenders = yield from paynet.statement(contract, paynet.AnsweredPeriod(call.date_from, call.date_to))
    lines = [
        paynet_soap.PaynetStatementLine(each.amount_tiyin, each.id, int(each.reference), paynet.moment(each.provider_ms))
        for each in tenders
    ]
    return paynet_soap.statement(call.envelope, lines, answered_at=request.now, only_transaction_id=call.only_transaction_id)


def _password(request: IntakeRequest, contract: PaymentContractRecord, call: paynet_soap.PaynetSoapCall) -> paynet.PaynetSteps:
    yield from paynet.change_key(contract, call.new_password)
    return paynet_soap.password_changed(call.envelope, answered_at=request.now)


_METHODS: dict[str, Callable[[IntakeRequest, PaymentContractRecord, paynet_soap.PaynetSoapCall], paynet.PaynetSteps]] = {
    paynet_soap.INFORMATION: _information,
    paynet_soap.PERFORM: _perform,
    paynet_soap.CHECK: _check,
    paynet_soap.CANCEL: _cancel,
    paynet_soap.STATEMENT: _statement,
    paynet_soap.CHANGE_PASSWORD: _password,
}


def _files(request: IntakeRequest, terms: ContractTerms) -> IntakeAnswer:
    """Give out the WSDL, or one of the three files that tell terminals what to ask for."""
    contracts = terms.of(Channel.PAYNET)
    found = paynet_wsdl.descriptors(
        paynet.service_of(contracts[0]) if contracts else 0, account_length=_ACCOUNT_LENGTH, account_pattern=_ACCOUNT_PATTERN
    )
    if not request.tail:
        scheme = request.headers.get("x-forwarded-proto", "http")
        return IntakeAnswer(
            paynet_wsdl.wsdl(f"{scheme}://{request.headers.get('host', '')}/api/paynet/soap"),
            media_type="text/xml; charset=utf-8",
            name="WSDL",
        )
    body = found.get(request.tail)
    return IntakeAnswer(body or b"", 200 if body else 404, "text/xml; charset=utf-8", name=request.tail[:64])


ADAPTER = ChannelAdapter(Channel.PAYNET, handle, ("paynet/soap",))
