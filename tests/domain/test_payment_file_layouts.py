import json
from dataclasses import replace
from typing import Any

import pytest

from app.domain.payments.files import ControlTotals, FileTotals, Form, Profile, ProfileFault, ProfileProblem
from app.domain.payments.layouts import SHIPPED

CSV: dict[str, Any] = {"form": "CSV", "columns": {"account_number": 1, "amount": 2}}
ONE_C: dict[str, Any] = {"form": "ONE_C", "account_pattern": "[0-9]{12}"}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profile_survives_storing(name: str) -> None:
    stored = json.dumps(SHIPPED[name].to_dict())

    assert Profile.from_dict(json.loads(stored)) == SHIPPED[name]


def test_every_form_is_shipped_once() -> None:
    assert sorted(profile.form for profile in SHIPPED.values()) == sorted(Form)


def test_what_a_stored_profile_leaves_out_is_usual() -> None:
    assert Profile.from_dict(CSV) == Profile(form=Form.CSV, columns={"account_number": 1, "amount": 2})


def test_start_and_length_come_back_from_json() -> None:
    fixed = Profile.from_dict({"form": "FIXED", "columns": {"account_number": [1, 12], "amount": [13, 10]}})

    assert fixed.columns == {"account_number": (1, 12), "amount": (13, 10)}


@pytest.mark.parametrize(
    ("change", "field", "fault"),
    [
        ({"form": "PDF"}, "form", ProfileFault.NOT_A_MEMBER),
        ({"form": ["CSV"]}, "form", ProfileFault.NOT_A_MEMBER),
        ({"encoding": "latin-1"}, "encoding", ProfileFault.NOT_A_MEMBER),
        ({"delimiter": ";;"}, "delimiter", ProfileFault.NOT_A_MEMBER),
        ({"header_rows": -1}, "header_rows", ProfileFault.NOT_A_NUMBER),
        ({"header_rows": True}, "header_rows", ProfileFault.NOT_A_NUMBER),
        ({"header_rows": "1"}, "header_rows", ProfileFault.NOT_A_NUMBER),
        ({"date_format": "mm.dd.yyyy"}, "date_format", ProfileFault.NOT_A_MEMBER),
        ({"unit": "EURO"}, "unit", ProfileFault.NOT_A_MEMBER),
        ({"colour": "red"}, "colour", ProfileFault.UNKNOWN_FIELD),
        ({"account_pattern": "(["}, "account_pattern", ProfileFault.NOT_A_PATTERN),
        ({"account_pattern": "1" * 201}, "account_pattern", ProfileFault.NOT_A_PATTERN),
        ({"columns": []}, "columns", ProfileFault.NOT_A_MEMBER),
        ({"columns": {"account_number": 1}}, "columns.amount", ProfileFault.MISSING),
        ({"columns": {"amount": 1}}, "columns.account_number", ProfileFault.MISSING),
        ({"columns": {"amount": 1, "purpose": 2}}, "columns.account_number", ProfileFault.MISSING),
        ({"columns": {"account_number": 1, "amount": 0}}, "columns.amount", ProfileFault.NOT_A_COLUMN),
        ({"columns": {"account_number": 1, "amount": " "}}, "columns.amount", ProfileFault.NOT_A_COLUMN),
        ({"columns": {"account_number": 1, "amount": True}}, "columns.amount", ProfileFault.NOT_A_COLUMN),
        ({"columns": {"account_number": 1, "amount": "Сумма"}}, "columns.amount", ProfileFault.NOT_A_COLUMN),
        ({"columns": {"account_number": 1, "amount": [1, 2]}}, "columns.amount", ProfileFault.NOT_A_COLUMN),
        ({"columns": {"account_number": 1, "amount": 2, "sum": 3}}, "columns.sum", ProfileFault.UNKNOWN_FIELD),
        ({"form": "FIXED"}, "columns.account_number", ProfileFault.NOT_A_COLUMN),
        ({"form": "FIXED", "columns": {"amount": [1, 0]}}, "columns.amount", ProfileFault.NOT_A_NUMBER),
        ({"form": "DBF"}, "encoding", ProfileFault.CONTRADICTION),
        ({"form": "DBF", "encoding": "cp866", "header_rows": 1}, "header_rows", ProfileFault.CONTRADICTION),
        ({"form": "CAMT"}, "columns", ProfileFault.CONTRADICTION),
        ({"group_separator": "."}, "group_separator", ProfileFault.CONTRADICTION),
        ({"totals": "none"}, "totals", ProfileFault.NOT_A_MEMBER),
        ({"totals": {"place": "SOMEWHERE"}}, "totals.place", ProfileFault.NOT_A_MEMBER),
        ({"totals": {"place": "MARKER", "marker": " "}}, "totals.marker", ProfileFault.NOT_A_TEXT),
        ({"totals": {"place": "LAST_ROW"}}, "totals.columns", ProfileFault.MISSING),
        ({"totals": {"place": "LAST_ROW", "columns": {"sum": "Сумма"}}}, "totals.columns.sum", ProfileFault.NOT_A_COLUMN),
        ({"totals": {"place": "LAST_ROW", "columns": {"amount": 1}}}, "totals.columns.amount", ProfileFault.UNKNOWN_FIELD),
        ({"totals": {"place": "HEADER_ROW", "columns": {"sum": 1}}}, "totals.row", ProfileFault.CONTRADICTION),
    ],
)
def test_wrong_field_of_a_profile_is_named(change: dict[str, Any], field: str, fault: ProfileFault) -> None:
    with pytest.raises(ProfileProblem) as caught:
        Profile.from_dict(CSV | change)

    assert (caught.value.field, caught.value.fault) == (field, fault)


