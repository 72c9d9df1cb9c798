"""Payment by SMS: the aggregator's confirmation of a debit is money; a payer's message alone is an order that waits for it."""

from collections.abc import Generator
from typing import Any

from sqlalchemy.orm import Session

from app.api.intake import Answer, DayControl, Do, Effect, Effects, Request, Take, Terms, WorksElsewhere, by_password, may_call
from app.domain.payments import Channel, TenderStatus
from app.gateways import sms_payment
from app.gateways.sms_payment import Confirmation, Message, Refusal
from app.queries import payments as queries
from app.queries.payments import ContractRecord, TenderRecord
from app.services import payments as service

_HTTP = {sms_payment.BAD_REQUEST: 400, sms_payment.WRONG_SIGNATURE: 403, sms_payment.UNAVAILABLE: 503}


def handle(request: Request, terms: Terms) -> Effects:
    """Answer a confirmation, or take in messages at ``inbound``."""
    if request.tail == "inbound":
        return (yield from _messages(request, terms))
    reference, status, is_known = "", 200, None
    try:
        contract, confirmation = _read(request, terms)
        is_known = True
        reference = confirmation.transaction_id
        body = yield from _confirm(request, contract, confirmation)
    except WorksElsewhere:
        body, status = sms_payment.refusal(Refusal(sms_payment.UNAVAILABLE), transaction_id=reference), 503
    except Refusal as refused:
        body, status = sms_payment.refusal(refused, transaction_id=reference), _HTTP.get(refused.code, 200)
        is_known = False if refused.code == sms_payment.WRONG_SIGNATURE else is_known
    return Answer(body, status, name="confirm", reference=reference or None, is_known=is_known)


def _read(request: Request, terms: Terms) -> tuple[ContractRecord, Confirmation]:
    """Return the contract whose key signed, and the confirmation."""
    refused = Refusal(sms_payment.WRONG_SIGNATURE)
    for contract in terms.of(Channel.SMS):
        if request.method != "POST" or not contract.secret or not may_call(contract, request.address):
            continue
        try:
            return contract, sms_payment.parse(request.body, secret=contract.secret)
        except Refusal as each:
            refused = each
    raise refused


def _confirm(request: Request, contract: ContractRecord, sent: Confirmation) -> Generator[Effect, Any, bytes]:
    """Perform the order of the message, if there was one, or take the money at once."""
    if not contract.smallest_tiyin <= sent.amount_tiyin <= contract.largest_tiyin:
        raise Refusal(sms_payment.WRONG_AMOUNT)
    if contract.is_stopped:
        raise Refusal(sms_payment.UNAVAILABLE)
    control_id = yield DayControl(contract.id, request.today)
    asked = service.Asked(
        contract.id,
        sent.transaction_id,
        sent.account_number,
        sent.amount_tiyin,
        sent.confirmed_ms,
        is_performed=True,
        control_id=control_id,
    )
    taken = yield Take(asked)
    if taken.tender is None:
        raise Refusal(sms_payment.PAYMENTS_SUSPENDED if taken.is_blocked else sms_payment.UNKNOWN_ACCOUNT)
    if not taken.agrees(asked) or taken.tender.status in {TenderStatus.CANCELLED, TenderStatus.REVERSED}:
        raise Refusal(sms_payment.CONFLICTING_REPEAT)
    if taken.tender.status == TenderStatus.CREATED:
        yield Do(lambda session: _perform(session, request, contract, sent, control_id))
    return sms_payment.accepted(sent, reference=str(taken.tender.id))


def _perform(session: Session, request: Request, contract: ContractRecord, sent: Confirmation, control_id: int) -> TenderRecord | None:
    tender = queries.tender(session, contract.id, sent.transaction_id, lock=True)
    if tender is None or tender.status != TenderStatus.CREATED:
        return tender
    return service.perform(session, tender, control_id=control_id, now_ms=request.now_ms, today=request.today)


def _messages(request: Request, terms: Terms) -> Effects:
    """Keep each message that orders a payment beyond doubt; the confirmation will bear the message's number."""
    contract = by_password(terms.of(Channel.SMS), request) if request.method == "POST" else None
    if contract is None:
        return Answer(b"", 401, "text/plain", name="inbound", is_known=False)
    try:
        messages = sms_payment.parse_messages(request.body)
    except Refusal:
        return Answer(b"", 400, "text/plain", name="inbound")
    for message in messages:
        yield from _order(contract, message)
    return Answer(b"", 200, "text/plain", name="inbound", reference=messages[0].id if messages else None, is_known=True)


def _order(contract: ContractRecord, message: Message) -> Generator[Effect, Any, None]:
    order = sms_payment.order(message.text)
    if order is None:
        return
    number, amount = order
    if contract.smallest_tiyin <= amount <= contract.largest_tiyin and not contract.is_stopped:
        sent_ms = int(message.submitted_at.timestamp() * 1000)
        yield Take(service.Asked(contract.id, message.id, number, amount, sent_ms, is_performed=False))
