"""PAYNET's JSON-RPC: HTTP 200 whatever the answer, 401 for wrong credentials."""

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
    by_password,
    masked,
)
from app.domain.payments.channels import Channel
from app.gateways import json_bodies, paynet_json
from app.gateways import paynet_statuses as statuses
from app.queries.payments import PaymentContractRecord


def handle(request: IntakeRequest, terms: ContractTerms) -> Effects:
    """Answer a JSON-RPC call: 200 whatever the answer, 401 for wrong credentials."""
    sent = json_bodies.decode_rpc(request.body)
    call, status, is_known = None, 200, None
    try:
        contract = _authorised(request, terms)
        is_known = True
        call = paynet_json.parse(sent, service_id=paynet.service_of(contract))
        body = yield from _METHODS[call.method](request, contract, call)
    except paynet_json.PaynetJsonRefusal as refused:
        body = paynet_json.refusal(sent.id, refused)
        if refused.code == statuses.ACCESS_DENIED:
            status, is_known = 401, False
    except paynet.PaynetRefused as refused:
        body = paynet_json.refusal(sent.id, paynet_json.PaynetJsonRefusal(refused.code))
    except WorksElsewhere:
        body = paynet_json.refusal(sent.id, paynet_json.PaynetJsonRefusal(statuses.UNAVAILABLE))
    except Unavailable:
        body = paynet_json.refusal(sent.id, paynet_json.PaynetJsonRefusal(paynet_json.INTERNAL))
    name = call.method if call else ""
    reference = str(call.transaction_id) if call and call.transaction_id else None
    kept = "" if name == "ChangePassword" else None
    return IntakeAnswer(body, status, name=name, reference=reference, kept_request=kept, is_known=is_known)


def _authorised(request: IntakeRequest, terms: ContractTerms) -> PaymentContractRecord:
    if request.method != "POST":
        raise paynet_json.PaynetJsonRefusal(paynet_json.NOT_POST)
    contract = by_password(terms.of(Channel.PAYNET), request)
    if contract is None:
        raise paynet_json.PaynetJsonRefusal(statuses.ACCESS_DENIED)
    return contract


def _information(request: IntakeRequest, _contract: PaymentContractRecord, call: paynet_json.PaynetJsonCall) -> paynet.PaynetSteps:
    found = yield from paynet.information(request, call.account_number)
    return paynet_json.information(call, name=masked(found.consumer_name), balance_tiyin=-found.owed_tiyin, at=request.now)


def _perform(request: IntakeRequest, contract: PaymentContractRecord, call: paynet_json.PaynetJsonCall) -> paynet.PaynetSteps:
    taken = yield from paynet.pay(request, contract, call.account_number, str(call.transaction_id), call.amount_tiyin, call.paid_at)
    assert taken.tender is not None
    return paynet_json.performed(
        call, provider_id=taken.tender.id, balance_tiyin=-taken.owed_tiyin, at=paynet.moment(taken.tender.performed_ms)
    )


def _check(request: IntakeRequest, contract: PaymentContractRecord, call: paynet_json.PaynetJsonCall) -> paynet.PaynetSteps:
    tender = yield from paynet.check(contract, str(call.transaction_id))
    if tender is None:
        return paynet_json.state(call, provider_id=0, state=paynet_json.NOT_FOUND, at=request.now)
    return paynet_json.state(call, provider_id=tender.id, state=paynet.state(tender), at=request.now)


def _cancel(request: IntakeRequest, contract: PaymentContractRecord, call: paynet_json.PaynetJsonCall) -> paynet.PaynetSteps:
    tender = yield from paynet.cancel(request, contract, str(call.transaction_id))
    return paynet_json.state(call, provider_id=tender.id, state=paynet_json.CANCELLED, at=paynet.moment(tender.cancelled_ms))


def _statement(_request: IntakeRequest, contract: PaymentContractRecord, call: paynet_json.PaynetJsonCall) -> paynet.PaynetSteps:
    tenders = yield from paynet.statement(contract, paynet.AnsweredPeriod(call.from_at, call.to_at))
    lines = [paynet_json.Performed(each.amount_tiyin, int(each.reference), each.id, paynet.moment(each.performed_ms)) for each in tenders]
    return paynet_json.statement(call, lines)


def _password(_request: IntakeRequest, contract: PaymentContractRecord, call: paynet_json.PaynetJsonCall) -> paynet.PaynetSteps:
    yield from paynet.change_key(contract, call.new_password)
    return paynet_json.password_changed(call)


_METHODS: dict[str, Callable[[IntakeRequest, PaymentContractRecord, paynet_json.PaynetJsonCall], paynet.PaynetSteps]] = {
    "GetInformation": _information,
    "PerformTransaction": _perform,
    "CheckTransaction": _check,
    "CancelTransaction": _cancel,
    "GetStatement": _statement,
    "ChangePassword": _password,
}


ADAPTER = ChannelAdapter(Channel.PAYNET, handle, ("paynet",))
