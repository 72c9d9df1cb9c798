"""E-mail by SMTP over TLS: one connection a message, and what is known after it.

Source: RFC 5321, 4.2.5: a server that answered 250 to the end of the data has taken responsibility for the message; codes 4xx
may be tried again, codes 5xx not. RFC 8314: TLS from the start (465) or by STARTTLS (587).
"""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from typing import NamedTuple

from app.domain.notices import Delivery, DeliveryOutcome, DeliveryProblem, Outgoing

NAME = "SMTP"
TIMEOUT_S = 20.0
#: Kinds of ``MAIL_SECURITY`` and their usual ports; ``none`` is for a server on the same machine.
PORTS = {"tls": 465, "starttls": 587, "none": 25}


class Server(NamedTuple):
    """A mail server.

    :ivar ca_file: certificates it is checked by; those of the system if empty
    """

    host: str
    port: int
    security: str
    sender: str
    login: str = ""
    password: str = ""
    ca_file: str = ""


class Mail:
    """Sends messages by one server."""

    name = NAME
    most = 1

    def __init__(self, server: Server, *, timeout_s: float = TIMEOUT_S) -> None:
        self._server, self._timeout_s = server, timeout_s

    def send(self, messages: Sequence[Outgoing]) -> list[Delivery]:
        """Send messages one by one and return what is known then, in their order."""
        return [self._send(each) for each in messages]

    def _send(self, message: Outgoing) -> Delivery:
        """Send a message and return what is known then; our number of it, with the sender's domain, is its Message-ID."""
        message_id = f"<{message.reference}@{self._server.sender.rpartition('@')[2]}>"
        try:
            letter = compose(self._server.sender, message, message_id)
        except ValueError as error:
            return Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail=str(error))
        try:
            connection = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            return Delivery(
                DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.WRONG_CREDENTIALS, detail=_words(error.smtp_code, error.smtp_error)
            )
        except (OSError, ValueError, smtplib.SMTPException) as error:
            return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.NO_CONNECTION, detail=f"{type(error).__name__}: {error}")
        try:
            return _hand_over(connection, self._server.sender, message.address, letter, message_id)
        finally:
            _leave(connection)

    def _connect(self) -> smtplib.SMTP:
        """Connect and log in, over TLS unless the server is on this machine; nothing is sent in the open by mistake."""
        server, context = self._server, ssl.create_default_context(cafile=self._server.ca_file or None)
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout_s, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=self._timeout_s)
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.login:
                connection.login(server.login, server.password)
            else:
                connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection


def compose(sender: str, message: Outgoing, message_id: str) -> bytes:
    """Return a letter as it goes over the wire.

    :raises ValueError: if an address or the subject would break a header
    """
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, message.address, message.subject
    letter["Date"], letter["Message-ID"] = formatdate(localtime=False), message_id
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text, cte="base64")
    if message.attachment is not None:
        kind, _slash, form = message.attachment.media_type.partition("/")
        letter.add_attachment(message.attachment.content, maintype=kind, subtype=form, filename=message.attachment.name)
    return letter.as_bytes(policy=letter.policy.clone(linesep="\r\n"))


def _hand_over(connection: smtplib.SMTP, sender: str, address: str, letter: bytes, message_id: str) -> Delivery:
    """Go through MAIL, RCPT and DATA; only a line lost after the letter began to go leaves it in doubt."""
    try:
        for code, words in (connection.mail(sender), connection.rcpt(address)):
            if code not in {250, 251}:
                return _refused(code, words)
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.NO_CONNECTION, detail=type(error).__name__)
    try:
        code, words = connection.data(letter)
    except smtplib.SMTPDataError as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.NO_ANSWER, detail=type(error).__name__)
    if code == 250:
        return Delivery(DeliveryOutcome.SENT, reference=message_id, detail=_words(code, words))
    return _refused(code, words)


def _refused(code: int, words: bytes | str) -> Delivery:
    if 500 <= code < 600:
        return Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail=_words(code, words))
    return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.BUSY, detail=_words(code, words))


def _leave(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _words(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
