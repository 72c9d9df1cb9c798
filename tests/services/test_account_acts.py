"""Accounts closed and reopened: final bills, money that is left, every refusal, and counter-acts that restore the figures."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.acts import ActKind, ActRefusal, ActStatus
from app.services import acts
from app.services.administration import approvals
from tests.builders import bill_month, make_home, owed, read
from tests.services.act_scenario import APRIL, DAY, FEB, JAN, MARCH, NOW, TODAY, Office, proved, refused


def test_account_is_closed_with_a_reading_and_a_final_bill(office: Office) -> None:
    act = office.perform()

    assert act.status == ActStatus.DONE
    assert office.status() == ("CLOSED", DAY)
    assert office.supplies() == [(JAN, DAY)]
    assert office.bills()[2][:5] == (MARCH, MARCH, DAY, "ACTUAL", 210)
    assert dict(act.result["details"])["debt_tiyin"] == owed(office.session, office.home)[0] > 0
    assert [bill["cancels_id"] for bill in act.result["bills"]] == [None]
    assert proved(office.session, office.home.division_id)


def test_closed_account_is_billed_no_more(office: Office) -> None:
    office.perform()
    before = office.bills()

    bill_month(office.session, office.home.division_id, MARCH)
    bill_month(office.session, office.home.division_id, APRIL)

    assert office.bills() == before


def test_bill_beyond_the_day_is_taken_back_and_made_again_up_to_it(office: Office) -> None:
    bill_month(office.session, office.home.division_id, MARCH)
    beyond = office.bills()[2]

    act = office.perform()

    withdrawn = [bill for bill in act.result["bills"] if bill["cancels_id"]]
    assert [bill["amount_tiyin"] for bill in withdrawn] == [-beyond[5]]
    assert not withdrawn[0]["is_closed"]
    assert office.bills()[2][2] == DAY
    assert proved(office.session, office.home.division_id)


def test_bill_of_a_closed_month_is_taken_back_and_the_act_says_so(office: Office) -> None:
    bill_month(office.session, office.home.division_id, MARCH)
    for month in (JAN, FEB, MARCH):
        office.session.execute(
            text(
                "INSERT INTO accounting_period (division_id, billing_month, status, decided_by, decided_at) "
                "VALUES (:division, :month, 'CLOSED', 'anna', now())"
            ),
            {"division": office.home.division_id, "month": month},
        )

    act = office.perform()

    assert [bill["is_closed"] for bill in act.result["bills"] if bill["cancels_id"]] == [True]
    assert {entry["month"] for entry in act.result["entries"]} == {"2026-04-01"}
    assert proved(office.session, office.home.division_id)


def test_money_that_is_left_must_be_named(office: Office) -> None:
    refused(ActRefusal.UNSETTLED, lambda: office.perform(unsettled="REFUSE"))

    assert office.status()[0] == "OPEN"
    assert len(office.bills()) == 2


def test_account_without_debt_is_closed_without_a_word_about_money(office: Office) -> None:
    owes = acts.preview(office.session, office.request(), today=TODAY)["positions"][0]["after_tiyin"]
    office.pay_tiyin(owes)

    assert office.perform(unsettled="REFUSE").status == ActStatus.DONE
    assert owed(office.session, office.home) == (0, 0)


def test_advance_stays_until_it_is_given_back(office: Office) -> None:
    office.pay_tiyin(100_000_000)

    act = office.perform()

    assert dict(act.result["details"])["advance_tiyin"] == owed(office.session, office.home)[1] > 0
    assert proved(office.session, office.home.division_id)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"dial": None}, ActRefusal.READING_MISSING),
        ({"dial": 1500}, ActRefusal.READING_GOES_BACK),
        ({"dial": 123456}, ActRefusal.READING_WRONG),
        ({"on": JAN}, ActRefusal.NOT_SUPPLIED),
    ],
)
def test_closing_is_refused(office: Office, changes: dict[str, Any], refusal: ActRefusal) -> None:
    before = office.figures()

    refused(refusal, lambda: office.perform(**changes))

    assert office.figures() == before


def test_reading_of_the_day_is_taken_and_another_value_is_refused(office: Office) -> None:
    read(office.session, office.home, DAY, 1777)

    refused(ActRefusal.READING_DIFFERS, office.perform)
    office.perform(dial=1777)

    assert office.session.scalar(text("SELECT count(*) FROM reading WHERE read_on = :day"), {"day": DAY}) == 1


def test_supply_that_went_on_is_not_closed(office: Office) -> None:
    read(office.session, office.home, date(2026, 3, 31), 2000)

    refused(ActRefusal.LATER_READING, office.perform)


def test_closed_account_is_not_closed_again(office: Office) -> None:
    office.perform()

    refused(ActRefusal.NOT_OPEN, office.perform)


@pytest.mark.parametrize("billed", [False, True])
def test_counter_act_of_closing_restores_the_figures(office: Office, billed: bool) -> None:
    if billed:
        bill_month(office.session, office.home.division_id, MARCH)
    before = office.figures()

    counter = office.undo(office.perform())

    assert counter.status == ActStatus.DONE
    assert office.figures() == before
    assert proved(office.session, office.home.division_id)


def test_closing_above_the_limit_waits_for_a_second_person(office: Office) -> None:
    office.session.execute(
        text("INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('acts.limit_som', 1, '2026-01-01', 'test')")
    )
    bill_month(office.session, office.home.division_id, MARCH)
    before = office.figures()

    act = office.perform()

    assert act.status == ActStatus.REQUESTED
    assert office.figures() == before
    request = office.session.scalar(text("SELECT id FROM approval WHERE kind = 'ACT' AND subject_id = :id"), {"id": act.id})
    approvals.decide(office.session, int(request or 0), grant=True, by="chief", remark=None, today=TODAY, now=NOW)
    assert act.status == ActStatus.DONE
    assert office.status()[0] == "CLOSED"
    assert proved(office.session, office.home.division_id)


def test_refused_request_changes_nothing(office: Office) -> None:
    office.session.execute(
        text("INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('acts.limit_som', 1, '2026-01-01', 'test')")
    )
    bill_month(office.session, office.home.division_id, MARCH)
    before, act = office.figures(), office.perform()
    request = office.session.scalar(text("SELECT id FROM approval WHERE kind = 'ACT' AND subject_id = :id"), {"id": act.id})

    approvals.decide(office.session, int(request or 0), grant=False, by="chief", remark="no", today=TODAY, now=NOW)

    assert act.status == ActStatus.REFUSED
    assert office.figures() == before


def test_account_is_reopened_and_billed_from_that_day(office: Office) -> None:
    office.perform()

    office.perform(ActKind.REOPEN_ACCOUNT, date(2026, 4, 6), dial=1820)
    read(office.session, office.home, date(2026, 5, 1), 1920)
    bill_month(office.session, office.home.division_id, APRIL)

    assert office.status() == ("OPEN", None)
    assert office.bills()[3][:5] == (APRIL, date(2026, 4, 6), date(2026, 5, 1), "ACTUAL", 100)
    assert proved(office.session, office.home.division_id)


def test_counter_act_of_reopening_closes_again_and_takes_its_bills_back(office: Office) -> None:
    office.perform()
    before = office.figures()
    act = office.perform(ActKind.REOPEN_ACCOUNT, date(2026, 4, 6), dial=1820)
    bill_month(office.session, office.home.division_id, APRIL)

    office.undo(act)

    assert office.figures() == before
    assert proved(office.session, office.home.division_id)


def test_reopening_is_refused(office: Office) -> None:
    refused(ActRefusal.NOT_CLOSED, lambda: office.perform(ActKind.REOPEN_ACCOUNT, DAY))
    office.perform()

    refused(ActRefusal.LATER_ACT, lambda: office.perform(ActKind.REOPEN_ACCOUNT, date(2026, 3, 15)))
    refused(ActRefusal.READING_GOES_BACK, lambda: office.perform(ActKind.REOPEN_ACCOUNT, date(2026, 4, 6), dial=1700))


def test_place_another_account_took_is_not_reopened(office: Office) -> None:
    office.perform()
    other = make_home(office.session, _district(office), 2)
    office.session.execute(
        text("UPDATE supply SET service_point_id = :point, valid_from = :day WHERE account_id = :id"),
        {"point": office.home.service_point_id, "day": DAY, "id": other.account_id},
    )

    refused(ActRefusal.POINT_TAKEN, lambda: office.perform(ActKind.REOPEN_ACCOUNT, date(2026, 4, 6), dial=1820))


def _district(office: Office) -> Any:
    from app.models.administration import Division  # noqa: PLC0415

    return office.session.get(Division, office.home.division_id)
