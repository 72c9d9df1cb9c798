"""The telephone of an account's consumer, changed by themselves."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.accounts import Account, Consumer
from app.models.portal import PortalAccess, PortalSession, PortalUser
from app.queries import portal as queries
from app.services import notices
from app.services.portal import users


def change_phone(session: Session, account_id: int, phone: str, *, user_id: int | None, warning: str, now: datetime) -> int:
    """Give an account's consumer the telephone that a code or a link proved, and return the user who goes on with the account.

    The user who asked keeps the accounts and is known by the new telephone if the old one was the user's own; others who proved the old
    one claim the account anew. A warning goes to the old telephone.

    :param user_id: who asked; None: a link proved it, and nobody was signed in
    """
    consumer = _consumer(session, account_id)
    old = consumer.phone
    if old is not None and old != phone:
        notices.queue_notice(session, account_id, warning, now=now, phone=old)
    consumer.phone = phone
    session.flush()
    if user_id is None:
        return users.user_of_phone(session, phone)
    mine = (PortalAccess.portal_user_id == user_id, PortalAccess.consumer_id == consumer.id, PortalAccess.removed_at.is_(None))
    session.execute(update(PortalAccess).where(*mine, PortalAccess.phone == old).values(phone=phone))
    user = session.execute(select(PortalUser).where(PortalUser.id == user_id).with_for_update()).scalar_one()
    if user.phone != old or old == phone:
        return user_id
    other = queries.user_by_phone(session, phone)
    if other is None:
        user.phone = phone
        session.flush()
        return user_id
    return _joined(session, user_id, other.id)


def _joined(session: Session, user_id: int, other_id: int) -> int:
    """Give what a user may open to the user of another telephone, both of which were proved; return the other."""
    theirs = {each.account_id for each in queries.accesses(session, other_id)}
    for access in queries.accesses(session, user_id):
        if access.account_id not in theirs:
            session.execute(update(PortalAccess).where(PortalAccess.id == access.id).values(portal_user_id=other_id))
    session.execute(update(PortalSession).where(PortalSession.portal_user_id == user_id).values(portal_user_id=other_id))
    return other_id


def _consumer(session: Session, account_id: int) -> Consumer:
    statement = select(Consumer).join(Account, Account.consumer_id == Consumer.id).where(Account.id == account_id)
    return session.execute(statement.with_for_update(of=Consumer)).scalar_one()
