"""Applications are filed, taken up, passed on, given back, answered, accepted, refused and withdrawn; what is late is escalated once.

Whose work an application is says its task: that is handed over, and escalated, as any other.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.accounts import AccountStatus
from app.domain.applications import (
    EXPLAINED,
    LONGEST_REASON,
    OPEN,
    TRANSITIONS,
    WORKS,
    AccountNeed,
    ApplicationEvent,
    ApplicationRefusal,
    ApplicationRefused,
    ApplicationRequest,
    ApplicationStatus,
    ApplicationWay,
    ApplicationWork,
    FileGiven,
    FilingRight,
)
from app.domain.tasks import TaskEvent, TaskStatus
from app.models.accounts import Account
from app.models.applications import ApplicationStep, ConsumerApplication
from app.models.tasks import Task
from app.queries import applications as queries
from app.queries import locks
from app.queries.applications import KindRecord
from app.queries.locks import Lock
from app.services import tasks
from app.services.applications import fees, files, kinds, telling
from app.services.once import added, once
from app.services.tasks import NewTask, TaskRefused

#: Who is told of an application that is late is told of so many at once.
_LATE = 500


class StepTaken(NamedTuple):
    """A step somebody lets happen.

    :ivar user_id: whoever takes an application up
    :ivar page: of the application, for the task of whoever takes it up
    :ivar is_on_paper: staff record what the consumer brought on paper, which comes with it
    """

    event: ApplicationEvent
    reason: str = ""
    files: Sequence[FileGiven] = ()
    user_id: int | None = None
    title: str = ""
    page: str = ""
    is_on_paper: bool = False


class LateApplication(NamedTuple):
    """An application that was found to be late, and the users who are told."""

    application_id: int
    kind_id: int
    term_on: date
    told: tuple[int, ...]


def file(session: Session, request: ApplicationRequest, *, today: date, now: datetime) -> ConsumerApplication:
    """File an application once; a repeat with the same key returns the first.

    :raises ApplicationRefused: if it cannot be filed
    """
    values = json.loads(json.dumps(dict(request.values)))
    same = {"account_id": request.account_id, "way": request.way, "applicant_name": request.applicant_name, "phone": request.phone}
    found = once(
        session,
        ("application", request.reference),
        find=select(ConsumerApplication).where(ConsumerApplication.reference == request.reference),
        contents=same,
        conflict=lambda first: ApplicationRefused(ApplicationRefusal.OTHER_CONTENTS, first),
        make=lambda: _file(session, request._replace(values=values), today, now),
    )
    kind = found.application_kind
    if kind.code != request.kind_code or kinds.checked(session, kind.form_schema, values, today) != found.given:
        raise ApplicationRefused(ApplicationRefusal.OTHER_CONTENTS, str(found.id))
    return found


def _file(session: Session, request: ApplicationRequest, today: date, now: datetime) -> ConsumerApplication:
    kind = kinds.kind_of(session, request.kind_code, today)
    _check_right(kind, request)
    division_id, consumer_id = _place(session, kind, request)
    values = kinds.checked(session, kind.form_schema, request.values, today)
    ready = files.prepared(request.files, largest_kilobytes=kind.document_kilobytes)
    files.check_count(len(ready), least=kind.documents_least, most=kind.documents_most)
    _check_repeated(session, kind, request, values)
    assert kind.term_days is not None
    made = ConsumerApplication(
        division_id=division_id, application_kind_id=kind.id, account_id=request.account_id, consumer_id=consumer_id,
        applicant_name=request.applicant_name[:200],
        phone=request.phone, language=request.language, way=request.way, application_source_id=request.source_id,
        reference=request.reference, given=values, filed_on=today, term_on=kinds.term_of(session, today, kind.term_days),
        department_id=_department(session, kind.id, division_id, 1, today),
    )  # fmt: skip
    added(session, made)
    files.keep(session, _step(session, made, ApplicationEvent.FILE, "", now), ready)
    return made


def _check_right(kind: KindRecord, request: ApplicationRequest) -> None:
    """Refuse who may not file an application of a kind."""
    right = FilingRight(kind.filing_right)
    if right == FilingRight.STAFF and request.way != ApplicationWay.OFFICE:
        raise ApplicationRefused(ApplicationRefusal.STAFF_ONLY)
    if right == FilingRight.OWNER and not request.is_owner:
        raise ApplicationRefused(ApplicationRefusal.NOT_YOURS, column="account")
    if not request.applicant_name.strip() or (request.account_id is None and not request.phone):
        raise ApplicationRefused(ApplicationRefusal.NO_APPLICANT, column="applicant_name")


def _place(session: Session, kind: KindRecord, request: ApplicationRequest) -> tuple[int, int | None]:
    """Return the division an application is filed in, and the consumer of its account.

    :raises ApplicationRefused: if its account does not stand as its kind needs it
    """
    need = WORKS[ApplicationWork(kind.work or "")].account
    if request.account_id is None:
        if need not in {AccountNeed.NONE, AccountNeed.ANY}:
            raise ApplicationRefused(ApplicationRefusal.NO_ACCOUNT, column="account")
        return request.division_id, None
    account = session.get(Account, request.account_id)
    if account is None:
        raise ApplicationRefused(ApplicationRefusal.NO_ACCOUNT, column="account")
    if need == AccountNeed.OPEN and account.status != AccountStatus.OPEN:
        raise ApplicationRefused(ApplicationRefusal.ACCOUNT_CLOSED, account.number, column="account")
    if need == AccountNeed.CLOSED and account.status == AccountStatus.OPEN:
        raise ApplicationRefused(ApplicationRefusal.ACCOUNT_OPEN, account.number, column="account")
    return int(account.division_id), int(account.consumer_id)


def _check_repeated(session: Session, kind: KindRecord, request: ApplicationRequest, values: Mapping[str, Any]) -> None:
    """Refuse a second application for the same thing while the first is open."""
    if request.account_id is None:
        locks.acquire(session, Lock.KEY, "application of", request.phone or "")
        first = queries.repeated(session, kind.id, request.phone or "", json.dumps(values))
    else:
        locks.acquire(session, Lock.KEY, "application about", str(request.account_id))
        same = select(ConsumerApplication.id).where(
            ConsumerApplication.account_id == request.account_id,
            ConsumerApplication.application_kind_id == kind.id,
            ConsumerApplication.status.in_(OPEN),
        )
        first = session.scalar(same.limit(1))
    if first is not None:
        raise ApplicationRefused(ApplicationRefusal.OPEN_ALREADY, f"№ {first}")


def _department(session: Session, kind_id: int, division_id: int, stage: int, today: date) -> int | None:
    """Return the department that has a stage; None: the division has none of that code, or the kind no route."""
    found = next((each for each in kinds.route(session, kind_id, today) if each.stage == stage), None)
    return queries.department_of(session, division_id, found.department_code, today) if found else None


def locked(session: Session, application_id: int) -> ConsumerApplication:
    """Return an application, locked and read anew."""
    chosen = select(ConsumerApplication).where(ConsumerApplication.id == application_id)
    return session.execute(chosen.with_for_update(of=ConsumerApplication)).scalar_one()


def advance(session: Session, application_id: int, taken: StepTaken, *, today: date, now: datetime) -> ConsumerApplication:
    """Let something happen to an application and return it.

    :raises ApplicationRefused: if it does not fit where the application stands, or lacks words, a paper or a stage
    """
    found = locked(session, application_id)
    before, event, reason = found.status, taken.event, taken.reason.strip()
    status = TRANSITIONS.get((before, event))
    if status is None or not _is_free(session, found, event):
        raise ApplicationRefused(ApplicationRefusal.NOT_POSSIBLE)
    if event in EXPLAINED and not reason and found.work_reference is None:
        raise ApplicationRefused(ApplicationRefusal.NO_REASON, column="reason")
    if taken.is_on_paper and not taken.files:
        raise ApplicationRefused(ApplicationRefusal.NO_SIGNED_PAPER, column="files")
    ready = files.prepared(taken.files, largest_kilobytes=found.application_kind.document_kilobytes)
    if event == ApplicationEvent.ANSWER and not taken.is_on_paper:
        count = queries.given_files(session, found.id) + len(ready)
        files.check_count(count, least=0, most=found.application_kind.documents_most)
    present = _before(session, found, taken, today)
    found.status = status
    files.keep(session, _step(session, found, event, reason, now, stage=present), ready)
    _after(session, found, taken, today)
    session.flush()
    return found


def _is_free(session: Session, found: ConsumerApplication, event: ApplicationEvent) -> bool:
    """Return whether the document of an application allows an event: it ends with its document, and reopens once that is refused."""
    if event not in {ApplicationEvent.FINISH, ApplicationEvent.REOPEN}:
        return True
    if found.work_reference is None:
        return event == ApplicationEvent.REOPEN or found.application_kind.work == ApplicationWork.ANSWER
    document = queries.work_document(session, found.work_reference)
    wanted = "DONE" if event == ApplicationEvent.FINISH else "REFUSED"
    return document is not None and document.state == wanted


def _before(session: Session, found: ConsumerApplication, taken: StepTaken, today: date) -> int:
    """Change what an event changes beside the status; return the stage in which it happens."""
    present = found.stage
    if taken.event == ApplicationEvent.PASS_ON:
        _pass_on(session, found, taken, today)
    elif taken.event == ApplicationEvent.ACCEPT:
        _check_last(session, found, taken, today)
    elif taken.event == ApplicationEvent.RETURN:
        found.returned_on = today
    elif taken.event == ApplicationEvent.ANSWER:
        assert found.returned_on is not None
        found.term_on = kinds.prolonged(session, found.term_on, since=found.returned_on, until=today)
        found.returned_on = found.escalated_on = None
    elif taken.event == ApplicationEvent.REOPEN:
        found.work_reference = None
    if TRANSITIONS[found.status, taken.event] not in OPEN:
        found.ended_on = today
    return present


def _pass_on(session: Session, found: ConsumerApplication, taken: StepTaken, today: date) -> None:
    """Move an application to the next stage of its route."""
    route = kinds.route(session, found.application_kind_id, today)
    following = next((each.stage for each in route if each.stage > found.stage), None)
    if following is None:
        raise ApplicationRefused(ApplicationRefusal.NO_NEXT_STAGE)
    _check_paper(session, found, taken, today)
    found.stage = following
    found.department_id = _department(session, found.application_kind_id, found.division_id, following, today)


def _check_last(session: Session, found: ConsumerApplication, taken: StepTaken, today: date) -> None:
    """Refuse to accept an application that has not been through its route."""
    if any(each.stage > found.stage for each in kinds.route(session, found.application_kind_id, today)):
        raise ApplicationRefused(ApplicationRefusal.STAGE_LEFT)
    _check_paper(session, found, taken, today)


def _check_paper(session: Session, found: ConsumerApplication, taken: StepTaken, today: date) -> None:
    stages = kinds.route(session, found.application_kind_id, today)
    present = next((each for each in stages if each.stage == found.stage), None)
    if present and present.needs_paper and not files.has_paper(session, found, taken.files):
        raise ApplicationRefused(ApplicationRefusal.NO_PAPER, present.name, column="files")


def _after(session: Session, found: ConsumerApplication, taken: StepTaken, today: date) -> None:
    """Give the task of an application, or end it; charge the fee of what is done."""
    if taken.event == ApplicationEvent.TAKE and taken.user_id is not None:
        _end_task(session, found, today)
        given = NewTask(found.division_id, taken.title[:200], taken.page, taken.user_id, taken.user_id, max(found.term_on, today))
        try:
            found.task_id = tasks.give(session, given, today=today)
        except TaskRefused:
            raise ApplicationRefused(ApplicationRefusal.OTHER_DIVISION) from None
    elif taken.event == ApplicationEvent.PASS_ON or found.status not in OPEN:
        _end_task(session, found, today)
    if taken.event == ApplicationEvent.FINISH:
        fees.charge(session, found, today=today)


def _end_task(session: Session, found: ConsumerApplication, today: date) -> None:
    task = session.get(Task, found.task_id) if found.task_id else None
    if task is not None and task.status != TaskStatus.DONE:
        tasks.advance(session, task.id, TaskEvent.FINISH, today=today)


def _step(
    session: Session, found: ConsumerApplication, event: ApplicationEvent, reason: str, now: datetime, *, stage: int | None = None
) -> ApplicationStep:
    made = ApplicationStep(
        division_id=found.division_id, application_id=found.id, event=event, status=found.status or ApplicationStatus.RECEIVED,
        stage=stage or found.stage or 1, department_id=found.department_id, reason=reason[:LONGEST_REASON],
    )  # fmt: skip
    added(session, made)
    telling.tell(session, found, event, now=now)
    return made


def escalate(session: Session, *, today: date, now: datetime) -> list[LateApplication]:
    """Mark the open applications whose term is over and that were not told of; return them with who is told.

    The department that has it is told; of one that somebody has taken up the task is escalated too, as any task.
    """
    late = select(ConsumerApplication).where(
        ConsumerApplication.status.in_(OPEN), ConsumerApplication.term_on < today, ConsumerApplication.escalated_on.is_(None)
    )  # fmt: skip
    found = []
    for each in session.scalars(
        late.order_by(ConsumerApplication.id).limit(_LATE).with_for_update(of=ConsumerApplication, skip_locked=True)
    ).all():
        each.escalated_on = today
        _step(session, each, ApplicationEvent.ESCALATE, "", now)
        told = queries.receivers(session, each.department_id, today)
        found.append(LateApplication(each.id, each.application_kind_id, each.term_on, tuple(told)))
    session.flush()
    return found
