"""The address at which systems file applications for consumers: a state portal, an aggregator. See ``docs/applications.md``.

A call is known by HTTP Basic, or signed with the secret of its source. An application is known by the system's own number: a repeat is
answered with what the first made. What is refused is answered as ``application/problem+json`` (RFC 9457).
"""

import hmac
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_babel import force_locale
from flask_babel import gettext as _

from app import clock, labels
from app.api.intake import JSON, IntakeRequest, Unavailable, WorksElsewhere, by_password, map_db_errors, may_call
from app.api.tries import FailedKeyLimiter
from app.documents import applications as forms
from app.domain import identifiers
from app.domain.applications import ApplicationRefusal, ApplicationRefused, ApplicationRequest, ApplicationWay
from app.domain.applications.forms import parse_schema
from app.domain.identifiers import InvalidIdentifier
from app.domain.reference import LANGUAGES, preferred_language
from app.extensions import Scope, csrf, db, record_disclosure, set_scope, transaction
from app.gateways import application_json, json_bodies
from app.gateways.application_json import NotAnApplication, SentApplication
from app.queries import accounts
from app.queries import applications as queries
from app.queries.applications import ApplicationRecord, ApplicationSourceRecord
from app.services import applications as service
from app.services.administration import maintenance

blueprint = Blueprint("applications", __name__, url_prefix="/api/applications")
csrf.exempt(blueprint)

PROBLEM = "application/problem+json"
#: A few photographs in base64.
LARGEST_BODY = 24 << 20
_log = logging.getLogger("app.applications")
_tries = FailedKeyLimiter()
#: Refusals that are conflicts with what there is, not faults of the call.
_CONFLICTS = frozenset({ApplicationRefusal.OPEN_ALREADY, ApplicationRefusal.OTHER_CONTENTS})


class ApplicationCallRefused(Exception):
    """A call is not answered with an application.

    :ivar code: why, for machines
    :ivar detail: why, for people
    """

    def __init__(self, status: HTTPStatus, code: str, detail: str, field: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.field = status, code, detail, field


@blueprint.post("")
def send() -> Response:
    """File an application."""
    return _answer(_sent)


@blueprint.get("/kinds")
def application_kinds() -> Response:
    """Answer which kinds can be filed, with the schema of each."""
    return _answer(lambda _source, _body: (_kinds(), HTTPStatus.OK))


@blueprint.get("/<path:number>")
def state(number: str) -> Response:
    """Answer how the application of a number stands, and what happened to it."""
    return _answer(lambda source, _body: (_state(source, number), HTTPStatus.OK))


def _answer(work: Callable[[ApplicationSourceRecord, bytes], tuple[dict[str, Any], HTTPStatus]]) -> Response:
    with force_locale(_language()):
        try:
            with map_db_errors():
                body = _body()
                answer, status = work(_source(body), body)
        except ApplicationCallRefused as refused:
            return _problem(refused)
        except WorksElsewhere:
            return _problem(
                ApplicationCallRefused(HTTPStatus.CONFLICT, "WORKS_ELSEWHERE", _("The division works on a node of its own: send it there."))
            )
        except Unavailable:
            db.session.rollback()
            return _problem(ApplicationCallRefused(HTTPStatus.SERVICE_UNAVAILABLE, "NOT_NOW", _("Send it again later.")))
    return Response(json_bodies.encode(answer), status=status, content_type=JSON)


def _problem(refused: ApplicationCallRefused) -> Response:
    told = {"type": "about:blank", "title": refused.status.phrase, "status": refused.status.value}
    told |= {"code": refused.code, "detail": refused.detail}
    body = json_bodies.encode(told | ({"field": refused.field} if refused.field else {}))
    headers = {"WWW-Authenticate": 'Basic realm="applications"'} if refused.status == HTTPStatus.UNAUTHORIZED else {}
    return Response(body, status=refused.status, content_type=PROBLEM, headers=headers)


def _language() -> str:
    """Return the language the caller asks for, of those the application speaks; else the default."""
    found = preferred_language(request.accept_languages, current_app.config["LANGUAGES"])
    return found or str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _body() -> bytes:
    body = request.stream.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise ApplicationCallRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE", _("A call has up to 24 MB."))
    return body


def _source(body: bytes) -> ApplicationSourceRecord:
    """Return who calls, and work in its division and those below from here on.

    :raises ApplicationCallRefused: if no key or signature is shown that is known, from a network that may call
    """
    address, now = request.remote_addr or "", clock.now()
    set_scope(Scope(actor="applications", today=clock.today(), address=address, everywhere=True))
    known = queries.sources(db.session())
    headers = {"authorization": request.headers.get("Authorization", "")}
    source = _by_signature(known, body, address) or by_password(
        [each for each in known if each.key_sha256], IntakeRequest(request.method, "", headers, b"", address, now)
    )
    if source is None:
        shown = headers["authorization"] or request.headers.get("X-Signature")
        if shown and _tries.is_limited(address):
            raise ApplicationCallRefused(
                HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_WRONG_KEYS", _("Too many wrong keys came from this address.")
            )
        if shown:
            _log.warning("wrong key for applications from %s", address)
        raise ApplicationCallRefused(HTTPStatus.UNAUTHORIZED, "WRONG_KEY", _("Name or key are wrong, or this network may not call."))
    set_scope(Scope(f"source:{source.login}", clock.today(), address, division_id=source.division_id, below=True))
    return source


def _by_signature(known: list[ApplicationSourceRecord], body: bytes, address: str) -> ApplicationSourceRecord | None:
    login, signature = request.headers.get("X-Login", ""), request.headers.get("X-Signature", "")
    if not login.isascii() or not signature.isascii() or not signature:
        return None
    for each in known:
        if each.secret and hmac.compare_digest(each.login.encode(), login.encode()) and may_call(each, address):
            call = {"method": request.method, "path": request.path, "sent_at": request.headers.get("X-Timestamp", "")}
            return each if application_json.is_signed(each.secret, signature, **call, body=body, now=clock.now()) else None
    return None


def _sent(source: ApplicationSourceRecord, body: bytes) -> tuple[dict[str, Any], HTTPStatus]:
    if maintenance.message(db.session()) is not None:
        raise ApplicationCallRefused(HTTPStatus.SERVICE_UNAVAILABLE, "NOT_NOW", _("Send it again later."))
    try:
        sent = application_json.parse(body)
    except NotAnApplication as fault:
        detail = _("This is no application: %(detail)s.", detail=str(fault))
        raise ApplicationCallRefused(HTTPStatus.BAD_REQUEST, "NOT_AN_APPLICATION", detail, str(fault)) from None
    before = queries.by_reference(db.session(), _reference(source, sent.number))
    try:
        with transaction() as session:
            filed_id = service.file(session, _request(source, sent), today=clock.today(), now=clock.now()).id
    except ApplicationRefused as refused:
        status = HTTPStatus.CONFLICT if refused.refusal in _CONFLICTS else HTTPStatus.UNPROCESSABLE_ENTITY
        raise ApplicationCallRefused(status, refused.refusal, labels.application_refusal(refused), refused.column or "") from None
    except forms.REFUSALS as refused:
        raise ApplicationCallRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "WRONG_FILE", forms.refused_words(refused), "files") from None
    found = queries.application(db.session(), filed_id)
    assert found is not None
    return _told(found), HTTPStatus.OK if before else HTTPStatus.CREATED


