"""How a call of the app is answered: signed in, of an account that is the caller's, with a body of the declared type, once a key.

An operation is declared once by ``answers``: the route, the check of what is sent and of what is answered, and the description come of it.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from flask import Blueprint, Response, current_app, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from app import clock
from app.api.openapi import FieldProblem, Operation, OperationParameter, problem
from app.domain.portal import PortalRight
from app.domain.reference import preferred_language
from app.extensions import Scope, appbuilder, csrf, db, record_disclosure, set_scope, transaction
from app.gateways import json_bodies
from app.queries import portal as queries
from app.queries.holdings import Holding, holding
from app.queries.portal import AccessRecord, PortalDeviceRecord
from app.services.administration import maintenance
from app.services.portal import devices as service

VERSION = "v1"
PREFIX = "/api/consumer/"
blueprint = Blueprint("consumer", __name__, url_prefix=f"{PREFIX}{VERSION}")
csrf.exempt(blueprint)

LONGEST_KEY = 64
#: What no column can hold, as ``repr`` writes it: the character of number 0, and half of a surrogate pair.
_UNKEPT = re.compile(r"\\x00|\\ud[89a-f][0-9a-f]{2}")
#: Calls of a device, and of an address, which many share.
_OF_DEVICE, _OF_ADDRESS = "600 per 5 minutes", "6000 per 5 minutes"
Handler = Callable[..., Any]

_LANGUAGE = OperationParameter(
    "Accept-Language", "header", "uz, uz-Cyrl, ru, kaa or en; without it the language of the user", is_needed=False
)
_KEY = OperationParameter(
    "Idempotency-Key", "header", "names what is sent: sent again under it, it is done once and answered with the same bytes",
    Annotated[str, Field(min_length=8, max_length=LONGEST_KEY, pattern="^[!-~]+$")],
)  # fmt: skip
NUMBER = OperationParameter("number", "path", "number of the account", Annotated[str, Field(pattern="^[0-9]{12,13}$")])
CURSOR = OperationParameter("cursor", "query", "the `next` of the page before", Annotated[str, Field(max_length=120)], is_needed=False)
LIMIT = OperationParameter("limit", "query", "rows of a page; 24 if not said", Annotated[int, Field(ge=1, le=100)], is_needed=False)


class CallRefused(Exception):
    """A call is not answered as it was meant.

    :ivar code: why, for machines
    :ivar reason: why, for people
    :ivar errors: which fields of the body or parameters are wrong
    """

    def __init__(self, status: HTTPStatus, code: str, reason: str, errors: Sequence[FieldProblem] = ()) -> None:
        super().__init__(code)
        self.status, self.code, self.reason, self.errors = status, code, reason, errors


class ConsumerCall(NamedTuple):
    """What a function is given to answer an operation.

    :ivar device: who calls; None where nobody signs in
    :ivar account: the account the address names
    :ivar body: of the operation's type
    """

    session: Session
    device: PortalDeviceRecord | None
    account: AccessRecord | None
    body: Any
    given: Mapping[str, Any]

    @property
    def user(self) -> PortalDeviceRecord:
        """The caller of an operation for which one signs in."""
        assert self.device is not None
        return self.device

    @property
    def access(self) -> AccessRecord:
        """The account of an operation about one."""
        assert self.account is not None
        return self.account

    @property
    def held(self) -> Holding:
        """Since when the account is its present consumer's; what was before is another person's."""
        return holding(self.session, self.access.account_id)

    @property
    def limit(self) -> int:
        """Rows of a page."""
        return int(self.given.get("limit") or 24)


class Endpoint(NamedTuple):
    """An operation and what answers it."""

    operation: Operation
    handler: Handler
    #: what the caller needs to have of the account
    right: PortalRight | None
    keeps_reply: bool


ENDPOINTS: list[Endpoint] = []


def answers(operation: Operation, *, right: PortalRight | None = None, keeps_reply: bool = True) -> Callable[[Handler], Handler]:
    """Let a function answer an operation.

    :param right: of the caller to the account that the address names
    :param keeps_reply: of what is posted; without, the function answers a repeat itself
    """

    def register(handler: Handler) -> Handler:
        headers = (_LANGUAGE, _KEY) if operation.method == "post" else (_LANGUAGE,)
        account = (NUMBER,) if "{number}" in operation.path else ()
        path = f"{blueprint.url_prefix}{operation.path}"
        parameters = (*account, *operation.parameters, *headers)
        whole = operation._replace(path=path, parameters=parameters, problems=_problems(operation, right))
        endpoint = Endpoint(whole, handler, right, keeps_reply=keeps_reply)
        ENDPOINTS.append(endpoint)
        rule = re.sub(r"\{(\w+)\}", r"<\1>", operation.path)
        blueprint.add_url_rule(rule, operation.name, _view(endpoint), methods=[operation.method.upper()])
        return handler

    return register


def listing(path: str, name: str, title: str, answer: Any) -> Operation:
    """Return the operation that answers rows about an account, a page at a time; ``path`` follows the account's."""
    return Operation("get", f"/accounts/{{number}}/{path}", name, title, answer, parameters=(CURSOR, LIMIT))


