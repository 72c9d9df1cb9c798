from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError
from sqlalchemy.orm import Session

from app.domain.metering import ReadingKind
from app.domain.payments.channels import Channel
from app.domain.runs import RunEvent, RunStatus
from app.models.billing import BillException
from app.queries import ledger, tariffs
from app.services import billing, payments, runs
from app.services.billing import exceptions
from app.services.payments import MoneyReceived
from tests.builders import bill_month, install, make_district, make_home, owed, read

JAN, FEB, MARCH, APRIL = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


def lines_of(session: Session, account_id: int, month: date) -> list[tuple[str, int, int, int]]:
    rows = session.execute(
        text(
            "SELECT l.kind, l.block_no, l.quantity_milli / 1000, l.amount_tiyin FROM bill_line l JOIN bill b ON b.id = l.bill_id "
            "WHERE b.account_id = :id AND b.billing_month = :month ORDER BY l.line_no"
        ),
        {"id": account_id, "month": month},
    )
    return [tuple(row) for row in rows]


def test_month_is_billed_by_blocks_with_vat_inside(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 25), 1310)

    bill_month(session, home.division_id, JAN)

    assert lines_of(session, home.account_id, JAN) == [("CHARGE", 1, 200, 12_000_000), ("CHARGE", 2, 110, 8_800_000)]
    assert owed(session, home) == (20_800_000, 0)
    vat = session.scalar(text("SELECT vat_tiyin FROM bill WHERE account_id = :id"), {"id": home.account_id})
    assert vat == 1_285_714 + 942_857
    assert [str(rate) for rate in session.scalars(text("SELECT rate FROM bill_line ORDER BY line_no"))] == ["600.0000", "800.0000"]
    assert ledger.drifts(session) == []


def test_preview_tells_what_posting_will_do_and_which_bills_change_most(session: Session) -> None:
    district = make_district(session)
    home, other = make_home(session, district), make_home(session, district, 2)
    read(session, home, date(2026, 1, 31), 1100)
    read(session, other, date(2026, 1, 31), 1050)
    run = billing.open_run(session, division_id=district.id, month=JAN, today=FEB)

    *_, (found, looked_at) = billing.preview_steps(session, run, tariffs.prices(session), billing.policy_on(session, FEB))
    billing.finish_preview(session, run, found)

    assert looked_at == 2
    assert found.totals[:4] == (2, 0, 150_000, 9_000_000)
    assert found.by_block == {"1": [150_000, 9_000_000]}
    assert run.preview["changes"] == [[home.number, 0, 6_000_000, home.account_id], [other.number, 0, 3_000_000, other.account_id]]
    assert (run.bills, run.parked, run.quantity_milli, run.amount_tiyin) == found.totals[:4]
    assert billing.begin_posting(session, run.id) is run
    assert (run.status, run.bills, run.amount_tiyin) == (RunStatus.POSTING, 0, 0)


def test_preview_notes_what_was_found_before_anything_is_posted(session: Session) -> None:
    home = make_home(session, make_district(session))
    run = billing.open_run(session, division_id=home.division_id, month=JAN, today=FEB)

    assert len([*billing.preview_steps(session, run, tariffs.prices(session), billing.policy_on(session, FEB))]) == 1

    found = session.execute(text("SELECT account_id, reason, parked FROM bill_exception WHERE bill_run_id = :id"), {"id": run.id})
    assert [*map(tuple, found)] == [(home.account_id, "ESTIMATED", False)]


def test_second_run_of_the_month_posts_nothing(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 25), 1310)
    bill_month(session, home.division_id, JAN)

    bill_month(session, home.division_id, JAN)

    assert session.scalar(text("SELECT count(*) FROM bill")) == 1
    assert owed(session, home) == (20_800_000, 0)


def test_second_run_under_way_is_refused_naming_the_first(session: Session) -> None:
    district = make_district(session)
    first = billing.open_run(session, division_id=district.id, month=JAN, today=FEB)

    with pytest.raises(runs.RunAlreadyOpen) as refused:
        billing.open_run(session, division_id=district.id, month=JAN, today=FEB)

    assert str(refused.value) == str(first.id)


def test_month_that_is_not_over_is_not_billed(session: Session) -> None:
    district = make_district(session)

    with pytest.raises(billing.MonthNotOver):
        billing.open_run(session, division_id=district.id, month=JAN, today=date(2026, 1, 31))