def _reference(source: ApplicationSourceRecord, number: str) -> str:
    return f"api {source.id} {number}"


def _request(source: ApplicationSourceRecord, sent: SentApplication) -> ApplicationRequest:
    """Return what is filed; an account that is unknown and one of somebody else are refused alike."""
    card = accounts.card_by_number(db.session(), json_bodies.account_number(sent.account)) if sent.account else None
    if sent.account and card is None:
        raise ApplicationRefused(ApplicationRefusal.NOT_YOURS, column="account")
    is_owner = bool(
        card and card.identifier and sent.identifier and hmac.compare_digest(card.identifier.encode(), sent.identifier.encode())
    )
    if card is not None and not is_owner and not _is_for_anyone(sent.kind):
        raise ApplicationRefused(ApplicationRefusal.NOT_YOURS, column="account")
    division_id = queries.division_of_code(db.session(), sent.division) if sent.division else source.division_id
    if division_id is None:
        raise ApplicationRefused(ApplicationRefusal.WRONG_FIELDS, "division", column="division")
    language = sent.language if sent.language in LANGUAGES else (card.language if card else "uz")
    return ApplicationRequest(
        sent.kind, ApplicationWay.API, _reference(source, sent.number), division_id, card.id if card else None, sent.name,
        _phone(sent.phone), sent.fields, sent.files, language, is_owner=is_owner, source_id=source.id,
    )  # fmt: skip


def _is_for_anyone(kind_code: str) -> bool:
    found = queries.kind(db.session(), kind_code, clock.today())
    return found is None or found.filing_right != "OWNER"


def _phone(written: str) -> str | None:
    try:
        return identifiers.phone(written) if written else None
    except InvalidIdentifier:
        raise ApplicationRefused(ApplicationRefusal.WRONG_FIELDS, "phone", column="phone") from None


def _kinds() -> dict[str, Any]:
    found = service.offered(db.session(), clock.today())
    return {
        "kinds": [
            {
                "kind": each.code, "name": each.name, "filing_right": each.filing_right, "working_days": each.term_days,
                "fee_tiyin": each.fee_tiyin, "documents": {"least": each.documents_least, "most": each.documents_most},
                "fields": parse_schema(each.form_schema),
            }
            for each in found
        ]
    }  # fmt: skip


def _state(source: ApplicationSourceRecord, number: str) -> dict[str, Any]:
    found_id = queries.by_reference(db.session(), _reference(source, number)) if "\0" not in number else None
    found = queries.application(db.session(), found_id) if found_id else None
    if found is None:
        raise ApplicationCallRefused(HTTPStatus.NOT_FOUND, "NO_APPLICATION", _("No application was filed under this number."))
    return _told(found)


def _told(found: ApplicationRecord) -> dict[str, Any]:
    record_disclosure("account", [found.account_id])
    steps: list[Mapping[str, Any]] = [
        {"event": each.event, "status": each.status, "at": each.created_at.isoformat(), "words": each.reason}
        for each in reversed(queries.steps(db.session(), found.id))
        if each.event != "ESCALATE"
    ]
    return {
        "number": found.reference.split(" ", 2)[2], "application": found.id, "kind": found.kind_code, "status": found.status,
        "status_words": labels.word(found.status, "ApplicationStatus"),
        "filed_on": found.filed_on.isoformat(), "term_on": found.term_on.isoformat(),
        "ended_on": found.ended_on.isoformat() if found.ended_on else None, "steps": steps,
    }  # fmt: skip
