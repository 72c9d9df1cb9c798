"""Users of the portal: who signs in, which accounts they claim, and how an access ends.

A user is known by a telephone that a code proved. A code for an account proves the telephone of the account's consumer, so it opens a
session of the user of that telephone, or claims the account for the user who is signed in.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.portal import ALL_RIGHTS, AccessEnd, ordered
from app.models.accounts import Account, Consumer
from app.models.household_consumers import HouseholdConsumer
from app.models.portal import PortalAccess, PortalSession, PortalUser
from app.queries import portal as queries
from app.services.portal import Opened


class NotTheirs(Exception):
    """The access is none of the account's, or is removed already."""


class SignedIn(NamedTuple):
    """A session that was opened, and whose."""

    session_id: int
    user_id: int


def sign_in(session: Session, opened: Opened, *, idle_days: int, now: datetime) -> SignedIn | None:
    """Open a session of the user whose telephone a code proved, and claim the code's account if the telephone is its consumer's.

    :param idle_days: accesses of a user who did not sign in for longer end, because the telephone may be another person's by now
    :return: None if no account may be opened
    """
    phone = opened.phone or _phone_of(session, opened.account_id)
    if phone is None:
        return None
    user = _user(session, phone)
    if user.signed_in_at is not None and user.signed_in_at < now - timedelta(days=idle_days):
        _end(session, AccessEnd.LAPSED, now, PortalAccess.portal_user_id == user.id)
    claim(session, user.id, opened, now=now)
    return open_session(session, user.id, now=now)


def sign_in_person(session: Session, pinfl: str, *, now: datetime) -> SignedIn | None:
    """Open a session of the person whom OneID vouches for, with the accounts that are kept under his JSHSHIR.

    :return: None if there is no such account, and none that somebody granted
    """
    of_his = select(Account).join(HouseholdConsumer, HouseholdConsumer.id == Account.consumer_id).where(HouseholdConsumer.pinfl == pinfl)
    accounts, known = session.scalars(of_his.order_by(Account.id)).all(), select(PortalUser).where(PortalUser.pinfl == pinfl)
    if not accounts and session.scalar(known) is None:
        return None
    session.execute(insert(PortalUser).values(pinfl=pinfl).on_conflict_do_nothing(index_elements=["pinfl"]))
    user = session.execute(known.with_for_update()).scalar_one()
    for account in accounts:
        _grant(session, user.id, account, ALL_RIGHTS, now=now, phone=None, granted_by_id=None, is_by_oneid=True)
    return open_session(session, user.id, now=now)


def open_session(session: Session, user_id: int, *, now: datetime) -> SignedIn | None:
    """Open a session of a user who has proved who it is; None if no account may be opened."""
    if not queries.accesses(session, user_id):
        return None
    session.execute(update(PortalUser).where(PortalUser.id == user_id).values(signed_in_at=now))
    record = PortalSession(portal_user_id=user_id, opened_at=now)
    session.add(record)
    session.flush()
    return SignedIn(record.id, user_id)


def close_session(session: Session, session_id: int, *, now: datetime) -> None:
    """Close a session in every browser that holds its cookie."""
    session.execute(update(PortalSession).where(PortalSession.id == session_id, PortalSession.closed_at.is_(None)).values(closed_at=now))


def claim(session: Session, user_id: int, opened: Opened, *, now: datetime) -> int | None:
    """Give a user the account whose telephone a code proved, and return the access; a repeat returns the first.

    :return: None if the code went to a telephone that is not the account's
    """
    account = session.execute(select(Account).where(Account.id == opened.account_id)).scalar_one()
    phone = session.scalar(select(Consumer.phone).where(Consumer.id == account.consumer_id))
    if phone is None or (opened.phone or phone) != phone:
        return None
    return _grant(session, user_id, account, ALL_RIGHTS, now=now, phone=phone, granted_by_id=None)


def grant(session: Session, phone: str, account_id: int, rights: Iterable[str], *, by_user_id: int, now: datetime) -> int:
    """Let the user of another telephone open an account, with some rights, and return the access.

    The caller has checked that the granting user has the right MANAGE.
    """
    account = session.execute(select(Account).where(Account.id == account_id)).scalar_one()
    return _grant(session, _user(session, phone).id, account, ordered(rights), now=now, phone=None, granted_by_id=by_user_id)


def remove(session: Session, access_id: int, *, account_id: int, end: AccessEnd, now: datetime) -> None:
    """End an access to an account.

    :raises NotTheirs: if there is none of the account
    """
    if not _end(session, end, now, PortalAccess.id == access_id, PortalAccess.account_id == account_id):
        raise NotTheirs(str(access_id))


def remove_own(session: Session, user_id: int, account_id: int, *, now: datetime) -> None:
    """End a user's own access to an account, wherever the account lies.

    :raises NotTheirs: if the user has none
    """
    if not _end(session, AccessEnd.LEFT, now, PortalAccess.portal_user_id == user_id, PortalAccess.account_id == account_id):
        raise NotTheirs(str(account_id))


def user_of_phone(session: Session, phone: str) -> int:
    """Return the user of a telephone that was proved, made if there is none."""
    return _user(session, phone).id


def choose_language(session: Session, user_id: int, language: str) -> None:
    """Remember the language a user chose."""
    session.execute(update(PortalUser).where(PortalUser.id == user_id).values(language=language))


def _phone_of(session: Session, account_id: int) -> str | None:
    statement = select(Consumer.phone).join(Account, Account.consumer_id == Consumer.id).where(Account.id == account_id)
    return session.scalar(statement)


def _user(session: Session, phone: str) -> PortalUser:
    """Return the user of a telephone, made if there is none; of two that come at once the second waits."""
    session.execute(insert(PortalUser).values(phone=phone).on_conflict_do_nothing(index_elements=["phone"]))
    return session.execute(select(PortalUser).where(PortalUser.phone == phone).with_for_update()).scalar_one()


def _grant(
    session: Session,
    user_id: int,
    account: Account,
    rights: Iterable[str],
    *,
    now: datetime,
    phone: str | None,
    granted_by_id: int | None,
    is_by_oneid: bool = False,
) -> int:
    present = select(PortalAccess).where(
        PortalAccess.portal_user_id == user_id, PortalAccess.account_id == account.id, PortalAccess.removed_at.is_(None)
    )
    access = session.execute(present.with_for_update()).scalar_one_or_none()
    if access is not None and _is_the_same(access, account, phone, granted_by_id):
        access.rights = [str(right) for right in rights]
        session.flush()
        return access.id
    if access is not None:
        access.removed_at, access.access_end = now, AccessEnd.LAPSED
        session.flush()
    made = PortalAccess(
        division_id=account.division_id,
        portal_user_id=user_id,
        account_id=account.id,
        consumer_id=account.consumer_id,
        phone=phone,
        granted_by_id=granted_by_id,
        is_by_oneid=is_by_oneid,
        rights=[str(right) for right in rights],
        claimed_at=now,
    )
    session.add(made)
    session.flush()
    return made.id


def _is_the_same(access: PortalAccess, account: Account, phone: str | None, granted_by_id: int | None) -> bool:
    """Return whether an access that is there is of the same consumer and was proved in the same way."""
    return access.consumer_id == account.consumer_id and access.phone == phone and (access.granted_by_id is None) == (granted_by_id is None)


def _end(session: Session, end: AccessEnd, now: datetime, *which: object) -> int:
    ended = update(PortalAccess).where(PortalAccess.removed_at.is_(None), *which)  # type: ignore[arg-type]
    return len(session.execute(ended.values(removed_at=now, access_end=end).returning(PortalAccess.id)).all())
