"""The calendar of submission: when reports of each level are due, and which are late."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.administration import DivisionLevel
from app.domain.calendar import Period, month_period
from app.domain.reports import ReportStatus
from app.queries.administration.parameters import value_on
from app.queries.names import shown
from app.queries.records import fetch_all
from app.queries.reports.stored import STATUS

#: Level of a division → the setting that says how many days after a period its reports are due.
_DUE = {
    DivisionLevel.DISTRICT: "reports.due_days_district",
    DivisionLevel.REGION: "reports.due_days_region",
    DivisionLevel.REPUBLIC: "reports.due_days_republic",
}


def due_on(session: Session, level: DivisionLevel, period: Period) -> date:
    """Return the day reports of a level for a period are due."""
    return period.end + timedelta(days=value_on(session, _DUE[level], period.end) - 1)


class LateReport(NamedTuple):
    """A report of a division that was due and is not signed; without a status it was not made."""

    division_id: int
    division: str
    level: DivisionLevel
    name: str
    month: date
    due_on: date
    status: ReportStatus | None


#: The reports of the reader's divisions that are late.
LATE = f"""
    SELECT d.id AS division_id, {shown("d")} AS division, d.level, n.name, u.month, u.due_on, r.status, r.id AS stored_report_id, d.path
    FROM unnest(CAST(:levels AS text[]), CAST(:months AS date[]), CAST(:days AS date[])) AS u (level, month, due_on)
    JOIN division d ON d.level = u.level
    CROSS JOIN unnest(CAST(:names AS text[])) AS n (name)
    LEFT JOIN LATERAL (
        SELECT r.id, {STATUS} AS status
        FROM stored_report r
        WHERE r.division_id = d.id AND r.name = n.name AND r.period_from = u.month AND r.consumers IS NULL
          AND r.period_to = u.month + interval '1 month'
        ORDER BY r.version DESC LIMIT 1
    ) r ON true
    WHERE u.due_on < :today AND coalesce(r.status, 'DRAFT') IN ('DRAFT', 'RETURNED')
      AND d.id = ANY (coalesce(app_divisions(), ARRAY(SELECT id FROM division)))
      AND EXISTS (
          SELECT FROM division b JOIN division_turnover t ON t.division_id = b.id AND t.billing_month <= u.month
          WHERE starts_with(b.path, d.path)
      )
"""


def given(session: Session, names: Sequence[str], months: Sequence[date], *, today: date) -> dict[str, Any]:
    """Return what the statement of late reports is given.

    :param names: the reports that are submitted
    :param months: the months looked at, by their first days
    """
    due = [(level, month, due_on(session, level, month_period(month))) for level in DivisionLevel for month in months]
    levels, of_months, days = zip(*due, strict=True) if due else ((), (), ())
    return {"levels": list(levels), "months": list(of_months), "days": list(days), "names": list(names), "today": today}


def late_reports(session: Session, names: Sequence[str], months: Sequence[date], *, today: date) -> list[LateReport]:
    """Return the reports of the reader's divisions that are late: each division that has anything to report, each month.

    :param names: the reports that are submitted
    :param months: the months looked at, by their first days
    """
    statement = f"""
        SELECT x.division_id, x.division, x.level, x.name, x.month, x.due_on, x.status FROM ({LATE}) x ORDER BY x.due_on, x.path, x.name
        """
    return fetch_all(session, statement, LateReport, **given(session, names, months, today=today))
