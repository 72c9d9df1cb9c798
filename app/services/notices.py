"""Messages to consumers by outbox, and the codes that open the portal."""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.domain.notices import NoticeStatus, sms_text
from app.models.accounts import Account, Consumer
from app.models.notices import Notice, PortalCode


class NoTelephone(Exception):
    """The consumer has no telephone number to write to."""


class TooManyCodes(Exception):
    """An account was sent enough codes for now."""


#: Codes an account may be sent within an hour.
CODES_AN_HOUR = 5


def queue_notice(session: Session, account_id: int, message: str) -> Notice:
    """Write a message to the outbox in the transaction of what it tells; a job sends it.

    :raises NoTelephone: if the consumer has no telephone number
    """
    statement = select(Account.division_id, Consumer.phone).join(Consumer, Consumer.id == Account.consumer_id)
    row = session.execute(statement.where(Account.id == account_id)).one()
    if row.phone is None:
        raise NoTelephone
    notice = Notice(division_id=row.division_id, account_id=account_id, phone=row.phone, text=sms_text(message))
    session.add(notice)
    session.flush()
    return notice


def issue_code(session: Session, account_id: int, code: str, *, minutes: int, now: datetime) -> None:
    """Keep a fresh code's hash; older codes of the account no longer open anything.

    :raises TooManyCodes: if the account was sent enough for now
    """
    lately = select(func.count()).where(PortalCode.account_id == account_id, PortalCode.created_at > now - timedelta(hours=1))
    if (session.scalar(lately) or 0) >= CODES_AN_HOUR:
        raise TooManyCodes
    division_id = session.execute(select(Account.division_id).where(Account.id == account_id)).scalar_one()
    session.add(
        PortalCode(
            division_id=division_id,
            account_id=account_id,
            code_sha256=_digest(account_id, code),
            expires_at=now + timedelta(minutes=minutes),
        )
    )
    session.flush()


def check_code(session: Session, account_id: int, code: str, *, most_attempts: int, now: datetime) -> bool:
    """Tell whether a code opens the account; every try counts, a right one works once."""
    newest = select(PortalCode).where(PortalCode.account_id == account_id).order_by(PortalCode.id.desc()).limit(1).with_for_update()
    found = session.scalar(newest)
    if found is None or found.used_at or found.expires_at <= now or found.attempts >= most_attempts:
        return False
    found.attempts += 1
    right = hmac.compare_digest(found.code_sha256, _digest(account_id, code))
    if right:
        found.used_at = now
    session.flush()
    return right


def close_code(session: Session, code_id: int, *, now: datetime) -> None:
    """Shut what a code has opened, in every browser that holds its cookie."""
    session.execute(update(PortalCode).where(PortalCode.id == code_id, PortalCode.closed_at.is_(None)).values(closed_at=now))


def queued(session: Session, *, most: int = 100) -> list[Notice]:
    """Return messages to send, locked; another sender takes others."""
    statement = select(Notice).where(Notice.status == NoticeStatus.QUEUED).order_by(Notice.id).limit(most)
    return list(session.scalars(statement.with_for_update(skip_locked=True)))


def mark_sent(session: Session, notice_id: int, status: NoticeStatus, *, now: datetime) -> None:
    """Record what became of a message."""
    session.execute(update(Notice).where(Notice.id == notice_id).values(status=status, sent_at=now))


def _digest(account_id: int, code: str) -> str:
    return hashlib.sha256(f"{account_id}:{code}".encode()).hexdigest()
