"""Payme's calls: parsed by the gateway, done by the payments service, answered byte for byte the same when repeated."""

from collections.abc import Callable, Generator
from typing import Any

from sqlalchemy.orm import Session

from app.api.intake import (
    Answer,
    DayControl,
    Do,
    Effect,
    Effects,
    Request,
    Take,
    Terms,
    Unavailable,
    WorksElsewhere,
    by_password,
    is_number,
    masked,
)
from app.domain import payments
from app.domain.payments import Channel, TenderEvent, TenderStatus
from app.gateways import payme
from app.gateways.payme import Call, Refusal
from app.queries import payments as queries
from app.queries.payments import ContractRecord, TenderRecord
from app.services import payments as service

_STATES = {
    TenderStatus.CREATED: payme.CREATED,
    TenderStatus.PERFORMED: payme.PERFORMED,
    TenderStatus.CANCELLED: payme.CANCELLED,
    TenderStatus.REVERSED: payme.REVERSED,
}
Result = dict[str, Any] | Refusal
Steps = Generator[Effect, Any, Result]


def handle(request: Request, terms: Terms) -> Effects:
    """Answer a call of Payme; the HTTP status is always 200."""
    call_id, name, reference, is_known = payme.request_id(request.body), "", None, None
    try:
        contract = _authorised(request, terms)
        is_known = True
        call = payme.parse(request.body)
        name, reference = call.method, call.params.get("id")
        result = yield from _METHODS[call.method](request, terms, contract, call)
        # A refusal may be an answer that changed something (an expired tender); what was raised changed nothing.
        answer = payme.refusal(call.id, result) if isinstance(result, Refusal) else payme.reply(call.id, result)
    except Refusal as refused:
        answer = payme.refusal(call_id, refused)
        is_known = False if refused.code == payme.NO_PRIVILEGES else is_known
    except WorksElsewhere:
        answer = payme.refusal(call_id, Refusal(payme.CANNOT_PERFORM))
    except Unavailable:
        answer = payme.refusal(call_id, Refusal(payme.INTERNAL))
    kept = "" if name == "ChangePassword" else None
    return Answer(answer, name=name, reference=reference if isinstance(reference, str) else None, kept_request=kept, is_known=is_known)


def _authorised(request: Request, terms: Terms) -> ContractRecord:
    if request.method != "POST":
        raise Refusal(payme.NOT_POST)
    contract = by_password(terms.of(Channel.PAYME), request, login=payme.LOGIN)
    if contract is None:
        raise Refusal(payme.NO_PRIVILEGES)
    return contract


def _check_perform(request: Request, _terms: Terms, contract: ContractRecord, call: Call) -> Steps:
    number = _number(call)
    found = yield Do(lambda session: queries.standing(session, number, request.today))
    if found is None:
        raise Refusal(payme.UNKNOWN_ACCOUNT, "account")
    if found.is_blocked:
        raise Refusal(payme.PAYMENTS_SUSPENDED, "account")
    _check_amount(contract, call)
    return {"allow": True, "additional": {"name": masked(found.consumer_name), "balance_tiyin": found.owed_tiyin}}


def _create(request: Request, terms: Terms, contract: ContractRecord, call: Call) -> Steps:
    number, reference = call.account_number, call.params["id"]
    known = yield Do(lambda session: queries.tender(session, contract.id, reference))
    if known is None:
        _check_amount(contract, call)
        if _is_late(request, terms, call.params["time"]):
            raise Refusal(payme.CANNOT_PERFORM)
        asked = service.Asked(contract.id, reference, _number(call), call.params["amount"], call.params["time"], is_performed=False)
        taken = yield Take(asked)
        known = taken.tender
        if known is None:
            raise Refusal(payme.PAYMENTS_SUSPENDED if taken.is_blocked else payme.UNKNOWN_ACCOUNT, "account")
    if known.account_number != number:
        raise Refusal(payme.UNKNOWN_ACCOUNT, "account")
    if known.amount_tiyin != call.params["amount"]:
        raise Refusal(payme.WRONG_AMOUNT)
    if known.status != TenderStatus.CREATED:
        raise Refusal(payme.CANNOT_PERFORM)
    if _is_late(request, terms, known.created_ms):
        yield Do(lambda session: _expire(session, request, contract, reference))
        raise Refusal(payme.CANNOT_PERFORM)
    return {"create_time": known.created_ms, "transaction": str(known.id), "state": payme.CREATED}


