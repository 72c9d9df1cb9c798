"""Which gateways messages go by, from the settings; a channel without one has none, and its messages wait."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from app.domain.notices import Delivery, NoticeChannel, Outgoing
from app.gateways import eskiz, mail


class Sender(Protocol):
    """A gateway of messages."""

    name: str

    def send(self, message: Outgoing) -> Delivery:
        """Send a message and return what is known then; it raises nothing for what the other side does."""


def channels(settings: Mapping[str, Any]) -> frozenset[NoticeChannel]:
    """Return the channels that have a gateway."""
    given = ((NoticeChannel.SMS, settings["SMS_GATEWAY"]), (NoticeChannel.EMAIL, settings["MAIL_HOST"]))
    return frozenset(channel for channel, name in given if name)


def senders(settings: Mapping[str, Any]) -> dict[NoticeChannel, Sender]:
    """Return the gateway of each channel that has one."""
    found: dict[NoticeChannel, Sender] = {}
    if settings["SMS_GATEWAY"] == "eskiz":
        given = (
            settings["SMS_LOGIN"],
            settings["SMS_PASSWORD"],
            settings["SMS_SENDER"] or eskiz.SENDER,
            settings["SMS_URL"] or eskiz.ADDRESS,
            settings["OUTGOING_PROXY"],
        )
        found[NoticeChannel.SMS] = eskiz.Eskiz(eskiz.Credentials(*given))
    if settings["MAIL_HOST"]:
        security = settings["MAIL_SECURITY"]
        server = mail.Server(
            settings["MAIL_HOST"],
            settings["MAIL_PORT"] or mail.PORTS[security],
            security,
            settings["MAIL_FROM"],
            settings["MAIL_LOGIN"],
            settings["MAIL_PASSWORD"],
            settings["MAIL_CA"],
        )
        found[NoticeChannel.EMAIL] = mail.Mail(server)
    return found


def faults(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield why messages would not reach people in production, one sentence a fault."""
    if not settings["SMS_GATEWAY"]:
        yield "SMS_GATEWAY is not set: no code of the portal and no message would be sent. Set SMS_GATEWAY=eskiz, SMS_LOGIN, SMS_PASSWORD."
    elif not settings["SMS_LOGIN"] or not settings["SMS_PASSWORD"]:
        yield "SMS_LOGIN or SMS_PASSWORD is not set: the gateway would refuse every message."
    if settings["SMS_URL"] and not settings["SMS_URL"].startswith("https://"):
        yield "SMS_URL is no https:// address: the password and the codes would travel in the open."
    if settings["MAIL_HOST"] and settings["MAIL_SECURITY"] == "none" and settings["MAIL_HOST"] not in {"localhost", "127.0.0.1", "::1"}:
        yield "MAIL_SECURITY is none: the password and the letters would travel in the open."
