"""How a node joins and leaves: guards of tables, key ranges, publications, subscriptions and the first copy.

These work on plain connections of a login that owns the schema: each side's own, and the other side's.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.domain.administration.nodes import (
    BELONGS_TO,
    CENTRE,
    KEPT_APART,
    KEPT_AT_THE_CENTRE,
    OF_ANOTHER_PLACE,
    OPERATIONAL,
    REFERENCE,
    STATES,
    WORKS_ON_ITS_NODE,
    key_range,
)
from app.queries.administration import replication as queries
from app.queries.records import fetch_all, fetch_optional

Database = Connection[Any]

REFERENCE_PUBLICATION = "pcb_reference"
OPERATIONAL_PUBLICATION = "pcb_operational"
#: A node's subscription to the centre, and the centre's slot on the node.
OF_CENTRE = "pcb_centre"

#: ``disable_on_error`` would also fire when the line is lost; an exchange is stopped by ``stop`` when it meets a conflict.
_OPTIONS = "copy_data = false, origin = none, run_as_owner = true, disable_on_error = false"
#: A line that died without a word is noticed within a minute; an operator's own values stand.
_KEEPALIVE = {"connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}


def of_node(number: int) -> str:
    """Return the name of the centre's subscription to a node, and of the node's slot at the centre."""
    return f"pcb_node_{number}"


def guard_centre(centre: Database) -> None:
    """Refuse what ordinary writers would do to operational rows of divisions that work on their own nodes."""
    _remove_guards(centre)
    if divisions := queries.autonomous_divisions(centre):
        for table in OPERATIONAL:
            _guard(centre, table, WORKS_ON_ITS_NODE, divisions, refuse_these=True)


def guard_node(node: Database, divisions: list[int]) -> None:
    """Refuse what ordinary writers would do to reference information and to rows of other divisions."""
    _remove_guards(node)
    for table in OPERATIONAL:
        _guard(node, table, OF_ANOTHER_PLACE, divisions, refuse_these=False)
    for table in REFERENCE:
        columns = queries.columns(node, table)
        changes = f"UPDATE OF {', '.join(columns)}" if table in KEPT_APART else "UPDATE"
        node.execute(
            f"CREATE TRIGGER place_write BEFORE INSERT OR DELETE OR {changes} ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_place('{table}', '{KEPT_AT_THE_CENTRE}')"
        )


class _Trigger(NamedTuple):
    name: str
    table_name: str


def _remove_guards(database: Database) -> None:
    statement = (
        "SELECT tgname AS name, tgrelid::regclass::text AS table_name FROM pg_trigger "
        "WHERE tgfoid IN ('refuse_place()'::regprocedure, 'refuse_place_of_owner()'::regprocedure)"
    )
    for name, table in fetch_all(database, statement, _Trigger):
        database.execute(f"DROP TRIGGER {name} ON {table}")


def _guard(database: Database, table: str, reason: str, divisions: list[int], *, refuse_these: bool) -> None:
    """Make a table's row triggers: the condition names the divisions, so a row that may pass costs one comparison.

    They fire after the row, because COPY writes single rows where a trigger fires before.
    """
    if table in BELONGS_TO:
        owner, key = BELONGS_TO[table]
        function = f"refuse_place_of_owner('{table}', '{reason}', '{owner}', '{key}', '{_array(divisions)}', '{str(refuse_these).lower()}')"
        database.execute(f"CREATE TRIGGER place_row AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}")
        return
    test = "{row}.division_id = ANY ('{ids}'::bigint[])" if refuse_these else "{row}.division_id <> ALL ('{ids}'::bigint[])"
    old, new = (test.format(row=row, ids=_array(divisions)) for row in ("OLD", "NEW"))
    for event, condition in (("INSERT", new), ("UPDATE", f"{old} OR {new}"), ("DELETE", old)):
        database.execute(
            f"CREATE TRIGGER place_{event.lower()} AFTER {event} ON {table} "
            f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse_place('{table}', '{reason}')"
        )


def _array(divisions: Iterable[int]) -> str:
    return "{" + ",".join(map(str, sorted(divisions))) + "}"


def set_key_ranges(database: Database, number: int) -> None:
    """Let every key be made in the range of a node, after the keys of that range that are there already."""
    keys = key_range(number)
    for sequence, table, column in queries.key_sequences(database):
        used = fetch_optional(database, f"SELECT max({column}) FROM {table} WHERE {column} BETWEEN {keys.first} AND {keys.last}", int)
        start = (used or keys.first - 1) + 1
        database.execute(f"ALTER SEQUENCE {sequence} MINVALUE {keys.first} MAXVALUE {keys.last} START {keys.first} RESTART {start}")


def publish_reference(centre: Database) -> None:
    """Publish the tables of reference information, without the columns each place keeps for itself."""
    listed = []
    for table in REFERENCE:
        columns = f" ({', '.join(queries.columns(centre, table))})" if table in KEPT_APART else ""
        listed.append(f"{table}{columns}")
    _publish(centre, REFERENCE_PUBLICATION, listed)


def publish_operational(node: Database, divisions: list[int]) -> None:
    """Publish a node's operational rows, each table by its division; a changed row is identified by all of its columns.

    So the filter sees the division of the old row too, without an index more at either side.
    """
    ids = ", ".join(map(str, sorted(divisions)))
    for table in STATES:
        if table not in BELONGS_TO:
            node.execute(f"ALTER TABLE {table} REPLICA IDENTITY FULL")
    _publish(
        node,
        OPERATIONAL_PUBLICATION,
        [table if table in BELONGS_TO else f"{table} WHERE (division_id IN ({ids}))" for table in OPERATIONAL],
    )


def _publish(database: Database, name: str, tables: list[str]) -> None:
    if fetch_optional(database, "SELECT 1 FROM pg_publication WHERE pubname = :name", int, name=name):
        database.execute(f"ALTER PUBLICATION {name} SET TABLE {', '.join(tables)}")
    else:
        # TRUNCATE knows no divisions, so it does not travel.
        database.execute(f"CREATE PUBLICATION {name} FOR TABLE {', '.join(tables)} WITH (publish = 'insert, update, delete')")


def subscribe_to_centre(node: Database, centre_url: str, number: int) -> None:
    """Follow the centre's reference information from the slot that was made before the first copy."""
    node.execute(
        sql.SQL(
            f"CREATE SUBSCRIPTION {OF_CENTRE} CONNECTION {{}} PUBLICATION {REFERENCE_PUBLICATION} "
            f"WITH (create_slot = false, slot_name = {{}}, {_OPTIONS})"
        ).format(sql.Literal(_kept_alive(centre_url)), sql.Literal(of_node(number)))
    )


