"""Applications: the table of states, the works, and forms made of schemas."""

import json

import pytest

from app.domain.applications import (
    OPEN,
    TRANSITIONS,
    WORKS,
    ApplicationEvent,
    ApplicationStatus,
    ApplicationWork,
    possible,
)
from app.domain.applications.forms import NotASchema, form_fields, parse_schema, shown, typed

_S, _E = ApplicationStatus, ApplicationEvent
#: What happens, written a second time on purpose: from, event, to.
_LIFE = """
    - FILE RECEIVED; RECEIVED TAKE TAKEN; RECEIVED PASS_ON RECEIVED; TAKEN PASS_ON RECEIVED; TAKEN RETURN RETURNED;
    RETURNED ANSWER TAKEN; TAKEN ACCEPT ACCEPTED; ACCEPTED FINISH DONE; ACCEPTED REOPEN TAKEN; RECEIVED REFUSE REFUSED;
    TAKEN REFUSE REFUSED; RETURNED REFUSE REFUSED; RECEIVED WITHDRAW WITHDRAWN; TAKEN WITHDRAW WITHDRAWN; RETURNED WITHDRAW WITHDRAWN;
    RECEIVED ESCALATE RECEIVED; TAKEN ESCALATE TAKEN; RETURNED ESCALATE RETURNED; ACCEPTED ESCALATE ACCEPTED
"""


def test_every_state_knows_every_event() -> None:
    known = {tuple(line.split()) for line in _LIFE.split(";")}

    walked = {
        (str(before or "-"), str(event), str(TRANSITIONS[before, event]))
        for before in (None, *_S)
        for event in _E
        if (before, event) in TRANSITIONS
    }

    assert walked == known


def test_nothing_happens_to_an_application_that_is_over() -> None:
    over = set(_S) - OPEN

    assert over == {_S.DONE, _S.REFUSED, _S.WITHDRAWN}
    assert not [pair for pair in TRANSITIONS if pair[0] in over]


def test_every_work_is_built_and_those_that_are_acts_name_it() -> None:
    assert set(WORKS) == set(ApplicationWork)
    assert all((rule.act is not None) == (rule.place == "ACT") for rule in WORKS.values())


@pytest.mark.parametrize(
    ("status", "letter", "last", "expected"),
    [
        (_S.RECEIVED, False, True, {_E.TAKE, _E.REFUSE}),
        (_S.RECEIVED, False, False, {_E.TAKE, _E.PASS_ON, _E.REFUSE}),
        (_S.TAKEN, False, True, {_E.RETURN, _E.REFUSE, _E.ACCEPT}),
        (_S.TAKEN, False, False, {_E.PASS_ON, _E.RETURN, _E.REFUSE}),
        (_S.RETURNED, False, True, {_E.REFUSE}),
        (_S.ACCEPTED, False, True, {_E.REOPEN}),
        (_S.ACCEPTED, True, True, {_E.REOPEN, _E.FINISH}),
        (_S.DONE, True, True, set()),
    ],
)
def test_staff_are_offered_what_fits(status: ApplicationStatus, letter: bool, last: bool, expected: set[ApplicationEvent]) -> None:
    assert set(possible(status, needs_letter=letter, is_last_stage=last)) == expected


_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cause"],
    "properties": {
        "cause": {"type": "string", "enum": ["OLD"], "x-title": {"uz": "Sabab", "ru": "Причина"}, "x-words": {"OLD": {"uz": "Eski"}}},
        "on": {"type": "string", "format": "date", "maxLength": 10, "x-title": {"uz": "Kun"}},
        "phone": {"type": "string", "format": "phone", "maxLength": 20, "x-title": {"uz": "Telefon"}},
        "capacity": {"type": "string", "format": "quantity", "maxLength": 12, "x-title": {"uz": "kVt"}},
        "months": {"type": "integer", "x-title": {"uz": "Oy"}},
        "agreed": {"type": "boolean", "x-title": {"uz": "Rozi"}},
        "note": {"type": "string", "maxLength": 500, "x-title": {"uz": "Izoh"}},
    },
}


def test_a_form_is_made_of_a_schema() -> None:
    fields = form_fields(_SCHEMA, "ru")

    assert [(each.title, each.kind, each.is_needed) for each in fields] == [
        ("Причина", "choice", True), ("Kun", "day", False), ("Telefon", "text", False), ("kVt", "text", False), ("Oy", "integer", False),
        ("Rozi", "tick", False), ("Izoh", "long", False),
    ]  # fmt: skip
    assert fields[0].choices == (("OLD", "Eski"),)


def test_what_was_typed_is_read_as_its_format_writes_it() -> None:
    texts = {"cause": "OLD", "on": "30.11.2026", "phone": "90 123-45-67", "capacity": "7,5", "months": "3", "agreed": "y", "note": "  "}

    values, faults = typed(form_fields(_SCHEMA, "uz"), texts)

    assert faults == {}
    assert values == {
        "cause": "OLD", "on": "2026-11-30", "phone": "+998901234567", "capacity": "7.500", "months": 3, "agreed": True
    }  # fmt: skip
    assert ("cause", "Eski") in [(field.name, value) for field, value in shown(form_fields(_SCHEMA, "uz"), values)]


@pytest.mark.parametrize(("name", "text"), [("on", "31.02.2026"), ("phone", "+7 495 123 45 67"), ("capacity", "ten"), ("months", "1.5")])
def test_what_is_not_of_its_format_is_named(name: str, text: str) -> None:
    _values, faults = typed(form_fields(_SCHEMA, "uz"), {name: text})

    assert set(faults) == {name}


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "array"},
        {"additionalProperties": True},
        {"required": ["nothing"]},
        {"properties": {"a b": {"type": "string", "x-title": {"uz": "A"}}}, "required": []},
        {"properties": {"a": {"type": "number", "x-title": {"uz": "A"}}}, "required": []},
        {"properties": {"a": {"type": "string"}}, "required": []},
    ],
)
def test_a_schema_of_which_no_form_can_be_made_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(NotASchema):
        parse_schema(json.dumps(_SCHEMA | changed))


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(NotASchema):
        parse_schema("{")