def test_missing_reading_is_estimated_and_trued_up_by_the_next_one(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1300)
    bill_month(session, home.division_id, JAN)
    bill_month(session, home.division_id, FEB)
    read(session, home, date(2026, 3, 31), 1400)

    bill_month(session, home.division_id, MARCH)

    february = lines_of(session, home.account_id, FEB)
    march = lines_of(session, home.account_id, MARCH)
    assert [line[2] for line in february] == [200, 90]  # 10 kWh a day from 31 January to 1 March
    assert [(kind, quantity) for kind, _, quantity, _ in march] == [
        ("REVERSAL", -200), ("REVERSAL", -90), ("CORRECTION", 49), ("CHARGE", 51),
    ]  # fmt: skip
    assert session.scalar(text("SELECT sum(quantity_milli) FROM bill WHERE account_id = :id"), {"id": home.account_id}) == 400_000
    assert ledger.drifts(session) == []


def test_credit_of_a_true_up_pays_older_debts_first(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1300)
    bill_month(session, home.division_id, JAN)
    bill_month(session, home.division_id, FEB)
    before, _ = owed(session, home)
    read(session, home, date(2026, 3, 31), 1301)

    bill_month(session, home.division_id, MARCH)

    amount = session.scalar(
        text("SELECT amount_tiyin FROM bill WHERE account_id = :id AND billing_month = :month"), {"id": home.account_id, "month": MARCH}
    )
    assert amount < 0
    assert owed(session, home) == (before + amount, 0)
    assert ledger.drifts(session) == []


def test_final_reading_that_comes_late_puts_an_estimated_end_right(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1300)
    bill_month(session, home.division_id, JAN)
    session.execute(text("UPDATE supply SET valid_to = '2026-02-20' WHERE account_id = :id"), {"id": home.account_id})
    bill_month(session, home.division_id, FEB)
    read(session, home, date(2026, 2, 20), 1320, kind=ReadingKind.FINAL)

    bill_month(session, home.division_id, MARCH)
    bill_month(session, home.division_id, APRIL)

    assert session.scalar(text("SELECT sum(quantity_milli) FROM bill WHERE account_id = :id"), {"id": home.account_id}) == 320_000
    assert session.scalar(text("SELECT count(*) FROM bill")) == 3
    assert ledger.drifts(session) == []


def test_exchange_of_a_meter_adds_what_both_counted(session: Session) -> None:
    home = make_home(session, make_district(session), dial=4100)
    read(session, home, date(2026, 1, 12), 4250, kind=ReadingKind.FINAL)
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-01-12' WHERE id = :id"), {"id": home.installation_id})
    new = install(session, home, "NEW1", date(2026, 1, 12))
    read(session, new, date(2026, 1, 12), 3, kind=ReadingKind.INITIAL)
    read(session, new, date(2026, 1, 28), 101)

    bill_month(session, home.division_id, JAN)

    assert session.scalar(text("SELECT quantity_milli FROM bill")) == 248_000
    assert session.scalar(text("SELECT count(*) FROM consumption")) == 2


def test_rollover_and_current_transformers_are_counted(session: Session) -> None:
    district = make_district(session)
    rolled = make_home(session, district, 1, dial=99850)
    large = make_home(session, district, 2, ct_primary=20, capacity_kw=100)
    read(session, rolled, date(2026, 1, 31), 120)
    read(session, large, date(2026, 1, 31), 1100)

    bill_month(session, district.id, JAN)

    rows = session.execute(text("SELECT account_id, quantity_milli, rolled_over FROM consumption ORDER BY account_id")).all()
    assert [tuple(row) for row in rows] == [(rolled.account_id, 270_000, True), (large.account_id, 2_000_000, False)]


def test_bad_account_is_parked_with_its_reason_and_the_others_are_billed(session: Session) -> None:
    district = make_district(session)
    good, impossible = make_home(session, district, 1), make_home(session, district, 2, capacity_kw=1)
    read(session, good, date(2026, 1, 31), 1100)
    read(session, impossible, date(2026, 1, 31), 900)  # a roll-over of 99 900 kWh at 1 kW

    bill_month(session, district.id, JAN)

    assert session.scalar(text("SELECT count(*) FROM bill")) == 1
    assert session.scalar(text("SELECT parked FROM bill_run")) == 1
    parked = session.execute(text("SELECT account_id, reason FROM bill_exception WHERE parked")).all()
    assert [tuple(row) for row in parked] == [(impossible.account_id, "IMPLAUSIBLE")]