@pytest.mark.parametrize(
    "change",
    [
        {"header_rows": 1, "columns": {"account_number": "Счёт", "amount": "Сумма"}},
        {"form": "DBF", "encoding": "cp866", "columns": {"account_number": "LS", "amount": "SUMMA"}},
        {"encoding": "utf-16", "header_rows": 100},
        {"header_rows": 2, "totals": {"place": "HEADER_ROW", "row": 2, "columns": {"sum": 1}}},
        {"totals": {"place": "MARKER", "marker": "x" * 200, "columns": {"count": 1}}},
        {"account_pattern": "1" * 200},
        {"own_accounts": ["20208000900123456001"] * 100},
    ],
)
def test_profile_that_can_be_used_says_what_it_was_given(change: dict[str, Any]) -> None:
    profile = Profile.from_dict(CSV | change).to_dict()

    assert profile["totals"] | change.get("totals", {}) == profile["totals"]
    assert profile | {name: value for name, value in change.items() if name != "totals"} == profile


@pytest.mark.parametrize(
    ("change", "field", "fault"),
    [
        ({"totals": {"place": "MARKER", "marker": "x" * 201, "columns": {"sum": 1}}}, "totals.marker", ProfileFault.NOT_A_TEXT),
        ({"totals": {"place": "MARKER", "marker": 5, "columns": {"sum": 1}}}, "totals.marker", ProfileFault.NOT_A_TEXT),
        ({"own_accounts": "20208000900123456001"}, "own_accounts", ProfileFault.NOT_A_MEMBER),
        ({"own_accounts": ["1"] * 101}, "own_accounts", ProfileFault.NOT_A_MEMBER),
        ({"own_accounts": [" "]}, "own_accounts", ProfileFault.NOT_A_TEXT),
        ({"unique": ["occurrence"]}, "unique", ProfileFault.NOT_A_MEMBER),
        ({"unique": ["colour"]}, "unique", ProfileFault.NOT_A_MEMBER),
        ({"header_rows": 101}, "header_rows", ProfileFault.NOT_A_NUMBER),
    ],
)
def test_what_lies_beyond_a_limit_is_named(change: dict[str, Any], field: str, fault: ProfileFault) -> None:
    with pytest.raises(ProfileProblem) as caught:
        Profile.from_dict(CSV | change)

    assert (caught.value.field, caught.value.fault) == (field, fault)


def test_fault_of_a_profile_quotes_a_hundred_letters_of_what_stands_there() -> None:
    with pytest.raises(ProfileProblem) as caught:
        Profile.from_dict(CSV | {"form": "x" * 150})

    assert (caught.value.detail, str(caught.value)) == ("x" * 100, "form: NOT_A_MEMBER " + "x" * 100)


def test_profile_without_a_form_is_refused() -> None:
    with pytest.raises(ProfileProblem, match="form: MISSING"):
        Profile.from_dict({})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"account_pattern": ""}, "account_pattern"),
        ({"totals": {"place": "LAST_ROW", "columns": {"sum": 1}}}, "totals.place"),
    ],
)
def test_statement_brings_its_own_columns_and_totals_but_no_account_number(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ProfileProblem) as caught:
        Profile.from_dict(ONE_C | change)

    assert caught.value.field == field


def test_purpose_with_a_pattern_stands_for_the_account_number() -> None:
    profile = Profile.from_dict({"form": "CSV", "columns": {"amount": 1, "purpose": 2}, "account_pattern": "[0-9]{12}"})

    assert profile == replace(profile, totals=ControlTotals())


@pytest.mark.parametrize(
    ("declared", "agree"),
    [
        (None, True),
        (FileTotals(2, 300), True),
        (FileTotals(None, 300), True),
        (FileTotals(2, None), True),
        (FileTotals(3, 300), False),
        (FileTotals(2, 301), False),
        (FileTotals(None, 0), False),
    ],
)
def test_totals_agree_as_far_as_they_are_declared(declared: FileTotals | None, agree: bool) -> None:
    assert FileTotals(2, 300).agree_with(declared) is agree
