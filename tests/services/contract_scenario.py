"""Contracts drafted and signed."""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from app.domain.billing import TermKind
from app.models.accounts import Account
from app.models.acts import Act
from app.models.contracts import Contract
from app.services import acts
from app.services.contracts import drafts
from tests.builders import SINCE

TODAY, NEXT_YEAR = date(2026, 3, 15), date(2027, 1, 1)


LIMIT = TermKind.CONTRACT_LIMIT


def draft_of(session: Session, accounts: list[Account], *, limit: int = 0, on: date = SINCE) -> Contract:
    contract = drafts.open_draft(session, accounts[0].consumer_id, accounts[0].division_id, on=on)
    terms = {account.id: {LIMIT: limit} if limit else {} for account in accounts}
    drafts.change_draft(session, contract.id, valid_from=on, valid_to=NEXT_YEAR, accounts=terms)
    return contract


def act(session: Session, kind: ActKind, contract: Contract, *, on: date = TODAY, today: date = TODAY, **parameters: Any) -> Act:
    given = {"contract_id": str(contract.id), **parameters}
    reference = f"{kind}-{contract.id}-{on}-{session.scalar(text('SELECT count(*) FROM act'))}"
    request = ActRequest(kind, contract.division_id, on, "letter no. 5", given, reference, consumer_id=contract.consumer_id)
    return acts.submit(session, request, today=today)


def signed(session: Session, accounts: list[Account], *, limit: int = 0) -> Contract:
    contract = draft_of(session, accounts, limit=limit)
    act(session, ActKind.SIGN_CONTRACT, contract, on=SINCE)
    return contract


def terms(session: Session, account: Account) -> list[tuple[Any, ...]]:
    rows = session.execute(
        text("SELECT kind, value_milli, valid_from, valid_to FROM supply_term WHERE account_id = :id ORDER BY valid_from"),
        {"id": account.id},
    )
    return [tuple(row) for row in rows]
