"""Payme's calls: parsed by the gateway, done by the payments service, answered byte for byte the same when repeated."""

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.domain import payments
from app.domain.nodes import PLACE_REFUSALS
from app.domain.payments import Channel, TenderEvent, TenderStatus
from app.extensions import Scope, csrf, db, enter, transaction
from app.gateways import payme
from app.gateways.payme import Call, Refusal
from app.queries import accounts
from app.queries import administration as parameters
from app.queries import payments as queries
from app.queries.administration import nodes
from app.queries.payments import ContractRecord, TenderRecord
from app.services import payments as service

blueprint = Blueprint("payme", __name__)

_STATES = {
    TenderStatus.CREATED: payme.CREATED,
    TenderStatus.PERFORMED: payme.PERFORMED,
    TenderStatus.CANCELLED: payme.CANCELLED,
    TenderStatus.REVERSED: payme.REVERSED,
}
LARGEST_BODY = 64 * 1024


@blueprint.route("/api/payme", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
@csrf.exempt
def payme_call() -> Response:
    """Answer a call of Payme; the HTTP status is always 200."""
    enter(Scope(actor="provider:payme", today=clock.today(), address=request.remote_addr or "", everywhere=True))
    body = request.get_data(cache=False)[:LARGEST_BODY]
    call_id, method, reference = payme.request_id(body), "", None
    try:
        contract = _authorised_contract()
        call = payme.parse(body)
        method, reference = call.method, call.params.get("id")
        # A refusal is an answer too: what it recorded (an expired tender) is kept.
        with transaction() as session:
            result = _METHODS[call.method](session, contract, call)
        answer = payme.refusal(call.id, result) if isinstance(result, Refusal) else payme.reply(call.id, result)
    except Refusal as refused:
        answer = payme.refusal(call_id, refused)
    except IntegrityError as error:
        # A tender from before its division moved to its own node.
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) not in PLACE_REFUSALS:
            raise
        answer = payme.refusal(call_id, Refusal(payme.CANNOT_PERFORM))
    _log(method, reference, body, answer)
    return Response(answer, mimetype="application/json")


def _authorised_contract() -> ContractRecord:
    if request.method != "POST":
        raise Refusal(payme.NOT_POST)
    contract = queries.contract(db.session(), Channel.PAYME)
    if contract is None or not payme.is_authorised(request.headers.get("Authorization"), contract.key_sha256):
        raise Refusal(payme.NO_PRIVILEGES)
    return contract


def _check_perform(session: Session, contract: ContractRecord, call: Call) -> dict[str, Any]:
    account_id = _account(session, call)
    _check_amount(contract, call)
    card = accounts.card(session, account_id)
    assert card is not None
    balance = card.debt_tiyin - card.advance_tiyin
    return {"allow": True, "additional": {"name": _masked(card.consumer_name), "balance_tiyin": balance}}


def _create(session: Session, contract: ContractRecord, call: Call) -> dict[str, Any] | Refusal:
    known = queries.tender(session, contract.id, call.params["id"], lock=True)
    if known is None:
        account_id = _account(session, call)
        _check_amount(contract, call)
        if _is_late(session, call.params["time"]):
            return Refusal(payme.CANNOT_PERFORM)
        try:
            known = service.create_tender(
                session,
                contract_id=contract.id,
                reference=call.params["id"],
                account_id=account_id,
                amount_tiyin=call.params["amount"],
                provider_ms=call.params["time"],
                now_ms=clock.now_ms(),
            )
        except service.ConflictingRepeat:
            raise Refusal(payme.CANNOT_PERFORM) from None
    elif known.account_number != call.account_number:
        raise Refusal(payme.UNKNOWN_ACCOUNT, "account")
    elif known.amount_tiyin != call.params["amount"]:
        raise Refusal(payme.WRONG_AMOUNT)
    if known.status != TenderStatus.CREATED or _expired(session, known):
        return Refusal(payme.CANNOT_PERFORM)
    return {"create_time": known.created_ms, "transaction": str(known.id), "state": payme.CREATED}