def test_exceptions_are_settled_once_their_account_is_billed(session: Session) -> None:
    district = make_district(session)
    homes = [make_home(session, district, number) for number in (1, 2, 3)]
    for home in homes:
        read(session, home, date(2026, 1, 31), 1100)
        read(session, home, date(2026, 2, 28), 1200)
    run_id = bill_month(session, district.id, JAN)
    for home, parked, owner in zip(homes, (True, False, False), (None, None, "operator"), strict=True):
        session.add(
            BillException(
                division_id=district.id, bill_run_id=run_id, account_id=home.account_id, reason="HIGH", parked=parked, owner=owner
            )
        )
    session.flush()
    states = text("SELECT status FROM bill_exception ORDER BY account_id")

    exceptions.settle_billed(session, district.id)
    same_month = session.scalars(states).all()
    bill_month(session, district.id, FEB)
    exceptions.settle_billed(session, district.id)

    assert same_month == ["SETTLED", "OPEN", "OPEN"]
    assert session.scalars(states).all() == ["SETTLED", "SETTLED", "OPEN"]


def test_advance_pays_the_next_bill(session: Session) -> None:
    home = make_home(session, make_district(session))
    payments.book(session, MoneyReceived(Channel.CASHIER, "a", home.account_id, 15_000_000), received_on=date(2026, 1, 5))
    read(session, home, date(2026, 1, 31), 1100)

    bill_month(session, home.division_id, JAN)

    assert owed(session, home) == (0, 9_000_000)
    assert ledger.drifts(session) == []


def test_payment_made_before_the_run_keeps_its_month(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1100)
    payments.book(session, MoneyReceived(Channel.CASHIER, "b", home.account_id, 6_000_000), received_on=date(2026, 2, 2))

    bill_month(session, home.division_id, JAN)

    rows = session.execute(
        text("SELECT billing_month, opening_tiyin, charged_tiyin, paid_tiyin, closing_tiyin FROM account_balance ORDER BY billing_month")
    )
    assert [tuple(row) for row in rows] == [(JAN, 0, 6_000_000, 0, 6_000_000), (FEB, 6_000_000, 0, 6_000_000, 0)]
    assert ledger.drifts(session) == []


@pytest.mark.parametrize("table", ["bill", "bill_line", "ledger_entry", "payment", "allocation", "reading", "consumption"])
def test_facts_can_neither_be_changed_nor_deleted(session: Session, table: str) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, home.division_id, JAN)
    payments.book(session, MoneyReceived(Channel.CASHIER, "c", home.account_id, 100), received_on=FEB)
    session.execute(text("RESET ROLE"))  # the owner of the cluster: the trigger holds where no privilege does

    for statement in (f"UPDATE {table} SET division_id = division_id", f"DELETE FROM {table}"):
        with pytest.raises((InternalError, IntegrityError), match="facts are never changed"), session.begin_nested():
            session.execute(text(statement))


def test_posting_is_asked_for_once_and_a_run_that_is_over_stays_what_it_is(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1100)
    run = billing.open_run(session, division_id=home.division_id, month=date(2026, 1, 1), today=date(2026, 2, 1))
    run.status = RunStatus.PREVIEWED

    job_id = runs.start_posting(session, billing.RUN, run.id)

    with pytest.raises(runs.RunNotReady):
        runs.start_posting(session, billing.RUN, run.id)
    assert session.scalar(text("SELECT count(*) FROM job_run WHERE subject_id = :id AND kind = 'BILL_POST'"), {"id": run.id}) == 1
    session.execute(text("UPDATE job_run SET status = 'FAILED' WHERE id = :id"), {"id": job_id})
    runs.advance(session, billing.RUN, run.id, RunEvent.CANCEL)
    runs.close_run(session, billing.RUN, run.id, RunEvent.FAIL)
    assert session.scalar(text("SELECT status FROM bill_run WHERE id = :id"), {"id": run.id}) == "CANCELLED"


def test_run_cancelled_while_its_preview_works_stays_cancelled(session: Session) -> None:
    district = make_district(session)
    run = billing.open_run(session, division_id=district.id, month=date(2026, 1, 1), today=date(2026, 2, 1))
    billing.begin_preview(session, run.id)
    runs.advance(session, billing.RUN, run.id, RunEvent.CANCEL)

    with pytest.raises(runs.RunNotReady):
        billing.finish_preview(session, run, billing.empty_preview())

    session.refresh(run)
    assert run.status == RunStatus.CANCELLED


def test_broken_rule_that_is_no_second_run_is_not_called_one(session: Session) -> None:
    with pytest.raises(IntegrityError):
        billing.open_run(session, division_id=0, month=date(2026, 1, 1), today=date(2026, 2, 1))

    district = make_district(session)
    assert billing.open_run(session, division_id=district.id, month=date(2026, 1, 1), today=date(2026, 2, 1)).id
