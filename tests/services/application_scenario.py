"""Somebody who files applications about an account at the office, and moves them on."""

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.applications import (
    ApplicationEvent,
    ApplicationRefusal,
    ApplicationRefused,
    ApplicationRequest,
    ApplicationStatus,
    ApplicationWay,
    FileGiven,
)
from app.models.applications import ConsumerApplication
from app.services import applications
from app.services.applications import StepTaken
from tests.services.act_scenario import NOW, TODAY, Office

_E, _S, _R = ApplicationEvent, ApplicationStatus, ApplicationRefusal
_numbers = count(1)
PDF = b"%PDF-1.4\n%%EOF\n"
BASIS = "application"


class Desk(NamedTuple):
    """Files applications about an account and moves them on."""

    office: Office
    user_id: int

    @property
    def session(self) -> Session:
        return self.office.session

    def request(self, kind: str, /, *, files: int = 0, **given: Any) -> ApplicationRequest:
        home = self.office.home
        own = {name: given.pop(name) for name in ("account_id", "is_owner", "way", "reference", "caller") if name in given}
        about = {
            "account_id": home.account_id, "is_owner": True, "way": ApplicationWay.PORTAL, "reference": f"t {next(_numbers)}",
            "caller": "+998901112233",
        } | own  # fmt: skip
        papers, phone = [FileGiven(f"{number}.pdf", PDF) for number in range(files)], about.pop("caller")
        return ApplicationRequest(
            kind_code=kind, division_id=home.division_id, applicant_name="Karimov Aziz", phone=phone, values=given, files=papers, **about
        )

    def file(self, kind: str, /, on: date = TODAY, **given: Any) -> ConsumerApplication:
        return applications.file(self.session, self.request(kind, **given), today=on, now=NOW)

    def step(
        self, found: ConsumerApplication, event: ApplicationEvent, reason: str = "", files: int = 0, on: date = TODAY
    ) -> ConsumerApplication:
        papers = [FileGiven(f"{number}.pdf", PDF) for number in range(files)]
        taken = StepTaken(event, reason, papers, self.user_id, f"№ {found.id}", f"/applications/show/{found.id}")
        return applications.advance(self.session, found.id, taken, today=on, now=NOW)

    def accept(self, found: ConsumerApplication) -> Any:
        self.step(found, _E.TAKE)
        return applications.accept(self.session, found.id, StepTaken(_E.ACCEPT), basis=BASIS, today=TODAY, now=NOW)

    def refused(self, work: Callable[[], Any]) -> ApplicationRefusal:
        with pytest.raises(ApplicationRefused) as caught:
            work()
        return caught.value.refusal


def make_desk(office: Office) -> Desk:
    """Return a desk of the division of an office, with its own user."""
    session = office.session
    user_id = session.scalar(
        text("INSERT INTO ab_user (first_name, last_name, username, email, active) VALUES ('D', 'E', 'desk', 'd@e.uz', true) RETURNING id")
    )
    session.execute(
        text("INSERT INTO division_access (user_id, division_id, valid_from, basis) VALUES (:user, :division, '2020-01-01', 'test')"),
        {"user": user_id, "division": office.home.division_id},
    )
    return Desk(office, int(user_id or 0))
