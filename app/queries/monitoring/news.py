"""What is new for a reader, which stands on every page: all of it by one statement."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS, ApprovalKind
from app.domain.monitoring import NewsKind
from app.queries.equipment import UNSIGNED
from app.queries.ledger.checks import STANDING
from app.queries.records import fetch_all
from app.queries.tasks import MINE

#: Jobs that are told of, the last first, among the newest of all.
_JOBS, _NEWEST = 8, 2000


class NewsRow(NamedTuple):
    """Something new.

    :ivar id: of the row it is about; 0: of none
    :ivar name: of the indicator, the report or the kind of job
    :ivar rows: how many wait, differ or were missed; ``late`` of them are late
    """

    kind: NewsKind
    id: int
    name: str
    status: str
    rows: int
    late: int
    moment: datetime | None


class Reader(NamedTuple):
    """Whom the news is for.

    :ivar decides: the kinds of requests the reader may decide
    :ivar sees: the kinds of news the reader may see
    """

    user_id: int
    username: str
    decides: Collection[ApprovalKind]
    sees: Collection[NewsKind]


_SINCE = """(
    CAST(:now AS timestamptz) - make_interval(hours => coalesce(
        (SELECT p.value::int FROM operating_parameter p WHERE p.code = 'lists.news_hours' AND p.valid_from <= :on
         ORDER BY p.valid_from DESC LIMIT 1), CAST(:hours AS int))))
"""
_PARTS = f"""
    SELECT 'BOOKS' AS kind, 0::bigint AS id, '' AS name, '' AS status, f.differences AS rows, 0::bigint AS late, f.differs_at AS moment
    FROM (
        SELECT coalesce(sum(f.differences), 0)::bigint AS differences, max(s.checked_at) FILTER (WHERE f.differences > 0) AS differs_at
        FROM standing s CROSS JOIN LATERAL (SELECT count(*) AS differences FROM books_difference d WHERE d.books_check_id = s.id) f
        WHERE 'BOOKS' = ANY(:sees)
    ) f WHERE f.differences > 0
    UNION ALL
    SELECT 'APPROVALS', 0, '', '', count(*), 0, NULL FROM approval
    WHERE 'APPROVALS' = ANY(:sees) AND status = 'PENDING' AND kind = ANY(:decides) AND created_by <> :username HAVING count(*) > 0
    UNION ALL
    SELECT 'SIGNATURES', 0, '', '', count(*), 0, NULL FROM equipment_document d WHERE 'SIGNATURES' = ANY(:sees) AND {UNSIGNED}
    HAVING count(*) > 0
    UNION ALL
    SELECT 'TASKS', 0, '', '', count(*), count(*) FILTER (WHERE t.term_on < :on), NULL FROM task t
    WHERE 'TASKS' = ANY(:sees) AND t.status <> 'DONE' AND {MINE} HAVING count(*) > 0
    UNION ALL
    SELECT 'ALERT', id, indicator, '', 1, 0, crossed_at FROM alert
    WHERE 'ALERT' = ANY(:sees) AND is_crossed AND NOT is_paused AND :user_id = ANY (receiver_ids)
    UNION ALL
    SELECT 'REPORT', s.report_schedule_id, h.report, '', count(*), 0, max(s.created_at)
    FROM report_sending s JOIN report_schedule h ON h.id = s.report_schedule_id
    WHERE 'REPORT' = ANY(:sees) AND h.owner_id = :user_id AND s.created_at > {_SINCE} AND s.notice_id IS NULL
    GROUP BY s.report_schedule_id, h.report, s.run
    UNION ALL (
        SELECT 'JOB', id, kind, status, 1, 0, finished_at FROM job_run
        WHERE 'JOB' = ANY(:sees) AND id > (SELECT coalesce(max(id), 0) - {_NEWEST} FROM job_run) AND created_by = :username
          AND finished_at > {_SINCE}
        ORDER BY finished_at DESC, id DESC LIMIT {_JOBS}
    )
"""


def news(session: Session, reader: Reader, *, on: date, now: datetime) -> list[NewsRow]:
    """Return what is new for a reader: what waits first, then what happened in the last hours (``lists.news_hours``), the newest first."""
    statement = f"""
        {STANDING}
        SELECT x.kind, x.id, x.name, x.status, x.rows, x.late, x.moment FROM ({_PARTS}) x
        ORDER BY
            array_position(ARRAY['BOOKS', 'APPROVALS', 'SIGNATURES', 'TASKS', 'ALERT', 'REPORT', 'JOB'], x.kind), x.moment DESC, x.id DESC
        """
    given = {"user_id": reader.user_id, "username": reader.username, "decides": list(reader.decides), "sees": list(reader.sees)}
    return fetch_all(session, statement, NewsRow, on=on, now=now, hours=PARAMETERS["lists.news_hours"].default, **given)
