"""Days of providers compared: what differs is kept once, settles by itself, is asked about again, or is decided by people."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.payments import TenderEvent
from app.domain.payments.channels import Channel
from app.domain.payments.reconciliation import (
    Decision,
    DoubtReason,
    ReconciliationStatus,
    StatementSource,
    StatementState,
    TransactionVerdict,
)
from app.domain.reference import RowFault
from app.gateways.statement_file import ProviderStatementLine, parse_statement
from app.models.payments import PaymentContract
from app.models.payments.reconciliation import Reconciliation, ReconciliationRow
from app.queries import payments as tenders
from app.services import payments
from app.services.payments import reconciliation as service
from app.services.payments import statements
from app.services.payments.statements import GoodRow
from tests.builders import make_district, make_home

DAY, NEXT = date(2026, 3, 3), date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
NOW_MS = 1_772_500_000_000
FIVE_MINUTES, HOUR = timedelta(minutes=5), timedelta(hours=1)


class Scenario:
    """A contract with a provider that keeps one percent, and an account."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.home = make_home(session, make_district(session))
        contract = PaymentContract(channel=Channel.PAYNET, name="Test", merchant_number="1", commission_percent=Decimal(1))
        session.add(contract)
        session.flush()
        self.contract_id = contract.id

    def take(self, reference: str, amount: int, *, day: date = DAY, credited: bool = True) -> None:
        """Take a tender, and let the ledger hear of it."""
        control_id = payments.day_control(self.session, self.contract_id, day)
        asked = payments.TenderRequest(
            self.contract_id, reference, self.home.number, amount, NOW_MS, is_performed=True, control_id=control_id
        )
        payments.accept(self.session, [asked], now_ms=NOW_MS, today=day)
        if credited:
            payments.credit(self.session, today=day)

    def cancel(self, reference: str) -> None:
        """Undo a tender; the ledger hears of it."""
        tender = tenders.tender(self.session, self.contract_id, reference, lock=True)
        assert tender is not None
        payments.cancel(self.session, tender, payments.Cancellation(TenderEvent.CANCEL, 5, NOW_MS + 1, DAY))
        payments.credit(self.session, today=DAY)

    def say(
        self,
        reference: str,
        amount: int,
        state: StatementState = StatementState.PERFORMED,
        *,
        day: date = DAY,
        source: StatementSource = StatementSource.GATEWAY,
    ) -> None:
        """Let a statement say something."""
        moment = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
        statements.keep(self.session, self.contract_id, source, [GoodRow(reference, amount, state, moment, day)])

    def compare(self, day: date = DAY, now: datetime = NOW) -> dict[TransactionVerdict, int]:
        """Compare a day, and return how many transactions have each verdict."""
        totals = service.reconcile(self.session, self.contract_id, day, now=now)
        self.session.expire_all()
        return {verdict: total.rows for verdict, total in totals.items() if total.rows}

    def row(self, reference: str) -> ReconciliationRow:
        """Return a transaction that was not equal."""
        statement = select(ReconciliationRow).where(
            ReconciliationRow.payment_contract_id == self.contract_id, ReconciliationRow.reference == reference
        )
        return self.session.execute(statement).scalar_one()

    def found(self, day: date = DAY) -> Reconciliation:
        """Return a day that was compared."""
        statement = select(Reconciliation).where(Reconciliation.payment_contract_id == self.contract_id, Reconciliation.business_day == day)
        return self.session.execute(statement).scalar_one()

    def asked_now(self, now: datetime) -> int:
        """Count that what is due was asked about, and return how many it was."""
        rows = service.due(self.session, now=now)
        service.mark_asked(self.session, [row.id for row in rows])
        return len(rows)

    def count(self, table: str) -> Any:
        """Return how many rows of the contract a table has."""
        statement = text(f"SELECT count(*) FROM {table} WHERE payment_contract_id = :id")
        return self.session.scalar(statement, {"id": self.contract_id})


@pytest.fixture
def scenario(session: Session) -> Scenario:
    return Scenario(session)


