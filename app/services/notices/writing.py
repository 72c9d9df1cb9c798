"""Messages are written with what they tell: by the template of their kind, in the consumer's language, by the ways he chose."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.domain.calendar import TASHKENT
from app.domain.notices import (
    KINDS,
    KindSpec,
    LeftOut,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    Urgency,
    Value,
    filled,
    sms_parts,
    sms_text,
)
from app.models.accounts import Account, Consumer
from app.models.notices import Notice
from app.queries import notices as queries
from app.queries.notices import NoticeReceiver
from app.queries.records import fetch_optional
from app.services.notices.choosing import is_stopped

#: Rows that are written in one statement.
_ROWS = 500
_SUBJECT = "PC Billing · {account}"


class NoTelephone(Exception):
    """The consumer has no telephone number to write to."""


class NoTemplate(Exception):
    """A kind of message has no words in Uzbek, which every kind needs; the text is the kind."""


class NotSentYet(Exception):
    """A kind of message is listed and not sent; the text is the kind."""


class NoticeAbout(NamedTuple):
    """What is told about an account: the values of the template's places; ``account`` comes by itself."""

    account_id: int
    values: Mapping[str, Value]


class WrittenNotices(NamedTuple):
    """What became of some messages: rows of the outbox by way, and consumers without SMS by reason."""

    ids: list[int]
    by_way: Counter[NoticeChannel]
    left_out: Counter[LeftOut]
    #: consumers that are told by some way
    reached: int


class NoticeDraft(NamedTuple):
    """A message before it is written.

    :ivar ways: those it goes by; none: it goes to nobody
    :ivar left_out: why it does not go by SMS
    """

    receiver: NoticeReceiver
    text: str
    ways: frozenset[NoticeChannel]
    left_out: LeftOut | None

    @property
    def parts(self) -> int:
        """Parts of an SMS it takes."""
        return sms_parts(sms_text(self.text))


def notify(
    session: Session,
    account_id: int,
    kind: NoticeKind,
    values: Mapping[str, Value],
    *,
    now: datetime,
    lifetime: timedelta | None = None,
    phone: str | None = None,
) -> WrittenNotices:
    """Tell a consumer something about an account, in the transaction of what it tells; jobs send what needs a gateway.

    :param values: by place of the template: sums in tiyin, days, moments, texts, or a text a language
    :param lifetime: how long it is worth sending; that of its kind if None
    :param phone: where an SMS goes; None: the telephone of the account's consumer
    :raises MissingVariable: if the template names a place without a value
    :raises NoTemplate: if the kind has no words
    :raises NotSentYet: if the kind is listed only
    """
    drafts = drafted(session, kind, [NoticeAbout(account_id, values)], now=now, phone=phone)
    return write(session, kind, drafts, now=now, lifetime=lifetime)


class Person(NamedTuple):
    """Somebody without an account.

    :ivar division_id: where the message is listed
    """

    division_id: int
    phone: str
    language: str


def notify_person(
    session: Session, person: Person, kind: NoticeKind, values: Mapping[str, Value], *, now: datetime, lifetime: timedelta | None = None
) -> WrittenNotices:
    """Tell somebody without an account something by SMS; as ``notify`` does."""
    receiver = NoticeReceiver(
        None, person.division_id, "", person.language, person.phone, None, is_stopped(session, person.phone),
        by_sms=True, by_email=False, by_portal=False,
    )  # fmt: skip
    draft = _draft(KINDS[kind], _words(session, kind, now), receiver, values)
    return write(session, kind, [draft], now=now, lifetime=lifetime)


def notify_many(
    session: Session, kind: NoticeKind, told: Sequence[NoticeAbout], *, now: datetime, lifetime: timedelta | None = None, **more: Any
) -> WrittenNotices:
    """Tell many consumers, each about one account, in a few statements; as ``notify`` does.

    :param more: further columns of the messages
    """
    return write(session, kind, drafted(session, kind, told, now=now), now=now, lifetime=lifetime, **more)


def write(
    session: Session, kind: NoticeKind, drafts: Sequence[NoticeDraft], *, now: datetime, lifetime: timedelta | None = None, **more: Any
) -> WrittenNotices:
    """Write drafts to the outbox, a row a way, and return what became of them."""
    left_out = Counter(each.left_out for each in drafts if each.left_out)
    written = WrittenNotices([], Counter(), left_out, sum(bool(each.ways) for each in drafts))
    columns = {"kind": kind, "urgency": KINDS[kind].urgency, "due_at": now, "expires_at": now + (lifetime or KINDS[kind].lifetime), **more}
    rows = [columns | row for each in drafts for row in _rows(each, now)]
    for first in range(0, len(rows), _ROWS):
        some = rows[first : first + _ROWS]
        written.ids.extend(session.scalars(insert(Notice).returning(Notice.id, sort_by_parameter_order=True), some))
    written.by_way.update(row["channel"] for row in rows)
    return written


def drafted(
    session: Session, kind: NoticeKind, told: Sequence[NoticeAbout], *, now: datetime, phone: str | None = None
) -> list[NoticeDraft]:
    """Return messages as they would be written; nothing is.

    :param phone: where SMS go; None: the telephone of each account's consumer
    :raises MissingVariable: if the template names a place without a value
    """
    spec, words = KINDS[kind], _words(session, kind, now)
    receivers = queries.receivers(session, [each.account_id for each in told], kind)
    found = {each.account_id: each._replace(phone=phone or each.phone) for each in receivers}
    return [_draft(spec, words, found[each.account_id], each.values) for each in told if each.account_id in found]


