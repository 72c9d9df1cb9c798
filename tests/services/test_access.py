"""Access to the whole company, and operating parameters from a day on."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.queries import administration as queries
from app.services import administration as service

TODAY, TOMORROW = date(2026, 5, 1), date(2026, 5, 2)


def test_past_of_a_parameter_is_never_rewritten(session: Session) -> None:
    before = queries.value_on(session, "billing.due_day", date(2026, 4, 30))

    service.set_parameter(session, code="billing.due_day", value="20", source="x", valid_from=TODAY, today=TODAY)

    assert queries.value_on(session, "billing.due_day", date(2026, 4, 30)) == before
    assert queries.value_on(session, "billing.due_day", TODAY) == 20


def test_parameter_cannot_be_set_for_a_day_that_is_over(session: Session) -> None:
    with pytest.raises(service.ParameterInThePast):
        service.set_parameter(session, code="billing.due_day", value="20", source="x", valid_from=TODAY, today=TOMORROW)


def test_parameter_needs_a_source(session: Session) -> None:
    with pytest.raises(service.NoSource):
        service.set_parameter(session, code="billing.due_day", value="20", source=" ", valid_from=TODAY, today=TODAY)
