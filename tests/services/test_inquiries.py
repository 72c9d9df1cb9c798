"""Messages of consumers: answered once, by the account they name, with words misspelt; an unknown number is told nothing."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.applications import ApplicationWay
from app.domain.inquiries import InquiryAnswer, InquiryCommand, InquiryOutcome, command_of
from app.domain.notices import KINDS, MessageGateway, NoticeChannel, NoticeKind
from app.models.applications import ConsumerApplication
from app.models.inquiries import Inquiry
from app.models.notices import MessageContract, Notice
from app.services import inquiries as service
from app.services import notices
from app.services.inquiries import Answered, InboundMessage
from app.services.links import LinkTerms
from tests.builders import Home, bill_month, make_district, make_home, read

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
PHONE = "+998901234567"
TERMS = LinkTerms(b"k" * 32, "https://billing.example.uz/")


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


@pytest.fixture
def contract_id(session: Session) -> int:
    given = {"address": "http://127.0.0.1:9", "login": "a", "secret": "b", "sender": "3700"}
    row = MessageContract(name="one", gateway=MessageGateway.PLAYMOBILE, **given)
    session.add(row)
    session.flush()
    return row.id


def send(session: Session, contract_id: int, words: str, *, phone: str = PHONE, number: str = "1") -> Answered | None:
    message = InboundMessage(contract_id, number, phone, NOW, words)
    return service.receive(session, message, TERMS, today=TODAY, now=NOW)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("BALANS", InquiryCommand.BALANCE),
        ("баланс", InquiryCommand.BALANCE),
        ("Balanc 262801234567", InquiryCommand.BALANCE),
        ("Қарз", InquiryCommand.BALANCE),
        ("Oʻqish", InquiryCommand.UNCLEAR),
        ("KOʻRSATKICH 5", InquiryCommand.READING),
        ("korsatgich 5", InquiryCommand.READING),
        ("ПОКАЗАНИЕ 5", InquiryCommand.READING),
        ("tulov", InquiryCommand.PAY),
        ("оплата", InquiryCommand.PAY),
        ("ariza chiroq yoʻq", InquiryCommand.APPLICATION),
        ("Заявление", InquiryCommand.APPLICATION),
        ("Помощь", InquiryCommand.HELP),
        ("стоп", InquiryCommand.STOP),
        ("TOʻXTA", InquiryCommand.STOP),
        ("старт", InquiryCommand.START),
        ("🙂", InquiryCommand.HELP),
        ("salom", InquiryCommand.UNCLEAR),
    ],
)
def test_command_is_known_in_our_scripts_and_misspelt(words: str, command: InquiryCommand) -> None:
    assert command_of(words.partition(" ")[0]) == command


def test_balance_is_told_once_however_often_the_gateway_brings_the_message(session: Session, home: Home, contract_id: int) -> None:
    answered = send(session, contract_id, "balans")
    assert answered is not None
    service.answer(session, answered, "Hisob", now=NOW)

    again = send(session, contract_id, "balans")

    assert (answered.answer, answered.account_id, answered.values["account"]) == (InquiryAnswer.BALANCE, home.account_id, home.number)
    notice = session.query(Notice).one()
    assert (again, notice.kind, notice.phone, notice.text) == (None, NoticeKind.SMS_ANSWER, PHONE, "Hisob")
    assert session.query(Inquiry).one().notice_id == notice.id


@pytest.mark.parametrize("phone", ["+998900000000", "+79161234567", "+1", "+"])
@pytest.mark.usefixtures("home")
def test_unknown_number_is_told_nothing_and_kept(session: Session, contract_id: int, phone: str) -> None:
    assert send(session, contract_id, "balans", phone=phone) is None
    assert session.query(Inquiry).one().outcome == InquiryOutcome.UNKNOWN_NUMBER
    assert session.query(Notice).count() == 0


def test_number_of_two_accounts_names_one_of_them_and_no_stranger_s(session: Session, home: Home, contract_id: int) -> None:
    other = make_home(session, make_district(session, "1726998"), serial=2)
    stranger = make_home(session, make_district(session, "1726997"), serial=3, phone="+998907654321")

    unnamed = send(session, contract_id, "balans", number="1")
    named = send(session, contract_id, f"balans {other.number}", number="2")
    foreign = send(session, contract_id, f"balans {stranger.number}", number="3")

    assert unnamed is not None
    assert named is not None
    assert foreign is not None
    assert (unnamed.answer, unnamed.values["accounts"]) == (InquiryAnswer.NAME_ACCOUNT, ", ".join(sorted((home.number, other.number))))
    assert (named.answer, named.account_id) == (InquiryAnswer.BALANCE, other.account_id)
    assert (foreign.answer, stranger.number in str(foreign.values)) == (InquiryAnswer.NAME_ACCOUNT, False)


def test_stop_and_start_by_sms(session: Session, home: Home, contract_id: int) -> None:
    stopped = send(session, contract_id, "stop", number="1")
    is_stopped = notices.is_stopped(session, PHONE)
    started = send(session, contract_id, "start", number="2")

    assert stopped is not None
    assert started is not None
    assert (stopped.answer, is_stopped, started.answer) == (InquiryAnswer.STOPPED, True, InquiryAnswer.STARTED)
    assert not notices.is_stopped(session, PHONE)
    assert stopped.account_id == home.account_id


def test_payment_is_answered_with_a_link(session: Session, home: Home, contract_id: int) -> None:
    answered = send(session, contract_id, "to'lov")

    assert answered is not None
    assert (answered.answer, answered.account_id) == (InquiryAnswer.PAY, home.account_id)
    assert answered.values["link"].startswith("https://billing.example.uz/portal/l/")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("korsatkich 1100", InquiryAnswer.READING_TAKEN),
        ("korsatkich 900", InquiryAnswer.READING_REFUSED),
        ("korsatkich", InquiryAnswer.READING_IN_PORTAL),
        ("korsatkich 1 2", InquiryAnswer.READING_IN_PORTAL),
    ],
)
@pytest.mark.usefixtures("home")
def test_reading_is_taken_refused_or_sent_in_the_portal(session: Session, contract_id: int, words: str, answer: InquiryAnswer) -> None:
    answered = send(session, contract_id, words)

    assert answered is not None
    assert answered.answer == answer


@pytest.mark.parametrize(
    ("words", "answer", "held"),
    [("korsatkich 4000", InquiryAnswer.READING_ODD, 0), ("korsatkich 4000 ha", InquiryAnswer.READING_HELD, 1)],
)
def test_odd_reading_is_asked_about_and_waits_for_the_office_once_the_sender_is_sure(
    session: Session, home: Home, contract_id: int, words: str, answer: InquiryAnswer, held: int
) -> None:
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, home.division_id, date(2026, 1, 1))

    answered = send(session, contract_id, words)

    assert answered is not None
    assert (answered.answer, answered.values["dial"]) == (answer, "4000")
    assert session.execute(text("SELECT count(*) FROM consumer_reading")).scalar_one() == held
    assert session.execute(text("SELECT count(*) FROM reading WHERE dial_milli = 4000000")).scalar_one() == 0


@pytest.mark.usefixtures("home")
def test_answers_of_a_number_are_counted(session: Session, contract_id: int) -> None:
    found = [send(session, contract_id, "yordam", number=str(number)) for number in range(22)]

    assert sum(each is not None for each in found) == 20
    assert session.query(Inquiry).filter(Inquiry.outcome == InquiryOutcome.TOO_MANY).count() == 2


@pytest.mark.usefixtures("home")
def test_stop_counts_also_when_the_answers_of_the_day_are_spent(session: Session, contract_id: int) -> None:
    for number in range(20):
        send(session, contract_id, "yordam", number=str(number))

    assert send(session, contract_id, "STOP", number="last") is None
    assert notices.is_stopped(session, PHONE)


def test_code_still_goes_after_stop(session: Session, home: Home, contract_id: int) -> None:
    send(session, contract_id, "stop")

    code = notices.notify(session, home.account_id, NoticeKind.PORTAL_CODE, {"code": "123456"}, now=NOW)
    debt = notices.notify(session, home.account_id, NoticeKind.DEBT, {"debt": 100, "due": TODAY}, now=NOW)

    assert (code.by_way[NoticeChannel.SMS], debt.by_way[NoticeChannel.SMS]) == (1, 0)


def test_application_is_filed_once_with_the_words_of_the_message(session: Session, home: Home, contract_id: int) -> None:
    empty = send(session, contract_id, "ariza", number="1")
    filed = send(session, contract_id, "ariza chiroq yoʻq", number="2")

    assert empty is not None
    assert filed is not None
    assert (empty.answer, filed.answer) == (InquiryAnswer.APPLICATION_EMPTY, InquiryAnswer.APPLICATION)
    row = session.get_one(ConsumerApplication, int(filed.values["number"]))
    assert (row.account_id, row.given, row.way) == (home.account_id, {"about": "chiroq yoʻq"}, ApplicationWay.SMS)


def test_step_of_an_application_fills_every_place_its_words_may_name(session: Session, home: Home, contract_id: int) -> None:
    places = " ".join(f"{{{name}}}" for name in KINDS[NoticeKind.APPLICATION_STEP].variables)
    every = "UPDATE notice_template SET template_text = :places WHERE notice_kind = 'APPLICATION_STEP'"
    session.execute(text(every), {"places": places})

    filed = send(session, contract_id, "ariza chiroq yoʻq")

    assert filed is not None
    told = session.query(Notice).filter(Notice.kind == NoticeKind.APPLICATION_STEP).first()
    assert told is not None
    assert told.text.startswith(f"{home.number} {filed.values['number']} ")
    assert told.text.endswith("02.03.2026")
