"""Tasks are given, taken, done, handed over and returned; what is late is escalated once."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.tasks import EXPLAINED, TASK_TRANSITIONS, TaskEvent, TaskStatus
from app.models.tasks import Task, TaskStep
from app.queries import administration
from app.queries import tasks as queries


class TaskRefused(Exception):
    """What is wanted does not fit where the task stands, needs a reason, or whoever gets it does not work in its division."""


class Escalated(NamedTuple):
    """A task that was found to be late.

    :ivar told: users who are to be told
    """

    task_id: int
    title: str
    term_on: date
    told: tuple[int, ...]


class NewTask(NamedTuple):
    """A task as it is given.

    :ivar page: of the record it is about; empty: none
    """

    division_id: int
    title: str
    page: str
    assignee_id: int
    giver_id: int
    term_on: date


def give(session: Session, given: NewTask, *, today: date) -> int:
    """Give somebody a task and return it.

    :raises TaskRefused: if the assignee does not work in the division
    """
    _check_place(session, given.assignee_id, given.division_id, today)
    made = Task(**given._asdict())
    session.add(made)
    session.flush()
    _step(session, made, TaskEvent.GIVE, "")
    return made.id


def advance(session: Session, task_id: int, event: TaskEvent, *, today: date, assignee_id: int | None = None, reason: str = "") -> Task:
    """Let something happen to a task and return it.

    :param assignee_id: who gets a task that is handed over
    :raises TaskRefused: if it does not fit
    """
    found = session.execute(select(Task).where(Task.id == task_id).with_for_update()).scalar_one()
    status = TASK_TRANSITIONS.get((found.status, event))
    if status is None or (event in EXPLAINED and not reason.strip()):
        raise TaskRefused
    if event == TaskEvent.HAND_OVER:
        if assignee_id is None or (assignee_id == found.assignee_id and found.status != TaskStatus.RETURNED):
            raise TaskRefused
        _check_place(session, assignee_id, found.division_id, today)
        found.assignee_id, found.escalated_on = assignee_id, None
    found.status = status
    _step(session, found, event, reason)
    return found


def escalate(session: Session, today: date) -> Iterator[Escalated]:
    """Yield the tasks whose term is over and that were not told of.

    One of an absent person goes to the substitute, who is told; the person and who gave it are told in any case.
    """
    late = select(Task).where(Task.status != TaskStatus.DONE, Task.term_on < today, Task.escalated_on.is_(None)).order_by(Task.id)
    for found in session.scalars(late.with_for_update(skip_locked=True)).all():
        found.escalated_on = today
        before, substitute = found.assignee_id, queries.substitute_of(session, found.assignee_id, today)
        if substitute is not None and found.status != TaskStatus.RETURNED and _works_in(session, substitute, found.division_id, today):
            found.assignee_id, found.status = substitute, TaskStatus.GIVEN
        _step(session, found, TaskEvent.ESCALATE, "")
        yield Escalated(found.id, found.title, found.term_on, tuple(sorted({found.assignee_id, found.giver_id, before})))


def _check_place(session: Session, user_id: int, division_id: int, today: date) -> None:
    if not _works_in(session, user_id, division_id, today):
        raise TaskRefused


def _works_in(session: Session, user_id: int, division_id: int, today: date) -> bool:
    return division_id in administration.division_ids_of_user(session, user_id, today)


def _step(session: Session, found: Task, event: TaskEvent, reason: str) -> None:
    session.flush()
    session.refresh(found)
    made = {"event": event, "status": found.status, "assignee_id": found.assignee_id, "reason": reason.strip()[:300]}
    session.add(TaskStep(division_id=found.division_id, task_id=found.id, **made))
    session.flush()
