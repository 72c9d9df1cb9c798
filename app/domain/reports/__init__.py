"""What a report is asked for, and what its columns hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from app.domain.calendar import Period, month_start, months_after
from app.domain.reference import Names

#: The longest period a report covers.
MOST_MONTHS = 36


class PeriodKind(StrEnum):
    """The days a report covers."""

    MONTHS = "MONTHS"  # billing months
    DAYS = "DAYS"  # any days
    NOW = "NOW"  # how things stand when it is made


class ReportForm(StrEnum):
    """Forms whose rows have codes."""

    FORM_46 = "FORM_46"  # sales by groups of consumers, 46-ЭЭ


class ReportMeasure(StrEnum):
    """What a column of a form tells of its rows."""

    ENERGY = "ENERGY"
    NET = "NET"  # without VAT
    VAT = "VAT"
    AMOUNT = "AMOUNT"


#: Measure → the column of a report that holds it.
MEASURED: Mapping[ReportMeasure, str] = {
    ReportMeasure.ENERGY: "energy_thousand_milli",
    ReportMeasure.NET: "net_tiyin",
    ReportMeasure.VAT: "vat_tiyin",
    ReportMeasure.AMOUNT: "amount_tiyin",
}


class PeriodFault(StrEnum):
    """Why a report cannot cover some days."""

    ENDS_FIRST = "ENDS_FIRST"
    TOO_LONG = "TOO_LONG"
    NOT_YET = "NOT_YET"


class PeriodRefused(ValueError):
    """A report cannot cover these days."""

    def __init__(self, fault: PeriodFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


def period_of(kind: PeriodKind, first: date, last: date, *, today: date) -> Period:
    """Return the days from one to another, both included; of months, all their days.

    >>> period_of(PeriodKind.MONTHS, date(2026, 1, 1), date(2026, 2, 1), today=date(2026, 3, 4))
    Period(start=datetime.date(2026, 1, 1), end=datetime.date(2026, 3, 1))

    :raises PeriodRefused: if it ends before it begins, begins after today, or is longer than ``MOST_MONTHS``
    """
    if kind == PeriodKind.NOW:
        return Period(today, today + timedelta(days=1))
    by_month = kind == PeriodKind.MONTHS
    period = Period(month_start(first), months_after(last, 1)) if by_month else Period(first, last + timedelta(days=1))
    if period.days <= 0:
        raise PeriodRefused(PeriodFault.ENDS_FIRST)
    if period.start > today:
        raise PeriodRefused(PeriodFault.NOT_YET)
    if months_after(period.start, MOST_MONTHS) < period.end:
        raise PeriodRefused(PeriodFault.TOO_LONG)
    return period


class ReportUnit(StrEnum):
    """What the values of a column are."""

    TEXT = "TEXT"
    WORD = "WORD"  # a member of an enum
    DIVISION = "DIVISION"
    ACCOUNT = "ACCOUNT"
    DAY = "DAY"
    MONTH = "MONTH"
    PLACE = "PLACE"  # a number that is not added up
    COUNT = "COUNT"
    MONEY = "MONEY"
    QUANTITY = "QUANTITY"
    FIGURE = "FIGURE"  # thousandths of what its name, or another column, says
    THOUSANDS = "THOUSANDS"  # of the resource's unit
    PERCENT = "PERCENT"


SUMMED = frozenset({ReportUnit.COUNT, ReportUnit.MONEY, ReportUnit.QUANTITY, ReportUnit.FIGURE, ReportUnit.THOUSANDS})
#: Ends of the names of fields, and what these then are.
_ENDS = {
    "_tiyin": ReportUnit.MONEY,
    "_thousand_milli": ReportUnit.THOUSANDS,
    **dict.fromkeys(("hours_milli", "hours_off_milli", "used_milli", "norm_milli"), ReportUnit.FIGURE),
    "_milli": ReportUnit.QUANTITY,
    "_percent": ReportUnit.PERCENT,
    "_on": ReportUnit.DAY,
    "_month": ReportUnit.MONTH,
    "_no": ReportUnit.PLACE,
    "division_id": ReportUnit.DIVISION,
    "account_id": ReportUnit.ACCOUNT,
}


class FormColumn(NamedTuple):
    """What a form says of a column: its code, which it stands in the order of, and its names."""

    code: str
    names: Names


class ReportColumn(NamedTuple):
    """A column of a report.

    :ivar word: the enum its values are members of
    :ivar part: of a share in percent, the column that is divided
    :ivar whole: and the one it is divided by
    :ivar form: what a form says of it
    :ivar is_shown: whether the form has it
    """

    name: str
    unit: ReportUnit
    word: type[StrEnum] | None = None
    part: str = ""
    whole: str = ""
    form: FormColumn | None = None
    is_shown: bool = True


def columns_of(fields: Mapping[str, Any], shares: Mapping[str, tuple[str, str]]) -> tuple[ReportColumn, ...]:
    """Return the columns of a report, from the fields of its rows and their types; what they hold is told by the ends of their names.

    >>> [column.unit.value for column in columns_of({"division_id": int, "paid_tiyin": int, "bills": int}, {"x_percent": ("a", "b")})]
    ['DIVISION', 'MONEY', 'COUNT', 'PERCENT']

    :param shares: column → what it divides and by what
    """
    own = tuple(ReportColumn(name, _unit(name, kind), _word(kind)) for name, kind in fields.items())
    return own + tuple(ReportColumn(name, ReportUnit.PERCENT, None, part, whole) for name, (part, whole) in shares.items())


def in_form(columns: Iterable[ReportColumn], form: Mapping[ReportMeasure, FormColumn]) -> tuple[ReportColumn, ...]:
    """Return the columns of a report as a form has them: with their codes and names, and without those that it lacks."""
    told = {MEASURED[measure]: column for measure, column in form.items()}
    measures = set(MEASURED.values())
    return tuple(
        column._replace(form=told.get(column.name), is_shown=column.name in told) if column.name in measures else column
        for column in columns
    )


def _word(kind: Any) -> type[StrEnum] | None:
    return kind if isinstance(kind, type) and issubclass(kind, StrEnum) else None


def _unit(name: str, kind: Any) -> ReportUnit:
    for end, unit in _ENDS.items():
        if name.endswith(end):
            return unit
    if _word(kind):
        return ReportUnit.WORD
    return ReportUnit.COUNT if kind is int else ReportUnit.TEXT


#: What rows are told apart by, as addresses have it; what is nothing is an empty text.
Key = str | int | date | None
_DATES, _NUMBERS = {ReportUnit.DAY, ReportUnit.MONTH}, {ReportUnit.PLACE, ReportUnit.ACCOUNT, ReportUnit.DIVISION}


def key_text(value: Key) -> str:
    """Return what a row is told apart by as an address has it.

    >>> key_text(date(2026, 3, 1)), key_text(None)
    ('2026-03-01', '')
    """
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def key_read(unit: ReportUnit, text: str) -> Key:
    """Return what a row is told apart by, from an address.

    >>> key_read(ReportUnit.PLACE, "8"), key_read(ReportUnit.PLACE, ""), key_read(ReportUnit.TEXT, "")
    (8, None, '')

    :raises ValueError: if it cannot be a value of such a column
    """
    if unit in _NUMBERS | _DATES and not text:
        return None
    if unit in _DATES:
        return date.fromisoformat(text)
    if unit not in _NUMBERS:
        return text
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ValueError(text)
    return int(text)


def share(part: int, whole: int) -> int | None:
    """Return a share in tenths of a percent, halves away from zero; None: of nothing.

    >>> share(1, 3), share(0, 5), share(2, 0)
    (333, 0, None)
    """
    return (2000 * part + whole) // (2 * whole) if whole else None


def filled(columns: Sequence[ReportColumn], values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the cells of a row: its values, and the shares that are computed from them."""
    by_name = dict(zip((column.name for column in columns), values, strict=False))
    return (*values, *(share(by_name[column.part], by_name[column.whole]) for column in columns if column.part))


