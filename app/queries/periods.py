"""Accounting periods: which months are closed, and what stands in the way of closing one."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.calendar import months_after


def first_open_months(session: Session, division_ids: list[int]) -> dict[int, date]:
    """Return the first open month of each division that ever closed one.

    The divisions' periods stay as they are until the transaction ends: whoever closes a month waits for those who post.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock_shared(hashtext('accounting_period'), id::int) FROM unnest(CAST(:ids AS bigint[])) AS u (id)"),
        {"ids": sorted(division_ids)},
    )
    rows = session.execute(
        text(
            "SELECT division_id, max(billing_month) FROM accounting_period "
            "WHERE status = 'CLOSED' AND division_id = ANY(:ids) GROUP BY division_id"
        ),
        {"ids": division_ids},
    )
    return {row[0]: months_after(row[1], 1) for row in rows}
