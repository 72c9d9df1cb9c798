"""Papers of a division's month as jobs: bills by street, tax invoices, acts of reconciliation; printed by several processes."""

from collections.abc import Callable, Generator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.documents import ledger, pdf
from app.documents.billing import bills, invoices
from app.documents.sheets import Sheet, drawing
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.calendar import months_after
from app.domain.documents import FIRST_FORM, FORM, PrintedKind
from app.extensions import db
from app.jobs.administration import processes
from app.jobs.runner import JobSpec, JobStep
from app.queries import billing as queries
from app.queries import documents as paper_queries
from app.queries.administration import JobRecord
from app.queries.billing import invoices as invoice_queries
from app.queries.billing import prints
from app.services import administration
from app.services import documents as papers
from app.services.billing import invoices as service

#: Papers in one file: a street, and what a printer's tray holds.
BATCH = 100
#: Invoices issued in a transaction.
ISSUED = 50
#: Faulty papers named in the log and on the page; beyond these they are only counted.
NAMED = 200


class Batch(NamedTuple):
    """Papers to print into one file."""

    name: str
    kind: JobKind
    ids: list[int]
    since: date
    until: date
    #: the form all of them are printed in
    form: int = FORM


class Printed(NamedTuple):
    """A file of papers, and those that could not be printed: id and why."""

    content: bytes
    papers: int
    faulty: list[tuple[int, str]]


