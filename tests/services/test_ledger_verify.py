"""The proof of the books finds every kind of planted error, and nothing where there is none."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from subprocess import CompletedProcess
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.domain.payments.channels import Channel
from app.models.payments import PaymentContract
from app.queries import ledger
from app.queries.ledger import Drift
from app.services import payments
from app.services.payments import MoneyReceived, TenderRequest, controls
from tests import commands
from tests.begun import begun, undone
from tests.builders import bill_month, make_district, make_home, read
from tests.databases import environment, fresh_database

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)

BILL_LINES, BILL_VAT, BILL_ENERGY = "bill amount = sum of its lines", "bill VAT = sum of its lines", "bill energy = sum of its lines"
BILL_ENTRIES, PAYMENT_ENTRIES = "bill amount = its ledger entries", "payment amount = its ledger entries"
DOCUMENT, DEBT = "entry has its document", "debt = bill − allocations"
POSITION_ENTRIES, POSITION_DEBTS = "position debt = receivable entries", "position debt = open debts"
ADVANCE, LAST = "position advance = advance entries", "last closing = debt − advance"
CHARGES, PAID, MONTH = "month's charges = entries", "month's payments = entries", "entries have their month"
VAT_ENTRIES, ALLOCATIONS = "bill VAT = its ledger entries", "allocations of a payment = its receivable entries"
ADJUSTED, NEWEST = "month's adjustments = entries", "position = newest live bill"
OPENING, TURNOVER = "opening = closing of the month before", "turnover = entries"
CREDITED, SUSPENSE = "credited tender = the payment that stands", "money in suspense = its entries"
MULTIPLIER = "multiplier of a bill's energy = its meter installation's"
WITHOUT_METER = "supplies without a meter = those that are kept"
DEBTS_BY_DAY = "debts by due day = open debts"
BILL_MONTH = "what is of a bill has its month"
CLOSED, COUNTED = "closed control = its tenders", "closed control = what was counted"

#: What is planted, and the rules that must find it: (rule, row).
ERRORS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "bill amount changed": (
        "UPDATE bill SET amount_tiyin = amount_tiyin + 1 WHERE id = {bill}",
        [(BILL_LINES, "bill {bill}"), (BILL_ENTRIES, "bill {bill}"), (DEBT, "bill {bill}")],
    ),
    "bill VAT changed": (
        "UPDATE bill SET vat_tiyin = vat_tiyin - 1 WHERE id = {bill}",
        [(BILL_VAT, "bill {bill}"), (VAT_ENTRIES, "bill {bill}")],
    ),
    "bill energy changed": ("UPDATE bill SET quantity_milli = 0 WHERE id = {bill}", [(BILL_ENERGY, "bill {bill}")]),
    "line amount changed": (
        "UPDATE bill_line SET amount_tiyin = amount_tiyin - 1 WHERE bill_id = {bill} AND line_no = 1",
        [(BILL_LINES, "bill {bill}")],
    ),
    "line VAT changed": ("UPDATE bill_line SET vat_tiyin = 0 WHERE bill_id = {bill} AND line_no = 2", [(BILL_VAT, "bill {bill}")]),
    "line energy changed": (
        "UPDATE bill_line SET quantity_milli = quantity_milli + 1000 WHERE bill_id = {bill} AND line_no = 2",
        [(BILL_ENERGY, "bill {bill}")],
    ),
    "current transformer changed under a bill": (
        (
            "UPDATE meter_installation SET ct_primary = 100, ct_secondary = 5 FROM reading WHERE meter_installation.id = "
            "reading.meter_installation_id AND reading.account_id = {debtor} AND reading.kind = 'INITIAL'"
        ),
        [(MULTIPLIER, "bill {bill}")],
    ),
    "line deleted": (
        "DELETE FROM bill_line WHERE bill_id = {bill} AND line_no = 2",
        [(BILL_LINES, "bill {bill}"), (BILL_VAT, "bill {bill}"), (BILL_ENERGY, "bill {bill}")],
    ),
    "payment amount changed": (
        "UPDATE payment SET amount_tiyin = amount_tiyin + 1 WHERE id = {payment}",
        [(PAYMENT_ENTRIES, "payment {payment}")],
    ),
    "entry of a bill deleted": (
        "DELETE FROM ledger_entry WHERE document_kind = 'BILL' AND document_id = {bill} AND credit = 'VAT'",
        [
            (VAT_ENTRIES, "bill {bill}"),
            (BILL_ENTRIES, "bill {bill}"),
            (POSITION_ENTRIES, "account {debtor}"),
            (CHARGES, "account_balance {debtor} 2026-01-01"),
            (TURNOVER, "division_turnover {division} 2026-01-01"),
        ],
    ),
    "entry of a payment changed": (
        "UPDATE ledger_entry SET amount_tiyin = amount_tiyin + 1 WHERE document_kind = 'PAYMENT' AND document_id = {payment}",
        [
            (ALLOCATIONS, "payment {payment}"),
            (PAYMENT_ENTRIES, "payment {payment}"),
            (POSITION_ENTRIES, "account {debtor}"),
            (PAID, "account_balance {debtor} 2026-02-01"),
            (TURNOVER, "division_turnover {division} 2026-02-01"),
        ],
    ),
    "entry of an advance changed": (
        "UPDATE ledger_entry SET amount_tiyin = 1 WHERE document_kind = 'PAYMENT' AND document_id = {overpayment} AND credit = 'ADVANCE'",
        [
            (PAYMENT_ENTRIES, "payment {overpayment}"),
            (ADVANCE, "account {saver}"),
            (PAID, "account_balance {saver} 2026-02-01"),
            (TURNOVER, "division_turnover {division} 2026-02-01"),
        ],
    ),
    "entry turned round": (
        "UPDATE ledger_entry SET debit = credit, credit = debit WHERE document_kind = 'PAYMENT' AND document_id = {payment}",
        [
            (ALLOCATIONS, "payment {payment}"),
            (POSITION_ENTRIES, "account {debtor}"),
            (PAID, "account_balance {debtor} 2026-02-01"),
            (TURNOVER, "division_turnover {division} 2026-02-01"),
        ],
    ),
    "entry without its document": (
        "UPDATE ledger_entry SET document_id = {nobody} WHERE document_kind = 'PAYMENT' AND document_id = {payment}",
        [(ALLOCATIONS, "payment {payment}"), (PAYMENT_ENTRIES, "payment {payment}"), (DOCUMENT, "ledger_entry {entry}")],
    ),
    "entry in another month": (
        "UPDATE ledger_entry SET billing_month = '2026-01-01' WHERE document_kind = 'PAYMENT' AND document_id = {payment}",
        [
            (PAID, "account_balance {debtor} 2026-01-01"),
            (PAID, "account_balance {debtor} 2026-02-01"),
            (TURNOVER, "division_turnover {division} 2026-01-01"),
            (TURNOVER, "division_turnover {division} 2026-02-01"),
        ],
    ),
    "month of a line changed": (
        "UPDATE bill_line SET billing_month = '2026-02-01' WHERE bill_id = {bill} AND line_no = 2",
        [(BILL_MONTH, "bill_line of bill {bill}"), (BILL_LINES, "bill {bill}"), (BILL_VAT, "bill {bill}"), (BILL_ENERGY, "bill {bill}")],
    ),
    "month of a bill's energy changed": (
        "UPDATE consumption SET billing_month = '2026-02-01' WHERE bill_id = {bill}",
        [(BILL_MONTH, "consumption of bill {bill}")],
    ),
    "month of a debt changed": (
        "UPDATE debt SET billing_month = '2026-02-01' WHERE bill_id = {bill}",
        [(BILL_MONTH, "debt of bill {bill}"), (DEBT, "bill {bill}")],
    ),
    "month of an allocation changed": (
        "UPDATE allocation SET bill_month = '2026-02-01' WHERE payment_id = {payment}",
        [(BILL_MONTH, "allocation of bill {bill}"), (DEBT, "bill {bill}")],
    ),
    "month of a payment changed in its entry": (
        "UPDATE ledger_entry SET document_month = '2026-01-01' WHERE document_kind = 'PAYMENT' AND document_id = {payment}",
        [(DOCUMENT, "ledger_entry {entry}")],
    ),
    "supply kept as one without a meter": (
        "INSERT INTO unmetered_supply SELECT id, division_id, valid_from FROM supply WHERE id = {supply}",
        [(WITHOUT_METER, "supply {supply}")],
    ),
    "debt deleted": (
        "DELETE FROM debt WHERE bill_id = {bill}",
        [(DEBT, "bill {bill}"), (POSITION_DEBTS, "account {debtor}"), (DEBTS_BY_DAY, "debt_total {division} HOUSEHOLD {due}")],
    ),
    "sum of debts changed": (
        "UPDATE debt_total SET remaining_tiyin = remaining_tiyin + 1 WHERE division_id = {division} AND debts > 0",
        [(DEBTS_BY_DAY, "debt_total {division} HOUSEHOLD {due}")],
    ),
    "count of debts changed": (
        "UPDATE debt_total SET debts = debts + 1 WHERE division_id = {division} AND debts > 0",
        [(DEBTS_BY_DAY, "debt_total {division} HOUSEHOLD {due}")],
    ),
    "sum of debts put to the other kind of consumers": (
        "UPDATE debt_total SET consumer_kind = 'LEGAL' WHERE division_id = {division} AND debts > 0",
        [(DEBTS_BY_DAY, "debt_total {division} HOUSEHOLD {due}"), (DEBTS_BY_DAY, "debt_total {division} LEGAL {due}")],
    ),
    "debt changed": (
        "UPDATE debt SET remaining_tiyin = remaining_tiyin + 1 WHERE bill_id = {bill}",
        [(DEBT, "bill {bill}"), (POSITION_DEBTS, "account {debtor}"), (DEBTS_BY_DAY, "debt_total {division} HOUSEHOLD {due}")],
    ),
    "allocation changed": (
        "UPDATE allocation SET amount_tiyin = amount_tiyin - 1 WHERE payment_id = {payment}",
        [(DEBT, "bill {bill}"), (ALLOCATIONS, "payment {payment}")],
    ),
    "allocation deleted": (
        "DELETE FROM allocation WHERE payment_id = {payment}",
        [(DEBT, "bill {bill}"), (ALLOCATIONS, "payment {payment}")],
    ),
    "position's debt changed": (
        "UPDATE account_position SET debt_tiyin = debt_tiyin - 1 WHERE account_id = {debtor}",
        [(POSITION_ENTRIES, "account {debtor}"), (POSITION_DEBTS, "account {debtor}"), (LAST, "account {debtor}")],
    ),
    "position's advance changed": (
        "UPDATE account_position SET advance_tiyin = advance_tiyin + 1 WHERE account_id = {saver}",
        [(ADVANCE, "account {saver}"), (LAST, "account {saver}")],
    ),
    "position's last day changed": (
        "UPDATE account_position SET billed_to = billed_to + 1 WHERE account_id = {debtor}",
        [(NEWEST, "account {debtor}")],
    ),
    "month's charges changed": (
        (
            "UPDATE account_balance SET charged_tiyin = charged_tiyin + 1, adjusted_tiyin = -1 "
            "WHERE account_id = {debtor} AND billing_month = '2026-01-01'"
        ),
        [(CHARGES, "account_balance {debtor} 2026-01-01"), (ADJUSTED, "account_balance {debtor} 2026-01-01")],
    ),
    "month's payments changed": (
        (
            "UPDATE account_balance SET paid_tiyin = paid_tiyin - 1, adjusted_tiyin = -1 "
            "WHERE account_id = {saver} AND billing_month = '2026-02-01'"
        ),
        [(PAID, "account_balance {saver} 2026-02-01"), (ADJUSTED, "account_balance {saver} 2026-02-01")],
    ),
    "opening changed": (
        (
            "UPDATE account_balance SET opening_tiyin = opening_tiyin - 1, adjusted_tiyin = 1 "
            "WHERE account_id = {debtor} AND billing_month = '2026-02-01'"
        ),
        [(OPENING, "account_balance {debtor} 2026-02-01"), (ADJUSTED, "account_balance {debtor} 2026-02-01")],
    ),
    "closing changed": (
        (
            "UPDATE account_balance SET closing_tiyin = closing_tiyin - 1, adjusted_tiyin = -1 "
            "WHERE account_id = {debtor} AND billing_month = '2026-02-01'"
        ),
        [(LAST, "account {debtor}"), (ADJUSTED, "account_balance {debtor} 2026-02-01")],
    ),
    "first month deleted": (
        "DELETE FROM account_balance WHERE account_id = {debtor} AND billing_month = '2026-01-01'",
        [(MONTH, "account_balance {debtor} 2026-01-01"), (OPENING, "account_balance {debtor} 2026-02-01")],
    ),
    "last month deleted": (
        "DELETE FROM account_balance WHERE account_id = {debtor} AND billing_month = '2026-02-01'",
        [(MONTH, "account_balance {debtor} 2026-02-01"), (LAST, "account {debtor}")],
    ),
    "turnover's charges changed": (
        "UPDATE division_turnover SET charged_tiyin = charged_tiyin + 1 WHERE division_id = {division} AND billing_month = '2026-01-01'",
        [(TURNOVER, "division_turnover {division} 2026-01-01")],
    ),
    "turnover's debt changed": (
        "UPDATE division_turnover SET debt_change_tiyin = 0 WHERE division_id = {division} AND billing_month = '2026-02-01'",
        [(TURNOVER, "division_turnover {division} 2026-02-01")],
    ),
    "tender changed": (
        "UPDATE tender SET amount_tiyin = amount_tiyin + 1 WHERE id = {tender}",
        [(CREDITED, "tender {tender}"), (CLOSED, "payment_control {control}")],
    ),
    "tender waits though it is credited": ("UPDATE tender SET waiting = true WHERE id = {tender}", [(CREDITED, "tender {tender}")]),
    "tender of another account": ("UPDATE tender SET account_id = {saver} WHERE id = {tender}", [(CREDITED, "tender {tender}")]),
    "entry of suspense deleted": ("DELETE FROM control_entry WHERE tender_id = {suspended}", [(SUSPENSE, "tender {suspended}")]),
    "closed control changed": (
        "UPDATE payment_control SET received_tiyin = received_tiyin - 1 WHERE id = {control}",
        [(CLOSED, "payment_control {control}"), (COUNTED, "payment_control {control}")],
    ),
    "entry of what was short deleted": (
        "DELETE FROM control_entry WHERE payment_control_id = {control} AND debit = 'OVER_SHORT'",
        [(COUNTED, "payment_control {control}")],
    ),
    "commission changed": (
        "UPDATE control_entry SET amount_tiyin = amount_tiyin + 1 WHERE payment_control_id = {control} AND debit = 'COMMISSION'",
        [(COUNTED, "payment_control {control}")],
    ),
    "turnover deleted": (
        "DELETE FROM division_turnover WHERE division_id = {division} AND billing_month = '2026-02-01'",
        [(TURNOVER, "division_turnover {division} 2026-02-01")],
    ),
}

#: Errors that leave every difference and every total of a document as it was.
BALANCED_ERRORS: dict[str, tuple[str, str]] = {
    "turnover's charges and payments raised alike": (
        (
            "UPDATE division_turnover SET charged_tiyin = charged_tiyin + 7, paid_tiyin = paid_tiyin + 7 "
            "WHERE division_id = {division} AND billing_month = '2026-01-01'"
        ),
        "division_turnover {division} 2026-01-01",
    ),
    "position deleted": ("DELETE FROM account_position WHERE account_id = {debtor}", "account {debtor}"),
    "VAT posted as revenue": (
        "UPDATE ledger_entry SET credit = 'REVENUE' WHERE document_kind = 'BILL' AND document_id = {bill} AND credit = 'VAT'",
        "bill {bill}",
    ),
    "allocation moved to another payment": (
        "UPDATE allocation SET payment_id = {overpayment} WHERE payment_id = {payment}",
        "payment {payment}",
    ),
}


def small_world(session: Session) -> dict[str, Any]:
    """A debtor who paid a part of a bill of two lines, and a saver who paid more than his; return the ids by name."""
    district = make_district(session)
    debtor, saver = make_home(session, district, 1), make_home(session, district, 2)
    read(session, debtor, date(2026, 1, 31), 1310)
    read(session, saver, date(2026, 1, 31), 1100)
    bill_month(session, district.id, JAN)
    payment = payments.book(session, MoneyReceived(Channel.CASHIER, "a", debtor.account_id, 5_000_000), received_on=date(2026, 2, 2))
    overpayment = payments.book(session, MoneyReceived(Channel.PAYME, "b", saver.account_id, 10_000_000), received_on=date(2026, 2, 3))
    bill = session.scalar(text("SELECT id FROM bill WHERE account_id = :id"), {"id": debtor.account_id})
    entry = session.scalar(text("SELECT id FROM ledger_entry WHERE document_kind = 'PAYMENT' AND document_id = :id"), {"id": payment})
    return _closed_day(session, make_home(session, district, 3).number) | {
        "division": district.id,
        "debtor": debtor.account_id,
        "saver": saver.account_id,
        "bill": int(bill or 0),
        "supply": session.scalar(text("SELECT id FROM supply WHERE account_id = :id"), {"id": debtor.account_id}),
        "payment": payment,
        "overpayment": overpayment,
        "entry": int(entry or 0),
        "nobody": 10**9,
        "due": session.scalar(text("SELECT due_on FROM bill WHERE id = :id"), {"id": bill}),
    }


def _closed_day(session: Session, number: str) -> dict[str, int]:
    """A provider's day with a tender that is credited and one in suspense, a commission, and something short."""
    day, contract = date(2026, 2, 4), PaymentContract(channel=Channel.PAYNET, name="P", merchant_number="1", commission_percent=1)
    session.add(contract)
    session.flush()
    control_id = payments.day_control(session, contract.id, day)
    asked = [TenderRequest(contract.id, key, number, 2_000_000, 1, is_performed=True, control_id=control_id) for key in ("known", "lost")]
    tender, suspended = [taken.tender.id for taken in payments.accept(session, asked, now_ms=2, today=day) if taken.tender]
    session.execute(text("UPDATE tender SET account_id = NULL, waiting = false WHERE id = :id"), {"id": suspended})
    controls.enter_suspense(session, suspended, on=day, reason="unknown")
    payments.credit(session, today=day)
    payments.count(session, control_id, counted_tiyin=3_900_000, by="first", today=date(2026, 2, 5))
    payments.close(session, control_id, by="second", now=datetime(2026, 2, 5, tzinfo=UTC), today=date(2026, 2, 5))
    return {"tender": tender, "suspended": suspended, "control": control_id}


