"""Tasks: whose they are, which are late, and what happened to each."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.tasks import TaskEvent, TaskStatus
from app.queries.names import full_name, shown
from app.queries.records import fetch_all, fetch_one, fetch_optional


class TaskRecord(NamedTuple):
    """A task."""

    id: int
    division_id: int
    division: str
    title: str
    page: str
    assignee_id: int
    assignee: str
    department: str | None
    giver_id: int
    giver: str
    term_on: date
    status: TaskStatus
    escalated_on: date | None
    created_at: datetime


class TaskStepRecord(NamedTuple):
    """What happened to a task."""

    created_at: datetime
    event: TaskEvent
    created_by: str
    assignee: str
    reason: str


_DEPARTMENT = """
    LEFT JOIN staff_member m ON m.user_id = t.assignee_id AND m.valid_from <= :on AND coalesce(m.valid_to > :on, true)
    LEFT JOIN department dep ON dep.id = m.department_id
"""
_TASK = f"""
    SELECT t.id, t.division_id, {shown("d")} AS division, t.title, t.page, t.assignee_id, {full_name("a")} AS assignee,
           {shown("dep")} AS department,
           t.giver_id, {full_name("g")} AS giver, t.term_on, t.status, t.escalated_on, t.created_at
    FROM task t JOIN division d ON d.id = t.division_id JOIN ab_user a ON a.id = t.assignee_id JOIN ab_user g ON g.id = t.giver_id
    {_DEPARTMENT}
"""
#: Whose a task is on a day: the assignee's, of whoever works in his place, and, once it was returned, of who gave it.
MINE = """(
    (t.status <> 'RETURNED' AND (t.assignee_id = :user_id OR t.assignee_id IN (SELECT absent_users(:user_id, :on))))
    OR (t.status = 'RETURNED' AND t.giver_id = :user_id))
"""
_ORDER = "ORDER BY t.term_on, t.id LIMIT :limit"


def task(session: Session, task_id: int, on: date) -> TaskRecord | None:
    """Return a task of the reader's divisions."""
    return fetch_optional(session, f"{_TASK} WHERE t.id = :id", TaskRecord, id=task_id, on=on)


def of_user(session: Session, user_id: int, on: date, *, limit: int) -> list[TaskRecord]:
    """Return the open tasks of a user, with those of whom he stands in for, the most urgent first."""
    return fetch_all(session, f"{_TASK} WHERE t.status <> 'DONE' AND {MINE} {_ORDER}", TaskRecord, user_id=user_id, on=on, limit=limit)


def given_by(session: Session, user_id: int, on: date, *, limit: int) -> list[TaskRecord]:
    """Return the open tasks a user gave, the most urgent first."""
    statement = f"{_TASK} WHERE t.status <> 'DONE' AND t.giver_id = :user_id {_ORDER}"
    return fetch_all(session, statement, TaskRecord, user_id=user_id, on=on, limit=limit)


def of_department(session: Session, user_id: int, on: date, *, limit: int) -> list[TaskRecord]:
    """Return the open tasks of the department in which a user works on a day, the most urgent first."""
    statement = f"""
        {_TASK} WHERE t.status <> 'DONE' AND m.department_id = (
            SELECT own.department_id FROM staff_member own
            WHERE own.user_id = :user_id AND own.valid_from <= :on AND coalesce(own.valid_to > :on, true))
        {_ORDER}
        """
    return fetch_all(session, statement, TaskRecord, user_id=user_id, on=on, limit=limit)


def late(session: Session, on: date, *, limit: int) -> list[TaskRecord]:
    """Return the open tasks of the reader's divisions whose term is over, the oldest term first."""
    return fetch_all(session, f"{_TASK} WHERE t.status <> 'DONE' AND t.term_on < :on {_ORDER}", TaskRecord, on=on, limit=limit)


