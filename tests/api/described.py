"""Answers compared with the description of their interface, and bodies drawn from it."""

import json
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from app.api.openapi import Interface, document


def assert_described(interface: Interface, path: str, method: str, response: TestResponse) -> None:
    """Fail unless the description knows the answer's status and kind, and its contents are of the type it names."""
    described = document(interface)
    answers = described["paths"][path][method]["responses"]
    assert str(response.status_code) in answers, (path, response.status_code, response.data)
    content = answers[str(response.status_code)]["content"]
    assert response.mimetype in content
    validator = Draft202012Validator(described | content[response.mimetype]["schema"])
    assert [error.message for error in validator.iter_errors(json.loads(response.data))] == []


def values_of(schema: dict[str, Any], components: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that a schema of a description allows, of the few forms that ours have."""
    if "$ref" in schema:
        return values_of(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        return st.one_of([values_of(each, components) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema["type"]
    if kind == "object":
        if "properties" not in schema:
            return st.dictionaries(
                values_of(schema.get("propertyNames", {"type": "string"}), components),
                values_of(schema["additionalProperties"], components)
                if isinstance(schema.get("additionalProperties"), dict)
                else st.none(),
                max_size=3,
            )
        needed = set(schema.get("required", ()))
        fields = {name: values_of(each, components) for name, each in schema["properties"].items()}
        return st.fixed_dictionaries(
            {n: f for n, f in fields.items() if n in needed}, optional={n: f for n, f in fields.items() if n not in needed}
        )
    if kind == "array":
        return st.lists(values_of(schema["items"], components), min_size=schema.get("minItems", 0), max_size=3)
    plain = {
        "string": st.text(max_size=70),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "null": st.none(),
        "boolean": st.booleans(),
    }
    return plain[kind]
