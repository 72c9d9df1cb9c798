"""Gateways of messages against servers on loopback: what is known after each answer, and after none."""

import socket
from collections.abc import Iterator
from email.header import decode_header
from pathlib import Path
from typing import Any

import pytest

import config
from app.domain.notices import DeliveryOutcome, DeliveryProblem, Outgoing
from app.gateways.eskiz import Eskiz
from app.gateways.mail import Mail, Server
from app.gateways.message_contracts import GatewayAgreement
from app.gateways.playmobile import PlayMobile
from app.gateways.senders import faults, mail_sender
from tests.loopback import LOGIN, PASSWORD, EskizServer, PlayMobileServer, SmtpServer, certificate, running

SMS = Outgoing("+998901234567", "", "PC Billing: your code is 123456 (oʻzbekcha).", "notice-7")
LETTER = Outgoing("anna@example.uz", "Пароль изменён", "Oʻzbekcha matn.\n.dot\nПароль", "notice-7")
DOUBT, REFUSED, NOT_SENT, SENT = DeliveryOutcome.UNKNOWN, DeliveryOutcome.REFUSED, DeliveryOutcome.NOT_SENT, DeliveryOutcome.SENT


@pytest.fixture
def eskiz() -> Iterator[EskizServer]:
    with running(EskizServer()) as server:
        yield server


def gateway(server: EskizServer, *, password: str = PASSWORD, timeout_s: float = 5.0) -> Eskiz:
    return Eskiz(GatewayAgreement(server.url, LOGIN, password, "4546", 100, "https://example.uz/receipts"), timeout_s=timeout_s)


def test_eskiz_takes_a_message_and_gives_it_a_number(eskiz: EskizServer) -> None:
    sender = gateway(eskiz)

    [first], [second, third] = sender.send([SMS]), sender.send([SMS, SMS._replace(reference="notice-8")])

    assert (first.outcome, first.reference, second.reference, third.reference) == (SENT, "6f0c-1/0", "6f0c-3/0", "6f0c-3/1")
    assert eskiz.messages[0] == {"mobile_phone": "998901234567", "message": SMS.text, "from": "4546", "user_sms_id": "notice-7"}
    assert eskiz.callback_url == "https://example.uz/receipts"
    assert eskiz.logins == 1


