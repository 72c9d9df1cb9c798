"""Bills taken back and billed again: nothing changed gives the same bills; the books stay proved."""

import os
from datetime import date
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.billing.corrections import CorrectionKind
from app.domain.payments.channels import Channel
from app.jobs.kinds import JOBS
from app.queries import administration as administration_queries
from app.queries import ledger
from app.queries.billing.corrections import MonthAmount
from app.services import administration, payments
from app.services.billing import corrections as service
from app.services.billing.corrections import CorrectionRequest
from app.services.payments import MoneyReceived
from tests.builders import Home, bill_month, make_district, make_home, owed, read

JAN, FEB, MARCH, APRIL, MAY = (date(2026, month, 1) for month in range(1, 6))
TODAY = date(2026, 5, 20)
_references = count(1)


def wanted(home: Home, since: date, kind: CorrectionKind = CorrectionKind.REBILL, reference: str = "") -> CorrectionRequest:
    key = reference or f"form {next(_references)}"
    return CorrectionRequest(home.division_id, since, kind, "wrong meter", key, account_id=home.account_id)


def bills(session: Session, home: Home) -> list[tuple[object, ...]]:
    """The bills that stand with their lines and energy, without what tells one revision from another."""
    rows = session.execute(
        text(
            """
            SELECT b.billing_month, b.period_from, b.period_to, b.quality, b.quantity_milli, b.amount_tiyin, b.vat_tiyin, b.due_on,
                   (SELECT array_agg(to_jsonb(l) - 'bill_id' ORDER BY line_no) FROM bill_line l WHERE l.bill_id = b.id),
                   (SELECT array_agg(to_jsonb(c) - 'bill_id' - 'id' ORDER BY period_from) FROM consumption c WHERE c.bill_id = b.id)
            FROM bill b WHERE b.account_id = :id AND b.cancels_id IS NULL
              AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id) ORDER BY b.billing_month
            """
        ),
        {"id": home.account_id},
    )
    return [tuple(row) for row in rows]


def position(session: Session, home: Home) -> tuple[object, ...]:
    row = session.execute(
        text("SELECT billed_to, actual_to, billed_month, debt_tiyin, advance_tiyin FROM account_position WHERE account_id = :id"),
        {"id": home.account_id},
    ).one()
    return tuple(row)


def four_months(session: Session, home: Home, division_id: int) -> None:
    """January read, February and March estimated, April read."""
    read(session, home, date(2026, 1, 31), 1300)
    bill_month(session, division_id, JAN)
    payments.book(
        session, MoneyReceived(Channel.CASHIER, f"pay {home.account_id}", home.account_id, 25_000_000), received_on=date(2026, 2, 5)
    )
    bill_month(session, division_id, FEB)
    bill_month(session, division_id, MARCH)
    read(session, home, date(2026, 4, 30), 1500)
    bill_month(session, division_id, APRIL)


@pytest.mark.parametrize("since", [JAN, FEB, MARCH, APRIL])
def test_bills_cancelled_and_billed_again_with_nothing_changed_are_the_same(session: Session, since: date) -> None:
    home = make_home(session, make_district(session))
    four_months(session, home, home.division_id)
    before, stood = bills(session, home), position(session, home)

    service.correct_account(session, wanted(home, since), today=TODAY)

    assert bills(session, home) == before
    assert position(session, home) == stood
    assert ledger.drifts(session) == []
    revisions = session.scalars(text("SELECT revision FROM bill WHERE cancels_id IS NULL AND revision > 0"))
    assert list(revisions) == [1] * sum(month >= since for month in (JAN, FEB, MARCH, APRIL))


def test_second_rebill_counts_on(session: Session) -> None:
    home = make_home(session, make_district(session))
    four_months(session, home, home.division_id)
    before = bills(session, home)

    service.correct_account(session, wanted(home, MARCH), today=TODAY)
    service.correct_account(session, wanted(home, FEB), today=TODAY)

    assert bills(session, home) == before
    assert session.scalar(text("SELECT max(revision) FROM bill")) == 2
    assert ledger.drifts(session) == []


