"""Months are closed when nothing stands in the way, roll forward, and are reopened by two persons."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalStatus
from app.domain.ledger.periods import PeriodCheck
from app.domain.payments.channels import Channel
from app.models.administration import Approval
from app.queries import ledger
from app.queries.ledger import periods as queries
from app.services import payments
from app.services.administration import approvals
from app.services.ledger import periods
from tests.builders import Home, bill_month, make_district, make_home, read

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
TODAY = date(2026, 3, 20)
NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


def home_of(session: Session) -> Home:
    home = make_home(session, make_district(session))
    for month_end, dial in ((date(2026, 1, 31), 1100), (date(2026, 2, 28), 1250)):
        read(session, home, month_end, dial)
    return home


def close(session: Session, division_id: int, month: date, today: date = TODAY) -> int:
    return periods.close_period(session, division_id, month, by="anna", today=today, now=NOW)


def failed(session: Session, division_id: int, month: date, today: date = TODAY) -> set[PeriodCheck]:
    with pytest.raises(periods.NotReady) as refusal:
        close(session, division_id, month, today)
    assert all(each.found > 0 for each in refusal.value.checks)
    return {each.check for each in refusal.value.checks}


def decide(session: Session, asked: Approval, by: str, *, grant: bool = True) -> None:
    approvals.decide(session, asked.id, grant=grant, by=by, remark="why not", today=TODAY, now=NOW)


def test_month_is_closed_once_when_all_is_billed(session: Session) -> None:
    home = home_of(session)
    assert failed(session, home.division_id, JAN) == {PeriodCheck.ACCOUNTS_BILLED}
    assert [row[1] for row in queries.rows_behind(session, PeriodCheck.ACCOUNTS_BILLED, home.division_id, JAN)] == [home.number]
    bill_month(session, home.division_id, JAN)

    assert close(session, home.division_id, JAN) == 1
    assert failed(session, home.division_id, JAN) == {PeriodCheck.STILL_OPEN}
    assert queries.first_open_months(session, [home.division_id]) == {home.division_id: FEB}


def test_month_under_way_and_a_gap_are_refused(session: Session) -> None:
    home = home_of(session)
    bill_month(session, home.division_id, JAN)
    bill_month(session, home.division_id, FEB)

    assert failed(session, home.division_id, FEB, today=date(2026, 2, 28)) == {PeriodCheck.MONTH_OVER, PeriodCheck.MONTHS_BEFORE}
    assert queries.rows_behind(session, PeriodCheck.MONTHS_BEFORE, home.division_id, FEB) == [(home.division_id, JAN.isoformat())]
    close(session, home.division_id, JAN)
    assert close(session, home.division_id, FEB) == 1


def test_month_is_closed_with_all_open_ones_before_it_or_none_is(session: Session) -> None:
    home = home_of(session)
    bill_month(session, home.division_id, JAN)
    with pytest.raises(periods.NotReady), session.begin_nested():
        periods.close_periods(session, home.division_id, FEB, by="anna", today=TODAY, now=NOW)
    assert queries.newest_closed(session, home.division_id) is None
    bill_month(session, home.division_id, FEB)

    assert periods.close_periods(session, home.division_id, FEB, by="anna", today=TODAY, now=NOW) == [JAN, FEB]

    assert queries.newest_closed(session, home.division_id) == FEB
    assert queries.first_open_months(session, [home.division_id]) == {home.division_id: MAR}


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("INSERT INTO bill_run (division_id, billing_month, status) VALUES (:division, :month, 'PREVIEWED')", PeriodCheck.BILL_RUNS),
        (
            (
                "INSERT INTO bill_run (division_id, billing_month, status) SELECT parent_id, :month, 'POSTING' FROM division "
                "WHERE id = :division"
            ),
            PeriodCheck.BILL_RUNS,
        ),
        (
            "INSERT INTO penalty_run (division_id, period_from, period_to, status) VALUES (:division, :month, '2026-02-01', 'PREVIEWED')",
            PeriodCheck.PENALTY_RUNS,
        ),
        ("UPDATE division_turnover SET paid_tiyin = paid_tiyin + 1 WHERE division_id = :division", PeriodCheck.BOOKS),
        (
            (
                "UPDATE account_balance SET charged_tiyin = charged_tiyin + 1, paid_tiyin = paid_tiyin + 1, opening_tiyin = 1, "
                "closing_tiyin = closing_tiyin + 1 WHERE division_id = :division AND billing_month = :month"
            ),
            PeriodCheck.BOOKS,
        ),
    ],
)
def test_what_is_under_way_or_does_not_add_up_stands_in_the_way(session: Session, statement: str, check: PeriodCheck) -> None:
    home = home_of(session)
    bill_month(session, home.division_id, JAN)
    session.execute(text(statement), {"division": home.division_id, "month": JAN})

    assert failed(session, home.division_id, JAN) == {check}
    assert queries.rows_behind(session, check, home.division_id, JAN)


def test_payment_after_closing_counts_in_the_first_open_month(session: Session) -> None:
    home = home_of(session)
    bill_month(session, home.division_id, JAN)
    close(session, home.division_id, JAN)

    payments.book(session, payments.MoneyReceived(Channel.CASHIER, "late", home.account_id, 1_000_000), received_on=date(2026, 1, 31))

    january, february = sorted(ledger.month_balances(session, home.account_id, 12))
    assert (january[0], january[3]) == (JAN, 0)
    assert (february[0], february[1], february[3]) == (FEB, january[5], 1_000_000)
    assert february[5] == january[5] - 1_000_000
    assert ledger.drifts(session) == []


def test_region_closes_with_all_below_it(session: Session) -> None:
    first, second = make_district(session), make_district(session, "1726998")
    parent = first.parent_id
    assert parent is not None
    size = len(queries.subtree(session, parent))
    close(session, first.id, JAN)

    assert close(session, parent, JAN) == size - 1
    months = queries.months_of_divisions(session, [parent, second.id], [JAN, FEB])
    assert [(each.month, each.closed) for each in months[parent]] == [(FEB, 0), (JAN, size)]
    assert [(each.month, each.closed) for each in months[second.id]] == [(FEB, 0), (JAN, 1)]


def test_newest_closed_month_is_reopened_by_two_persons(session: Session) -> None:
    home = home_of(session)
    bill_month(session, home.division_id, JAN)
    bill_month(session, home.division_id, FEB)
    close(session, home.division_id, JAN)
    close(session, home.division_id, FEB)
    for month in (JAN, MAR):
        with pytest.raises(periods.NotNewest):
            periods.ask_to_reopen(session, home.division_id, month, reason="wrong readings")
    asked = periods.ask_to_reopen(session, home.division_id, FEB, reason="wrong readings")
    with pytest.raises(periods.ReopeningAlreadyRequested):
        periods.ask_to_reopen(session, home.division_id, FEB, reason="wrong readings")
    with pytest.raises(approvals.SamePerson):
        decide(session, asked, asked.created_by)
    assert queries.newest_closed(session, home.division_id) == FEB

    decide(session, asked, "boris")

    assert queries.newest_closed(session, home.division_id) == JAN
    found = queries.history(session, home.division_id, FEB)
    assert (found.status, found.decided_by, found.reason) == ("OPEN", "boris", "wrong readings")
    assert close(session, home.division_id, FEB) == 1
    assert queries.history(session, home.division_id, FEB)[0::3] == ("CLOSED", None)


def test_refused_or_late_reopening_changes_nothing(session: Session) -> None:
    home = home_of(session)
    bill_month(session, home.division_id, JAN)
    bill_month(session, home.division_id, FEB)
    close(session, home.division_id, JAN)
    decide(session, periods.ask_to_reopen(session, home.division_id, JAN, reason="a"), "boris", grant=False)
    asked = periods.ask_to_reopen(session, home.division_id, JAN, reason="b")
    close(session, home.division_id, FEB)

    with pytest.raises(periods.NotNewest), session.begin_nested():
        decide(session, asked, "boris")

    session.refresh(asked)
    assert asked.status == ApprovalStatus.PENDING
    assert queries.newest_closed(session, home.division_id) == FEB