def test_day_is_compared_three_ways(scenario: Scenario) -> None:
    for reference in ("equal", "dearer", "undone", "only-ours"):
        scenario.take(reference, 1_000_000)
    scenario.take("late", 500_000, credited=False)
    for reference, amount in (("equal", 1_000_000), ("dearer", 1_100_000), ("late", 500_000), ("only-theirs", 700_000)):
        scenario.say(reference, amount)
    scenario.say("undone", 1_000_000, StatementState.CANCELLED)
    scenario.say("2026-03-03", 3_267_000, source=StatementSource.BANK)

    counts = scenario.compare()

    assert counts == {
        TransactionVerdict.EQUAL: 1,
        TransactionVerdict.ONLY_THEIRS: 1,
        TransactionVerdict.ONLY_OURS: 1,
        TransactionVerdict.IN_DOUBT: 3,
    }
    reasons = {name: scenario.row(name).doubt_reason for name in ("dearer", "late", "undone", "only-ours", "only-theirs")}
    assert reasons == {
        "dearer": DoubtReason.AMOUNT, "late": DoubtReason.NOT_CREDITED, "undone": DoubtReason.STATE, "only-ours": None, "only-theirs": None,
    }  # fmt: skip
    day = scenario.found()
    assert (day.theirs_tiyin, day.ours_tiyin, day.ledger_tiyin) == (3_300_000, 4_500_000, 4_000_000)
    assert (day.equal_tiyin, day.only_theirs_tiyin, day.only_ours_tiyin, day.in_doubt_tiyin) == (1_000_000, 700_000, 1_000_000, 2_600_000)
    assert (day.expected_tiyin, day.bank_tiyin) == (3_267_000, 3_267_000)


def test_comparing_again_changes_nothing(scenario: Scenario) -> None:
    scenario.take("1", 1_000_000)
    scenario.say("2", 1_000_000)
    first = scenario.compare()
    audited = text("SELECT count(*) FROM audit_entry WHERE table_name = 'reconciliation_row'")
    before = scenario.session.scalar(audited)

    again = scenario.compare(now=NOW + HOUR)

    assert again == first
    assert (scenario.count("reconciliation"), scenario.count("reconciliation_row")) == (1, 2)
    assert (scenario.row("2").appeared_at, scenario.row("2").next_ask_at) == (NOW, NOW + FIVE_MINUTES)
    assert scenario.session.scalar(audited) == before


def test_day_without_a_statement_is_not_compared(scenario: Scenario) -> None:
    scenario.take("1", 1_000_000)

    with pytest.raises(service.NoStatement):
        scenario.compare()

    assert (scenario.count("reconciliation"), scenario.count("reconciliation_row")) == (0, 0)


def test_what_becomes_equal_is_settled(scenario: Scenario) -> None:
    scenario.take("1", 1_000_000, credited=False)
    scenario.say("1", 1_000_000)
    assert scenario.compare() == {TransactionVerdict.IN_DOUBT: 1}
    payments.credit(scenario.session, today=DAY)

    assert scenario.compare() == {TransactionVerdict.EQUAL: 1}

    row = scenario.row("1")
    assert (row.status, row.verdict, row.doubt_reason, row.next_ask_at) == (
        ReconciliationStatus.SETTLED,
        TransactionVerdict.EQUAL,
        None,
        None,
    )


def test_what_was_settled_and_differs_anew_is_asked_about_anew(scenario: Scenario) -> None:
    scenario.take("1", 1_000_000, credited=False)
    scenario.say("1", 1_000_000)
    scenario.compare()
    payments.credit(scenario.session, today=DAY)
    scenario.compare()
    scenario.cancel("1")

    scenario.compare(now=NOW + HOUR)

    row = scenario.row("1")
    assert (row.status, row.doubt_reason, row.asked_times) == (ReconciliationStatus.WAITS, DoubtReason.STATE, 0)
    assert (row.appeared_at, row.next_ask_at) == (NOW + HOUR, NOW + HOUR + FIVE_MINUTES)


