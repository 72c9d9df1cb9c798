"""What messages go by: the contract in use for SMS, the mail server of the settings."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.notices import MessageGateway, NoticeChannel, Way, address_key
from app.domain.reference.addresses import is_listed
from app.gateways.message_contracts import GatewayAgreement
from app.gateways.senders import Sender, mail_sender, sms_sender
from app.queries.notices import contract_in_use
from app.queries.records import fetch_one


class Agreed(NamedTuple):
    """A channel's gateway, and what is written of the messages that go by it."""

    sender: Sender
    way: Way


class _Contract(NamedTuple):
    id: int
    gateway: str
    address: str
    login: str
    secret: str
    sender: str
    messages_a_call: int
    part_price_tiyin: int


def channels_with_gateway(session: Session, settings: Mapping[str, Any]) -> frozenset[NoticeChannel]:
    """Return the channels by which something is sent from here."""
    given = ((NoticeChannel.SMS, contract_in_use(session)), (NoticeChannel.EMAIL, settings["MAIL_HOST"]))
    return frozenset({NoticeChannel.PORTAL}) | {channel for channel, name in given if name}


def agreed(session: Session, settings: Mapping[str, Any]) -> dict[NoticeChannel, Agreed]:
    """Return the gateway of each channel that has one."""
    found = {}
    if (contract := _contract(session)) and is_listed(contract.address, settings["PROVIDER_HOSTS"]):
        agreement = GatewayAgreement(
            contract.address, contract.login, contract.secret, contract.sender, contract.messages_a_call,
            address_of(settings, "receipts", contract.id), settings["OUTGOING_PROXY"],
        )  # fmt: skip
        sender = sms_sender(MessageGateway(contract.gateway), agreement)
        found[NoticeChannel.SMS] = Agreed(sender, Way(sender.name, sender.most, contract.id, contract.part_price_tiyin))
    if server := mail_sender(settings):
        found[NoticeChannel.EMAIL] = Agreed(server, Way(server.name, server.most))
    return found


def address_of(settings: Mapping[str, Any], name: str, contract_id: int) -> str:
    """Return the address a gateway calls: ``receipts`` or ``inbound``; whoever knows it may call, so it is shown to few."""
    return f"{settings['PUBLIC_URL'].rstrip('/')}/api/messages/{name}/{address_key(settings['SECRET_KEY'], contract_id)}"


def _contract(session: Session) -> _Contract | None:
    contract_id = contract_in_use(session)
    if contract_id is None:
        return None
    columns = ", ".join(_Contract._fields)
    return fetch_one(session, f"SELECT {columns} FROM message_contract WHERE id = :id", _Contract, id=contract_id)
