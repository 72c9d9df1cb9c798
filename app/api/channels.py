"""The addresses of payment providers, and how what their handlers ask for is done; Flask and the intake server share them."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.api import click, payme, paynet_rpc, paynet_soap, sms, uzum
from app.api.intake import (
    ChannelAdapter,
    ContractTerms,
    DailyBatch,
    Effects,
    Handler,
    IntakeAnswer,
    IntakeEffect,
    IntakeRequest,
    StoreTender,
)
from app.api.tries import FailedKeyLimiter
from app.domain.payments import UnkeptCall
from app.domain.payments.channels import Channel
from app.queries import administration as parameters
from app.queries import payments as queries
from app.services import payments as service

#: Said while the database does not answer, where the channel has no code for it: any of its codes would settle what is in doubt.
NOT_NOW = IntakeAnswer(b'{"error":"not now, ask again"}', 503)

#: Address behind ``/api/`` → who answers; the channels' modules declare it.
ADAPTERS: dict[str, ChannelAdapter] = {
    address: module.ADAPTER for module in (click, payme, paynet_rpc, paynet_soap, sms, uzum) for address in module.ADAPTER.addresses
}


class StoredAnswer(NamedTuple):
    """Whose an address is, who answers, and what follows the channel's own address."""

    channel: Channel
    handler: Handler
    tail: str


def found(path: str) -> StoredAnswer | None:
    """Return who answers at an address behind ``/api/``, or None if nobody does.

    >>> found("paynet/soap/nothing.xml").tail
    'nothing.xml'
    """
    path = path.strip("/")
    address = path if path in ADAPTERS else path.rpartition("/")[0]
    if address not in ADAPTERS:
        return None
    adapter = ADAPTERS[address]
    return StoredAnswer(adapter.channel, adapter.handler, path.removeprefix(address).strip("/"))


def terms(session: Session, today: date) -> ContractTerms:
    """Return what calls are answered by today."""
    values = (parameters.value_on(session, f"payments.{name}", today) for name in ("payme_timeout_ms", "click_sign_minutes"))
    return ContractTerms(queries.contracts(session), *values)


def done(session: Session, effect: IntakeEffect, called: IntakeRequest) -> Any:
    """Do what a handler asked for, and return what it gets."""
    if isinstance(effect, StoreTender):
        return service.accept(session, [effect.asked], now_ms=called.now_ms, today=called.today)[0]
    if isinstance(effect, DailyBatch):
        return service.day_control(session, effect.contract_id, effect.day)
    return effect.work(session)


class Heard(NamedTuple):
    """What a call is answered, and what is kept of it: the call itself, or that there was one."""

    answer: IntakeAnswer
    call: service.CallRecord | None
    unkept: UnkeptCall | None


def heard(channel: Channel, called: IntakeRequest, answer: IntakeAnswer, tries: FailedKeyLimiter) -> Heard:
    """Return what a caller is told and what is kept: a call without a key is counted only, and so are wrong keys without end.

    Who shows too many wrong keys is told so in the words of the channel's protocol, with HTTP 429 where the protocol has HTTP codes.
    """
    if answer.is_known is None:
        return Heard(answer, None, UnkeptCall.WITHOUT_KEY)
    if not answer.is_known and tries.is_limited(called.address):
        limited = answer._replace(status=HTTPStatus.TOO_MANY_REQUESTS) if answer.status >= HTTPStatus.BAD_REQUEST else answer
        return Heard(limited, None, UnkeptCall.TOO_MANY_WRONG_KEYS)
    request = called.body.decode(errors="replace") if answer.kept_request is None else answer.kept_request
    reply = answer.body.decode(errors="replace")
    return Heard(answer, service.CallRecord(channel, answer.name, answer.reference, called.address, request, reply), None)


def step(steps: Effects, given: Any, error: Exception | None) -> IntakeEffect | IntakeAnswer:
    """Give a handler what it asked for, or raise in it what went wrong; return what it asks next, or its answer."""
    try:
        return steps.throw(error) if error else steps.send(given)
    except StopIteration as finished:
        answer: IntakeAnswer = finished.value
        return answer


def answered(called: IntakeRequest, handler: Handler, terms_now: ContractTerms, perform: Callable[[IntakeEffect], Any]) -> IntakeAnswer:
    """Drive a handler to its answer."""
    steps = handler(called, terms_now)
    given: Any = None
    error: Exception | None = None
    while not isinstance(effect := step(steps, given, error), IntakeAnswer):
        given, error = None, None
        try:
            given = perform(effect)
        except Exception as raised:  # noqa: BLE001 - the handler gets it, and lets go of what is not its own
            error = raised
    return effect
