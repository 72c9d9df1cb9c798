"""Demo meters: exchanged in the middle of months, late, by mistake; taken off; and put up again, all by acts."""

from datetime import date, timedelta
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from app.models.acts import Act
from app.models.reference import Brigade, MeterChangeReason
from app.queries import acts as queries
from app.queries.records import fetch_all, fetch_one
from app.services import acts
from app.services.acts import photos
from app.services.demo import seals
from app.services.demo.papers import meter_photograph
from app.services.once import added

_BRIGADE = "1-hisobga olish brigadasi"
#: Households with one meter of one register and no acts, not read lately.
_QUIET = """
    SELECT a.id AS account_id, s.service_point_id FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD'
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL AND s.valid_from < :since
    JOIN account_position p ON p.account_id = a.id AND (p.billed_to > p.actual_to) = :is_estimated
    WHERE a.division_id = :division_id AND a.status = 'OPEN' AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id)
      AND 1 = (SELECT count(*) FROM meter_installation i JOIN register g ON g.meter_id = i.meter_id
               WHERE i.service_point_id = s.service_point_id)
      AND NOT EXISTS (SELECT FROM reading r WHERE r.account_id = a.id AND r.read_on > :since)
    ORDER BY a.id DESC LIMIT :limit
    """
_WANTED = 4


class _Quiet(NamedTuple):
    account_id: int
    service_point_id: int


class Fitters:
    """A brigade of a division that exchanges meters."""

    def __init__(self, session: Session, division_id: int, *, name: str) -> None:
        self.session, self.division_id, self.name, self.numbers = session, division_id, name, count(1)
        known = select(Brigade).where(Brigade.division_id == division_id, Brigade.name == _BRIGADE)
        self.brigade = session.scalar(known) or added(session, Brigade(division_id=division_id, name=_BRIGADE))

    def act(self, kind: ActKind, account_id: int, on: date, today: date, reason: str, cause: str, **given: Any) -> Act:
        """Perform an act about the meters of an account."""
        seals.provide(self.session, self.brigade, on=on)
        if kind != ActKind.REMOVE_METER:
            given |= {"seals": seals.next_of(self.session, self.brigade)}
        reasons = select(MeterChangeReason.id).where(MeterChangeReason.code == cause)
        wanted: dict[str, Any] = {
            "brigade_id": self.brigade.id,
            "reason_id": self.session.scalar(reasons),
            "is_sure": True,
            "photos": [],
        } | given
        reference = f"demo meters {self.division_id} {self.name} {next(self.numbers)}"
        request = ActRequest(kind, self.division_id, on, reason, wanted, reference, account_id=account_id)
        return acts.submit(self.session, request, today=today)

    def new_meter(self, serial: str, digits: int, verified_to: date, model_id: int | None = None) -> dict[str, Any]:
        """Return what the form of an act says of a meter that comes new, with a whole counter at nothing."""
        model = model_id or fetch_one(self.session, "SELECT id FROM device_model ORDER BY id LIMIT 1", int)
        return {
            "serial_number": serial, "model_id": model, "digits": digits, "verified_to": verified_to.isoformat(),
            "opening": {"TOTAL": 0},
        }  # fmt: skip

    def closing(self, service_point_id: int, on: date) -> dict[str, Any]:
        """Return what the registers of a place show: a little more than when they were read last."""
        rows = queries.registers_on(self.session, service_point_id, on, until=True)
        shown = {str(row.register_id): row.dial_milli if row.dial_milli is not None else (row.before_milli or 0) + 20_000 for row in rows}
        return {"readings": shown}


def change_meters(session: Session, division_id: int, *, today: date) -> int:
    """Exchange, take off and put up meters of a billed division; return of how many accounts.

    One exchange is entered late, so that its months are billed again; one was a mistake and is undone; two places stay without a meter.
    """
    before = today - timedelta(days=2)
    given = {"division_id": division_id, "since": before - timedelta(days=1)}
    chosen = fetch_all(session, _QUIET, _Quiet, **given, is_estimated=False, limit=_WANTED)
    if len(chosen) < _WANTED:
        return 0
    fitters, verified_to = Fitters(session, division_id, name="works"), date(today.year + 8, 1, 1)
    for late in fetch_all(session, _QUIET, _Quiet, **given, is_estimated=True, limit=1):
        last = "SELECT read_on FROM reading WHERE account_id = :id ORDER BY read_on DESC LIMIT 1"
        on = fetch_one(session, last, date, id=late.account_id) + timedelta(days=9)
        fitters.act(
            ActKind.EXCHANGE_METER, late.account_id, min(on, before), today, "Naryad 118, kech kiritildi", "FAULTY",
            **fitters.closing(late.service_point_id, min(on, before)), **fitters.new_meter(f"K{division_id}01", 5, verified_to),
        )  # fmt: skip
    mistaken, removed, waiting, again = chosen
    wrong = fitters.act(
        ActKind.EXCHANGE_METER, mistaken.account_id, before, today, "Naryad 121", "PLANNED",
        **fitters.closing(mistaken.service_point_id, before), **fitters.new_meter(f"K{division_id}02", 5, verified_to),
    )  # fmt: skip
    undo = acts.request_of(wrong, effective_on=today, reason="Boshqa xonadonning naryadi edi", reference=f"demo meters {division_id} undo")
    acts.submit(session, undo, today=today)
    photos.attach(session, wrong, [meter_photograph("000000")])
    for each in (removed, waiting, again):
        closing = fitters.closing(each.service_point_id, before)
        fitters.act(ActKind.REMOVE_METER, each.account_id, before, today, "Naryad 125", "DAMAGED", **closing)
    new = fitters.new_meter(f"K{division_id}03", 5, verified_to)
    fitters.act(ActKind.INSTALL_METER, again.account_id, today, today, "Naryad 126", "NEW", **new)
    return len(chosen)