def test_token_that_is_over_is_asked_for_once_more(eskiz: EskizServer) -> None:
    sender = gateway(eskiz)
    sender.send([SMS])
    eskiz.tokens.clear()

    assert sender.send([SMS])[0].outcome == SENT
    assert (eskiz.logins, len(eskiz.messages)) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "outcome", "problem"),
    [
        ((200, {"id": 17, "status": ["waiting"]}), SENT, None),
        ((200, {"status": ["waiting"]}), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((200, {"id": "1", "status": ["error"]}), REFUSED, DeliveryProblem.REFUSED),
        ((200, {"id": "1", "status": "waiting"}), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((200, {"id": "1", "status": ["waiting", "waiting"]}), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((200, b"<html>"), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((200, [1]), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((302, {}), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((400, {"message": "no money"}), REFUSED, DeliveryProblem.REFUSED),
        ((401, {}), NOT_SENT, DeliveryProblem.WRONG_CREDENTIALS),
        ((422, {"message": {"mobile_phone": ["invalid"]}}), REFUSED, DeliveryProblem.REFUSED),
        ((429, {}), NOT_SENT, DeliveryProblem.BUSY),
        ((500, {}), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((502, b""), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((503, {}), NOT_SENT, DeliveryProblem.BUSY),
    ],
    ids=str,
)
def test_answer_of_eskiz_says_what_is_known(
    eskiz: EskizServer, answer: tuple[int, Any], outcome: DeliveryOutcome, problem: DeliveryProblem | None
) -> None:
    eskiz.answers = [answer]

    [delivery] = gateway(eskiz).send([SMS])

    assert (delivery.outcome, delivery.problem) == (outcome, problem)
    assert SMS.text not in delivery.detail


def test_message_that_arrived_and_is_not_answered_in_time_is_in_doubt(eskiz: EskizServer) -> None:
    eskiz.is_holding.set()

    [delivery] = gateway(eskiz, timeout_s=0.3).send([SMS])

    eskiz.is_holding.clear()
    assert (delivery.outcome, delivery.problem, len(eskiz.messages)) == (DOUBT, DeliveryProblem.NO_ANSWER, 1)


def test_wrong_password_sends_nothing(eskiz: EskizServer) -> None:
    [delivery] = gateway(eskiz, password="other").send([SMS])

    assert (delivery.outcome, delivery.problem, eskiz.messages) == (NOT_SENT, DeliveryProblem.WRONG_CREDENTIALS, [])
    assert "other" not in delivery.detail


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("kind", [Eskiz, PlayMobile])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_gateway_that_is_not_there_sends_nothing(scheme: str, kind: type[Eskiz | PlayMobile]) -> None:
    sender = kind(GatewayAgreement(f"{scheme}://127.0.0.1:{closed_port()}", LOGIN, PASSWORD, "4546"), timeout_s=2)

    [delivery] = sender.send([SMS])

    assert (delivery.outcome, delivery.problem) == (NOT_SENT, DeliveryProblem.NO_CONNECTION)


@pytest.fixture
def playmobile() -> Iterator[PlayMobileServer]:
    with running(PlayMobileServer()) as server:
        yield server


def broker(server: PlayMobileServer, *, password: str = PASSWORD, timeout_s: float = 5.0) -> PlayMobile:
    return PlayMobile(GatewayAgreement(server.url, LOGIN, password, "3700", 100), timeout_s=timeout_s)


def test_playmobile_takes_messages_by_our_numbers_and_one_too_long_stays_here(playmobile: PlayMobileServer) -> None:
    long = SMS._replace(text="я" * 641, reference="notice-8")

    first, second, third = broker(playmobile).send([SMS, long, SMS._replace(reference="notice-9")])

    assert [(each.outcome, each.reference) for each in (first, second, third)] == [(SENT, "notice-7"), (REFUSED, ""), (SENT, "notice-9")]
    assert playmobile.messages == [
        {
            "recipient": "998901234567", "message-id": number,
            "sms": {"originator": "3700", "content": {"text": SMS.text}},
        }
        for number in ("notice-7", "notice-9")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "outcome", "problem"),
    [
        ((200, b"Request is received"), SENT, None),
        ((400, {"error-code": 101, "error-description": "no money"}), REFUSED, DeliveryProblem.REFUSED),
        ((401, b""), NOT_SENT, DeliveryProblem.WRONG_CREDENTIALS),
        ((429, b""), NOT_SENT, DeliveryProblem.BUSY),
        ((500, b"<html>"), DOUBT, DeliveryProblem.UNREADABLE_ANSWER),
        ((503, b""), NOT_SENT, DeliveryProblem.BUSY),
        (None, DOUBT, DeliveryProblem.NO_ANSWER),
    ],
    ids=str,
)
def test_answer_of_playmobile_says_what_is_known(
    playmobile: PlayMobileServer, answer: tuple[int, Any] | None, outcome: DeliveryOutcome, problem: DeliveryProblem | None
) -> None:
    playmobile.answers = [answer]

    [delivery] = broker(playmobile).send([SMS])

    assert (delivery.outcome, delivery.problem) == (outcome, problem)
    assert SMS.text not in delivery.detail
    assert len(playmobile.messages) == 1


def test_wrong_password_of_playmobile_sends_nothing(playmobile: PlayMobileServer) -> None:
    [delivery] = broker(playmobile, password="other").send([SMS])

    assert (delivery.outcome, delivery.problem, playmobile.messages) == (NOT_SENT, DeliveryProblem.WRONG_CREDENTIALS, [])


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("mail") / "server.pem")


def post(server: SmtpServer, trusted: Path | str, **other: Any) -> Mail:
    given = Server("127.0.0.1", server.port, server.security, "billing@example.uz", LOGIN, PASSWORD, str(trusted))
    return Mail(given._replace(**other), timeout_s=3)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_letter_goes_over_tls_with_its_subject_and_text(trusted: Path, security: str) -> None:
    with running(SmtpServer(trusted, security=security)) as server:
        [delivery] = post(server, trusted).send([LETTER])

    [letter] = server.letters
    payload = letter.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert (delivery.outcome, delivery.reference, delivery.detail) == (SENT, "<notice-7@example.uz>", "250 2.0.0 queued as 4711")
    assert payload.decode().splitlines() == LETTER.text.splitlines()
    assert "".join(
        part.decode(code or "ascii") if isinstance(part, bytes) else part for part, code in decode_header(letter["Subject"])
    ) == (LETTER.subject)
    assert (letter["To"], letter["Message-ID"], server.was_in_the_open) == (LETTER.address, "<notice-7@example.uz>", False)


@pytest.mark.parametrize(
    ("answers", "outcome", "problem", "arrived"),
    [
        ({"MAIL": "451 later"}, NOT_SENT, DeliveryProblem.BUSY, 0),
        ({"RCPT": "550 5.1.1 no such user"}, REFUSED, DeliveryProblem.REFUSED, 0),
        ({"RCPT": "450 greylisted"}, NOT_SENT, DeliveryProblem.BUSY, 0),
        ({"RCPT": None}, NOT_SENT, DeliveryProblem.NO_CONNECTION, 0),
        ({"DATA": "554 no"}, REFUSED, DeliveryProblem.REFUSED, 0),
        ({"END": "452 disk full"}, NOT_SENT, DeliveryProblem.BUSY, 0),
        ({"END": "552 too large"}, REFUSED, DeliveryProblem.REFUSED, 0),
        ({"END": None}, DOUBT, DeliveryProblem.NO_ANSWER, 1),
        ({"AUTH": "535 5.7.8 wrong"}, NOT_SENT, DeliveryProblem.WRONG_CREDENTIALS, 0),
        ({"QUIT": None}, SENT, None, 1),
    ],
    ids=str,
)
def test_answer_of_the_mail_server_says_what_is_known(
    trusted: Path, answers: dict[str, str | None], outcome: DeliveryOutcome, problem: DeliveryProblem | None, arrived: int
) -> None:
    with running(SmtpServer(trusted)) as server:
        server.answers = answers
        [delivery] = post(server, trusted).send([LETTER])

    assert (delivery.outcome, delivery.problem, len(server.letters)) == (outcome, problem, arrived)


def test_server_with_an_unknown_certificate_gets_neither_password_nor_letter(trusted: Path) -> None:
    with running(SmtpServer(trusted)) as server:
        [delivery] = post(server, "").send([LETTER])

    assert (delivery.outcome, delivery.problem, server.letters) == (NOT_SENT, DeliveryProblem.NO_CONNECTION, [])


@pytest.mark.parametrize("address", ["a@b.uz\r\nBcc: c@d.uz", "a@b.uz\nx"])
def test_address_that_would_break_the_header_is_refused(trusted: Path, address: str) -> None:
    with running(SmtpServer(trusted)) as server:
        [delivery] = post(server, trusted).send([LETTER._replace(address=address)])

    assert (delivery.outcome, server.letters) == (REFUSED, [])


def test_mail_without_settings_has_no_gateway(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n")
    given = {"MAIL_HOST": "mail.example.uz", "MAIL_FROM": "billing@example.uz", "MAIL_PASSWORD_FILE": str(tmp_path / "password")}
    everything = config.messages(given)

    assert mail_sender(config.messages({})) is None
    assert mail_sender(everything) is not None
    assert (everything["MAIL_PASSWORD"], list(faults(everything))) == ("from a file", [])


@pytest.mark.parametrize(
    "environ",
    [
        {"MAIL_SECURITY": "perhaps"},
        {"MAIL_PORT": "twenty"},
        {"MAIL_HOST": "mail.example.uz"},
        {"MAIL_PASSWORD_FILE": "/nowhere/password"},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(environ: dict[str, str]) -> None:
    with pytest.raises(config.WrongSetting):
        config.messages(environ)