def _problems(operation: Operation, right: PortalRight | None) -> dict[HTTPStatus, tuple[str, ...]]:
    """Return the problems of an operation, those of every operation of its kind among them."""
    found: dict[HTTPStatus, tuple[str, ...]] = {
        HTTPStatus.BAD_REQUEST: (
            "WRONG_VALUES",
            *(("NO_KEY",) if operation.method == "post" else ()),
            *(("NOT_JSON",) if operation.body is not None else ()),
        ),
        HTTPStatus.TOO_MANY_REQUESTS: ("TOO_MANY",),
        HTTPStatus.SERVICE_UNAVAILABLE: ("NOT_NOW",),
    }
    if not operation.is_open:
        found[HTTPStatus.UNAUTHORIZED] = ("NOT_SIGNED_IN",)
    if "{" in operation.path:
        found[HTTPStatus.NOT_FOUND] = ("NOT_FOUND",)
    if right is not None and right != PortalRight.VIEW:
        found[HTTPStatus.FORBIDDEN] = ("NO_RIGHT",)
    if operation.method == "post":
        found[HTTPStatus.CONFLICT] = ("OTHER_CONTENTS",)
    if operation.body is not None:
        found[HTTPStatus.REQUEST_ENTITY_TOO_LARGE] = ("TOO_LARGE",)
    for status, codes in operation.problems.items():
        found[status] = (*found.get(status, ()), *codes)
    return found


def _view(endpoint: Endpoint) -> Callable[..., Response]:
    def view(**given: str) -> Response:
        try:
            with force_locale(_language(None)):
                device = None if endpoint.operation.is_open else _device()
            with force_locale(_language(device)):
                return _answered(endpoint, device, given)
        except CallRefused as refused:
            return problem(refused.status, refused.code, refused.reason, refused.errors)

    # Limits are counted by the name of the function.
    view.__name__ = view.__qualname__ = f"{blueprint.name}_{endpoint.operation.name}"
    return view


def _language(device: PortalDeviceRecord | None) -> str:
    """Return the language asked for, of those the application speaks; else the user's, else the default."""
    asked = preferred_language(request.accept_languages, current_app.config["LANGUAGES"])
    return asked or (device.language if device else None) or str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _device() -> PortalDeviceRecord:
    """Return whose token was sent, and note that it was used.

    :raises CallRefused: if it opens nothing
    """
    set_scope(Scope("portal", clock.today(), request.remote_addr or ""))
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    now = clock.now()
    found = (
        queries.device(db.session(), service.digest(token), today=clock.today(), now=now) if scheme.lower() == "bearer" and token else None
    )
    if found is None:
        raise CallRefused(HTTPStatus.UNAUTHORIZED, "NOT_SIGNED_IN", _("Sign in again: this device is not signed in, or not any more."))
    if service.is_to_be_noted(found, now):
        with transaction() as session:
            service.note_use(session, found.id, now=now)
    return found


