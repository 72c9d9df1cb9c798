"""Rows of a file of a dictionary as drafts: what is new is added, what differs is changed, what is equal is left."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Enum, Numeric
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain import readers
from app.domain.notices import MessageTemplateRefused
from app.domain.reference import DICTIONARIES, ChangeKind, RefusedRow, RowFault, RowRefused, value_of
from app.domain.tariffs import NotBlocks, blocks_of, blocks_text
from app.gateways.reference_file import DictionaryRow
from app.models.columns import metadata
from app.queries import reference as queries
from app.services.reference import changes
from app.services.reference.changes import Draft
from app.services.tariffs import PricesAlreadyBilled

#: Columns whose figures spreadsheets like to turn into numbers.
_CODES = frozenset({"code", "mfo", "catalog_code", "measure_code"})
_OPTIONAL = frozenset(
    {
        "valid_to",
        "mahalla",
        "catalog_code",
        "measure_code",
        "limit_milli",
        "name_uz_cyrl",
        "name_ru",
        "text_uz_cyrl",
        "text_ru",
        "text_kaa",
        "work",
    }
)


class Read(NamedTuple):
    """What became of a file's rows; drafts, equal rows and rejected rows add up to those received."""

    drafts: list[Draft]
    equal: int
    rejected: list[RefusedRow]


def read(
    session: Session,
    table: str,
    rows: Iterable[DictionaryRow],
    *,
    valid_from: date,
    today: date,
    divisions: Collection[int],
) -> Read:
    """Judge the rows of a file and return the drafts of the good ones.

    :param valid_from: the day the changes are to be in force
    :param divisions: the sender's divisions; rows of others are not his to change
    """
    result = Read([], 0, [])
    ids = {key: row_id for row_id, key in queries.keys_by_id(session, table).items()}
    related: dict[str, dict[str, int]] = {}
    seen: dict[str, int] = {}
    equal = 0
    for row in rows:
        try:
            draft = _draft(session, table, row, (ids, related, seen), valid_from)
            _check_division(draft, divisions)
            equal += _keep(session, draft, today, result.drafts)
        except RowRefused as refused:
            result.rejected.append(refused.of(row.row_no))
    return result._replace(equal=equal)


def _check_division(draft: Draft, divisions: Collection[int]) -> None:
    if DICTIONARIES[draft.table].local and int(draft.contents["division_id"]) not in divisions:
        raise RowRefused("division", RowFault.FOREIGN_DIVISION)


def _keep(session: Session, draft: Draft, today: date, drafts: list[Draft]) -> int:
    """Keep a draft that the tables take; return 1 for a row that holds all of it already."""
    key = DICTIONARIES[draft.table].key[-1]
    try:
        changes.check(session, draft, today)
    except changes.NothingChanges:
        return 1
    except changes.ChangeInThePast:
        raise RowRefused("valid_from", RowFault.IN_THE_PAST) from None
    except changes.AlreadyWaits:
        raise RowRefused(key, RowFault.ALREADY_WAITS) from None
    except PricesAlreadyBilled:
        raise RowRefused("valid_from", RowFault.ALREADY_BILLED) from None
    except MessageTemplateRefused:
        raise RowRefused("template_text", RowFault.BREAKS_RULE) from None
    except IntegrityError:
        raise RowRefused(key, RowFault.BREAKS_RULE) from None
    drafts.append(draft)
    return 0


def _draft(
    session: Session,
    table: str,
    row: DictionaryRow,
    known: tuple[dict[str, int], dict[str, dict[str, int]], dict[str, int]],
    valid_from: date,
) -> Draft:
    ids, related, seen = known
    if row.refusal:
        raise RowRefused(row.refusal.column, row.refusal.fault, row.refusal.value)
    places = queries.columns_of(table)
    contents = {}
    for column, place in places.items():
        value = row.cells.get(column, "").strip()
        if not value and column not in _OPTIONAL:
            raise RowRefused(column, RowFault.EMPTY)
        contents[place] = _value(session, table, column, place, value, related) if value else None
    key = queries.key_of(session, table, contents)
    if key in seen:
        raise RowRefused(DICTIONARIES[table].key[-1], RowFault.REPEATED, key, seen[key])
    seen[key] = row.row_no
    kind = ChangeKind.CHANGE if key in ids else ChangeKind.ADD
    return Draft(table, kind, ids.get(key), contents, valid_from)


def _value(session: Session, table: str, column: str, place: str, text: str, related: dict[str, dict[str, int]]) -> str:
    """Return what a cell says as the table takes it."""
    target = queries.target_of(table, place)
    if target is not None:
        if target.name not in related:
            related[target.name] = {key: row_id for row_id, key in queries.keys_by_id(session, target.name).items()}
        key = value_of(column, text, readers.code)
        if key not in related[target.name]:
            raise RowRefused(column, RowFault.UNKNOWN_ROW, text)
        return str(related[target.name][key])
    try:
        return _plain_value(table, column, text)
    except NotBlocks:
        raise RowRefused(column, RowFault.NO_BLOCKS, text) from None


def _plain_value(table: str, column: str, text: str) -> str:
    if column == "blocks":
        return blocks_text(blocks_of(text))
    kind: Any = metadata.tables[table].columns[column].type
    if column.endswith("_milli"):
        return str(value_of(column, text, readers.quantity))
    if kind.python_type is date:
        return value_of(column, text, readers.day).isoformat()
    if isinstance(kind, Numeric) or kind.python_type is int:
        return _number(column, text, int(getattr(kind, "scale", None) or 0))
    value = value_of(column, text, readers.code if column in _CODES else readers.cell)
    if isinstance(kind, Enum) and value not in kind.enums:
        raise RowRefused(column, RowFault.NOT_A_MEMBER, text)
    if getattr(kind, "length", None) and len(value) > kind.length:
        raise RowRefused(column, RowFault.BREAKS_RULE, text)
    return value


def _number(column: str, text: str, places: int) -> str:
    if column == "percent":
        return readers.number_text(value_of(column, text, lambda written: readers.percent(written, places)), places)
    return readers.number_text(value_of(column, text, lambda written: readers.number(written, places)), places)