def _perform(session: Session, contract: ContractRecord, call: Call) -> dict[str, Any] | Refusal:
    tender = _tender(session, contract, call)
    performed_ms = tender.performed_ms
    if tender.status == TenderStatus.CREATED:
        if _expired(session, tender):
            return Refusal(payme.CANNOT_PERFORM)
        performed_ms = service.perform_tender(session, tender, channel=Channel.PAYME, now_ms=clock.now_ms(), received_on=clock.today())
    elif tender.status != TenderStatus.PERFORMED:
        return Refusal(payme.CANNOT_PERFORM)
    return {"transaction": str(tender.id), "perform_time": performed_ms, "state": payme.PERFORMED}


def _cancel(session: Session, contract: ContractRecord, call: Call) -> dict[str, Any]:
    tender = _tender(session, contract, call)
    status, cancelled_ms = TenderStatus(tender.status), tender.cancelled_ms
    if payments.next_status(status, TenderEvent.CANCEL):
        cancelled_ms = clock.now_ms()
        status = service.cancel_tender(
            session, tender, TenderEvent.CANCEL, reason=call.params["reason"], now_ms=cancelled_ms, cancelled_on=clock.today()
        )
    return {"transaction": str(tender.id), "cancel_time": cancelled_ms, "state": _STATES[status]}


def _check(session: Session, contract: ContractRecord, call: Call) -> dict[str, Any]:
    tender = _tender(session, contract, call)
    return {
        "create_time": tender.created_ms,
        "perform_time": tender.performed_ms,
        "cancel_time": tender.cancelled_ms,
        "transaction": str(tender.id),
        "state": _STATES[TenderStatus(tender.status)],
        "reason": tender.cancel_reason,
    }


def _statement(session: Session, contract: ContractRecord, call: Call) -> dict[str, Any]:
    tenders = queries.tenders_between(session, contract.id, call.params["from"], call.params["to"])
    return {
        "transactions": [
            {
                "id": tender.reference,
                "time": tender.provider_ms,
                "amount": tender.amount_tiyin,
                "account": {"account": tender.account_number},
                "create_time": tender.created_ms,
                "perform_time": tender.performed_ms,
                "cancel_time": tender.cancelled_ms,
                "transaction": str(tender.id),
                "state": _STATES[TenderStatus(tender.status)],
                "reason": tender.cancel_reason,
            }
            for tender in tenders
        ]
    }


_METHODS = {
    "CheckPerformTransaction": _check_perform,
    "CreateTransaction": _create,
    "PerformTransaction": _perform,
    "CancelTransaction": _cancel,
    "CheckTransaction": _check,
    "GetStatement": _statement,
}


def _account(session: Session, call: Call) -> int:
    number = call.account_number
    account_id = service.account_for_payment(session, number) if number.isascii() and number.isdecimal() else None
    if account_id is None or nodes.is_written_elsewhere(session, account_id):
        raise Refusal(payme.UNKNOWN_ACCOUNT, "account")
    return account_id


def _check_amount(contract: ContractRecord, call: Call) -> None:
    if not contract.smallest_tiyin <= call.params["amount"] <= contract.largest_tiyin:
        raise Refusal(payme.WRONG_AMOUNT)


def _tender(session: Session, contract: ContractRecord, call: Call) -> TenderRecord:
    tender = queries.tender(session, contract.id, call.params["id"], lock=True)
    if tender is None:
        raise Refusal(payme.UNKNOWN_TRANSACTION)
    return tender


def _is_late(session: Session, since_ms: int) -> bool:
    return clock.now_ms() - since_ms > parameters.value_on(session, "payments.payme_timeout_ms", clock.today())


def _expired(session: Session, tender: TenderRecord) -> bool:
    """Tell whether a created tender waited too long, and cancel it then."""
    if not _is_late(session, tender.created_ms):
        return False
    service.cancel_tender(
        session, tender, TenderEvent.EXPIRE, reason=payme.TIMED_OUT_REASON, now_ms=clock.now_ms(), cancelled_on=clock.today()
    )
    return True


def _masked(name: str) -> str:
    """Return a name a payer recognises and a stranger does not learn: Karimov A*** V***."""
    first, *rest = name.split()
    return " ".join([first, *(f"{word[0]}***" for word in rest)])


def _log(method: str, reference: str | None, body: bytes, answer: bytes) -> None:
    with transaction() as session:
        service.log_call(
            session,
            channel=Channel.PAYME,
            method=method,
            reference=reference if isinstance(reference, str) else None,
            address=request.remote_addr,
            request=body.decode(errors="replace"),
            reply=answer.decode(),
        )
