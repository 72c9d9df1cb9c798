"""Commands about the database server."""

import json
import sys

import click
from flask.cli import AppGroup

from app.extensions import db
from app.queries.administration import statements

group = AppGroup("database", help="The database server.")


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
