"""States of contracts on a day, the steps between them, numbers and texts."""

from datetime import date
from itertools import product

import pytest

from app.domain.contracts import (
    STEPS,
    VARIABLES,
    ContractEvent,
    ContractKind,
    ContractPaperKind,
    ContractState,
    ContractStatus,
    StepRefused,
    TemplateFault,
    TemplateRefused,
    Term,
    check_template,
    contract_number,
    fill,
    next_status,
    paper_languages,
    state_on,
    written_quantity,
)

BEGINS, ENDS = date(2026, 1, 1), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("status", "valid_to", "day", "state"),
    [
        (ContractStatus.DRAFT, ENDS, date(2028, 1, 1), ContractState.DRAFT),
        (ContractStatus.WITHDRAWN, None, BEGINS, ContractState.WITHDRAWN),
        (ContractStatus.SIGNED, ENDS, date(2025, 12, 31), ContractState.NOT_BEGUN),
        (ContractStatus.SIGNED, ENDS, BEGINS, ContractState.IN_FORCE),
        (ContractStatus.SIGNED, ENDS, date(2026, 12, 31), ContractState.IN_FORCE),
        (ContractStatus.SIGNED, ENDS, ENDS, ContractState.EXPIRED),
        (ContractStatus.SIGNED, None, date(2099, 1, 1), ContractState.IN_FORCE),
        (ContractStatus.ENDED, ENDS, date(2026, 12, 31), ContractState.IN_FORCE),
        (ContractStatus.ENDED, ENDS, ENDS, ContractState.ENDED),
    ],
)
def test_state_of_a_day_follows_from_the_term(status: ContractStatus, valid_to: date | None, day: date, state: ContractState) -> None:
    assert state_on(Term(status, BEGINS, valid_to), day) == state


@pytest.mark.parametrize(("kind", "state", "event"), [*product(ContractKind, ContractState, ContractEvent)])
def test_listed_steps_happen_and_all_others_are_refused(kind: ContractKind, state: ContractState, event: ContractEvent) -> None:
    listed = STEPS.get((state, event))

    if listed is None or kind == ContractKind.OFFER:
        with pytest.raises(StepRefused):
            next_status(kind, state, event)
    else:
        assert next_status(kind, state, event) == listed


@pytest.mark.parametrize(("form", "number"), [(0, "26990-2026-000007"), (1, "000007/26990/2026"), (2, "2026/26990/000007")])
def test_number_is_put_together_as_the_office_chose(form: int, number: str) -> None:
    assert contract_number(form, branch="26990", year=2026, sequence_no=7, width=6) == number


@pytest.mark.parametrize(
    ("body", "fault", "variable"),
    [
        ("{number} {consumer} {", TemplateFault.BRACES, ""),
        ("{number} {consumer} {secret}", TemplateFault.UNKNOWN_VARIABLE, "secret"),
        ("{number} {consumer.__class__}", TemplateFault.UNKNOWN_VARIABLE, "consumer.__class__"),
        ("{number!r} {consumer}", TemplateFault.UNKNOWN_VARIABLE, "number"),
        ("{number:>10} {consumer}", TemplateFault.UNKNOWN_VARIABLE, "number"),
        ("{number} {consumer} {paper_number}", TemplateFault.UNKNOWN_VARIABLE, "paper_number"),
        ("{number}", TemplateFault.MISSING_VARIABLE, "consumer"),
    ],
)
def test_text_with_wrong_variables_is_refused(body: str, fault: TemplateFault, variable: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        check_template(ContractPaperKind.SUPPLY, body)

    assert (refused.value.fault, refused.value.variable) == (fault, variable)


def test_papers_that_change_a_contract_know_what_changes() -> None:
    check_template(ContractPaperKind.ANNEX, "{number} {consumer} {paper_number} {on} {changes}")

    assert VARIABLES[ContractPaperKind.ANNEX] > VARIABLES[ContractPaperKind.SUPPLY]


def test_values_are_never_read_as_variables() -> None:
    assert fill("{consumer}: {limit}", {"consumer": "{number} & <b>"}) == "{number} & <b>: —"


@pytest.mark.parametrize(
    ("language", "languages"),
    [("uz", ("uz", "ru")), ("uz_Cyrl", ("uz_Cyrl", "ru")), ("ru", ("uz", "ru")), ("kaa", ("uz", "ru")), ("en", ("uz", "ru"))],
)
def test_paper_has_two_languages(language: str, languages: tuple[str, ...]) -> None:
    assert paper_languages(language, frozenset({"uz", "uz_Cyrl", "ru"})) == languages


@pytest.mark.parametrize(("milli", "written"), [(None, ""), (0, "0"), (1500, "1,5"), (12_345_678, "12 345,678"), (10, "0,01")])
def test_quantity_on_paper(milli: int | None, written: str) -> None:
    assert written_quantity(milli) == written
