"""Payment by SMS: the aggregator's confirmation of a debit is money; a payer's message alone is an order that waits for it."""

from collections.abc import Generator
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
    may_call,
)
from app.domain.payments import TenderStatus
from app.domain.payments.channels import Channel
from app.gateways import sms_payment
from app.gateways.sms_payment import Confirmation, Message, SmsPaymentRefusal
from app.queries import payments as queries
from app.queries.payments import PaymentContractRecord, TenderRecord
from app.services import payments as service

_HTTP = {sms_payment.BAD_REQUEST: 400, sms_payment.WRONG_SIGNATURE: 403, sms_payment.UNAVAILABLE: 503}


def handle(request: IntakeRequest, terms: ContractTerms) -> Effects:
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
        body, status = sms_payment.refusal(SmsPaymentRefusal(sms_payment.UNAVAILABLE), transaction_id=reference), 503
    except SmsPaymentRefusal as refused:
        body, status = sms_payment.refusal(refused, transaction_id=reference), _HTTP.get(refused.code, 200)
        is_known = False if refused.code == sms_payment.WRONG_SIGNATURE else is_known
    return IntakeAnswer(body, status, name="confirm", reference=reference or None, is_known=is_known)


def _read(request: IntakeRequest, terms: ContractTerms) -> tuple[PaymentContractRecord, Confirmation]:
    """Return the contract whose key signed, and the confirmation."""
    refused = SmsPaymentRefusal(sms_payment.WRONG_SIGNATURE)
    for contract in terms.of(Channel.SMS):
        if request.method != "POST" or not contract.secret or not may_call(contract, request.address):
            continue
        try:
            return contract, sms_payment.parse(request.body, secret=contract.secret)
        except SmsPaymentRefusal as each:
            refused = each
    raise refused


def _confirm(request: IntakeRequest, contract: PaymentContractRecord, sent: Confirmation) -> Generator[IntakeEffect, Any, bytes]:
    """Perform the order of the message, if there was one, or take the money at once."""
    if not contract.smallest_tiyin <= sent.amount_tiyin <= contract.largest_tiyin:
        raise SmsPaymentRefusal(sms_payment.WRONG_AMOUNT)
    if contract.is_stopped:
        raise SmsPaymentRefusal(sms_payment.UNAVAILABLE)
    control_id = yield DailyBatch(contract.id, request.today)
    asked = service.TenderRequest(
        contract.id,
        sent.transaction_id,
        sent.account_number,
        sent.amount_tiyin,
        sent.confirmed_ms,
        is_performed=True,
        control_id=control_id,
    )
    taken = yield StoreTender(asked)
    if taken.tender is None:
        raise SmsPaymentRefusal(sms_payment.PAYMENTS_SUSPENDED if taken.is_blocked else sms_payment.UNKNOWN_ACCOUNT)
    if not taken.agrees(asked) or taken.tender.status in {TenderStatus.CANCELLED, TenderStatus.REVERSED}:
        raise SmsPaymentRefusal(sms_payment.CONFLICTING_REPEAT)
    if taken.tender.status == TenderStatus.CREATED:
        yield InTransaction(lambda session: _perform(session, request, contract, sent, control_id))
    return sms_payment.accepted(sent, reference=str(taken.tender.id))


def _perform(
    session: Session, request: IntakeRequest, contract: PaymentContractRecord, sent: Confirmation, control_id: int
) -> TenderRecord | None:
    tender = queries.tender(session, contract.id, sent.transaction_id, lock=True)
    if tender is None or tender.status != TenderStatus.CREATED:
        return tender
    return service.perform(session, tender, control_id=control_id, now_ms=request.now_ms, today=request.today)


def _messages(request: IntakeRequest, terms: ContractTerms) -> Effects:
    """Keep each message that orders a payment beyond doubt; the confirmation will bear the message's number."""
    contract = by_password(terms.of(Channel.SMS), request) if request.method == "POST" else None
    if contract is None:
        return IntakeAnswer(b"", 401, "text/plain", name="inbound", is_known=False)
    try:
        messages = sms_payment.parse_messages(request.body)
    except SmsPaymentRefusal:
        return IntakeAnswer(b"", 400, "text/plain", name="inbound")
    for message in messages:
        yield from _order(contract, message)
    return IntakeAnswer(b"", 200, "text/plain", name="inbound", reference=messages[0].id if messages else None, is_known=True)


def _order(contract: PaymentContractRecord, message: Message) -> Generator[IntakeEffect, Any, None]:
    order = sms_payment.order(message.text)
    if order is None:
        return
    number, amount = order
    if contract.smallest_tiyin <= amount <= contract.largest_tiyin and not contract.is_stopped:
        sent_ms = int(message.submitted_at.timestamp() * 1000)
        yield StoreTender(service.TenderRequest(contract.id, message.id, number, amount, sent_ms, is_performed=False))


ADAPTER = ChannelAdapter(Channel.SMS, handle, ("sms",))
