"""The calculator: a quantity costs what a bill of it would."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.services.billing import calculator
from app.services.billing.calculator import CalculatorRequest
from tests.builders import bill_month, make_district, make_home, read

JULY = date(2025, 7, 1)
HOUSEHOLD = CalculatorRequest("ELECTRICITY", "HOUSEHOLD", 310_000, JULY)


def test_quantity_costs_what_the_bill_of_it_costs(session: Session) -> None:
    district = make_district(session)
    home = make_home(session, district, since=date(2025, 5, 1))
    read(session, home, date(2025, 6, 1), 1300)
    bill_month(session, district.id, date(2025, 5, 1))
    read(session, home, date(2025, 7, 1), 1610)
    bill_month(session, district.id, date(2025, 6, 1))
    billed = session.execute(
        text(
            "SELECT l.block_no, l.quantity_milli, l.amount_tiyin, l.vat_tiyin FROM bill_line l JOIN bill b ON b.id = l.bill_id"
            " WHERE b.account_id = :id AND b.billing_month = '2025-06-01' ORDER BY l.line_no"
        ),
        {"id": home.account_id},
    ).all()

    found = calculator.calculate(session, HOUSEHOLD._replace(on=date(2025, 6, 15)))

    assert [(line.block_no, line.quantity_milli, line.amount_tiyin, line.vat_tiyin) for line in found.lines] == [*map(tuple, billed)]
    assert found.amount_tiyin == sum(row.amount_tiyin for row in billed)
    assert (found.period_from, found.period_to) == (date(2025, 6, 1), JULY)


def test_past_month_keeps_its_own_price(session: Session) -> None:
    before = calculator.calculate(session, HOUSEHOLD._replace(on=date(2024, 4, 30)))

    assert before.amount_tiyin == 310 * 29_500


def test_first_day_that_can_be_asked_about_is_that_of_2000(session: Session) -> None:
    assert calculator.calculate(session, HOUSEHOLD._replace(on=date(2000, 1, 1))).period_from == date(2000, 1, 1)


def test_change_of_tariff_shares_energy_by_days(session: Session) -> None:
    both = calculator.calculate(session, HOUSEHOLD._replace(on=date(2024, 4, 16), days=30))

    assert [line.period_from for line in both.lines] == [date(2024, 4, 16), *[date(2024, 5, 1)] * (len(both.lines) - 1)]
    assert sum(line.quantity_milli for line in both.lines) == 310_000


def test_each_family_has_its_own_steps(session: Session) -> None:
    two = calculator.calculate(session, HOUSEHOLD._replace(quantity_milli=620_000, families=2))

    assert two.amount_tiyin == 2 * calculator.calculate(session, HOUSEHOLD).amount_tiyin


@pytest.mark.parametrize(("limit_milli", "som"), [(None, 27_000), (40_000, 42_000), (1_000_000, 27_000)])
def test_benefit_gives_back_its_percentage_of_what_it_covers(session: Session, limit_milli: int | None, som: int) -> None:
    insert = text("INSERT INTO benefit (code, name, percent, limit_milli, source) VALUES ('HALF', 'Half', 50, :limit, 'test')")
    session.execute(insert, {"limit": limit_milli})
    session.execute(text("INSERT INTO benefit (code, name, percent, source) VALUES ('TENTH', 'A tenth', 10, 'test')"))

    of_half = calculator.calculate(session, HOUSEHOLD._replace(quantity_milli=90_000, benefit="HALF"))
    of_tenth = calculator.calculate(session, HOUSEHOLD._replace(quantity_milli=100_000, benefit="TENTH"))

    assert (of_half.amount_tiyin, of_tenth.amount_tiyin) == (som * 100, 54_000_00)


def test_part_of_a_unit_costs_something(session: Session) -> None:
    assert calculator.calculate(session, HOUSEHOLD._replace(quantity_milli=10_500)).amount_tiyin == 630_000


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        (HOUSEHOLD._replace(quantity_milli=-1), calculator.CalculatorOutOfRange),
        (HOUSEHOLD._replace(quantity_milli=10**15 + 1), calculator.CalculatorOutOfRange),
        (HOUSEHOLD._replace(days=0), calculator.CalculatorOutOfRange),
        (HOUSEHOLD._replace(days=32), calculator.CalculatorOutOfRange),
        (HOUSEHOLD._replace(families=0), calculator.CalculatorOutOfRange),
        (HOUSEHOLD._replace(on=date(1999, 12, 31)), calculator.CalculatorOutOfRange),
        (HOUSEHOLD._replace(on=date(2200, 1, 1)), calculator.CalculatorOutOfRange),
        (HOUSEHOLD._replace(resource="STEAM"), calculator.UnknownTariff),
        (HOUSEHOLD._replace(benefit="NONE"), calculator.UnknownBenefit),
        (HOUSEHOLD._replace(quantity_milli=10**15), calculator.NoPrice),
    ],
)
def test_what_has_no_price_is_refused(session: Session, wanted: CalculatorRequest, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        calculator.calculate(session, wanted)
