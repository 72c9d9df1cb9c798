"""The steps by which a database becomes a division's node, and the division comes back to the centre."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from app.domain.administration.nodes import CENTRE
from app.gateways import packages
from app.queries.administration import replication as queries
from app.queries.records import fetch_one, fetch_optional
from app.services.administration import replication as service

Database = psycopg.Connection[Any]

_OLDEST_SERVER = 180000
_LAST_ROWS_S = 60


class NodeSetupRefused(Exception):
    """A node cannot join or leave now; the text says why."""


class NodeRequest(NamedTuple):
    """What a node is to be."""

    number: int
    division: str
    name: str | None
    centre_url: str
    here_url: str
    is_linked: bool


def join(own_url: str, wanted: NodeRequest, key_file: Path) -> int:
    """Make an empty database a node; return how many rows were copied. If that fails, the centre is as before.

    :raises NodeSetupRefused: if either side is not ready for it
    """
    with psycopg.connect(own_url) as node, psycopg.connect(wanted.centre_url) as centre:
        _refuse_unless_ready(node, centre, wanted)
        division_id, name = _division(centre, wanted)
        centre.rollback()
        node.rollback()
        public = packages.public_key(packages.private_key(key_file))
        try:
            with centre.transaction():
                service.enter_node(
                    centre,
                    number=wanted.number,
                    name=wanted.name or name,
                    division_id=division_id,
                    public_key=public,
                    is_linked=wanted.is_linked,
                )
            return _fill(node, centre, wanted, division_id)
        except BaseException:
            _undo(node, centre, wanted)
            raise


def _fill(node: Database, centre: Database, wanted: NodeRequest, division_id: int) -> int:
    with ExitStack() as stack:
        snapshot = stack.enter_context(_slot(wanted)) if wanted.is_linked else None
        centre.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        if snapshot:
            centre.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        divisions = queries.divisions_below(centre, division_id)
        with node.transaction():
            copied = service.copy_first_contents(centre, node, divisions)
            service.initialise(node, wanted.number, divisions)
        centre.rollback()
    if wanted.is_linked:
        for database, follow, url in (
            (node, service.subscribe_to_centre, wanted.centre_url),
            (centre, service.subscribe_to_node, wanted.here_url),
        ):
            database.autocommit = True
            follow(database, url, wanted.number)
    return copied


@contextmanager
def _slot(wanted: NodeRequest) -> Iterator[str]:
    """Make the slot the node will read from, and offer the snapshot it begins at while the context lasts."""
    with psycopg.connect(wanted.centre_url, autocommit=True, replication="database") as channel:
        row = channel.execute(f"CREATE_REPLICATION_SLOT {service.of_node(wanted.number)} LOGICAL pgoutput (SNAPSHOT 'export')").fetchone()
        assert row is not None
        yield str(row[2])


def _undo(node: Database, centre: Database, wanted: NodeRequest) -> None:
    """Take a half-joined node back, as far as either side can still be reached."""
    for database, name in ((node, service.OF_CENTRE), (centre, service.of_node(wanted.number))):
        database.rollback()
        database.autocommit = True
        service.unsubscribe(database, name)
    for database, name in ((node, service.OF_CENTRE), (centre, service.of_node(wanted.number))):
        service.drop_slot(database, name)
    with centre.transaction():
        service.leave_node(centre, wanted.number)
    with node.transaction():
        if queries.own_number(node) == wanted.number:
            node.execute("SET LOCAL session_replication_role = replica")
            service.empty(node)


def _refuse_unless_ready(node: Database, centre: Database, wanted: NodeRequest) -> None:
    if (number := queries.own_number(node)) != CENTRE:
        raise NodeSetupRefused(f"This database is node {number} already.")
    if filled := queries.filled_tables(node):
        raise NodeSetupRefused(f"This database is not empty: there are rows in {', '.join(filled[:5])}. A node begins with an empty one.")
    if queries.own_number(centre) != CENTRE:
        raise NodeSetupRefused("The address does not lead to the centre, but to a node.")
    if (mine := queries.revision(node)) != (theirs := queries.revision(centre)):
        raise NodeSetupRefused(
            f"The schema here is of revision {mine}, at the centre of {theirs}. Install the same version of the program."
        )
    taken = centre.execute("SELECT 1 FROM node WHERE number = %s AND dropped_at IS NULL", (wanted.number,)).fetchone()
    if taken:
        raise NodeSetupRefused(f"There is a node {wanted.number} already.")
    for database, side in ((node, "here"), (centre, "at the centre")):
        _refuse_unless_able(database, side, wanted)


def _refuse_unless_able(database: Database, side: str, wanted: NodeRequest) -> None:
    if not wanted.is_linked:
        if side == "at the centre" and not fetch_optional(database, "SELECT 1 FROM node WHERE number = :number", int, number=CENTRE):
            raise NodeSetupRefused("The centre has no key for signing packages. Run `flask --app run node key` there first.")
        return
    if database.info.server_version < _OLDEST_SERVER:
        raise NodeSetupRefused(f"PostgreSQL {side} is older than 18, which counts conflicts.")
    if fetch_one(database, "SELECT current_setting('wal_level')", str) != "logical":
        raise NodeSetupRefused(f"PostgreSQL {side} does not run with wal_level = logical.")


def _division(centre: Database, wanted: NodeRequest) -> tuple[int, str]:
    row = centre.execute("SELECT id, name FROM division WHERE code = %s AND parent_id IS NOT NULL", (wanted.division,)).fetchone()
    if row is None:
        raise NodeSetupRefused(f"There is no region or district with the code {wanted.division}.")
    divisions = queries.divisions_below(centre, row[0])
    if set(divisions) & set(queries.autonomous_divisions(centre)):
        raise NodeSetupRefused("The division, or a part of it, works on another node.")
    if under_way := queries.work_under_way(centre, divisions):
        raise NodeSetupRefused(f"{under_way} jobs and bill runs of the division are under way at the centre. Let them end first.")
    return int(row[0]), str(row[1])


def leave(own_url: str, number: int, *, without_node: bool) -> None:
    """Take a node's divisions back to the centre.

    :raises NodeSetupRefused: if there is no such node, or it cannot hand over its last rows
    """
    with psycopg.connect(own_url, autocommit=True) as centre:
        row = centre.execute("SELECT is_linked FROM node WHERE number = %s AND number <> 0 AND dropped_at IS NULL", (number,)).fetchone()
        if row is None:
            raise NodeSetupRefused(f"No node {number} works here.")
        if not row[0] and not without_node:
            raise NodeSetupRefused("The node has no link. Import its last package, then drop it with --without-node.")
        name = service.of_node(number)
        url = queries.connection_of(centre, name)
        if without_node:
            service.unsubscribe(centre, name)
        elif url is None:
            raise NodeSetupRefused("The centre does not follow this node. If it is lost, drop it with --without-node.")
        else:
            _part(centre, url, number)
        service.drop_slot(centre, name)
        with centre.transaction():
            service.leave_node(centre, number)


def _part(centre: Database, url: str, number: int) -> None:
    """Close the node for writing, wait for its last rows, and end the exchange in both directions."""
    with psycopg.connect(url, autocommit=True) as node:
        with node.transaction():
            service.guard_node(node, [])
        last = queries.position(node)
        for _ in range(_LAST_ROWS_S * 5):
            if queries.is_caught_up(node, service.OF_CENTRE, last):
                break
            time.sleep(0.2)
        else:
            with node.transaction():
                service.guard_node(node, queries.divisions_of_node(node, number))
            raise NodeSetupRefused("The node's last rows did not arrive. See `node status`; nothing was changed.")
        service.unsubscribe(centre, service.of_node(number))
        service.unsubscribe(node, service.OF_CENTRE)
        service.drop_slot(node, service.OF_CENTRE)


def publish_key(database: Database, key_file: Path) -> str:
    """Write this place's public key down where it may be, and return it; a node's reaches the centre when it joins."""
    public = packages.public_key(packages.private_key(key_file))
    if queries.own_number(database) == CENTRE:
        row = database.execute("SELECT id, name FROM division WHERE parent_id IS NULL").fetchone()
        assert row is not None
        service.enter_node(database, number=CENTRE, name=row[1], division_id=row[0], public_key=public, is_linked=True)
    return public
