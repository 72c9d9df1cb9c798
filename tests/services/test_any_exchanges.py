"""Whatever meters are exchanged, on time or late: the energy that registers counted is the energy that bills price."""

from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.builders import bill_month, make_district, make_home, read
from tests.services.act_scenario import proved
from tests.services.meter_scenario import APRIL, FEB, JAN, MARCH, Fitter

LAST = date(2026, 4, 30)
#: The place could take 240 units a day.
A_DAY = 200


class Step(NamedTuple):
    """So many days after the one before, the meter is read and, if an opening dial is given, exchanged."""

    days: int
    used: int  #: units of the dial of each day
    opening: int | None
    ct_primary: int


STEPS = st.lists(
    st.builds(
        Step, st.integers(1, 25), st.integers(0, 9), st.none() | st.integers(0, 99_990), st.sampled_from([5, 50, 100])
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, late=st.booleans())
@example(steps=[Step(20, 9, 99_990, 100), Step(20, 9, 0, 5), Step(1, 0, 7, 50)], late=True)
def test_energy_that_was_counted_is_the_energy_that_is_priced(session: Session, steps: list[Step], late: bool) -> None:
    with session.begin_nested() as attempt:
        fitter = Fitter(session, make_home(session, make_district(session)), today=LAST)
        session.execute(
            text(
                "INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('acts.limit_som', 9000000000, '2026-01-01', 'x')"
            )
        )
        if late:
            for month in (JAN, FEB):
                bill_month(session, fitter.home.division_id, month)

        counted = _exchange(fitter, steps)
        for month in (MARCH, APRIL) if late else (JAN, FEB, MARCH, APRIL):
            bill_month(session, fitter.home.division_id, month)

        assert _priced(session, fitter.home.account_id) == counted
        assert proved(session, fitter.home.division_id, months=4)
        attempt.rollback()


def _exchange(fitter: Fitter, steps: list[Step]) -> int:
    """Read and exchange the meters of a home one after the other, the last time at the end of April; return what they counted."""
    day, dial, multiplier, total, place = JAN, 1000, 1, 0, 0
    for place, step in enumerate([*steps, Step((LAST - JAN).days, 1, None, 5)]):
        next_day = min(day + timedelta(days=step.days), LAST) if place < len(steps) else LAST
        if next_day <= day:
            continue
        used = min(step.used, A_DAY // multiplier) * (next_day - day).days
        dial, total, day = (dial + used) % 100_000, total + used * multiplier, next_day
        if step.opening is None or day == LAST:
            read(fitter.session, fitter.present(), day, dial)
            continue
        ratio = {"ct_primary": step.ct_primary, "ct_secondary": 5}
        fitter.exchange(day, dial, f"S{place}", step.opening, is_sure=True, **ratio)
        dial, multiplier = step.opening, step.ct_primary // 5
    return total


def _priced(session: Session, account_id: int) -> int:
    """Return the units that the lines of an account's bills price."""
    statement = """
        SELECT coalesce(sum(l.quantity_milli), 0) / 1000
        FROM bill_line l JOIN bill b ON b.id = l.bill_id AND b.billing_month = l.billing_month
        WHERE b.account_id = :id AND l.component = 'ENERGY' AND l.kind <> 'BENEFIT'
        """
    return int(session.scalar(text(statement), {"id": account_id}) or 0)
