"""Users of the portal, the accounts they may open, and who has access to an account."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.administration import value_on
from app.queries.holdings import ALWAYS, Holding
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_one, fetch_optional


class AccessRecord(NamedTuple):
    """An account that a user of the portal may open."""

    id: int
    portal_user_id: int
    account_id: int
    division_id: int
    number: str
    status: str
    consumer_kind: str
    address: str
    rights: list[str]


class UserRecord(NamedTuple):
    """A user of the portal.

    :ivar phone: None: he is known by OneID alone
    """

    id: int
    phone: str | None
    language: str | None
    signed_in_at: datetime | None


class AccessHolder(NamedTuple):
    """Who has access to an account."""

    id: int
    portal_user_id: int
    phone: str | None
    rights: list[str]
    claimed_at: datetime
    #: when he signed in last; None: he never did, so that nothing confirms the telephone yet
    signed_in_at: datetime | None
    #: the telephone of the user who granted it; empty if the account's own telephone was proved
    granted_by: str | None


_ACCESSES = "SELECT * FROM portal_accesses(CAST(:user_id AS bigint)) ORDER BY id"
_OF_SESSION = """
    SELECT x.* FROM portal_session s CROSS JOIN LATERAL portal_accesses(s.portal_user_id) x
    WHERE s.id = :session_id AND s.closed_at IS NULL ORDER BY x.id
    """
_HOLDERS = """
    SELECT x.id, x.portal_user_id, u.phone, x.rights, x.claimed_at, u.signed_in_at, g.phone AS granted_by
    FROM portal_access x JOIN portal_user u ON u.id = x.portal_user_id LEFT JOIN portal_user g ON g.id = x.granted_by_id
    WHERE x.account_id = :account_id AND EXISTS (SELECT FROM portal_accesses(x.portal_user_id) y WHERE y.id = x.id)
    ORDER BY x.id
    """
_USER = "SELECT id, phone, language, signed_in_at FROM portal_user WHERE id = :id"


def accesses(session: Session, user_id: int) -> list[AccessRecord]:
    """Return the accounts that a user may open now, in the order of their claims, whatever division they lie in."""
    return fetch_all(session, _ACCESSES, AccessRecord, user_id=user_id)


def accesses_of_session(session: Session, session_id: int) -> list[AccessRecord]:
    """Return the accounts that may be opened in a session of the portal; none if the session was closed."""
    return fetch_all(session, _OF_SESSION, AccessRecord, session_id=session_id)


def holders(session: Session, account_id: int) -> list[AccessHolder]:
    """Return who has access to an account now, in the order of the claims."""
    return fetch_all(session, _HOLDERS, AccessHolder, account_id=account_id)


def user(session: Session, user_id: int) -> UserRecord | None:
    """Return a user of the portal."""
    return fetch_optional(session, _USER, UserRecord, id=user_id)


def user_by_phone(session: Session, phone: str) -> UserRecord | None:
    """Return the user of the portal who is known by a telephone."""
    statement = "SELECT id, phone, language, signed_in_at FROM portal_user WHERE phone = :phone"
    return fetch_optional(session, statement, UserRecord, phone=phone)


class SentReading(NamedTuple):
    """A reading that a consumer sent, with what became of it."""

    id: int
    sent_at: datetime
    read_on: date
    meter_number: str
    dials: dict[str, str]
    has_photo: bool
    fate: str
    #: what the office said about it
    reason: str | None
    #: the value that was recorded in its place, and who read it
    replaced_milli: int | None
    replaced_by: str | None


_SENT = """
    SELECT c.id, c.sent_at, c.read_on, m.serial_number AS meter_number, c.dials, c.stored_file_id IS NOT NULL AS has_photo,
           coalesce(nullif(q.status, 'ACCEPTED'), CASE WHEN n.id IS NULL THEN 'TAKEN' ELSE 'REPLACED' END) AS fate,
           nullif(q.basis, '') AS reason, coalesce(n.dial_milli, o.dial_milli) AS replaced_milli,
           coalesce(n.source, o.source) AS replaced_by
    FROM consumer_reading c
    JOIN meter_installation i ON i.id = c.meter_installation_id JOIN device m ON m.id = i.meter_id
    LEFT JOIN LATERAL (
        SELECT d.status, d.basis, d.reading_id FROM doubtful_reading d
        WHERE d.account_id = c.account_id AND d.meter_installation_id = c.meter_installation_id AND d.read_on = c.read_on
          AND d.source = 'PORTAL' AND d.created_at >= c.created_at
        ORDER BY d.status <> 'WAITING', d.status <> 'REPLACED', d.id LIMIT 1
    ) q ON true
    LEFT JOIN reading o ON o.id = q.reading_id AND q.status = 'REPLACED'
    LEFT JOIN LATERAL (
        SELECT x.id, x.dial_milli, x.source FROM reading r JOIN reading x ON x.replaces_id = r.id
        WHERE r.account_id = c.account_id AND r.meter_installation_id = c.meter_installation_id AND r.read_on = c.read_on
          AND r.source = 'PORTAL' ORDER BY x.id DESC LIMIT 1
    ) n ON true