def plant(session: Session, statement: str) -> None:
    """Change a row past the guards, as only the cluster's owner can."""
    session.execute(text("RESET ROLE"))
    for table in (
        "bill",
        "consumption",
        "debt",
        "bill_line",
        "payment",
        "allocation",
        "ledger_entry",
        "tender",
        "payment_control",
        "control_entry",
        "meter_installation",
    ):
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    assert session.execute(text(statement)).rowcount == 1  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def world(engine: Engine) -> Iterator[tuple[Connection, dict[str, Any]]]:
    """A small world and its ids."""
    with begun(engine, small_world) as made:
        yield made


@pytest.fixture
def session(world: tuple[Connection, dict[str, Any]]) -> Iterator[Session]:
    """A session in the small world."""
    with undone(world[0]) as session:
        yield session


@pytest.fixture
def ids(world: tuple[Connection, dict[str, Any]]) -> dict[str, Any]:
    """The ids of the small world."""
    return world[1]


def test_healthy_books_have_no_drift(session: Session) -> None:
    assert ledger.drifts(session) == []


@pytest.mark.parametrize("error", ERRORS)
def test_planted_error_is_reported_by_its_rules_and_no_others(session: Session, ids: dict[str, Any], error: str) -> None:
    statement, expected = ERRORS[error]
    plant(session, statement.format(**ids))

    found = {(drift.rule, drift.row) for drift in ledger.drifts(session)}

    assert found == {(rule, row.format(**ids)) for rule, row in expected}


