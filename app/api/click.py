"""Click's calls: Prepare keeps a tender, Complete performs it; HTTP 200 whatever the answer."""

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
    is_number,
    may_call,
)
from app.domain.payments import TenderEvent, TenderStatus
from app.domain.payments.channels import Channel
from app.gateways import click
from app.gateways.click import ClickCall, ClickRefusal
from app.queries import payments as queries
from app.queries.payments import PaymentContractRecord, TenderRecord
from app.services import payments as service


def handle(request: IntakeRequest, terms: ContractTerms) -> Effects:
    """Answer Prepare or Complete."""
    call, is_known = None, None
    try:
        contract, call = _read(request, terms)
        is_known = True
        if call.action == click.PREPARE:
            body = yield from _prepare(request, contract, call, terms.click_sign_minutes)
        else:
            body = yield from _complete(request, contract, call)
    except ClickRefusal as refused:
        body = click.refusal(refused, call)
        is_known = False if refused.code == click.WRONG_SIGNATURE else is_known
    except WorksElsewhere:
        body = click.refusal(ClickRefusal(click.CANNOT_UPDATE), call)
    name = {click.PREPARE: "Prepare", click.COMPLETE: "Complete"}[call.action] if call else ""
    return IntakeAnswer(body, name=name, reference=str(call.click_trans_id) if call else None, is_known=is_known)


def _read(request: IntakeRequest, terms: ContractTerms) -> tuple[PaymentContractRecord, ClickCall]:
    """Return the contract whose service is called and whose key signed, and the call."""
    refused = ClickRefusal(click.BAD_REQUEST)
    for contract in terms.of(Channel.CLICK):
        if request.method != "POST" or not contract.secret or not contract.service_number.isdecimal():
            continue
        try:
            call = click.parse(request.body, secret=contract.secret, service_id=int(contract.service_number))
        except ClickRefusal as each:
            # The answer of the contract that understood most of it; a wrong field is also another contract's service.
            refused = each if each.code != click.BAD_REQUEST else refused
            continue
        if may_call(contract, request.address):
            return contract, call
    raise refused


def _prepare(request: IntakeRequest, contract: PaymentContractRecord, call: ClickCall, minutes: int) -> Generator[IntakeEffect, Any, bytes]:
    number, reference = call.account_number, str(call.click_trans_id)
    standing = (yield InTransaction(lambda session: queries.standing(session, number, request.today))) if is_number(number) else None
    if standing is None or standing.is_blocked:
        raise ClickRefusal(click.UNKNOWN_ACCOUNT)
    known = yield InTransaction(lambda session: queries.tender(session, contract.id, reference))
    amount = _amount(contract, call, known)
    if known is None:
        if not call.is_signed_within(minutes, request.now):
            # An old call that somebody sends again. Repeats of a transaction we know are answered whenever they were signed.
            raise ClickRefusal(click.BAD_REQUEST)
        taken = yield StoreTender(service.TenderRequest(contract.id, reference, number, amount, request.now_ms, is_performed=False))
        known = taken.tender
        if known is None:
            raise ClickRefusal(click.UNKNOWN_ACCOUNT)
        _amount(contract, call, known)
    _check_open(known)
    return click.prepared(call, prepare_id=known.id)


def _amount(contract: PaymentContractRecord, call: ClickCall, known: TenderRecord | None) -> int:
    """Return the amount of a call, if it is the known tender's, and one the contract takes."""
    if known is not None:
        if known.status == TenderStatus.PERFORMED:
            raise ClickRefusal(click.ALREADY_PAID)
        if (call.account_number, call.amount_tiyin) != (known.account_number, known.amount_tiyin):
            raise ClickRefusal(click.WRONG_AMOUNT)
        return known.amount_tiyin
    if not contract.smallest_tiyin <= call.amount_tiyin <= contract.largest_tiyin:
        raise ClickRefusal(click.WRONG_AMOUNT)
    if contract.is_stopped:
        raise ClickRefusal(click.CANNOT_UPDATE)
    return call.amount_tiyin


def _check_open(tender: TenderRecord) -> None:
    if tender.status == TenderStatus.PERFORMED:
        raise ClickRefusal(click.ALREADY_PAID)
    if tender.status != TenderStatus.CREATED:
        raise ClickRefusal(click.CANCELLED)


def _complete(request: IntakeRequest, contract: PaymentContractRecord, call: ClickCall) -> Generator[IntakeEffect, Any, bytes]:
    control_id = yield DailyBatch(contract.id, request.today)

    def work(session: Session) -> bytes:
        tender = queries.tender_of(session, contract.id, call.prepare_id, lock=True)
        if tender is None or tender.reference != str(call.click_trans_id):
            raise ClickRefusal(click.UNKNOWN_TRANSACTION)
        if tender.account_number != call.account_number:
            raise ClickRefusal(click.UNKNOWN_ACCOUNT)
        _amount(contract, call, tender)
        _check_open(tender)
        if call.error < 0:
            service.cancel(session, tender, service.Cancellation(TenderEvent.CANCEL, call.error, request.now_ms, request.today))
            # The cancellation is kept, so the refusal is an answer and no exception.
            return click.refusal(ClickRefusal(click.CANCELLED), call)
        service.perform(session, tender, control_id=control_id, now_ms=request.now_ms, today=request.today)
        return click.completed(call, confirm_id=tender.id)

    body: bytes = yield InTransaction(work)
    return body


ADAPTER = ChannelAdapter(Channel.CLICK, handle, ("click", "click/prepare", "click/complete"))
