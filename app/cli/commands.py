"""Commands of ``flask --app run``: access, demo, ledger, worker, servers."""

import json
import sys
import threading
import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from rq import Worker
from rq.serializers import JSONSerializer

from app import clock
from app.cli import access, audit, balances, billing, database, demo, maintenance, nodes, payments, reports, schema, tariffs
from app.cli.demo import examples
from app.domain.ledger.proofs import CheckCause
from app.domain.portal import LinkPurpose
from app.extensions import HOST, Scope, db, queue, set_scope, transaction
from app.gateways import catalogs
from app.jobs import runner, schedule
from app.jobs.ledger import found_in_snapshot, keep
from app.queries import administration as queries
from app.queries import ledger as ledger_queries

ledger_group = AppGroup("ledger", help="The books.")
demo_group = AppGroup("demo", help="Demonstration data.")
translations_group = AppGroup("translations", help="Texts of the screens.")
access_group = AppGroup("access", help="Roles and permissions.")
schema_group = AppGroup("schema", help="The database's schema.")


def register(app: Flask) -> None:
    """Add the commands to the application."""
    ours = (ledger_group, demo_group, access_group, schema_group, translations_group)
    for group in (*ours, audit.group, balances.group, billing.group, database.group, maintenance.group, payments.group, tariffs.group):
        app.cli.add_command(group)
    access.register(access_group)
    app.cli.add_command(nodes.node_group)
    app.cli.add_command(reports.command)
    app.cli.add_command(worker)


def enter_command() -> None:
    """Work as the operator, in all divisions."""
    set_scope(Scope(actor="operator", today=clock.today(), address=HOST, everywhere=True))


@ledger_group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--all", "every", is_flag=True, help="Compute every posted bill again, not only a sample.")
@click.option("--sample", default=2000, show_default=True, type=click.IntRange(0), help="Bills computed again.")
def verify(*, as_json: bool, every: bool, sample: int) -> None:
    """Re-sum all documents and entries and compute bills again; keep what was found, end with 1 and name each row that differs."""
    enter_command()
    again = billing.replayed(every=every, sample=sample)
    found = found_in_snapshot(db.session())
    with transaction() as session:
        keep(session, CheckCause.COMMAND, [*found, *again.drifts])
    size = ledger_queries.proof_size(db.session())
    good = not found and not again.differences
    if as_json:
        drifts = [drift._asdict() for drift in found]
        click.echo(json.dumps({"ok": good, **size, "drifts": drifts, "replayed": again.bills, "differences": again.differences}))
    else:
        click.echo(f"{size['rules']} rules over " + ", ".join(f"{count} {name}" for name, count in size.items() if name != "rules"))
        for drift in found:
            click.echo(f"DRIFT {drift.row}: {drift.rule}: stored {drift.stored}, computed {drift.computed}")
        click.echo("no drift" if not found else f"{len(found)} drifts")
        again.echo()
    sys.exit(0 if good else 1)


@access_group.command("sync")
def sync() -> None:
    """Create the permissions of all views, and the roles; what an office added stays."""
    enter_command()
    access.sync()
    click.echo("permissions and roles are in place")


@schema_group.command("revise")
@click.argument("message")
def revise(message: str) -> None:
    """Write a revision from what the models have and the database has not."""
    schema.revise(current_app.config["SQLALCHEMY_DATABASE_URI"], message)


@translations_group.command("export")
def export_translations() -> None:
    """Write the texts translators corrected back into the catalogs of the developers."""
    enter_command()
    folder = Path(current_app.config["BABEL_TRANSLATION_DIRECTORIES"].split(";")[-1])
    for language, texts in queries.corrected_texts(db.session()).items():
        click.echo(f"{language}: {catalogs.put(folder, language, texts)} of {len(texts)} corrected texts were new")


@demo_group.command("load")
@click.option("--accounts", default=2000, show_default=True, type=click.IntRange(20, 1_000_000))
@click.option("--months", default=6, show_default=True, type=click.IntRange(1, 60))
@click.option("--seed", default=1, show_default=True)
def demo_load(accounts: int, months: int, seed: int) -> None:
    """Make believable districts, billed and paid; refuses where there are accounts already."""
    enter_command()
    started = time.monotonic()
    access.sync()
    try:
        counts = demo.load(accounts=accounts, months=months, seed=seed, report=click.echo)
    except demo.NotEmpty:
        raise click.ClickException("There are accounts already. Demo data is only loaded into an empty database.") from None
    took = time.monotonic() - started
    click.echo(f"{counts['accounts']} accounts, {counts['bills']} bills, {counts['payments']} payments in {took:.1f} s")


@demo_group.command("info")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def demo_info(*, as_json: bool) -> None:
    """Print the address, the demo users, ten account numbers and the payment channels' demo credentials."""
    enter_command()
    found = demo.info(current_app.config["PUBLIC_URL"])
    click.echo(json.dumps(found, ensure_ascii=False, indent=None if as_json else 2))


@demo_group.command("sms")
@click.argument("account")
def demo_sms(account: str) -> None:
    """Print the last message written to an account, or to a telephone of none, with its code while it waits."""
    enter_command()
    message = examples.last_message(account)
    if message is None:
        raise click.ClickException(f"There is no message to account {account}.")
    click.echo(message)


@demo_group.command("link")
@click.argument("account", default="")
@click.option("--for", "purpose", type=click.Choice([LinkPurpose.PAY, LinkPurpose.READING]), default=LinkPurpose.PAY, show_default=True)
def demo_link(account: str, purpose: LinkPurpose) -> None:
    """Make a link that pays, or sends a reading of, an account without a login, and print it; without a number, of one that owes."""
    enter_command()
    address = examples.make_link(account, LinkPurpose(purpose))
    if address is None:
        raise click.ClickException(f"There is no account {account}.")
    click.echo(address)


@click.command("worker")
def worker() -> None:
    """Do jobs until told to stop; run the schedule beside them."""
    app = current_app._get_current_object()  # noqa: SLF001 - Flask's documented way to the real application
    db.engine.dispose()
    threading.Thread(target=schedule.run_for_ever, args=(app,), daemon=True).start()
    rq_queue = queue()
    rq_queue.job_class = runner.QueuedJob
    Worker([rq_queue], connection=rq_queue.connection, job_class=runner.QueuedJob, serializer=JSONSerializer).work(logging_level="WARNING")
