"""An account billed for two months, on which acts are performed."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal, ActRefused, ActRequest
from app.domain.payments.channels import Channel
from app.models.acts import Act
from app.queries import ledger, tariffs
from app.services import acts, payments
from app.services.billing import replay
from app.services.payments import MoneyReceived
from tests.builders import Home, owed

JAN, FEB, MARCH, APRIL = (date(2026, month, 1) for month in range(1, 5))


DAY = date(2026, 3, 16)


TODAY = date(2026, 4, 20)


NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)


_references = count(1)


class Office(NamedTuple):
    """An account billed for January and February, read on the day of the acts."""

    session: Session
    home: Home

    def request(
        self, act_kind: ActKind = ActKind.CLOSE_ACCOUNT, /, on: date = DAY, dial: int | None = 1800, **parameters: Any
    ) -> ActRequest:
        readings = {} if dial is None else {str(self.home.register_id): dial * 1000}
        given = {"unsettled": "STAYS"} | parameters | {"readings": readings}
        return ActRequest(
            act_kind, self.home.division_id, on, "application no. 7", given, f"form {next(_references)}", account_id=self.home.account_id
        )

    def perform(self, *args: Any, **kwargs: Any) -> Act:
        return acts.submit(self.session, self.request(*args, **kwargs), today=TODAY)

    def undo(self, act: Act) -> Act:
        request = acts.request_of(act, effective_on=TODAY, reason="a mistake", reference=f"undo {next(_references)}")
        return acts.submit(self.session, request, today=TODAY)

    def pay_tiyin(self, tiyin: int, on: date = MARCH) -> None:
        payments.book(self.session, MoneyReceived(Channel.CASHIER, f"pay {next(_references)}", self.home.account_id, tiyin), received_on=on)

    def bills(self, account_id: int | None = None) -> list[tuple[Any, ...]]:
        rows = self.session.execute(
            text(
                "SELECT billing_month, period_from, period_to, quality, quantity_milli / 1000, amount_tiyin FROM bill b "
                "WHERE account_id = :id AND cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id) ORDER BY 1"
            ),
            {"id": account_id or self.home.account_id},
        )
        return [tuple(row) for row in rows]

    def status(self) -> tuple[Any, ...]:
        row = self.session.execute(text("SELECT status, closed_on FROM account WHERE id = :id"), {"id": self.home.account_id}).one()
        return tuple(row)

    def supplies(self) -> list[tuple[Any, ...]]:
        statement = text("SELECT valid_from, valid_to FROM supply WHERE account_id = :id ORDER BY 1")
        return [tuple(row) for row in self.session.execute(statement, {"id": self.home.account_id})]

    def figures(self) -> tuple[Any, ...]:
        return self.bills(), owed(self.session, self.home), self.status(), self.supplies()


def refused(refusal: ActRefusal, attempt: Callable[[], Any]) -> None:
    with pytest.raises(ActRefused) as caught:
        attempt()
    assert caught.value.refusal == refusal


def proved(session: Session, division_id: int, *, months: int = 5) -> bool:
    """The ledger adds up, and every bill that stands comes out again as it was posted."""
    differing = [
        found
        for month in range(1, months + 1)
        for _, differences in replay.replay_month(session, tariffs.prices(session), division_id=division_id, month=date(2026, month, 1))
        for found in differences
    ]
    return (ledger.drifts(session), differing) == ([], [])
