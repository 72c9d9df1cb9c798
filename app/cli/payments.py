"""Commands about payments: post what was taken to the ledger, compare days of providers."""

import logging
import sys
import time
from datetime import date, datetime, timedelta

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.domain.payments.reconciliation import TransactionVerdict
from app.extensions import HOST, Scope, db, set_scope, transaction
from app.queries.payments import reconciliation as queries
from app.services import payments as service
from app.services.payments import reconciliation

#: How long to rest when nothing waits, and when nothing but what cannot be credited waits, in seconds.
REST_S, LONG_REST_S = 0.5, 10.0

group = AppGroup("payments", help="Money from providers, banks and the post.")
_log = logging.getLogger("app.crediting")


@group.command("credit")
@click.option("--forever", is_flag=True, help="Go on until stopped; needs PostgreSQL and nothing else.")
def credit(*, forever: bool) -> None:
    """Set what was taken against debts, in the order it came."""
    while True:
        try:
            credited, failed = credit_all()
        except SQLAlchemyError as error:
            if not forever:
                raise
            _log.warning("crediting waits for the database: %s", error)
            credited, failed = 0, 0
        if not forever:
            click.echo(f"{credited} credited, {failed} could not be and go on waiting")
            return
        if not credited:
            time.sleep(LONG_REST_S if failed else REST_S)


@group.command("reconcile")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day to compare; yesterday if it is not said.")
@click.option("--contract", type=int, help="Number of the contract; all with providers if it is not said.")
def reconcile(day: datetime | None, contract: int | None) -> None:
    """Compare days of providers with their statements; end with 1 if anything differs or a statement is missing."""
    wanted = day.date() if day else clock.today() - timedelta(days=1)
    set_scope(Scope(actor="operator", today=clock.today(), address=HOST, everywhere=True))
    contracts = dict(queries.provider_contracts(db.session()))
    if contract is not None and contract not in contracts:
        raise click.ClickException(f"there is no active contract {contract} with a provider")
    chosen = contracts if contract is None else {contract: contracts[contract]}
    differing = [name for contract_id, name in chosen.items() if not _reconcile(contract_id, name, wanted)]
    if differing:
        sys.exit(1)


def _reconcile(contract_id: int, name: str, day: date) -> bool:
    """Compare a provider's day, print what came out, and tell whether all of it is equal."""
    try:
        with transaction() as session:
            totals = reconciliation.reconcile(session, contract_id, day, now=clock.now())
    except reconciliation.NoStatement:
        click.echo(f"{day} {contract_id} {name}: there is no statement")
        return False
    click.echo(f"{day} {contract_id} {name}: " + ", ".join(f"{total.rows} {verdict}" for verdict, total in totals.items()))
    return all(total.rows == 0 for verdict, total in totals.items() if verdict != TransactionVerdict.EQUAL)


def credit_all() -> tuple[int, int]:
    """Credit all that waits, and return how many were credited and how many could not be."""
    set_scope(Scope(actor="crediting", today=clock.today(), address=HOST, everywhere=True))
    after, credited, failed = 0, 0, 0
    try:
        while True:
            with transaction() as session:
                after, done, refused = service.credit(session, today=clock.today(), after=after)
            credited, failed = credited + done, failed + len(refused)
            for tender_id in refused:
                _log.warning("tender %s cannot be credited and goes on waiting", tender_id)
            if not after:
                return credited, failed
    finally:
        db.session.remove()
