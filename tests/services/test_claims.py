"""Penalty runs, inspection records, subsidies and reversals in the books, up to the charge that waits for the next bill."""

import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.claims.inspections import EnergyMethod, NoTariff, ViolationKind
from app.domain.payments.channels import Channel
from app.domain.reference import RowFault
from app.gateways.subsidies_file import SubsidyLine
from app.models.administration import Approval, OperatingParameter
from app.models.billing import BillableCharge
from app.queries import claims as queries
from app.services import claims, payments, runs
from app.services.administration import approvals, set_parameter
from app.services.claims import inspections, penalties, subsidies
from app.services.claims.inspections import Finding
from app.services.payments import MoneyReceived
from tests.builders import Home, bill_month, make_district, make_home, read
from tests.services.penalty_runs import APRIL, FEB, JAN, MARCH, MAY, posted

NOW = datetime(2026, 4, 1, 12, tzinfo=ZoneInfo("UTC"))
#: 310 kWh: 200 at 600 and 110 at 800 soʻm, owed from 10 February on.
OWED = 20_800_000


def billed_home(session: Session, serial: int = 1, **more: object) -> Home:
    district = more.pop("district", None) or make_district(session)
    home = make_home(session, district, serial, **more)  # type: ignore[arg-type]
    read(session, home, date(2026, 1, 25), 1310)
    return home


def charges(session: Session, home: Home) -> list[int]:
    rows = session.execute(text("SELECT amount_tiyin FROM billable_charge WHERE account_id = :id ORDER BY id"), {"id": home.account_id})
    return [row[0] for row in rows]


def pay(session: Session, home: Home, amount: int, on: date) -> None:
    payments.book(session, MoneyReceived(Channel.CASHIER, f"{home.number}{on}{amount}", home.account_id, amount), received_on=on)


