"""Demo users of the portal: households with two accounts, the app and readings in each fate; firms, who let people in and answer."""

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.calendar import TASHKENT, months_after
from app.domain.documents import Agreement
from app.domain.metering import DoubtfulStatus
from app.domain.portal import PortalRight
from app.queries.metering import Series, series_of_account
from app.queries.records import fetch_all, fetch_one
from app.services import legal_consumers
from app.services.demo.papers import EMPTY_PDF, meter_photograph
from app.services.documents import keep_statement
from app.services.legal_consumers import PaperReply, StatementReply
from app.services.metering.decisions import ReadingDecision, decide_doubtful
from app.services.portal import Opened, devices, users
from app.services.portal.readings import ReadingRequest, send_reading

_ACCOUNTS = """
    SELECT a.id, c.phone FROM account a JOIN consumer c ON c.id = a.consumer_id
    WHERE a.division_id = :division_id AND a.status = 'OPEN' AND c.kind = 'HOUSEHOLD' AND c.phone IS NOT NULL
    ORDER BY a.id DESC LIMIT 40
"""
_FIRMS = """
    SELECT a.id, a.number, c.phone FROM account a JOIN consumer c ON c.id = a.consumer_id
    WHERE a.division_id = :division_id AND a.status = 'OPEN' AND c.kind = 'LEGAL' AND c.phone IS NOT NULL
    ORDER BY a.id LIMIT 3
"""
_IDLE_DAYS = 180
#: What becomes of a consumer's readings, a day each: taken as it is, asked for again, replaced by the inspector's, waiting;
#: and how many kWh it is above what is usual.
_FATES = (
    (DoubtfulStatus.ACCEPTED, "Telefon orqali tasdiqladi", 0),
    (DoubtfulStatus.ASKED_AGAIN, "Oxirgi raqam vergulmi? Suratda koʻrinmayapti, qayta yuboring.", 60),
    (DoubtfulStatus.REPLACED, "Nazoratchi joyida oʻqidi", 120),
    (DoubtfulStatus.WAITING, "", 60),
)
#: Of the accountant of a firm.
_ACCOUNTANT = "+998901230045"
#: The newest answers of firms, the objection on paper; there is one statement more, which waits.
_REPLIES = (
    StatementReply(Agreement.AGREED, "Karimova Lola, bosh hisobchi"),
    StatementReply(Agreement.OBJECTED, "Rahimov Temur, direktor", "12-kundagi toʻlovimiz hisobga olinmagan."),
)


class _Account(NamedTuple):
    id: int
    phone: str


def sign_in_users(session: Session, division_id: int, *, now: datetime) -> int:
    """Let consumers claim accounts, and return how many accesses there are."""
    found = fetch_all(session, _ACCOUNTS, _Account, division_id=division_id)
    if len(found) < 3:
        return 0
    today = now.astimezone(TASHKENT).date()
    read = next(((each, meter) for each in found if (meter := _meter_to_read(session, each.id, today))), None)
    first = read[0] if read else found[0]
    own, relative, other = (Opened(0, each.id, each.phone) for each in [first, *(each for each in found if each != first)][:3])
    signed_in = users.sign_in(session, own, idle_days=_IDLE_DAYS, now=now)
    users.sign_in(session, other, idle_days=_IDLE_DAYS, now=now)
    assert signed_in is not None
    users.claim(session, signed_in.user_id, relative, now=now)
    if read:
        _send_readings(session, read[1], signed_in.user_id, now)
    _sign_in_device(session, own, now)
    return 3


def _meter_to_read(session: Session, account_id: int, today: date) -> Series | None:
    """Return the only register of an account that was not read for some days and whose usual energy is known."""
    open_now = [each for each in series_of_account(session, account_id) if each.valid_to is None]
    if len(open_now) != 1 or not open_now[0].history_days or open_now[0].last_read_on is None:
        return None
    return open_now[0] if open_now[0].last_read_on < today - timedelta(days=len(_FATES) + 1) else None


def _send_readings(session: Session, meter: Series, user_id: int, now: datetime) -> None:
    """Send a reading a day as a consumer does, and decide about some that are odd as the office does."""
    assert meter.last_read_on is not None
    assert meter.last_dial_milli is not None
    for place, (status, basis, odd) in enumerate(_FATES):
        sent_at = now - timedelta(days=len(_FATES) - place)
        day = sent_at.astimezone(TASHKENT).date()
        usual = meter.last_dial_milli // 1000 + 1 + (day - meter.last_read_on).days * meter.history_milli // meter.history_days // 1000
        dial = usual + odd
        photo = meter_photograph(f"{dial:06d}") if status == DoubtfulStatus.WAITING else None
        asked = ReadingRequest(meter.account_id, meter.meter_number, day.isoformat(), {meter.register: str(dial)}, photo, user_id)
        sent = send_reading(session, asked, sure=True, today=day, now=sent_at)
        if basis and sent.is_held:
            held = "SELECT id FROM doubtful_reading WHERE account_id = :account_id AND read_on = :day AND status = 'WAITING'"
            decision = ReadingDecision(status, "operator", basis, str(usual))
            decide_doubtful(session, fetch_one(session, held, int, account_id=meter.account_id, day=day), decision, today=day, now=sent_at)


def _sign_in_device(session: Session, opened: Opened, now: datetime) -> None:
    """Sign the app of a user in; nobody knows the token."""
    words = [secrets.token_hex(32) for _number in range(3)]
    asked = devices.SignInRequest(devices.digest(words[0]), devices.digest(words[1]), words[2], "Samsung A15")
    devices.sign_in(
        session, asked, prove=lambda: opened, enter=lambda proved: users.sign_in(session, proved, idle_days=_IDLE_DAYS, now=now), now=now
    )


class _Firm(NamedTuple):
    id: int
    number: str
    phone: str


def work_as_firms(
    session: Session,
    division_id: int,
    *,
    contents_of: Callable[[int, date, date], Mapping[str, Any]],
    title_of: Callable[[int, str], Callable[[str | None], str]],
    today: date,
    now: datetime,
) -> int:
    """Let a firm give its accountant access, and firms answer acts of reconciliation; return how many acts there are.

    :param contents_of: the act of an account, from a day to another, as it is kept
    :param title_of: what the task about an objection to an act of an account is called
    """
    since, until = months_after(today, -1), months_after(today, 0)
    firms = fetch_all(session, _FIRMS, _Firm, division_id=division_id)
    for place, firm in enumerate(firms):
        kept = keep_statement(session, firm.id, since=since, until=until, contents=contents_of(firm.id, since, until))
        if place < len(_REPLIES):
            reply, title_in = _REPLIES[place], title_of(kept, firm.number)
            paper = PaperReply(today, "dalolatnoma.pdf", EMPTY_PDF) if reply.objection else None
            legal_consumers.answer_statement(session, kept, reply, title_in=title_in, today=today, paper=paper)
    for firm in firms[:1]:
        signed_in = users.sign_in(session, Opened(0, firm.id, firm.phone), idle_days=_IDLE_DAYS, now=now)
        assert signed_in is not None
        rights = [PortalRight.VIEW, PortalRight.DOCUMENTS, PortalRight.PAY]
        users.grant(session, _ACCOUNTANT, firm.id, rights, by_user_id=signed_in.user_id, now=now)
    return len(firms)
