"""Commands of an autonomous division: join the centre, look how the exchange stands, leave; packages where there is no link."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psycopg
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.cli import node_setup
from app.cli import packages as parcels
from app.cli.node_setup import NodeSetupRefused
from app.domain.administration.nodes import CENTRE, LARGEST_NUMBER, OPERATIONAL, REFERENCE, key_range
from app.extensions import Scope, db, set_scope
from app.jobs.administration import nodes as jobs
from app.queries.administration import nodes as monitor
from app.queries.administration import replication as queries
from app.services.administration import replication as service

node_group = AppGroup("node", help="Autonomous divisions.")
_NUMBER = click.IntRange(1, LARGEST_NUMBER)


def key_file() -> Path:
    """Return where this place keeps the key it signs packages with."""
    return Path(current_app.config["NODE_KEY_FILE"])


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (NodeSetupRefused, parcels.NotTaken) as refused:
        raise click.ClickException(str(refused)) from None
    except psycopg.OperationalError as error:
        raise click.ClickException(f"The other side or this database cannot be reached: {error}") from None


@node_group.command("init")
@click.option("--centre", "centre_url", required=True, help="Address of the centre's database, from here.")
@click.option("--number", required=True, type=_NUMBER, help="Number of the node; its keys begin with it.")
@click.option("--division", required=True, help="SOATO code of the division that works here, with all below it.")
@click.option("--name", help="Name of the node; the division's, if not given.")
@click.option("--here", "here_url", help="Address of this database from the centre; its own, if not given.")
@click.option("--packages", is_flag=True, help="Exchange package files; there will be no link.")
def init(*, centre_url: str, number: int, division: str, name: str | None, here_url: str | None, packages: bool) -> None:
    """Make this empty database the node of a division: copy its contents, follow the centre, let the centre follow it."""
    wanted = node_setup.NodeRequest(number, division, name, centre_url, here_url or jobs.own_url(), is_linked=not packages)
    with _in_words():
        copied = node_setup.join(jobs.own_url(), wanted, key_file())
    set_scope(Scope(actor="operator", today=clock.today(), everywhere=True))
    jobs.look()
    click.echo(f"node {number} works for {division}: {copied} rows copied, keys from {key_range(number).first}")


@node_group.command("drop")
@click.argument("number", type=_NUMBER)
@click.option("--without-node", is_flag=True, help="The node is lost or has no link; what it has not sent stays unknown.")
def drop(*, number: int, without_node: bool) -> None:
    """Take a node's divisions back to the centre, after its last rows have arrived."""
    with _in_words():
        node_setup.leave(jobs.own_url(), number, without_node=without_node)
    click.echo(f"node {number} is dropped; its divisions are written at the centre again")


@node_group.command("refresh")
def refresh() -> None:
    """Bring guards and publications up to new divisions and new tables; run it at both sides, the centre first."""
    with _in_words(), _database() as database:
        number = queries.own_number(database)
        if number == CENTRE:
            service.publish_reference(database)
            service.guard_centre(database)
        else:
            divisions = queries.divisions_of_node(database, number)
            service.set_key_ranges(database, number)
            service.publish_operational(database, divisions)
            service.guard_node(database, divisions)
    with psycopg.connect(jobs.own_url(), autocommit=True) as database:
        service.reread_publications(database)
    click.echo("guards and publications are up to date")


@node_group.command("resume")
def resume() -> None:
    """Go on with exchanges that stopped at a conflict, after it was put right."""
    with _database() as database:
        resumed = service.enable_subscriptions(database)
    click.echo(", ".join(resumed) if resumed else "nothing stood still")


@node_group.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--hash", "with_hash", is_flag=True, help="Add the number of rows and a hash of every table that travels.")
@click.option("--node", "number", type=_NUMBER, help="At the centre: hashes of the rows of this node's divisions.")
def status(*, as_json: bool, with_hash: bool, number: int | None) -> None:
    """Tell who this is, on which version it works, how far each exchange is, and what did not fit."""
    set_scope(Scope(actor="operator", today=clock.today(), everywhere=True))
    jobs.look()
    found = _status()
    if with_hash:
        found["hashes"] = _hashes(number)
    db.session.rollback()
    click.echo(json.dumps(found, default=str, ensure_ascii=False) if as_json else _in_lines(found))


def _status() -> dict[str, Any]:
    session = db.session()
    return {
        **monitor.place(session)._asdict(),
        "nodes": [row._asdict() for row in monitor.nodes(session, now=clock.now())],
        "subscriptions": [row._asdict() for row in monitor.subscriptions(session)],
        "slots": [row._asdict() for row in monitor.slots(session)],
        "conflicts": [row._asdict() for row in monitor.open_conflicts(session)],
        "packages": [row._asdict() for row in monitor.packages(session)],
    }


def _hashes(number: int | None) -> dict[str, Any]:
    with _database() as database:
        own = queries.own_number(database)
        divisions = queries.divisions_of_node(database, number or own)
        return {table: queries.fingerprint(database, table, divisions) for table in (*REFERENCE, *OPERATIONAL)}


def _in_lines(found: dict[str, Any]) -> str:
    who = "the centre" if found["number"] == CENTRE else f"node {found['number']} ({found['name']})"
    lines = [f"This is {who}, on version {found['release']} of the reference information."]
    for kind in ("nodes", "subscriptions", "slots", "conflicts", "packages"):
        lines += [f"{kind[:-1]}: " + ", ".join(f"{name} {value}" for name, value in row.items()) for row in found[kind]]
    lines += [f"{table}: {rows} rows, {digest}" for table, (rows, digest) in found.get("hashes", {}).items()]
    return "\n".join(lines)


@node_group.command("key")
def key() -> None:
    """Make this place's key for signing packages, write its public half down, and print it."""
    with _in_words(), _database() as database:
        click.echo(node_setup.publish_key(database, key_file()))


@node_group.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--node", "number", type=_NUMBER, help="At the centre: the node the package is for.")
def export(*, file: Path, number: int | None) -> None:
    """Write a signed package: at the centre the reference information for a node, at a node its rows for the centre."""
    with _in_words():
        made = parcels.export(jobs.own_url(), key_file(), file, number, clock.now())
    click.echo(f"{file}: {made.kind.lower()} version {made.version} for {'the centre' if made.receiver == CENTRE else made.receiver}")


@node_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def import_(*, file: Path) -> None:
    """Take a package in, all of it or nothing, and write FILE.ack for its sender."""
    with _in_words():
        said = parcels.take_in(jobs.own_url(), key_file(), file, clock.now())
    set_scope(Scope(actor="operator", today=clock.today(), everywhere=True))
    jobs.look()
    click.echo(said)


@node_group.command("ack")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def ack(*, file: Path) -> None:
    """Note that a package arrived, from the file its receiver sent back."""
    with _in_words():
        click.echo(parcels.note_arrival(jobs.own_url(), file))


@contextmanager
def _database() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(jobs.own_url()) as database:
        yield database