def subscribe_to_node(centre: Database, node_url: str, number: int) -> None:
    """Follow a node's operational rows from here on; outside a transaction, because a slot is made at the node."""
    centre.execute(
        sql.SQL(
            f"CREATE SUBSCRIPTION {of_node(number)} CONNECTION {{}} PUBLICATION {OPERATIONAL_PUBLICATION} "
            f"WITH (slot_name = {OF_CENTRE}, {_OPTIONS})"
        ).format(sql.Literal(_kept_alive(node_url)))
    )


def _kept_alive(url: str) -> str:
    given = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in _KEEPALIVE.items() if name not in given})


def stop(database: Database, name: str) -> None:
    """Stop a subscription at a change that does not fit, so that it is not tried again and again; ``enable_subscriptions`` goes on."""
    if name in _subscriptions(database, "subenabled"):
        database.execute(f"ALTER SUBSCRIPTION {name} DISABLE")


def reread_publications(database: Database) -> None:
    """Let every subscription take in the tables its publication has now, and go on after a lost line; outside a transaction."""
    for name in _subscriptions(database, "subdisableonerr"):
        database.execute(f"ALTER SUBSCRIPTION {name} SET (disable_on_error = false)")
    for name in _subscriptions(database, "subenabled"):
        database.execute(f"ALTER SUBSCRIPTION {name} REFRESH PUBLICATION")


