"""Messages that consumers send to our short number: taken from the gateway, done, and answered in the language of each."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.domain.inquiries import InquiryAnswer
from app.gateways.sms_payment import Message
from app.services import inquiries as service
from app.services.inquiries import Answered, InboundMessage
from app.services.links import terms_of


def take(session: Session, contract_id: int, message: Message, now: datetime) -> None:
    """Do what a message asks for, and write the answer; a repeat does nothing."""
    terms = terms_of(current_app.config)
    phone = f"+{message.msisdn.removeprefix('+')}"
    brought = InboundMessage(contract_id, message.id, phone, message.submitted_at, message.text)
    answered = service.receive(session, brought, terms, today=clock.today(), now=now)
    if answered is not None:
        service.answer(session, answered, words_of(answered), now=now)


def words_of(answered: Answered) -> str:
    """Return an answer in the language of the consumer."""
    with force_locale(answered.language):
        return str(_WORDS[answered.answer](answered.values))


def _balance(values: dict[str, str]) -> str:
    if values["due"]:
        return _("Account %(account)s: to pay %(debt)s UZS by %(due)s.", **values)
    return _("Account %(account)s: nothing is owed, paid ahead %(advance)s UZS.", **values)


def _help(_values: dict[str, str]) -> str:
    return _(
        "Write BALANCE, READING 12345, PAY, APPLICATION and what it is about, STOP or START; with several accounts, the number of one too."
    )


#: How each answer reads, by the values of its places.
_WORDS: Mapping[InquiryAnswer, Callable[[dict[str, str]], str]] = {
    InquiryAnswer.BALANCE: _balance,
    InquiryAnswer.PAY: lambda values: f"{_balance(values)} {values['link']}",
    InquiryAnswer.READING_TAKEN: lambda values: _("Account %(account)s: the reading %(dial)s of meter %(meter)s is taken.", **values),
    InquiryAnswer.READING_HELD: lambda values: _("Account %(account)s: the reading %(dial)s is being checked.", **values),
    InquiryAnswer.READING_ODD: lambda values: _(
        "Account %(account)s: the reading %(dial)s is unusual. If it is right, write READING %(dial)s YES.", **values
    ),
    InquiryAnswer.READING_REFUSED: lambda values: _(
        "Account %(account)s: the reading %(dial)s was not taken. Read the meter again, or ask the office.", **values
    ),
    InquiryAnswer.READING_IN_PORTAL: lambda values: _("Account %(account)s: send the reading here: %(link)s", **values),
    InquiryAnswer.APPLICATION: lambda values: _("Application %(number)s is received. It is answered by %(term)s.", **values),
    InquiryAnswer.APPLICATION_EMPTY: lambda values: _(
        "Write what it is about: APPLICATION, then your words. Other applications: %(link)s", **values
    ),
    InquiryAnswer.APPLICATION_REFUSED: lambda values: _("The application was not taken. File it here: %(link)s", **values),
    InquiryAnswer.HELP: _help,
    InquiryAnswer.STOPPED: lambda _values: _("You get no messages any more, but codes. START turns them on again."),
    InquiryAnswer.STARTED: lambda _values: _("You get messages again. STOP turns them off."),
    InquiryAnswer.NAME_ACCOUNT: lambda values: _("Name the account in your message: %(accounts)s", **values),
}
