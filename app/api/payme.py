"""Payme's calls: parsed by the gateway, done by the payments service, answered byte for byte the same when repeated."""

from collections.abc import Callable, Generator
from typing import Any

from sqlalchemy.orm import Session

from app.api.intake import (
    ChannelAdapter,
    ContractTerms,
    DailyBatch,
    Effects,
    IntakeAnswer,
    IntakeEffect,
    IntakeRequest,
    InTransaction,
    StoreTender,
    Unavailable,
    WorksElsewhere,
    by_password,
    is_number,
    masked,
)
from app.domain import payments
from app.domain.payments import TenderEvent, TenderStatus
from app.domain.payments.channels import Channel
from app.gateways import json_bodies, payme
from app.gateways.payme import PaymeCall, PaymeRefusal
from app.queries import payments as queries
from app.queries.payments import PaymentContractRecord, TenderRecord
from app.services import payments as service

_STATES = {
    TenderStatus.CREATED: payme.CREATED,
    TenderStatus.PERFORMED: payme.PERFORMED,
    TenderStatus.CANCELLED: payme.CANCELLED,
    TenderStatus.REVERSED: payme.REVERSED,
}
PaymeResult = dict[str, Any] | PaymeRefusal
PaymeSteps = Generator[IntakeEffect, Any, PaymeResult]


def handle(request: IntakeRequest, terms: ContractTerms) -> Effects:
    """Answer a call of Payme; the HTTP status is always 200."""
    sent = json_bodies.decode_rpc(request.body)
    name, reference, is_known = "", None, None
    try:
        contract = _authorised(request, terms)
        is_known = True
        call = payme.parse(sent)
        name, reference = call.method, call.params.get("id")
        result = yield from _METHODS[call.method](request, terms, contract, call)
        # A refusal may be an answer that changed something (an expired tender); what was raised changed nothing.
        answer = payme.refusal(call.id, result) if isinstance(result, PaymeRefusal) else payme.reply(call.id, result)
    except PaymeRefusal as refused:
        answer = payme.refusal(sent.id, refused)
        is_known = False if refused.code == payme.NO_PRIVILEGES else is_known
    except WorksElsewhere:
        answer = payme.refusal(sent.id, PaymeRefusal(payme.CANNOT_PERFORM))
    except Unavailable:
        answer = payme.refusal(sent.id, PaymeRefusal(payme.INTERNAL))
    kept = "" if name == "ChangePassword" else None
    return IntakeAnswer(
        answer, name=name, reference=reference if isinstance(reference, str) else None, kept_request=kept, is_known=is_known
    )


def _authorised(request: IntakeRequest, terms: ContractTerms) -> PaymentContractRecord:
    if request.method != "POST":
        raise PaymeRefusal(payme.NOT_POST)
    contract = by_password(terms.of(Channel.PAYME), request, login=payme.LOGIN)
    if contract is None:
        raise PaymeRefusal(payme.NO_PRIVILEGES)
    return contract


def _check_perform(request: IntakeRequest, _terms: ContractTerms, contract: PaymentContractRecord, call: PaymeCall) -> PaymeSteps:
    number = _number(call)
    found = yield InTransaction(lambda session: queries.standing(session, number, request.today))
    if found is None:
        raise PaymeRefusal(payme.UNKNOWN_ACCOUNT, "account")
    if found.is_blocked:
        raise PaymeRefusal(payme.PAYMENTS_SUSPENDED, "account")
    _check_amount(contract, call)
    return {"allow": True, "additional": {"name": masked(found.consumer_name), "balance_tiyin": found.owed_tiyin}}


def _create(request: IntakeRequest, terms: ContractTerms, contract: PaymentContractRecord, call: PaymeCall) -> PaymeSteps:
    number, reference = call.account_number, call.params["id"]
    known = yield InTransaction(lambda session: queries.tender(session, contract.id, reference))
    if known is None:
        _check_amount(contract, call)
        if _is_late(request, terms, call.params["time"]):
            raise PaymeRefusal(payme.CANNOT_PERFORM)
        asked = service.TenderRequest(contract.id, reference, _number(call), call.params["amount"], call.params["time"], is_performed=False)
        taken = yield StoreTender(asked)
        known = taken.tender
        if known is None:
            raise PaymeRefusal(payme.PAYMENTS_SUSPENDED if taken.is_blocked else payme.UNKNOWN_ACCOUNT, "account")
    if known.account_number != number:
        raise PaymeRefusal(payme.UNKNOWN_ACCOUNT, "account")
    if known.amount_tiyin != call.params["amount"]:
        raise PaymeRefusal(payme.WRONG_AMOUNT)
    if known.status != TenderStatus.CREATED:
        raise PaymeRefusal(payme.CANNOT_PERFORM)
    if _is_late(request, terms, known.created_ms):
        yield InTransaction(lambda session: _expire(session, request, contract, reference))
        raise PaymeRefusal(payme.CANNOT_PERFORM)
    return {"create_time": known.created_ms, "transaction": str(known.id), "state": payme.CREATED}


def _perform(request: IntakeRequest, terms: ContractTerms, contract: PaymentContractRecord, call: PaymeCall) -> PaymeSteps:
    control_id = yield DailyBatch(contract.id, request.today)

    def work(session: Session) -> PaymeResult:
        tender = _locked(session, contract, call)
        if tender.status == TenderStatus.CREATED:
            if _is_late(request, terms, tender.created_ms):
                _expire(session, request, contract, tender.reference)
                return PaymeRefusal(payme.CANNOT_PERFORM)
            tender = service.perform(session, tender, control_id=control_id, now_ms=request.now_ms, today=request.today)
        elif tender.status != TenderStatus.PERFORMED:
            return PaymeRefusal(payme.CANNOT_PERFORM)
        return {"transaction": str(tender.id), "perform_time": tender.performed_ms, "state": payme.PERFORMED}

    return (yield InTransaction(work))


