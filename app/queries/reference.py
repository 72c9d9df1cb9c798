"""Dictionaries: what they hold on a day, what a row held before, what changes wait, and who uses a row."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from app.domain.reference import DICTIONARIES, KEY_SEPARATOR, ChangeStatus
from app.domain.tariffs import Block, blocks_of, blocks_text
from app.domain.values import MILLI_PER_UNIT, rate_e4_of
from app.models.columns import metadata
from app.models.reference import ReferenceChange
from app.models.tariffs import TariffBlock
from app.queries.records import Choice, fetch_all, fetch_one

#: More uses than this are "many".
MANY = 1000

TextsByLanguage = dict[str, str | None]


class VersionRecord(NamedTuple):
    """What a row held in a period, with its columns as texts."""

    row_id: int
    valid_from: date
    valid_to: date | None
    contents: TextsByLanguage
    recorded_by: str
    recorded_at: datetime
    basis: str | None
    approved_by: str | None


class ChangeRecord(NamedTuple):
    """A change as its reader sees it."""

    id: int
    table_name: str
    row_id: int | None
    kind: str
    status: str
    valid_from: date
    before: TextsByLanguage
    contents: TextsByLanguage
    problem: str | None


class RowTexts(NamedTuple):
    """A row of a dictionary, with its columns as texts."""

    row_id: int
    held: TextsByLanguage


class Usage(NamedTuple):
    """How many rows of a table refer to a row; more than ``MANY`` are not counted out."""

    table_name: str
    column: str
    times: int


_TEXTS = "coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each_text({contents})), '{{}}')"


def columns_of(table: str) -> dict[str, str]:
    """Return the table's column for each column of a dictionary; a related row stands by its id there."""
    known = metadata.tables[table].columns
    return {name: name if name in known or name == "blocks" else f"{name}_id" for name in DICTIONARIES[table].columns}


def target_of(table: str, column: str) -> Table | None:
    """Return the table a column refers to, if it does."""
    found = metadata.tables[table].columns.get(column)
    keys = list(found.foreign_keys) if found is not None else []
    return keys[0].column.table if keys else None


def row_texts(session: Session, table: str, row_id: int) -> TextsByLanguage:
    """Return what a row holds, as texts; a tariff version with its blocks."""
    statement = f"SELECT {_TEXTS.format(contents='to_jsonb(t)')} FROM {table} t WHERE t.id = :id"
    held: TextsByLanguage = fetch_one(session, statement, dict, id=row_id)
    if table == "tariff_version":
        held["blocks"] = blocks_by_version(session, [row_id]).get(row_id, "")
    return held


def as_texts(session: Session, table: str, contents: Mapping[str, Any]) -> TextsByLanguage:
    """Return contents as the table would hold them, as texts."""
    plain = {column: value for column, value in contents.items() if column != "blocks"}
    record = f"to_jsonb(jsonb_populate_record(NULL::{table}, CAST(:contents AS jsonb)))"
    all_texts: TextsByLanguage = fetch_one(session, f"SELECT {_TEXTS.format(contents=record)}", dict, contents=json.dumps(plain))
    result = {column: all_texts.get(column) for column in plain}
    if "blocks" in contents:
        result["blocks"] = blocks_text(blocks_of(contents["blocks"] or ""))
    return result


def blocks_by_version(session: Session, version_ids: Sequence[int]) -> dict[int, str]:
    """Return the steps of tariff versions as texts."""
    found: dict[int, list[Block]] = {}
    statement = select(TariffBlock.version_id, TariffBlock.upper_milli, TariffBlock.rate, TariffBlock.zone).where(
        TariffBlock.version_id.in_(version_ids)
    )
    for row in session.execute(statement.order_by(TariffBlock.version_id, TariffBlock.id)):
        found.setdefault(row.version_id, []).append(Block(row.upper_milli, rate_e4_of(row.rate), row.zone))
    return {version_id: blocks_text(blocks) for version_id, blocks in found.items()}


