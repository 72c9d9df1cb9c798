"""Each rule of the engine has a way in: ``docs/engine-rules.md`` names it, the page is there, and the page offers the rule."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask

from app.domain.administration import PARAMETERS, JobKind
from app.domain.billing import POLICY_PARAMETERS, Component, Policy, TermKind
from app.domain.billing.records import Accounts, Benefits, Prepaid, Readings
from app.domain.claims.inspections import EnergyMethod
from app.domain.metering.registers import RegisterCode, register_code
from app.domain.reference import DICTIONARIES
from app.domain.tariffs import Block, Version
from app.extensions import appbuilder
from app.gateways.meter_data import parse_readings
from app.gateways.meter_data_json import parse_batch
from app.services.acts.contracts import TERMS
from app.views.acts.accounts import NewAccountForm
from app.views.acts.bills import WRITTEN_TERMS
from app.views.acts.meters import InstallForm
from app.views.reference.dictionaries import BenefitView

TABLE = Path(__file__).parents[2] / "docs" / "engine-rules.md"
HIDDEN = {f"term {TermKind.LOSS_BOUNDARY}", f"term {TermKind.ADVANCE_PERCENT}"}
#: Fields that follow from others: who and which row, what was billed before, what is estimated from.
_FOLLOWS = {
    "reading": {"id", "account", "series", "day", "zone", "capacity_milli", "dial_milli", "multiplier_numerator", "multiplier_denominator"},
    "account": {
        "id", "actual_to", "billed_to", "first_unbilled", "history_milli", "history_days", "history_periods", "last_year_milli",
        "last_year_days", "zeros_before",
    },
    "benefit": {"account", "from_day", "to_day", "id"},
    "prepaid": {"account", "id"},
    "version": {"id", "blocks"},
    "block": set(),
}  # fmt: skip


class Row(NamedTuple):
    rule: str
    screens: tuple[str, ...]
    file: str
    api: str


def rows() -> list[Row]:
    lines = [line.strip().strip("|").split("|") for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line] for line in lines]
    return [Row(rule, tuple(screens.split(", ")), file, api) for rule, _what, screens, file, api in cells]


def rules_of_the_engine() -> Iterator[str]:
    yield from (f"register {code}" for code in RegisterCode)
    yield from (f"term {kind}" for kind in TermKind)
    yield from (f"component {component}" for component in Component)
    yield from (f"record {method}" for method in EnergyMethod)
    yield from ("reading dial", "reading multiplier", "benefit granted")
    records: dict[str, tuple[str, ...]] = {
        "reading": Readings._fields, "account": Accounts._fields, "benefit": Benefits._fields, "prepaid": Prepaid._fields,
        "version": Version._fields, "block": Block._fields,
    }  # fmt: skip
    yield from (f"{name} {field}" for name, fields in records.items() for field in fields if field not in _FOLLOWS[name])
    subsystems = {"billing", "tariffs", "metering", "claims"}
    yield from (f"parameter {code}" for code in PARAMETERS if code.split(".")[0] in subsystems)


def is_permitted(screen: str) -> bool:
    """Return whether roles can be given the page: a list of facts has an address for its form, and no right to it."""
    view, _, method = screen.partition(".")
    found = [each for each in appbuilder.baseviews if each.endpoint == view]
    return any(f"can_{method}" in each.base_permissions for each in found)


def test_every_rule_of_the_engine_stands_in_the_table_once() -> None:
    assert sorted(row.rule for row in rows()) == sorted(rules_of_the_engine())


def test_only_rules_without_a_use_are_hidden() -> None:
    assert {row.rule for row in rows() if row.screens[0].startswith("hidden: ")} == HIDDEN


@pytest.mark.parametrize("row", [row for row in rows() if row.rule not in HIDDEN], ids=lambda row: row.rule)
def test_pages_and_files_of_a_rule_are_there(app: Flask, row: Row) -> None:
    assert [screen for screen in row.screens if screen not in app.view_functions or not is_permitted(screen)] == []
    assert row.file in {"—", *JobKind, *DICTIONARIES}
    assert row.api == "—" or row.api in app.view_functions
    # What a file of readings feeds, the same service takes from machines.
    assert (row.file == JobKind.READING_CHECK) == (row.api == "readings.send")


def test_every_field_of_the_policy_is_a_parameter_people_set() -> None:
    assert len(POLICY_PARAMETERS) == len(Policy._fields)
    assert [code for code in POLICY_PARAMETERS if code not in PARAMETERS] == []


def test_each_register_is_offered_by_the_forms_and_known_to_files_and_machines() -> None:
    assert {register_code(code) for code in RegisterCode} == {*RegisterCode}
    batch = json.dumps({"readings": [{"register": code, "dial": 1} for code in RegisterCode]}).encode()
    assert [row.register for row in parse_batch(batch)] == [*RegisterCode]
    header = ["account", "date", *(f"reading {code.lower().replace('_', ' ')}" for code in RegisterCode)]
    cells = ["1", "2026-01-31", *("1" for _ in RegisterCode)]
    rows = parse_readings("\n".join([";".join(header), ";".join(cells)]).encode(), "readings.csv").rows
    assert {row.register for row in rows} == {*RegisterCode}
    assert all(hasattr(InstallForm, f"opening_{code.lower()}") for code in RegisterCode)
    assert all(hasattr(NewAccountForm, f"register_{code.lower()}") for code in RegisterCode if code != RegisterCode.TOTAL)


def test_each_term_is_written_by_an_act_or_stands_in_the_contract() -> None:
    contracts = {kind for _field, kind in TERMS}

    assert {f"term {kind}" for kind in {*TermKind} - contracts - {*WRITTEN_TERMS}} == HIDDEN
    assert contracts & {*WRITTEN_TERMS} == set()


def test_each_field_of_a_benefit_is_on_its_form_and_in_its_file() -> None:
    fields = {"percent_e2": "percent", "limit_milli": "limit_milli"}

    assert {*fields} == {*Benefits._fields} - _FOLLOWS["benefit"]
    assert {*fields.values()} <= {*(BenefitView.form_columns or ())}
    assert {*fields.values()} <= {*DICTIONARIES["benefit"].columns}


def test_files_of_tariffs_hold_versions_with_their_steps() -> None:
    assert {"valid_from", "valid_to", "blocks"} <= {*DICTIONARIES["tariff_version"].columns}
