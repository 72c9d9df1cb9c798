"""Commands about the database server and its months."""

import json
import sys
from datetime import datetime

import click
from flask.cli import AppGroup
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import clock
from app.extensions import HOST, Scope, db, set_scope, transaction
from app.queries.administration import statements
from app.queries.administration.months import PARTITIONED
from app.services.administration import months

group = AppGroup("database", help="The database server.")


@group.command("detach-months")
@click.argument("table", type=click.Choice(PARTITIONED))
@click.option("--before", type=click.DateTime(["%Y-%m"]), required=True, help="The first month that stays, like 2026-01.")
def detach_months(table: str, before: datetime) -> None:
    """Detach old months: they stay in the schema archive, unchangeable, and only `audit verify` still reads them."""
    set_scope(Scope(actor="operator", today=clock.today(), address=HOST, everywhere=True))
    try:
        with transaction() as session:
            session.execute(text("SET LOCAL ROLE pcb_owner"))
            detached = months.detach(session, table, before=before.date(), today=clock.today())
    except months.MonthNotEnded:
        raise click.ClickException("Only months that are over are detached.") from None
    except DBAPIError as error:
        raise click.ClickException(f"Nothing was detached: {str(error.orig).splitlines()[0]}") from None
    click.echo("\n".join(f"archive.{name}" for name in detached) or "There is no such month.")


@group.command("slow")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="How many statements.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def slow(*, limit: int, as_json: bool) -> None:
    """Print the statements that took the most time since the server began to count."""
    session = db.session()
    if not statements.are_counted(session):
        click.echo(
            "The server does not count statements: shared_preload_libraries must hold pg_stat_statements, then, as a superuser, "
            "CREATE EXTENSION pg_stat_statements and GRANT pg_read_all_stats TO pcb_worker.",
            err=True,
        )
        sys.exit(1)
    found = statements.slowest(session, limit=limit)
    if as_json:
        click.echo(json.dumps([each._asdict() for each in found]))
        return
    click.echo(f"{'calls':>9} {'total ms':>10} {'mean ms':>9} {'rows':>10}  statement")
    for each in found:
        click.echo(f"{each.calls:>9} {each.total_ms:>10} {each.mean_ms:>9.2f} {each.rows:>10}  {' '.join(each.statement.split())[:200]}")
