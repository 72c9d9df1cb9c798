"""Kinds of consumers, their languages, and the life of a change in the dictionaries.

Reference information is kept at the centre. A change is drafted by one person and approved by another; it comes into force
on its day and is retired when a later one takes its place. Source: customer, terms of reference, subsystem RNI.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeVar

from app.domain.readers import Misread, ReadingFault

ReferenceValue = TypeVar("ReferenceValue")


class ConsumerKind(StrEnum):
    """Who takes the energy."""

    HOUSEHOLD = "HOUSEHOLD"
    LEGAL = "LEGAL"


class ChangeKind(StrEnum):
    """What a change does to a row of a dictionary."""

    ADD = "ADD"
    CHANGE = "CHANGE"
    RETIRE = "RETIRE"


class ChangeStatus(StrEnum):
    """Where a change stands."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    IN_FORCE = "IN_FORCE"
    RETIRED = "RETIRED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class ChangeEvent(StrEnum):
    """What happens to a change."""

    APPROVE = "APPROVE"
    REFUSE = "REFUSE"
    WITHDRAW = "WITHDRAW"
    COME_INTO_FORCE = "COME_INTO_FORCE"
    RETIRE = "RETIRE"


#: The life of a change; what is not listed does not happen.
TRANSITIONS: Mapping[tuple[ChangeStatus, ChangeEvent], ChangeStatus] = {
    (ChangeStatus.DRAFT, ChangeEvent.APPROVE): ChangeStatus.APPROVED,
    (ChangeStatus.DRAFT, ChangeEvent.REFUSE): ChangeStatus.REFUSED,
    (ChangeStatus.DRAFT, ChangeEvent.WITHDRAW): ChangeStatus.WITHDRAWN,
    (ChangeStatus.APPROVED, ChangeEvent.COME_INTO_FORCE): ChangeStatus.IN_FORCE,
    (ChangeStatus.IN_FORCE, ChangeEvent.RETIRE): ChangeStatus.RETIRED,
}


class NotPossibleNow(Exception):
    """A change does not move this way from where it stands."""


def moved(status: ChangeStatus, event: ChangeEvent) -> ChangeStatus:
    """Return where a change stands after an event.

    :raises NotPossibleNow: if the event does not happen to a change that stands there
    """
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise NotPossibleNow(f"{event} of {status}") from None


class Dictionary(NamedTuple):
    """What a dictionary is made of, as forms and files have it; a related row stands by its own key."""

    columns: tuple[str, ...]
    #: the columns that name a row
    key: tuple[str, ...]
    #: rows carry their own period and end by it
    dated: bool = False
    #: rows belong to a division
    local: bool = False


#: Every dictionary by its table.
DICTIONARIES: Mapping[str, Dictionary] = {
    "resource": Dictionary(("code", "name", "name_uz_cyrl", "name_ru", "unit", "quantum_milli", "catalog_code", "measure_code"), ("code",)),
    "tariff_group": Dictionary(("code", "name", "name_uz_cyrl", "name_ru", "consumer_kind"), ("code",)),
    "tariff": Dictionary(("resource", "tariff_group", "name", "name_uz_cyrl", "name_ru"), ("resource", "tariff_group")),
    "tariff_version": Dictionary(("tariff", "valid_from", "valid_to", "source", "blocks"), ("tariff", "valid_from"), dated=True),
    "vat_rate": Dictionary(("valid_from", "percent", "source"), ("valid_from",), dated=True),
    "bank": Dictionary(("mfo", "name"), ("mfo",)),
    "benefit": Dictionary(("code", "name", "name_uz_cyrl", "name_ru", "percent", "limit_milli", "source"), ("code",)),
    "device_kind": Dictionary(("code", "name", "name_uz_cyrl", "name_ru"), ("code",)),
    "seal_kind": Dictionary(("code", "name", "name_uz_cyrl", "name_ru"), ("code",)),
    "device_model": Dictionary(("name", "device_kind", "resource", "phases"), ("name",)),
    "verification_interval": Dictionary(
        ("device_kind", "accuracy_class", "consumer_kind", "valid_from", "interval_months", "source"),
        ("device_kind", "accuracy_class", "consumer_kind", "valid_from"),
        dated=True,
    ),
    "notice_template": Dictionary(
        ("notice_kind", "language", "valid_from", "template_text", "source"), ("notice_kind", "language", "valid_from"), dated=True
    ),
    "material": Dictionary(("code", "name", "name_uz_cyrl", "name_ru", "unit"), ("code",)),
    "maintenance_kind": Dictionary(
        ("code", "name", "name_uz_cyrl", "name_ru", "device_kind", "interval_months", "interval_hours", "norm_hours_milli", "source"),
        ("code",),
    ),
    "material_norm": Dictionary(("maintenance_kind", "material", "quantity_milli"), ("maintenance_kind", "material")),
    "application_kind": Dictionary(
        (
            "code",
            "name",
            "name_uz_cyrl",
            "name_ru",
            "filing_right",
            "work",
            "is_active",
            "form_schema",
            "documents_least",
            "documents_most",
            "document_kilobytes",
        ),
        ("code",),
    ),
    "application_term": Dictionary(
        ("application_kind", "valid_from", "term_days", "fee_tiyin", "source"), ("application_kind", "valid_from"), dated=True
    ),
    "application_stage": Dictionary(
        ("application_kind", "stage", "name", "name_uz_cyrl", "name_ru", "department_code", "needs_paper"), ("application_kind", "stage")
    ),
    "reply_template": Dictionary(
        ("code", "application_event", "is_notice", "name", "name_uz_cyrl", "name_ru", "text_uz", "text_uz_cyrl", "text_ru", "text_kaa"),
        ("code",),
    ),
    "special_day": Dictionary(("day", "is_working", "source"), ("day",)),
    "meter_change_reason": Dictionary(("code", "name", "name_uz_cyrl", "name_ru"), ("code",)),
    "brigade": Dictionary(("division", "name"), ("division", "name"), local=True),
    "mahalla": Dictionary(("division", "name"), ("division", "name"), local=True),
    "street": Dictionary(("division", "mahalla", "name"), ("division", "name"), local=True),
}

