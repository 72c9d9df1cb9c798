"""Commands of ``flask --app run bill``: posted bills computed again."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app import clock
from app.domain.calendar import day_of, months_after
from app.extensions import HOST, Scope, db, set_scope
from app.jobs.ledger import drift_of
from app.queries import administration, tariffs
from app.queries import billing as queries
from app.queries.ledger import Drift
from app.services.billing import replay as service
from app.services.billing.replay import BillDifference

group = AppGroup("bill", help="Bills.")

SHOWN = 100


class Replayed(NamedTuple):
    """How many bills were computed again, how many figures differ, and the first of these, also as drifts."""

    bills: int
    differences: int
    first: list[dict[str, Any]]
    drifts: list[Drift]

    def echo(self) -> None:
        """Print what differs, and how many bills were computed again."""
        for row in self.first:
            place = f"{row['account']} {row['row']} {row['number']} {row['column']}"
            click.echo(f"DIFFERS {place}: stored {row['stored']}, computed {row['computed']}")
        click.echo(f"{self.bills} bills computed again, {self.differences} differences")


@group.command("replay")
@click.option("--month", help="Billing month: 2026-10.")
@click.option("--division", help="Code of a division; its parts are meant with it.")
@click.option("--all", "every", is_flag=True, help="Every month of every division.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--chunk", default=service.CHUNK, show_default=True, type=click.IntRange(1, 100_000), help="Bills computed at once.")
def replay(*, month: str | None, division: str | None, every: bool, as_json: bool, chunk: int) -> None:
    """Compute posted bills again from their stored inputs; end with 1 and name each figure that differs."""
    if every == bool(month or division) or bool(month) != bool(division):
        raise click.UsageError("Name a month and a division, or say --all.")
    set_scope(Scope(actor="operator", today=clock.today(), address=HOST, everywhere=True))
    session = db.session()
    started = time.monotonic()
    if every:
        found = replayed(every=True, limit=chunk)
    else:
        chosen = {"division_id": _division_id(session, division or ""), "month": month_of(month or "")}
        found = _gathered(service.replay_month(session, tariffs.prices(session), **chosen, limit=chunk))
    took = time.monotonic() - started
    if as_json:
        figures = {"bills": found.bills, "differences": found.differences, "seconds": round(took, 2)}
        click.echo(
            json.dumps({"ok": not found.differences, **figures, "bills_per_s": round(found.bills / max(took, 1e-9)), "first": found.first})
        )
    else:
        found.echo()
    sys.exit(1 if found.differences else 0)


def replayed(*, every: bool, sample: int = 0, limit: int = service.CHUNK) -> Replayed:
    """Compute all posted bills again, or a sample of them."""
    session = db.session()
    prices = tariffs.prices(session)
    if every:
        return _gathered(service.replay_all(session, prices, limit=limit))
    return _gathered(service.replay_sample(session, prices, bills=sample, limit=limit))


def _gathered(steps: Iterator[tuple[int, list[BillDifference]]]) -> Replayed:
    bills, count, shown, drifts = 0, 0, list[dict[str, Any]](), list[Drift]()
    for done, found in steps:
        bills, count = bills + done, count + len(found)
        drifts += [drift_of(each) for each in found[: SHOWN - len(drifts)]]
        shown += _rows(db.session(), found[: SHOWN - len(shown)])
        db.session.rollback()
    return Replayed(bills, count, shown, drifts)


def month_of(text: str) -> date:
    """Return the month a person wrote: ``2026-10``.

    :raises click.BadParameter: if it is anything else
    """
    try:
        return months_after(date.fromisoformat(f"{text}-01"), 0)
    except ValueError:
        raise click.BadParameter(f"{text} is no month; write it like 2026-10.") from None


def _division_id(session: Session, code: str) -> int:
    found = administration.division_by_code(session, code)
    if found is None:
        raise click.BadParameter(f"There is no division {code}.")
    return found.id


def _rows(session: Session, found: list[BillDifference]) -> list[dict[str, Any]]:
    """Return differences as people read them: account numbers, days as dates."""
    numbers = queries.account_numbers(session, [each.account_id for each in found])
    return [
        {"account": numbers[each.account_id], **each._asdict()}
        | {side: _plain(each.column, getattr(each, side)) for side in ("stored", "computed")}
        for each in found
    ]


def _plain(column: str, value: int | None) -> Any:
    return day_of(value).isoformat() if value is not None and column.endswith("_day") else value
