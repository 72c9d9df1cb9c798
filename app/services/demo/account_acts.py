"""Demo examples of each act about accounts and consumers, made the way the office makes them."""

from datetime import date, timedelta
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from app.domain.calendar import month_start
from app.queries import acts as queries
from app.queries.records import fetch_all, fetch_one, fetch_optional
from app.services import acts

#: Households whose supply is simple: one meter with one register, billed and read up to the last month.
_CHOSEN = """
    SELECT a.id, a.consumer_id, s.service_point_id FROM account a
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD'
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    JOIN account_position p ON p.account_id = a.id
    WHERE a.division_id = :division_id AND p.billed_to <= :day AND p.billed_to = p.actual_to
      AND NOT EXISTS (SELECT 1 FROM account_benefit b WHERE b.account_id = a.id)
      AND 1 = (
          SELECT count(*) FROM meter_installation i JOIN register g ON g.meter_id = i.meter_id
          WHERE i.service_point_id = s.service_point_id)
    ORDER BY a.id LIMIT :limit
    """
_WANTED = 8


class _Maker:
    """Performs acts of a division on one day after another."""

    def __init__(self, session: Session, division_id: int, today: date) -> None:
        self.session, self.division_id, self.today, self.made = session, division_id, today, 0

    def act(self, kind: ActKind, on: date, reason: str, parameters: dict[str, Any] | None = None, **subject: int) -> Any:
        self.made += 1
        request = ActRequest(kind, self.division_id, on, reason, parameters or {}, f"demo {self.division_id} {self.made}", **subject)
        return acts.submit(self.session, request, today=self.today)

    def undo(self, act: Any, reason: str) -> None:
        self.made += 1
        request = acts.request_of(act, effective_on=self.today, reason=reason, reference=f"demo {self.division_id} {self.made}")
        acts.submit(self.session, request, today=self.today)

    def dials(self, point: int, on: date, *, until: bool = True) -> dict[str, int]:
        """Return what the registers of a place show: a little more than when they were read last."""
        rows = queries.registers_on(self.session, point, on, until=until)
        return {str(row.register_id): (row.dial_milli if row.dial_milli is not None else (row.before_milli or 0) + 7_000) for row in rows}


class _Chosen(NamedTuple):
    id: int
    consumer_id: int
    service_point_id: int


def make_acts(session: Session, division_id: int, *, today: date) -> int:
    """Perform at least one act of each kind in a billed division; return how many."""
    day = max(today - timedelta(days=2), month_start(today))
    rows = fetch_all(session, _CHOSEN, _Chosen, division_id=division_id, day=day, limit=_WANTED)
    maker = _Maker(session, division_id, today)
    if len(rows) == _WANTED:
        _owners(maker, rows[:2], day)
        _closings(maker, rows[2:5], day)
        _people(maker, rows[5:], day)
        _opening(maker, rows[0][2], day)
    return maker.made


def _owners(maker: _Maker, rows: Any, day: date) -> None:
    new = {"kind": "HOUSEHOLD", "identifier": None, "phone": None, "language": "uz"}
    (taken, _, first), (kept, _, second) = rows
    given = new | {
        "name": "Rahimova Dilfuza Anvarovna",
        "phone": "+998935550417",
        "debt": "TAKEN_OVER",
        "readings": maker.dials(first, day),
    }
    maker.act(ActKind.CHANGE_OWNER, day, "Oldi-sotdi shartnomasi, 14-son", given, account_id=taken)
    given = new | {"name": "Aliyev Jasur Karimovich", "debt": "STAYS", "readings": maker.dials(second, day)}
    given["number"] = _free_number(maker)
    maker.act(ActKind.CHANGE_OWNER, day, "Sud qarori, 31-son", given, account_id=kept)


def _closings(maker: _Maker, rows: Any, day: date) -> None:
    for place, (account_id, _, point) in enumerate(rows):
        given = {"unsettled": "STAYS", "readings": maker.dials(point, day)}
        closed = maker.act(ActKind.CLOSE_ACCOUNT, day, "Bino buzildi", given, account_id=account_id)
        if place == 1:
            again = {"readings": maker.dials(point, maker.today, until=False)}
            maker.act(ActKind.REOPEN_ACCOUNT, maker.today, "Ariza, 8-son", again, account_id=account_id)
        elif place == 2:
            maker.undo(closed, "Boshqa xonadonning arizasi edi")


class _Person(NamedTuple):
    name: str
    pinfl: str | None
    phone: str | None
    language: str


class _Place(NamedTuple):
    street: int
    resource_id: int
    tariff_group: int | None
    meter_model: int | None


def _people(maker: _Maker, rows: Any, day: date) -> None:
    (_, corrected, _), (_, kept, _), (_, double, _) = rows
    found = fetch_one(maker.session, "SELECT name, pinfl, phone, language FROM consumer WHERE id = :id", _Person, id=corrected)
    data = found._replace(name=f"{found.name} (Salimov)")._asdict()
    maker.act(ActKind.CORRECT_IDENTITY, day, "Pasport AD 1234567", data, consumer_id=corrected)
    maker.session.execute(text("UPDATE consumer SET pinfl = NULL WHERE id = :id"), {"id": double})
    maker.session.expire_all()
    maker.act(ActKind.JOIN_CONSUMERS, day, "Ikki marta kiritilgan", {"other_id": double}, consumer_id=kept)


def _opening(maker: _Maker, point: int, day: date) -> None:
    statement = (
        "SELECT sp.street_id AS street, sp.resource_id, (SELECT min(id) FROM tariff_group WHERE code = 'HOUSEHOLD') AS tariff_group, "
        "(SELECT min(id) FROM device_model) AS meter_model FROM service_point sp WHERE sp.id = :id"
    )
    given = fetch_one(maker.session, statement, _Place, id=point)._asdict() | {
        "kind": "HOUSEHOLD", "name": "Yusupov Bekzod Olimovich", "identifier": None, "phone": None, "language": "uz",
        "number": _free_number(maker), "house": "101", "flat": None, "capacity_milli": 5000, "digits": 5,
        "serial_number": f"N{maker.division_id}-101", "ct_primary": 1, "ct_secondary": 1, "first_dial_milli": 0,
    }  # fmt: skip
    maker.act(ActKind.OPEN_ACCOUNT, day, "Ulanish arizasi, 3-son", given)


def _free_number(maker: _Maker) -> str:
    """Return a number of the division that no account has."""
    branch = fetch_optional(maker.session, "SELECT branch_code FROM division WHERE id = :id", str, id=maker.division_id)
    taken = set(fetch_all(maker.session, "SELECT number FROM account WHERE starts_with(number, :branch)", str, branch=branch))
    return next(number for number in (f"{branch}{place:07d}" for place in count(7_000_000)) if number not in taken)
