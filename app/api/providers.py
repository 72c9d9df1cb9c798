"""The addresses that payment providers call, in the back office's own web server; the intake server has the same."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import clock
from app.api import channels
from app.api.intake import LARGEST_BODY, IntakeAnswer, IntakeEffect, IntakeRequest, Unavailable, map_db_errors
from app.api.tries import FailedKeyLimiter
from app.extensions import Scope, csrf, db, set_scope, transaction
from app.services import payments as service

blueprint = Blueprint("providers", __name__, url_prefix="/api")
csrf.exempt(blueprint)

_tries = FailedKeyLimiter()
_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


def call(tail: str = "") -> Response:  # noqa: ARG001 - the whole path tells whose it is
    """Answer a provider; each thing its handler asks for is a transaction."""
    found = channels.found(request.path.removeprefix("/api/"))
    if found is None:
        abort(404)
    set_scope(Scope(actor=f"provider:{found.channel.lower()}", today=clock.today(), address=request.remote_addr or "", everywhere=True))
    address = request.remote_addr or ""
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = request.stream.read(LARGEST_BODY + 1)
    called = IntakeRequest(request.method, found.tail, headers, body, address, clock.now())

    def perform(effect: IntakeEffect) -> Any:
        with map_db_errors(), transaction() as session:
            return channels.done(session, effect, called)

    try:
        answer = channels.answered(called, found.handler, channels.terms(db.session(), called.today), perform)
        heard = channels.heard(found.channel, called, answer, _tries)
        answer = heard.answer
        with transaction() as session:
            service.log_calls(session, [heard.call] if heard.call else [])
            service.count_calls(session, {(found.channel, heard.unkept): 1} if heard.unkept else {}, day=called.today)
        _credit(called.today)
    except (OperationalError, Unavailable):
        db.session.rollback()
        answer = channels.NOT_NOW
    return _response(answer)


def _response(answer: IntakeAnswer) -> Response:
    return Response(answer.body, status=answer.status, content_type=answer.media_type)


def _credit(today: date) -> None:
    """Post what was taken to the ledger, if nobody holds the accounts now; else whoever credits later does it."""
    try:
        with transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '200ms'"))
            service.credit(session, today=today)
    except OperationalError:
        current_app.logger.info("what was taken is credited later")


for _address in channels.ADAPTERS:
    for _rule in (f"/{_address}", f"/{_address}/<tail>"):
        blueprint.add_url_rule(_rule, view_func=call, methods=_METHODS)
