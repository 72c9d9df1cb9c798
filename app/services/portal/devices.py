"""Devices of users of the portal, each with a token of its own, and answers that are given once a key."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.portal import ConsumerReply, PortalDevice, PortalSession
from app.queries.portal import PortalDeviceRecord
from app.services.once import added, once
from app.services.portal import Opened
from app.services.portal.users import SignedIn, close_session

#: The use of a token is noted so often.
_NOTED = timedelta(minutes=1)


class KeyOfOtherContents(Exception):
    """A key was used before, for other contents; the text is the number of what it made."""


class SignInRequest(NamedTuple):
    """How a device asks for its token.

    :ivar sign_in_sha256: digest of the device's word and the key of its call
    :ivar asked_sha256: digest of what was sent under the key
    :ivar token: only its digest is kept
    :ivar name: what the device is called in lists
    """

    sign_in_sha256: str
    asked_sha256: str
    token: str
    name: str


class DeviceSignedIn(NamedTuple):
    """A device that has a token, and whose it is."""

    id: int
    portal_user_id: int


def digest(word: str) -> str:
    """Return the digest by which a word that is random is kept."""
    return hashlib.sha256(word.encode()).hexdigest()


def sign_in(
    session: Session, asked: SignInRequest, *, prove: Callable[[], Opened | None], enter: Callable[[Opened], SignedIn | None], now: datetime
) -> DeviceSignedIn | None:
    """Give a device a token for a session of the user that a code proves; the same call again returns the first device.

    :param prove: what the typed code opens
    :param enter: opens the session of whom the code proves
    :return: None if the code opens nothing
    :raises KeyOfOtherContents: if the key was used with another code or account
    """

    def make() -> PortalDevice | None:
        opened = prove()
        entered = enter(opened) if opened else None
        if entered is None:
            return None
        kept = {"sign_in_sha256": asked.sign_in_sha256, "asked_sha256": asked.asked_sha256, "name": asked.name}
        return added(session, PortalDevice(portal_session_id=entered.session_id, token_hash=digest(asked.token), seen_at=now, **kept))

    found = once(
        session, ("portal sign-in", asked.sign_in_sha256),
        find=select(PortalDevice).where(PortalDevice.sign_in_sha256 == asked.sign_in_sha256),
        contents={"asked_sha256": asked.asked_sha256}, conflict=KeyOfOtherContents, make=make,
    )  # fmt: skip
    if found is None:
        return None
    whose = session.execute(select(PortalSession.portal_user_id).where(PortalSession.id == found.portal_session_id)).scalar_one()
    return DeviceSignedIn(found.id, whose)


def sign_out(session: Session, device_id: int, *, user_id: int, now: datetime) -> bool:
    """Shut the token of a user's device; return whether the user has such a device that was not shut before."""
    mine = select(PortalSession.id).join(PortalDevice, PortalDevice.portal_session_id == PortalSession.id)
    mine = mine.where(PortalDevice.id == device_id, PortalSession.portal_user_id == user_id, PortalSession.closed_at.is_(None))
    session_id = session.scalar(mine)
    if session_id is None:
        return False
    close_session(session, session_id, now=now)
    return True


def is_to_be_noted(device: PortalDeviceRecord, now: datetime) -> bool:
    """Tell whether a device's use is to be noted: it was noted a minute ago or longer."""
    return now - device.seen_at >= _NOTED


def note_use(session: Session, device_id: int, *, now: datetime) -> None:
    """Note that a device was used."""
    session.execute(update(PortalDevice).where(PortalDevice.id == device_id).values(seen_at=now))


def answer_once(session: Session, key: tuple[str, str], asked_sha256: str, *, make: Callable[[], tuple[int, str]]) -> ConsumerReply:
    """Return what a call was answered under a key, or answer it now; nothing is kept of a call that is refused.

    :param key: who calls, and the key of the call
    :param asked_sha256: digest of what was sent
    :param make: answers the call: status and body
    :raises KeyOfOtherContents: if the key was used for other contents
    """

    def reply() -> ConsumerReply:
        status, body = make()
        return added(session, ConsumerReply(caller=key[0], key=key[1], asked_sha256=asked_sha256, status=status, reply=body))

    return once(
        session, ("consumer call", " ".join(key)),
        find=select(ConsumerReply).where(ConsumerReply.caller == key[0], ConsumerReply.key == key[1]),
        contents={"asked_sha256": asked_sha256}, conflict=KeyOfOtherContents, make=reply,
    )  # fmt: skip
