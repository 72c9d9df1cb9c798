"""Tenders are kept once, whoever repeats them; the ledger hears of each once, afterwards, in whatever order things happen."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.payments import TenderEvent, TenderStatus
from app.domain.payments.channels import Channel
from app.models.payments import PaymentBlock
from app.queries import ledger
from app.queries import payments as queries
from app.services import payments
from app.services.payments.tenders import CallRecord
from tests.services.tender_scenario import DAY, NOW_MS, Scenario
from tests.strategies import TIMES


@pytest.fixture
def scenario(session: Session) -> Scenario:
    return Scenario(session)


def test_tender_is_kept_before_the_ledger_hears_of_it(scenario: Scenario) -> None:
    (taken,) = scenario.take(scenario.asked("1", 1_000_000))

    assert (taken.is_new, taken.owed_tiyin, scenario.owed()) == (True, 5_000_000, 6_000_000)
    standing = queries.standing(scenario.session, scenario.home.number, DAY)
    assert standing is not None
    assert standing.owed_tiyin == 5_000_000
    assert scenario.credit()[1:] == (1, [])
    assert scenario.owed() == 5_000_000
    assert scenario.credit() == (0, 0, [])
    assert ledger.drifts(scenario.session) == []


def test_batch_keeps_each_tender_once_and_tells_what_became_of_each(scenario: Scenario) -> None:
    first = scenario.take(scenario.asked("known", 1_000_000))[0]
    assert first.tender is not None

    known, other, new, twice, nobody = scenario.take(
        scenario.asked("known", 1_000_000),
        scenario.asked("known", 2_000_000),
        scenario.asked("new", 500_000),
        scenario.asked("new", 500_000),
        scenario.asked("nobody", 500_000, number="000000000000"),
    )

    assert [each.is_new for each in (known, other, new, twice, nobody)] == [False, False, True, False, False]
    assert known.tender == other.tender == first.tender
    assert (known.agrees(scenario.asked("known", 1_000_000)), other.agrees(scenario.asked("known", 2_000_000))) == (True, False)
    assert new.tender == twice.tender
    assert (nobody.tender, nobody.account_id) == (None, None)
    assert scenario.credit()[1] == 2
    assert scenario.owed() == 4_500_000


def test_same_key_with_other_contents_in_one_batch_is_never_told_as_kept(scenario: Scenario) -> None:
    first, second = scenario.take(scenario.asked("1", 500_000), scenario.asked("1", 700_000))

    assert (first.is_new, second.is_new) == (True, False)
    assert first.tender is not None
    assert second.tender is not None
    assert second.tender.amount_tiyin == 500_000


@pytest.mark.parametrize(("actor", "told"), [("intake", 0), ("cashier", 1)])
def test_what_the_intake_takes_is_told_by_its_row_and_not_by_the_trail(scenario: Scenario, actor: str, told: int) -> None:
    scenario.session.execute(text("SELECT set_config('app.actor', :actor, true)"), {"actor": actor})

    scenario.take(scenario.asked("1", 1_000_000))

    assert (
        scenario.session.scalar(text("SELECT count(*) FROM audit_entry WHERE table_name = 'tender' AND actor = :actor"), {"actor": actor})
        == told
    )
    assert scenario.session.scalar(text("SELECT created_by FROM tender WHERE reference = '1'")) == actor


def test_blocked_account_takes_nothing(scenario: Scenario) -> None:
    block = PaymentBlock(
        division_id=scenario.home.division_id, account_id=scenario.home.account_id, valid_from=DAY, creditor="Toza hudud", basis="ЎРҚ-1044"
    )
    scenario.session.add(block)
    scenario.session.flush()

    (taken,) = scenario.take(scenario.asked("1", 1_000_000))

    assert (taken.tender, taken.is_blocked, taken.account_id) == (None, True, scenario.home.account_id)


def test_tender_undone_before_the_ledger_heard_of_it_never_reaches_it(scenario: Scenario) -> None:
    scenario.take(scenario.asked("1", 1_000_000))

    assert scenario.cancel("1") == TenderStatus.REVERSED

    assert scenario.credit() == (0, 0, [])
    assert scenario.owed() == 6_000_000
    assert (
        scenario.session.scalar(
            text("SELECT count(*) FROM payment WHERE tender_id IS NOT NULL AND account_id = :id"), {"id": scenario.home.account_id}
        )
        == 0
    )


def test_tender_undone_afterwards_is_undone_by_a_further_payment(scenario: Scenario) -> None:
    scenario.take(scenario.asked("1", 7_000_000))
    scenario.credit()

    scenario.cancel("1")
    assert scenario.owed() == -1_000_000
    scenario.credit()

    assert scenario.owed() == 6_000_000
    assert ledger.drifts(scenario.session) == []


@pytest.mark.parametrize(
    ("most_days", "asked_on", "is_late"),
    [
        (1, date(2026, 3, 4), False), (1, date(2026, 3, 5), True), (0, DAY, False), (0, date(2026, 3, 4), True),
        (30, date(2026, 4, 2), False), (30, date(2026, 4, 3), True), (None, date(2027, 3, 3), False),
    ],
)  # fmt: skip
def test_payment_is_cancelled_to_the_last_of_the_contract_s_days_and_not_after_it(
    scenario: Scenario, most_days: int | None, asked_on: date, is_late: bool
) -> None:
    scenario.take(scenario.asked("1", 1_000_000))
    tender = queries.tender(scenario.session, scenario.contract_id, "1", lock=True)
    assert tender is not None
    undoing = payments.Cancellation(TenderEvent.CANCEL, None, NOW_MS, asked_on, most_days=most_days)

    if is_late:
        with pytest.raises(payments.TooLateToCancel):
            payments.cancel(scenario.session, tender, undoing)
    else:
        assert payments.cancel(scenario.session, tender, undoing).status == TenderStatus.REVERSED


def test_money_given_back_or_received_after_the_count_is_in_what_was_over(scenario: Scenario) -> None:
    scenario.take(scenario.asked("1", 1_000_000), scenario.asked("2", 300_000))
    next_day = date(2026, 3, 4)
    payments.count(scenario.session, scenario.control_id, counted_tiyin=1_300_000, by="cashier", today=next_day)

    tender = queries.tender(scenario.session, scenario.contract_id, "2", lock=True)
    assert tender is not None
    undoing = payments.Cancellation(TenderEvent.CANCEL, None, NOW_MS + 1, DAY, control_id=scenario.control_id)
    payments.cancel(scenario.session, tender, undoing)
    scenario.take(scenario.asked("3", 50_000))
    now = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
    control = payments.close(scenario.session, scenario.control_id, by="supervisor", now=now, today=next_day)

    assert (control.tenders, control.received_tiyin) == (3, 1_050_000)
    entries = scenario.session.execute(text("SELECT debit, credit, amount_tiyin, reason FROM control_entry")).all()
    assert [tuple(entry) for entry in entries] == [("PROVIDER", "OVER_SHORT", 250_000, "over")]
    scenario.credit()
    assert ledger.drifts(scenario.session) == []


def test_created_tender_is_no_money_until_it_is_performed(scenario: Scenario) -> None:
    (taken,) = scenario.take(scenario.asked("1", 1_000_000, performed=False))
    assert taken.tender is not None
    assert (taken.owed_tiyin, scenario.credit()) == (6_000_000, (0, 0, []))

    performed = payments.perform(scenario.session, taken.tender, control_id=scenario.control_id, now_ms=NOW_MS + 1, today=DAY)

    assert performed == queries.tender(scenario.session, scenario.contract_id, "1")
    assert (performed.status, performed.performed_ms, performed.received_on) == (TenderStatus.PERFORMED, NOW_MS + 1, DAY)
    assert scenario.credit()[1] == 1
    assert scenario.owed() == 5_000_000


def test_tender_that_the_ledger_refuses_waits_on_and_the_others_are_credited(scenario: Scenario) -> None:
    taken = scenario.take(*(scenario.asked(reference, 1_000_000) for reference in "123"))
    ids = [each.tender.id for each in taken if each.tender]
    of_another = payments.MoneyReceived(Channel.PAYNET, f"{scenario.contract_id}:2", scenario.home.account_id, 7)
    payments.book(scenario.session, of_another, received_on=DAY)

    assert scenario.credit() == (ids[2], 2, [ids[1]])

    assert scenario.owed() == 4_000_000 - 7
    assert scenario.session.scalars(text("SELECT id FROM tender WHERE waiting")).all() == [ids[1]]
    assert ledger.drifts(scenario.session) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "again", "other", "cancel", "credit"]), st.integers(0, 4), st.integers(50_000, 9_000_000)),
    max_size=25,
)


@given(steps=STEPS)
@settings(max_examples=15 * TIMES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_in_whatever_order_money_is_neither_lost_nor_doubled(session: Session, steps: list[tuple[str, int, int]]) -> None:
    with session.begin_nested() as savepoint:
        scenario, kept, undone = Scenario(session), dict[str, int](), set[str]()
        for step, number, amount in steps:
            reference = str(number)
            if step in {"take", "again", "other"}:
                (taken,) = scenario.take(scenario.asked(reference, kept.get(reference, amount) if step == "again" else amount))
                assert taken.is_new == (reference not in kept)
                kept.setdefault(reference, amount)
            elif step == "cancel" and reference in kept and reference not in undone:
                scenario.cancel(reference)
                undone.add(reference)
            elif step == "credit":
                scenario.credit()
        standing = queries.standing(session, scenario.home.number, DAY)
        assert standing is not None
        expected = 6_000_000 - sum(amount for reference, amount in kept.items() if reference not in undone)
        assert standing.owed_tiyin == expected
        scenario.credit()
        assert scenario.owed() == expected
        assert ledger.drifts(session) == []
        savepoint.rollback()


def test_calls_are_kept_as_far_as_they_can_be_written_down(session: Session) -> None:
    long = CallRecord(Channel.PAYME, "m" * 65, "r" * 65, "a" * 65, "q" * 4001, "p" * 4001)
    odd = CallRecord(Channel.CLICK, "pay\0", None, "10.0.0.1", "\udcff\0", "")

    payments.log_calls(session, [])
    payments.log_calls(session, [long, odd])

    rows = session.execute(text("SELECT channel, method, reference, address, request, reply FROM gateway_call ORDER BY id")).all()
    assert [*map(tuple, rows)] == [
        ("PAYME", "m" * 64, "r" * 64, "a" * 64, "q" * 4000, "p" * 4000),
        ("CLICK", "pay", None, "10.0.0.1", "?", ""),
    ]


def test_first_fiscal_receipt_of_a_kind_is_kept_for_good(scenario: Scenario) -> None:
    scenario.take(scenario.asked("1", 1_000_000))

    kept = [
        payments.keep_fiscal_receipt(scenario.session, scenario.contract_id, reference, kind, {"receipt_id": number})
        for reference, kind, number in (("1", "PERFORM", 1), ("1", "PERFORM", 2), ("1", "CANCEL", 3), ("none", "PERFORM", 4))
    ]

    assert kept == [True, True, True, False]
    assert scenario.session.scalars(text("SELECT fiscal FROM tender")).all() == [
        {"PERFORM": {"receipt_id": 1}, "CANCEL": {"receipt_id": 3}}
    ]
