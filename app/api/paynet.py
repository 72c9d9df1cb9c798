"""What PAYNET asks, whichever of its forms it asks in: ``paynet_rpc`` and ``paynet_soap`` read and write, here it is answered."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.api.intake import DailyBatch, IntakeEffect, IntakeRequest, InTransaction, StoreTender, is_number
from app.domain.payments import Repeat, TenderEvent, TenderStatus, UnknownTransaction
from app.gateways import paynet_json
from app.gateways import paynet_statuses as statuses
from app.queries import payments as queries
from app.queries.payments import PayableAccount, PaymentContractRecord, TenderRecord
from app.services import payments as service
from app.services.payments import TenderResult

_UNKNOWN = {UnknownTransaction.NOT_FOUND: statuses.UNKNOWN_TRANSACTION, UnknownTransaction.UNKNOWN_ERROR: statuses.UNKNOWN_ERROR}


#: The steps of a handler of a method; in the end its answer.
PaynetSteps = Generator[IntakeEffect, Any, bytes]


class PaynetRefused(Exception):
    """A call is answered with a status.

    :ivar code: one of ``paynet_statuses``
    :ivar tender: the transaction it is about, if it is known
    """

    def __init__(self, code: int, tender: TenderRecord | None = None) -> None:
        super().__init__(str(code))
        self.code, self.tender = code, tender


class AnsweredPeriod(NamedTuple):
    """The time of a statement, both ends included."""

    from_at: datetime
    to_at: datetime


def information(request: IntakeRequest, number: str) -> Generator[IntakeEffect, Any, PayableAccount]:
    """Return an account as the payer is shown it."""
    if not is_number(number):
        raise PaynetRefused(statuses.UNKNOWN_CONSUMER)
    found: PayableAccount | None = yield InTransaction(lambda session: queries.standing(session, number, request.today))
    if found is None:
        raise PaynetRefused(statuses.UNKNOWN_CONSUMER)
    if found.is_blocked:
        raise PaynetRefused(statuses.FORBIDDEN_FOR_PAYER)
    return found


def pay(
    request: IntakeRequest, contract: PaymentContractRecord, number: str, reference: str, amount_tiyin: int, paid_at: datetime | None
) -> Generator[IntakeEffect, Any, TenderResult]:
    """Take a payment in one statement; the same transaction again is refused, whatever became of it."""
    if not is_number(number):
        raise PaynetRefused(statuses.UNKNOWN_CONSUMER)
    if amount_tiyin < contract.smallest_tiyin:
        raise PaynetRefused(statuses.WRONG_AMOUNT)
    if amount_tiyin > contract.largest_tiyin:
        raise PaynetRefused(statuses.AMOUNT_TOO_LARGE)
    if contract.is_stopped:
        raise PaynetRefused(statuses.UNAVAILABLE)
    control_id = yield DailyBatch(contract.id, request.today)
    provider_ms = _ms(paid_at or request.now)
    taken: TenderResult = yield StoreTender(
        service.TenderRequest(contract.id, reference, number, amount_tiyin, provider_ms, is_performed=True, control_id=control_id)
    )
    if taken.tender is None:
        raise PaynetRefused(statuses.FORBIDDEN_FOR_PAYER if taken.is_blocked else statuses.UNKNOWN_CONSUMER)
    if not taken.is_new:
        raise PaynetRefused(statuses.ALREADY_EXISTS, taken.tender)
    return taken


def check(contract: PaymentContractRecord, reference: str) -> Generator[IntakeEffect, Any, TenderRecord | None]:
    """Return a transaction; None: unknown, to be answered as a state."""
    tender: TenderRecord | None = yield InTransaction(lambda session: queries.tender(session, contract.id, reference))
    if tender is None and contract.unknown_transaction != UnknownTransaction.STATE_3:
        raise PaynetRefused(_UNKNOWN[UnknownTransaction(contract.unknown_transaction)])
    return tender


def cancel(request: IntakeRequest, contract: PaymentContractRecord, reference: str) -> Generator[IntakeEffect, Any, TenderRecord]:
    """Reverse a payment, or say again that it was reversed, as the contract says."""

    def work(session: Session) -> TenderRecord:
        tender = queries.tender(session, contract.id, reference, lock=True)
        if tender is None:
            raise PaynetRefused(statuses.UNKNOWN_TRANSACTION)
        if tender.status != TenderStatus.PERFORMED:
            if contract.repeated_cancel == Repeat.REFUSED:
                raise PaynetRefused(statuses.ALREADY_CANCELLED, tender)
            return tender
        try:
            undoing = service.Cancellation(TenderEvent.CANCEL, None, request.now_ms, request.today, most_days=contract.cancel_days)
            return service.cancel(session, tender, undoing)
        except service.TooLateToCancel:
            raise PaynetRefused(statuses.CANNOT_CANCEL, tender) from None

    tender: TenderRecord = yield InTransaction(work)
    return tender


def statement(contract: PaymentContractRecord, window: AnsweredPeriod) -> Generator[IntakeEffect, Any, list[TenderRecord]]:
    """Return what was performed and stands in a window of time."""
    first, last = _ms(window.from_at), _ms(window.to_at) + 999
    tenders: list[TenderRecord] = yield InTransaction(lambda session: queries.tenders_between(session, contract.id, first, last))
    return [tender for tender in tenders if tender.status == TenderStatus.PERFORMED]


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """Return milliseconds as a moment."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def state(tender: TenderRecord) -> int:
    """Return the state of a transaction as PAYNET counts it."""
    return paynet_json.PERFORMED if tender.status == TenderStatus.PERFORMED else paynet_json.CANCELLED


def change_key(contract: PaymentContractRecord, key: str) -> Generator[IntakeEffect, Any, None]:
    """Take another key."""
    try:
        yield InTransaction(lambda session: service.change_key(session, contract.id, key))
    except service.KeyRefused:
        raise PaynetRefused(statuses.WRONG_PARAMETER) from None


def service_of(contract: PaymentContractRecord) -> int:
    """Return the number of a contract's service; -1: it has none."""
    return int(contract.service_number) if contract.service_number.isdecimal() else -1
