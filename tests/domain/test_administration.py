"""Levels, jobs and operating parameters; and what holds for every module of the domain."""

import importlib
import pkgutil
from enum import StrEnum
from types import ModuleType

import pytest

from app import domain
from app.domain import administration
from app.domain.administration import CHILD_LEVEL, FINISHED, PARAMETERS, DivisionLevel, JobStatus
from app.domain.billing import Policy

MODULES = [importlib.import_module(f"app.domain.{module.name}") for module in pkgutil.iter_modules(domain.__path__)]
ENUMS = sorted(
    {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
    },
    key=lambda enum: enum.__qualname__,
)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_module_of_the_domain_says_what_it_is(module: ModuleType):
    assert (module.__doc__ or "").strip()


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__qualname__)
def test_a_member_is_stored_under_its_own_name(enum: type[StrEnum]):
    assert all(member.name == member.value == member.value.upper() for member in enum)


def test_the_levels_form_one_chain_from_the_republic_down():
    level: DivisionLevel | None = DivisionLevel.REPUBLIC
    chain = []
    while level:
        chain.append(level)
        level = CHILD_LEVEL.get(level)

    assert chain == list(DivisionLevel)


@pytest.mark.parametrize("status", JobStatus)
def test_a_job_is_finished_or_still_moves(status: JobStatus):
    assert (status in FINISHED) is (status not in {JobStatus.QUEUED, JobStatus.RUNNING})


@pytest.mark.parametrize("code", PARAMETERS)
def test_a_parameter_lies_within_its_limits_and_names_its_source(code: str):
    parameter = PARAMETERS[code]

    assert parameter.lowest <= parameter.default <= parameter.highest
    assert parameter.source.strip()
    assert code == code.lower()
    assert code.count(".") == 1


@pytest.mark.parametrize("name", Policy._fields)
def test_the_policy_of_a_bill_run_begins_with_the_operating_parameters(name: str):
    [code] = {f"{area}.{name}" for area in ("metering", "tariffs", "billing")} & set(administration.PARAMETERS)

    assert getattr(Policy(), name) == administration.PARAMETERS[code].default
