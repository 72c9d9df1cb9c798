"""Channels of payments, each declared once: how money comes by it, how its provider signs in, and which terms of a contract are about it.

What answers a provider's calls is the channel's module of ``api``, and what reads and writes its messages its module of ``gateways``.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from app.domain.administration.translations import catalog_text


class Channel(StrEnum):
    """The way money reaches us."""

    CASHIER = "CASHIER"
    PAYME = "PAYME"
    BANK = "BANK"
    POST = "POST"
    PAYNET = "PAYNET"
    CLICK = "CLICK"
    UZUM = "UZUM"
    SMS = "SMS"


class Collection(StrEnum):
    """How a channel tells us of money."""

    CASH = "CASH"  # our own cashiers take it
    FILE = "FILE"  # payment files
    ONLINE = "ONLINE"  # the provider calls us


class SignIn(StrEnum):
    """What a provider that calls us is known by."""

    NOTHING = "NOTHING"  # it does not call
    KEY = "KEY"  # a key it sends; we keep the digest
    SIGNATURE = "SIGNATURE"  # a key it signs with and never sends


class ChannelSpec(NamedTuple):
    """A channel, declared once.

    :param label: what people call it, as a message of the catalogs
    :param has_service_number: whether the service in its calls is a number
    :param contract_terms: columns of a contract that are about this channel and not about all
    """

    channel: Channel
    label: str
    collection: Collection
    sign_in: SignIn = SignIn.NOTHING
    has_service_number: bool = False
    contract_terms: frozenset[str] = frozenset()


_SPECS = (
    ChannelSpec(Channel.CASHIER, catalog_text("Cashier"), Collection.CASH),
    ChannelSpec(Channel.BANK, catalog_text("Bank"), Collection.FILE),
    ChannelSpec(Channel.POST, catalog_text("The post"), Collection.FILE),
    ChannelSpec(Channel.PAYME, catalog_text("Payme"), Collection.ONLINE, SignIn.KEY, contract_terms=frozenset({"cancel_days"})),
    ChannelSpec(
        Channel.PAYNET,
        catalog_text("PAYNET"),
        Collection.ONLINE,
        SignIn.KEY,
        has_service_number=True,
        contract_terms=frozenset({"unknown_transaction", "repeated_cancel", "cancel_days"}),
    ),
    ChannelSpec(
        Channel.CLICK,
        catalog_text("Click"),
        Collection.ONLINE,
        SignIn.SIGNATURE,
        has_service_number=True,
        contract_terms=frozenset({"ask_url", "ask_login"}),
    ),
    ChannelSpec(
        Channel.UZUM,
        catalog_text("Uzum Bank"),
        Collection.ONLINE,
        SignIn.KEY,
        contract_terms=frozenset({"repeated_payment", "repeated_cancel", "cancel_days"}),
    ),
    ChannelSpec(Channel.SMS, catalog_text("SMS"), Collection.ONLINE, SignIn.SIGNATURE),
)
#: How each channel is declared.
CHANNELS: Mapping[Channel, ChannelSpec] = {spec.channel: spec for spec in _SPECS}


def collected_by(collection: Collection) -> list[Channel]:
    """Return the channels that tell us of money in a way.

    >>> [str(channel) for channel in collected_by(Collection.FILE)]
    ['BANK', 'POST']
    """
    return [spec.channel for spec in _SPECS if spec.collection == collection]


def known_by(sign_in: SignIn) -> list[Channel]:
    """Return the channels whose provider is known by a key it sends, or by one it signs with."""
    return [spec.channel for spec in _SPECS if spec.sign_in == sign_in]


def with_term(column: str) -> list[Channel]:
    """Return the channels that a term of a contract is about; none: it is about all.

    >>> [str(channel) for channel in with_term("unknown_transaction")]
    ['PAYNET']
    """
    return [spec.channel for spec in _SPECS if column in spec.contract_terms]
