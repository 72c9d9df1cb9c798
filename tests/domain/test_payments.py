"""The life of a tender."""

import pytest

from app.domain import payments
from app.domain.payments import TenderEvent, TenderStatus

STEPS = {
    (TenderStatus.CREATED, TenderEvent.PERFORM): TenderStatus.PERFORMED,
    (TenderStatus.CREATED, TenderEvent.CANCEL): TenderStatus.CANCELLED,
    (TenderStatus.CREATED, TenderEvent.EXPIRE): TenderStatus.CANCELLED,
    (TenderStatus.PERFORMED, TenderEvent.CANCEL): TenderStatus.REVERSED,
}


@pytest.mark.parametrize("status", TenderStatus)
@pytest.mark.parametrize("event", TenderEvent)
def test_a_tender_takes_the_listed_steps_and_no_others(status: TenderStatus, event: TenderEvent):
    assert payments.next_status(status, event) is STEPS.get((status, event))


def test_no_step_leads_out_of_a_cancelled_or_reversed_tender():
    assert {status for status, _ in payments.TRANSITIONS} == {TenderStatus.CREATED, TenderStatus.PERFORMED}