"""


def sent_readings(
    session: Session, account_id: int, *, held: Holding = ALWAYS, limit: int = 24, skipped: int = 0, before: int | None = None
) -> list[SentReading]:
    """Return what was sent for an account, newest first, each with what became of it.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    :param before: only those with a smaller id; None: from the newest on
    """
    statement = f"""{_SENT}
        WHERE c.account_id = :account_id AND c.sent_at >= :held_from AND (CAST(:before AS bigint) IS NULL OR c.id < :before)
        ORDER BY c.id DESC LIMIT :limit OFFSET :skipped"""
    page = {"limit": limit, "skipped": skipped, "before": before}
    return fetch_all(session, statement, SentReading, account_id=account_id, held_from=held.recorded_at, **page)


def photo_of(session: Session, reading_id: int, account_id: int, held: Holding) -> int | None:
    """Return the stored file of the photograph that the present consumer of an account sent with a reading."""
    statement = "SELECT stored_file_id FROM consumer_reading WHERE id = :id AND account_id = :account_id AND sent_at >= :held_from"
    return fetch_optional(session, statement, int, id=reading_id, account_id=account_id, held_from=held.recorded_at)


def readings_sent_since(session: Session, account_id: int, *, since: datetime) -> int:
    """Return how many readings of an account were sent since a moment."""
    statement = "SELECT count(*) FROM consumer_reading WHERE account_id = :account_id AND sent_at > :since"
    return fetch_one(session, statement, int, account_id=account_id, since=since)


def granted_since(session: Session, account_id: int, *, since: datetime) -> int:
    """Return how many accesses to an account its users granted since a moment, those that ended among them."""
    statement = "SELECT count(*) FROM portal_access WHERE account_id = :account_id AND granted_by_id IS NOT NULL AND claimed_at > :since"
    return fetch_one(session, statement, int, account_id=account_id, since=since)


class HeldSeries(NamedTuple):
    """A register's reading of a day that is about to be held."""

    account_id: int
    meter_installation_id: int
    register_id: int
    read_on: date
    dial_milli: int


def is_held_already(session: Session, held: HeldSeries) -> bool:
    """Return whether a doubtful reading of the meter and day waits for the office, or the very same value was decided before."""
    statement = """
        SELECT EXISTS (SELECT FROM doubtful_reading
                       WHERE meter_installation_id = :meter_installation_id AND account_id = :account_id AND read_on = :read_on
                         AND (status = 'WAITING' OR register_id = :register_id AND dial_milli = :dial_milli))
        """
    return fetch_one(session, statement, bool, **held._asdict())


class Contact(NamedTuple):
    """An office, and how one reaches it."""

    id: int
    code: str
    name: str
    region: str | None
    address: str | None
    phone: str | None


_CONTACTS = f"""
    SELECT d.id, d.code, {shown("d")} AS name, {shown("p")} AS region, coalesce(d.address, p.address, top.address) AS address,
           coalesce(d.phone, p.phone, top.phone) AS phone
    FROM division d LEFT JOIN division p ON p.id = d.parent_id LEFT JOIN division top ON top.parent_id IS NULL
"""


