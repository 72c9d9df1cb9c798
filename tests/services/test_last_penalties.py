"""Penalty of an owner who leaves stands in the final bill; what is charged later comes to a closed account by a bill of its own."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.acts import ActKind, ActRefusal
from app.models.billing import BillableCharge
from app.services import acts
from app.services.claims import penalties
from tests.builders import bill_month, owed
from tests.services.act_scenario import APRIL, DAY, JAN, MARCH, TODAY, Office, proved, refused
from tests.services.owner_scenario import change
from tests.services.penalty_runs import posted

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def penalty_lines(office: Office) -> list[tuple[Any, ...]]:
    """Month of the bill, its days, quality and amount of the penalty lines of bills that stand."""
    rows = office.session.execute(
        text(
            "SELECT b.billing_month, b.period_from, b.period_to, b.quality, l.amount_tiyin "
            "FROM bill b JOIN bill_line l ON l.bill_id = b.id WHERE l.account_id = :id "
            "AND l.component = 'PENALTY' AND b.cancels_id IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id) ORDER BY b.id, l.line_no"
        ),
        {"id": office.home.account_id},
    )
    return [tuple(row) for row in rows]


def unbilled(office: Office) -> int:
    statement = (
        "SELECT coalesce(sum(amount_tiyin), 0) FROM billable_charge c WHERE account_id = :id AND NOT EXISTS (SELECT 1 FROM bill_line l "
        "JOIN bill b ON b.id = l.bill_id WHERE l.charge_id = c.id AND b.cancels_id IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM bill t WHERE t.cancels_id = b.id))"
    )
    return int(office.session.scalar(text(statement), {"id": office.home.account_id}) or 0)


def test_penalty_charged_after_an_account_was_closed_has_a_bill_of_its_own(office: Office) -> None:
    office.perform()
    before = owed(office.session, office.home)[0]
    posted(office.session, office.home.division_id, MAY, period_from=JAN)
    assert unbilled(office) > 0

    bill_month(office.session, office.home.division_id, APRIL)
    bill_month(office.session, office.home.division_id, MAY)

    last = penalty_lines(office)[-1]
    assert last[:4] == (APRIL, date(2026, 3, 15), DAY, "ACTUAL")
    assert (unbilled(office), owed(office.session, office.home)[0]) == (0, before + last[4])
    assert len(office.bills()) == 4
    assert proved(office.session, office.home.division_id, months=6)


def test_debit_note_and_its_taking_back_make_no_bill(office: Office) -> None:
    office.perform()
    names = ("division_id", "account_id", "component", "period_from", "period_to", "amount_tiyin", "vat_tiyin", "basis")
    for amount in (10_000, -10_000):
        row = (office.home.division_id, office.home.account_id, "ADJUSTMENT", APRIL, MAY, amount, 0, "letter")
        office.session.add(BillableCharge(**dict(zip(names, row, strict=True)), derivation={}))
    office.session.flush()

    bill_month(office.session, office.home.division_id, APRIL)

    assert len(office.bills()) == 3


def test_reopened_account_is_billed_on_from_its_day_after_such_a_bill(office: Office) -> None:
    office.perform()
    posted(office.session, office.home.division_id, MAY, period_from=JAN)
    bill_month(office.session, office.home.division_id, APRIL)

    again = office.request(ActKind.REOPEN_ACCOUNT, on=date(2026, 5, 10), dial=1850)
    acts.submit(office.session, again, today=date(2026, 5, 10))
    bill_month(office.session, office.home.division_id, MAY)

    assert office.bills()[-1][:3] == (MAY, date(2026, 5, 10), JUNE)
    assert proved(office.session, office.home.division_id, months=6)


@pytest.mark.parametrize("debt", ["TAKEN_OVER", "STAYS"])
def test_penalty_up_to_the_day_stands_in_the_final_bill_of_the_old_owner(office: Office, debt: str) -> None:
    posted(office.session, office.home.division_id, MARCH, period_from=JAN)

    change(office, debt=debt, number=f"{office.home.number[:5]}7777777")

    (charged, last) = penalty_lines(office)[-2:]
    assert charged[:3] == last[:3] == (MARCH, MARCH, DAY)
    assert min(charged[4], last[4]) > 0
    assert unbilled(office) == 0
    assert proved(office.session, office.home.division_id, months=6)


def test_account_changes_hands_as_settled_only_when_its_penalty_is_paid_too(office: Office) -> None:
    posted(office.session, office.home.division_id, MARCH, period_from=JAN)
    named = office.request(ActKind.CHANGE_OWNER, name="N", kind="HOUSEHOLD", language="uz", debt="TAKEN_OVER")
    shown = acts.preview(office.session, named, today=TODAY)
    office.pay_tiyin(shown["positions"][0]["after_tiyin"] - 1, on=TODAY)

    refused(ActRefusal.UNSETTLED, lambda: change(office, debt="SETTLED"))
    office.pay_tiyin(1, on=TODAY)
    change(office, debt="SETTLED")
    for day in (APRIL, MAY):
        posted(office.session, office.home.division_id, day)
    bill_month(office.session, office.home.division_id, APRIL)

    assert [line[0] for line in penalty_lines(office)] == [MARCH, MARCH]
    assert (unbilled(office), proved(office.session, office.home.division_id, months=6)) == (0, True)


def charges_of(office: Office) -> list[int]:
    return list(
        office.session.scalars(text("SELECT amount_tiyin FROM billable_charge WHERE account_id = :id"), {"id": office.home.account_id})
    )


def test_next_run_of_the_district_charges_the_days_of_an_owner_who_left_once(office: Office) -> None:
    posted(office.session, office.home.division_id, MARCH, period_from=JAN)
    office.perform()
    until_day = sum(charges_of(office))

    posted(office.session, office.home.division_id, APRIL)
    assert sum(charges_of(office)) == until_day
    posted(office.session, office.home.division_id, MAY)

    whole = sum(charges_of(office))
    assert whole > until_day > 0
    statement = text(
        "SELECT sum(amount_tiyin) = (SELECT sum(amount_tiyin) FROM billable_charge WHERE account_id = :id) "
        "FROM penalty WHERE account_id = :id"
    )
    assert office.session.scalar(statement, {"id": office.home.account_id})


def test_act_waits_for_a_run_that_is_being_posted(office: Office) -> None:
    posted(office.session, office.home.division_id, MARCH, period_from=JAN)
    run = penalties.open_run(office.session, division_id=office.home.division_id, period_from=JAN, period_to=APRIL, today=TODAY)
    penalties.finish_preview(office.session, run, penalties.PenaltyRunTotals())
    assert office.request()
    penalties.begin_posting(office.session, run.id)

    refused(ActRefusal.PENALTY_RUN, office.perform)


def test_account_that_owes_no_penalty_has_no_run_of_its_own(office: Office) -> None:
    office.pay_tiyin(owed(office.session, office.home)[0], on=date(2026, 2, 1))
    posted(office.session, office.home.division_id, date(2026, 2, 5), period_from=JAN)

    office.perform()

    assert office.session.scalar(text("SELECT count(*) FROM penalty_run WHERE account_id IS NOT NULL")) == 0


def test_undone_closing_leaves_the_penalty_to_the_next_bill(office: Office) -> None:
    posted(office.session, office.home.division_id, MARCH, period_from=JAN)
    charged = office.perform()
    office.undo(charged)

    bill_month(office.session, office.home.division_id, MARCH)

    assert unbilled(office) == 0
    assert [line[0] for line in penalty_lines(office)] == [MARCH, MARCH]
    assert proved(office.session, office.home.division_id, months=6)
