"""Posted bills computed again from what they were computed from."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.billing import Policy, policy_of, replay
from app.domain.billing.replay import ReplayDifference
from app.queries.billing import replay as queries
from app.queries.billing.replay import AsPosted
from app.queries.tariffs import Prices
from app.services.billing.runs import compute, policy_on

CHUNK = 4000


class BillDifference(NamedTuple):
    """A figure of a bill that was posted otherwise than it is computed; see ``domain.replay.Difference``."""

    account_id: int
    bill_id: int
    row: str
    number: int
    column: str
    stored: int | None
    computed: int | None


def replay_month(
    session: Session, prices: Prices, *, division_id: int, month: date, limit: int = CHUNK
) -> Iterator[tuple[int, list[BillDifference]]]:
    """Compute the live bills of a division's month again, chunk by chunk; nothing is written.

    :return: after each chunk how many bills it had, and what differs
    """
    for run in queries.posted_runs(session, division_id=division_id, month=month):
        policy = policy_of(run.policy) if run.policy else policy_on(session, run.issued_on)
        after = 0
        while True:
            posted = queries.as_posted(session, prices, run, division_id=division_id, month=month, after=after, limit=limit)
            if not len(posted.bill_id):
                break
            yield len(posted.bill_id), _found(session, posted, prices, month, policy)
            after = int(posted.bill_id.max())


def replay_all(session: Session, prices: Prices, *, limit: int = CHUNK) -> Iterator[tuple[int, list[BillDifference]]]:
    """Compute all live bills again, a month of a division after the other; see ``replay_month``."""
    for division_id, month in queries.posted_months(session):
        yield from replay_month(session, prices, division_id=division_id, month=month, limit=limit)


def replay_sample(session: Session, prices: Prices, *, bills: int, limit: int = CHUNK) -> Iterator[tuple[int, list[BillDifference]]]:
    """Compute a random sample of the live bills again, until so many were; other months and divisions each time."""
    left = bills
    for division_id, month, after in queries.random_places(session, limit=PLACES):
        for run in queries.posted_runs(session, division_id=division_id, month=month):
            if left <= 0:
                return
            policy = policy_of(run.policy) if run.policy else policy_on(session, run.issued_on)
            posted = queries.as_posted(
                session, prices, run, division_id=division_id, month=month, after=after, limit=min(limit, left, -(-bills // _SHARES))
            )
            left -= len(posted.bill_id)
            if len(posted.bill_id):
                yield len(posted.bill_id), _found(session, posted, prices, month, policy)


#: Months of divisions that a sample looks at, at most; and how many of them share it at least.
PLACES, _SHARES = 500, 10


def _found(session: Session, posted: AsPosted, prices: Prices, month: date, policy: Policy) -> list[BillDifference]:
    outcome = compute(posted.chunk, prices, month=month, policy=policy)
    differences = replay.differences(posted.stored, replay.computed(outcome))
    ids = posted.bill_id.tolist()
    sums = [
        BillDifference(account, bill, "sum", 1, column, stored, computed)
        for account, bill, *amounts in queries.sums_that_differ(session, ids)
        for column, stored, computed in _pairs(amounts)
    ]
    multipliers = [
        BillDifference(account, bill, "consumption", 1, "multiplier_milli", stored, computed)
        for account, bill, stored, computed in queries.multipliers_that_differ(session, ids)
    ]
    return [_named(posted, each) for each in differences] + sums + multipliers


def _named(posted: AsPosted, each: ReplayDifference) -> BillDifference:
    account, bill = int(posted.chunk.accounts.id[each.account]), int(posted.bill_id[each.account])
    return BillDifference(account, bill, each.row, each.number, each.column, each.stored, each.computed)


def _pairs(amounts: list[int]) -> list[tuple[str, int, int]]:
    both = [("amount_tiyin", amounts[0], amounts[1]), ("vat_tiyin", amounts[2], amounts[3])]
    return [each for each in both if each[1] != each[2]]
