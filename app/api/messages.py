"""What gateways of SMS tell us: receipts, and messages of consumers, at addresses that only the gateway of a contract was given.

A call with a wrong word, or from another network than the contract's, is refused and kept as wrong keys of providers are.
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, request
from sqlalchemy.orm import Session

from app import clock
from app.api import channels, inquiries
from app.api.intake import LARGEST_BODY, IntakeAnswer, IntakeRequest, may_call
from app.api.tries import FailedKeyLimiter
from app.domain.notices import MessageGateway, contract_of_key
from app.domain.payments.channels import Channel
from app.extensions import Scope, csrf, set_scope, transaction
from app.gateways import eskiz, json_bodies, playmobile, sms_payment
from app.gateways.json_bodies import NotJson
from app.gateways.sms_payment import SmsPaymentRefusal
from app.queries import notices as queries
from app.queries.notices import GatewayCaller
from app.services import notices as service
from app.services import payments

blueprint = Blueprint("messages", __name__, url_prefix="/api/messages")
csrf.exempt(blueprint)

_tries = FailedKeyLimiter()
_READERS = {MessageGateway.ESKIZ: eskiz.receipt, MessageGateway.PLAYMOBILE: playmobile.receipt}
#: Receipts of one call that are read.
_MOST = 1000
_REFUSED = IntakeAnswer(b"", HTTPStatus.FORBIDDEN, "text/plain", is_known=False)


@blueprint.post("/receipts/<key>")
def receipts(key: str) -> Response:
    """Take what a gateway tells of messages, in whatever order and however often it does."""
    # What is believed stands in the receipts themselves, so the call is not kept.
    return _answered(key, "receipts", _taken, is_kept=False)


@blueprint.post("/inbound/<key>")
def inbound(key: str) -> Response:
    """Take the messages that consumers sent to our short number; each is kept and answered once."""
    return _answered(key, "inbound", _brought, is_kept=True)


def _answered(key: str, name: str, work: Callable[[Session, GatewayCaller, IntakeRequest], IntakeAnswer], *, is_kept: bool) -> Response:
    """Do what a gateway asks for and answer it; a call that is not its own is refused and kept.

    :param is_kept: whether a call of its own is kept, too
    """
    called = _called(key)
    with transaction() as session:
        caller = _caller(session, called)
        answer = _REFUSED._replace(name=name) if caller is None else work(session, caller, called)
        heard = channels.heard(Channel.SMS, called, answer, _tries)
        if caller is None or is_kept:
            payments.log_calls(session, [heard.call] if heard.call else [])
            payments.count_calls(session, {(Channel.SMS, heard.unkept): 1} if heard.unkept else {}, day=called.today)
    return Response(heard.answer.body, status=heard.answer.status, content_type=heard.answer.media_type)


def _brought(session: Session, caller: GatewayCaller, called: IntakeRequest) -> IntakeAnswer:
    answer = IntakeAnswer(b"", HTTPStatus.OK, "text/plain", name="inbound", is_known=True)
    try:
        messages = sms_payment.parse_messages(called.body)
    except SmsPaymentRefusal:
        return answer._replace(status=HTTPStatus.BAD_REQUEST)
    for each in messages:
        inquiries.take(session, caller.id, each, called.now)
    return answer._replace(reference=messages[0].id if messages else None)


def _called(key: str) -> IntakeRequest:
    address = request.remote_addr or ""
    set_scope(Scope(actor="provider:messages", today=clock.today(), address=address, everywhere=True))
    headers = {name.lower(): value for name, value in request.headers.items()}
    return IntakeRequest(request.method, key, headers, request.stream.read(LARGEST_BODY + 1), address, clock.now())


def _caller(session: Session, called: IntakeRequest) -> GatewayCaller | None:
    """Return the contract whose gateway calls, or None if the word of the address or the network is another's."""
    contract_id = contract_of_key(current_app.config["SECRET_KEY"], called.tail)
    found = None if contract_id is None else queries.gateway_caller(session, contract_id)
    return found if found and may_call(found, called.address) else None


def _taken(session: Session, caller: GatewayCaller, called: IntakeRequest) -> IntakeAnswer:
    told = _fields(called)
    if told is None or len(called.body) > LARGEST_BODY:
        return IntakeAnswer(b"", HTTPStatus.BAD_REQUEST, "text/plain", name="receipts", is_known=True)
    read = _READERS[MessageGateway(caller.gateway)]
    requests = [
        service.ReceiptRequest(caller.id, receipt.reference, receipt.meaning, json_bodies.encode(fields).decode(errors="replace"))
        for fields in told[:_MOST]
        if (receipt := read(fields)) is not None
    ]
    if requests:
        service.take_receipts(session, requests, now=called.now)
    return IntakeAnswer(b"", HTTPStatus.OK, "text/plain", name="receipts", is_known=True)


def _fields(called: IntakeRequest) -> Sequence[Mapping[str, Any]] | None:
    """Return the receipts of a body, a form or JSON; None if it is neither."""
    if "json" not in called.headers.get("content-type", ""):
        return [dict(parse_qsl(called.body.decode(errors="replace"), keep_blank_values=True, max_num_fields=50))]
    try:
        said = json_bodies.decode(called.body)
    except NotJson:
        return None
    told = said if isinstance(said, list) else [said]
    return told if all(isinstance(each, dict) for each in told) else None
