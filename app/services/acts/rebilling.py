"""Bills of an account from a day on, taken back and billed again in order, in the transaction of what made them wrong."""

from datetime import date

from sqlalchemy.orm import Session

from app.domain.acts import ActRefusal, ActRefused
from app.domain.billing.corrections import CorrectionKind
from app.models.acts import Act
from app.queries.billing import corrections as queries
from app.services.billing import corrections
from app.services.billing.corrections import CorrectionRequest


def bill_again(session: Session, act: Act, *, since: date | None, today: date) -> None:
    """Take back an account's bills of a month and all after it, and bill the months again; they are billed by what holds now.

    :param since: the first month; None: no bill is touched
    :raises ActRefused: if a month that had a bill gets none
    """
    assert act.account_id is not None
    if since is None:
        return
    before = {row.month for row in queries.month_amounts(session, act.account_id, since=since)}
    wanted = CorrectionRequest(act.division_id, since, CorrectionKind.REBILL, act.reason, f"act:{act.id}", account_id=act.account_id)
    corrections.correct_account(session, wanted, today=today)
    missing = before - {row.month for row in queries.month_amounts(session, act.account_id, since=since)}
    if missing:
        raise ActRefused(ActRefusal.NOT_BILLED_AGAIN, f"{min(missing):%m.%Y}", column="effective_on")