@pytest.mark.parametrize(
    ("before", "after", "change"), [(500, 700, 200), (700, 500, -200), (500, None, -500), (None, 700, 700), (None, None, 0)]
)
def test_month_of_a_correction_tells_what_is_owed_more(before: int | None, after: int | None, change: int) -> None:
    sides = [None if amount is None else MonthAmount(JAN, 1000, amount) for amount in (before, after)]

    assert service.MonthDifference(JAN, *sides).change_tiyin == change


@pytest.mark.parametrize("since", [JAN, MARCH, APRIL])
def test_cancelled_bills_are_owed_no_more_and_their_money_is_an_advance(session: Session, since: date) -> None:
    home = make_home(session, make_district(session))
    four_months(session, home, home.division_id)
    kept = sum(row[5] for row in bills(session, home) if row[0] < since)  # type: ignore[misc, operator]

    service.correct_account(session, wanted(home, since, CorrectionKind.CANCEL), today=TODAY)

    debt, advance = owed(session, home)
    assert debt - advance == kept - 25_000_000
    assert debt == 0 or advance == 0
    assert ledger.drifts(session) == []


def test_cancelled_months_are_billed_by_the_next_ordinary_run(session: Session) -> None:
    home = make_home(session, make_district(session))
    four_months(session, home, home.division_id)
    before = bills(session, home)
    service.correct_account(session, wanted(home, APRIL, CorrectionKind.CANCEL), today=TODAY)

    bill_month(session, home.division_id, APRIL)

    assert [row[:7] for row in bills(session, home)] == [row[:7] for row in before]
    assert ledger.drifts(session) == []


def test_corrected_reading_changes_the_months_after_it_and_no_others(session: Session) -> None:
    home = make_home(session, make_district(session))
    first = read(session, home, date(2026, 1, 31), 1300)
    bill_month(session, home.division_id, JAN)
    read(session, home, date(2026, 2, 28), 1400)
    bill_month(session, home.division_id, FEB)
    session.execute(
        text(
            "INSERT INTO reading (division_id, account_id, meter_installation_id, register_id, read_on, dial_milli, kind, source, "
            "replaces_id) "
            "SELECT division_id, account_id, meter_installation_id, register_id, read_on, 1200000, kind, source, id "
            "FROM reading WHERE id = :id"
        ),
        {"id": first},
    )
    shown = service.preview(session, wanted(home, JAN), today=TODAY)

    service.correct_account(session, wanted(home, JAN), today=TODAY)

    assert [row[4] for row in bills(session, home)] == [200_000, 200_000]
    assert [(each.before.quantity_milli, each.after.quantity_milli) for each in shown if each.before and each.after] == [
        (300_000, 200_000),
        (100_000, 200_000),
    ]
    assert ledger.drifts(session) == []


def test_preview_leaves_nothing(session: Session) -> None:
    home = make_home(session, make_district(session))
    four_months(session, home, home.division_id)
    counted = "SELECT (SELECT count(*) FROM bill), (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM bill_correction)"
    before = tuple(session.execute(text(counted)).one())

    differences = service.preview(session, wanted(home, FEB), today=TODAY)

    assert [each.change_tiyin for each in differences] == [0, 0, 0]
    assert tuple(session.execute(text(counted)).one()) == before


def test_repeat_of_the_form_corrects_once(session: Session) -> None:
    home = make_home(session, make_district(session))
    four_months(session, home, home.division_id)
    first = service.correct_account(session, wanted(home, FEB, reference="once"), today=TODAY)

    second = service.correct_account(session, wanted(home, FEB, reference="once"), today=TODAY)

    assert first.id == second.id
    assert session.scalar(text("SELECT max(revision) FROM bill")) == 1
    with pytest.raises(service.ConflictingCorrection):
        service.correct_account(session, wanted(home, MARCH, reference="once"), today=TODAY)


def test_account_without_bills_has_nothing_to_cancel(session: Session) -> None:
    home = make_home(session, make_district(session))

    with pytest.raises(service.NothingToCancel):
        service.correct_account(session, wanted(home, JAN), today=TODAY)


