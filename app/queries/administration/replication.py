"""What a plain connection tells of a database: its tables, columns and keys, whose divisions, and hashes of tables."""

from typing import Any

from psycopg import Connection

from app.domain.administration.nodes import BELONGS_TO, CENTRE, KEPT_APART, OPERATIONAL, REFERENCE

Database = Connection[Any]


def tables(database: Database) -> list[str]:
    """Return the tables with rows of ours."""
    rows = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1")
    return [row[0] for row in rows]


def columns(database: Database, table: str) -> list[str]:
    """Return the columns of a table that travel, in a definite order."""
    rows = database.execute(
        "SELECT quote_ident(attname) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attname",
        (table,),
    )
    return [row[0] for row in rows if row[0] not in KEPT_APART.get(table, ())]


def primary_key(database: Database, table: str) -> list[str]:
    """Return the columns of a table's primary key."""
    rows = database.execute(
        "SELECT quote_ident(a.attname) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
        "WHERE i.indrelid = %s::regclass AND i.indisprimary",
        (table,),
    )
    return [row[0] for row in rows]


def key_sequences(database: Database) -> list[tuple[str, str, str]]:
    """Return every sequence that makes 64-bit keys, with its table and column.

    Only the framework's tables have shorter keys, and their rows are made at the centre.
    """
    rows = database.execute(
        """
        SELECT s.seqrelid::regclass::text, d.refobjid::regclass::text, quote_ident(a.attname)
        FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE s.seqtypid = 'bigint'::regtype ORDER BY 1
        """
    )
    return [(row[0], row[1], row[2]) for row in rows]


def own_number(database: Database) -> int:
    """Return which node a database is; 0 is the centre."""
    row = database.execute("SELECT number FROM node_setting").fetchone()
    return int(row[0]) if row else CENTRE


def divisions_below(database: Database, division_id: int) -> list[int]:
    """Return a division and all below it."""
    rows = database.execute(
        "SELECT d.id FROM division top JOIN division d ON starts_with(d.path, top.path) WHERE top.id = %s ORDER BY 1", (division_id,)
    )
    return [row[0] for row in rows]


def divisions_of_node(database: Database, number: int) -> list[int]:
    """Return the divisions that a node works for."""
    row = database.execute("SELECT division_id FROM node WHERE number = %s", (number,)).fetchone()
    return divisions_below(database, row[0]) if row else []


def autonomous_divisions(centre: Database) -> list[int]:
    """Return the divisions that work on their own nodes."""
    rows = centre.execute(
        "SELECT DISTINCT d.id FROM node n JOIN division top ON top.id = n.division_id JOIN division d ON starts_with(d.path, top.path) "
        "WHERE n.number <> %s AND n.dropped_at IS NULL ORDER BY 1",
        (CENTRE,),
    )
    return [row[0] for row in rows]


def revision(database: Database) -> str:
    """Return the revision of the schema."""
    rows = database.execute("SELECT string_agg(version_num, ',' ORDER BY version_num) FROM alembic_version").fetchone()
    return str(rows[0]) if rows else ""


def release(database: Database) -> int:
    """Return the version of the reference information."""
    row = database.execute("SELECT coalesce(max(number), 0) FROM reference_release").fetchone()
    return int(row[0]) if row else 0


def filled_tables(database: Database) -> list[str]:
    """Return the operational tables with rows."""
    return [table for table in OPERATIONAL if database.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()]


def work_under_way(database: Database, divisions: list[int]) -> int:
    """Return how many jobs and bill runs of some divisions are not over."""
    row = database.execute(
        "SELECT (SELECT count(*) FROM job_run WHERE division_id = ANY (%(ids)s) AND status IN ('QUEUED', 'RUNNING')) + "
        "(SELECT count(*) FROM bill_run WHERE division_id = ANY (%(ids)s) AND status IN ('PREVIEWING', 'PREVIEWED', 'POSTING'))",
        {"ids": divisions},
    ).fetchone()
    return int(row[0]) if row else 0


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


def fingerprint(database: Database, table: str, divisions: list[int]) -> tuple[int, str]:
    """Return the number of a table's rows and a hash of their contents; the order of the rows does not matter."""
    listed = ", ".join(columns(database, table))
    database.execute("SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true)")
    row = database.execute(
        f"SELECT count(*), coalesce(sum(hashtextextended(ROW({listed})::text, 0)::numeric), 0) "
        f"FROM {table} WHERE {of_divisions(table, divisions)}"
    ).fetchone()
    assert row is not None
    return int(row[0]), f"{int(row[1]) % 2**64:016x}"


def is_caught_up(node: Database, slot: str, position: str) -> bool:
    """Tell whether whoever reads from a slot has confirmed all up to a position."""
    row = node.execute(
        "SELECT confirmed_flush_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s", (position, slot)
    ).fetchone()
    return bool(row and row[0])


def position(database: Database) -> str:
    """Return where the database's log of changes ends now."""
    row = database.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None
    return str(row[0])


def connection_of(database: Database, subscription: str) -> str | None:
    """Return where a subscription connects to, or None if there is none."""
    row = database.execute("SELECT subconninfo FROM pg_subscription WHERE subname = %s", (subscription,)).fetchone()
    return str(row[0]) if row else None