def _perform(request: Request, terms: Terms, contract: ContractRecord, call: Call) -> Steps:
    control_id = yield DayControl(contract.id, request.today)

    def work(session: Session) -> Result:
        tender = _locked(session, contract, call)
        if tender.status == TenderStatus.CREATED:
            if _is_late(request, terms, tender.created_ms):
                _expire(session, request, contract, tender.reference)
                return Refusal(payme.CANNOT_PERFORM)
            tender = service.perform(session, tender, control_id=control_id, now_ms=request.now_ms, today=request.today)
        elif tender.status != TenderStatus.PERFORMED:
            return Refusal(payme.CANNOT_PERFORM)
        return {"transaction": str(tender.id), "perform_time": tender.performed_ms, "state": payme.PERFORMED}

    return (yield Do(work))


def _cancel(request: Request, _terms: Terms, contract: ContractRecord, call: Call) -> Steps:
    def work(session: Session) -> Result:
        tender = _locked(session, contract, call)
        if payments.next_status(TenderStatus(tender.status), TenderEvent.CANCEL):
            undoing = service.Undoing(
                TenderEvent.CANCEL, call.params["reason"], request.now_ms, request.today, most_days=contract.cancel_days
            )
            try:
                tender = service.cancel(session, tender, undoing)
            except service.TooLateToCancel:
                return Refusal(payme.CANNOT_CANCEL)
        return {"transaction": str(tender.id), "cancel_time": tender.cancelled_ms, "state": _STATES[TenderStatus(tender.status)]}

    return (yield Do(work))


def _check(_request: Request, _terms: Terms, contract: ContractRecord, call: Call) -> Steps:
    tender = yield Do(lambda session: queries.tender(session, contract.id, call.params["id"]))
    if tender is None:
        raise Refusal(payme.UNKNOWN_TRANSACTION)
    return _moments(tender) | {"transaction": str(tender.id), "state": _STATES[TenderStatus(tender.status)], "reason": tender.cancel_reason}


def _statement(_request: Request, _terms: Terms, contract: ContractRecord, call: Call) -> Steps:
    first, last = call.params["from"], call.params["to"]
    tenders = yield Do(lambda session: queries.tenders_between(session, contract.id, first, last))
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


def _fiscal(_request: Request, _terms: Terms, contract: ContractRecord, call: Call) -> Steps:
    receipt = payme.fiscal_receipt(call)
    kept = yield Do(lambda session: service.keep_fiscal_receipt(session, contract.id, call.params["id"], receipt.type, receipt._asdict()))
    if not kept:
        raise Refusal(payme.NO_FISCAL_TRANSACTION)
    return {"success": True}


def _change_password(_request: Request, _terms: Terms, contract: ContractRecord, call: Call) -> Steps:
    try:
        yield Do(lambda session: service.change_key(session, contract.id, call.params["password"]))
    except service.KeyRefused:
        raise Refusal(payme.INVALID_REQUEST) from None
    return {"success": True}


_METHODS: dict[str, Callable[[Request, Terms, ContractRecord, Call], Steps]] = {
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


def _number(call: Call) -> str:
    if not is_number(call.account_number):
        raise Refusal(payme.UNKNOWN_ACCOUNT, "account")
    return call.account_number


def _check_amount(contract: ContractRecord, call: Call) -> None:
    if not contract.smallest_tiyin <= call.params["amount"] <= contract.largest_tiyin:
        raise Refusal(payme.WRONG_AMOUNT)
    if contract.is_stopped:
        raise Refusal(payme.CANNOT_PERFORM)


def _locked(session: Session, contract: ContractRecord, call: Call) -> TenderRecord:
    tender = queries.tender(session, contract.id, call.params["id"], lock=True)
    if tender is None:
        raise Refusal(payme.UNKNOWN_TRANSACTION)
    return tender


def _is_late(request: Request, terms: Terms, since_ms: int) -> bool:
    return request.now_ms - since_ms > terms.payme_timeout_ms


def _expire(session: Session, request: Request, contract: ContractRecord, reference: str) -> None:
    """Cancel a created tender that waited too long."""
    tender = queries.tender(session, contract.id, reference, lock=True)
    if tender is not None and tender.status == TenderStatus.CREATED:
        service.cancel(session, tender, service.Undoing(TenderEvent.EXPIRE, payme.TIMED_OUT_REASON, request.now_ms, request.today))
