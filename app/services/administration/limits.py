"""Limits above which a second person decides hold for the sums of a day, so that a large sum is not done alone in small parts.

What one person does alone on one account in a day stays within the limit; on all accounts together within ``access.alone_times`` times
as much.
"""

from datetime import date

from sqlalchemy.orm import Session

from app.domain.values import TIYIN_PER_SOM
from app.models.administration import LimitUse
from app.queries import administration as queries
from app.queries import locks
from app.queries.locks import Lock
from app.queries.records import fetch_one

_PERSON = "SELECT coalesce(CAST(:by AS text), nullif(current_setting('app.actor', true), ''), 'system')"


def is_within(session: Session, code: str, amount_tiyin: int, *, account_id: int | None, today: date, by: str | None = None) -> bool:
    """Return whether a person may still decide alone about a sum today.

    :param code: the operating parameter that holds the limit, in soʻm
    :param account_id: None: it is about no account, or about many; these count for every account
    :param by: whoever decides, where a job does it for him; None: who works in this transaction
    """
    if amount_tiyin == 0:
        return True
    limit = int(queries.value_on(session, code, today)) * TIYIN_PER_SOM
    times = int(queries.value_on(session, "access.alone_times", today))
    used = queries.used_limit(session, code, account_id=account_id, on=today, by=by)
    return used.here_tiyin + amount_tiyin <= limit and used.all_tiyin + amount_tiyin <= limit * times


def use(
    session: Session, code: str, amount_tiyin: int, *, division_id: int, account_id: int | None, today: date, by: str | None = None
) -> bool:
    """Count a sum against a person's limits of the day and return True, or return False: a second person decides.

    Of two sums of one person that come at once the second waits for the first.
    """
    locks.acquire(session, Lock.LIMIT, fetch_one(session, _PERSON, str, by=by), code)
    if not is_within(session, code, amount_tiyin, account_id=account_id, today=today, by=by):
        return False
    if amount_tiyin:
        used = LimitUse(division_id=division_id, code=code, account_id=account_id, used_on=today, amount_tiyin=amount_tiyin)
        if by:
            used.created_by = by
        session.add(used)
        session.flush()
    return True
