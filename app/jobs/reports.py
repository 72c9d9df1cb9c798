"""Reports that are too long to wait for, as jobs."""

from collections.abc import Generator, Iterator, Sequence
from datetime import date

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
    table = ReportTable(spec.columns, names, list(spec.cells(session, asked)))
    books = stored.ledger_state(session, asked.divisions, asked.period.end)
    contents = written(table)
    kept = {"contents": contents, "rows": len(table.rows), "ledger_sha256": books}
    return service.store(session, spec.name, division_id, asked.period, asked.consumers, **kept)


def write_report(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Write a report into a file, with the divisions its user has now."""
    asked = record.parameters
    spec, kind, today = REPORTS[asked["report"]], asked["kind"], clock.today()
    yield JobStep(0, 1, {})
    mine = queries.divisions_of_user(session, asked["user_id"], today)
    chosen = next((each for each in mine if each.id == asked["division"]), None)
    if chosen is None:
        raise JobRefused(catalog_text("The division is not among those of the user any more."))
    period = period_of(spec.period, date.fromisoformat(asked["first"]), date.fromisoformat(asked["last"]), today=today)
    consumers = ConsumerKind(asked["consumers"]) if asked["consumers"] else None
    made = spec.request(mine, chosen, period, consumers)
    count = 0

    def counted() -> Iterator[Sequence[tables.Cell]]:
        nonlocal count
        for row in cells.file_rows(spec.columns, spec.cells(session, made), {each.id: each.name for each in mine}):
            count += 1
            if count > LARGEST[kind] + 1:
                raise JobRefused(catalog_text("More than %(count)s rows do not fit this kind of file."), count=LARGEST[kind])
            yield row

    with force_locale(asked["language"]):
        title, chosen_format = documents.title_of(spec, chosen.name, made), tables.FORMATS[kind]
        content = chosen_format.write(title, cells.file_header(spec.columns), counted())
    kept = {"name": f"{spec.name}.{kind}", "media_type": chosen_format.media_type, "content": content, "by": record.created_by}
    made_file = administration.store_file(session, division_id=record.division_id, **kept)
    yield JobStep(1, 1, {"files": [[made_file.id, kept["name"], count - 1]], "rows": True})
    return JobStatus.DONE


JOBS = (JobSpec(JobKind.REPORT_FILE, _l("File of a report"), write_report, ("can_file", "ReportsView")),)
