"""The owner changes: final bill of the old one, what becomes of the debt, names on papers, refusals, counter-acts."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.acts import ActKind, ActRefusal, ActStatus
from app.queries import acts as queries
from app.queries.billing import bills as printed
from app.services import acts
from tests.builders import bill_month, owed, read
from tests.services.act_scenario import APRIL, DAY, FEB, MARCH, TODAY, Office, proved, refused
from tests.services.owner_scenario import change

MAY = date(2026, 5, 1)


def holder(office: Office) -> str:
    statement = text("SELECT c.name FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = :id")
    return str(office.session.scalar(statement, {"id": office.home.account_id}))


def new_account(office: Office) -> int:
    statement = text("SELECT id FROM account WHERE continues_id = :id")
    return int(office.session.scalar(statement, {"id": office.home.account_id}) or 0)


def names(office: Office) -> list[str]:
    rows = office.session.execute(
        text("SELECT id FROM bill WHERE account_id = :id AND cancels_id IS NULL ORDER BY billing_month, id"), {"id": office.home.account_id}
    )
    return [str(getattr(printed.bill_head(office.session, row[0]), "consumer_name", "")) for row in rows]


def test_new_owner_takes_the_account_over_with_its_number_and_debt(office: Office) -> None:
    act = change(office)

    assert act.status == ActStatus.DONE
    assert holder(office) == "Toʻxtayeva Nodira"
    assert office.status() == ("OPEN", None)
    assert office.supplies() == [(date(2026, 1, 1), DAY), (DAY, None)]
    assert office.bills()[2][:5] == (MARCH, MARCH, DAY, "ACTUAL", 210)
    assert act.result["moved_tiyin"] == owed(office.session, office.home)[0] > 0
    assert proved(office.session, office.home.division_id)


def test_new_owner_is_billed_from_the_day_on(office: Office) -> None:
    change(office)

    read(office.session, office.home, MAY, 2000)
    bill_month(office.session, office.home.division_id, APRIL)

    assert office.bills()[3][:5] == (APRIL, DAY, MAY, "ACTUAL", 200)
    assert proved(office.session, office.home.division_id)


def test_bills_after_the_day_are_taken_back_and_made_again_for_the_new_owner(office: Office) -> None:
    read(office.session, office.home, MAY, 2000)
    for month in (MARCH, APRIL):
        bill_month(office.session, office.home.division_id, month)

    change(office)

    assert [bill[:5] for bill in office.bills()[2:]] == [(MARCH, MARCH, DAY, "ACTUAL", 210), (APRIL, DAY, MAY, "ACTUAL", 200)]
    assert proved(office.session, office.home.division_id)


def test_holder_on_a_day_is_the_one_of_that_day(office: Office) -> None:
    old = office.session.scalar(text("SELECT consumer_id FROM account WHERE id = :id"), {"id": office.home.account_id})
    change(office)
    new = office.session.scalar(text("SELECT consumer_id FROM account WHERE id = :id"), {"id": office.home.account_id})

    found = [queries.holder_on(office.session, office.home.account_id, day) for day in (FEB, date(2026, 3, 15), DAY, TODAY)]

    assert found == [old, old, new, new]


def test_settled_account_changes_hands_only_without_debt(office: Office) -> None:
    refused(ActRefusal.UNSETTLED, lambda: change(office, debt="SETTLED"))
    owes = acts.preview(
        office.session, office.request(ActKind.CHANGE_OWNER, name="N", kind="HOUSEHOLD", language="uz", debt="TAKEN_OVER"), today=TODAY
    )
    office.pay_tiyin(owes["positions"][0]["after_tiyin"])

    act = change(office, debt="SETTLED")

    assert (act.status, act.result["moved_tiyin"], owed(office.session, office.home)) == (ActStatus.DONE, 0, (0, 0))


def test_debt_that_stays_leaves_the_account_to_the_old_owner(office: Office) -> None:
    old = holder(office)

    change(office, debt="STAYS", number=f"{office.home.number[:5]}7777777")

    new = new_account(office)
    assert (holder(office), office.status()) == (old, ("CLOSED", DAY))
    assert owed(office.session, office.home)[0] > 0
    read_new(office, new, MAY, 2000)
    bill_month(office.session, office.home.division_id, APRIL)
    assert [bill[:5] for bill in office.bills(new)] == [(APRIL, DAY, MAY, "ACTUAL", 200)]
    assert len(office.bills()) == 3
    assert proved(office.session, office.home.division_id)


def read_new(office: Office, account_id: int, day: date, dial: int) -> None:
    read(office.session, office.home._replace(account_id=account_id), day, dial)


def test_bills_after_the_day_go_to_the_new_account_where_the_debt_stays(office: Office) -> None:
    for month in (MARCH, APRIL):
        bill_month(office.session, office.home.division_id, month)

    change(office, debt="STAYS", number=f"{office.home.number[:5]}7777777")

    assert [bill[:3] for bill in office.bills()[2:]] == [(MARCH, MARCH, DAY)]
    assert [bill[:2] for bill in office.bills(new_account(office))] == [(APRIL, DAY)]
    assert proved(office.session, office.home.division_id)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": "", "consumer_id": None}, ActRefusal.NO_NEW_OWNER),
        ({"identifier": "1"}, ActRefusal.WRONG_IDENTIFIER),
        ({"dial": None}, ActRefusal.READING_MISSING),
    ],
)
def test_change_of_owner_is_refused(office: Office, changes: dict[str, Any], refusal: ActRefusal) -> None:
    before = office.figures(), holder(office)

    refused(refusal, lambda: change(office, **changes))

    assert (office.figures(), holder(office)) == before


def test_account_of_the_new_owner_is_given_the_next_number_of_its_branch(office: Office) -> None:
    change(office, debt="STAYS", number=None)

    number = office.session.scalar(text("SELECT number FROM account WHERE id = :id"), {"id": new_account(office)})
    assert int(number) == int(office.home.number) + 1


def test_owner_of_another_division_or_the_same_one_is_refused(office: Office) -> None:
    same = office.session.scalar(text("SELECT consumer_id FROM account WHERE id = :id"), {"id": office.home.account_id})
    foreign = office.session.scalar(
        text("INSERT INTO consumer (division_id, kind, name) SELECT min(id), 'HOUSEHOLD', 'Stranger' FROM division RETURNING id")
    )

    refused(ActRefusal.SAME_CONSUMER, lambda: change(office, consumer_id=same))
    refused(ActRefusal.OTHER_DIVISION, lambda: change(office, consumer_id=foreign))


def test_number_that_is_taken_is_refused(office: Office) -> None:
    refused(ActRefusal.NUMBER_TAKEN, lambda: change(office, debt="STAYS", number=office.home.number))


@pytest.mark.parametrize("billed", [False, True])
@pytest.mark.parametrize("debt", ["TAKEN_OVER", "STAYS"])
def test_counter_act_of_a_change_of_owner_restores_the_figures(office: Office, billed: bool, debt: str) -> None:
    if billed:
        for month in (MARCH, APRIL):
            bill_month(office.session, office.home.division_id, month)
    # The counter-act takes back more than one person may.
    office.session.execute(
        text("INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('acts.limit_som', 9000000, '2026-01-01', 'test')")
    )
    before = office.figures(), holder(office)

    act = change(office, debt=debt, number=f"{office.home.number[:5]}7777777")
    office.undo(act)

    assert (office.figures(), holder(office)) == before
    assert proved(office.session, office.home.division_id)


@pytest.mark.parametrize(("below_tiyin", "status"), [(0, ActStatus.DONE), (1, ActStatus.REQUESTED)])
def test_debt_of_exactly_the_limit_is_one_person_s_to_move(office: Office, below_tiyin: int, status: ActStatus) -> None:
    office.session.execute(
        text("INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('acts.limit_som', 500, '2026-01-01', 'test')")
    )
    named = office.request(ActKind.CHANGE_OWNER, name="N", kind="HOUSEHOLD", language="uz", debt="TAKEN_OVER")
    owes = acts.preview(office.session, named, today=TODAY)["positions"][0]["after_tiyin"]
    office.pay_tiyin(owes - 50_000 - below_tiyin)

    assert change(office).status == status


def test_account_with_money_of_the_new_owner_is_not_given_back(office: Office) -> None:
    act = change(office, debt="STAYS", number=f"{office.home.number[:5]}7777777")
    office._replace(home=office.home._replace(account_id=new_account(office))).pay_tiyin(1000)

    refused(ActRefusal.UNSETTLED, lambda: office.undo(act))


def test_benefits_of_the_old_owner_end_and_come_back_with_the_counter_act(office: Office) -> None:
    statement = (
        "INSERT INTO account_benefit (division_id, account_id, benefit_id, valid_from) SELECT :d, :a, min(id), '2026-01-01' FROM benefit"
    )
    office.session.execute(text("INSERT INTO benefit (code, name, percent, source) VALUES ('T', 'T', 50, 'test')"))
    office.session.execute(text(statement), {"d": office.home.division_id, "a": office.home.account_id})
    ends = text("SELECT valid_to FROM account_benefit WHERE account_id = :a")

    act = change(office)
    ended = office.session.scalar(ends, {"a": office.home.account_id})
    office.undo(act)

    assert (ended, office.session.scalar(ends, {"a": office.home.account_id})) == (DAY, None)


def test_papers_name_the_owner_of_their_days(office: Office) -> None:
    old = holder(office)
    for month in (MARCH, APRIL):
        bill_month(office.session, office.home.division_id, month)
    before = names(office)

    change(office)

    assert before == [old] * 4
    # January and February, March withdrawn and made again, April withdrawn and made again.
    assert names(office) == [old, old, old, old, old, "Toʻxtayeva Nodira"]


def test_connected_capacity_goes_on_with_the_account_of_the_new_owner(office: Office) -> None:
    office.session.execute(
        text(
            "INSERT INTO supply_term (division_id, account_id, kind, value_milli, valid_from, basis) "
            "VALUES (:division, :account, 'CAPACITY', 25000, '2026-02-01', 'letter')"
        ),
        {"division": office.home.division_id, "account": office.home.account_id},
    )

    change(office, debt="STAYS", number=f"{office.home.number[:5]}7777777")

    rows = office.session.execute(
        text("SELECT kind, value_milli, valid_from, valid_to FROM supply_term WHERE account_id = :id"), {"id": new_account(office)}
    )
    assert [tuple(row) for row in rows] == [("CAPACITY", 25_000, DAY, None)]
