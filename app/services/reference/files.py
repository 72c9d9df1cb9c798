"""Rows of a file of a dictionary as drafts: what is new is added, what differs is changed, what is equal is left."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Enum, Numeric
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.reference import DICTIONARIES, ChangeKind, RowFault
from app.domain.tariffs import NotBlocks, blocks_of, blocks_text
from app.domain.values import AmountTooLarge, NotANumber, decimal_of, milli_of
from app.models.columns import metadata
from app.queries import reference as queries
from app.services.administration.divisions import Rejected
from app.services.reference import changes
from app.services.reference.changes import Draft
from app.services.tariffs import AlreadyBilled

_OPTIONAL = frozenset({"valid_to", "mahalla", "catalog_code", "measure_code"})


class _Faulty(Exception):
    def __init__(self, column: str, fault: RowFault) -> None:
        super().__init__(column, fault)
        self.column, self.fault = column, fault


class Read(NamedTuple):
    """What became of a file's rows; drafts, equal rows and rejected rows add up to those received."""

    drafts: list[Draft]
    equal: int
    rejected: list[Rejected]


def read(
    session: Session,
    table: str,
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    valid_from: date,
    today: date,
    divisions: Collection[int],
) -> Read:
    """Judge the rows of a file and return the drafts of the good ones.

    :param rows: numbers of rows and what stands in their columns
    :param valid_from: the day the changes are to be in force
    :param divisions: the sender's divisions; rows of others are not his to change
    """
    result = Read([], 0, [])
    ids = {key: row_id for row_id, key in queries.keys_by_id(session, table).items()}
    related: dict[str, dict[str, int]] = {}
    seen: set[str] = set()
    equal = 0
    for row_no, cells in rows:
        try:
            draft = _draft(session, table, cells, (ids, related, seen), valid_from)
            _check_division(draft, divisions)
            equal += _keep(session, draft, today, result.drafts)
        except _Faulty as faulty:
            result.rejected.append(Rejected(row_no, faulty.column, faulty.fault))
    return result._replace(equal=equal)


def _check_division(draft: Draft, divisions: Collection[int]) -> None:
    if DICTIONARIES[draft.table].local and int(draft.contents["division_id"]) not in divisions:
        raise _Faulty("division", RowFault.FOREIGN_DIVISION)


def _keep(session: Session, draft: Draft, today: date, drafts: list[Draft]) -> int:
    """Keep a draft that the tables take; return 1 for a row that holds all of it already."""
    key = DICTIONARIES[draft.table].key[-1]
    try:
        changes.check(session, draft, today)
    except changes.NothingChanges:
        return 1
    except changes.InThePast:
        raise _Faulty("valid_from", RowFault.IN_THE_PAST) from None
    except changes.AlreadyWaits:
        raise _Faulty(key, RowFault.ALREADY_WAITS) from None
    except AlreadyBilled:
        raise _Faulty("valid_from", RowFault.ALREADY_BILLED) from None
    except IntegrityError:
        raise _Faulty(key, RowFault.BREAKS_RULE) from None
    drafts.append(draft)
    return 0


def _draft(
    session: Session,
    table: str,
    cells: Mapping[str, str],
    known: tuple[dict[str, int], dict[str, dict[str, int]], set[str]],
    valid_from: date,
) -> Draft:
    ids, related, seen = known
    places = queries.columns_of(table)
    contents = {}
    for column, place in places.items():
        value = cells.get(column, "").strip()
        if not value and column not in _OPTIONAL:
            raise _Faulty(column, RowFault.EMPTY)
        contents[place] = _value(session, table, column, place, value, related) if value else None
    key = queries.key_of(session, table, contents)
    if key in seen:
        raise _Faulty(DICTIONARIES[table].key[-1], RowFault.REPEATED)
    seen.add(key)
    kind = ChangeKind.CHANGE if key in ids else ChangeKind.ADD
    return Draft(table, kind, ids.get(key), contents, valid_from)


def _value(session: Session, table: str, column: str, place: str, text: str, related: dict[str, dict[str, int]]) -> str:
    """Return what a cell says as the table takes it."""
    target = queries.target_of(table, place)
    if target is not None:
        if target.name not in related:
            related[target.name] = {key: row_id for row_id, key in queries.keys_by_id(session, target.name).items()}
        if text not in related[target.name]:
            raise _Faulty(column, RowFault.UNKNOWN_ROW)
        return str(related[target.name][text])
    try:
        return _plain_value(table, column, text)
    except NotBlocks:
        raise _Faulty(column, RowFault.NO_BLOCKS) from None
    except (NotANumber, AmountTooLarge):
        raise _Faulty(column, RowFault.NOT_A_NUMBER) from None


def _plain_value(table: str, column: str, text: str) -> str:
    if column == "blocks":
        return blocks_text(blocks_of(text))
    kind: Any = metadata.tables[table].columns[column].type
    if column.endswith("_milli"):
        return str(milli_of(decimal_of(text)))
    if isinstance(kind, Enum) and text not in kind.enums:
        raise _Faulty(column, RowFault.NOT_A_MEMBER)
    if kind.python_type is date:
        return _day(column, text)
    if isinstance(kind, Numeric) or kind.python_type is int:
        return f"{decimal_of(text):f}"
    if getattr(kind, "length", None) and len(text) > kind.length:
        raise _Faulty(column, RowFault.BREAKS_RULE)
    return text


def _day(column: str, text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise _Faulty(column, RowFault.NOT_A_DAY) from None