def _cancel(request: IntakeRequest, _terms: ContractTerms, contract: PaymentContractRecord, call: PaymeCall) -> PaymeSteps:
    def work(session: Session) -> PaymeResult:
        tender = _locked(session, contract, call)
        if payments.next_status(TenderStatus(tender.status), TenderEvent.CANCEL):
            undoing = service.Cancellation(
                TenderEvent.CANCEL, call.params["reason"], request.now_ms, request.today, most_days=contract.cancel_days
            )
            try:
                tender = service.cancel(session, tender, undoing)
            except service.TooLateToCancel:
                return PaymeRefusal(payme.CANNOT_CANCEL)
        return {"transaction": str(tender.id), "cancel_time": tender.cancelled_ms, "state": _STATES[TenderStatus(tender.status)]}

    return (yield InTransaction(work))


def _check(_request: IntakeRequest, _terms: ContractTerms, contract: PaymentContractRecord, call: PaymeCall) -> PaymeSteps:
    tender = yield InTransaction(lambda session: queries.tender(session, contract.id, call.params["id"]))
    if tender is None:
        raise PaymeRefusal(payme.UNKNOWN_TRANSACTION)
    return _moments(tender) | {"transaction": str(tender.id), "state": _STATES[TenderStatus(tender.status)], "reason": tender.cancel_reason}


def _statement(_request: IntakeRequest, _terms: ContractTerms, contract: PaymentContractRecord, call: PaymeCall) -> PaymeSteps:
    first, last = call.params["from"], call.params["to"]
    tenders = yield InTransaction(lambda session: queries.tenders_between(session, contract.id, first, last))
    return {
        "transactions": [
            {
                "id": tender.reference,
                "time": tender.provider_ms,
                "amount": tender.amount_tiyin,
                "account": {"account": tender.account_number},
                **_moments(tender),
                "transaction": str(tender.id),
                "state": _STATES[TenderStatus(tender.status)],
                "reason": tender.cancel_reason,
            }
            for tender in tenders
        ]
    }


def _fiscal(_request: IntakeRequest, _terms: ContractTerms, contract: PaymentContractRecord, call: PaymeCall) -> PaymeSteps:
    receipt = payme.fiscal_receipt(call)
    kept = yield InTransaction(
        lambda session: service.keep_fiscal_receipt(session, contract.id, call.params["id"], receipt.type, receipt._asdict())
    )
    if not kept:
        raise PaymeRefusal(payme.NO_FISCAL_TRANSACTION)
    return {"success": True}


def _change_password(_request: IntakeRequest, _terms: ContractTerms, contract: PaymentContractRecord, call: PaymeCall) -> PaymeSteps:
    try:
        yield InTransaction(lambda session: service.change_key(session, contract.id, call.params["password"]))
    except service.KeyRefused:
        raise PaymeRefusal(payme.INVALID_REQUEST) from None
    return {"success": True}


_METHODS: dict[str, Callable[[IntakeRequest, ContractTerms, PaymentContractRecord, PaymeCall], PaymeSteps]] = {
    "CheckPerformTransaction": _check_perform,
    "CreateTransaction": _create,
    "PerformTransaction": _perform,
    "CancelTransaction": _cancel,
    "CheckTransaction": _check,
    "GetStatement": _statement,
    "SetFiscalData": _fiscal,
    "ChangePassword": _change_password,
}


def _moments(tender: TenderRecord) -> dict[str, int]:
    return {"create_time": tender.created_ms, "perform_time": tender.performed_ms, "cancel_time": tender.cancelled_ms}


def _number(call: PaymeCall) -> str:
    if not is_number(call.account_number):
        raise PaymeRefusal(payme.UNKNOWN_ACCOUNT, "account")
    return call.account_number


def _check_amount(contract: PaymentContractRecord, call: PaymeCall) -> None:
    if not contract.smallest_tiyin <= call.params["amount"] <= contract.largest_tiyin:
        raise PaymeRefusal(payme.WRONG_AMOUNT)
    if contract.is_stopped:
        raise PaymeRefusal(payme.CANNOT_PERFORM)


def _locked(session: Session, contract: PaymentContractRecord, call: PaymeCall) -> TenderRecord:
    tender = queries.tender(session, contract.id, call.params["id"], lock=True)
    if tender is None:
        raise PaymeRefusal(payme.UNKNOWN_TRANSACTION)
    return tender


def _is_late(request: IntakeRequest, terms: ContractTerms, since_ms: int) -> bool:
    return request.now_ms - since_ms > terms.payme_timeout_ms


def _expire(session: Session, request: IntakeRequest, contract: PaymentContractRecord, reference: str) -> None:
    """Cancel a created tender that waited too long."""
    tender = queries.tender(session, contract.id, reference, lock=True)
    if tender is not None and tender.status == TenderStatus.CREATED:
        service.cancel(session, tender, service.Cancellation(TenderEvent.EXPIRE, payme.TIMED_OUT_REASON, request.now_ms, request.today))


ADAPTER = ChannelAdapter(Channel.PAYME, handle, ("payme",))
