"""Demo rounds: a street to read and orders to carry out, with proposals that wait, were accepted, and were refused."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.calendar import TASHKENT
from app.domain.field_work import RoundReason, read_act
from app.models.reference import Brigade
from app.queries.records import fetch_all, fetch_optional
from app.services import field_work as service
from app.services.demo import seals, supply
from app.services.field_work import RoundPlan

_STREET = """
    SELECT sp.street_id FROM supply s JOIN service_point sp ON sp.id = s.service_point_id JOIN account a ON a.id = s.account_id
    WHERE a.division_id = :division_id AND a.status = 'OPEN' AND s.valid_to IS NULL
    GROUP BY sp.street_id ORDER BY count(*) DESC, sp.street_id LIMIT 1
"""
#: Points with one register, and a dial a little above the last.
_POINTS = """
    SELECT p.id, min(g.id) AS register_id, max(r.dial_milli) / 1000 + 3 AS dial
    FROM round_point p JOIN meter_installation i ON i.service_point_id = p.service_point_id AND i.valid_to IS NULL
    JOIN register g ON g.meter_id = i.meter_id JOIN reading r ON r.register_id = g.id AND r.account_id = p.account_id
    WHERE p.field_round_id = :id GROUP BY p.id, p.place HAVING count(DISTINCT g.id) = 1 ORDER BY p.place LIMIT 4
"""


_ORDERED = """
    SELECT w.id, d.service_point_id FROM maintenance_work w JOIN device d ON d.id = w.device_id
    JOIN supply s ON s.service_point_id = d.service_point_id AND s.valid_to IS NULL
    WHERE w.division_id = :division_id AND w.status = 'ORDERED' ORDER BY w.id LIMIT 1
"""


class _Ordered(NamedTuple):
    id: int
    service_point_id: int


class _Point(NamedTuple):
    id: int
    register_id: int
    dial: int


def work_outside(session: Session, division_id: int, *, inspector: str, now: datetime) -> int:
    """Let brigades switch supplies, and an inspector walk rounds; return how many proposals there are."""
    supply.switch_supplies(session, division_id, today=now.astimezone(TASHKENT).date())
    return walk_rounds(session, division_id, inspector=inspector, now=now)


def walk_rounds(session: Session, division_id: int, *, inspector: str, now: datetime) -> int:
    """Plan rounds of an inspector and let his phone propose something about some points; return how many proposals there are."""
    today = now.astimezone(TASHKENT).date()
    inspector_id = fetch_optional(session, "SELECT id FROM ab_user WHERE username = :name", int, name=inspector)
    street_id = fetch_optional(session, _STREET, int, division_id=division_id)
    if inspector_id is None or street_id is None:
        return 0
    brigade = session.scalar(select(Brigade).where(Brigade.division_id == division_id, Brigade.name == supply.BRIGADE))
    brigade_id = brigade.id if brigade else None
    plan = RoundPlan(division_id, None, inspector_id, RoundReason.READING, today, "Oylik koʻrsatkichlar", street_id, brigade_id)
    made = service.plan_round(session, plan, today=today)
    if fetch_optional(session, "SELECT 1 FROM supply_order WHERE division_id = :id AND status = 'ISSUED' LIMIT 1", int, id=division_id):
        orders = RoundPlan(division_id, None, inspector_id, RoundReason.DISCONNECTION, today, "Uzish farmoyishlari")
        service.plan_round(session, orders, today=today)
    if ordered := fetch_all(session, _ORDERED, _Ordered, division_id=division_id):
        works = RoundPlan(division_id, None, inspector_id, RoundReason.MAINTENANCE, today, "Texnik xizmat")
        made_of = service.plan_round(session, works, today=today)
        _work_done(session, made_of.id, ordered[0], inspector_id, now)
    points = fetch_all(session, _POINTS, _Point, id=made.id)
    kept = [_propose(session, point, inspector_id, place, now, brigade) for place, point in enumerate(points)]
    for proposal_id in kept[:1]:
        service.accept(session, proposal_id, sure=True, by="operator", now=now)
    for proposal_id in kept[1:2]:
        service.refuse(session, proposal_id, reason="Suratda boshqa hisoblagich", by="operator", now=now)
    return len(kept)


def _work_done(session: Session, round_id: int, done: _Ordered, inspector_id: int, now: datetime) -> None:
    """Let a phone say that an ordered work was done."""
    statement = "SELECT id FROM round_point WHERE field_round_id = :id AND service_point_id = :point"
    point_id = fetch_optional(session, statement, int, id=round_id, point=done.service_point_id)
    sent = {
        "uuid": str(UUID(int=2**64 + done.id)), "point": point_id, "kind": "WORK_DONE", "done_at": (now - timedelta(minutes=5)).isoformat(),
        "works": {str(done.id): "1.5"}, "remark": "Moy sathi meʼyorida",
    }  # fmt: skip
    service.receive(session, read_act(sent), inspector_id=inspector_id, sent_at=now, received_at=now, photo=None)


def _propose(session: Session, point: _Point, inspector_id: int, place: int, now: datetime, brigade: Brigade | None) -> int:
    """Let a phone send a reading and a seal: at the first point one is found broken, that of the last point is a day ahead.

    All name the brigade's next seal: it is used at the first, and the others are told so.
    """
    sent_at = now + timedelta(days=1 if place == 3 else 0)
    sent = {
        "uuid": str(UUID(int=point.id)), "point": point.id, "kind": "READING", "done_at": (sent_at - timedelta(minutes=2)).isoformat(),
        "dials": {str(point.register_id): str(point.dial)}, "seal": seals.next_of(session, brigade) if brigade else "",
        "broken": [f"E-{point.id:06d}"] if place == 0 else [],
    }  # fmt: skip
    act = read_act(sent)
    return service.receive(session, act, inspector_id=inspector_id, sent_at=sent_at, received_at=now, photo=None).proposal.id
