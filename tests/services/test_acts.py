"""The ways of every act: once, previewed, above the limit by two persons, undone once and in order."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import TRANSITIONS, ActEvent, ActKind, ActRefusal, ActRefused, ActRequest, ActStatus
from app.models.accounts import Consumer
from app.models.acts import Act
from app.services import acts
from tests.builders import Home, make_district, make_home

TODAY = date(2026, 4, 10)
NOW = datetime(2026, 4, 10, 9, tzinfo=UTC)


class Office(NamedTuple):
    """A consumer, and a way to ask for acts about him."""

    session: Session
    home: Home
    consumer_id: int

    def request(self, reference: str = "form-1", **changes: Any) -> ActRequest:
        fields = {"name": "Karimova Anora", "phone": "+998901234567", "pinfl": "30101199000012", "language": "ru"} | changes
        return ActRequest(
            ActKind.CORRECT_IDENTITY, self.home.division_id, date(2026, 4, 1), "passport AA1234567", fields, reference,
            consumer_id=self.consumer_id,
        )  # fmt: skip

    def undo(self, act: Act, reference: str = "undo-1") -> Act:
        return acts.submit(self.session, acts.request_of(act, effective_on=TODAY, reason="wrong", reference=reference), today=TODAY)

    def data(self) -> tuple[Any, ...]:
        row = self.session.execute(text("SELECT name, pinfl, phone, language FROM consumer WHERE id = :id"), {"id": self.consumer_id})
        return tuple(row.one())


@pytest.fixture
def office(session: Session) -> Office:
    home = make_home(session, make_district(session))
    consumer_id = session.scalar(text("SELECT consumer_id FROM account WHERE id = :id"), {"id": home.account_id})
    return Office(session, home, int(consumer_id or 0))


def refused(refusal: ActRefusal, attempt: Callable[[], Any]) -> None:
    with pytest.raises(ActRefused) as caught:
        attempt()
    assert caught.value.refusal == refusal


def test_every_kind_has_its_module() -> None:
    assert set(acts.SPECS) <= set(ActKind)


@pytest.mark.parametrize("status", ActStatus)
@pytest.mark.parametrize("event", ActEvent)
def test_act_takes_the_listed_steps_and_no_others(status: ActStatus, event: ActEvent) -> None:
    listed = {
        (ActStatus.REQUESTED, ActEvent.PERFORM), (ActStatus.REQUESTED, ActEvent.REFUSE), (ActStatus.DONE, ActEvent.REVERSE),
    }  # fmt: skip

    assert ((status, event) in TRANSITIONS) == ((status, event) in listed)


def test_act_is_performed_and_tells_what_it_replaced(office: Office) -> None:
    before = office.data()

    act = acts.submit(office.session, office.request(), today=TODAY)

    assert act.status == ActStatus.DONE
    assert office.data() == ("Karimova Anora", "30101199000012", "+998901234567", "ru")
    assert dict(act.result["details"]) == {
        "consumer": "Karimova Anora", "name_before": before[0], "name": "Karimova Anora", "pinfl_before": None,
        "pinfl": "30101199000012", "language_before": "uz", "language": "ru",
    }  # fmt: skip


def test_preview_leaves_nothing(office: Office) -> None:
    before = office.data()

    found = acts.preview(office.session, office.request(), today=TODAY)

    assert dict(found["details"])["name"] == "Karimova Anora"
    assert not found["needs_second"]
    assert office.data() == before
    assert office.session.scalar(text("SELECT count(*) FROM act")) == 0


def test_double_click_makes_one_act(office: Office) -> None:
    first = acts.submit(office.session, office.request(), today=TODAY)

    again = acts.submit(office.session, office.request(), today=TODAY)

    assert again.id == first.id
    assert office.session.scalar(text("SELECT count(*) FROM act")) == 1


def test_form_that_was_used_for_another_act_is_refused(office: Office) -> None:
    acts.submit(office.session, office.request(), today=TODAY)

    refused(ActRefusal.OTHER_CONTENTS, lambda: acts.submit(office.session, office.request(name="Somebody else"), today=TODAY))


def test_day_that_has_not_come_is_refused(office: Office) -> None:
    request = office.request()._replace(effective_on=date(2026, 4, 11))

    refused(ActRefusal.FUTURE_DAY, lambda: acts.submit(office.session, request, today=TODAY))


def test_act_that_changes_nothing_is_refused(office: Office) -> None:
    name, pinfl, phone, language = office.data()
    request = office.request(name=name, pinfl=pinfl, phone=phone, language=language)

    refused(ActRefusal.NOTHING_CHANGES, lambda: acts.submit(office.session, request, today=TODAY))


def test_counter_act_gives_the_old_data_back(office: Office) -> None:
    before = office.data()
    act = acts.submit(office.session, office.request(), today=TODAY)

    counter = office.undo(act)

    assert (act.status, counter.status, counter.reverses_id) == (ActStatus.REVERSED, ActStatus.DONE, act.id)
    assert office.data() == before


def test_act_is_undone_once_and_a_counter_act_never(office: Office) -> None:
    act = acts.submit(office.session, office.request(), today=TODAY)
    counter = office.undo(act)

    refused(ActRefusal.REQUESTED_ALREADY, lambda: office.undo(act, "undo-2"))
    refused(ActRefusal.NOT_STANDING, lambda: office.undo(counter, "undo-3"))


def test_acts_are_undone_newest_first(office: Office) -> None:
    first = acts.submit(office.session, office.request(), today=TODAY)
    second = acts.submit(office.session, office.request("form-2", language="uz"), today=TODAY)

    refused(ActRefusal.LATER_ACT, lambda: office.undo(first))
    office.undo(second)
    office.undo(first, "undo-2")

    assert office.data()[3] == "uz"


def test_data_that_were_changed_since_are_not_overwritten(office: Office) -> None:
    act = acts.submit(office.session, office.request(), today=TODAY)
    consumer = office.session.get(Consumer, office.consumer_id)
    assert consumer is not None
    consumer.name = "Changed elsewhere"

    refused(ActRefusal.CHANGED_MEANWHILE, lambda: office.undo(act))
