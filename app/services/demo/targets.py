"""Demo examples of targets: some that districts reach, and some that they miss."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.domain.calendar import latest_months
from app.services import indicators

#: Months with targets.
MONTHS = 3


def set_targets(session: Session, divisions: Sequence[int], month: date) -> None:
    """Let districts have targets of the newest months: of collection, and of money that comes in."""
    for each in latest_months(month, MONTHS):
        targets: dict[tuple[int, str], int | None] = {}
        for place, division_id in enumerate(divisions):
            targets |= {(division_id, "collected"): 900 - 50 * place, (division_id, "paid"): 1_500_000_000 * (len(divisions) - place)}
        indicators.set_targets(session, each, targets)