def enable_subscriptions(database: Database) -> list[str]:
    """Start the subscriptions that stopped at a change that did not fit; return their names."""
    stopped = _subscriptions(database, "NOT subenabled")
    for name in stopped:
        database.execute(f"ALTER SUBSCRIPTION {name} ENABLE")
    return stopped


def _subscriptions(database: Database, condition: str) -> list[str]:
    statement = (
        f"SELECT subname FROM pg_subscription WHERE {condition} AND subname LIKE 'pcb%' "
        "AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1"
    )
    return fetch_all(database, statement, str)


def unsubscribe(database: Database, name: str) -> None:
    """Drop a subscription; its slot at the other side stays for that side to drop."""
    if fetch_optional(database, "SELECT 1 FROM pg_subscription WHERE subname = :name", int, name=name):
        database.execute(f"ALTER SUBSCRIPTION {name} DISABLE")
        database.execute(f"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)")
        database.execute(f"DROP SUBSCRIPTION {name}")


def drop_slot(database: Database, name: str) -> None:
    """Drop a slot of this side, so that it keeps no more changes back; whoever reads from it is cut off."""
    database.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s AND active", (name,))
    for _ in range(100):
        is_active = fetch_optional(database, "SELECT active FROM pg_replication_slots WHERE slot_name = :name", bool, name=name)
        if is_active is None:
            return
        if not is_active:
            database.execute("SELECT pg_drop_replication_slot(%s)", (name,))
            return
        database.execute("SELECT pg_sleep(0.1)")


def copy_first_contents(centre: Database, node: Database, divisions: list[int]) -> int:
    """Fill an empty node from a snapshot of the centre: reference information and its divisions' rows; return how many."""
    node.execute("SET LOCAL session_replication_role = replica")
    empty(node)
    copied = 0
    for table in (*REFERENCE, *OPERATIONAL):
        columns = ", ".join(queries.columns(centre, table))
        chosen = queries.of_divisions(table, divisions)
        reading, writing = centre.cursor(), node.cursor()
        with (
            reading.copy(f"COPY (SELECT {columns} FROM {table} WHERE {chosen}) TO STDOUT (FORMAT binary)") as source,
            writing.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)") as target,
        ):
            for block in source:
                target.write(block)
        copied += writing.rowcount
    node.execute("SET LOCAL session_replication_role = origin")
    return copied


def empty(node: Database) -> None:
    """Remove all rows of a database that no division works in yet."""
    listed = ", ".join(queries.tables(node))
    node.execute(f"TRUNCATE {listed}")


def initialise(node: Database, number: int, divisions: list[int]) -> None:
    """Make a filled database a node: its number, its keys, its guards, what it publishes."""
    node.execute("INSERT INTO node_setting (number) VALUES (%s)", (number,))
    set_key_ranges(node, number)
    publish_operational(node, divisions)
    guard_node(node, divisions)


def enter_node(centre: Database, *, number: int, name: str, division_id: int, public_key: str, is_linked: bool) -> None:
    """Write a node down at the centre; from the commit on its divisions are written at the node only."""
    centre.execute(
        """
        INSERT INTO node (number, name, division_id, public_key, is_linked) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (number) DO UPDATE SET name = excluded.name, division_id = excluded.division_id,
            public_key = excluded.public_key, is_linked = excluded.is_linked, dropped_at = NULL
        """,
        (number, name, division_id, public_key, is_linked),
    )
    if number != CENTRE:
        publish_reference(centre)
        guard_centre(centre)


def leave_node(centre: Database, number: int) -> None:
    """Take a node's divisions back to the centre."""
    centre.execute("UPDATE node SET dropped_at = clock_timestamp() WHERE number = %s", (number,))
    guard_centre(centre)
