"""Commands that begin and end maintenance."""

import click
from flask.cli import AppGroup

from app import clock
from app.extensions import HOST, Scope, db, set_scope, transaction
from app.services.administration import maintenance as service

group = AppGroup("maintenance", help="The back office is read only, payments are taken.")


def _enter() -> None:
    set_scope(Scope(actor="operator", today=clock.today(), address=HOST, everywhere=True))


@group.command("begin")
@click.option("--message", default="", help="What people are told.")
def begin(*, message: str) -> None:
    """Make the back office read-only; jobs begin nothing new, payments are taken."""
    _enter()
    with transaction() as session:
        service.begin(session, message)
    click.echo("maintenance has begun: the back office is read only, payments are taken")


@group.command("end")
def end() -> None:
    """Let everybody work again."""
    _enter()
    with transaction() as session:
        service.end(session)
    click.echo("maintenance has ended")


@group.command("status")
def status() -> None:
    """Tell whether maintenance lasts."""
    _enter()
    found = service.message(db.session())
    click.echo("no maintenance" if found is None else f"maintenance: {found}")
