"""Schedules of reports by e-mail, whom they are for, and what became of each run."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.notices import NoticeStatus
from app.domain.reports.schedules import FileFormat, Receiver, RelativePeriod, SendingOutcome
from app.queries.names import full_name
from app.queries.records import Choice, fetch_all, fetch_one


class ScheduleRecord(NamedTuple):
    """What a schedule sends, and to whom."""

    id: int
    division_id: int
    report: str
    span: RelativePeriod
    file_format: FileFormat
    receiver_ids: list[int]
    owner_id: int


class SendingRecord(NamedTuple):
    """What became of a run for one receiver.

    :ivar letter: where the letter stands now; None: none was written
    """

    id: int
    run: str
    created_at: datetime
    username: str
    receiver: str
    outcome: SendingOutcome
    letter: NoticeStatus | None
    notice_id: int | None
    stored_file_id: int | None
    rows: int | None


def schedule(session: Session, schedule_id: int) -> ScheduleRecord:
    """Return a schedule."""
    statement = "SELECT id, division_id, report, span, file_format, receiver_ids, owner_id FROM report_schedule WHERE id = :id"
    return fetch_one(session, statement, ScheduleRecord, id=schedule_id)


def receiver(session: Session, user_id: int, on: date) -> Receiver:
    """Return a user as a receiver on a day."""
    statement = """
        SELECT u.username, coalesce(u.active, false) AS is_active,
               NOT EXISTS (SELECT FROM staff_member m WHERE m.user_id = u.id)
               OR EXISTS (SELECT FROM staff_member m WHERE m.user_id = u.id AND m.valid_from <= :on AND coalesce(m.valid_to > :on, true))
               AS is_appointed,
               coalesce(u.email, '') AS email,
               coalesce((
                   SELECT s.language FROM user_session s WHERE s.user_id = u.id AND s.language IS NOT NULL ORDER BY s.id DESC LIMIT 1
               ), '') AS language
        FROM ab_user u WHERE u.id = :id
        """
    return fetch_one(session, statement, Receiver, id=user_id, on=on)


def possible_receivers(session: Session, on: date) -> list[Choice]:
    """Return the users who work in the reader's divisions or above them on a day, by name."""
    statement = """
        SELECT DISTINCT u.id, u.username || ' · ' || u.first_name || ' ' || u.last_name AS name
        FROM (
            SELECT user_id FROM division_access a WHERE a.valid_from <= :on AND coalesce(a.valid_to > :on, true)
            UNION SELECT x.user_id FROM division d CROSS JOIN LATERAL access_on(d.id, :on) x
            WHERE d.id = ANY (app_divisions()) AND (d.parent_id IS NULL OR d.parent_id <> ALL (app_divisions()))
        ) p JOIN ab_user u ON u.id = p.user_id
        WHERE u.active ORDER BY 2, 1
        """
    return fetch_all(session, statement, Choice, on=on)


def names_of_users(session: Session, ids: Sequence[int]) -> list[str]:
    """Return the full names of users, in alphabetical order."""
    return fetch_all(session, f"SELECT {full_name('u')} FROM ab_user u WHERE u.id = ANY(:ids) ORDER BY 1", str, ids=list(ids))


def done_for(session: Session, schedule_id: int, run: str) -> dict[int, SendingOutcome]:
    """Return what became of a run so far, by receiver."""
    statement = "SELECT user_id, outcome FROM report_sending WHERE report_schedule_id = :id AND run = :run"
    return dict(fetch_all(session, statement, _Done, id=schedule_id, run=run))


class _Done(NamedTuple):
    user_id: int
    outcome: SendingOutcome


def sendings(session: Session, schedule_id: int, *, limit: int) -> list[SendingRecord]:
    """Return the last sendings of a schedule, the newest first."""
    statement = f"""
        SELECT s.id, s.run, s.created_at, u.username, {full_name("u")} AS receiver, s.outcome,
               n.status AS letter, s.notice_id, s.stored_file_id, s.rows
        FROM report_sending s JOIN ab_user u ON u.id = s.user_id LEFT JOIN notice n ON n.id = s.notice_id
        WHERE s.report_schedule_id = :id ORDER BY s.id DESC LIMIT :limit
        """
    return fetch_all(session, statement, SendingRecord, id=schedule_id, limit=limit)
