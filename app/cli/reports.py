"""The command ``flask --app run report``: a report as a file, as it would be on the screen."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from flask_babel import force_locale

from app import clock, labels
from app.documents import reports as documents
from app.documents import tables
from app.documents.reports import REPORTS, ReportSpec, cells
from app.domain import readers
from app.domain.calendar import Period, month_period, months_after
from app.domain.reference import ConsumerKind
from app.domain.reports import PeriodRefused, period_of
from app.extensions import HOST, Scope, db, set_scope
from app.queries import administration as queries


@click.command("report")
@click.argument("name", type=click.Choice(sorted(REPORTS)))
@click.option("--division", required=True, help="Code of a division; its parts are meant with it.")
@click.option(
    "--period",
    help="A month or a day, or the first and the last: 2026-08, 2026-01..2026-08, 2026-08-01..2026-08-15; the month before without it.",
)
@click.option(
    "--consumers", type=click.Choice([kind.value for kind in ConsumerKind], case_sensitive=False), help="Of one kind of consumers."
)
@click.option("--format", "kind", type=click.Choice(sorted(tables.FORMATS)), default="csv", show_default=True)
@click.option("--language", default="uz", show_default=True, help="Language of heads and words: uz, uz_Cyrl, ru, kaa, en.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; without it NAME.FORMAT here.")
def command(*, name: str, division: str, period: str | None, consumers: str | None, kind: str, language: str, output: Path | None) -> None:
    """Write a report into a file."""
    with force_locale(language):  # what the transaction calls divisions and groups is in it, too
        set_scope(Scope(actor="operator", today=clock.today(), address=HOST, everywhere=True))
        spec, session = REPORTS[name], db.session()
        divisions = queries.divisions(session)
        chosen = next((each for each in divisions if each.code == division), None)
        if chosen is None:
            raise click.BadParameter(f"There is no division {division}.")
        made = spec.request(divisions, chosen, _period(spec, period), ConsumerKind(consumers.upper()) if consumers else None)
        columns = spec.columns_on(session, made.period)
        rows = cells.file_rows(columns, spec.cells(session, made), {each.id: each.name for each in divisions})
        title, target = documents.title_of(spec, chosen.name, made), output or Path(f"{name}.{kind}")
        _write(target, kind, title, cells.file_header(columns), rows)
    click.echo(f"{title}: {target}")


def _write(target: Path, kind: str, title: str, header: Sequence[str], rows: tables.Table) -> None:
    """Write a report; a CSV as its rows come."""
    with target.open("wb") as file:
        if kind == "csv":
            file.writelines(tables.csv_parts(header, rows))
        else:
            file.write(tables.FORMATS[kind].write(title, header, rows))


def _period(spec: ReportSpec, text: str | None) -> Period:
    """Return the period a person wrote."""
    first, _dots, last = (text or "").partition("..")
    month = months_after(clock.today(), -1)
    try:
        begin = _day(first, month, is_last=False)
        return period_of(spec.period, begin, _day(last or first, month, is_last=True), today=clock.today())
    except readers.Misread:
        raise click.BadParameter(f"{text} is no period; write it like 2026-08, 2026-01..2026-08 or 2026-08-01..2026-08-15.") from None
    except PeriodRefused as refused:
        raise click.BadParameter(labels.member(refused.fault)) from None


def _day(text: str, month: date, *, is_last: bool) -> date:
    """Return a day; of a month its first or last."""
    if text and text.count("-") != 1:
        return readers.day(text)
    chosen = readers.month(text) if text else month
    return month_period(chosen).last if is_last else chosen
