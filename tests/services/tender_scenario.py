"""A contract with a provider, and an account that owes."""

import hashlib
from datetime import date

from sqlalchemy.orm import Session

from app.domain.payments import TenderEvent
from app.domain.payments.channels import Channel
from app.models.payments import PaymentContract
from app.queries import payments as queries
from app.services import payments
from app.services.payments import TenderRequest, TenderResult
from tests.builders import bill_month, make_district, make_home, owed, read

DAY, NOW_MS = date(2026, 3, 3), 1_772_500_000_000


class Scenario:
    """A contract and an account that owes 6,000,000 tiyin."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.home = make_home(session, make_district(session))
        read(session, self.home, date(2026, 1, 31), 1100)
        bill_month(session, self.home.division_id, date(2026, 1, 1))
        contract = PaymentContract(channel=Channel.PAYNET, name="Test", merchant_number="1", key_sha256=hashlib.sha256(b"k").hexdigest())
        session.add(contract)
        session.flush()
        self.contract_id = contract.id
        self.control_id = payments.day_control(session, contract.id, DAY)

    def asked(self, reference: str, amount: int, *, number: str | None = None, performed: bool = True) -> TenderRequest:
        """A tender for the account."""
        control = self.control_id if performed else None
        return TenderRequest(
            self.contract_id, reference, number or self.home.number, amount, NOW_MS, is_performed=performed, control_id=control
        )

    def take(self, *asked: TenderRequest) -> list[TenderResult]:
        """Keep tenders in one statement."""
        return payments.accept(self.session, asked, now_ms=NOW_MS, today=DAY)

    def cancel(self, reference: str, event: TenderEvent = TenderEvent.CANCEL) -> str:
        """Cancel a tender."""
        tender = queries.tender(self.session, self.contract_id, reference, lock=True)
        assert tender is not None
        return payments.cancel(self.session, tender, payments.Cancellation(event, 5, NOW_MS + 1, DAY)).status

    def credit(self) -> tuple[int, int, list[int]]:
        """Let the ledger hear of what waits."""
        return payments.credit(self.session, today=DAY)

    def owed(self) -> int:
        """What the ledger says the account owes."""
        debt, advance = owed(self.session, self.home)
        return debt - advance
