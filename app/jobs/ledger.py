"""The nightly check: the books are summed anew, and a sample of the posted bills is computed again."""

from collections.abc import Iterable, Iterator, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind
from app.domain.administration.translations import catalog_text
from app.domain.ledger.proofs import CheckCause
from app.jobs.notices import page_address, tell
from app.jobs.runner import Failed, JobSpec, JobStep
from app.queries import billing as billing_queries
from app.queries import ledger, tariffs
from app.queries.administration import JobRecord, permissions_of_user
from app.queries.ledger import BilledDivision, Drift
from app.queries.ledger import checks as queries
from app.services import administration
from app.services.billing import replay
from app.services.billing.replay import BillDifference
from app.services.ledger import checks

#: Who may see the proof.
_SEES = ("can_show", "BooksView")
#: Bills computed again in a night, and rows that differ named in the log.
SAMPLE, NAMED = 20_000, 100


def verify(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Sum the books anew and compute bills again; a figure that differs is named in the log and fails the job."""
    drifts = found_in_snapshot(session)
    size = ledger.proof_size(session)
    for drift in drifts[:NAMED]:
        _log(session, record, drift.row, drift.rule, drift.stored, drift.computed)
    yield JobStep(1, 3, {})
    bills, differing = 0, list[Drift]()
    for done, found in replay.replay_sample(session, tariffs.prices(session), bills=SAMPLE):
        _log_found(session, record, found[: max(NAMED - len(differing), 0)])
        bills, differing = bills + done, differing + [drift_of(each) for each in found]
        yield JobStep(2, 3, {})
    keep(session, CheckCause.NIGHT, [*drifts, *differing[:NAMED]])
    count = len(drifts) + len(differing)
    told = catalog_text("%(rules)s rules over %(entries)s entries, %(bills)s bills computed again: %(count)s figures differ")
    administration.log_job(session, record.id, told, rules=size["rules"], entries=size["entries"], bills=bills, count=count)
    yield JobStep(3, 3, {})
    if count:
        raise Failed(DIFFERS, count=count)


def found_in_snapshot(session: Session, billed: BilledDivision | None = None) -> list[Drift]:
    """Return what differs, read at one moment: what is posted while it is read is no difference. What was done so far is committed.

    :param billed: only what a bill run touched
    """
    session.commit()
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        return checks.find(session, limit=NAMED, billed=billed)
    finally:
        session.rollback()


def keep(session: Session, cause: CheckCause, found: Sequence[Drift], *, division_id: int | None = None) -> None:
    """Keep what a check found; books that begin to differ are told to those who answer for all of them."""
    was_red = bool(queries.books(session).differences)
    checks.keep(session, cause, found, division_id=division_id)
    if found and not was_red:
        today = clock.today()
        people = [user for user in queries.people_of_company(session, today) if _SEES in permissions_of_user(session, user, today)]
        tell(session, people, lambda: _words(len(found)))


def _words(count: int) -> tuple[str, str]:
    message = ngettext(
        "The check of the books found %(num)s row that differs: %(address)s",
        "The check of the books found %(num)s rows that differ: %(address)s",
        count, address=page_address("/books/"),
    )  # fmt: skip
    return _("Documents, books and reports differ"), message


def drift_of(each: BillDifference) -> Drift:
    """Return a figure of a bill that is computed otherwise as any other that differs."""
    return Drift(each.column, f"bill {each.bill_id} {each.row} {each.number}", each.stored or 0, each.computed or 0)


#: Said of books that do not add up.
DIFFERS = catalog_text("%(count)s figures differ from what they are made of. The log names them.")
DIFFERS_AFTER = catalog_text("%(count)s figures of the division differ from what they are made of. The proof of the books names them.")


def _log_found(session: Session, record: JobRecord, found: Iterable[BillDifference]) -> None:
    rows = list(found)
    numbers = billing_queries.account_numbers(session, [each.account_id for each in rows])
    for each in rows:
        place = f"{numbers[each.account_id]}, {each.row} {each.number}"
        _log(session, record, place, each.column, each.stored, each.computed)


def _log(session: Session, record: JobRecord, row: str, rule: str, stored: int | None, computed: int | None) -> None:
    administration.log_job(
        session, record.id, catalog_text("%(row)s: %(rule)s: stored %(stored)s, computed %(computed)s"),
        row=row, rule=rule, stored="—" if stored is None else stored, computed="—" if computed is None else computed,
    )  # fmt: skip


JOBS = (JobSpec(JobKind.LEDGER_VERIFY, _l("Check of the books"), verify, ("can_use", "Console"), daily_at="schedule.verify_hour"),)
