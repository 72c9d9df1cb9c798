"""Demo users of the portal: one with an account, and one with a relative's beside the own."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all
from app.services.portal import Opened, users

_ACCOUNTS = """
    SELECT a.id, c.phone FROM account a JOIN consumer c ON c.id = a.consumer_id
    WHERE a.division_id = :division_id AND a.status = 'OPEN' AND c.kind = 'HOUSEHOLD' AND c.phone IS NOT NULL
    ORDER BY a.id DESC LIMIT 3
"""
_IDLE_DAYS = 180


class _Account(NamedTuple):
    id: int
    phone: str


def sign_in_users(session: Session, division_id: int, *, now: datetime) -> int:
    """Let consumers claim accounts, and return how many accesses there are."""
    found = fetch_all(session, _ACCOUNTS, _Account, division_id=division_id)
    if len(found) < 3:
        return 0
    own, relative, other = (Opened(0, each.id, each.phone) for each in found)
    signed_in = users.sign_in(session, own, idle_days=_IDLE_DAYS, now=now)
    users.sign_in(session, other, idle_days=_IDLE_DAYS, now=now)
    assert signed_in is not None
    users.claim(session, signed_in.user_id, relative, now=now)
    return 3
