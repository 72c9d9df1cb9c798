"""What a person did alone today, below a limit."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_one

_USED = """
    SELECT coalesce(sum(amount_tiyin) FILTER (WHERE CAST(:account_id AS bigint) IS NULL OR account_id IS NULL
                                                 OR account_id = :account_id), 0)::bigint AS here_tiyin,
           coalesce(sum(amount_tiyin), 0)::bigint AS all_tiyin
    FROM limit_use
    WHERE created_by = coalesce(CAST(:by AS text), nullif(current_setting('app.actor', true), ''), 'system')
      AND used_on = :on AND code = :code
"""


class UsedLimit(NamedTuple):
    """Sums of a day about which one person decided alone: those that may be on one account, and all together."""

    here_tiyin: int
    all_tiyin: int


def used_limit(session: Session, code: str, *, account_id: int | None, on: date, by: str | None = None) -> UsedLimit:
    """Return what a person did alone on a day below a limit.

    What is about many accounts may be about any of them, so it counts for each, and each counts for it.

    :param code: the operating parameter that holds the limit
    :param account_id: None: it is asked for what is about many
    :param by: the person; None: who works in this transaction
    """
    return fetch_one(session, _USED, UsedLimit, account_id=account_id, on=on, code=code, by=by)
