"""Penalty runs, posted."""

from datetime import date

from sqlalchemy.orm import Session

from app.domain.runs import RunEvent
from app.queries import claims as queries
from app.services import runs
from app.services.claims import penalties

JAN, FEB, MARCH, APRIL, MAY = (date(2026, month, 1) for month in range(1, 6))


def posted(session: Session, division_id: int, period_to: date, period_from: date = FEB, limit: int = 2) -> int:
    """Post a penalty run and return its id."""
    run = penalties.open_run(session, division_id=division_id, period_from=period_from, period_to=period_to, today=period_to)
    rules, found, after = penalties.rules_of(session, run), penalties.PenaltyRunTotals(), 0
    while window := queries.window(session, division_id=division_id, after=after, limit=limit):
        found, after = penalties.preview_window(session, run, rules, window, found), window.last_id
    penalties.finish_preview(session, run, found)
    penalties.begin_posting(session, run.id)
    after = 0
    while window := queries.window(session, division_id=division_id, after=after, limit=limit):
        penalties.post_window(session, run, rules, window)
        after = window.last_id
    runs.close_run(session, penalties.RUN, run.id, RunEvent.CLOSE)
    assert (run.accounts, run.bills, run.amount_tiyin) == (found.accounts, found.bills, found.amount_tiyin)
    return run.id
