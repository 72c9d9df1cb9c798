"""Since when an account is its present consumer's: what is shown of it to a consumer begins there, for the rest is another person's."""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_optional


class Holding(NamedTuple):
    """From when on the present consumer holds an account."""

    since: date
    #: when the change was recorded; messages and readings sent before that went to, or came from, the consumer before
    recorded_at: datetime

    @property
    def given(self) -> dict[str, Any]:
        """The values of the places ``:held_since`` and ``:held_from`` of a statement."""
        return {"held_since": self.since, "held_from": self.recorded_at}

    def has_paid(self, received_on: date, created_at: datetime) -> bool:
        """Return whether a payment is of this time; on the day of the change those recorded after it are."""
        return (received_on, created_at) >= (self.since, self.recorded_at)

    def has_period(self, until: date) -> bool:
        """Return whether a bill whose period ends before a day is of this time."""
        return until > self.since


#: The whole life of an account, as the office sees it.
ALWAYS = Holding(date(1900, 1, 1), datetime(1900, 1, 1, tzinfo=UTC))


def holding(session: Session, account_id: int) -> Holding:
    """Return since when the present consumer holds an account: since the last change of owner that stands and left it its number."""
    statement = """
        SELECT effective_on AS since, created_at AS recorded_at FROM act
        WHERE account_id = :id AND kind = 'CHANGE_OWNER' AND status = 'DONE' AND reverses_id IS NULL AND parameters ->> 'debt' <> 'STAYS'
        ORDER BY effective_on DESC, id DESC LIMIT 1
        """
    return fetch_optional(session, statement, Holding, id=account_id) or ALWAYS