def test_credit_that_paid_an_older_bill_is_taken_from_it_again(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1300)
    bill_month(session, home.division_id, JAN)
    bill_month(session, home.division_id, FEB)
    before = owed(session, home)
    read(session, home, date(2026, 3, 31), 1301)
    bill_month(session, home.division_id, MARCH)

    service.correct_account(session, wanted(home, MARCH, CorrectionKind.CANCEL), today=TODAY)

    assert owed(session, home) == before
    assert ledger.drifts(session) == []


def test_several_accounts_are_corrected_at_once(session: Session) -> None:
    district = make_district(session)
    homes = [make_home(session, district, serial) for serial in (1, 2, 3)]
    for home, dial in zip(homes, (1100, 1250, 1400), strict=True):
        read(session, home, date(2026, 1, 31), dial)
    bill_month(session, district.id, JAN)
    for home, dial in zip(homes[:2], (1300, 1500), strict=True):
        read(session, home, date(2026, 2, 28), dial)
    bill_month(session, district.id, FEB)
    before = [bills(session, home) for home in homes]
    correction = service.open_correction(session, CorrectionRequest(district.id, JAN, CorrectionKind.REBILL, "wrong tariff", "many"))
    ids = service.queries.accounts_to_correct(session, correction, after=0, limit=10)

    service.correct_accounts(session, correction, ids, today=TODAY)

    assert ids.tolist() == sorted(home.account_id for home in homes)
    assert [bills(session, home) for home in homes] == before
    assert ledger.drifts(session) == []


def test_job_goes_on_from_its_checkpoint_and_corrects_each_account_once(session: Session) -> None:
    district = make_district(session)
    homes = [make_home(session, district, serial) for serial in (1, 2, 3)]
    for home in homes:
        read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, district.id, JAN)
    correction = service.open_correction(session, CorrectionRequest(district.id, JAN, CorrectionKind.REBILL, "wrong tariff", "job"))
    job_id = administration.start_job(
        session, JobKind.BILL_CORRECTION, division_id=district.id, subject_id=correction.id, parameters={"chunk": 2}
    )
    record = administration_queries.job(session, job_id)
    assert record is not None
    first = next(JOBS[JobKind.BILL_CORRECTION].work(session, record))

    rest = list(JOBS[JobKind.BILL_CORRECTION].work(session, record._replace(checkpoint=dict(first.checkpoint))))

    assert (first.done, rest[-1].done, rest[-1].total) == (2, 3, 3)
    assert list(session.scalars(text("SELECT revision FROM bill WHERE cancels_id IS NULL ORDER BY revision"))) == [0, 0, 0, 1, 1, 1]
    assert ledger.drifts(session) == []


#: Lives of an account; ``make oracles`` tries more.
EXAMPLES = int(os.environ.get("ORACLE_LIVES", "8"))


@given(
    dials=st.lists(st.integers(0, 900), min_size=4, max_size=4),
    skipped=st.lists(st.booleans(), min_size=4, max_size=4),
    paid=st.lists(st.integers(0, 40_000_000), min_size=4, max_size=4),
    since=st.sampled_from([JAN, FEB, MARCH, APRIL]),
    cancel_first=st.booleans(),
)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_same_input_makes_the_same_bill_whatever_was_paid(
    session: Session, dials: list[int], skipped: list[bool], paid: list[int], since: date, *, cancel_first: bool
) -> None:
    with session.begin_nested() as scenario:
        home = make_home(session, make_district(session))
        dial = 1000
        for month, taken, without, sum_paid in zip((JAN, FEB, MARCH, APRIL), dials, skipped, paid, strict=True):
            dial += taken
            if not without:
                read(session, home, month.replace(day=28), dial)
            bill_month(session, home.division_id, month)
            if sum_paid:
                money = MoneyReceived(Channel.CASHIER, f"{home.account_id} {month}", home.account_id, sum_paid)
                payments.book(session, money, received_on=month.replace(day=28))
        before, stood = bills(session, home), position(session, home)

        if cancel_first:
            service.preview(session, wanted(home, since, CorrectionKind.CANCEL), today=TODAY)
        service.correct_account(session, wanted(home, since), today=TODAY)

        assert bills(session, home) == before
        assert position(session, home) == stood
        assert ledger.drifts(session) == []
        scenario.rollback()
