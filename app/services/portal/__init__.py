"""Codes of the portal: asked for within budgets, each for the browser that asked, and opening one account once."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.accounts import Account
from app.models.notices import PortalCode
from app.queries import locks
from app.queries import portal as queries
from app.queries.locks import Lock
from app.queries.records import fetch_one

#: What the budgets count: the codes of so long.
DAY = timedelta(hours=24)

_SPENT = """
    SELECT count(*) FILTER (WHERE is_about AND (NOT :is_known OR asked_sha256 = :browser)) AS account,
           count(*) FILTER (WHERE is_about AND address_sha256 = :address) AS asker,
           count(*) FILTER (WHERE address_sha256 = :address) AS address,
           count(*) FILTER (WHERE num_nonnulls(account_id, phone) > 0) AS company
    FROM portal_code, LATERAL (
        SELECT CASE WHEN CAST(:account_id AS bigint) IS NULL THEN account_id IS NULL AND phone = CAST(:phone AS text)
                    ELSE account_id = :account_id END AS is_about) about
    WHERE created_at > :since AND is_known = :is_known
    """
_IS_KNOWN = "SELECT EXISTS (SELECT 1 FROM portal_code WHERE asked_sha256 = :browser AND used_at IS NOT NULL)"


class TooManyCodes(Exception):
    """The codes of the day are spent: those of the account, of the address, or of the company."""


class Budgets(NamedTuple):
    """Codes of a day: for an account, for an account from one address, from an address, and of the whole company."""

    account: int
    asker: int
    address: int
    company: int


class CodeRequest(NamedTuple):
    """Who asks for which account.

    :ivar account_id: None if there is no such account, or it has no telephone; with a telephone: its owner has no account
    :ivar browser: digest of the browser's own word and the number typed
    :ivar address: digest of the network address
    :ivar phone: the telephone that the code goes to
    """

    account_id: int | None
    browser: str
    address: str
    phone: str | None = None


def issue_code(session: Session, asked: CodeRequest, code: str, *, budgets: Budgets, minutes: int, now: datetime) -> None:
    """Keep a fresh code's hash for the browser that asked; what leads to no message is kept too, and opens nothing.

    A browser that has opened the account before has budgets of its own, which no stranger can spend.

    :raises TooManyCodes: if a budget is spent; the asking is kept nevertheless
    """
    locks.acquire(session, Lock.PORTAL_CODES)
    is_known = fetch_one(session, _IS_KNOWN, bool, browser=asked.browser)
    spent = fetch_one(session, _SPENT, Budgets, **asked._asdict(), is_known=is_known, since=now - DAY)
    is_over = any(count >= budget for count, budget in zip(spent, budgets, strict=True))
    account_id = None if is_over else asked.account_id
    division_id = session.scalar(select(Account.division_id).where(Account.id == account_id)) if account_id else None
    session.add(
        PortalCode(
            division_id=division_id or queries.company_id(session),
            account_id=account_id,
            phone=None if is_over else asked.phone,
            code_sha256=_digest(account_id, code),
            asked_sha256=asked.browser,
            address_sha256=asked.address,
            is_known=is_known,
            expires_at=now + timedelta(minutes=minutes),
            created_at=now,
        )
    )
    session.flush()
    if is_over:
        raise TooManyCodes


class Opened(NamedTuple):
    """What a right code opens.

    :ivar phone: the telephone that the code went to; None if the code does not say
    """

    code_id: int
    account_id: int
    phone: str | None = None


def check_code(session: Session, browser: str, code: str, *, most_attempts: int, now: datetime) -> Opened | None:
    """Return what a code opens for the browser that asked for it; every try counts for all its codes, a right one works once."""
    code_id, account_id, phone = _right(session, browser, code, most_attempts, now)
    return Opened(code_id, account_id, phone) if code_id and account_id else None


def check_phone(session: Session, browser: str, code: str, *, most_attempts: int, now: datetime) -> str | None:
    """Return the telephone of nobody's account that a code proves to the browser that asked for it; tries count as above."""
    _, account_id, phone = _right(session, browser, code, most_attempts, now)
    return phone if account_id is None else None


def _right(session: Session, browser: str, code: str, most_attempts: int, now: datetime) -> tuple[int | None, int | None, str | None]:
    """Return the code that is right with its account and telephone, and mark it used; what was sent to nobody never is."""
    live = (
        PortalCode.asked_sha256 == browser,
        PortalCode.used_at.is_(None),
        PortalCode.expires_at > now,
        PortalCode.attempts < most_attempts,
    )
    counted = update(PortalCode).where(*live).values(attempts=PortalCode.attempts + 1)
    found: tuple[int | None, int | None, str | None] = (None, None, None)
    columns = (PortalCode.id, PortalCode.account_id, PortalCode.phone, PortalCode.code_sha256)
    for code_id, account_id, phone, kept in session.execute(counted.returning(*columns)).all():
        if hmac.compare_digest(kept, _digest(account_id, code)) and (account_id is not None or phone is not None):
            found = (code_id, account_id, phone)
    if found[0]:
        session.execute(update(PortalCode).where(PortalCode.id == found[0]).values(used_at=now))
    return found


def _digest(account_id: int | None, code: str) -> str:
    return hashlib.sha256(f"{account_id}:{code}".encode()).hexdigest()
