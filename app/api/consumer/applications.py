"""Applications of a consumer about an account: what may be filed, filing, where each stands, answering and withdrawing."""

import base64
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, NotRequired

from flask import Response
from flask_babel import gettext as _
from pydantic import Field
from typing_extensions import TypedDict

from app import clock
from app.api.consumer.answers import CLOSED, Next
from app.api.consumer.calls import CallRefused, ConsumerCall, answers, listing
from app.api.consumer.money import missing
from app.api.consumer.pages import before, page
from app.api.openapi import FieldProblem, Operation, OperationParameter
from app.documents import applications as documents
from app.documents import downloads
from app.domain.applications import (
    LONGEST_REASON,
    TRANSITIONS,
    ApplicationEvent,
    ApplicationRefusal,
    ApplicationRefused,
    ApplicationStatus,
    FileGiven,
)
from app.domain.portal import PortalRight
from app.queries import accounts
from app.queries import administration as stored
from app.queries import applications as queries
from app.queries.accounts import Card
from app.queries.applications import ApplicationRecord, KindRecord
from app.services import applications as service

_ID = Annotated[int, Field(ge=1, lt=2**63)]
_APPLICATION = OperationParameter("application", "path", "id of the application", _ID)
_FILE = OperationParameter("file", "path", "id of the file", _ID)
_REFUSED = {HTTPStatus.UNPROCESSABLE_ENTITY: ("REFUSED",)}
#: Bytes of a body: files have up to 10 MB each, a third more in Base64.
_LARGEST = 30 << 20


class ApplicationKindRow(TypedDict):
    """A kind of application that may be filed."""

    code: str
    name: str
    term_days: Annotated[int | None, Field(description="working days")]
    fee_tiyin: int | None
    fields: Annotated[dict[str, Any], Field(description="JSON schema of `given`; `x-title`, `x-help` and `x-words` hold words by language")]
    documents_least: int
    documents_most: int
    document_kilobytes: int


class ApplicationKinds(TypedDict):
    """Kinds of applications that may be filed today."""

    rows: list[ApplicationKindRow]


class ApplicationRow(TypedDict):
    """An application."""

    id: int
    kind_code: str
    kind: str
    filed_on: date
    term_on: date
    ended_on: date | None
    status: ApplicationStatus
    department: str | None


class ApplicationsPage(TypedDict):
    """Applications, newest first."""

    rows: list[ApplicationRow]
    next: Next


class ApplicationStepRow(TypedDict):
    """What happened to an application."""

    event: ApplicationEvent
    status: ApplicationStatus
    reason: str
    created_at: datetime


class ApplicationFileRow(TypedDict):
    """A file of an application: the consumer's own, or a paper of the office."""

    id: int
    name: str
    media_type: str
    event: Annotated[ApplicationEvent, Field(description="the step it came with")]
    created_at: datetime


class ApplicationAnswer(ApplicationRow):
    """An application with its contents, its steps, the newest first, and its files."""

    given: dict[str, Any]
    may_answer: Annotated[bool, Field(description="the office asked for something")]
    may_withdraw: bool
    steps: list[ApplicationStepRow]
    files: list[ApplicationFileRow]


class FileBody(TypedDict):
    """A file in Base64."""

    __pydantic_config__ = CLOSED
    name: Annotated[str, Field(min_length=1, max_length=200)]
    content: Annotated[str, Field(max_length=14_000_000)]


class ApplicationBody(TypedDict):
    """An application to be filed."""

    __pydantic_config__ = CLOSED
    kind: Annotated[str, Field(min_length=1, max_length=64)]
    given: dict[str, Any]
    files: NotRequired[Annotated[list[FileBody], Field(max_length=30)]]


class ApplicationStepBody(TypedDict):
    """An answer to what the office asked, or a withdrawal."""

    __pydantic_config__ = CLOSED
    event: Literal["ANSWER", "WITHDRAW"]
    reason: NotRequired[Annotated[str, Field(max_length=LONGEST_REASON)]]
    files: NotRequired[Annotated[list[FileBody], Field(max_length=30)]]


@answers(
    Operation("get", "/accounts/{number}/application-kinds", "application_kinds", "What may be applied for", ApplicationKinds),
    right=PortalRight.APPLY,
)
def application_kinds(call: ConsumerCall) -> Any:
    """Return the kinds of applications that may be filed as the account stands, each with the schema of its fields."""
    return {"rows": [_kind(call, each) for each in _offered(call, _card(call))]}


def _kind(call: ConsumerCall, kind: KindRecord) -> dict[str, Any]:
    names = ("code", "name", "term_days", "fee_tiyin", "documents_least", "documents_most", "document_kilobytes")
    fields = service.schema_of(call.session, kind.form_schema, clock.today())
    return {**{name: getattr(kind, name) for name in names}, "fields": fields}


def _offered(call: ConsumerCall, card: Card) -> list[KindRecord]:
    return service.offered_on(call.session, card.status, clock.today())


def _card(call: ConsumerCall) -> Card:
    card = accounts.card(call.session, call.access.account_id)
    assert card is not None
    return card


@answers(listing("applications", "applications", "Applications, newest first", ApplicationsPage), right=PortalRight.APPLY)
def applications(call: ConsumerCall) -> Any:
    """Return a page of the applications about an account, with those of the user that are about none."""
    rows = queries.of_consumer(call.session, *_whose(call), limit=call.limit + 1, before=before(call))
    return page(call, rows, _row)


