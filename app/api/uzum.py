"""Uzum Bank's five webhooks: 200 for success, 400 for a refusal; a repeat is answered as the contract says."""

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
    WorksElsewhere,
    by_password,
    is_number,
    masked,
)
from app.domain.payments import Repeat, TenderEvent, TenderStatus
from app.domain.payments.channels import Channel
from app.gateways import uzum
from app.gateways.uzum import UzumCall, UzumRefusal
from app.queries import payments as queries
from app.queries.payments import PayableAccount, PaymentContractRecord, TenderRecord
from app.services import payments as service

#: A transaction that is not confirmed in 30 minutes has failed. Source: Uzum Bank, merchant webhooks.
UNCONFIRMED_MS = 30 * 60 * 1000
_STATES = {
    TenderStatus.CREATED: uzum.CREATED,
    TenderStatus.PERFORMED: uzum.CONFIRMED,
    TenderStatus.CANCELLED: uzum.FAILED,
    TenderStatus.REVERSED: uzum.REVERSED,
}
UzumSteps = Generator[IntakeEffect, Any, bytes]


class _Repeated(Exception):
    """A transaction stands where the call would bring it; a refusal bears the moment it came there."""

    def __init__(self, code: int, since_ms: int) -> None:
        super().__init__(str(code))
        self.code, self.since_ms = code, since_ms


def handle(request: IntakeRequest, terms: ContractTerms) -> Effects:
    """Answer a webhook; its operation is the last part of the address."""
    call, contract, status, is_known = None, None, uzum.REFUSED_STATUS, None
    try:
        contract = _authorised(request, terms)
        is_known = True
        call = uzum.parse(request.tail, request.body, service_id=_service(contract))
        body = yield from _OPERATIONS[call.operation](request, contract, call)
        status = 200
    except UzumRefusal as refused:
        body = _refusal(refused.code, contract, call, request.now_ms)
        is_known = False if refused.code == uzum.ACCESS_DENIED else is_known
    except WorksElsewhere:
        body = _refusal(uzum.INTERNAL, contract, call, request.now_ms)
    except _Repeated as repeated:
        body = _refusal(repeated.code, contract, call, repeated.since_ms)
    name, reference = (call.operation, call.trans_id or None) if call else ("", None)
    return IntakeAnswer(body, status, name=name, reference=reference, is_known=is_known)


def _refusal(code: int, contract: PaymentContractRecord | None, call: UzumCall | None, at_ms: int) -> bytes:
    service_id = _service(contract) if contract else 0
    return uzum.refusal(UzumRefusal(code), service_id=service_id, at_ms=at_ms, trans_id=call.trans_id if call else "")


def _authorised(request: IntakeRequest, terms: ContractTerms) -> PaymentContractRecord:
    if request.method != "POST":
        raise UzumRefusal(uzum.UNKNOWN_OPERATION)
    contract = by_password(terms.of(Channel.UZUM), request)
    if contract is None:
        raise UzumRefusal(uzum.ACCESS_DENIED)
    return contract


def _service(contract: PaymentContractRecord) -> int:
    return int(contract.service_number) if contract.service_number.isdecimal() else -1


def _check(request: IntakeRequest, _contract: PaymentContractRecord, call: UzumCall) -> UzumSteps:
    if not is_number(call.account_number):
        raise UzumRefusal(uzum.UNKNOWN_ACCOUNT)
    found: PayableAccount | None = yield InTransaction(lambda session: queries.standing(session, call.account_number, request.today))
    if found is None:
        raise UzumRefusal(uzum.UNKNOWN_ACCOUNT)
    if found.is_blocked:
        raise UzumRefusal(uzum.PAYMENTS_SUSPENDED)
    return uzum.checked(call, name=masked(found.consumer_name), amount_tiyin=max(found.owed_tiyin, 0), at_ms=request.now_ms)


