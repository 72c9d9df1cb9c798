"""Commands about payments: let the ledger hear of what was taken."""

import logging
import time

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import HERE, Scope, db, enter, transaction
from app.services import payments as service

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
            credited, failed = 0, 1
        if not forever:
            click.echo(f"{credited} credited, {failed} could not be and go on waiting")
            return
        if not credited:
            time.sleep(LONG_REST_S if failed else REST_S)


def credit_all() -> tuple[int, int]:
    """Credit all that waits, and return how many were credited and how many could not be."""
    enter(Scope(actor="crediting", today=clock.today(), address=HERE, everywhere=True))
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
