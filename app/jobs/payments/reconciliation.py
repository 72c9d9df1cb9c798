"""Days of providers compared as jobs: statements taken in, days compared, what is in doubt asked about again."""

from collections.abc import Generator, Sequence
from datetime import date, timedelta
from http import HTTPStatus
from itertools import groupby

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.payments.channels import Channel
from app.domain.payments.reconciliation import StatementSource, TransactionVerdict
from app.domain.reference import RefusedRow
from app.domain.reference.addresses import THIS_MACHINE, is_listed
from app.extensions import transaction
from app.gateways import click
from app.gateways.exchange import NoAnswer as NoReply
from app.gateways.exchange import NotSent, exchange
from app.gateways.statement_file import parse_statement
from app.jobs import runner
from app.jobs.runner import JobSpec, JobStep, log_refused, read_upload
from app.queries.administration import JobRecord
from app.queries.payments import reconciliation as queries
from app.queries.payments.reconciliation import Asking, DueRow
from app.services import administration
from app.services.payments import reconciliation as service
from app.services.payments import statements
from app.services.payments.statements import GoodRow

#: An answer is waited for so long in all.
TIMEOUT_S = 5.0
#: Refused rows of a statement that are named in the log.
NAMED_ROWS = 1000


class ProviderSilent(Exception):
    """A provider did not answer, or not with HTTP 200."""