def change_waits(session: Session, table: str, row_id: int) -> bool:
    """Tell whether a change of a row waits for approval or for its day."""
    waiting = (ChangeStatus.DRAFT, ChangeStatus.APPROVED)
    statement = select(ReferenceChange.id).where(
        ReferenceChange.table_name == table, ReferenceChange.row_id == row_id, ReferenceChange.status.in_(waiting)
    )
    return session.scalar(statement.limit(1)) is not None


def key_waits(session: Session, table: str, row_id: int | None, held: Mapping[str, Any]) -> bool:
    """Return whether a change of another row waits after which that row would have the key of this one.

    :param held: the columns of this row's key at least
    """
    places = [columns_of(table)[column] for column in DICTIONARIES[table].key]
    same = " AND ".join(f"coalesce(c.contents ->> '{place}', to_jsonb(t) ->> '{place}') = :{place}" for place in places)
    statement = (
        f"SELECT EXISTS (SELECT FROM reference_change c LEFT JOIN {table} t ON t.id = c.row_id WHERE c.table_name = :table "
        "AND c.status IN ('DRAFT', 'APPROVED') AND c.kind <> 'RETIRE' AND (c.kind = 'ADD' OR c.contents ?| CAST(:places AS text[])) "
        f"AND (c.row_id IS NULL OR c.row_id IS DISTINCT FROM CAST(:row_id AS bigint)) AND {same})"
    )
    key = {place: str(held.get(place) or "") for place in places}
    return fetch_one(session, statement, bool, table=table, row_id=row_id, places=places, **key)


def changes_of(session: Session, approval_id: int, *, limit: int = 200) -> list[ChangeRecord]:
    """Return the first changes of a request, in the order they were drafted."""
    statement = select(ReferenceChange).where(ReferenceChange.approval_id == approval_id).order_by(ReferenceChange.id).limit(limit)
    return [_change(row) for row in session.scalars(statement)]


def changes_of_row(session: Session, table: str, row_id: int, *, limit: int = 50) -> list[ChangeRecord]:
    """Return the newest changes of a row."""
    statement = select(ReferenceChange).where(ReferenceChange.table_name == table, ReferenceChange.row_id == row_id)
    return [_change(row) for row in session.scalars(statement.order_by(ReferenceChange.id.desc()).limit(limit))]


def rows_on(session: Session, table: str, day: date | None = None, *, limit: int = 2_000_000) -> list[RowTexts]:
    """Return the rows of a dictionary in force on a day, with their columns as texts; None: every row as it is now.

    A tariff version or a VAT rate is in force in its own period; other rows hold what they held on that day.
    """
    condition = "v.valid_to IS NULL" if day is None or DICTIONARIES[table].dated else _ON_DAY
    if day is not None:
        condition += _DATED.get(table, _NOT_RETIRED)
    statement = (
        f"SELECT v.row_id, {_TEXTS.format(contents='v.contents')} AS held FROM reference_version v JOIN {table} t ON t.id = v.row_id "
        f"WHERE v.table_name = :table AND {condition} ORDER BY v.row_id LIMIT :limit"
    )
    parameters = {"table": table, "limit": limit} | ({"day": day} if day is not None else {})
    rows = fetch_all(session, statement, RowTexts, **parameters)
    if table == "tariff_version":
        blocks = blocks_by_version(session, [row.row_id for row in rows])
        rows = [row._replace(held=row.held | {"blocks": blocks.get(row.row_id, "")}) for row in rows]
    return rows


# The join with the table itself keeps row-level security in force: versions have no division of their own.
_ON_DAY = "v.valid_from <= :day AND (v.valid_to IS NULL OR v.valid_to > :day)"
_NOT_RETIRED = " AND coalesce((v.contents ->> 'retired_on')::date > :day, true)"
_DATED = {
    "tariff_version": " AND t.valid_from <= :day AND (t.valid_to IS NULL OR t.valid_to > :day)",
    "vat_rate": " AND t.valid_from = (SELECT max(valid_from) FROM vat_rate WHERE valid_from <= :day)",
}


