"""Messages of consumers are kept once and done in one transaction; what is answered goes to the number they came from."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.applications import ApplicationRefused, ApplicationRequest, ApplicationWay
from app.domain.inquiries import InquiryAnswer, InquiryCommand, InquiryOutcome, ReadInquiry, read
from app.domain.notices import NoticeKind, Value
from app.domain.notices.texts import plain_sum
from app.domain.portal import LinkPurpose
from app.models.inquiries import Inquiry
from app.queries import inquiries as queries
from app.queries import locks
from app.queries.administration import value_on, whole_company
from app.queries.inquiries import AccountOfNumber
from app.queries.locks import Lock
from app.services import applications, links, notices
from app.services.links import LinkTerms
from app.services.metering import Doubtful, ReadingRefused
from app.services.portal.readings import AlreadySent, ReadingRequest, TooManyReadings, send_reading

_DAY = timedelta(hours=24)


class InboundMessage(NamedTuple):
    """A message as a gateway brings it.

    :ivar phone: with a plus
    """

    contract_id: int
    reference: str
    phone: str
    submitted_at: datetime
    text: str


class Answered(NamedTuple):
    """What is answered, in which language, and the places of its words.

    :ivar account_id: the account the answer is written under
    """

    inquiry_id: int
    answer: InquiryAnswer
    language: str
    account_id: int
    values: dict[str, str]


def receive(session: Session, message: InboundMessage, terms: LinkTerms, *, today: date, now: datetime) -> Answered | None:
    """Keep a message once and do what it asks for; None if nothing is answered: a repeat, an unknown number, too many in a day."""
    locks.acquire(session, Lock.KEY, Inquiry.__tablename__, message.contract_id, message.reference)
    same = (Inquiry.message_contract_id == message.contract_id, Inquiry.provider_reference == message.reference)
    if session.scalar(select(Inquiry.id).where(*same)) is not None:
        return None
    accounts, asked = queries.accounts_of(session, message.phone), read(message.text)
    row = _kept(session, message, asked, accounts, _outcome(session, message, accounts, today, now))
    if row.outcome == InquiryOutcome.TOO_MANY and asked.command == InquiryCommand.STOP:
        _stop(session, message, now)  # also when nothing is answered any more
    if row.outcome != InquiryOutcome.ANSWERED:
        return None
    account = _account(asked, accounts)
    row.account_id = account.id if account else None
    answer, values = _done(session, message, asked, account, accounts, (terms, today, now))
    session.flush()
    return Answered(row.id, answer, accounts[0].language, (account or accounts[0]).id, values)


def answer(session: Session, answered: Answered, words: str, *, now: datetime) -> None:
    """Write the answer to the outbox."""
    row = session.get_one(Inquiry, answered.inquiry_id)
    values: dict[str, Value] = {"text": words}
    written = notices.notify(session, answered.account_id, NoticeKind.SMS_ANSWER, values, now=now, phone=row.phone)
    row.notice_id = written.ids[0] if written.ids else None
    session.flush()


def _outcome(session: Session, message: InboundMessage, accounts: Sequence[AccountOfNumber], today: date, now: datetime) -> InquiryOutcome:
    if not accounts:
        return InquiryOutcome.UNKNOWN_NUMBER
    most = value_on(session, "notices.answers_number_day", today)
    spent = queries.answers_since(session, message.phone, now - _DAY)
    return InquiryOutcome.TOO_MANY if spent >= most else InquiryOutcome.ANSWERED


def _kept(
    session: Session, message: InboundMessage, asked: ReadInquiry, accounts: Sequence[AccountOfNumber], outcome: InquiryOutcome
) -> Inquiry:
    row = Inquiry(
        division_id=accounts[0].division_id if accounts else whole_company(session), message_contract_id=message.contract_id,
        provider_reference=message.reference[:200], phone=message.phone[:24], submitted_at=message.submitted_at, text=message.text[:2000],
        inquiry_command=asked.command, outcome=outcome,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _account(asked: ReadInquiry, accounts: Sequence[AccountOfNumber]) -> AccountOfNumber | None:
    """Return the account a message is about: the one it names, or the only one of the number."""
    named = [each for each in accounts if each.number == asked.account]
    if named:
        return named[0]
    return accounts[0] if len(accounts) == 1 and not asked.account else None


Moment = tuple[LinkTerms, date, datetime]
Done = tuple[InquiryAnswer, dict[str, str]]


def _done(
    session: Session,
    message: InboundMessage,
    asked: ReadInquiry,
    account: AccountOfNumber | None,
    accounts: Sequence[AccountOfNumber],
    at: Moment,
) -> Done:
    """Do what a message asks for, and return what is answered."""
    terms, _today, now = at
    if asked.command == InquiryCommand.STOP:
        _stop(session, message, now)
        return InquiryAnswer.STOPPED, {}
    if asked.command == InquiryCommand.START:
        notices.start(session, message.phone, by="SMS", now=now)
        return InquiryAnswer.STARTED, {}
    if asked.command in {InquiryCommand.HELP, InquiryCommand.UNCLEAR}:
        return InquiryAnswer.HELP, {}
    if account is None:
        return InquiryAnswer.NAME_ACCOUNT, {"accounts": ", ".join(each.number for each in accounts)}
    if asked.command == InquiryCommand.BALANCE:
        return InquiryAnswer.BALANCE, _balance(account)
    if asked.command == InquiryCommand.PAY:
        token = links.make(session, account.id, LinkPurpose.PAY, key=terms.key, now=now)
        return InquiryAnswer.PAY, _balance(account) | {"link": terms.address_of(token)}
    if asked.command == InquiryCommand.READING:
        return _read(session, asked, account, at)
    return _apply(session, message, asked, account, at)


def _stop(session: Session, message: InboundMessage, now: datetime) -> None:
    notices.stop(session, message.phone, basis=f"SMS № {message.reference}", now=now)


def _balance(account: AccountOfNumber) -> dict[str, str]:
    due = f"{account.due_on:%d.%m.%Y}" if account.due_on else ""
    return {"account": account.number, "debt": plain_sum(account.debt_tiyin), "advance": plain_sum(account.advance_tiyin), "due": due}


def _read(session: Session, asked: ReadInquiry, account: AccountOfNumber, at: Moment) -> Done:
    """Take a reading of the only register of an account; another meter is read in the portal, by a link."""
    terms, today, now = at
    registers = queries.registers_of(session, account.id)
    if len(registers) != 1 or len(asked.figures) != 1:
        token = links.make(session, account.id, LinkPurpose.READING, key=terms.key, now=now)
        return InquiryAnswer.READING_IN_PORTAL, {"account": account.number, "link": terms.address_of(token)}
    [meter], [dial] = registers, asked.figures
    values = {"account": account.number, "meter": meter.serial_number, "dial": dial}
    request = ReadingRequest(account.id, meter.serial_number, today.isoformat(), {meter.register: dial})
    try:
        with session.begin_nested():
            sent = send_reading(session, request, sure=asked.is_sure, today=today, now=now)
    except Doubtful:
        return InquiryAnswer.READING_ODD, values
    except (ReadingRefused, TooManyReadings, AlreadySent):
        return InquiryAnswer.READING_REFUSED, values
    return InquiryAnswer.READING_HELD if sent.is_held else InquiryAnswer.READING_TAKEN, values


def _apply(session: Session, message: InboundMessage, asked: ReadInquiry, account: AccountOfNumber, at: Moment) -> Done:
    """File what the sender writes as a complaint, which needs nothing but words; other kinds are filed in the portal."""
    terms, today, now = at
    about = asked.rest.replace(asked.account, "", 1).strip() if asked.account else asked.rest
    values = {"account": account.number, "link": f"{terms.public_url.rstrip('/')}/portal/"}
    if not about:
        return InquiryAnswer.APPLICATION_EMPTY, values
    request = ApplicationRequest(
        "COMPLAINT", ApplicationWay.SMS, f"sms {message.contract_id} {message.reference}", account.division_id, account.id,
        account.consumer_name, message.phone, {"about": about[:2000]}, language=account.language, is_owner=True,
    )  # fmt: skip
    try:
        with session.begin_nested():
            filed = applications.file(session, request, today=today, now=now)
    except ApplicationRefused:
        return InquiryAnswer.APPLICATION_REFUSED, values
    return InquiryAnswer.APPLICATION, values | {"number": str(filed.id), "term": f"{filed.term_on:%d.%m.%Y}"}
