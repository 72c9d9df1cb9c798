"""Payments are moved, put into suspense or given back by two persons, and the books hold whatever is done in whatever order."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.payments import PaymentMove, TenderStatus
from app.domain.payments.channels import Channel
from app.models.administration import Approval, Division
from app.queries import ledger
from app.queries import payments as queries
from app.services import payments
from app.services.administration import approvals
from app.services.payments import Cash, Cashier, MoneyReceived, moves, suspense
from tests.builders import Home, make_home
from tests.services.tender_scenario import DAY, Scenario
from tests.strategies import TIMES

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


class Office(Scenario):
    """The world with a second account, which owes nothing, and people who move payments."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.other = make_home(session, session.get_one(Division, self.home.division_id), 2)

    def paid(self, reference: str = "1", amount: int = 1_000_000) -> int:
        """Take and credit a tender; return its payment."""
        self.take(self.asked(reference, amount))
        self.credit()
        return self.payment_of(reference)

    def payment_of(self, reference: str) -> int:
        """Return the newest payment of a tender."""
        statement = text("SELECT max(p.id) FROM payment p JOIN tender t ON t.id = p.tender_id WHERE t.reference = :reference")
        return int(self.session.execute(statement, {"reference": reference}).scalar_one())

    def tender_of(self, reference: str) -> queries.TenderRecord:
        """Return a tender."""
        found = queries.tender(self.session, self.contract_id, reference)
        assert found is not None
        return found

    def agree(self, request: Approval) -> None:
        """Let a second person agree."""
        approvals.decide(self.session, request.id, grant=True, by="second", remark=None, today=TODAY, now=NOW)

    def move(self, payment_id: int, move: PaymentMove, home: Home | None = None) -> None:
        """Ask for a move, and agree."""
        self.agree(moves.ask(self.session, payment_id, move, account_id=home.account_id if home else None, reason="letter 7"))

    def other_owed(self) -> int:
        """What the second account owes."""
        debt, advance, _ = ledger.position(self.session, self.other.account_id)
        return debt - advance


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def test_payment_moved_to_another_account_is_undone_here_and_credited_there(office: Office) -> None:
    payment = office.paid()

    request = moves.ask(office.session, payment, PaymentMove.TRANSFER, account_id=office.other.account_id, reason="wrong account")
    assert (office.owed(), office.other_owed()) == (5_000_000, 0)
    with pytest.raises(approvals.SamePerson):
        approvals.decide(office.session, request.id, grant=True, by=request.created_by, remark=None, today=TODAY, now=NOW)
    office.agree(request)

    assert (office.owed(), office.other_owed()) == (6_000_000, -1_000_000)
    assert office.payment_of("1") > payment
    reason = text("SELECT reason FROM payment WHERE reverses_id = :id")
    assert office.session.scalar(reason, {"id": payment}) == "wrong account"
    assert ledger.drifts(office.session) == []


def test_provider_takes_back_what_was_moved_where_it_is_now(office: Office) -> None:
    office.move(office.paid(), PaymentMove.TRANSFER, office.other)

    office.cancel("1")
    office.credit()

    assert (office.owed(), office.other_owed()) == (6_000_000, 0)
    assert ledger.drifts(office.session) == []


def test_repeat_of_a_payment_that_was_moved_is_still_known(office: Office) -> None:
    office.move(office.paid(), PaymentMove.TRANSFER, office.other)

    (taken,) = office.take(office.asked("1", 1_000_000))

    assert (taken.is_new, office.credit()) == (False, (0, 0, []))


def test_payment_put_into_suspense_is_credited_anew_once_its_account_is_found(office: Office) -> None:
    office.move(office.paid(), PaymentMove.SUSPENSE)
    tender = office.tender_of("1")
    assert (tender.account_id, office.owed(), ledger.drifts(office.session)) == (None, 6_000_000, [])

    office.agree(suspense.ask_transfer(office.session, tender.id, account_id=office.home.account_id, basis="it was his after all"))
    office.credit()

    assert office.owed() == 5_000_000
    assert ledger.drifts(office.session) == []


def test_money_in_suspense_is_given_back(office: Office) -> None:
    office.move(office.paid(), PaymentMove.SUSPENSE)

    office.agree(suspense.ask_transfer(office.session, office.tender_of("1").id, account_id=None, basis="nobody's, the payer asks for it"))

    assert office.tender_of("1").status == TenderStatus.REVERSED
    assert office.credit() == (0, 0, [])
    assert ledger.drifts(office.session) == []