def test_delay_is_charged_by_days_once_an_account(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)

    posted(session, home.division_id, MARCH)

    assert charges(session, home) == [18 * OWED // 1000]
    charge = session.scalars(text("SELECT derivation FROM billable_charge")).one()
    assert charge["bills"][0]["pieces"] == [["2026-02-11", "2026-03-01", OWED, 1000]]
    assert charge["bills"][0]["cap_tiyin"] == OWED // 2


def test_next_run_goes_on_where_the_last_one_ended_and_charges_no_day_twice(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    posted(session, home.division_id, MARCH)

    posted(session, home.division_id, APRIL, period_from=JAN)

    assert charges(session, home) == [18 * OWED // 1000, 31 * OWED // 1000]


def test_run_of_days_charged_already_is_refused(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    posted(session, home.division_id, MARCH)

    with pytest.raises(penalties.DaysNotOver):
        penalties.open_run(session, division_id=home.division_id, period_from=JAN, period_to=MARCH, today=APRIL)
    with pytest.raises(penalties.DaysNotOver):
        penalties.open_run(session, division_id=home.division_id, period_from=JAN, period_to=MAY, today=APRIL)


def test_posting_a_window_again_charges_nothing(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    run = runs.run_of(session, penalties.RUN, posted(session, home.division_id, MARCH))
    window = queries.window(session, division_id=home.division_id, after=0, limit=10)
    assert window is not None

    penalties.post_window(session, run, penalties.rules_of(session, run), window)

    assert charges(session, home) == [18 * OWED // 1000]


def test_two_runs_at_once_are_refused(session: Session) -> None:
    district = make_district(session)
    first = penalties.open_run(session, division_id=district.id, period_from=FEB, period_to=MARCH, today=MARCH)

    with pytest.raises(runs.RunAlreadyOpen, match=str(first.id)):
        penalties.open_run(session, division_id=district.id, period_from=FEB, period_to=MARCH, today=MARCH)


def test_penalty_stays_when_the_bill_is_paid_late(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    pay(session, home, OWED, date(2026, 2, 20))

    posted(session, home.division_id, MARCH)
    posted(session, home.division_id, APRIL)

    assert charges(session, home) == [10 * OWED // 1000]


def test_who_pays_in_time_bears_none(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    pay(session, home, OWED, date(2026, 2, 10))

    posted(session, home.division_id, MARCH)

    assert charges(session, home) == []


def test_payment_that_is_booked_for_an_earlier_day_lowers_what_was_charged(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    posted(session, home.division_id, MARCH)
    pay(session, home, OWED - 100_000, date(2026, 2, 10))

    posted(session, home.division_id, APRIL)

    assert sum(charges(session, home)) == (18 + 31) * 100


def test_held_account_bears_none(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    session.execute(
        text(
            "INSERT INTO penalty_hold (division_id, account_id, valid_from, valid_to, basis) "
            "VALUES (:d, :a, '2026-02-15', '2026-02-20', 'x')"
        ),
        {"d": home.division_id, "a": home.account_id},
    )

    posted(session, home.division_id, MARCH)

    assert charges(session, home) == [13 * OWED // 1000]


def test_rate_that_changes_splits_the_days_and_names_its_document(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    set_parameter(session, code="claims.penalty_rate_household", value="2000", source="letter 7", valid_from=date(2026, 2, 21), today=FEB)

    posted(session, home.division_id, MARCH)
    posted(session, home.division_id, APRIL)

    assert charges(session, home) == [(10 + 2 * 8) * OWED // 1000, 2 * 31 * OWED // 1000]
    assert session.scalars(text("SELECT basis FROM billable_charge ORDER BY id")).all()[1] == "letter 7"


def test_cancelled_bill_gives_its_penalty_back(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    posted(session, home.division_id, MARCH)
    session.execute(
        text(
            "INSERT INTO bill (division_id, account_id, bill_run_id, billing_month, period_from, period_to, quality, quantity_milli, "
            "amount_tiyin, vat_tiyin, issued_on, due_on, cancels_id) SELECT division_id, account_id, bill_run_id, billing_month, "
            "period_from, period_to, quality, -quantity_milli, -amount_tiyin, -vat_tiyin, '2026-03-05', '2026-03-05', id FROM bill"
        )
    )

    posted(session, home.division_id, APRIL)

    assert sum(charges(session, home)) == 0


def test_penalty_on_a_bill_bears_none_itself(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    session.execute(
        text(
            "INSERT INTO bill_line (bill_id, billing_month, line_no, division_id, account_id, kind, component, for_month, period_from, "
            "period_to, block_no, quantity_milli, rate, amount_tiyin, vat_tiyin) "
            "SELECT id, billing_month, 9, division_id, account_id, 'CHARGE', 'PENALTY', billing_month, "
            "period_from, period_to, 0, 0, 0, 800000, 0 FROM bill"
        )
    )

    posted(session, home.division_id, MARCH)

    assert charges(session, home) == [18 * (OWED - 800_000) // 1000]


def test_charge_taken_back_is_not_charged_again(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    posted(session, home.division_id, MARCH)
    charge_id = session.scalars(text("SELECT id FROM billable_charge")).one()

    claims.reverse(session, charge_id, reason="court ruling 5", today=APRIL)
    posted(session, home.division_id, APRIL)

    assert charges(session, home) == [18 * OWED // 1000, -18 * OWED // 1000, 31 * OWED // 1000]
    with pytest.raises(claims.ChargeAlreadyReversed):
        claims.reverse(session, charge_id, reason="again", today=APRIL)


def test_charge_taken_back_is_not_given_back_again_when_less_was_owed(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    posted(session, home.division_id, MARCH)
    claims.reverse(session, session.scalars(text("SELECT id FROM billable_charge")).one(), reason="court ruling 5", today=APRIL)
    pay(session, home, OWED - 100_000, date(2026, 2, 10))

    posted(session, home.division_id, APRIL)

    assert sum(charges(session, home)) == 0


def test_many_accounts_are_charged_by_windows(session: Session) -> None:
    district = make_district(session)
    homes = [billed_home(session, serial, district=district) for serial in range(1, 8)]
    bill_month(session, district.id, JAN)

    run = runs.run_of(session, penalties.RUN, posted(session, district.id, MARCH, limit=3))

    assert [charges(session, home) for home in homes] == [[18 * OWED // 1000]] * 7
    assert len(run.preview["largest"]) == 7


def finding(home: Home, **more: object) -> Finding:
    given = {
        "account_id": home.account_id, "number": "A-1", "drawn_on": date(2026, 2, 5), "kind": ViolationKind.THEFT, "inspector": "Aliyev",
        "period_from": JAN, "period_to": FEB, "method": EnergyMethod.APPLIANCES, "capacity_kw": Decimal(2), "hours_a_day": Decimal(24),
    }  # fmt: skip
    return Finding(**(given | more))  # type: ignore[arg-type]


def as_user(session: Session, name: str) -> None:
    session.execute(text("SELECT set_config('app.actor', :name, true)"), {"name": name})


def test_record_charges_energy_above_what_was_billed_once_another_person_approves(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    as_user(session, "inspector")

    record = inspections.ask(session, finding(home, period_to=date(2026, 1, 25)), today=FEB)
    request = session.query(Approval).one()
    with pytest.raises(approvals.SamePerson):
        approvals.decide(session, request.id, grant=True, by="inspector", remark=None, today=FEB, now=NOW)
    approvals.decide(session, request.id, grant=True, by="lawyer", remark=None, today=FEB, now=NOW)

    charge = session.get(BillableCharge, record.charge_id)
    assert charge is not None
    assert record.derivation["total_milli"] == 2 * 24 * 24 * 1000
    assert record.derivation["billed_milli"] == 310_000
    assert charge.quantity_milli == record.quantity_milli == 842_000
    # 24 of 31 days: the blocks end at 154.8 and 387.1 kWh, and 310 kWh were billed.
    assert [line["block_no"] for line in record.derivation["lines"]] == [2, 3, 4]
    assert charge.amount_tiyin == sum(line["amount_tiyin"] for line in record.derivation["lines"])
    assert (charge.component, charge.vat_tiyin > 0) == ("BACK_BILLING", True)
    assert json.dumps(charge.derivation)


def test_refused_record_charges_nothing(session: Session) -> None:
    home = billed_home(session)
    as_user(session, "inspector")
    record = inspections.ask(session, finding(home), today=FEB)

    approvals.decide(session, session.query(Approval).one().id, grant=False, by="lawyer", remark="no", today=FEB, now=NOW)

    assert (record.status, record.charge_id, charges(session, home)) == ("REFUSED", None, [])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"period_from": date(2025, 1, 1)}, inspections.WindowTooLong),
        ({"period_from": date(2025, 12, 1)}, NoTariff),
        ({"method": EnergyMethod.MEASURED, "energy_milli": 0}, inspections.NothingToCharge),
    ],
)
def test_record_that_cannot_be_charged_is_refused(session: Session, more: dict[str, object], error: type[Exception]) -> None:
    home = billed_home(session)

    with pytest.raises(error):
        inspections.compute(session, finding(home, **more), today=FEB)


def test_window_begins_after_the_last_record(session: Session) -> None:
    home = billed_home(session)
    inspections.ask(session, finding(home, period_to=date(2026, 1, 20)), today=FEB)

    with pytest.raises(inspections.WindowTooLong, match="2026-01-20"):
        inspections.compute(session, finding(home, number="A-2"), today=FEB)
    with pytest.raises(inspections.RecordNumberTaken):
        inspections.ask(session, finding(home, period_from=date(2026, 1, 20)), today=FEB)


def test_meter_that_counted_too_much_gives_back(session: Session) -> None:
    home = billed_home(session)
    bill_month(session, home.division_id, JAN)
    fast = finding(home, kind=ViolationKind.WRONG_METER, method=EnergyMethod.MEASURED, energy_milli=210_000, period_to=date(2026, 1, 25))

    computed = inspections.compute(session, fast, today=FEB)

    assert computed.quantity_milli == -100_000
    assert computed.amount_tiyin == -100 * 800_00


def test_large_reversal_waits_for_a_second_person(session: Session) -> None:
    home = billed_home(session)
    as_user(session, "inspector")
    record = inspections.ask(session, finding(home), today=FEB)
    approvals.decide(session, session.query(Approval).one().id, grant=True, by="lawyer", remark=None, today=FEB, now=NOW)
    assert record.charge_id is not None

    request = claims.reverse(session, record.charge_id, reason="letter 9", today=FEB)

    assert isinstance(request, Approval)
    assert charges(session, home) == [record.amount_tiyin]
    with pytest.raises(claims.ReversalAlreadyRequested):
        claims.reverse(session, record.charge_id, reason="letter 9", today=FEB)
    approvals.decide(session, request.id, grant=True, by="lawyer", remark=None, today=FEB, now=NOW)
    assert charges(session, home) == [record.amount_tiyin, -record.amount_tiyin]


@pytest.mark.parametrize(("below_som", "needs_another"), [(0, False), (1, True)])
def test_reversal_of_exactly_the_limit_is_one_person_s(session: Session, below_som: int, needs_another: bool) -> None:
    home = billed_home(session)
    as_user(session, "inspector")
    record = inspections.ask(session, finding(home), today=FEB)
    approvals.decide(session, session.query(Approval).one().id, grant=True, by="lawyer", remark=None, today=FEB, now=NOW)
    assert record.charge_id is not None
    som, rest = divmod(record.amount_tiyin, 100)
    assert rest == 0
    session.add(OperatingParameter(code="claims.reversal_alone_som", valid_from=FEB, value=str(som - below_som)))
    session.flush()

    reversal = claims.reverse(session, record.charge_id, reason="letter 9", today=FEB)

    assert isinstance(reversal, Approval) == needs_another


def test_subsidies_of_a_file_are_granted_once_and_faults_are_named(session: Session) -> None:
    home = billed_home(session)
    rows = [
        SubsidyLine(2, home.number, "150 000,50", "2026-02"),
        SubsidyLine(3, home.number, "1", "02.2026"),
        SubsidyLine(4, "999999999999", "1", "2026-02"),
        SubsidyLine(5, home.number, "much", "2026-03"),
        SubsidyLine(6, home.number, "-5", "2026-03"),
        SubsidyLine(7, home.number, "5", "soon"),
    ]

    would = subsidies.sums_of(session, rows, division_id=home.division_id, programme="resolution 1")
    found = claims.grant_subsidies(session, rows, division_id=home.division_id, programme="resolution 1")
    again = claims.grant_subsidies(session, rows[:1], division_id=home.division_id, programme="resolution 1")

    assert (found.rows, found.amount_tiyin) == (1, 15_000_050)
    assert would == found
    assert [(row.row_no, row.fault) for row in found.refused] == [
        (3, RowFault.REPEATED),
        (4, RowFault.UNKNOWN_ROW),
        (5, RowFault.NOT_A_NUMBER),
        (6, RowFault.BREAKS_RULE),
        (7, RowFault.NOT_A_DAY),
    ]
    assert again.rows == 0
    assert charges(session, home) == [-15_000_050]


def test_charges_computed_again_from_their_derivations_come_out_the_same(session: Session) -> None:
    district = make_district(session)
    homes = [billed_home(session, serial, district=district) for serial in (1, 2)]
    bill_month(session, district.id, JAN)
    pay(session, homes[0], 7_000_001, date(2026, 2, 14))
    posted(session, district.id, MARCH)
    posted(session, district.id, APRIL)
    as_user(session, "inspector")
    inspections.ask(session, finding(homes[1]), today=FEB)
    approvals.decide(session, session.query(Approval).one().id, grant=True, by="lawyer", remark=None, today=FEB, now=NOW)

    assert claims.replay(session, division_id=district.id, period_from=JAN, period_to=MAY) == []

    session.execute(
        text(
            "INSERT INTO billable_charge (division_id, account_id, component, period_from, period_to, amount_tiyin, basis, derivation) "
            "SELECT division_id, account_id, component, period_from, period_to, amount_tiyin + 1, basis, derivation FROM billable_charge "
            "WHERE component = 'PENALTY' LIMIT 1"
        )
    )
    assert len(claims.replay(session, division_id=district.id, period_from=JAN, period_to=MAY)) == 1
