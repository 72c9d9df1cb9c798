"""Demo supplies that are off, were restored, or wait for a brigade: orders of each status, records of each kind, a device's event."""

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from app.domain.calendar import TASHKENT
from app.domain.supply import OffReason, SupplyOrderKind, SupplyState
from app.models.acts import Act
from app.models.reference import Brigade
from app.queries import acts as queries
from app.queries.records import fetch_all
from app.services import acts, supply
from app.services.demo import seals
from app.services.once import added
from app.services.supply import OrderRequest, SwitchEvent

#: Households of which no act is known, those that owe first.
_DEBTORS = """
    SELECT a.id AS account_id, s.service_point_id FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD'
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL AND s.valid_from < :since
    JOIN account_position p ON p.account_id = a.id
    WHERE a.division_id = :division_id AND a.status = 'OPEN' AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id)
    ORDER BY p.debt_tiyin > 0 DESC, a.id DESC LIMIT :limit
    """
_WANTED = 9
BRIGADE = "Uzish va ulash brigadasi"
#: When the brigade went about.
_AGO = timedelta(days=6)
_REASON = "Qarzdorlik boʻyicha ogohlantirish, 5 kun oʻtdi"


class _Debtor(NamedTuple):
    account_id: int
    service_point_id: int


class _Office:
    """Issues orders of a division and records what brigades did."""

    def __init__(self, session: Session, division_id: int, today: date) -> None:
        self.session, self.division_id, self.today, self.numbers = session, division_id, today, count(1)
        self.brigade = added(session, Brigade(division_id=division_id, name=BRIGADE))
        seals.provide(session, self.brigade, on=today - _AGO)

    def act(self, kind: ActKind, debtor: _Debtor, on: date, **given: Any) -> Act:
        wanted = {"brigade_id": self.brigade.id, "consent": "SIGNED", "witness_1": "", "witness_2": ""} | given
        reference = f"demo supply {self.division_id} {next(self.numbers)}"
        request = ActRequest(kind, self.division_id, on, _REASON, wanted, reference, account_id=debtor.account_id)
        return acts.submit(self.session, request, today=self.today)

    def order(self, debtor: _Debtor, on: date, kind: ActKind = ActKind.ORDER_DISCONNECTION, days: int = 3, reason: str = "DEBT") -> int:
        given = {"off_reason": reason, "term_on": (on + timedelta(days=days)).isoformat(), "note": "", "order_id": None}
        return int(self.act(kind, debtor, on, **given).result["undo"]["order_id"])

    def cut(self, debtor: _Debtor, on: date, hour: str, **given: Any) -> Act:
        return self.act(ActKind.DISCONNECT, debtor, on, order_id=self.order(debtor, on), hour=hour, **given)

    def restore(self, debtor: _Debtor, on: date, hour: str) -> Act:
        number = self.order(debtor, on, ActKind.ORDER_RECONNECTION)
        return self.act(ActKind.RECONNECT, debtor, on, order_id=number, hour=hour)


def switch_supplies(session: Session, division_id: int, *, today: date) -> int:
    """Cut and restore supplies of a billed division; return of how many accounts."""
    debtors = fetch_all(session, _DEBTORS, _Debtor, division_id=division_id, since=today - timedelta(days=30), limit=_WANTED)
    if len(debtors) < _WANTED:
        return 0
    office, before = _Office(session, division_id, today), today - _AGO
    off, back, today_off, today_back, refused, late, withdrawn, drafted, told = debtors
    dials = {
        str(row.register_id): (row.before_milli or 0) + 4_000 if row.dial_milli is None else row.dial_milli
        for row in queries.registers_on(session, off.service_point_id, before, until=False)
    }
    office.cut(off, before, "10:40", seal_number=seals.next_of(session, office.brigade), readings=dials)
    office.cut(back, before, "11:15", consent="SIGNATURE_REFUSED", witness_1="Olimov Sardor", witness_2="Qodirova Nargiza")
    office.restore(back, today - timedelta(days=2), "15:30")
    office.cut(today_off, today, "00:00")
    office.cut(today_back, before, "14:05")
    office.restore(today_back, today, "00:00")
    given = {"order_id": office.order(refused, before), "consent": "ACCESS_REFUSED"}
    office.act(ActKind.REFUSE_SUPPLY_ORDER, refused, before, **given, witness_1="Tosheva Lola", witness_2="Umarov Jasur")
    office.order(late, before, days=2)
    number = office.order(withdrawn, before, reason="REQUEST")
    assert number
    issued = acts.act_of(session, fetch_all(session, _ISSUED, int, id=number)[0])
    undo = acts.request_of(issued, effective_on=today, reason="Qarz toʻlandi", reference=f"demo supply {division_id} undo")
    acts.submit(session, undo, today=today)
    supply.draft_order(
        session, OrderRequest(drafted.account_id, SupplyOrderKind.DISCONNECTION, OffReason.SAFETY, today, today, "", office.brigade.id)
    )
    morning = datetime.combine(today - timedelta(days=1), time(7, 42), TASHKENT)
    event = SwitchEvent(told.service_point_id, SupplyState.OFF, morning, f"demo {division_id} 1")
    supply.switch_by_device(session, event, now=morning)
    return len(debtors)


_ISSUED = "SELECT issued_act_id FROM supply_order WHERE id = :id AND issued_act_id IS NOT NULL"
