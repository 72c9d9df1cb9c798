"""Reports as they were made, and where they stand."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.reference import ConsumerKind, Names
from app.domain.reports import ReportEvent, ReportStatus
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_one, fetch_optional


class StoredReportRecord(NamedTuple):
    """A stored report without its rows."""

    id: int
    division_id: int
    division: str
    name: str
    period_from: date
    period_to: date
    consumers: ConsumerKind | None
    version: int
    rows: int
    sha256: str
    ledger_sha256: str
    status: ReportStatus
    created_at: datetime
    created_by: str


#: Where a stored report (r) stands.
STATUS = "coalesce((SELECT s.status FROM report_step s WHERE s.stored_report_id = r.id ORDER BY s.id DESC LIMIT 1), 'DRAFT')"
_STORED = f"""
    SELECT r.id, r.division_id, {shown("d")} AS division, r.name, r.period_from, r.period_to, r.consumers, r.version, r.rows, r.sha256,
           r.ledger_sha256, {STATUS} AS status, r.created_at, r.created_by
    FROM stored_report r JOIN division d ON d.id = r.division_id
"""


def stored(session: Session, report_id: int) -> StoredReportRecord | None:
    """Return a stored report of the reader's divisions."""
    return fetch_optional(session, f"{_STORED} WHERE r.id = :id", StoredReportRecord, id=report_id)


def contents(session: Session, report_id: int) -> bytes:
    """Return the columns, names and rows of a stored report, as JSON."""
    return fetch_one(session, "SELECT contents FROM stored_report WHERE id = :id", bytes, id=report_id)


def versions(
    session: Session, division_ids: Sequence[int], names: Sequence[str], period_from: date, period_to: date, consumers: ConsumerKind | None
) -> list[StoredReportRecord]:
    """Return all versions of reports of some divisions for the same days and consumers, the newest first."""
    statement = f"""
        {_STORED} WHERE r.division_id = ANY(:ids) AND r.name = ANY(:names) AND r.period_from = :period_from AND r.period_to = :period_to
          AND r.consumers IS NOT DISTINCT FROM CAST(:consumers AS text)
        ORDER BY d.path, r.name, r.version DESC
        """
    given = {"ids": list(division_ids), "names": list(names), "period_from": period_from, "period_to": period_to, "consumers": consumers}
    return fetch_all(session, statement, StoredReportRecord, **given)


class StepRecord(NamedTuple):
    """What happened to a stored report, by whom and when."""

    event: ReportEvent
    status: ReportStatus
    remark: str
    created_at: datetime
    created_by: str


def steps(session: Session, report_id: int) -> list[StepRecord]:
    """Return what happened to a stored report, the first first."""
    statement = "SELECT event, status, remark, created_at, created_by FROM report_step WHERE stored_report_id = :id ORDER BY id"
    return fetch_all(session, statement, StepRecord, id=report_id)


def ledger_state(session: Session, division_ids: Sequence[int], until: date) -> str:
    """Return a fingerprint of the books of divisions up to a day: SHA-256 over their turnover by month."""
    statement = """
        SELECT encode(sha256(coalesce(string_agg(
                   concat_ws(':', t.division_id, t.billing_month, t.charged_tiyin, t.paid_tiyin, t.adjusted_tiyin, t.debt_change_tiyin,
                             t.advance_change_tiyin),
                   ',' ORDER BY t.division_id, t.billing_month), '')::bytea), 'hex')
        FROM division_turnover t WHERE t.division_id = ANY(:ids) AND t.billing_month < :until
        """
    return fetch_one(session, statement, str, ids=list(division_ids), until=until)


class DivisionNames(NamedTuple):
    """What a division is called in each language."""

    id: int
    name: str
    name_uz_cyrl: str | None
    name_ru: str | None

    @property
    def names(self) -> Names:
        """The names without the key."""
        return Names(self.name, self.name_uz_cyrl, self.name_ru)


def division_names(session: Session, division_ids: Sequence[int]) -> list[DivisionNames]:
    """Return what divisions are called."""
    statement = "SELECT id, name, name_uz_cyrl, name_ru FROM division WHERE id = ANY(:ids)"
    return fetch_all(session, statement, DivisionNames, ids=list(division_ids))