def test_payment_over_midnight_belongs_to_the_day_of_the_statement(scenario: Scenario) -> None:
    scenario.take("over", 1_000_000, day=NEXT)
    scenario.take("other", 1_000_000, day=NEXT)
    scenario.say("other", 1_000_000, day=NEXT)
    assert scenario.compare(NEXT) == {TransactionVerdict.EQUAL: 1, TransactionVerdict.ONLY_OURS: 1}
    scenario.say("over", 1_000_000, day=DAY)

    assert scenario.compare(DAY) == {TransactionVerdict.EQUAL: 1}
    assert scenario.compare(NEXT) == {TransactionVerdict.EQUAL: 1}

    assert (scenario.row("over").status, scenario.row("over").business_day) == (ReconciliationStatus.SETTLED, DAY)


def test_newer_statement_stands_and_its_change_is_audited(scenario: Scenario) -> None:
    scenario.say("1", 1_000_000)

    scenario.say("1", 1_000_000, StatementState.CANCELLED)

    assert scenario.count("statement_row") == 1
    row = scenario.session.execute(
        text("SELECT operation, before ->> 'state', after ->> 'state' FROM audit_entry WHERE table_name = 'statement_row' ORDER BY id DESC")
    ).first()
    assert tuple(row or ()) == ("UPDATE", "PERFORMED", "CANCELLED")


@pytest.mark.parametrize(
    ("line", "column", "fault"),
    [
        (("", "1", "paid", "2026-03-03"), "reference", RowFault.EMPTY),
        (("x" * 65, "1", "paid", "2026-03-03"), "reference", RowFault.BREAKS_RULE),
        (("2", "one", "paid", "2026-03-03"), "amount_tiyin", RowFault.NOT_A_NUMBER),
        (("2", "", "paid", "2026-03-03"), "amount_tiyin", RowFault.EMPTY),
        (("2", "99999999999999", "paid", "2026-03-03"), "amount_tiyin", RowFault.TOO_LARGE),
        (("2", "0", "paid", "2026-03-03"), "amount_tiyin", RowFault.BREAKS_RULE),
        (("2", "-5", "paid", "2026-03-03"), "amount_tiyin", RowFault.BREAKS_RULE),
        (("2", "1", "perhaps", "2026-03-03"), "state", RowFault.NOT_A_MEMBER),
        (("2", "1", "", "2026-03-03"), "state", RowFault.EMPTY),
        (("2", "1", "paid", "yesterday"), "happened_at", RowFault.NOT_A_MOMENT),
        (("2", "1", "paid", "2026-02-30 00:00:00"), "happened_at", RowFault.NOT_A_MOMENT),
        (("2", "1", "paid", ""), "happened_at", RowFault.EMPTY),
        (("1", "1", "paid", "2026-03-03"), "reference", RowFault.REPEATED),
    ],
)
def test_bad_row_is_named_by_its_column_and_good_ones_go_on(line: tuple[str, str, str, str], column: str, fault: RowFault) -> None:
    good, refused = statements.checked(
        [ProviderStatementLine(2, "1", "1 000,50", "Проведён", "03.03.2026 23:59:59"), ProviderStatementLine(3, *line)]
    )

    moment = datetime(2026, 3, 3, 18, 59, 59, tzinfo=UTC)
    assert good == [GoodRow("1", 100_050, StatementState.PERFORMED, moment, DAY)]
    assert [row[:3] for row in refused] == [(3, column, fault)]


def test_file_of_a_statement_is_read_by_the_names_of_its_columns() -> None:
    content = "Сумма;Статус;Номер транзакции;Дата и время\n1000,50;успешно;'77;2026-03-03 10:00:00\n".encode("cp1251")

    assert parse_statement(content, "statement.csv") == [ProviderStatementLine(2, "'77", "1000,50", "успешно", "2026-03-03 10:00:00")]


