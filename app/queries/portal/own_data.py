"""All that is kept of an account and its consumer, as the consumer may ask for it: of the time since it is his.

Source: Law no. ZRU-547 of 2019-07-02 on personal data, art. 30: the subject's right to know which data of theirs are kept.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.queries import accounts, billing, metering, payments, portal
from app.queries.accounts import details
from app.queries.holdings import holding

#: More than an account has of anything.
_ALL = 100_000
_SINCE = date(1900, 1, 1)


def own_data(session: Session, account_id: int, today: date) -> dict[str, Any]:
    """Return topic → what is kept, as values that JSON holds; moments and days as ISO 8601, sums in tiyin, quantities in thousandths."""
    card = accounts.card(session, account_id)
    assert card is not None
    held = holding(session, account_id)
    rows: dict[str, Sequence[Any]] = {
        "benefits": details.benefits(session, account_id, today, held),
        "terms": details.terms(session, account_id, today, held),
        "meters": accounts.account_installations(session, account_id, held),
        "readings": metering.account_readings(session, account_id, held=held, limit=_ALL),
        "readings_sent": portal.sent_readings(session, account_id, held=held, limit=_ALL),
        "bills": billing.account_bills(session, account_id, withdrawn=True, held=held, limit=_ALL),
        "consumption": billing.consumption_by_month(session, account_id, since=_SINCE, held=held),
        "payments": payments.account_payments(session, account_id, held=held, limit=_ALL),
        "messages": portal.notices(session, account_id, held=held, limit=_ALL),
        "accesses": portal.holders(session, account_id),
    }
    found = {topic: [each._asdict() for each in records] for topic, records in rows.items()}
    return {"account": card._asdict(), "details": details.details(session, account_id, today)._asdict(), **found}
