"""What a plain connection tells of a database: its tables, columns and keys, whose divisions, and hashes of tables."""

from decimal import Decimal
from typing import Any, NamedTuple

from psycopg import Connection

from app.domain.administration.nodes import BELONGS_TO, CENTRE, KEPT_APART, OPERATIONAL, REFERENCE
from app.queries.records import fetch_all, fetch_one, fetch_optional

Database = Connection[Any]


def tables(database: Database) -> list[str]:
    """Return the tables with rows of ours."""
    statement = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1"
    return fetch_all(database, statement, str)


def columns(database: Database, table: str) -> list[str]:
    """Return the columns of a table that travel, in a definite order."""
    statement = (
        "SELECT quote_ident(attname) FROM pg_attribute "
        "WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attname"
    )
    return [name for name in fetch_all(database, statement, str, table=table) if name not in KEPT_APART.get(table, ())]


def primary_key(database: Database, table: str) -> list[str]:
    """Return the columns of a table's primary key."""
    statement = (
        "SELECT quote_ident(a.attname) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
        "WHERE i.indrelid = CAST(:table AS regclass) AND i.indisprimary"
    )
    return fetch_all(database, statement, str, table=table)


class KeySequence(NamedTuple):
    """A sequence that makes the keys of a column."""

    name: str
    table: str
    column: str


def key_sequences(database: Database) -> list[KeySequence]:
    """Return every sequence that makes 64-bit keys, with its table and column.

    Only the framework's tables have shorter keys, and their rows are made at the centre.
    """
    statement = """
        SELECT s.seqrelid::regclass::text AS name, d.refobjid::regclass::text AS "table", quote_ident(a.attname) AS "column"
        FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE s.seqtypid = 'bigint'::regtype ORDER BY 1
        """
    return fetch_all(database, statement, KeySequence)


def own_number(database: Database) -> int:
    """Return which node a database is; 0 is the centre."""
    number = fetch_optional(database, "SELECT number FROM node_setting", int)
    return CENTRE if number is None else number


def divisions_below(database: Database, division_id: int) -> list[int]:
    """Return a division and all below it."""
    statement = "SELECT d.id FROM division top JOIN division d ON starts_with(d.path, top.path) WHERE top.id = :id ORDER BY 1"
    return fetch_all(database, statement, int, id=division_id)


def divisions_of_node(database: Database, number: int) -> list[int]:
    """Return the divisions that a node works for."""
    division_id = fetch_optional(database, "SELECT division_id FROM node WHERE number = :number", int, number=number)
    return divisions_below(database, division_id) if division_id is not None else []


def autonomous_divisions(centre: Database) -> list[int]:
    """Return the divisions that work on their own nodes."""
    statement = (
        "SELECT DISTINCT d.id FROM node n JOIN division top ON top.id = n.division_id JOIN division d ON starts_with(d.path, top.path) "
        "WHERE n.number <> :centre AND n.dropped_at IS NULL ORDER BY 1"
    )
    return fetch_all(centre, statement, int, centre=CENTRE)


def revision(database: Database) -> str:
    """Return the revision of the schema."""
    return fetch_one(database, "SELECT coalesce(string_agg(version_num, ',' ORDER BY version_num), '') FROM alembic_version", str)


def release(database: Database) -> int:
    """Return the version of the reference information."""
    return fetch_one(database, "SELECT coalesce(max(number), 0) FROM reference_release", int)


def filled_tables(database: Database) -> list[str]:
    """Return the operational tables with rows."""
    return [table for table in OPERATIONAL if fetch_optional(database, f"SELECT 1 FROM {table} LIMIT 1", int)]


def work_under_way(database: Database, divisions: list[int]) -> int:
    """Return how many jobs and bill runs of some divisions are not over."""
    statement = (
        "SELECT (SELECT count(*) FROM job_run WHERE division_id = ANY (:ids) AND status IN ('QUEUED', 'RUNNING')) + "
        "(SELECT count(*) FROM bill_run WHERE division_id = ANY (:ids) AND status IN ('PREVIEWING', 'PREVIEWED', 'POSTING'))"
    )
    return fetch_one(database, statement, int, ids=divisions)


def of_divisions(table: str, divisions: list[int], *, prefix: str = "") -> str:
    """Return the condition for a table's rows of some divisions; reference information is all divisions'.

    :param prefix: of the names of tables that hold a package's rows
    """
    if table in REFERENCE:
        return "true"
    ids = ", ".join(map(str, sorted(divisions))) or "NULL"
    if table in BELONGS_TO:
        owner, key = BELONGS_TO[table]
        return f"EXISTS (SELECT 1 FROM {prefix}{owner} o WHERE o.id = {prefix}{table}.{key} AND o.division_id IN ({ids}))"
    return f"division_id IN ({ids})"


class _Hashes(NamedTuple):
    rows: int
    hashes: Decimal


def fingerprint(database: Database, table: str, divisions: list[int]) -> tuple[int, str]:
    """Return the number of a table's rows and a hash of their contents; the order of the rows does not matter."""
    listed = ", ".join(columns(database, table))
    database.execute("SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true)")
    statement = (
        f"SELECT count(*) AS rows, coalesce(sum(hashtextextended(ROW({listed})::text, 0)::numeric), 0) AS hashes "
        f"FROM {table} WHERE {of_divisions(table, divisions)}"
    )
    summed = fetch_one(database, statement, _Hashes)
    return summed.rows, f"{int(summed.hashes) % 2**64:016x}"


def is_caught_up(node: Database, slot: str, position: str) -> bool:
    """Tell whether whoever reads from a slot has confirmed all up to a position."""
    statement = "SELECT confirmed_flush_lsn >= CAST(:position AS pg_lsn) FROM pg_replication_slots WHERE slot_name = :slot"
    return bool(fetch_optional(node, statement, bool, position=position, slot=slot))


def position(database: Database) -> str:
    """Return where the database's log of changes ends now."""
    return fetch_one(database, "SELECT pg_current_wal_insert_lsn()::text", str)


def connection_of(database: Database, subscription: str) -> str | None:
    """Return where a subscription connects to, or None if there is none."""
    return fetch_optional(database, "SELECT subconninfo FROM pg_subscription WHERE subname = :name", str, name=subscription)
