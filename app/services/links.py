"""Links of one purpose: a signed random word whose digest alone is kept, for one account and one act, for some hours."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.domain.portal import USED_ONCE, LinkPurpose
from app.models.accounts import Account
from app.models.portal import PortalLink
from app.queries.administration import value_on

_RANDOM_BYTES, _SIGNATURE_BYTES = 16, 8
_TOKEN_LETTERS = 32


class LinkTerms(NamedTuple):
    """What links need of this machine.

    :ivar key: the secret that signs, so that a forged token costs no look-up
    :ivar public_url: where the portal is
    """

    key: bytes
    public_url: str

    def address_of(self, token: str) -> str:
        """Return the address that a message bears for a link."""
        return f"{self.public_url.rstrip('/')}/portal/l/{token}"

    @property
    def sample(self) -> str:
        """An address as long as every other, that leads nowhere."""
        return self.address_of("x" * _TOKEN_LETTERS)


def terms_of(settings: Mapping[str, Any]) -> LinkTerms:
    """Return the terms that the settings of the application give."""
    return LinkTerms(str(settings["SECRET_KEY"]).encode(), settings["PUBLIC_URL"])


class OpenLink(NamedTuple):
    """A link that works now."""

    id: int
    account_id: int
    division_id: int
    purpose: LinkPurpose
    phone: str | None
    expires_at: datetime


def make(session: Session, account_id: int, purpose: LinkPurpose, *, key: bytes, now: datetime, phone: str | None = None) -> str:
    """Make a link and return its token; the address is ``<public address>/portal/l/<token>``.

    :param key: the secret that signs, so that a forged token costs no look-up
    :param phone: of a link PHONE: the number that is to be confirmed
    """
    return make_many(session, [account_id], purpose, key=key, now=now, phone=phone)[account_id]


def make_many(
    session: Session, account_ids: Collection[int], purpose: LinkPurpose, *, key: bytes, now: datetime, phone: str | None = None
) -> dict[int, str]:
    """Make a link for each of some accounts in two statements, and return their tokens by account."""
    chosen = select(Account.id, Account.division_id, Account.consumer_id).where(Account.id.in_(account_ids))
    hours = int(value_on(session, "portal.link_hours", now.date()))
    common = {"purpose": purpose, "phone": phone, "expires_at": now + timedelta(hours=hours)}
    tokens, rows = {}, []
    for account_id, division_id, consumer_id in session.execute(chosen):
        tokens[account_id] = token = _signed(secrets.token_bytes(_RANDOM_BYTES), key)
        own = {"division_id": division_id, "account_id": account_id, "consumer_id": consumer_id, "token_hash": _digest(token)}
        rows.append(own | common)
    if rows:
        session.execute(insert(PortalLink), rows)
    return tokens


def find(session: Session, token: str, *, key: bytes, now: datetime) -> OpenLink | None:
    """Return the link of a token if it works now: signed by us, in time, not used up or withdrawn, of the same consumer."""
    if not _is_ours(token, key):
        return None
    statement = (
        select(PortalLink)
        .join(Account, Account.id == PortalLink.account_id)
        .where(
            PortalLink.token_hash == _digest(token),
            PortalLink.expires_at > now,
            PortalLink.withdrawn_at.is_(None),
            PortalLink.used_at.is_(None),
            PortalLink.consumer_id == Account.consumer_id,
        )
    )
    link = session.scalar(statement)
    if link is None:
        return None
    return OpenLink(link.id, link.account_id, link.division_id, link.purpose, link.phone, link.expires_at)


def use(session: Session, link: OpenLink, *, now: datetime) -> bool:
    """Use up a link whose act is done once; return whether it was there to be used. Of two that come at once one gets it."""
    if link.purpose not in USED_ONCE:
        return True
    taken = update(PortalLink).where(PortalLink.id == link.id, PortalLink.used_at.is_(None)).values(used_at=now)
    return session.execute(taken.returning(PortalLink.id)).first() is not None


def withdraw(session: Session, link_id: int, *, account_id: int, now: datetime) -> None:
    """Withdraw a link of an account, which was sent to the wrong person."""
    link = (PortalLink.id == link_id, PortalLink.account_id == account_id, PortalLink.withdrawn_at.is_(None))
    session.execute(update(PortalLink).where(*link).values(withdrawn_at=now))


def _signed(random: bytes, key: bytes) -> str:
    return base64.urlsafe_b64encode(random + _signature(random, key)).decode().rstrip("=")


def _is_ours(token: str, key: bytes) -> bool:
    if len(token) != _TOKEN_LETTERS or not token.isascii():
        return False
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return False
    return hmac.compare_digest(raw[_RANDOM_BYTES:], _signature(raw[:_RANDOM_BYTES], key))


def _signature(random: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"portal link" + random, hashlib.sha256)[:_SIGNATURE_BYTES]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
