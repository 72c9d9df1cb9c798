"""How a provider's call is answered, whoever answers it: Flask, or the intake server beside it.

A handler is a generator that reads the request and asks for what it needs from the database; it never touches the database
itself. Flask gives each in a transaction of its own; the intake server keeps the tenders of many calls in one.
"""

import hashlib
import hmac
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from app.domain.administration.nodes import PLACE_REFUSALS
from app.domain.calendar import TASHKENT
from app.domain.payments.channels import Channel
from app.gateways import basic
from app.queries.payments import PaymentContractRecord
from app.services.payments import TenderRequest

#: A call is a few hundred bytes; what is longer is not read.
LARGEST_BODY = 64 * 1024
JSON = "application/json"


class IntakeRequest(NamedTuple):
    """A provider's call."""

    method: str
    #: what follows the channel's address
    tail: str
    #: names in small letters
    headers: Mapping[str, str]
    body: bytes
    address: str
    now: datetime

    @property
    def now_ms(self) -> int:
        """This moment in milliseconds, as providers count."""
        return int(self.now.timestamp() * 1000)

    @property
    def today(self) -> date:
        """The day it is in Tashkent."""
        return self.now.astimezone(TASHKENT).date()


class IntakeAnswer(NamedTuple):
    """Our answer, and what is kept of the call for people who look into a dispute."""

    body: bytes
    status: int = 200
    media_type: str = JSON
    #: what was called
    name: str = ""
    reference: str | None = None
    #: the request as it may be kept, without secrets; None: as it came
    kept_request: str | None = None
    #: whether the caller showed the key of a contract; None: he showed none
    is_known: bool | None = None


class ContractTerms(NamedTuple):
    """What every call is answered by: contracts, the newest first, and operating parameters."""

    contracts: Sequence[PaymentContractRecord]
    payme_timeout_ms: int
    click_sign_minutes: int

    def of(self, channel: Channel) -> list[PaymentContractRecord]:
        """Return the contracts of a channel."""
        return [each for each in self.contracts if each.channel == channel]


class StoreTender(NamedTuple):
    """Keep a tender; the handler gets what became of it (``Taken``)."""

    asked: TenderRequest


class DailyBatch(NamedTuple):
    """The handler gets the id of the control of a contract's day."""

    contract_id: int
    day: date


class InTransaction(NamedTuple):
    """Do something in a transaction; the handler gets what it returns."""

    work: Callable[[Session], Any]


IntakeEffect = StoreTender | DailyBatch | InTransaction


class WorksElsewhere(Exception):
    """The account's division moved to a node of its own since the tender was made; nothing of it is changed here."""


class Unavailable(Exception):
    """The database does not answer: what was asked for may be done or not, so the provider must ask again."""


@contextmanager
def map_db_errors() -> Iterator[None]:
    """Turn the database's absence, and its refusal to change what another node keeps, into our words for them."""
    try:
        yield
    except (OperationalError, InterfaceError, NoConnection) as error:
        raise Unavailable from error
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) in PLACE_REFUSALS:
            raise WorksElsewhere from error
        raise


Effects = Generator[IntakeEffect, Any, IntakeAnswer]
Handler = Callable[[IntakeRequest, ContractTerms], Effects]


class ChannelAdapter(NamedTuple):
    """Who answers the calls of a channel's provider, declared in the channel's module.

    :param addresses: addresses behind ``/api/``
    """

    channel: Channel
    handler: Handler
    addresses: Sequence[str]


class Caller(Protocol):
    """Whoever may call: a contract of a provider, or a source of readings."""

    @property
    def login(self) -> str:
        """The name it signs in with."""

    @property
    def key_sha256(self) -> str:
        """SHA-256 of its key."""

    @property
    def networks(self) -> str:
        """Networks it may call from, separated by blanks; empty: any."""


Known = TypeVar("Known", bound=Caller)


def by_password(contracts: Iterable[Known], request: IntakeRequest, *, login: str | None = None) -> Known | None:
    """Return the contract or source whose HTTP Basic credentials a request brings, from a network it may come from.

    :param login: the name every contract of the channel has; None: each has its own
    """
    header = request.headers.get("authorization")
    for each in contracts:
        if basic.is_authorised(header, login=login or each.login, key_sha256=each.key_sha256) and may_call(each, request.address):
            return each
    return None


def by_login(contracts: Iterable[PaymentContractRecord], login: str, key: str) -> PaymentContractRecord | None:
    """Return the contract of credentials that came in a message's body."""
    digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
    found = [
        each
        for each in contracts
        if hmac.compare_digest(each.key_sha256, digest) and hmac.compare_digest(each.login.encode(), login.encode(errors="surrogatepass"))
    ]
    return found[0] if found else None


def may_call(contract: Caller, address: str) -> bool:
    """Tell whether a contract's provider may call from an address."""
    try:
        return not contract.networks.strip() or any(
            ip_address(address) in ip_network(each, strict=False) for each in contract.networks.split()
        )
    except ValueError:
        return False


def is_number(text: str) -> bool:
    """Tell whether a text can be an account number at all."""
    return text.isascii() and text.isdecimal() and len(text) <= 32


def masked(name: str) -> str:
    """Return a name a payer recognises and a stranger does not learn.

    >>> masked("Karimov Aziz Valiyevich")
    'Karimov A*** V***'
    """
    first, *rest = name.split() or [""]
    return " ".join([first, *(f"{word[0]}***" for word in rest)])
