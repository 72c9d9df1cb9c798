"""What a person did alone today, below a limit."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_one

_USED = """
    SELECT coalesce(sum(amount_tiyin) FILTER (WHERE account_id IS NOT DISTINCT FROM CAST(:account_id AS bigint)), 0)::bigint AS here_tiyin,
           coalesce(sum(amount_tiyin), 0)::bigint AS all_tiyin
    FROM limit_use
    WHERE created_by = coalesce(nullif(current_setting('app.actor', true), ''), 'system') AND used_on = :on AND code = :code
"""


class UsedLimit(NamedTuple):
    """Sums of a day about which one person decided alone: on one account, or on none, and on all together."""

    here_tiyin: int
    all_tiyin: int


def used_limit(session: Session, code: str, *, account_id: int | None, on: date) -> UsedLimit:
    """Return what the person of the transaction did alone on a day below a limit.

    :param code: the operating parameter that holds the limit
    """
    return fetch_one(session, _USED, UsedLimit, account_id=account_id, on=on, code=code)
