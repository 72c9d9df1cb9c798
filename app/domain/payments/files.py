"""Payment files: how a bank's or the post's file is laid out, and what may be wrong with its rows.

A profile is reference data that people edit: every bank has columns of its own. Source: no layout is published; they are
annexes to the contracts with banks and the post (OPEN), so nothing about a layout is fixed in code.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, NamedTuple, Self


class Form(StrEnum):
    """What kind of file a payment file is."""

    CSV = "CSV"
    FIXED = "FIXED"  # lines whose columns begin at fixed places
    DBF = "DBF"
    XLSX = "XLSX"
    ONE_C = "ONE_C"  # 1CClientBankExchange, kl_to_1c.txt
    CAMT = "CAMT"  # ISO 20022 camt.053 and camt.054


class Unit(StrEnum):
    """What amounts are counted in."""

    SOM = "SOM"
    TIYIN = "TIYIN"


class TotalsPlace(StrEnum):
    """Where the control totals stand."""

    NONE = "NONE"
    HEADER_ROW = "HEADER_ROW"
    LAST_ROW = "LAST_ROW"
    MARKER = "MARKER"  # in the row whose first filled cell begins with a word such as ИТОГО


class PaymentRowProblem(StrEnum):
    """Why a row of a payment file was not taken."""

    BAD_AMOUNT = "BAD_AMOUNT"
    ZERO_AMOUNT = "ZERO_AMOUNT"
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE"
    BAD_DATE = "BAD_DATE"
    NO_REFERENCE = "NO_REFERENCE"
    TOO_FEW_COLUMNS = "TOO_FEW_COLUMNS"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    ERROR_CELL = "ERROR_CELL"
    LONG_NUMBER = "LONG_NUMBER"
    EXTRA_CELLS = "EXTRA_CELLS"
    BAD_QUOTES = "BAD_QUOTES"
    OTHER_CONTENTS = "OTHER_CONTENTS"  # of files loaded before numbers were compared with their payers and days
    TAKEN_BACK = "TAKEN_BACK"  # it takes money back: a person decides
    # The next are rows of a statement that is no money of consumers: they are left out, by name.
    OUTGOING = "OUTGOING"
    NOT_BOOKED = "NOT_BOOKED"  # it will come again when it is
    PAYMENT_RETURNED = "PAYMENT_RETURNED"  # our own payment came back
    OTHER_CURRENCY = "OTHER_CURRENCY"
    OWN_TRANSFER = "OWN_TRANSFER"
    BANK_CHARGE = "BANK_CHARGE"  # the bank kept it of what the payer paid


#: Why a row of a statement is left out and not rejected.
LEFT_OUT = frozenset({
    PaymentRowProblem.OUTGOING, PaymentRowProblem.NOT_BOOKED, PaymentRowProblem.PAYMENT_RETURNED, PaymentRowProblem.OTHER_CURRENCY,
    PaymentRowProblem.OWN_TRANSFER, PaymentRowProblem.BANK_CHARGE,
})  # fmt: skip


class OwnTransfers(StrEnum):
    """What a transfer between the company's own settlement accounts is."""

    LEFT_OUT = "LEFT_OUT"
    PAYMENT = "PAYMENT"


class ProfileFault(StrEnum):
    """What is wrong with a field of a profile."""

    MISSING = "MISSING"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    NOT_A_TEXT = "NOT_A_TEXT"
    NOT_A_COLUMN = "NOT_A_COLUMN"
    NOT_A_PATTERN = "NOT_A_PATTERN"
    CONTRADICTION = "CONTRADICTION"


class ProfileProblem(ValueError):
    """A profile cannot be used.

    :ivar field: the field that is wrong, with a dot before its part: ``columns.amount``
    :ivar detail: what stands there, or what it contradicts
    """

    def __init__(self, field: str, fault: ProfileFault, detail: object = "") -> None:
        super().__init__(f"{field}: {fault} {str(detail)[:100]}".rstrip())
        self.field, self.fault, self.detail = field, fault, str(detail)[:100]


@dataclass(frozen=True)
class FileTotals:
    """Control totals; None where a file does not tell one of them."""

    count: int | None
    sum_tiyin: int | None

    def agree_with(self, declared: "FileTotals | None") -> bool:
        """Tell whether nothing declared differs from these totals, as found."""
        return declared is None or (declared.count in {None, self.count} and declared.sum_tiyin in {None, self.sum_tiyin})


class StatementAccount(NamedTuple):
    """A settlement account of a statement, with what was on it before and after; None if the statement does not say."""

    number: str
    opening_tiyin: int | None
    closing_tiyin: int | None


#: What columns of a payment file are read, in this order.
FIELDS = ("account_number", "amount", "reference", "paid_on", "payer", "phone", "purpose", "period")
#: What a contract may say a payment of a file is known by; with the last one equal rows of one file are separate payments.
OCCURRENCE = "occurrence"
KEY_PARTS = ("paid_on", "payer", "reference", "account_number", "amount", "purpose", OCCURRENCE)
DEFAULT_KEY = ("paid_on", "payer", "reference", OCCURRENCE)
#: Written where there is no number; so are blanks, zeros and dashes.
FILLERS = frozenset({"nonref", "notprovided", "not provided", "none", "null", "n/a", "б/н", "бн", "без номера", "raqamsiz"})

