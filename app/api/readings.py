"""The address to which systems send readings: telemetry, and the inspectors' devices. See ``docs/readings-api.md``.

A batch is judged and booked by the same service as a file. It is answered after its commit; the same batch under the same key is
answered with the same bytes.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Literal

from flask import Blueprint, Response, current_app, request
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.api import device_batches, openapi
from app.api.intake import JSON, IntakeRequest, Unavailable, WorksElsewhere, by_password, map_db_errors
from app.api.readings_interface import INTERFACE, LARGEST_BODY, LONGEST_KEY, BatchAnswer, ReadingAnswer
from app.api.tries import FailedKeyLimiter
from app.documents.metering import reason_of
from app.domain.metering import ImportContent, RowStatus
from app.domain.reference import preferred_language
from app.extensions import Scope, csrf, db, record_disclosure, set_scope, transaction
from app.gateways import json_bodies
from app.gateways.meter_data_json import NotABatch, parse_batch
from app.queries import metering as queries
from app.queries.metering import ImportRow, SourceRecord
from app.services import metering as service
from app.services.administration import maintenance

blueprint = Blueprint("readings", __name__, url_prefix="/api/readings")
csrf.exempt(blueprint)

_STATUSES: dict[RowStatus, Literal["ACCEPTED", "HELD", "REFUSED"]] = {
    RowStatus.ACCEPTED: "ACCEPTED",
    RowStatus.GOOD: "HELD",
    RowStatus.REJECTED: "REFUSED",
}
#: Stores a batch and returns its reply.
StoreBatch = Callable[[Session, SourceRecord, str, bytes], bytes]
_log = logging.getLogger("app.readings")
_tries = FailedKeyLimiter()


class ReadingBatchRefused(Exception):
    """A call is not answered with readings.

    :ivar status: HTTP status
    :ivar code: why, for machines
    :ivar reason: why, for people
    """

    def __init__(self, status: HTTPStatus, code: str, reason: str) -> None:
        super().__init__(code)
        self.status, self.code, self.reason = status, code, reason


@blueprint.post("")
def send() -> Response:
    """StoreBatch a batch of readings."""
    with force_locale(_language()):
        return _answer(lambda source: _sent(source, request.headers.get("Idempotency-Key", "")))


@blueprint.post("/devices")
def send_devices() -> Response:
    """StoreBatch readings of devices, known by their serial numbers."""
    with force_locale(_language()):
        return _answer(lambda source: _sent(source, request.headers.get("Idempotency-Key", ""), device_batches.taken))


@blueprint.post("/profiles")
def send_profiles() -> Response:
    """StoreBatch interval profiles of devices."""
    with force_locale(_language()):
        return _answer(lambda source: _sent(source, request.headers.get("Idempotency-Key", ""), device_batches.taken_profiles))


@blueprint.post("/events")
def send_events() -> Response:
    """StoreBatch what devices did by themselves."""
    with force_locale(_language()):
        return _answer(lambda source: _sent(source, request.headers.get("Idempotency-Key", ""), device_batches.taken_events))


@blueprint.get("/openapi.json")
def interface() -> Response:
    """Describe the interface."""
    return openapi.answer_of(INTERFACE)


@blueprint.get("/<path:tail>")
def state(tail: str) -> Response:
    """Answer how the batch of a key stands now: what was held may have been recorded or discarded."""
    with force_locale(_language()):
        return _answer(lambda source: _state(source, tail))


def _answer(work: Callable[[SourceRecord], bytes]) -> Response:
    try:
        with map_db_errors():
            return Response(work(_source()), content_type=JSON)
    except ReadingBatchRefused as refused:
        answer = openapi.problem(refused.status, refused.code, refused.reason)
    except WorksElsewhere:
        reason = _("The division works on a node of its own: send readings there.")
        answer = openapi.problem(HTTPStatus.CONFLICT, "WORKS_ELSEWHERE", reason)
    except Unavailable:
        db.session.rollback()
        answer = openapi.problem(HTTPStatus.SERVICE_UNAVAILABLE, "NOT_NOW", _("Send it again later."))
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Basic realm="readings"'
    return answer


def _language() -> str:
    """Return the language the caller asks for in Accept-Language, of those the application speaks; else the default."""
    found = preferred_language(request.accept_languages, current_app.config["LANGUAGES"])
    return found or str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _source() -> SourceRecord:
    """Return who calls, and work in his division and those below from here on.

    :raises ReadingBatchRefused: if he shows no key that is known, from a network he may call from
    """
    address = request.remote_addr or ""
    set_scope(Scope(actor="readings", today=clock.today(), address=address, everywhere=True))
    called = IntakeRequest(request.method, "", {"authorization": request.headers.get("Authorization", "")}, b"", address, clock.now())
    source = by_password(queries.sources(db.session()), called)
    if source is None:
        if called.headers["authorization"] and _tries.is_limited(address):
            raise ReadingBatchRefused(HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_WRONG_KEYS", _("Too many wrong keys came from this address."))
        if called.headers["authorization"]:
            _log.warning("wrong key for readings from %s", address)
        raise ReadingBatchRefused(HTTPStatus.UNAUTHORIZED, "WRONG_KEY", _("Name or key are wrong, or this network may not call."))
    set_scope(Scope(f"source:{source.login}", clock.today(), address, division_id=source.division_id, below=True))
    return source


def _sent(source: SourceRecord, key: str, take: StoreBatch | None = None) -> bytes:
    if maintenance.message(db.session()) is not None:
        raise ReadingBatchRefused(HTTPStatus.SERVICE_UNAVAILABLE, "NOT_NOW", _("Send it again later."))
    if not json_bodies.is_short_text(key, LONGEST_KEY) or not key.isascii() or not key.strip():
        raise ReadingBatchRefused(
            HTTPStatus.BAD_REQUEST, "NO_KEY", _("The header Idempotency-Key names the batch with 1 to 64 characters.")
        )
    body = request.stream.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise ReadingBatchRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE", _("A batch has up to 1 MB."))
    with transaction() as session:
        return _once(session, source, key, body, take or _taken)


def _once(session: Session, source: SourceRecord, key: str, body: bytes, take: StoreBatch) -> bytes:
    """Return the reply of a batch: that of the first time, if it came before."""
    try:
        before = service.first_answer(session, source, key=key, body=body)
        if before is not None:
            return before.encode()
        return take(session, source, key, body)
    except service.OtherContents:
        raise ReadingBatchRefused(HTTPStatus.CONFLICT, "OTHER_CONTENTS", _("The key was used for other contents.")) from None
    except NotABatch as fault:
        reason = _("This is no batch of readings: %(detail)s.", detail=fault.detail)
        raise ReadingBatchRefused(HTTPStatus.BAD_REQUEST, fault.code, reason) from None


def _taken(session: Session, source: SourceRecord, key: str, body: bytes) -> bytes:
    target = service.take_batch(session, source, key=key, body=body, rows=parse_batch(body), today=clock.today())
    reply = _batch(session, target.id)
    target.reply = reply.decode()
    return reply


def _state(source: SourceRecord, key: str) -> bytes:
    found = queries.batch_of(db.session(), source.id, key) if "\0" not in key else None
    if found is None:
        raise ReadingBatchRefused(HTTPStatus.NOT_FOUND, "NO_BATCH", _("No batch was sent under this key."))
    return _batch(db.session(), found.id) if found.content == ImportContent.READINGS else found.reply.encode()


def _batch(session: Session, import_id: int) -> bytes:
    """Return what became of each reading of a batch."""
    record_disclosure("reading_import", [import_id])
    rows = queries.import_rows(session, import_id)
    statuses = [_STATUSES[RowStatus(row.status)] for row in rows]
    readings = [ReadingAnswer(row=row.row_no, status=status, **_reason(row)) for row, status in zip(rows, statuses, strict=True)]
    accepted, held, refused = (statuses.count(status) for status in _STATUSES.values())
    told = BatchAnswer(batch=import_id, received=len(rows), accepted=accepted, held=held, refused=refused, readings=readings)
    return json_bodies.encode(told)


def _reason(row: ImportRow) -> dict[str, str]:
    if row.status == RowStatus.ACCEPTED or not (row.problem or row.doubt):
        return {}
    field = {"field": row.column} if row.column else {}
    return {"code": row.problem or row.doubt or "", **field, "reason": reason_of(row)}