def test_what_differs_is_asked_about_three_times_and_then_left_to_people(scenario: Scenario) -> None:
    scenario.say("1", 1_000_000)
    scenario.compare()
    seen = []
    for after in (FIVE_MINUTES, HOUR, timedelta(days=1)):
        assert scenario.asked_now(NOW + after - timedelta(seconds=1)) == 0
        seen.append((scenario.asked_now(NOW + after), scenario.row("1").asked_times, scenario.row("1").status))

    assert seen == [(1, 1, ReconciliationStatus.WAITS), (1, 2, ReconciliationStatus.WAITS), (1, 3, ReconciliationStatus.NEEDS_PERSON)]
    assert scenario.asked_now(NOW + timedelta(days=400)) == 0


def test_answer_of_a_provider_changes_the_state_its_statement_tells_and_makes_no_row(scenario: Scenario) -> None:
    scenario.take("1", 1_000_000)
    scenario.take("2", 1_000_000)
    scenario.cancel("1")
    scenario.say("1", 1_000_000)
    scenario.compare()
    rows = service.due(scenario.session, now=NOW + FIVE_MINUTES)

    for row in rows:
        service.record_reply(scenario.session, row, StatementState.CANCELLED, "CANCELLED \0\ud800")

    assert scenario.compare() == {TransactionVerdict.EQUAL: 1, TransactionVerdict.ONLY_OURS: 1}
    assert scenario.row("2").answer == "CANCELLED ?"


def test_person_decides_with_a_remark_and_the_decision_holds(scenario: Scenario) -> None:
    scenario.say("1", 1_000_000)
    scenario.compare()

    service.decide(scenario.session, scenario.row("1").id, Decision.THEIRS_HOLDS, by="user", remark="letter no. 5", now=NOW)
    scenario.compare(now=NOW + HOUR)

    row = scenario.row("1")
    assert (row.status, row.decision, row.decided_by, row.remark) == (
        ReconciliationStatus.DECIDED, Decision.THEIRS_HOLDS, "user", "letter no. 5",
    )  # fmt: skip
    assert service.due(scenario.session, now=NOW + HOUR) == []


def test_decision_falls_when_what_it_was_about_has_changed(scenario: Scenario) -> None:
    scenario.say("1", 1_000_000)
    scenario.compare()
    service.decide(scenario.session, scenario.row("1").id, Decision.THEIRS_HOLDS, by="user", remark="letter", now=NOW)
    scenario.say("1", 2_000_000)

    scenario.compare(now=NOW + HOUR)

    assert (scenario.row("1").status, scenario.row("1").decision) == (ReconciliationStatus.WAITS, None)


def test_nothing_is_decided_about_what_is_equal(scenario: Scenario) -> None:
    scenario.take("1", 1_000_000, credited=False)
    scenario.say("1", 1_000_000)
    scenario.compare()
    payments.credit(scenario.session, today=DAY)
    scenario.compare()

    with pytest.raises(service.DecisionRefused):
        service.decide(scenario.session, scenario.row("1").id, Decision.OURS_HOLDS, by="user", remark="letter", now=NOW)


def test_statement_is_loaded_and_a_day_compared_by_jobs_of_the_company(scenario: Scenario) -> None:
    contract = scenario.contract_id

    jobs = [
        service.start_load(scenario.session, contract, file_id=7, source="mail"),
        service.start_comparison(scenario.session, contract, DAY),
    ]

    rows = scenario.session.execute(text("SELECT id, kind, parameters FROM job_run ORDER BY id")).all()
    assert [*map(tuple, rows)] == [
        (jobs[0], "RECONCILE", {"contract_id": contract, "file_id": 7, "source": "mail"}),
        (jobs[1], "RECONCILE", {"contract_id": contract, "day": DAY.isoformat()}),
    ]


def test_round_of_questions_is_started_once_while_something_is_due(scenario: Scenario) -> None:
    scenario.say("1", 1_000_000)
    scenario.compare()

    early = service.start_round(scenario.session, now=NOW)
    first, second = (service.start_round(scenario.session, now=NOW + FIVE_MINUTES) for _ in range(2))

    assert (early, second) == (None, None)
    assert first is not None
