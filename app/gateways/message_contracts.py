"""What gateways of SMS have in common: the agreement with one, its receipts, and what is known after a call that was not answered."""

from collections.abc import Callable
from typing import NamedTuple

from app.domain.notices import Delivery, DeliveryOutcome, DeliveryProblem, ReceiptMeaning
from app.gateways.exchange import ExchangeAnswer, NoAnswer, NotSent


class GatewayAgreement(NamedTuple):
    """What a contract says, and how it is reached from this machine.

    :ivar receipts_url: where receipts are sent to; empty: nowhere
    :ivar proxy: address of a proxy between; empty: none
    """

    address: str
    login: str
    secret: str
    sender: str
    messages_a_call: int = 1
    receipts_url: str = ""
    proxy: str = ""


class GatewayReceipt(NamedTuple):
    """What a gateway tells of a message it took before.

    :ivar reference: our number of the message
    """

    reference: str
    meaning: ReceiptMeaning


def called(call: Callable[[], ExchangeAnswer]) -> ExchangeAnswer | Delivery:
    """Return the answer to a call, or what is known of its messages without one."""
    try:
        return call()
    except NotSent as reason:
        return Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.NO_CONNECTION, detail=str(reason))
    except NoAnswer as reason:
        return Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.NO_ANSWER, detail=str(reason))