def _create(_request: IntakeRequest, contract: PaymentContractRecord, call: UzumCall) -> UzumSteps:
    if not is_number(call.account_number):
        raise UzumRefusal(uzum.UNKNOWN_ACCOUNT)
    if call.amount_tiyin < contract.smallest_tiyin:
        raise UzumRefusal(uzum.AMOUNT_TOO_SMALL)
    if call.amount_tiyin > contract.largest_tiyin:
        raise UzumRefusal(uzum.AMOUNT_TOO_LARGE)
    if contract.is_stopped:
        raise UzumRefusal(uzum.INTERNAL)
    asked = service.TenderRequest(contract.id, call.trans_id, call.account_number, call.amount_tiyin, call.sent_ms, is_performed=False)
    taken = yield StoreTender(asked)
    if taken.tender is None:
        raise UzumRefusal(uzum.PAYMENTS_SUSPENDED if taken.is_blocked else uzum.UNKNOWN_ACCOUNT)
    is_same = taken.agrees(asked) and taken.tender.status == TenderStatus.CREATED
    if not taken.is_new and not (is_same and contract.repeated_payment == Repeat.SAME_ANSWER):
        raise _Repeated(uzum.ALREADY_CREATED, taken.tender.created_ms)
    return uzum.created(call, created_ms=taken.tender.created_ms)


def _confirm(request: IntakeRequest, contract: PaymentContractRecord, call: UzumCall) -> UzumSteps:
    control_id = yield DailyBatch(contract.id, request.today)

    def work(session: Session) -> TenderRecord:
        tender = _locked(session, contract, call)
        if tender.status == TenderStatus.PERFORMED and contract.repeated_payment == Repeat.REFUSED:
            raise _Repeated(uzum.CONFIRMED_BEFORE, tender.performed_ms)
        if tender.status == TenderStatus.CREATED and not _is_late(request, tender):
            return service.perform(session, tender, control_id=control_id, now_ms=request.now_ms, today=request.today)
        if tender.status == TenderStatus.CREATED:
            return service.cancel(session, tender, service.Cancellation(TenderEvent.EXPIRE, None, request.now_ms, request.today))
        return tender

    tender: TenderRecord = yield InTransaction(work)
    if tender.status != TenderStatus.PERFORMED:
        raise _Repeated(uzum.CANCELLED_BEFORE, tender.cancelled_ms)
    return uzum.confirmed(call, confirmed_ms=tender.performed_ms, amount_tiyin=tender.amount_tiyin)


def _reverse(request: IntakeRequest, contract: PaymentContractRecord, call: UzumCall) -> UzumSteps:
    def work(session: Session) -> TenderRecord:
        tender = _locked(session, contract, call)
        if tender.status in {TenderStatus.CREATED, TenderStatus.PERFORMED}:
            undoing = service.Cancellation(TenderEvent.CANCEL, None, request.now_ms, request.today, most_days=contract.cancel_days)
            try:
                return service.cancel(session, tender, undoing)
            except service.TooLateToCancel:
                raise UzumRefusal(uzum.CANNOT_REVERSE) from None
        if contract.repeated_cancel == Repeat.REFUSED:
            raise _Repeated(uzum.REVERSED_BEFORE, tender.cancelled_ms)
        return tender

    tender: TenderRecord = yield InTransaction(work)
    return uzum.reversed_(call, reversed_ms=tender.cancelled_ms, amount_tiyin=tender.amount_tiyin)


def _status(request: IntakeRequest, contract: PaymentContractRecord, call: UzumCall) -> UzumSteps:
    tender: TenderRecord | None = yield InTransaction(lambda session: queries.tender(session, contract.id, call.trans_id))
    if tender is None:
        raise UzumRefusal(uzum.UNKNOWN_TRANSACTION)
    late = tender.status == TenderStatus.CREATED and _is_late(request, tender)
    state = uzum.FAILED if late else _STATES[TenderStatus(tender.status)]
    moments = uzum.Moments(tender.created_ms, tender.performed_ms or None, tender.cancelled_ms or None)
    return uzum.status(call, state=state, moments=moments, amount_tiyin=tender.amount_tiyin)


_OPERATIONS: dict[str, Callable[[IntakeRequest, PaymentContractRecord, UzumCall], UzumSteps]] = {
    uzum.CHECK: _check,
    uzum.CREATE: _create,
    uzum.CONFIRM: _confirm,
    uzum.REVERSE: _reverse,
    uzum.STATUS: _status,
}


def _locked(session: Session, contract: PaymentContractRecord, call: UzumCall) -> TenderRecord:
    tender = queries.tender(session, contract.id, call.trans_id, lock=True)
    if tender is None:
        raise UzumRefusal(uzum.UNKNOWN_TRANSACTION)
    return tender


def _is_late(request: IntakeRequest, tender: TenderRecord) -> bool:
    return request.now_ms - tender.created_ms > UNCONFIRMED_MS


ADAPTER = ChannelAdapter(Channel.UZUM, handle, ("uzum",))