def versions_of(session: Session, table: str, row_id: int) -> list[VersionRecord]:
    """Return what a row held and when, newest first; nothing for a row the reader does not see."""
    statement = (
        f"SELECT v.row_id, v.valid_from, v.valid_to, {_TEXTS.format(contents='v.contents')} AS contents, v.recorded_by, "
        "v.recorded_at, a.basis, a.decided_by AS approved_by "
        f"FROM reference_version v JOIN {table} t ON t.id = v.row_id "
        "LEFT JOIN reference_change c ON c.id = v.change_id LEFT JOIN approval a ON a.id = c.approval_id "
        "WHERE v.table_name = :table AND v.row_id = :row_id ORDER BY v.valid_from DESC"
    )
    return fetch_all(session, statement, VersionRecord, table=table, row_id=row_id)


def difference(
    session: Session, table: str, earlier: date, later: date
) -> list[tuple[int, TextsByLanguage | None, TextsByLanguage | None]]:
    """Return the rows that were not the same on two days: id, what they held on the earlier one, and on the later one."""
    before, after = dict(rows_on(session, table, earlier)), dict(rows_on(session, table, later))
    ids = sorted(before.keys() | after.keys())
    return [(row_id, before.get(row_id), after.get(row_id)) for row_id in ids if before.get(row_id) != after.get(row_id)]


def usages(session: Session, table: str, row_id: int) -> list[Usage]:
    """Return which tables refer to a row, and how often; only rows the reader sees count."""
    found = []
    for user in metadata.sorted_tables:
        for column in user.columns:
            if any(key.column.table.name == table for key in column.foreign_keys):
                inner = f"SELECT 1 FROM {user.name} WHERE {column.name} = :id LIMIT {MANY + 1}"
                count = fetch_one(session, f"SELECT count(*) FROM ({inner}) AS found", int, id=row_id)
                if count:
                    found.append(Usage(user.name, column.name, count))
    return found


def keys_by_id(session: Session, table: str) -> dict[int, str]:
    """Return the key of each row of a dictionary (or the code of a division) as files write it."""
    if table == "division":
        return dict(fetch_all(session, "SELECT id, code AS name FROM division", Choice))
    return {row_id: key_of(session, table, held) for row_id, held in rows_on(session, table)}


def names_by_id(session: Session, table: str) -> dict[int, str]:
    """Return what each row of a related table is called."""
    return dict(fetch_all(session, f"SELECT id, name FROM {table}", Choice))


def waiting_count(session: Session, table: str) -> int:
    """Return how many changes of a dictionary wait for approval."""
    statement = select(func.count()).where(ReferenceChange.table_name == table, ReferenceChange.status == ChangeStatus.DRAFT)
    return int(session.scalar(statement) or 0)


def key_of(session: Session, table: str, held: TextsByLanguage, cache: dict[str, dict[int, str]] | None = None) -> str:
    """Return the key of a row as files write it, its parts with a separator between."""
    return KEY_SEPARATOR.join(named(session, table, held, DICTIONARIES[table].key, {} if cache is None else cache))


def named(session: Session, table: str, held: TextsByLanguage, columns: Sequence[str], cache: dict[str, dict[int, str]]) -> list[str]:
    """Return columns of a row as files write them: related rows by their keys.

    :param cache: keys of related tables, fetched once
    """
    places = columns_of(table)
    result = []
    for column in columns:
        value, target = held.get(places[column]), target_of(table, places[column])
        if target is not None and value:
            if target.name not in cache:
                cache[target.name] = keys_by_id(session, target.name)
            value = cache[target.name].get(int(value), "")
        elif value and column.endswith("_milli"):
            value = f"{(Decimal(value) / MILLI_PER_UNIT).normalize():f}"
        result.append(value or "")
    return result


def _change(row: ReferenceChange) -> ChangeRecord:
    return ChangeRecord(
        row.id, row.table_name, row.row_id, row.kind, row.status, row.valid_from, row.before or {}, row.contents, row.problem
    )


def units_with_tariffs(session: Session) -> list[str]:
    """Return the units of the resources that have a tariff."""
    return fetch_all(session, "SELECT DISTINCT r.unit FROM resource r JOIN tariff t ON t.resource_id = r.id ORDER BY 1", str)
