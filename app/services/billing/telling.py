"""Consumers who want to know of each bill are told once a run is posted, some at a time."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.notices import NoticeKind
from app.models.billing import BillRun
from app.queries.records import fetch_all
from app.services import notices
from app.services.links import LinkTerms
from app.services.notices.paying import paying_links

#: Bills told in one transaction.
ROWS = 1000


class _Ready(NamedTuple):
    account_id: int
    billing_month: date
    amount_tiyin: int
    due_on: date
    debt_tiyin: int


_WANTED = """
    SELECT b.account_id, b.billing_month, b.amount_tiyin, b.due_on, coalesce(p.debt_tiyin, 0) AS debt_tiyin
    FROM notice_preference f JOIN bill b ON b.account_id = f.account_id AND b.billing_month = :month AND b.bill_run_id = :run_id
    LEFT JOIN account_position p ON p.account_id = b.account_id
    WHERE f.notice_kind = 'BILL_READY' AND f.division_id = :division_id AND (f.by_sms OR f.by_email OR f.by_portal)
      AND f.account_id > :after
    ORDER BY b.account_id, b.id LIMIT :limit
    """


def tell_billed(session: Session, run: BillRun, terms: LinkTerms, *, after: int, now: datetime) -> tuple[int, int]:
    """Write to the next consumers who chose to be told of the bills of a run.

    :param terms: of links for paying, which are made if the words of the kind name one
    :param after: the last account told before
    :return: the last account, 0 if none is left; and how many were told
    """
    given = {"month": run.billing_month, "run_id": run.id, "division_id": run.division_id, "after": after, "limit": ROWS}
    found = fetch_all(session, _WANTED, _Ready, **given)
    made = paying_links(session, NoticeKind.BILL_READY, {each.account_id for each in found}, terms, now=now)
    told = [
        notices.NoticeAbout(
            each.account_id,
            {
                "month": each.billing_month,
                "amount": each.amount_tiyin,
                "due": each.due_on,
                "debt": each.debt_tiyin,
                **made.get(each.account_id, {}),
            },
        )
        for each in {each.account_id: each for each in found}.values()
    ]
    if not told:
        return 0, 0
    notices.notify_many(session, NoticeKind.BILL_READY, told, now=now)
    return found[-1].account_id, len(told)
