"""An account with bills of several months, on which acts about bills are performed."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest, ActStatus
from app.models.acts import Act
from app.queries import ledger, tariffs
from app.services import acts
from app.services.billing import replay
from tests.builders import Home

TODAY = date(2026, 4, 10)


MONTHS = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


class Office(NamedTuple):
    """An account billed for three months, and a way to perform acts on it."""

    session: Session
    home: Home
    readings: list[int]

    def ask(self, kind: ActKind, day: date, reference: str = "form", **parameters: Any) -> ActRequest:
        return ActRequest(kind, self.home.division_id, day, "order no. 7", parameters, reference, account_id=self.home.account_id)

    def act(self, kind: ActKind, day: date, reference: str = "form", **parameters: Any) -> Act:
        act = acts.submit(self.session, self.ask(kind, day, reference, **parameters), today=TODAY)
        assert act.status == ActStatus.DONE
        return act

    def undo(self, act: Act) -> Act:
        request = acts.request_of(act, effective_on=TODAY, reason="wrong", reference=f"undo-{act.id}")
        return acts.submit(self.session, request, today=TODAY)

    def bills(self) -> list[tuple[date, int, int]]:
        rows = self.session.execute(
            text(
                "SELECT billing_month, quantity_milli, amount_tiyin FROM bill b WHERE account_id = :id AND cancels_id IS NULL "
                "AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id) ORDER BY 1"
            ),
            {"id": self.home.account_id},
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def is_sound(self) -> bool:
        """Tell whether the ledger adds up and every bill is computed again as it was posted."""
        differences = [
            found
            for month in MONTHS
            for _count, found in replay.replay_month(
                self.session, tariffs.prices(self.session), division_id=self.home.division_id, month=month
            )
            if found
        ]
        return list(ledger.drifts(self.session)) == [] and differences == []


def group_id(session: Session, code: str) -> int:
    return int(session.scalar(text("SELECT id FROM tariff_group WHERE code = :code"), {"code": code}) or 0)