def test_payment_given_back_counts_on_the_provider_s_day_on_which_it_goes_back(office: Office) -> None:
    office.move(office.paid(), PaymentMove.REFUND)

    back = payments.day_control(office.session, office.contract_id, TODAY)
    assert office.owed() == 6_000_000
    assert queries.sums(office.session, office.control_id) == (1, 1_000_000)
    assert queries.sums(office.session, back) == (0, -1_000_000)
    assert office.session.scalars(text("SELECT purpose FROM tender")).all() == ["letter 7"]
    assert ledger.drifts(office.session) == []


def test_control_is_summed_over_all_divisions_whoever_looks(office: Office) -> None:
    office.paid()

    office.session.execute(text("SET LOCAL ROLE pcb_web"))

    assert office.session.scalar(text("SELECT count(*) FROM tender")) == 0
    assert queries.sums(office.session, office.control_id) == (1, 1_000_000)


def test_cash_in_suspense_is_given_back_out_of_the_drawer_of_who_asked(office: Office) -> None:
    taken_by = Cashier("cashier", office.home.division_id)
    office.move(
        payments.take_cash(office.session, Cash("form", office.home.number, 1_000_000), cashier=taken_by, now=NOW, today=DAY),
        PaymentMove.SUSPENSE,
    )
    tender_id = int(office.session.execute(text("SELECT id FROM tender WHERE account_id IS NULL")).scalar_one())

    office.agree(suspense.ask_transfer(office.session, tender_id, account_id=None, basis="the payer asks for it"))

    drawer = queries.open_shift(office.session, "system")
    assert queries.sums(office.session, drawer.id) == (0, -1_000_000)
    payments.count(office.session, drawer.id, counted_tiyin=-1_000_000, by="system", today=TODAY)
    payments.close(office.session, drawer.id, by="second", now=NOW, today=TODAY)
    assert ledger.drifts(office.session) == []


def test_money_that_left_suspense_is_not_transferred(office: Office) -> None:
    office.move(office.paid(), PaymentMove.SUSPENSE)
    request = suspense.ask_transfer(office.session, office.tender_of("1").id, account_id=office.home.account_id, basis="found him")
    office.cancel("1")

    with pytest.raises(suspense.NotInSuspense):
        office.agree(request)


def test_cash_is_given_back_out_of_the_drawer_of_who_asked(office: Office) -> None:
    taken_by, asks = Cashier("cashier", office.home.division_id), "system"
    payment = payments.take_cash(office.session, Cash("form", office.home.number, 1_000_000), cashier=taken_by, now=NOW, today=DAY)

    office.move(payment, PaymentMove.REFUND)

    assert office.owed() == 6_000_000
    drawer = queries.open_shift(office.session, asks)
    assert queries.sums(office.session, drawer.id) == (0, -1_000_000)
    assert queries.sums(office.session, queries.open_shift(office.session, "cashier").id).received_tiyin == 1_000_000
    assert ledger.drifts(office.session) == []


@pytest.mark.parametrize(("move", "other_owes"), [(PaymentMove.REFUND, 0), (PaymentMove.TRANSFER, -1_000_000)])
def test_payment_that_never_was_a_tender_is_moved_too(office: Office, move: PaymentMove, other_owes: int) -> None:
    payment = payments.book(office.session, MoneyReceived(Channel.BANK, "old", office.home.account_id, 1_000_000), received_on=DAY)

    office.move(payment, move, office.other if move == PaymentMove.TRANSFER else None)

    assert (office.owed(), office.other_owed()) == (6_000_000, other_owes)
    assert office.session.scalar(text("SELECT reason FROM payment WHERE reverses_id = :id"), {"id": payment}) == "letter 7"
    assert ledger.drifts(office.session) == []


def _twice(office: Office) -> None:
    payment = office.paid()
    for _ in range(2):
        moves.ask(office.session, payment, PaymentMove.REFUND, account_id=None, reason="asked twice")


def _where_it_is(office: Office) -> None:
    moves.ask(office.session, office.paid(), PaymentMove.TRANSFER, account_id=office.home.account_id, reason="nowhere")


