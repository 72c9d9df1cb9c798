"""To whom messages go: languages, addresses, what each chose, and the templates of a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.notices import NoticeKind
from app.queries.records import fetch_all, fetch_optional


class NoticeReceiver(NamedTuple):
    """A consumer as messages about an account need him; None in ``by_sms`` and the others: he chose nothing about the kind."""

    account_id: int | None
    division_id: int
    account: str
    language: str
    phone: str | None
    email: str | None
    is_stopped: bool
    by_sms: bool | None
    by_email: bool | None
    by_portal: bool | None


#: What is told of account ``a`` to its consumer ``c``, who chose ``p`` about the kind.
RECEIVER = """
    a.id AS account_id, a.division_id, a.number AS account, c.language, c.phone, c.contact_email AS email,
    EXISTS (SELECT 1 FROM notice_stop s WHERE s.phone = c.phone AND s.ended_at IS NULL) AS is_stopped, p.by_sms, p.by_email, p.by_portal
    """
#: Where it is read from.
RECEIVERS = """
    account a JOIN consumer c ON c.id = a.consumer_id
    LEFT JOIN notice_preference p ON p.account_id = a.id AND p.notice_kind = :kind
    """


def receivers(session: Session, account_ids: Sequence[int], kind: NoticeKind) -> list[NoticeReceiver]:
    """Return the consumers of some accounts, by account."""
    statement = f"SELECT {RECEIVER} FROM {RECEIVERS} WHERE a.id = ANY(:account_ids) ORDER BY a.id"
    return fetch_all(session, statement, NoticeReceiver, account_ids=list(account_ids), kind=kind)


class _Worded(NamedTuple):
    language: str
    template_text: str


def templates(session: Session, kind: NoticeKind, on: date) -> dict[str, str]:
    """Return the words of a kind of message by language, as they are in force on a day."""
    statement = """
        SELECT DISTINCT ON (language) language, template_text FROM notice_template
        WHERE notice_kind = :kind AND valid_from <= :day AND (retired_on IS NULL OR retired_on > :day)
        ORDER BY language, valid_from DESC
        """
    return dict(fetch_all(session, statement, _Worded, kind=kind, day=on))


class ChosenWays(NamedTuple):
    """What a consumer chose about a kind of message."""

    notice_kind: str
    by_sms: bool
    by_email: bool
    by_portal: bool


def choices(session: Session, account_id: int) -> dict[str, ChosenWays]:
    """Return what the consumer of an account chose, by kind; kinds he chose nothing about are missing."""
    statement = "SELECT notice_kind, by_sms, by_email, by_portal FROM notice_preference WHERE account_id = :account_id"
    return {each.notice_kind: each for each in fetch_all(session, statement, ChosenWays, account_id=account_id)}


def contract_in_use(session: Session) -> int | None:
    """Return the id of the contract SMS go by, or None if no gateway is agreed with."""
    return fetch_optional(session, "SELECT id FROM message_contract WHERE is_active ORDER BY rank, id LIMIT 1", int)


def contact_email(session: Session, consumer_id: int) -> str | None:
    """Return where e-mail to a consumer goes."""
    return fetch_optional(session, "SELECT contact_email FROM consumer WHERE id = :id", str, id=consumer_id)


def part_price(session: Session) -> int:
    """Return what a part of an SMS costs by the contract in use, in tiyin; 0 without one."""
    statement = "SELECT part_price_tiyin FROM message_contract WHERE is_active ORDER BY rank, id LIMIT 1"
    return fetch_optional(session, statement, int) or 0


class PortalNotice(NamedTuple):
    """A message as the portal shows it."""

    id: int
    kind: str
    text: str
    created_at: datetime
    is_new: bool


def in_portal(session: Session, account_id: int, *, before: int | None = None, limit: int = 50) -> list[PortalNotice]:
    """Return what was told about an account in the portal, the newest first.

    :param before: only those with a smaller number, for the next page
    """
    statement = """
        SELECT id, kind, text, created_at, delivered_at IS NULL AS is_new FROM notice
        WHERE account_id = :account_id AND channel = 'PORTAL' AND (CAST(:before AS bigint) IS NULL OR id < :before)
        ORDER BY id DESC LIMIT :limit
        """
    return fetch_all(session, statement, PortalNotice, account_id=account_id, before=before, limit=limit)


class GatewayCaller(NamedTuple):
    """A contract whose gateway may call us."""

    id: int
    gateway: str
    networks: str
    login: str = ""
    key_sha256: str = ""


def gateway_caller(session: Session, contract_id: int) -> GatewayCaller | None:
    """Return a contract by its number, also one that is not in use any more: receipts of what it sent still come."""
    statement = "SELECT id, gateway, networks, login, '' AS key_sha256 FROM message_contract WHERE id = :id"
    return fetch_optional(session, statement, GatewayCaller, id=contract_id)