#: The same for the row of control totals.
TOTALS_FIELDS = ("count", "sum", "number", "dated_on")

ENCODINGS = ("utf-8", "cp1251", "cp866", "koi8-r", "utf-16")
DATE_FORMATS = (
    "dd.mm.yyyy", "dd.mm.yy", "dd/mm/yyyy", "dd/mm/yy", "dd-mm-yyyy", "ddmmyyyy", "ddmmyy",
    "yyyy-mm-dd", "yyyy.mm.dd", "yyyy/mm/dd", "yyyymmdd", "yymmdd", "iso",
)  # fmt: skip
DELIMITERS = (";", ",", "\t", "|", "^", "~")
DECIMAL_SEPARATORS = (".", ",")
#: A blank stands for the narrow and no-break ones too.
GROUP_SEPARATORS = ("", " ", ",", ".", "'")
MOST_HEADER_ROWS = 100
LARGEST_PLACE = 10_000
LONGEST_PATTERN = 200
MOST_OWN_ACCOUNTS = 100


#: A column's name, its number from 1, or where it starts, from 1, and its length.
Column = str | int | tuple[int, int]


@dataclass(frozen=True)
class ControlTotals:
    """Where a payment file tells its control totals, its own number and date."""

    place: TotalsPlace = TotalsPlace.NONE
    #: which of the header rows, from 1
    row: int = 1
    marker: str = "ИТОГО"
    columns: Mapping[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """How the files of one counterparty are laid out."""

    form: Form
    #: place of each of ``FIELDS`` the file has; empty for statements, which name their own
    columns: Mapping[str, Column] = field(default_factory=dict)
    encoding: str = "utf-8"
    delimiter: str = ";"
    #: what fields with a delimiter inside are put in; empty if a quote is a letter like others
    quote: str = '"'
    #: rows above the first payment; the last of them names the columns
    header_rows: int = 0
    decimal_separator: str = "."
    group_separator: str = ""
    #: ``iso`` is a day or a moment, which is turned to the day in Tashkent; others may have a time behind
    date_format: str = "dd.mm.yyyy"
    unit: Unit = Unit.SOM
    totals: ControlTotals = field(default_factory=ControlTotals)
    #: finds the account number in the purpose where no column has it; its first group, if it has one
    account_pattern: str = ""
    #: of ``KEY_PARTS``; a row without a number is known by all that it says
    unique: tuple[str, ...] = DEFAULT_KEY
    own_transfers: OwnTransfers = OwnTransfers.LEFT_OUT
    #: settlement accounts of ours besides those that a statement names as its own
    own_accounts: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """Return the profile stored in a record.

        :raises ProfileProblem: naming the first field that is wrong
        """
        if "form" not in record:
            raise ProfileProblem("form", ProfileFault.MISSING)
        profile = cls(**_read(record, _READERS, ""))
        for problem in _contradictions(profile):
            raise problem
        return profile

    def to_dict(self) -> dict[str, Any]:
        """Return a record that JSON carries and ``from_dict`` reads."""
        record = asdict(self)
        for holder in (record, record["totals"]):
            holder["columns"] = {name: list(place) if isinstance(place, tuple) else place for name, place in holder["columns"].items()}
        return record | {"unique": list(self.unique), "own_accounts": list(self.own_accounts)}


Reader = Callable[[str, Any], Any]


def _read(record: Mapping[str, Any], readers: Mapping[str, Reader], prefix: str) -> dict[str, Any]:
    for name in record:
        if name not in readers:
            raise ProfileProblem(f"{prefix}{name}", ProfileFault.UNKNOWN_FIELD)
    return {name: readers[name](f"{prefix}{name}", value) for name, value in record.items()}


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ProfileProblem(name, ProfileFault.NOT_A_MEMBER, value)
    return value


def _one_of(members: Iterable[str]) -> Reader:
    """Return a reader of one of some texts; those of an enum come back as its members."""
    known = {str(member): member for member in members}

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ProfileProblem(name, ProfileFault.NOT_A_MEMBER, value)
        return known[value]

    return read


def _between(smallest: int, largest: int) -> Reader:
    def read(name: str, value: Any) -> int:
        if type(value) is not int or not smallest <= value <= largest:
            raise ProfileProblem(name, ProfileFault.NOT_A_NUMBER, value)
        return value

    return read


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_PATTERN:
        raise ProfileProblem(name, ProfileFault.NOT_A_TEXT, value)
    return value.strip()


def _pattern(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_PATTERN:
        raise ProfileProblem(name, ProfileFault.NOT_A_PATTERN, value)
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ProfileProblem(name, ProfileFault.NOT_A_PATTERN, error) from None
    return value


def _column(name: str, value: Any) -> Column:
    """Return a column's place; JSON has start and length as a list."""
    match value:
        case str() if value.strip():
            return value.strip()
        case [start, length]:
            place = _between(1, LARGEST_PLACE)
            return place(name, start), place(name, length)
        case int() if type(value) is int and 1 <= value <= LARGEST_PLACE:
            return value
    raise ProfileProblem(name, ProfileFault.NOT_A_COLUMN, value)


def _columns(names: Iterable[str]) -> Reader:
    readers = dict.fromkeys(names, _column)
    return lambda name, value: _read(_mapping(name, value), readers, f"{name}.")


def _parts(name: str, value: Any) -> tuple[str, ...]:
    """Return the parts of a key; an occurrence alone would be none."""
    if not isinstance(value, list | tuple) or any(part not in KEY_PARTS for part in value) or {*value} <= {OCCURRENCE}:
        raise ProfileProblem(name, ProfileFault.NOT_A_MEMBER, value)
    return tuple(part for part in KEY_PARTS if part in value)


def _accounts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_OWN_ACCOUNTS:
        raise ProfileProblem(name, ProfileFault.NOT_A_MEMBER, value)
    return tuple(_text(name, each) for each in value)


_TOTALS_READERS: Mapping[str, Reader] = {
    "place": _one_of(TotalsPlace),
    "row": _between(1, MOST_HEADER_ROWS),
    "marker": _text,
    "columns": _columns(TOTALS_FIELDS),
}
_READERS: Mapping[str, Reader] = {
    "form": _one_of(Form),
    "columns": _columns(FIELDS),
    "encoding": _one_of(ENCODINGS),
    "delimiter": _one_of(DELIMITERS),
    "quote": _one_of(("", '"', "'")),
    "header_rows": _between(0, MOST_HEADER_ROWS),
    "decimal_separator": _one_of(DECIMAL_SEPARATORS),
    "group_separator": _one_of(GROUP_SEPARATORS),
    "date_format": _one_of(DATE_FORMATS),
    "unit": _one_of(Unit),
    "totals": lambda name, value: ControlTotals(**_read(_mapping(name, value), _TOTALS_READERS, f"{name}.")),
    "account_pattern": _pattern,
    "unique": _parts,
    "own_transfers": _one_of(OwnTransfers),
    "own_accounts": _accounts,
}
assert _READERS.keys() == {one.name for one in fields(Profile)}


def _contradictions(profile: Profile) -> Iterable[ProfileProblem]:
    """Return what is right by itself but not together."""
    if profile.group_separator == profile.decimal_separator:
        yield ProfileProblem("group_separator", ProfileFault.CONTRADICTION, "decimal_separator")
    if profile.form in {Form.ONE_C, Form.CAMT}:
        yield from _contradictions_of_statement(profile)
    else:
        yield from _contradictions_of_table(profile)


def _contradictions_of_statement(profile: Profile) -> Iterable[ProfileProblem]:
    if profile.columns:
        yield ProfileProblem("columns", ProfileFault.CONTRADICTION, "form")
    if profile.totals.place is not TotalsPlace.NONE:
        yield ProfileProblem("totals.place", ProfileFault.CONTRADICTION, "form")
    if not profile.account_pattern:
        yield ProfileProblem("account_pattern", ProfileFault.MISSING)


def _contradictions_of_table(profile: Profile) -> Iterable[ProfileProblem]:
    if "amount" not in profile.columns:
        yield ProfileProblem("columns.amount", ProfileFault.MISSING)
    if "account_number" not in profile.columns and not ("purpose" in profile.columns and profile.account_pattern):
        yield ProfileProblem("columns.account_number", ProfileFault.MISSING)
    if profile.form is Form.DBF and profile.encoding.startswith("utf"):
        yield ProfileProblem("encoding", ProfileFault.CONTRADICTION, "form")
    if profile.form is Form.DBF and profile.header_rows:
        yield ProfileProblem("header_rows", ProfileFault.CONTRADICTION, "form")
    for prefix, columns in (("columns", profile.columns), ("totals.columns", profile.totals.columns)):
        for name, place in columns.items():
            if not _fits(place, profile):
                yield ProfileProblem(f"{prefix}.{name}", ProfileFault.NOT_A_COLUMN, place)
    yield from _contradictions_of_totals(profile)


def _fits(place: Column, profile: Profile) -> bool:
    """Tell whether a column can be found this way: a name needs a header, start and length need fixed places."""
    if profile.form is Form.FIXED:
        return isinstance(place, tuple)
    if isinstance(place, str):
        return profile.form is Form.DBF or profile.header_rows > 0
    return isinstance(place, int)


def _contradictions_of_totals(profile: Profile) -> Iterable[ProfileProblem]:
    totals = profile.totals
    if totals.place is TotalsPlace.HEADER_ROW and totals.row > profile.header_rows:
        yield ProfileProblem("totals.row", ProfileFault.CONTRADICTION, "header_rows")
    if totals.place is not TotalsPlace.NONE and not {"count", "sum"} & totals.columns.keys():
        yield ProfileProblem("totals.columns", ProfileFault.MISSING)