def steps(session: Session, task_id: int) -> list[TaskStepRecord]:
    """Return what happened to a task, the newest first."""
    statement = f"""
        SELECT s.created_at, s.event, s.created_by, {full_name("u")} AS assignee, s.reason
        FROM task_step s JOIN ab_user u ON u.id = s.assignee_id WHERE s.task_id = :id ORDER BY s.id DESC
        """
    return fetch_all(session, statement, TaskStepRecord, id=task_id)


def acts_for(session: Session, user_id: int, assignee_id: int, on: date) -> bool:
    """Return whether a user is a person, or works in his place on a day."""
    statement = "SELECT EXISTS (SELECT FROM absent_users(:user_id, :on) x (id) WHERE x.id = :assignee_id)"
    return user_id == assignee_id or fetch_one(session, statement, bool, user_id=user_id, assignee_id=assignee_id, on=on)


def substitute_of(session: Session, user_id: int, on: date) -> int | None:
    """Return the user who works in the place of an absent one on a day."""
    statement = """
        SELECT min(u.id) FROM substitution s
        JOIN staff_member absent ON absent.id = s.absent_id JOIN staff_member m ON m.id = s.substitute_id JOIN ab_user u ON u.id = m.user_id
        WHERE absent.user_id = :user_id AND s.valid_from <= :on AND s.valid_to > :on AND u.active
        """
    return fetch_optional(session, statement, int, user_id=user_id, on=on)


class LateWork(NamedTuple):
    """How much of a kind is late in the reader's divisions, and since when.

    :ivar kind: TASKS, APPROVALS or EXCEPTIONS
    :ivar run_id: of exceptions, the bill run they are of
    """

    kind: str
    run_id: int | None
    rows: int
    oldest: datetime | None


def late_work(session: Session, on: date, before: datetime) -> list[LateWork]:
    """Return what is late: tasks whose term is over; requests and exceptions, those by bill run, that have waited since before a moment.

    What nobody waits for is left out.
    """
    statement = """
        SELECT kind, run_id, rows, oldest FROM (
            SELECT 'TASKS' AS kind, NULL::bigint AS run_id, count(*) AS rows,
                   min(t.term_on)::timestamp AT TIME ZONE 'Asia/Tashkent' AS oldest
            FROM task t WHERE t.status <> 'DONE' AND t.term_on < :on
            UNION ALL SELECT 'APPROVALS', NULL, count(*), min(created_at) FROM approval WHERE status = 'PENDING' AND created_at < :before
            UNION ALL SELECT 'EXCEPTIONS', r.id, count(DISTINCT e.account_id), r.created_at
            FROM bill_exception e JOIN bill_run r ON r.id = e.bill_run_id
            WHERE e.status = 'OPEN' AND r.created_at < :before GROUP BY r.id, r.created_at
        ) w WHERE rows > 0
        """
    return fetch_all(session, statement, LateWork, on=on, before=before)


#: Somebody active who holds a role himself or by a group and works in the division: who works in the fewest divisions is nearest to it.
_NEAREST = """
    SELECT u.id FROM ab_user u
    WHERE u.active AND CAST(:division_id AS bigint) IN (SELECT user_divisions(u.id, :today)) AND EXISTS (
        SELECT FROM ab_role r WHERE r.name = :role AND (
            EXISTS (SELECT FROM ab_user_role x WHERE x.user_id = u.id AND x.role_id = r.id)
            OR EXISTS (SELECT FROM ab_user_group y JOIN ab_group_role z USING (group_id) WHERE y.user_id = u.id AND z.role_id = r.id)))
    ORDER BY (SELECT count(*) FROM user_divisions(u.id, :today)),
             (SELECT count(*) FROM task t WHERE t.assignee_id = u.id AND t.status <> 'DONE'), u.id
    LIMIT 1
"""


def nearest_worker(session: Session, division_id: int, role: str, today: date) -> int | None:
    """Return the user of a role who works nearest to a division, of several the one with the fewest open tasks; None: there is none."""
    return fetch_optional(session, _NEAREST, int, division_id=division_id, role=role, today=today)