def _undone(office: Office) -> None:
    payment = office.paid()
    office.move(payment, PaymentMove.REFUND)
    moves.ask(office.session, payment, PaymentMove.REFUND, account_id=None, reason="once more")


def _taken_back_meanwhile(office: Office) -> None:
    request = moves.ask(office.session, office.paid(), PaymentMove.TRANSFER, account_id=office.other.account_id, reason="too late")
    office.cancel("1")
    office.agree(request)


def _without_tender(office: Office) -> None:
    payment = payments.book(office.session, MoneyReceived(Channel.BANK, "old", office.home.account_id, 1_000_000), received_on=DAY)
    moves.ask(office.session, payment, PaymentMove.SUSPENSE, account_id=None, reason="no place there")


@pytest.mark.parametrize(
    ("do", "refusal"),
    [
        (_twice, moves.AskedAlready),
        (_where_it_is, moves.SameAccount),
        (_undone, payments.PaymentAlreadyReversed),
        (_taken_back_meanwhile, payments.PaymentAlreadyReversed),
        (_without_tender, moves.NoTender),
    ],
)
def test_what_cannot_be_moved_is_refused(office: Office, do: Callable[[Office], None], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        do(office)


def test_request_that_is_refused_moves_nothing(office: Office) -> None:
    request = moves.ask(office.session, office.paid(), PaymentMove.REFUND, account_id=None, reason="please")

    approvals.decide(office.session, request.id, grant=False, by="second", remark="no", today=TODAY, now=NOW)

    assert office.owed() == 5_000_000


@pytest.mark.parametrize(("paid_out", "over"), [(1_470_000, 0), (1_470_001, 1), (1_469_000, -1_000)])
def test_provider_keeps_its_commission_and_what_is_over_or_short_is_posted(office: Office, paid_out: int, over: int) -> None:
    office.session.execute(text("UPDATE payment_contract SET commission_percent = 2 WHERE id = :id"), {"id": office.contract_id})
    office.paid(amount=1_500_000)

    payments.count(office.session, office.control_id, counted_tiyin=paid_out, by="first", today=TODAY)
    payments.close(office.session, office.control_id, by="second", now=NOW, today=TODAY)

    entries = [(*each[1:4], each.reason) for each in queries.control_entries(office.session, office.control_id)]
    assert entries[0] == ("COMMISSION", "PROVIDER", 30_000, "commission")
    of_difference = ("PROVIDER", "OVER_SHORT", over, "over") if over > 0 else ("OVER_SHORT", "PROVIDER", -over, "short")
    assert entries[1:] == ([of_difference] if over else [])
    assert ledger.drifts(office.session) == []


MOVES = ["take", "take", "credit", "cancel", "TRANSFER", "SUSPENSE", "REFUND", "found"]
STEPS = st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 2), st.integers(50_000, 9_000_000)), min_size=6, max_size=24)


@given(steps=STEPS)
@settings(max_examples=15 * TIMES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_moved_in_whatever_order_every_sum_is_somewhere_once(session: Session, steps: list[tuple[str, int, int]]) -> None:
    with session.begin_nested() as savepoint:
        office, kept = Office(session), dict[str, int]()
        for step, number, amount in steps:
            reference = str(number)
            if step == "take":
                office.take(office.asked(reference, kept.setdefault(reference, amount)))
            elif step == "credit":
                office.credit()
            elif reference in kept:
                _do(office, step, office.tender_of(reference))
        office.credit()
        tenders = [office.tender_of(reference) for reference in kept]
        standing = [tender for tender in tenders if tender.status == TenderStatus.PERFORMED and tender.account_id]
        assert office.owed() + office.other_owed() == 6_000_000 - sum(tender.amount_tiyin for tender in standing)
        assert ledger.drifts(session) == []
        savepoint.rollback()


def _do(office: Office, step: str, tender: queries.TenderRecord) -> None:
    """Do what can be done with a tender as it stands."""
    if tender.status != TenderStatus.PERFORMED:
        return
    if step == "cancel":
        office.cancel(tender.reference)
    elif step == "found":
        if tender.account_id is None:
            office.agree(suspense.ask_transfer(office.session, tender.id, account_id=office.other.account_id, basis="found"))
    elif tender.account_id is not None:
        office.credit()
        there = office.other if tender.account_id == office.home.account_id else office.home
        office.move(office.payment_of(tender.reference), PaymentMove(step), there if step == "TRANSFER" else None)