def _words(session: Session, kind: NoticeKind, now: datetime) -> Mapping[str, str]:
    """Return the words of a kind of message by language."""
    if not KINDS[kind].is_active:
        raise NotSentYet(kind)
    words = queries.templates(session, kind, now.astimezone(TASHKENT).date())
    if "uz" not in words:
        raise NoTemplate(kind)
    return words


def _draft(spec: KindSpec, words: Mapping[str, str], receiver: NoticeReceiver, values: Mapping[str, Value]) -> NoticeDraft:
    text = filled(words.get(receiver.language) or words["uz"], spec.variables, {"account": receiver.account, **values}, receiver.language)
    ways = set(_chosen(spec, receiver))
    left_out = None if NoticeChannel.SMS in ways else LeftOut.NOT_WANTED
    if left_out is None and receiver.phone is None:
        left_out = LeftOut.NO_TELEPHONE
    if left_out is None and receiver.is_stopped and spec.urgency > Urgency.ANSWER:
        left_out = LeftOut.STOPPED
    if left_out:
        ways.discard(NoticeChannel.SMS)
    if receiver.email is None:
        ways.discard(NoticeChannel.EMAIL)
    return NoticeDraft(receiver, text, frozenset(ways), left_out)


def _chosen(spec: KindSpec, receiver: NoticeReceiver) -> Iterable[NoticeChannel]:
    if not spec.is_chosen or receiver.by_sms is None:
        return spec.ways
    chosen = ((NoticeChannel.SMS, receiver.by_sms), (NoticeChannel.EMAIL, receiver.by_email), (NoticeChannel.PORTAL, receiver.by_portal))
    return [way for way, is_wanted in chosen if is_wanted]


def _rows(draft: NoticeDraft, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the rows of a message; in the portal it is there as soon as it is written."""
    receiver, text = draft.receiver, sms_text(draft.text)
    common = {"division_id": receiver.division_id, "account_id": receiver.account_id}
    none: dict[str, Any] = {"phone": None, "email": None, "subject": None, "parts": None, "sent_at": None}
    none |= {"status": NoticeStatus.QUEUED, "text": draft.text}
    if NoticeChannel.SMS in draft.ways:
        yield common | none | {"channel": NoticeChannel.SMS, "phone": receiver.phone, "text": text, "parts": sms_parts(text)}
    if NoticeChannel.EMAIL in draft.ways:
        subject = _SUBJECT.format(account=receiver.account)
        yield common | none | {"channel": NoticeChannel.EMAIL, "email": receiver.email, "subject": subject}
    if NoticeChannel.PORTAL in draft.ways:
        yield common | none | {"channel": NoticeChannel.PORTAL, "status": NoticeStatus.SENT, "sent_at": now}


def queue_notice(
    session: Session,
    account_id: int,
    message: str,
    *,
    now: datetime,
    kind: NoticeKind = NoticeKind.MESSAGE,
    lifetime: timedelta | None = None,
    phone: str | None = None,
) -> Notice:
    """Write an SMS to the outbox in the transaction of what it tells; a job sends it.

    :param lifetime: how long it is worth sending; that of its kind if None
    :param phone: where to; None: the telephone of the account's consumer
    :raises NoTelephone: if the consumer has no telephone number
    """
    statement = select(Account.division_id, Consumer.phone).join(Consumer, Consumer.id == Account.consumer_id)
    row = session.execute(statement.where(Account.id == account_id)).one()
    phone = phone or row.phone
    if phone is None:
        raise NoTelephone
    plain = sms_text(message)
    notice = Notice(
        division_id=row.division_id,
        account_id=account_id,
        kind=kind,
        urgency=KINDS[kind].urgency,
        channel=NoticeChannel.SMS,
        phone=phone,
        text=plain,
        parts=sms_parts(plain),
        due_at=now,
        expires_at=now + (lifetime or KINDS[kind].lifetime),
    )
    session.add(notice)
    session.flush()
    return notice


def queue_staff_notice(
    session: Session, user_id: int, kind: NoticeKind, *, subject: str, message: str, now: datetime, stored_file_id: int | None = None
) -> Notice | None:
    """Write an e-mail to a user to the outbox; None if he has no address, or works in no division the writer may see.

    :param stored_file_id: a file that goes with it
    """
    email = fetch_optional(session, "SELECT nullif(email, '') FROM ab_user WHERE id = :id", str, id=user_id)
    division_id = fetch_optional(session, _DIVISION_OF_USER, int, id=user_id, today=now.date())
    if email is None or division_id is None:
        return None
    notice = Notice(
        division_id=division_id,
        user_id=user_id,
        kind=kind,
        urgency=KINDS[kind].urgency,
        channel=NoticeChannel.EMAIL,
        email=email,
        subject=subject[:200],
        text=message,
        stored_file_id=stored_file_id,
        due_at=now,
        expires_at=now + KINDS[kind].lifetime,
    )
    session.add(notice)
    session.flush()
    return notice


#: The division a user works in, the highest first; else the highest of the writer's own.
_DIVISION_OF_USER = """
    SELECT d.id FROM division d
    LEFT JOIN division_access a ON a.division_id = d.id AND a.user_id = :id AND a.valid_from <= :today
        AND (a.valid_to IS NULL OR a.valid_to > :today)
    WHERE d.id = ANY (coalesce(app_divisions(), ARRAY(SELECT id FROM division)))
    ORDER BY a.id IS NULL, length(d.path), d.id LIMIT 1
    """
