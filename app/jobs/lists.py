"""What is asked of a whole list as jobs: an act on all rows that match, and a file of more rows than a page waits for.

The rows were found, and what may be done with them was checked, when the job was asked for; it holds their keys.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.access import SessionEnd
from app.domain.administration.translations import catalog_text
from app.domain.billing import HoldEvent
from app.domain.calendar import months_after
from app.domain.ledger.debts import DebtStage
from app.jobs import runner
from app.jobs.runner import JobSpec, JobStep
from app.queries import administration as queries
from app.queries.administration import JobRecord
from app.queries.names import row_names
from app.services import administration, billing, notices, runs
from app.services.billing import exceptions, holds
from app.services.ledger import debtors

#: Rows in a transaction.
CHUNK = 100


class Asker(NamedTuple):
    """Who asks for an act."""

    name: str
    user_id: int


class BulkAct(NamedTuple):
    """An act on rows.

    :ivar work: given the rows' keys and who asks; all of them or, with one of ``refusals``, none. May return the
        jobs it started, or how many rows it changed; fewer than were given count as a refusal
    :ivar table: of what the rows are called by; empty: by their numbers
    :ivar refusals: a row that does not allow the act
    :ivar why: why a row does not, as a message of the catalogs
    """

    work: Callable[[Session, Sequence[int], Asker], object]
    table: str = ""
    refusals: tuple[type[Exception], ...] = ()
    why: str = ""


class Outcome(NamedTuple):
    """What became of rows: those that were left, by their names, and the jobs that were started for the others."""

    done: int
    left: list[str]
    jobs: list[int]


class DivisionNotYours(Exception):
    """A division is not one of those the asker works in."""


class _Unchanged(Exception):
    """Some of the rows were not changed, because they stood so already or are gone."""


_OWES_NOTHING = catalog_text("They owe nothing any more.")


def _decide(event: HoldEvent) -> BulkAct:
    return BulkAct(
        lambda session, ids, asker: holds.decide(session, ids, event, by=asker.name, remark="", now=clock.now()),
        "bill_hold",
        (holds.HoldRefused,),
        catalog_text("They stand otherwise, or no bill can be made."),
    )


def _look_after(*, is_given_back: bool = False) -> BulkAct:
    def work(session: Session, ids: Sequence[int], asker: Asker) -> int:
        return debtors.assign(session, ids, owner=None if is_given_back else asker.name)

    return BulkAct(work, "account", why=_OWES_NOTHING)


def _reach(stage: DebtStage) -> BulkAct:
    return BulkAct(lambda session, ids, asker: debtors.advance(session, ids, stage, by=asker.name), "account", why=_OWES_NOTHING)


def _end_sessions(session: Session, ids: Sequence[int], asker: Asker) -> int:
    _check_people(session, queries.users_of_sessions(session, ids), asker)
    return administration.end_sessions(session, [*ids], SessionEnd.ENDED, by=asker.name, now=clock.now())


def _reset_devices(session: Session, ids: Sequence[int], asker: Asker) -> int:
    user_ids = queries.users_of_devices(session, ids)
    _check_people(session, user_ids, asker)
    return administration.reset_device(session, user_ids)


def _check_people(session: Session, user_ids: Iterable[int], asker: Asker) -> None:
    for user_id in {*user_ids} - {asker.user_id}:
        administration.check_giver(session, giver_id=asker.user_id, user_id=user_id, roles=(), today=clock.today())


def _post_runs(session: Session, ids: Sequence[int], _asker: Asker) -> list[int]:
    return [runs.start_posting(session, billing.RUN, each) for each in sorted(ids)]


def _preview_months(session: Session, ids: Sequence[int], asker: Asker) -> list[int]:
    if not {*ids} <= queries.division_ids_of_user(session, asker.user_id, clock.today()):
        raise DivisionNotYours
    month = months_after(clock.today(), -1)
    opened = [billing.open_run(session, division_id=each, month=month, today=clock.today()) for each in ids]
    return [runs.start_preview(session, billing.RUN, run) for run in opened]


_NOT_BELOW = catalog_text("They are over already, or belong to people of other divisions or with a role above yours.")
_PEOPLE = (administration.OwnRights, administration.RoleAbove, administration.BeyondOwnDivisions)

#: List and name of the act → what it does.
ACTS: Mapping[str, BulkAct] = {
    "BillExceptionView.take_exceptions": BulkAct(
        lambda session, ids, asker: exceptions.assign(session, ids, owner=asker.name), "bill_exception"
    ),
    "BillExceptionView.settle_exceptions": BulkAct(
        lambda session, ids, asker: exceptions.settle(session, ids, by=asker.name), "bill_exception"
    ),
    "BillHoldView.take_holds": BulkAct(lambda session, ids, asker: holds.assign(session, ids, owner=asker.name), "bill_hold"),
    "BillHoldView.release_holds": _decide(HoldEvent.RELEASE),
    "BillHoldView.park_holds": _decide(HoldEvent.PARK),
    "BillRunView.post_runs": BulkAct(
        _post_runs,
        refusals=(runs.RunNotReady,),
        why=catalog_text("They are in another state, or are being posted already."),
    ),
    "DebtorView.take_debtors": _look_after(),
    "DebtorView.leave_debtors": _look_after(is_given_back=True),
    "DebtorView.call_debtors": _reach(DebtStage.CONTACTED),
    "DebtorView.promise_debtors": _reach(DebtStage.PROMISED),
    "DebtorView.dispute_debtors": _reach(DebtStage.DISPUTED),
    "DebtorView.claim_debtors": _reach(DebtStage.TO_CLAIM),
    "DivisionView.bill_month": BulkAct(
        _preview_months,
        "division",
        (runs.RunAlreadyOpen, DivisionNotYours),
        catalog_text("A run of the month is under way there already, or you do not work there."),
    ),
    "NoticeView.send_notices_again": BulkAct(
        lambda session, ids, asker: notices.send_again(session, ids, by=asker.name, now=clock.now()),
        refusals=(notices.NotSendableAgain,),
        why=catalog_text(
            "Only messages that failed, were too late or are in doubt are sent again, and no codes: the consumer asks for a new one."
        ),
    ),
    "NoticeView.mark_notices_sent": BulkAct(
        lambda session, ids, asker: notices.mark_sent(session, ids, by=asker.name, now=clock.now()),
        refusals=(notices.NotInDoubt,),
        why=catalog_text("Only messages in doubt are decided about."),
    ),
    "TotpDeviceView.reset": BulkAct(_reset_devices, "totp_device", _PEOPLE, _NOT_BELOW),
    "UserSessionView.end_sessions": BulkAct(_end_sessions, "user_session", _PEOPLE, _NOT_BELOW),
}


def act_on(session: Session, act: BulkAct, keys: Sequence[int], asker: Asker) -> Outcome:
    """Do an act on the rows that allow it, and name the others."""
    names = row_names(session, act.table, keys) if act.table else {}
    left, jobs = _do(session, act, keys, asker)
    return Outcome(len(keys) - len(left), [names.get(key, str(key)) for key in left], jobs)


def _do(session: Session, act: BulkAct, keys: Sequence[int], asker: Asker) -> tuple[list[int], list[int]]:
    """Do an act on rows, all at once or, where one of them does not allow it, one by one.

    :returns: the rows that do not allow it, and the jobs that were started
    """
    try:
        with session.begin_nested():
            started = _all_or_none(act.work(session, keys, asker), len(keys))
    except (_Unchanged, *act.refusals):
        each_alone = [_do(session, act, [key], asker) for key in keys] if len(keys) > 1 else []
        left = [key for refused, _jobs in each_alone for key in refused] if each_alone else [*keys]
        return left, [job for _refused, jobs in each_alone for job in jobs]
    return [], started


def _all_or_none(done: object, count: int) -> list[int]:
    """Return the jobs that work on so many rows started.

    :raises _Unchanged: if the work says that it changed fewer rows
    """
    if isinstance(done, int) and done < count:
        raise _Unchanged
    return done if isinstance(done, list) else []


def act_on_rows(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Do an act on rows, portion by portion; rows that do not allow it are left and named."""
    act, counts = ACTS[record.parameters["act"]], {"done": 0, "left": 0, **record.checkpoint}
    asker, keys = Asker(record.created_by, record.parameters["user_id"]), record.parameters["keys"]
    for start in range(counts["done"] + counts["left"], len(keys), CHUNK):
        outcome = act_on(session, act, keys[start : start + CHUNK], asker)
        counts = {"done": counts["done"] + outcome.done, "left": counts["left"] + len(outcome.left)}
        if outcome.left:
            administration.log_job(session, record.id, catalog_text("These rows do not allow it: %(names)s"), names=", ".join(outcome.left))
        yield JobStep(counts["done"] + counts["left"], len(keys), dict(counts))
        # What was started is committed now.
        for job_id in outcome.jobs:
            runner.enqueue(job_id)
    if counts["left"] and act.why:
        administration.log_job(session, record.id, act.why)
    administration.log_job(session, record.id, catalog_text("%(done)s rows done, %(left)s left as they were"), **counts)
    return job_status_of(done=counts["done"], left_out=counts["left"])


def write_file(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Write the rows of a list into a file."""
    asked = record.parameters
    yield JobStep(0, len(asked["keys"]), {})
    write: Any = current_app.extensions["list_files"]
    name, media_type, content = write(asked)
    kept = {"name": name, "media_type": media_type, "content": content, "by": record.created_by}
    stored = administration.store_file(session, division_id=record.division_id, **kept)
    yield JobStep(len(asked["keys"]), len(asked["keys"]), {"files": [[stored.id, name, len(asked["keys"])]], "rows": True})
    return JobStatus.DONE


JOBS = (
    JobSpec(JobKind.BULK_ACT, _l("Act on all rows of a list"), act_on_rows, ("can_cancel", "JobView")),
    JobSpec(JobKind.LIST_EXPORT, _l("File of a list"), write_file, ("can_trail", "AuditTrailView")),
)
