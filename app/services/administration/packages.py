"""Contents of packages: rows out of one database, and into another in one transaction or not at all."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from psycopg import Connection

from app.domain.administration.nodes import BELONGS_TO, FACTS, OPERATIONAL, REFERENCE, PackageDirection, PackageKind
from app.queries.administration import replication as queries
from app.queries.records import fetch_all, fetch_one, fetch_optional

Database = Connection[Any]

_BATCH = 500


class NotApplied(Exception):
    """A package was refused and nothing was changed; the text says why."""


def tables_of(kind: PackageKind) -> tuple[str, ...]:
    """Return the tables a package of a kind carries."""
    return {PackageKind.REFERENCE: REFERENCE, PackageKind.OPERATIONAL: OPERATIONAL}.get(kind, ())


def rows(database: Database, kind: PackageKind, divisions: list[int]) -> Iterator[tuple[str, str]]:
    """Yield the rows of a package as (table, JSON), each table in the order of its keys."""
    for table in tables_of(kind):
        listed = ", ".join(queries.columns(database, table))
        keys = ", ".join(queries.primary_key(database, table))
        with database.cursor(name="package") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(
                f"SELECT to_json(r)::text FROM (SELECT {listed} FROM {table} "
                f"WHERE {queries.of_divisions(table, divisions)} ORDER BY {keys}) r"
            )
            for row in cursor:
                yield table, row[0]


def fingerprints(database: Database, kind: PackageKind, divisions: list[int]) -> dict[str, list[Any]]:
    """Return the number of rows and the hash of every table of a package."""
    return {table: list(queries.fingerprint(database, table, divisions)) for table in tables_of(kind)}


def apply(
    database: Database, kind: PackageKind, lines: Iterable[tuple[str, str]], stated: dict[str, list[Any]], divisions: list[int]
) -> int:
    """Make a database's rows the package's: facts are added, everything else is replaced; return how many rows arrived.

    :raises NotApplied: if a fact differs from one that is here, or the result is not what the sender stated
    """
    if set(stated) != set(tables_of(kind)):
        raise NotApplied("The package does not hold the tables this program exchanges.")
    database.execute("SET LOCAL session_replication_role = replica")
    for table in stated:
        database.execute(f"CREATE TEMP TABLE incoming_{table} (LIKE {table}) ON COMMIT DROP")
    received = _take_in(database, lines)
    # Rows that belong to another table's row are found through it, so they come before it.
    for table in sorted(stated, key=lambda name: name not in BELONGS_TO):
        _refuse_others(database, table, divisions)
        _merge(database, table, divisions)
    if fingerprints(database, kind, divisions) != {table: list(value) for table, value in stated.items()}:
        raise NotApplied("After the rows were taken in, the tables were not as the sender stated them.")
    database.execute("SET LOCAL session_replication_role = origin")
    return received


def _take_in(database: Database, lines: Iterable[tuple[str, str]]) -> int:
    received = 0
    for table, group in groupby(lines, key=lambda line: line[0]):
        listed = ", ".join(queries.columns(database, table))
        batch: list[str] = []
        statement = (
            f"INSERT INTO incoming_{table} ({listed}) "
            f"SELECT {listed} FROM jsonb_populate_recordset(NULL::{table}, ('[' || %s || ']')::jsonb)"
        )
        for _table, row in group:
            batch.append(row)
            received += 1
            if len(batch) == _BATCH:
                database.execute(statement, (",".join(batch),))
                batch = []
        if batch:
            database.execute(statement, (",".join(batch),))
    return received


def _refuse_others(database: Database, table: str, divisions: list[int]) -> None:
    """Let a node send rows of its own divisions only."""
    inside = queries.of_divisions(table, divisions, prefix="incoming_")
    if fetch_optional(database, f"SELECT 1 FROM incoming_{table} WHERE NOT ({inside}) LIMIT 1", int):
        raise NotApplied(f"The package holds rows of divisions that are not the sender's (table {table}).")


def _merge(database: Database, table: str, divisions: list[int]) -> None:
    """Bring a table to what came in; rows that are the same stay untouched."""
    columns, keys = queries.columns(database, table), queries.primary_key(database, table)
    listed = ", ".join(columns)
    mine, theirs = (f"({', '.join(f'{side}.{column}' for column in columns)})" for side in (table, "i"))
    same_key = " AND ".join(f"i.{key} = {table}.{key}" for key in keys)
    same = f"SELECT 1 FROM incoming_{table} i WHERE {same_key} AND {mine} IS NOT DISTINCT FROM {theirs}"
    if table in FACTS:
        differing = f"SELECT count(*) FROM {table} JOIN incoming_{table} i ON {same_key} WHERE {mine} IS DISTINCT FROM {theirs}"
        if fetch_one(database, differing, int):
            raise NotApplied(f"A fact differs from the one that is here already (table {table}); facts are never changed.")
    else:
        database.execute(f"DELETE FROM {table} WHERE {queries.of_divisions(table, divisions)} AND NOT EXISTS ({same})")
    database.execute(
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM incoming_{table} i WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {same_key})"
    )


def note(database: Database, direction: PackageDirection, kind: PackageKind, *, number: int, version: int, sha256: str, rows: int) -> None:
    """Write down that a package left or arrived."""
    database.execute(
        "INSERT INTO sync_package (number, direction, kind, version, sha256, rows) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (direction, number, sha256) DO NOTHING",
        (number, direction, kind, version, sha256, rows),
    )


def has_arrived(database: Database, sha256: str) -> bool:
    """Tell whether a package was taken in before."""
    known = "SELECT 1 FROM sync_package WHERE direction = 'RECEIVED' AND sha256 = :sha256 LIMIT 1"
    return fetch_optional(database, known, int, sha256=sha256) is not None


def latest_version(database: Database, direction: PackageDirection, kind: PackageKind, number: int, *, acknowledged: bool = False) -> int:
    """Return the largest version of a kind that left for a node or arrived from it; 0 if none."""
    only = "AND acknowledged_at IS NOT NULL" if acknowledged else ""
    newest = f"SELECT coalesce(max(version), 0) FROM sync_package WHERE direction = :direction AND kind = :kind AND number = :number {only}"
    return fetch_one(database, newest, int, direction=direction, kind=kind, number=number)


def acknowledge(database: Database, *, number: int, sha256: str) -> bool:
    """Mark a package that left as arrived; tell whether it is known."""
    statement = (
        "UPDATE sync_package SET acknowledged_at = coalesce(acknowledged_at, clock_timestamp()) "
        "WHERE direction = 'SENT' AND number = :number AND sha256 = :sha256 RETURNING id"
    )
    return bool(fetch_all(database, statement, int, number=number, sha256=sha256))


def public_key_of(database: Database, number: int) -> str | None:
    """Return the public key of a node, or of the centre, or None if it is not known here."""
    return fetch_optional(database, "SELECT public_key FROM node WHERE number = :number", str, number=number)