@pytest.mark.parametrize("error", BALANCED_ERRORS)
def test_planted_error_that_keeps_the_sums_is_reported(session: Session, ids: dict[str, Any], error: str) -> None:
    statement, row = BALANCED_ERRORS[error]
    plant(session, statement.format(**ids))

    found = {drift.row for drift in ledger.drifts(session)}

    assert row.format(**ids) in found


def test_drift_tells_what_is_stored_and_what_it_should_be(session: Session, ids: dict[str, Any]) -> None:
    plant(session, f"UPDATE debt SET remaining_tiyin = 42 WHERE bill_id = {ids['bill']}")

    found = ledger.drifts(session)

    assert found == [
        Drift(DEBT, f"bill {ids['bill']}", 42, 15_800_000),
        Drift(POSITION_DEBTS, f"account {ids['debtor']}", 15_800_000, 42),
        Drift(DEBTS_BY_DAY, f"debt_total {ids['division']} HOUSEHOLD {ids['due']}", 15_800_000, 42),
    ]


def test_report_is_cut_at_the_wanted_number_a_rule(session: Session, ids: dict[str, Any]) -> None:
    session.execute(text("RESET ROLE"))
    session.execute(text("ALTER TABLE bill DISABLE TRIGGER USER"))
    session.execute(text("UPDATE bill SET vat_tiyin = 0 WHERE division_id = :id"), {"id": ids["division"]})

    assert len(ledger.drifts(session)) == 2 * 2  # two bills, each found by two rules
    assert len(ledger.drifts(session, limit=1)) == 2


