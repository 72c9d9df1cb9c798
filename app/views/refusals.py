"""Why a form is refused, in words: what services and the database say, beside the field it is about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask import flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from psycopg import errors
from sqlalchemy import CheckConstraint
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from app import labels
from app.domain.administration.nodes import KEPT_AT_THE_CENTRE, OF_ANOTHER_PLACE, WORKS_ON_ITS_NODE
from app.models.columns import metadata

#: What the database keeps under bills, in words, and the field it is about.
_KEPT: dict[str, tuple[Any, str | None]] = {
    "meter_is_billed": (
        _l("Bills were made with this meter: its model, number and division stay, and its verification ends no earlier."), None,
    ),
    "register_is_billed": (_l("Bills were made with this register: it stays as it is."), None),
    "meter_installation_is_billed": (_l("Bills were made with this installation: its meter, place, first day and ratios stay."), None),
    "meter_installation_was_read": (_l("There are readings outside these days."), "valid_to"),
    "reading_of_no_meter": (_l("The meter did not serve here on this day."), "read_on"),
    "meter_is_not_verified": (_l("The meter is not verified on this day. Have it verified, or choose another."), "serial_number"),
    "service_point_is_occupied": (
        _l("Another meter with the same register stands at this service point in these days. End its installation first."), "valid_from",
    ),
}  # fmt: skip
#: What people read where a row is kept that cannot be written here.
PLACE_WORDS = {
    WORKS_ON_ITS_NODE: _l("This division works on its own node. Its accounts, readings, bills and payments are written there."),
    OF_ANOTHER_PLACE: _l("This node does not work for the division of this row."),
    KEPT_AT_THE_CENTRE: _l("Reference information is kept at the centre. Change it there; the change arrives here by itself."),
}


class FormRefused(Exception):
    """A form is refused for a reason people can read; ``column`` names the field, if it is one."""

    def __init__(self, message: str, column: str | None = None) -> None:
        super().__init__(message)
        self.column = column


@contextmanager
def refusing(column: str | None, phrases: Mapping[type[Exception], Any]) -> Iterator[None]:
    """Turn expected errors into words beside a field; ``{}`` in a phrase stands for the error's text."""
    try:
        yield
    except tuple(phrases) as error:
        raise FormRefused(str(phrases[type(error)]).replace("{}", str(error)), column) from error


def explained(error: IntegrityError | DataError | ProgrammingError) -> FormRefused:
    """Return in words why the database refuses a row."""
    cause = error.orig
    if isinstance(cause, errors.InsufficientPrivilege):
        return FormRefused(_("This lies in a division that is not yours."), "division")
    if isinstance(error, ProgrammingError):
        raise error
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
    if reason := place_refusal(error):
        return FormRefused(reason)
    if constraint in _KEPT:
        return FormRefused(str(_KEPT[constraint][0]), _KEPT[constraint][1])
    return _of_kind(cause, constraint)


def _of_kind(cause: Any, constraint: str) -> FormRefused:
    """Return in words why the database refuses a row, by the kind of rule it breaks."""
    if isinstance(cause, errors.UniqueViolation):
        return _repeated(re.findall(r"[a-z_0-9]+", (cause.diag.message_detail or "").partition("(")[2].partition(")")[0]))
    if isinstance(cause, errors.ExclusionViolation):
        return FormRefused(_("The period overlaps another one. End the other one first."), "valid_from")
    if isinstance(cause, errors.ForeignKeyViolation | errors.NotNullViolation):
        return FormRefused(_("The row is in use by others and stays."))
    if isinstance(cause, errors.CheckViolation):
        return _broken_rule(constraint, cause.diag.table_name)
    return FormRefused(_("A value is too long or of the wrong kind."))


def _repeated(columns: Sequence[str]) -> FormRefused:
    """Say which columns another row has the same values in."""
    names = [name for name in map(_name_of, columns) if name]
    if not names:
        return FormRefused(_("There is such a row already: a value that must be unique repeats."))
    message = _("There is such a row already: %(columns)s must not repeat.", columns=", ".join(names))
    return FormRefused(message, columns[-1].removesuffix("_id"))


def _broken_rule(constraint: str, table_name: str | None) -> FormRefused:
    """Say which columns do not fit a rule of their table."""
    if constraint.endswith("period_rises"):
        return FormRefused(_("The end must lie after the beginning."), "valid_to")
    table_name = re.sub(r"_(\d{4}_\d{2}|default)$", "", table_name or "")  # a month of a table has the table's rules
    rules = [
        rule
        for rule in (metadata.tables[table_name].constraints if table_name in metadata.tables else ())
        if isinstance(rule, CheckConstraint) and rule.name == constraint
    ]
    words = [word for rule in rules for word in re.findall(r"[a-z_0-9]+", str(rule.sqltext)) if word in rule.table.columns]
    columns = list(dict.fromkeys(words))
    names = [name for name in map(_name_of, columns) if name]
    if not names:
        return FormRefused(_("A value breaks a rule of the table: %(rule)s.", rule=constraint.replace("_", " ")))
    if len(names) == 1:
        return FormRefused(_("%(column)s: this value is out of its limits.", column=names[0]), columns[0].removesuffix("_id"))
    return FormRefused(_("%(columns)s: these values do not go together.", columns=", ".join(names)), columns[0].removesuffix("_id"))


def _name_of(column: str) -> str:
    """Return what a column is called on its form, empty if it stands on none."""
    return str(labels.COLUMN_LABELS.get(column.removesuffix("_id"), ""))


def place_refusal(error: DBAPIError) -> str | None:
    """Return where a row is kept that was not to be written here, or None if that is not what is wrong."""
    phrase = PLACE_WORDS.get(getattr(getattr(error.orig, "diag", None), "constraint_name", None) or "")
    return None if phrase is None else str(phrase)


def show_refusal(form: Any, refused: FormRefused) -> None:
    """Show a refusal beside its field, or above the form."""
    field = form._fields.get(refused.column) if refused.column else None
    if field is None:
        flash(str(refused), "danger")
    else:
        field.errors = [*field.errors, str(refused)]
