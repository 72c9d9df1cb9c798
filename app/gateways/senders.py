"""Which gateways messages go by: a contract's for SMS, the mail server of the settings for e-mail; a channel without one waits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from app.domain.notices import Delivery, MessageGateway, Outgoing
from app.gateways import eskiz, mail, playmobile
from app.gateways.message_contracts import GatewayAgreement


class Sender(Protocol):
    """A gateway of messages."""

    name: str
    #: the most messages in one call
    most: int

    def send(self, messages: Sequence[Outgoing]) -> list[Delivery]:
        """Send messages and return what is known then, in their order; it raises nothing for what the other side does."""


def sms_sender(gateway: MessageGateway, agreement: GatewayAgreement) -> Sender:
    """Return the gateway of a contract."""
    return eskiz.Eskiz(agreement) if gateway == MessageGateway.ESKIZ else playmobile.PlayMobile(agreement)


def mail_sender(settings: Mapping[str, Any]) -> Sender | None:
    """Return the mail server of the settings, or None if there is none."""
    if not settings["MAIL_HOST"]:
        return None
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
    return mail.Mail(server)


def faults(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield why letters would not reach people safely in production, one sentence a fault."""
    if settings["MAIL_HOST"] and settings["MAIL_SECURITY"] == "none" and settings["MAIL_HOST"] not in {"localhost", "127.0.0.1", "::1"}:
        yield "MAIL_SECURITY is none: the password and the letters would travel in the open."