def verify(url: str, redis_url: str) -> CompletedProcess[str]:
    return commands.flask("ledger", "verify", "--json", environ=environment(url, redis_url))


def test_command_finds_no_drift_in_the_town(demo_url: str, servers: tuple[str, str]) -> None:
    done = verify(demo_url, servers[1])

    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"], report["drifts"]) == (0, True, [])
    assert report["bills"] > 100
    assert report["entries"] > report["bills"]


@pytest.fixture(scope="module")
def hamlet(servers: tuple[str, str]) -> tuple[str, int]:
    """A small world in a database of its own, with a planted error, and the bill it is in."""
    url = fresh_database(servers[0], "pc_billing_hamlet")
    engine = create_engine(config.database_url(url), poolclass=NullPool)
    with Session(engine) as session:
        bill = small_world(session)["bill"]
        plant(session, f"UPDATE bill SET vat_tiyin = vat_tiyin + 5 WHERE id = {bill}")
        session.commit()
    return url, bill


def test_command_fails_and_names_the_row_that_differs(hamlet: tuple[str, int], servers: tuple[str, str]) -> None:
    url, bill = hamlet

    done = verify(url, servers[1])

    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"]) == (1, False)
    assert [(drift["rule"], drift["row"], drift["stored"] - drift["computed"]) for drift in report["drifts"]] == [
        (BILL_VAT, f"bill {bill}", 5),
        (VAT_ENTRIES, f"bill {bill}", 5),
    ]
