"""Commands of ``flask --app run bill``: posted bills computed again."""

import json
import sys
import time
from datetime import date
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app import clock
from app.domain.calendar import day_of, months_after
from app.extensions import HERE, Scope, db, enter
from app.queries import administration, tariffs
from app.queries import billing as queries
from app.services.billing import replay as service
from app.services.billing.replay import Found

group = AppGroup("bill", help="Bills.")

SHOWN = 100


@group.command("replay")
@click.option("--month", required=True, help="Billing month: 2026-10.")
@click.option("--division", required=True, help="Code of a division; its parts are meant with it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--chunk", default=service.CHUNK, show_default=True, type=click.IntRange(1, 100_000), help="Bills computed at once.")
def replay(*, month: str, division: str, as_json: bool, chunk: int) -> None:
    """Compute posted bills again from their stored inputs; end with 1 and name each figure that differs."""
    enter(Scope(actor="operator", today=clock.today(), address=HERE, everywhere=True))
    session = db.session()
    started = time.monotonic()
    chosen = {"division_id": _division_id(session, division), "month": month_of(month)}
    bills, count, shown = 0, 0, list[dict[str, Any]]()
    for done, found in service.replay_month(session, tariffs.prices(session), **chosen, most=chunk):
        bills, count = bills + done, count + len(found)
        shown += _rows(session, found[: SHOWN - len(shown)])
        session.rollback()
    took = time.monotonic() - started
    figures = {"bills": bills, "differences": count, "seconds": round(took, 2), "bills_per_s": round(bills / max(took, 1e-9))}
    if as_json:
        click.echo(json.dumps({"ok": not count, **figures, "first": shown}))
    else:
        for row in shown:
            place = f"{row['account']} {row['row']} {row['number']} {row['column']}"
            click.echo(f"DIFFERS {place}: stored {row['stored']}, computed {row['computed']}")
        click.echo(f"{bills} bills computed again in {took:.1f} s, {count} differences")
    sys.exit(1 if count else 0)


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


def _rows(session: Session, found: list[Found]) -> list[dict[str, Any]]:
    """Return differences as people read them: account numbers, days as dates."""
    numbers = queries.account_numbers(session, [each.account_id for each in found])
    return [
        {"account": numbers[each.account_id], **each._asdict()}
        | {side: _plain(each.column, getattr(each, side)) for side in ("stored", "computed")}
        for each in found
    ]


def _plain(column: str, value: int | None) -> Any:
    return day_of(value).isoformat() if value is not None and column.endswith("_day") else value