#: What stands between the parts of a key of several columns.
KEY_SEPARATOR = " / "


class RowFault(StrEnum):
    """Why a row of a file of a dictionary was not taken."""

    EMPTY = "EMPTY"
    UNKNOWN_ROW = "UNKNOWN_ROW"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    TOO_LARGE = "TOO_LARGE"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    NOT_AN_ACCOUNT_NUMBER = "NOT_AN_ACCOUNT_NUMBER"
    NOT_A_CODE = "NOT_A_CODE"  # of the classifier of territories
    NOT_A_DAY = "NOT_A_DAY"
    NOT_A_MOMENT = "NOT_A_MOMENT"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    NO_BLOCKS = "NO_BLOCKS"
    REPEATED = "REPEATED"
    BREAKS_RULE = "BREAKS_RULE"
    FOREIGN_DIVISION = "FOREIGN_DIVISION"
    ALREADY_WAITS = "ALREADY_WAITS"
    ALREADY_BILLED = "ALREADY_BILLED"
    IN_THE_PAST = "IN_THE_PAST"
    NOT_ONE_DEVICE = "NOT_ONE_DEVICE"
    OLDER_CERTIFICATE = "OLDER_CERTIFICATE"
    NOT_VERIFIED_NOW = "NOT_VERIFIED_NOW"
    # The next are seen before the columns are looked at.
    ERROR_CELL = "ERROR_CELL"
    LONG_NUMBER = "LONG_NUMBER"
    EXTRA_CELLS = "EXTRA_CELLS"
    BAD_QUOTES = "BAD_QUOTES"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"


class RefusedRow(NamedTuple):
    """A row of a file that was not taken, the first column that is wrong, and why."""

    row_no: int
    #: empty if the whole row is meant
    column: str
    fault: RowFault
    #: what stands there
    value: str = ""
    #: the row of the file that says the same already
    twin: int | None = None


class RowRefused(Exception):
    """A row is not taken because of one of its columns."""

    def __init__(self, column: str, fault: RowFault | ReadingFault, value: str = "", twin: int | None = None) -> None:
        super().__init__(column)
        self.column, self.fault, self.value, self.twin = column, RowFault(fault.value), value[:100], twin

    def of(self, row_no: int) -> RefusedRow:
        """Return the record of the row."""
        return RefusedRow(row_no, self.column, self.fault, self.value, self.twin)


def value_of(column: str, text: str, read: Callable[[str], ReferenceValue]) -> ReferenceValue:
    """Return what a reader reads in a column.

    :raises RowRefused: if it cannot
    """
    try:
        return read(text)
    except Misread as misread:
        raise RowRefused(column, misread.fault, text) from None


class Names(NamedTuple):
    """What a thing is called: in Uzbek, in Uzbek of the Cyrillic script, in Russian; empty: as in Uzbek."""

    uz: str
    uz_cyrl: str | None
    ru: str | None

    def in_language(self, language: str) -> str:
        """Return the name in a language.

        >>> Names("Suv", "Сув", None).in_language("uz_Cyrl"), Names("Suv", "Сув", None).in_language("ru")
        ('Сув', 'Suv')
        """
        return {"uz_Cyrl": self.uz_cyrl, "ru": self.ru}.get(language) or self.uz


#: Languages a consumer or a user may choose, by locale code.
LANGUAGES = ("uz", "uz_Cyrl", "ru", "kaa", "en")


def preferred_language(asked: Iterable[tuple[str, float]], codes: Iterable[str]) -> str | None:
    """Return the first language asked for among those with codes of ours: "uz-Cyrl-UZ" is "uz-Cyrl", "uz-Latn-UZ" is "uz".

    :param asked: tags of languages with their weights, the most wanted first; a weight of 0 refuses

    >>> preferred_language([("uz-Cyrl-UZ", 1), ("ru", 0.9)], LANGUAGES), preferred_language([("de", 1), ("kaa-UZ", 0.5)], LANGUAGES)
    ('uz_Cyrl', 'kaa')
    """
    known = {code.replace("_", "-").lower(): code for code in codes}
    for wanted, weight in asked:
        parts = wanted.lower().split("-")
        tags = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
        found = next((known[tag] for tag in tags if tag in known), None)
        if found and weight > 0:
            return found
    return None