def _whose(call: ConsumerCall) -> tuple[int, int, str]:
    card = _card(call)
    return card.id, card.consumer_id, _actor(call)


def _actor(call: ConsumerCall) -> str:
    """Return the name under which the user files what is about no account."""
    return f"portal:{call.user.portal_user_id}"


def _row(row: ApplicationRecord) -> dict[str, Any]:
    names = ("id", "kind_code", "kind", "filed_on", "term_on", "ended_on", "status", "department")
    return {name: getattr(row, name) for name in names}


@answers(
    Operation(
        "get", "/accounts/{number}/applications/{application}", "application", "An application with its steps and files",
        ApplicationAnswer, parameters=(_APPLICATION,),
    ),
    right=PortalRight.APPLY,
)  # fmt: skip
def application(call: ConsumerCall) -> Any:
    """Return where an application stands, what happened to it, and its files."""
    return _shown(call, _found(call, call.given["application"]))


def _shown(call: ConsumerCall, row: ApplicationRecord) -> dict[str, Any]:
    return {
        **_row(row), "given": row.given,
        "may_answer": (row.status, ApplicationEvent.ANSWER) in TRANSITIONS,
        "may_withdraw": (row.status, ApplicationEvent.WITHDRAW) in TRANSITIONS,
        "steps": [{name: getattr(each, name) for name in ("event", "status", "reason", "created_at")}
                  for each in queries.steps(call.session, row.id)],
        "files": [{name: getattr(each, name) for name in ("id", "name", "media_type", "event", "created_at")}
                  for each in queries.files(call.session, row.id)],
    }  # fmt: skip


def _found(call: ConsumerCall, application_id: int) -> ApplicationRecord:
    found = queries.application_of_consumer(call.session, application_id, *_whose(call))
    if found is None:
        raise missing()
    return found


@answers(
    Operation(
        "get", "/accounts/{number}/applications/{application}/files/{file}", "application_file", "A file of an application", None,
        parameters=(_APPLICATION, _FILE), kind="application/octet-stream",
    ),
    right=PortalRight.APPLY,
)  # fmt: skip
def application_file(call: ConsumerCall) -> Response:
    """Send a file of an application."""
    found = _found(call, call.given["application"])
    file = next((each for each in queries.files(call.session, found.id) if each.id == call.given["file"]), None)
    content = stored.stored_file(call.session, file.stored_file_id) if file else None
    if content is None:
        raise missing()
    return downloads.attachment(content[2], content[0], content[1])


@answers(
    Operation(
        "post", "/accounts/{number}/applications", "file_application", "File an application", ApplicationAnswer,
        body=ApplicationBody, status=HTTPStatus.CREATED, problems=_REFUSED, largest_body=_LARGEST,
    ),
    right=PortalRight.APPLY,
)  # fmt: skip
def file_application(call: ConsumerCall) -> Any:
    """File an application of a kind that is offered on the account."""
    card, files = _card(call), _files(call)
    try:
        kind = next((each for each in _offered(call, card) if each.code == call.body["kind"]), None)
        if kind is None:
            raise ApplicationRefused(ApplicationRefusal.UNKNOWN_KIND, call.body["kind"])
        reference = f"{_actor(call)} {call.given['Idempotency-Key']}"
        asked = documents.request_of(kind, card, reference, call.body["given"], files)
        made = service.file(call.session, asked, today=clock.today(), now=clock.now())
    except documents.REFUSALS as refused:
        raise _refused(refused) from None
    return _shown(call, _found(call, made.id))


@answers(
    Operation(
        "post", "/accounts/{number}/applications/{application}/steps", "answer_application", "Answer what was asked, or withdraw",
        ApplicationAnswer, body=ApplicationStepBody, status=HTTPStatus.CREATED, parameters=(_APPLICATION,), problems=_REFUSED,
        largest_body=_LARGEST,
    ),
    right=PortalRight.APPLY,
)  # fmt: skip
def answer_application(call: ConsumerCall) -> Any:
    """Answer what the office asked, or take the application back."""
    found = _found(call, call.given["application"])
    step = service.StepTaken(ApplicationEvent(call.body["event"]), call.body.get("reason", ""), _files(call))
    try:
        service.advance(call.session, found.id, step, today=clock.today(), now=clock.now())
    except documents.REFUSALS as refused:
        raise _refused(refused) from None
    return _shown(call, _found(call, found.id))


def _files(call: ConsumerCall) -> list[FileGiven]:
    """Return the files of a body.

    :raises CallRefused: if one is no Base64
    """
    try:
        return [FileGiven(each["name"], base64.b64decode(each["content"], validate=True)) for each in call.body.get("files", ())]
    except ValueError:
        errors = [FieldProblem(field="files", reason=_("This is no value of the kind that is wanted."))]
        raise CallRefused(HTTPStatus.BAD_REQUEST, "WRONG_VALUES", _("Some of what was sent is wrong."), errors) from None


def _refused(refused: Exception) -> CallRefused:
    column, words = getattr(refused, "column", None), documents.refused_words(refused)
    errors = [FieldProblem(field=f"given.{column}", reason=words)] if column else []
    return CallRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "REFUSED", words, errors)