def contacts(session: Session) -> list[Contact]:
    """Return the districts with their offices; of one that noted none, those of the division above."""
    return fetch_all(session, f"{_CONTACTS} WHERE d.level = 'DISTRICT' ORDER BY p.code, d.code", Contact)


def company_id(session: Session) -> int:
    """Return the division above all others: where what is about no account is kept."""
    return fetch_one(session, "SELECT id FROM division WHERE parent_id IS NULL ORDER BY id LIMIT 1", int)


def contact_of(session: Session, division_id: int) -> Contact:
    """Return the office of a division."""
    return fetch_one(session, f"{_CONTACTS} WHERE d.id = :id", Contact, id=division_id)


class NoticeToConsumer(NamedTuple):
    """A message that was written to a consumer."""

    id: int
    created_at: datetime
    kind: str
    channel: str
    text: str
    status: str


def notices(
    session: Session, account_id: int, *, held: Holding = ALWAYS, limit: int = 24, skipped: int = 0, before: int | None = None
) -> list[NoticeToConsumer]:
    """Return the messages about an account, newest first; codes are left out.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    :param before: only those with a smaller id; None: from the newest on
    """
    statement = """
        SELECT id, created_at, kind, channel, text, status FROM notice
        WHERE account_id = :account_id AND created_at >= :held_from AND kind <> 'PORTAL_CODE'
          AND (CAST(:before AS bigint) IS NULL OR id < :before)
        ORDER BY id DESC LIMIT :limit OFFSET :skipped
        """
    page = {"limit": limit, "skipped": skipped, "before": before}
    return fetch_all(session, statement, NoticeToConsumer, account_id=account_id, held_from=held.recorded_at, **page)


class LinkRecord(NamedTuple):
    """A link of one purpose; its address is known to whom it was sent alone."""

    id: int
    purpose: str
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None
    withdrawn_at: datetime | None
    works: bool


def links_of(session: Session, account_id: int, *, now: datetime) -> list[LinkRecord]:
    """Return the links that were made for an account, newest first."""
    statement = """
        SELECT id, purpose, created_at, created_by, expires_at, used_at, withdrawn_at,
               used_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now AS works
        FROM portal_link WHERE account_id = :account_id ORDER BY id DESC LIMIT 50
        """
    return fetch_all(session, statement, LinkRecord, account_id=account_id, now=now)


def sent_reading(session: Session, reading_id: int) -> SentReading | None:
    """Return a reading that was sent, with what became of it."""
    return fetch_optional(session, f"{_SENT} WHERE c.id = :id", SentReading, id=reading_id)


class PortalDeviceRecord(NamedTuple):
    """A device of a user that is signed in."""

    id: int
    portal_user_id: int
    phone: str | None
    language: str | None
    name: str
    created_at: datetime
    seen_at: datetime


#: A token that nobody used for so long opens nothing any more.
_DEVICES = """
    SELECT d.id, s.portal_user_id, u.phone, u.language, d.name, d.created_at, d.seen_at
    FROM portal_device d JOIN portal_session s ON s.id = d.portal_session_id JOIN portal_user u ON u.id = s.portal_user_id
    WHERE s.closed_at IS NULL AND d.seen_at > CAST(:now AS timestamptz) - make_interval(days => CAST(:idle_days AS int))
    """


def device(session: Session, token_hash: str, *, today: date, now: datetime) -> PortalDeviceRecord | None:
    """Return whose a token is; None: it opens nothing, or not any more."""
    idle_days = value_on(session, "portal.device_idle_days", today)
    statement = f"{_DEVICES} AND d.token_hash = :token"
    return fetch_optional(session, statement, PortalDeviceRecord, token=token_hash, now=now, idle_days=idle_days)


def devices(session: Session, user_ids: Collection[int], *, today: date, now: datetime) -> list[PortalDeviceRecord]:
    """Return the devices of users that are signed in, the one used last first."""
    idle_days = value_on(session, "portal.device_idle_days", today)
    statement = f"{_DEVICES} AND s.portal_user_id = ANY(:user_ids) ORDER BY d.seen_at DESC, d.id DESC"
    return fetch_all(session, statement, PortalDeviceRecord, user_ids=sorted(user_ids), now=now, idle_days=idle_days)
