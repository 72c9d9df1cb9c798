"""The addresses that payment providers call, in the back office's own web server; the intake server has the same."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import clock
from app.api import payme, paynet
from app.api.intake import LARGEST_BODY, Answer, DayControl, Effect, Handler, Request, Take, Terms
from app.domain.payments import Channel
from app.extensions import Scope, csrf, db, enter, transaction
from app.queries import administration as parameters
from app.queries import payments as queries
from app.services import payments as service

blueprint = Blueprint("providers", __name__, url_prefix="/api")

#: Address behind ``/api/`` → whose it is, and who answers.
CHANNELS: dict[str, tuple[Channel, Handler]] = {
    "payme": (Channel.PAYME, payme.handle),
    "paynet": (Channel.PAYNET, paynet.handle_json),
    "paynet/soap": (Channel.PAYNET, paynet.handle_soap),
}
_FIRST = ",".join(sorted({address.partition("/")[0] for address in CHANNELS}))
_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


def found(path: str) -> tuple[Channel, Handler, str]:
    """Return whose an address behind ``/api/`` is, who answers, and what follows the channel's address.

    :raises KeyError: if it is nobody's
    """
    address = path if path in CHANNELS else path.rpartition("/")[0]
    return (*CHANNELS[address], path.removeprefix(address).strip("/"))


def terms(session: Session, today: date) -> Terms:
    """Return what calls are answered by today."""
    return Terms(queries.contracts(session), parameters.value_on(session, "payments.payme_timeout_ms", today))


csrf.exempt(blueprint)


@blueprint.route(f"/<any({_FIRST}):first>", methods=_METHODS)
@blueprint.route(f"/<any({_FIRST}):first>/<path:rest>", methods=_METHODS)
def call(first: str, rest: str = "") -> Response:
    """Answer a provider; each thing its handler asks for is a transaction."""
    try:
        channel, handler, tail = found(f"{first}/{rest}".strip("/"))
    except KeyError:
        abort(404)
    enter(Scope(actor=f"provider:{channel.lower()}", today=clock.today(), address=request.remote_addr or "", everywhere=True))
    body = request.get_data(cache=False)[: LARGEST_BODY + 1]
    headers = {name.lower(): value for name, value in request.headers.items()}
    called = Request(request.method, tail, headers, body, request.remote_addr or "", clock.now())
    answer = _answered(called, handler)
    with transaction() as session:
        service.log_call(
            session,
            channel=channel,
            method=answer.name,
            reference=answer.reference,
            address=called.address,
            request=body.decode(errors="replace") if answer.kept_request is None else answer.kept_request,
            reply=answer.body.decode(errors="replace"),
        )
    _credit(called.today)
    return Response(answer.body, status=answer.status, content_type=answer.media_type)


def _answered(called: Request, handler: Handler) -> Answer:
    steps = handler(called, terms(db.session(), called.today))
    given: Any = None
    error: Exception | None = None
    try:
        while True:
            effect = steps.throw(error) if error else steps.send(given)
            given, error = None, None
            try:
                with transaction() as session:
                    given = done(session, effect, called)
            except Exception as raised:  # noqa: BLE001 - nothing is swallowed: the handler gets it, and lets go of what is not its own
                error = raised
    except StopIteration as finished:
        answer: Answer = finished.value
        return answer


def done(session: Session, effect: Effect, called: Request) -> Any:
    """Do what a handler asked for and return what it gets."""
    if isinstance(effect, Take):
        asked = effect.asked
        if asked.is_performed and asked.control_id is None:
            asked = asked._replace(control_id=service.day_control(session, asked.contract_id, called.today))
        return service.take(session, [asked], now_ms=called.now_ms, today=called.today)[0]
    if isinstance(effect, DayControl):
        return service.day_control(session, effect.contract_id, effect.day)
    return effect.work(session)


def _credit(today: date) -> None:
    """Let the ledger hear of what was taken, if nobody holds the accounts now; else whoever credits later does it."""
    try:
        with transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '200ms'"))
            service.credit(session, today=today)
    except OperationalError:
        current_app.logger.info("what was taken is credited later")