def sums_of(columns: Sequence[ReportColumn], rows: Iterable[Sequence[Any]]) -> "ReportSums":
    """Return what rows add up to."""
    sums = ReportSums(columns)
    for row in rows:
        sums.add(row)
    return sums


class ReportSums:
    """What the rows of a report add up to, row by row."""

    def __init__(self, columns: Sequence[ReportColumn]) -> None:
        self.rows, self._columns = 0, columns
        self._summed = [place for place, column in enumerate(columns) if column.unit in SUMMED]
        self._sums = [0] * len(self._summed)

    def add(self, cells: Sequence[Any]) -> None:
        """Take a row."""
        self.rows += 1
        self._sums = [total + (cells[place] or 0) for total, place in zip(self._sums, self._summed, strict=True)]

    @property
    def cells(self) -> tuple[Any, ...]:
        """The totals as a row; what is not added up is None."""
        sums = dict(zip(self._summed, self._sums, strict=True))
        own = [sums.get(place) for place, column in enumerate(self._columns) if not column.part]
        return filled(self._columns, own)


class Placed(Protocol):
    """A division and its place in the tree."""

    @property
    def id(self) -> int:
        """Its number."""
        ...

    @property
    def parent_id(self) -> int | None:
        """The one above it."""
        ...

    @property
    def path(self) -> str:
        """Its place in the tree; those below it begin with it."""
        ...


def parts_of(divisions: Sequence[Placed], chosen: Placed, *, each: bool = False) -> tuple[list[int], list[int]]:
    """Return the divisions that belong to one, and place by place the part each is counted in.

    A part is a division right below the chosen one; what stands on the chosen one itself is a part of its own.

    :param divisions: those of the reader
    :param each: count each division by itself
    """
    inside = [division for division in divisions if division.path.startswith(chosen.path)]
    if each:
        return [division.id for division in inside], [division.id for division in inside]
    below = [division for division in inside if division.parent_id == chosen.id]
    part = {division.id: top.id for top in below for division in inside if division.path.startswith(top.path)}
    return [division.id for division in inside], [part.get(division.id, chosen.id) for division in inside]