def _answered(endpoint: Endpoint, device: PortalDeviceRecord | None, given: dict[str, str]) -> Response:
    operation = endpoint.operation
    if operation.method != "get" and maintenance.message(db.session()) is not None:
        raise CallRefused(HTTPStatus.SERVICE_UNAVAILABLE, "NOT_NOW", _("Send it again later."))
    read = _parameters(operation, given)
    account = _account(device, read["number"], endpoint.right) if "number" in read and device else None
    if operation.method == "get":
        return _written(operation, endpoint.handler(ConsumerCall(db.session(), device, account, None, read)))
    raw = _body(operation.largest_body)
    body = _typed(operation, raw)
    with transaction() as session:
        call = ConsumerCall(session, device, account, body, read)
        if operation.method != "post" or not endpoint.keeps_reply:
            return _written(operation, endpoint.handler(call))
        return _once(endpoint, call, raw)


def _parameters(operation: Operation, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of the address and of the key, each of its type.

    :raises CallRefused: if one is wrong
    """
    texts = {"path": given, "query": request.args, "header": request.headers}
    read: dict[str, Any] = {}
    for each in operation.parameters:
        text = texts[each.place].get(each.name)
        if text is None and not each.is_needed:
            continue
        try:
            read[each.name] = TypeAdapter(each.kind).validate_python(text)
        except ValidationError:
            raise _wrong_parameter(each) from None
    return read


def _wrong_parameter(each: OperationParameter) -> CallRefused:
    if each.place == "path":
        return CallRefused(HTTPStatus.NOT_FOUND, "NOT_FOUND", _("There is nothing of the sort, or it is not yours."))
    if each is _KEY:
        return CallRefused(HTTPStatus.BAD_REQUEST, "NO_KEY", _("The header Idempotency-Key names what is sent with 8 to 64 characters."))
    errors = [FieldProblem(field=each.name, reason=_("This is no value of the kind that is wanted."))]
    return CallRefused(HTTPStatus.BAD_REQUEST, "WRONG_VALUES", _("Some of what was sent is wrong."), errors)


def _account(device: PortalDeviceRecord, number: str, right: PortalRight | None) -> AccessRecord:
    """Return the caller's access to an account, and work in its division from here on.

    :raises CallRefused: if he has none, or not the right
    """
    found = next((each for each in queries.accesses(db.session(), device.portal_user_id) if each.number == number), None)
    if found is None:
        raise CallRefused(HTTPStatus.NOT_FOUND, "NOT_FOUND", _("There is nothing of the sort, or it is not yours."))
    if right is not None and right not in found.rights:
        raise CallRefused(HTTPStatus.FORBIDDEN, "NO_RIGHT", _("Whoever manages this account did not give you the right to do this."))
    set_scope(Scope(f"portal:{device.portal_user_id}", clock.today(), request.remote_addr or "", division_id=found.division_id))
    record_disclosure("account", [found.account_id])
    return found


def _body(largest: int) -> bytes:
    raw = request.get_data()
    if len(raw) > largest:
        raise CallRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE", _("This is too long to be read."))
    return raw


def _typed(operation: Operation, raw: bytes) -> Any:
    """Return the body as the operation's type.

    :raises CallRefused: if it is no JSON, or not of the type
    """
    if operation.body is None:
        return None
    try:
        sent = json_bodies.decode(raw)
        if _UNKEPT.search(repr(sent)):
            raise CallRefused(HTTPStatus.BAD_REQUEST, "WRONG_VALUES", _("Some of what was sent is wrong."))
        return TypeAdapter(operation.body).validate_python(sent)
    except json_bodies.NotJson:
        raise CallRefused(HTTPStatus.BAD_REQUEST, "NOT_JSON", _("The body is no JSON.")) from None
    except ValidationError as found:
        errors = [
            FieldProblem(field=".".join(map(str, each["loc"])), reason=_("This is no value of the kind that is wanted."))
            for each in found.errors(include_url=False, include_input=False)
        ]
        raise CallRefused(HTTPStatus.BAD_REQUEST, "WRONG_VALUES", _("Some of what was sent is wrong."), errors[:20]) from None


def _once(endpoint: Endpoint, call: ConsumerCall, raw: bytes) -> Response:
    """Answer what is posted once a key; a repeat gets the first answer, byte for byte."""
    asked = hashlib.sha256(request.path.encode() + b"\0" + raw).hexdigest()

    def make() -> tuple[int, str]:
        made = _written(endpoint.operation, endpoint.handler(call))
        return made.status_code, made.get_data(as_text=True)

    caller = f"user:{call.device.portal_user_id}" if call.device else f"device:{service.digest(call.body['device'])}"
    try:
        kept = service.answer_once(call.session, (caller, call.given["Idempotency-Key"]), asked, make=make)
    except service.KeyOfOtherContents:
        raise CallRefused(HTTPStatus.CONFLICT, "OTHER_CONTENTS", _("The key was used for other contents.")) from None
    return Response(kept.reply, status=kept.status, content_type="application/json")


def _written(operation: Operation, found: Any) -> Response:
    """Return an answer of the operation's type; a file is one already."""
    if isinstance(found, Response):
        return found
    if operation.answer is None:
        return Response(status=operation.status)
    kind = TypeAdapter(operation.answer)
    content = kind.dump_json(kind.validate_python(found))
    return Response(content, status=operation.status, content_type="application/json", headers={"Cache-Control": "no-store"})


#: What is wrong with a call that no operation answers, by status.
_CODES = {404: "NOT_FOUND", 405: "NOT_FOUND", 409: "NOT_NOW", 413: "TOO_LARGE", 429: "TOO_MANY", 500: "FAILED"}


def error(status: int) -> tuple[Response, int]:
    """Return the problem of a call that no operation answers."""
    with force_locale(_language(None)):
        reasons = {
            404: _("There is nothing of the sort, or it is not yours."),
            405: _("There is nothing of the sort, or it is not yours."),
            409: _("Send it again later."),
            413: _("This is too long to be read."),
            429: _("You ask too often. Try again later."),
            500: _("Something went wrong here. Try again later."),
        }
        reason = reasons.get(status, _("Some of what was sent is wrong."))
        return problem(HTTPStatus(status), _CODES.get(status, "WRONG_VALUES"), reason), status


def limit_calls() -> None:
    """Let a device call only so often, and an address, which many share."""
    limiter = appbuilder.sm.limiter
    for endpoint in ENDPOINTS:
        name = f"{blueprint.name}.{endpoint.operation.name}"
        view = current_app.view_functions[name]
        for rate, key in ((_OF_DEVICE, _caller), (_OF_ADDRESS, get_remote_address), *_TRIES.get(endpoint.operation.name, ())):
            view = limiter.limit(rate, key_func=key, scope=blueprint.name)(view)
        current_app.view_functions[name] = view


def _named_account() -> str:
    """Return the account that a body names, with the address the call comes from."""
    body = request.get_json(silent=True, force=True)
    named = str(body.get("account", ""))[:20] if isinstance(body, dict) else ""
    return f"account:{''.join(sign for sign in named if sign.isalnum())}:{get_remote_address()}"


#: How often a code may be asked for and tried, as in the portal.
_OF_ACCOUNT, _OF_TRYING_ADDRESS = ("10 per 5 minutes", _named_account), ("300 per 5 minutes", get_remote_address)
_TRIES = dict.fromkeys(("ask_for_code", "sign_in", "claim"), (_OF_ACCOUNT, _OF_TRYING_ADDRESS))


def _caller() -> str:
    return f"device:{service.digest(request.headers.get('Authorization', ''))}:{get_remote_address()}"
