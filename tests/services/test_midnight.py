"""A provider's payment of a day that is being closed at that moment, or is closed already, is in a count: of that day or of the next."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.domain.payments import TenderEvent
from app.domain.payments.channels import Channel
from app.models.payments import PaymentContract, PaymentControl
from app.queries import payments as queries
from app.services import payments
from app.services.payments import TenderRequest
from tests.builders import make_district, make_home
from tests.parallel import Beside, copied

YESTERDAY, TODAY = date(2026, 3, 3), date(2026, 3, 4)
NOW, NOW_MS = datetime(2026, 3, 3, 19, 0, 30, tzinfo=UTC), 1_772_564_430_000


class Office:
    """A provider's day that was counted, with one payment of 300,000 tiyin."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with Session(engine) as session:
            home = make_home(session, make_district(session))
            contract = PaymentContract(channel=Channel.PAYNET, name="T", merchant_number="1", key_sha256=hashlib.sha256(b"k").hexdigest())
            session.add(contract)
            session.flush()
            self.number, self.contract_id = home.number, contract.id
            self.control_id = payments.day_control(session, contract.id, YESTERDAY)
            self.take(session, "1", 300_000)
            payments.count(session, self.control_id, counted_tiyin=300_000, by="cashier", today=TODAY)
            session.commit()

    def take(self, session: Session, reference: str, amount: int, *, performed: bool = True) -> queries.TenderRecord:
        control = self.control_id if performed else None
        asked = TenderRequest(self.contract_id, reference, self.number, amount, NOW_MS, is_performed=performed, control_id=control)
        (taken,) = payments.accept(session, [asked], now_ms=NOW_MS, today=YESTERDAY)
        assert taken.tender is not None
        return taken.tender

    def close(self, session: Session) -> PaymentControl:
        return payments.close(session, self.control_id, by="supervisor", now=NOW, today=TODAY)

    def counted(self) -> dict[tuple[date, str], tuple[int, int]]:
        """What each control counts, by day and state; a closed one as it was closed."""
        statement = text(
            "SELECT c.business_day, c.status, CASE WHEN c.status = 'CLOSED' THEN c.tenders ELSE s.tenders END, "
            "CASE WHEN c.status = 'CLOSED' THEN c.received_tiyin ELSE s.received_tiyin END "
            "FROM payment_control c CROSS JOIN LATERAL control_sums(c.id) s ORDER BY c.id"
        )
        with Session(self.engine) as session:
            return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(statement)}

    def all_is_counted(self) -> bool:
        """No closed control holds other money than it was closed with."""
        statement = text(
            "SELECT bool_and((c.tenders, c.received_tiyin) = (s.tenders, s.received_tiyin)) "
            "FROM payment_control c CROSS JOIN LATERAL control_sums(c.id) s WHERE c.status = 'CLOSED'"
        )
        with Session(self.engine) as session:
            return bool(session.scalar(statement))


@pytest.fixture
def office(servers: tuple[str, str]) -> Iterator[Office]:
    with copied(servers, "pc_billing_midnight") as own:
        yield Office(own)


def test_closing_waits_for_a_payment_that_is_being_kept_and_counts_it(office: Office) -> None:
    with Session(office.engine) as provider:
        office.take(provider, "2", 50_000)
        closing = Beside(office.engine, office.close)
        assert closing.waits()
        provider.commit()

    closing.done()

    assert office.counted() == {(YESTERDAY, "CLOSED"): (2, 350_000)}
    assert office.all_is_counted()


def test_payment_that_waited_for_the_closing_is_counted_the_day_after(office: Office) -> None:
    with Session(office.engine) as supervisor:
        office.close(supervisor)
        paying = Beside(office.engine, lambda session: office.take(session, "2", 50_000))
        assert paying.waits()
        supervisor.commit()

    paying.done()

    assert office.counted() == {(YESTERDAY, "CLOSED"): (1, 300_000), (TODAY, "OPEN"): (1, 50_000)}
    assert office.all_is_counted()


def test_payment_that_comes_after_the_closing_is_counted_the_day_after(office: Office) -> None:
    Beside(office.engine, office.close).done()

    # The intake server remembers the control it asked for before.
    Beside(office.engine, lambda session: office.take(session, "2", 50_000)).done()

    assert office.counted() == {(YESTERDAY, "CLOSED"): (1, 300_000), (TODAY, "OPEN"): (1, 50_000)}


def test_created_tender_performed_after_the_closing_is_counted_the_day_after(office: Office) -> None:
    def perform(session: Session) -> None:
        tender = office.take(session, "2", 50_000, performed=False)
        payments.perform(session, tender, control_id=office.control_id, now_ms=NOW_MS, today=YESTERDAY)

    Beside(office.engine, office.close).done()
    Beside(office.engine, perform).done()

    assert office.counted()[TODAY, "OPEN"] == (1, 50_000)
    assert office.all_is_counted()


def test_money_given_back_after_the_closing_is_counted_the_day_after(office: Office) -> None:
    def give_back(session: Session) -> None:
        tender = queries.tender(session, office.contract_id, "1", lock=True)
        assert tender is not None
        undoing = payments.Cancellation(TenderEvent.CANCEL, None, NOW_MS, YESTERDAY, control_id=office.control_id)
        payments.cancel(session, tender, undoing)

    Beside(office.engine, office.close).done()
    Beside(office.engine, give_back).done()

    assert office.counted() == {(YESTERDAY, "CLOSED"): (1, 300_000), (TODAY, "OPEN"): (0, -300_000)}
    assert office.all_is_counted()


def test_closed_shift_takes_no_money(office: Office) -> None:
    def close_shift(session: Session) -> int:
        shift = payments.shift(session, cashier="cashier", division_id=1, today=YESTERDAY)
        payments.count(session, shift.id, counted_tiyin=0, by="cashier", today=YESTERDAY)
        return payments.close(session, shift.id, by="supervisor", now=NOW, today=YESTERDAY).id

    shift_id = Beside(office.engine, close_shift).done()
    office.control_id = shift_id

    with pytest.raises(Exception, match="is closed"):
        Beside(office.engine, lambda session: office.take(session, "2", 50_000)).done()
