"""A month that is billed again, or late, follows what was in force in that month: benefit, connected capacity, ordered energy."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind
from app.domain.billing.corrections import CorrectionKind
from app.services.billing import corrections
from tests.builders import SINCE, Home, bill_month, make_district, make_home, read
from tests.services.bill_act_scenario import MONTHS, TODAY, Office
from tests.services.contract_scenario import act as contract_act
from tests.services.contract_scenario import signed
from tests.services.legal_accounts import make_legal

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def lines(office: Office, component: str) -> list[tuple[object, ...]]:
    """Month, quantity and percentage of the price of the lines of bills that stand."""
    rows = office.session.execute(
        text(
            "SELECT b.billing_month, l.quantity_milli / 1000, round(100 * l.rate / (SELECT max(e.rate) FROM bill_line e "
            "WHERE e.bill_id = b.id AND e.component = 'ENERGY' AND e.block_no = l.block_no))::int "
            "FROM bill_line l JOIN bill b ON b.id = l.bill_id WHERE l.account_id = :id AND l.component = :component "
            "AND b.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id) ORDER BY b.id, l.line_no"
        ),
        {"id": office.home.account_id, "component": component},
    )
    return [tuple(row) for row in rows]


def bill_again(office: Office, since: date = MONTHS[0]) -> None:
    wanted = corrections.CorrectionRequest(
        office.home.division_id, since, CorrectionKind.REBILL, "again", f"again {since}", account_id=office.home.account_id
    )
    corrections.correct_account(office.session, wanted, today=TODAY)


def in_force(session: Session, day: date, statement: str) -> None:
    """Change a dictionary as a change does whose day has come."""
    session.execute(text("SELECT set_config('app.valid_from', :day, true)"), {"day": day.isoformat()})
    session.execute(text(statement))
    session.execute(text("SELECT set_config('app.valid_from', '', true)"))


@pytest.fixture
def household(session: Session) -> Iterator[Office]:
    """An account with half the price of its first 100 kWh a month; nothing is billed."""
    home = make_home(session, make_district(session))
    read_on = ((MONTHS[1], 1150), (MARCH, 1300), (APRIL, 1450))
    readings = [read(session, home, day, dial) for day, dial in read_on]
    in_force(session, SINCE, "INSERT INTO benefit (code, name, percent, limit_milli, source) VALUES ('T', 'T', 50, 100000, 'test')")
    session.execute(
        text(
            "INSERT INTO account_benefit (division_id, account_id, benefit_id, valid_from) "
            "SELECT :division, :account, id, '2026-01-01' FROM benefit WHERE code = 'T'"
        ),
        {"division": home.division_id, "account": home.account_id},
    )
    return Office(session, home, readings)


def billed(office: Office) -> Office:
    for month in MONTHS:
        bill_month(office.session, office.home.division_id, month)
    return office


def test_billed_reading_is_corrected_with_the_benefit_of_its_month(household: Office) -> None:
    office = billed(household)
    assert lines(office, "BENEFIT") == [(month, 100, -50) for month in MONTHS]
    in_force(office.session, APRIL, "UPDATE benefit SET percent = 10, limit_milli = 7000 WHERE code = 'T'")

    office.act(ActKind.CORRECT_READING, MONTHS[1], reading_id=office.readings[0], dial="1160")

    assert lines(office, "BENEFIT") == [(month, 100, -50) for month in MONTHS]
    assert office.is_sound()


def test_months_on_both_sides_of_a_change_of_a_benefit_follow_their_own(household: Office) -> None:
    in_force(household.session, MARCH, "UPDATE benefit SET percent = 10 WHERE code = 'T'")
    in_force(household.session, APRIL, "UPDATE benefit SET name = 'Another name' WHERE code = 'T'")

    office = billed(household)

    expected = [(MONTHS[0], 100, -50), (MONTHS[1], 100, -50), (MARCH, 100, -10)]
    assert lines(office, "BENEFIT") == expected
    bill_again(office)
    assert lines(office, "BENEFIT") == expected
    assert office.is_sound()


def test_month_in_which_a_benefit_changes_is_cut_on_that_day(household: Office) -> None:
    in_force(household.session, date(2026, 2, 15), "UPDATE benefit SET percent = 10 WHERE code = 'T'")

    office = billed(household)

    february = [line[1:] for line in lines(office, "BENEFIT") if line[0] == MONTHS[1]]
    assert february == [(50, -50), (50, -10)]
    assert office.is_sound()


def test_name_of_a_benefit_cuts_no_month(household: Office) -> None:
    in_force(household.session, date(2026, 2, 15), "UPDATE benefit SET name = 'Another name' WHERE code = 'T'")

    office = billed(household)

    assert [line[1] for line in lines(office, "BENEFIT")] == [100, 100, 100]


def test_benefit_without_kept_versions_gives_what_it_gives(household: Office) -> None:
    # A node has versions only since it joined.
    household.session.execute(text("SET LOCAL ROLE pcb_owner"))
    household.session.execute(text("DELETE FROM reference_version WHERE table_name = 'benefit'"))
    household.session.execute(text("SET LOCAL ROLE pcb_worker"))

    assert lines(billed(household), "BENEFIT") == [(month, 100, -50) for month in MONTHS]


def estimates(office: Office) -> list[int]:
    rows = office.session.scalars(
        text(
            "SELECT b.quantity_milli / 1000 FROM bill b WHERE account_id = :id AND cancels_id IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id) ORDER BY billing_month"
        ),
        {"id": office.home.account_id},
    )
    return [int(each) for each in rows]


def test_month_is_estimated_again_by_the_capacity_it_had(session: Session) -> None:
    home = make_home(session, make_district(session), capacity_kw=1)
    office = billed(Office(session, home, []))
    january, february, march = estimates(office)

    office.act(ActKind.CHANGE_TERM, MARCH, term="CAPACITY", value_milli=500)
    bill_again(office)

    assert estimates(office) == [january, february, march // 2]
    assert office.is_sound()


def test_month_is_billed_again_with_the_energy_that_was_ordered_then(session: Session) -> None:
    (account,) = make_legal(session)
    meter = session.execute(
        text(
            "SELECT i.id AS installation, g.id AS register FROM supply s JOIN meter_installation i USING (service_point_id) "
            "JOIN register g ON g.meter_id = i.meter_id WHERE s.account_id = :id"
        ),
        {"id": account.id},
    ).one()
    home = Home(account.id, account.number, account.division_id, 0, meter.installation, meter.register, "")
    contract = signed(session, [account], limit=100_000)
    for day, dial in ((MONTHS[1], 1500), (MARCH, 2000), (APRIL, 2500)):
        read(session, home, day, dial)
    office = billed(Office(session, home, []))
    over = lines(office, "OVER_LIMIT")
    annexed = {"contract_account_id": account.id, "valid_from": "2026-04-01", "limit_milli": 900_000}
    contract_act(session, ActKind.ANNEX_CONTRACT, contract, on=TODAY, today=TODAY, **annexed)

    bill_again(office)

    assert over
    assert lines(office, "OVER_LIMIT") == over
    assert office.is_sound()
