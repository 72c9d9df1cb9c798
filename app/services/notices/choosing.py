"""What consumers chose: ways and kinds of messages, the language, an address of e-mail; numbers that want no SMS; what was read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.notices import CHOSEN, KINDS, NoticeChannel, NoticeKind, NoticeStatus
from app.models.accounts import Account, Consumer
from app.models.notices import Notice, NoticePreference, NoticeStop
from app.queries.notices import choices

#: Ways a consumer chooses from.
CHOSEN_WAYS = (NoticeChannel.SMS, NoticeChannel.EMAIL, NoticeChannel.PORTAL)


class NotChosen(Exception):
    """A kind of message is sent whatever the consumer chooses; the text is the kind."""


class ConsumerChoice(NamedTuple):
    """What a consumer wants: ways by kind, for one account; language and address of e-mail for all of his.

    :ivar email: None: none
    """

    ways: Mapping[NoticeKind, frozenset[NoticeChannel]]
    language: str
    email: str | None


def choose(session: Session, account_id: int, choice: ConsumerChoice) -> None:
    """Keep what a consumer chose about an account; kinds that are not named stay as they are.

    :raises NotChosen: if a kind is none a consumer chooses about
    """
    if fixed := set(choice.ways) - set(CHOSEN):
        raise NotChosen(min(fixed))
    account = session.get_one(Account, account_id)
    consumer = session.get_one(Consumer, account.consumer_id)
    consumer.language, consumer.contact_email = choice.language, choice.email
    for kind, ways in sorted(choice.ways.items()):
        own = {
            "by_sms": NoticeChannel.SMS in ways,
            "by_email": NoticeChannel.EMAIL in ways,
            "by_portal": NoticeChannel.PORTAL in ways,
        }
        row = insert(NoticePreference).values(division_id=account.division_id, account_id=account_id, notice_kind=kind, **own)
        session.execute(row.on_conflict_do_update(index_elements=["account_id", "notice_kind"], set_=own))
    session.flush()


def chosen_ways(session: Session, account_id: int) -> dict[NoticeKind, list[NoticeChannel]]:
    """Return the ways of each kind: those chosen, and of kinds about which nothing was chosen the usual ones."""
    chosen, found = choices(session, account_id), {}
    for kind in CHOSEN:
        choice = chosen.get(kind)
        own = (choice.by_sms, choice.by_email, choice.by_portal) if choice else [way in KINDS[kind].ways for way in CHOSEN_WAYS]
        found[kind] = [way for way, is_wanted in zip(CHOSEN_WAYS, own, strict=True) if is_wanted]
    return found


def stop(session: Session, phone: str, *, basis: str, now: datetime) -> int:
    """Send no more SMS to a number but codes and answers; return how many that waited are withdrawn."""
    row = insert(NoticeStop).values(phone=phone, basis=basis[:300])
    session.execute(row.on_conflict_do_nothing(index_elements=["phone"], index_where=NoticeStop.ended_at.is_(None)))
    waiting = update(Notice).where(Notice.phone == phone, Notice.status == NoticeStatus.QUEUED, Notice.urgency > 1)
    return len(session.scalars(waiting.values(status=NoticeStatus.WITHDRAWN, decided_at=now).returning(Notice.id)).all())


def withdraw(session: Session, notice_ids: Sequence[int], *, by: str, now: datetime) -> int:
    """Withdraw messages that wait, because what they tell does not stand any more; return how many. What left stays as it is."""
    waiting = update(Notice).where(Notice.id.in_(notice_ids), Notice.status == NoticeStatus.QUEUED)
    gone = waiting.values(status=NoticeStatus.WITHDRAWN, decided_by=by, decided_at=now)
    return len(session.scalars(gone.returning(Notice.id)).all())


def start(session: Session, phone: str, *, by: str, now: datetime) -> bool:
    """Send SMS to a number again; return whether it had asked for none."""
    ended = update(NoticeStop).where(NoticeStop.phone == phone, NoticeStop.ended_at.is_(None)).values(ended_at=now, ended_by=by)
    return session.scalar(ended.returning(NoticeStop.id)) is not None


def is_stopped(session: Session, phone: str) -> bool:
    """Tell whether a number wants no SMS."""
    return session.scalar(select(func.count()).where(NoticeStop.phone == phone, NoticeStop.ended_at.is_(None))) != 0


def mark_read(session: Session, account_id: int, notice_ids: list[int], *, now: datetime) -> None:
    """Record that messages of the portal about an account were opened; others are left alone."""
    own = (Notice.account_id == account_id, Notice.channel == NoticeChannel.PORTAL, Notice.status == NoticeStatus.SENT)
    session.execute(update(Notice).where(Notice.id.in_(notice_ids), *own).values(status=NoticeStatus.DELIVERED, delivered_at=now))