def print_bills(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Print a month's bills of a division, a file for each street or mahalla."""
    month = date.fromisoformat(record.parameters["month"])
    by_mahalla = record.parameters.get("by") == "MAHALLA"
    print_batches = prints.print_batches(session, division_id=record.division_id, month=month, by_mahalla=by_mahalla, limit=BATCH)
    pieces = [_piece(record, f"{batch.name} {month:%Y-%m}", batch.bill_ids, month, months_after(month, 1)) for batch in print_batches]
    return (yield from _print(session, record, pieces))


def issue_invoices(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Issue the tax invoices of a division's month that are missing, then print all of the month."""
    month = date.fromisoformat(record.parameters["month"])
    waiting = prints.bills_to_invoice(session, division_id=record.division_id, month=month)
    refused = 0
    for start in range(0, len(waiting), ISSUED):
        refused += _issue(session, record, waiting[start : start + ISSUED])
        yield JobStep(start, len(waiting) * 2, record.checkpoint)
    ids = prints.invoices_of_month(session, division_id=record.division_id, month=month)
    administration.log_job(
        session,
        record.id,
        catalog_text("%(invoices)s tax invoices in the month, %(refused)s bills got none"),
        invoices=len(ids),
        refused=refused,
    )
    return (yield from _print(session, record, _pieces(record, f"{month:%Y-%m}", ids, month, months_after(month, 1)), left_out=refused))


def print_acts(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Print the acts of reconciliation of all legal consumers of a division."""
    since, until = (date.fromisoformat(record.parameters[name]) for name in ("since", "until"))
    papers.require_closed(session, record.division_id, until=until, today=clock.today())
    found = prints.legal_accounts(session, division_id=record.division_id, since=since, until=until)
    ids: list[int] = record.checkpoint.get("statements", [])
    for start in range(len(ids), len(found), ISSUED):
        ids = [*ids, *(_statement(session, account.account_id, since, until) for account in found[start : start + ISSUED])]
        yield JobStep(len(ids), len(found) * 2, {**record.checkpoint, "statements": ids})
    record = record._replace(checkpoint={**record.checkpoint, "statements": ids})
    return (yield from _print(session, record, _pieces(record, f"{since:%Y-%m}", ids, since, until)))


def _statement(session: Session, account_id: int, since: date, until: date) -> int:
    made = ledger.act(session, account_id, since=since, until=until)
    return papers.keep_statement(session, account_id, since=since, until=until, contents=ledger.contents(made))


def printed(piece: Batch) -> Printed:
    """Print papers into one file; one that cannot be printed is left out and named."""
    session = db.session()
    try:
        return _all_at_once(session, piece) or _one_by_one(session, piece)
    finally:
        session.rollback()


def _all_at_once(session: Session, piece: Batch) -> Printed | None:
    """Print all papers together; None if anything is wrong with any of them."""
    try:
        return Printed(_pages(session, piece), len(piece.ids), [])
    except Exception:  # noqa: BLE001 - found again, and named, when they are printed one by one
        session.rollback()
        return None


def _one_by_one(session: Session, piece: Batch) -> Printed:
    good, faulty = [], []
    for row_id in piece.ids:
        try:
            _pages(session, piece._replace(ids=[row_id]))
        except Exception as error:  # noqa: BLE001 - one faulty paper stops no others; it is named in the log
            session.rollback()
            faulty.append((row_id, f"{type(error).__name__}: {error}"[:200]))
        else:
            good.append(row_id)
    return Printed(_pages(session, piece._replace(ids=good)) if good else b"", len(good), faulty)


def _pages(session: Session, piece: Batch) -> bytes:
    """Return the papers of a piece as one PDF, in their form."""
    copies = paper_queries.first_prints(session, PAPERS[piece.kind], piece.ids)
    if piece.form == FIRST_FORM:
        return pdf.joined([FIRST_PAGES[piece.kind](session, row_id, copies.get(row_id)) for row_id in piece.ids])
    return drawing.drawn(SHEETS[piece.kind](session, piece.ids, copies))


def _bill_page(session: Session, bill_id: int, copy_of: datetime | None) -> str:
    head = queries.bill_head(session, bill_id)
    assert head is not None, "a bill on paper has an account, a place and a month"
    return bills.bill_page(session, head, copy_of=copy_of)


def _invoice_page(session: Session, invoice_id: int, copy_of: datetime | None) -> str:
    record = invoice_queries.invoice(session, invoice_id)
    assert record is not None
    return invoices.invoice_page(session, record, copy_of=copy_of)


def _act_page(session: Session, statement_id: int, copy_of: datetime | None) -> str:
    record = paper_queries.statement(session, statement_id)
    assert record is not None
    return ledger.act_page(record, copy_of=copy_of)


PAPERS = {JobKind.BILL_PRINT: PrintedKind.BILL, JobKind.INVOICE_ISSUE: PrintedKind.TAX_INVOICE, JobKind.ACT_PRINT: PrintedKind.STATEMENT}
FIRST_PAGES: dict[JobKind, Callable[[Session, int, datetime | None], str]] = {
    JobKind.BILL_PRINT: _bill_page,
    JobKind.INVOICE_ISSUE: _invoice_page,
    JobKind.ACT_PRINT: _act_page,
}


def _act_sheets(session: Session, ids: Sequence[int], copies: dict[int, datetime]) -> list[Sheet]:
    records = [(row_id, paper_queries.statement(session, row_id)) for row_id in ids]
    return [ledger.act_sheet(record, copy_of=copies.get(row_id)) for row_id, record in records if record is not None]


SHEETS: dict[JobKind, Callable[[Session, Sequence[int], dict[int, datetime]], list[Sheet]]] = {
    JobKind.BILL_PRINT: bills.bill_sheets,
    JobKind.INVOICE_ISSUE: invoices.invoice_sheets,
    JobKind.ACT_PRINT: _act_sheets,
}


def _piece(record: JobRecord, name: str, ids: list[int], since: date, until: date) -> Batch:
    return Batch(name, JobKind(record.kind), ids, since, until)


def _pieces(record: JobRecord, name: str, ids: list[int], since: date, until: date) -> list[Batch]:
    parts = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    return [_piece(record, f"{name} ({number})", part, since, until) for number, part in enumerate(parts, 1)]


def _by_form(session: Session, piece: Batch) -> list[Batch]:
    """Return a piece in as many as its papers have forms: one printed before is printed in the form of then."""
    known = paper_queries.forms(session, PAPERS[piece.kind], piece.ids)
    of_form = {form: [row_id for row_id in piece.ids if known.get(row_id, FORM) == form] for form in (FORM, FIRST_FORM)}
    named = {FORM: piece.name, FIRST_FORM: f"{piece.name} ({FIRST_FORM})"} if of_form[FORM] else dict.fromkeys(of_form, piece.name)
    return [piece._replace(name=named[form], ids=ids, form=form) for form, ids in of_form.items() if ids]


def _print(session: Session, record: JobRecord, pieces: Sequence[Batch], *, left_out: int = 0) -> Generator[JobStep, None, JobStatus]:
    """Print pieces in several processes and keep each as a file; an interrupted job goes on with the next piece.

    :param left_out: papers that do not exist because they were refused
    """
    checkpoint: dict[str, Any] = {"piece": 0, "files": [], "faulty": [], **record.checkpoint}
    pieces = [part for piece in pieces for part in _by_form(session, piece)]
    total = sum(len(piece.ids) for piece in pieces)
    begun, done = checkpoint["piece"], sum(len(piece.ids) for piece in pieces[: checkpoint["piece"]])
    # What the job decided so far is committed before other processes read it.
    yield JobStep(done, total + 1, checkpoint)
    results = processes.spread(printed, pieces[begun:], actor=f"job:{record.id}", processes=processes.count())
    for place, result in enumerate(results, begun):
        piece = pieces[place]
        done += len(piece.ids)
        checkpoint = _kept(session, record, piece, result, checkpoint) | {"piece": place + 1}
        yield JobStep(done, total + 1, checkpoint)
    places = {"documents": total - len(checkpoint["faulty"]), "files": len(checkpoint["files"]), "faulty": len(checkpoint["faulty"])}
    administration.log_job(
        session, record.id, catalog_text("%(documents)s documents in %(files)s files, %(faulty)s could not be printed"), **places
    )
    yield JobStep(total, total, checkpoint)
    return job_status_of(done=places["documents"], left_out=places["faulty"] + left_out, nothing=JobStatus.FAILED)


def _kept(session: Session, record: JobRecord, piece: Batch, result: Printed, checkpoint: dict[str, Any]) -> dict[str, Any]:
    """Store a file, and name what is missing in it."""
    files = checkpoint["files"]
    if result.papers:
        stored = administration.store_file(
            session, division_id=record.division_id, name=f"{piece.name}.pdf", media_type="application/pdf", content=result.content
        )
        files = [*files, [stored.id, stored.name, result.papers]]
        missing = {row_id for row_id, _why in result.faulty}
        papers.record_prints(session, PAPERS[piece.kind], [row_id for row_id in piece.ids if row_id not in missing])
    faulty = checkpoint["faulty"]
    for row_id, reason in result.faulty:
        if len(faulty) < NAMED:
            administration.log_job(session, record.id, catalog_text("Paper %(paper)s: %(reason)s"), paper=row_id, reason=reason)
        faulty = [*faulty, row_id]
    return {**checkpoint, "files": files, "faulty": faulty}


def _issue(session: Session, record: JobRecord, bill_ids: Sequence[int]) -> int:
    """Issue tax invoices; a bill that gets none is named in the log with the reason. Return how many got none."""
    refused = 0
    for bill_id in bill_ids:
        try:
            service.issue(session, bill_id, invoiced_on=clock.today(), name_of=invoices.line_name)
        except service.NoTaxInvoice as refusal:
            administration.log_job(
                session,
                record.id,
                catalog_text("Bill %(bill)s has no tax invoice: %(reason)s"),
                bill=bill_id,
                reason=invoices.reason(refusal),
            )
            refused += 1
    return refused


JOBS = (
    JobSpec(JobKind.BILL_PRINT, _l("Printing of bills"), print_bills, ("can_start", "PapersView")),
    JobSpec(JobKind.INVOICE_ISSUE, _l("Issue of tax invoices"), issue_invoices, ("can_issue", "TaxInvoiceView")),
    JobSpec(JobKind.ACT_PRINT, _l("Printing of acts of reconciliation"), print_acts, ("can_act", "PapersView")),
)
