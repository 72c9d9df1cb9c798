"""Interfaces for machines described in OpenAPI 3.1, from the types their code is checked against, and problems (RFC 9457).

Bodies and answers are ``TypedDict`` classes; a description names them and repeats nothing of what they say.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any, Literal, NamedTuple, NotRequired

from flask import Response
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from app.gateways import json_bodies

PROBLEM_JSON = "application/problem+json"
_JSON = "application/json"
_SCHEMA = "#/components/schemas/{model}"


class FieldProblem(TypedDict):
    """What is wrong with a field of the body, or with a parameter."""

    field: str
    reason: str


class Problem(TypedDict):
    """Why a call is not answered as it was meant."""

    type: Literal["about:blank"]
    title: str
    status: int
    code: str
    detail: str
    errors: NotRequired[list[FieldProblem]]


class OperationParameter(NamedTuple):
    """What an operation is given besides its body.

    :ivar place: ``header``, ``path`` or ``query``
    :ivar kind: the type of its text
    """

    name: str
    place: Literal["header", "path", "query"]
    text: str
    kind: Any = str
    is_needed: bool = True


class Operation(NamedTuple):
    """A method of an address.

    :ivar name: unique within the interface
    :ivar body: the type of its JSON; None: it has none
    :ivar problems: by status, the codes that are told
    :ivar is_open: nobody signs in for it
    :ivar kind: media type of the answer; of one that is no JSON of ours, ``answer`` is None
    :ivar largest_body: bytes
    """

    method: Literal["get", "post", "put", "delete"]
    path: str
    name: str
    summary: str
    answer: Any
    body: Any = None
    parameters: Sequence[OperationParameter] = ()
    problems: Mapping[HTTPStatus, Sequence[str]] = {}
    status: HTTPStatus = HTTPStatus.OK
    is_open: bool = False
    kind: str = _JSON
    largest_body: int = 64 << 10


class Interface(NamedTuple):
    """What is described in one document.

    :ivar sign_on: the security scheme of OpenAPI by which one signs in
    """

    title: str
    text: str
    version: str
    sign_on: Mapping[str, str]
    operations: Sequence[Operation]


def problem(status: HTTPStatus, code: str, detail: str, errors: Sequence[FieldProblem] = ()) -> Response:
    """Return the answer to a call that is refused.

    :param code: why, for machines; never translated
    :param detail: why, for people
    :param errors: which fields or parameters are wrong
    """
    told = Problem(type="about:blank", title=status.phrase, status=status.value, code=code, detail=detail)
    if errors:
        told["errors"] = list(errors)
    return Response(json_bodies.encode(told), status=status, content_type=PROBLEM_JSON)


def answer_of(interface: Interface) -> Response:
    """Return the description of an interface as an answer."""
    return Response(json_bodies.encode(document(interface)), content_type=_JSON)


def document(interface: Interface) -> dict[str, Any]:
    """Return the description of an interface."""
    kinds = [kind for each in interface.operations for kind in (each.body, each.answer) if kind is not None]
    schemas, components = _schemas((*kinds, Problem))
    paths: dict[str, dict[str, Any]] = {}
    for each in interface.operations:
        paths.setdefault(each.path, {})[each.method] = _operation(each, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": interface.title, "description": interface.text, "version": interface.version},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"sign_on": dict(interface.sign_on)}},
        "security": [{"sign_on": []}],
    }


@cache
def _schemas(kinds: Sequence[Any]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Return the schema of each type, and those they refer to by name."""
    inputs = [(kind, "validation", TypeAdapter(kind)) for kind in dict.fromkeys(kinds)]
    schemas, definitions = TypeAdapter.json_schemas(inputs, ref_template=_SCHEMA)  # type: ignore[arg-type]
    return {kind: schema for (kind, _), schema in schemas.items()}, definitions.get("$defs", {})


def _operation(each: Operation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {str(each.status.value): _answer(each, schemas)}
    for status, codes in each.problems.items():
        answers[str(status.value)] = _content(f"{status.phrase}: {', '.join(codes)}", PROBLEM_JSON, _told(schemas[Problem], codes))
    told: dict[str, Any] = {"operationId": each.name, "summary": each.summary, "responses": answers}
    if each.parameters:
        told["parameters"] = [_parameter(parameter) for parameter in each.parameters]
    if each.body is not None:
        told["requestBody"] = {"required": True, "content": {_JSON: {"schema": schemas[each.body]}}}
    return told | ({"security": []} if each.is_open else {})


def _answer(each: Operation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the answer of an operation that does what it is for."""
    if each.status == HTTPStatus.NO_CONTENT:
        return {"description": each.status.phrase}
    return _content(each.status.phrase, each.kind, schemas[each.answer] if each.answer else {})


def _told(schema: Any, codes: Sequence[str]) -> dict[str, Any]:
    """Return the schema of a problem with one of some codes."""
    return {"allOf": [schema, {"properties": {"code": {"enum": list(codes)}}}]}


def _content(text: str, kind: str, schema: Any) -> dict[str, Any]:
    return {"description": text, "content": {kind: {"schema": schema}}}


def _parameter(parameter: OperationParameter) -> dict[str, Any]:
    schema = TypeAdapter(parameter.kind).json_schema()
    is_needed = parameter.is_needed or parameter.place == "path"
    return {"name": parameter.name, "in": parameter.place, "description": parameter.text, "required": is_needed, "schema": schema}