def reconcile(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Take a statement in and compare its days, or compare one day, or ask about all that is due."""
    given = record.parameters
    if "file_id" in given:
        return (yield from _load(session, record))
    if "day" in given:
        return (yield from _compare(session, record, int(given["contract_id"]), [date.fromisoformat(str(given["day"]))]))
    return (yield from _ask_again(session, record))


def _load(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Keep the good rows of a statement and name the others; read twice, it changes nothing."""
    lines = read_upload(session, record, parse_statement)
    good, refused = statements.checked(lines)
    if not record.checkpoint:
        _tell(session, record, len(lines), good, refused)
    contract_id, source = int(record.parameters["contract_id"]), StatementSource(record.parameters["source"])
    for start in range(0, len(good), statements.CHUNK):
        statements.keep(session, contract_id, source, good[start : start + statements.CHUNK])
        yield JobStep(start, len(good) + 1, {"told": True})
    status = yield from _compare(session, record, contract_id, sorted({row.business_day for row in good}))
    return job_status_of(done=len(good), left_out=len(refused)) if status == JobStatus.DONE else status


def _tell(session: Session, record: JobRecord, rows: int, good: Sequence[GoodRow], refused: Sequence[RefusedRow]) -> None:
    for row in refused[:NAMED_ROWS]:
        log_refused(session, record, row)
    message = catalog_text("%(rows)s rows, %(good)s good, %(rejected)s rejected")
    administration.log_job(session, record.id, message, rows=rows, good=len(good), rejected=len(refused))


def _compare(session: Session, record: JobRecord, contract_id: int, days: Sequence[date]) -> Generator[JobStep, None, JobStatus]:
    """Compare days, and those around them that were compared before: midnight is not at the same moment for both."""
    around = {day + timedelta(days=each) for day in days for each in (-1, 1)} - set(days)
    every = [*days, *queries.compared_days(session, contract_id, sorted(around))]
    compared = 0
    for done, day in enumerate(every, 1):
        compared += _compare_day(session, record, contract_id, day)
        yield JobStep(done, len(every), {})
    yield JobStep(len(every), len(every), {})
    return job_status_of(done=compared, left_out=len(every) - compared, nothing=JobStatus.FAILED)


def _compare_day(session: Session, record: JobRecord, contract_id: int, day: date) -> bool:
    """Compare a day and log what was found; return whether there was a statement to compare."""
    try:
        totals = service.reconcile(session, contract_id, day, now=clock.now())
    except service.NoStatement:
        administration.log_job(session, record.id, catalog_text("%(day)s: there is no statement of the provider"), day=day.isoformat())
        return False
    counts = {verdict.lower(): totals[verdict].rows for verdict in TransactionVerdict}
    administration.log_job(
        session,
        record.id,
        catalog_text("%(day)s: %(equal)s equal, %(only_theirs)s only theirs, %(only_ours)s only ours, %(in_doubt)s in doubt"),
        day=day.isoformat(),
        **counts,
    )
    return True


def _ask_again(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Ask providers that can be asked about what is due, then compare its days anew, for our side may have caught up."""
    rows = sorted(service.due(session, now=clock.now()), key=_day_of)
    days = [(key, list(some)) for key, some in groupby(rows, _day_of)]
    silent: set[int] = set()
    done = answered = 0
    for (contract_id, day), some in days:
        asking = queries.asking(session, contract_id)
        for row in some:
            if can_ask(asking, row) and contract_id not in silent:
                # A provider that does not answer is left in peace for this round.
                has_answer = _ask(session, asking, row)
                silent |= set() if has_answer else {contract_id}
                answered += has_answer
                yield JobStep(done, len(rows) + 1, {})
        service.mark_asked(session, [row.id for row in some])
        _compare_day(session, record, contract_id, day)
        done += len(some)
        yield JobStep(done, len(rows) + 1, {})
    message = catalog_text("%(count)s transactions were compared again, the providers answered about %(answered)s of them")
    administration.log_job(session, record.id, message, count=done, answered=answered)
    yield JobStep(done, done, {})
    return JobStatus.DONE


def _day_of(row: DueRow) -> tuple[int, date]:
    return row.contract_id, row.business_day


def can_ask(asking: Asking, row: DueRow) -> bool:
    """Tell whether a provider can be asked about a transaction: Click, by its Merchant API, if the contract says where."""
    numbers = (asking.login, asking.service_number, row.reference)
    return asking.channel == Channel.CLICK and bool(asking.url and asking.secret) and all(map(str.isdecimal, numbers))


def _ask(session: Session, asking: Asking, row: DueRow) -> bool:
    """Ask about a transaction and keep the answer; tell whether there was one.

    The number of the transaction is taken for Click's number of the payment; inferred, to be confirmed by the provider.
    """
    hosts, proxy = (current_app.config["PROVIDER_HOSTS"], current_app.config["OUTGOING_PROXY"]) if current_app else (THIS_MACHINE, "")
    if not is_listed(asking.url, hosts):
        service.record_reply(session, row, None, "the host is not listed in PROVIDER_HOSTS")
        return False
    merchant = click.Merchant(int(asking.login), int(asking.service_number), asking.secret or "")
    request = click.payment_status(merchant, int(row.reference), at_s=clock.now_ms() // 1000)
    try:
        body = fetch(request, asking.url, timeout_s=TIMEOUT_S, proxy=proxy)
    except ProviderSilent as reason:
        service.record_reply(session, row, None, str(reason))
        return False
    status = click.status(body)
    service.record_reply(session, row, status.state, f"{status.state or '—'} {status.note}".strip())
    return True


def fetch(request: click.ClickRequest, address: str, *, timeout_s: float, proxy: str = "") -> bytes:
    """Send a request of Click's Merchant API to an address in place of its own, and return the body; nothing is followed.

    :param timeout_s: for the whole exchange, however slowly the answer drips
    :param proxy: address of a proxy between; empty asks the provider itself
    :raises NoAnswer: if there is no answer in time, or another status than 200
    """
    url = address + request.url.removeprefix(click.MERCHANT_API)
    try:
        answer = exchange(request.method, url, headers=request.headers, body=request.body or None, timeout_s=timeout_s, proxy=proxy)
    except (NotSent, NoReply) as error:
        raise ProviderSilent(str(error)) from error
    if answer.status != HTTPStatus.OK:
        raise ProviderSilent(f"HTTP {answer.status}")
    return answer.body


def start_recheck() -> int | None:
    """Start a round of questions if one is due and none is under way; return its job."""
    with transaction() as session:
        job_id = service.start_round(session, now=clock.now())
    if job_id is not None:
        runner.enqueue(job_id)
    return job_id


JOBS = (JobSpec(JobKind.RECONCILE, _l("Reconciliation with a provider"), reconcile, ("can_reconcile", "ReconciliationView")),)