class ReportStatus(StrEnum):
    """Where a stored report stands on its way up."""

    DRAFT = "DRAFT"
    SIGNED = "SIGNED"
    TAKEN = "TAKEN"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"


class ReportEvent(StrEnum):
    """What happens to a stored report."""

    SIGN = "SIGN"  # by the division it is of
    TAKE = "TAKE"  # by the division above, which adds it up with the others
    ACCEPT = "ACCEPT"  # by the company
    RETURN = "RETURN"  # by a division above, with a remark: the division makes a new version


#: What may happen to a stored report, and where it stands then.
REPORT_TRANSITIONS: Mapping[tuple[ReportStatus, ReportEvent], ReportStatus] = {
    (ReportStatus.DRAFT, ReportEvent.SIGN): ReportStatus.SIGNED,
    (ReportStatus.SIGNED, ReportEvent.TAKE): ReportStatus.TAKEN,
    (ReportStatus.SIGNED, ReportEvent.RETURN): ReportStatus.RETURNED,
    (ReportStatus.TAKEN, ReportEvent.RETURN): ReportStatus.RETURNED,
    (ReportStatus.TAKEN, ReportEvent.ACCEPT): ReportStatus.ACCEPTED,
}
#: Reports that the division above may add up.
TAKEN = frozenset({ReportStatus.TAKEN, ReportStatus.ACCEPTED})


class PartFault(StrEnum):
    """Why the reports of the parts do not make up that of the whole."""

    MISSING = "MISSING"
    NOT_TAKEN = "NOT_TAKEN"
    DIFFERS = "DIFFERS"


class PartReport(NamedTuple):
    """The newest stored report of a part: where it stands, and what its rows add up to."""

    status: ReportStatus
    totals: Sequence[Any]


def faults_of_parts(
    columns: Sequence[ReportColumn], rows: Sequence[Sequence[Any]], parts: Iterable[int], found: Mapping[int, PartReport]
) -> dict[int, PartFault]:
    """Return the parts whose reports are missing, were not taken, or differ from the rows of the whole; a part without rows needs none.

    :param parts: the divisions right below the one the report is of
    :param found: part → its newest report
    """
    faults = {}
    for part in parts:
        sums, report = sums_of(columns, (row for row in rows if row[0] == part)), found.get(part)
        if not sums.rows:
            continue
        if report is None:
            faults[part] = PartFault.MISSING
        elif report.status not in TAKEN:
            faults[part] = PartFault.NOT_TAKEN
        elif tuple(report.totals) != tuple(sums.cells):
            faults[part] = PartFault.DIFFERS
    return faults


class StepFault(StrEnum):
    """Why something cannot happen to a stored report."""

    SIGNED_ALREADY = "SIGNED_ALREADY"
    DOES_NOT_FIT = "DOES_NOT_FIT"
    NEWER_VERSION = "NEWER_VERSION"
    NO_REMARK = "NO_REMARK"
    MONTH_OPEN = "MONTH_OPEN"


class StepProblem(NamedTuple):
    """Why something cannot happen to a stored report: of a month that is open, or of a part whose report is not there or does not fit."""

    fault: StepFault | PartFault
    month: date | None = None
    division_id: int | None = None


def step_problem(status: ReportStatus, event: ReportEvent, *, is_newest: bool, remark: str) -> StepProblem | None:
    """Return why something cannot happen to a report that stands somewhere; None if it can.

    >>> step_problem(ReportStatus.SIGNED, ReportEvent.SIGN, is_newest=True, remark="").fault.value
    'SIGNED_ALREADY'
    """
    if (status, event) not in REPORT_TRANSITIONS:
        return StepProblem(StepFault.SIGNED_ALREADY if event == ReportEvent.SIGN else StepFault.DOES_NOT_FIT)
    if not is_newest:
        return StepProblem(StepFault.NEWER_VERSION)
    return StepProblem(StepFault.NO_REMARK) if event == ReportEvent.RETURN and not remark.strip() else None


def is_late(status: ReportStatus | None, due_on: date, today: date) -> bool:
    """Return whether a report was due and is not signed; None: it was not made."""
    return due_on < today and status in {None, ReportStatus.DRAFT, ReportStatus.RETURNED}


def kept_rows(contents: bytes) -> tuple[list[ReportColumn], list[tuple[Any, ...]]]:
    """Return the columns and rows of a stored report as they are kept; days are texts, and words have no enum."""
    kept = json.loads(contents)
    columns = [ReportColumn(name, ReportUnit(unit), None, part, whole) for name, unit, _word, part, whole in kept["columns"]]
    return columns, [tuple(row) for row in kept["rows"]]
