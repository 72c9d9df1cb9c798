"""Contracts of supply: kinds, states on a day, steps between them, numbers, and texts with checked variables.

A household accepts the public offer by taking energy: its contract is in force from the day its account is opened and has
no term. A legal consumer signs: the contract is drafted, signed, changed by additional agreements, renewed, ended.

Sources: three stages of a connection, the contract being the third: Cabinet of Ministers resolution no. 555; rules of use of
electricity: resolution no. 319 of 2024-05-31 (its text was not read). Forms, terms and days of notice are therefore dated
settings and templates, to be confirmed by the customer.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from string import Formatter
from typing import NamedTuple

from app.domain.billing import TermKind

#: Terms that change by papers of a contract only.
CONTRACT_TERMS = frozenset({TermKind.CONTRACT_LIMIT, TermKind.DEMAND})


class ContractKind(StrEnum):
    """How a contract comes about."""

    OFFER = "OFFER"  # a household accepts the standard form
    SUPPLY = "SUPPLY"  # a legal consumer signs


class ContractStatus(StrEnum):
    """What was done with a contract last."""

    DRAFT = "DRAFT"
    SIGNED = "SIGNED"
    ENDED = "ENDED"  # before its term
    WITHDRAWN = "WITHDRAWN"  # a draft that nobody signed


class ContractState(StrEnum):
    """Where a contract stands on a day."""

    DRAFT = "DRAFT"
    WITHDRAWN = "WITHDRAWN"
    NOT_BEGUN = "NOT_BEGUN"
    IN_FORCE = "IN_FORCE"
    EXPIRED = "EXPIRED"
    ENDED = "ENDED"


class ContractEvent(StrEnum):
    """What is done with a contract."""

    SIGN = "SIGN"
    WITHDRAW = "WITHDRAW"
    ANNEX = "ANNEX"
    RENEW = "RENEW"
    END = "END"


#: Every step of a contract of supply; what is not listed is refused.
STEPS: Mapping[tuple[ContractState, ContractEvent], ContractStatus] = {
    (ContractState.DRAFT, ContractEvent.SIGN): ContractStatus.SIGNED,
    (ContractState.DRAFT, ContractEvent.WITHDRAW): ContractStatus.WITHDRAWN,
    (ContractState.NOT_BEGUN, ContractEvent.ANNEX): ContractStatus.SIGNED,
    (ContractState.NOT_BEGUN, ContractEvent.END): ContractStatus.ENDED,
    (ContractState.IN_FORCE, ContractEvent.ANNEX): ContractStatus.SIGNED,
    (ContractState.IN_FORCE, ContractEvent.RENEW): ContractStatus.SIGNED,
    (ContractState.IN_FORCE, ContractEvent.END): ContractStatus.ENDED,
    (ContractState.EXPIRED, ContractEvent.RENEW): ContractStatus.SIGNED,
    (ContractState.EXPIRED, ContractEvent.END): ContractStatus.ENDED,
}


class StepRefused(Exception):
    """A contract does not move this way from where it stands; the text is its state."""


class Term(NamedTuple):
    """What the state of a contract on a day depends on."""

    status: ContractStatus
    valid_from: date
    #: the first day on which it is not in force; None: without a term
    valid_to: date | None


def state_on(term: Term, day: date) -> ContractState:
    """Return where a contract stands on a day.

    >>> state_on(Term(ContractStatus.SIGNED, date(2026, 1, 1), date(2027, 1, 1)), date(2027, 1, 1)).value
    'EXPIRED'
    """
    if term.status in {ContractStatus.DRAFT, ContractStatus.WITHDRAWN}:
        return ContractState(term.status.value)
    if term.valid_to is not None and day >= term.valid_to:
        return ContractState.ENDED if term.status == ContractStatus.ENDED else ContractState.EXPIRED
    return ContractState.NOT_BEGUN if day < term.valid_from else ContractState.IN_FORCE


def next_status(kind: ContractKind, state: ContractState, event: ContractEvent) -> ContractStatus:
    """Return the status of a contract of supply after an event; a standard form comes and goes with its account.

    :raises StepRefused: if the event does not happen to a contract of the kind that stands there
    """
    status = STEPS.get((state, event))
    if status is None or kind == ContractKind.OFFER:
        raise StepRefused(state.value)
    return status


#: How a number is put together; the office chooses one (``contracts.number_form``).
NUMBER_FORMS = ("{branch}-{year}-{number}", "{number}/{branch}/{year}", "{year}/{branch}/{number}")


def contract_number(form: int, *, branch: str, year: int, sequence_no: int, width: int) -> str:
    """Return the number of a contract: unique in a division and year.

    >>> contract_number(0, branch="26990", year=2026, sequence_no=7, width=6)
    '26990-2026-000007'
    """
    return NUMBER_FORMS[form].format(branch=branch, year=year, number=f"{sequence_no:0{width}d}")


class ContractPaperKind(StrEnum):
    """A paper of a contract."""

    OFFER = "OFFER"
    SUPPLY = "SUPPLY"
    ANNEX = "ANNEX"
    RENEWAL = "RENEWAL"
    TERMINATION = "TERMINATION"


#: Variables of every text, and those of papers that change a contract.
_COMMON = frozenset(
    "number signed_on valid_from valid_to consumer consumer_identifier consumer_address consumer_bank consumer_director accounts "
    "capacity limit demand seller seller_stir seller_address seller_bank seller_director place".split()
)
_CHANGES = frozenset("paper_number on reason changes".split())
VARIABLES: Mapping[ContractPaperKind, frozenset[str]] = {
    ContractPaperKind.OFFER: _COMMON,
    ContractPaperKind.SUPPLY: _COMMON,
    ContractPaperKind.ANNEX: _COMMON | _CHANGES,
    ContractPaperKind.RENEWAL: _COMMON | _CHANGES,
    ContractPaperKind.TERMINATION: _COMMON | _CHANGES,
}
#: Without these a paper does not say whose it is.
NEEDED = frozenset({"number", "consumer"})
#: Written where a value is not known.
UNKNOWN = "—"


class TemplateFault(StrEnum):
    """What is wrong with the text of a template."""

    BRACES = "BRACES"
    UNKNOWN_VARIABLE = "UNKNOWN_VARIABLE"
    MISSING_VARIABLE = "MISSING_VARIABLE"


class TemplateRefused(Exception):
    """The text of a template cannot be used."""

    def __init__(self, fault: TemplateFault, variable: str = "") -> None:
        super().__init__(variable)
        self.fault, self.variable = fault, variable


def check_template(kind: ContractPaperKind, body: str) -> None:
    """Check that a text uses the variables of its kind and no others.

    :raises TemplateRefused: naming the fault and the variable
    """
    try:
        parts = [(name, form, conversion) for _text, name, form, conversion in Formatter().parse(body) if name is not None]
    except ValueError:
        raise TemplateRefused(TemplateFault.BRACES) from None
    for name, form, conversion in parts:
        if form or conversion or name not in VARIABLES[kind]:
            raise TemplateRefused(TemplateFault.UNKNOWN_VARIABLE, name)
    missing = sorted(NEEDED - {name for name, _form, _conversion in parts})
    if missing:
        raise TemplateRefused(TemplateFault.MISSING_VARIABLE, missing[0])


def fill(body: str, values: Mapping[str, str]) -> str:
    """Return a text with its variables filled in; a value that is not known is a dash.

    >>> fill("№ {number} of {signed_on}", {"number": "7"})
    '№ 7 of —'
    """
    return "".join(
        literal + ("" if name is None else values.get(name) or UNKNOWN) for literal, name, _form, _conversion in Formatter().parse(body)
    )


def paper_languages(language: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the languages of a paper, the consumer's first and Russian beside it.

    :param known: languages there are texts in

    >>> paper_languages("kaa", frozenset({"uz", "ru"})), paper_languages("ru", frozenset({"uz", "ru"}))
    (('uz', 'ru'), ('uz', 'ru'))
    """
    first = language if language in known and language != "ru" else "uz"
    return tuple(each for each in (first, "ru") if each in known)


def written_day(day: date | None) -> str:
    """Return a day as papers have it."""
    return "" if day is None else f"{day:%d.%m.%Y}"


def written_quantity(quantity_milli: int | None) -> str:
    """Return a quantity as papers have it.

    >>> written_quantity(1_234_500)
    '1 234,5'
    """
    if quantity_milli is None:
        return ""
    whole, rest = divmod(quantity_milli, 1000)
    return f"{whole:,}".replace(",", " ") + (f",{rest:03d}".rstrip("0") if rest else "")
