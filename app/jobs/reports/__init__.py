"""Reports that are too long to wait for, as jobs."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.documents import reports as documents
from app.documents import tables
from app.documents.reports import REPORTS, ReportSpec, cells
from app.documents.reports.stored import ReportTable, written
from app.domain.administration import JobKind, JobStatus
from app.domain.administration.translations import catalog_text
from app.domain.reference import ConsumerKind
from app.domain.reports import period_of
from app.jobs.runner import JobRefused, JobSpec, JobStep
from app.queries import administration as queries
from app.queries.administration import JobRecord
from app.queries.reports import ReportRequest, stored
from app.services import administration
from app.services import reports as service

#: Rows a file of each kind holds; more are refused, not cut.
LARGEST = {"csv": 10_000_000, "xlsx": 1_000_000, "pdf": 50_000}


def keep(session: Session, spec: ReportSpec, division_id: int, asked: ReportRequest) -> int:
    """Keep a report as it is now and return its id."""
    names = {each.id: each.names for each in stored.division_names(session, asked.divisions)}
    table = ReportTable(spec.columns_on(session, asked.period), names, list(spec.cells(session, asked)))
    books = stored.ledger_state(session, asked.divisions, asked.period.end)
    contents = written(table)
    kept = {"contents": contents, "rows": len(table.rows), "ledger_sha256": books}
    return service.store(session, spec.name, division_id, asked.period, asked.consumers, **kept)


class MadeFile(NamedTuple):
    """A report as a file, and how many rows it has."""

    content: bytes
    rows: int


def write_report(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Write a report into a file, with the divisions its user has now, in the language it was asked for in."""
    asked = record.parameters
    yield JobStep(0, 1, {})
    with force_locale(asked["language"]):  # the transaction that begins here calls divisions and groups in it
        made = _asked_file(session, asked)
    kept = {"name": f"{asked['report']}.{asked['kind']}", "media_type": tables.FORMATS[asked["kind"]].media_type, "by": record.created_by}
    made_file = administration.store_file(session, division_id=record.division_id, content=made.content, **kept)
    yield JobStep(1, 1, {"files": [[made_file.id, kept["name"], made.rows]], "rows": True})
    return JobStatus.DONE


def _asked_file(session: Session, asked: Mapping[str, Any]) -> MadeFile:
    spec, today = REPORTS[asked["report"]], clock.today()
    mine = queries.divisions_of_user(session, asked["user_id"], today)
    chosen = next((each for each in mine if each.id == asked["division"]), None)
    if chosen is None:
        raise JobRefused(catalog_text("The division is not among those of the user any more."))
    days = [date.fromisoformat(asked[end]) for end in ("first", "last")]
    consumers = ConsumerKind(asked["consumers"]) if asked["consumers"] else None
    made = spec.request(mine, chosen, period_of(spec.period, *days, today=today), consumers)
    return file_of(session, spec, asked["kind"], made, {each.id: each.name for each in mine}, documents.title_of(spec, chosen.name, made))


def file_of(session: Session, spec: ReportSpec, kind: str, asked: ReportRequest, names: Mapping[int, str], title: str) -> MadeFile:
    """Return a report as a file in the language in force.

    :param names: division → its name
    :raises JobRefused: if it has more rows than the kind of file holds
    """
    columns = spec.columns_on(session, asked.period)
    counted = CountedRows(cells.file_rows(columns, spec.cells(session, asked), names), LARGEST[kind] + 1)
    content = tables.FORMATS[kind].write(title, cells.file_header(columns), counted)
    return MadeFile(content, counted.rows - 1)


class CountedRows:
    """Rows that are counted while they are written; more than a file may have are refused."""

    def __init__(self, rows: Iterable[Sequence[tables.Cell]], most: int) -> None:
        self.rows, self._source, self._most = 0, rows, most

    def __iter__(self) -> Iterator[Sequence[tables.Cell]]:
        """Yield the rows."""
        for row in self._source:
            self.rows += 1
            if self.rows > self._most:
                raise JobRefused(catalog_text("More than %(count)s rows do not fit this kind of file."), count=self._most - 1)
            yield row


JOBS = (JobSpec(JobKind.REPORT_FILE, _l("File of a report"), write_report, ("can_file", "ReportsView")),)
