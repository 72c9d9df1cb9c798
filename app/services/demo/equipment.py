"""Warehouses and brigades of the demo, and what documents made of their stock: received, verified, issued, lost, repaired, written off."""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.calendar import TASHKENT
from app.domain.equipment import DeviceEvent, EquipmentDocumentKind, StockPlaceKind
from app.models.equipment import DeviceModel, EquipmentDocument, StockPlace
from app.models.reference import Brigade, Resource
from app.queries import equipment as queries
from app.queries.records import fetch_all, fetch_one
from app.services import administration, equipment
from app.services.demo.seals import draw
from app.services.equipment import DocumentRequest, plans, verification
from app.services.once import added

#: Code of the kind → model, and what its passport says.
_MODELS = {
    2: ("Namuna TT 100/5", {"primary_rating": 100, "secondary_rating": 5, "accuracy_class": "0.5", "burden_va": "5"}),
    4: ("Namuna TM-250/10", {"rated_power_kva": "250", "high_voltage_kv": "10", "low_voltage_kv": "0.4", "no_load_loss_w": 740}),
    6: ("Namuna shkaf", {"meters": 1, "ingress_protection": "IP54"}),
    7: ("Namuna modem", {"technology": "LTE"}),
}


#: Kinds of devices of which some are installed where consumers are supplied.
_AT_PLACES = {4, 6}
_SUPPLIED = """
    SELECT a.number, least(38, CAST(:today AS date) - s.valid_from) AS days
    FROM account a JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    WHERE a.division_id = :division AND a.status = 'OPEN' ORDER BY a.id LIMIT 2
"""


class _Supplied(NamedTuple):
    """An account that is supplied, and how many days ago a device could be installed there."""

    number: str
    days: int


class _Stock:
    """Draws up documents of a division, one a step."""

    def __init__(self, session: Session, division_id: int, *, today: date) -> None:
        self.session, self.division_id, self.today, self.number = session, division_id, today, 0
        crew = added(session, Brigade(division_id=division_id, name="Hisoblagichlar brigadasi"))
        own = {"division_id": division_id}
        self.warehouse = added(session, StockPlace(kind=StockPlaceKind.WAREHOUSE, name="Markaziy ombor", keeper="Karimov A.", **own))
        self.brigade = added(
            session,
            StockPlace(kind=StockPlaceKind.BRIGADE, name=crew.name, keeper="Salimov B.", brigade_id=crew.id, most_devices=10, **own),
        )

    def draw(self, kind: DeviceEvent, serials: list[str], days_ago: int, *, to: StockPlace | None = None, **more: Any) -> EquipmentDocument:
        self.number += 1
        lines = [serial.split(";") for serial in serials]
        return equipment.submit(
            self.session,
            DocumentRequest(
                kind, self.division_id, self.today - timedelta(days=days_ago), f"{self.number:03d}", "Namuna",
                {"devices": lines, **more}, f"demo equipment {self.division_id} {self.number}", stock_place_id=to.id if to else None,
            ),
            today=self.today,
        )  # fmt: skip

    def draw_seals(self, kind: EquipmentDocumentKind, seals: str, days_ago: int, *, to: StockPlace | None = None) -> None:
        draw(self.session, kind, [seals], self.today - timedelta(days=days_ago), division_id=self.division_id, to=to)


def take_over(session: Session, division_ids: list[int]) -> None:
    """Record that meters stand installed which were there before movements."""
    for division_id in division_ids:
        equipment.take_over(session, division_id)


def make_stock(session: Session, division_id: int, *, today: date) -> None:
    """Receive devices, and let every document happen to some of them."""
    stock = _Stock(session, division_id, today=today)
    meters = [f"Y{number:05d}" for number in range(1, 13)]
    model = session.scalars(select(DeviceModel.id).where(DeviceModel.device_kind_id == 1).order_by(DeviceModel.id).limit(1)).one()
    stock.draw(DeviceEvent.RECEIVE, meters, 40, to=stock.warehouse, model_id=model, made_in_year=today.year, registers=["TOTAL"], digits=5)
    stock.draw_seals(EquipmentDocumentKind.RECEIVE_SEALS, "NP-00001 .. NP-05000", 40, to=stock.warehouse)
    certificate: dict[str, Any] = {"certificate_number": "Q-2210", "organisation": "Namuna metrologiya markazi"}
    stock.draw(DeviceEvent.VERIFY, meters[:9], 38, verified_to=today.replace(year=today.year + 8, day=1).isoformat(), **certificate)
    stock.draw(DeviceEvent.VERIFY, meters[9:11], 38, verified_to=(today - timedelta(days=3)).isoformat(), **certificate)
    stock.draw(DeviceEvent.SEAL, [f"{serial};NP-{serial[1:]}" for serial in meters[:8]], 37)
    stock.draw(DeviceEvent.ISSUE, meters[:6], 35, to=stock.brigade)
    stock.draw(DeviceEvent.RETURN, meters[5:6], 30, to=stock.warehouse)
    stock.draw_seals(EquipmentDocumentKind.ISSUE_SEALS, "NP-00101 .. NP-00150", 35, to=stock.brigade)
    stock.draw_seals(EquipmentDocumentKind.RETURN_SEALS, "NP-00150", 30, to=stock.warehouse)
    stock.draw_seals(EquipmentDocumentKind.LOSE_SEALS, "NP-00149", 20)
    stock.draw_seals(EquipmentDocumentKind.WRITE_OFF_SEALS, "NP-04990 .. NP-05000", 5)
    _receive_others(session, stock)
    _use_up(session, stock)
    there = queries.stock(session, stock.warehouse.id, today - timedelta(days=10))
    seen = [f"#{each.device_id}" for each in there if each.serial_number != meters[7]]
    stock.draw(DeviceEvent.COUNT, [*seen, "U-1"], 10, to=stock.warehouse)


def _receive_others(session: Session, stock: _Stock) -> None:
    """Receive devices of the other kinds, which are not verified or not yet."""
    electricity = session.scalars(select(Resource.id).where(Resource.code == "ELECTRICITY")).one()
    for kind_id, (name, passport) in _MODELS.items():
        model = added(session, DeviceModel(name=name, resource_id=electricity, device_kind_id=kind_id, passport=passport))
        serials = [f"{name[7:9].strip().upper()}{number:03d}" for number in range(1, 4)]
        stock.draw(DeviceEvent.RECEIVE, serials, 39, to=stock.warehouse, model_id=model.id, made_in_year=stock.today.year)
        if kind_id in _AT_PLACES:
            supplied = fetch_all(session, _SUPPLIED, _Supplied, division=stock.division_id, today=stock.today)
            for serial, (number, days) in zip(serials, supplied, strict=False):
                stock.draw(DeviceEvent.INSTALL, [serial], days, account_number=number)


def _use_up(session: Session, stock: _Stock) -> None:
    """Let used meters be missed and found, repaired, verified, found unfit and written off, the last by the signatures of three."""
    model = session.scalars(select(DeviceModel.id).where(DeviceModel.device_kind_id == 1).order_by(DeviceModel.id).limit(1)).one()
    found = [f"E{number:05d}" for number in range(1, 7)]
    stock.draw(DeviceEvent.RECEIVE, found, 36, to=stock.warehouse, model_id=model, made_in_year=stock.today.year - 17)
    stock.draw(DeviceEvent.LOSE, found, 35)
    stock.draw(DeviceEvent.FIND, found, 34, to=stock.warehouse)
    stock.draw(DeviceEvent.REPAIR, found[:2], 30)
    stock.draw(DeviceEvent.SEND_TO_METROLOGY, found[1:4], 28)
    stock.draw(DeviceEvent.REJECT, found[2:4], 20, to=stock.warehouse)
    done = stock.draw(DeviceEvent.WRITE_OFF, found[2:3], 15)
    actor = fetch_one(session, "SELECT coalesce(current_setting('app.actor', true), '')", str)
    for signer in ("engineer", "supervisor"):
        session.execute(text("SELECT set_config('app.actor', :signer, true)"), {"signer": signer})
        equipment.sign(session, done.id, today=stock.today, now=datetime.combine(stock.today, time(9), TASHKENT))
    session.execute(text("SELECT set_config('app.actor', :actor, true)"), {"actor": actor})
    stock.draw(DeviceEvent.WRITE_OFF, found[3:4], 5)


#: Installed meters of people with a telephone, that nobody moved since their movements are recorded.
_INSTALLED = """
    SELECT d.serial_number FROM device d
    JOIN supply s ON s.service_point_id = d.service_point_id AND s.valid_to IS NULL JOIN account a ON a.id = s.account_id
    JOIN consumer c ON c.id = a.consumer_id AND c.phone IS NOT NULL
    WHERE d.division_id = :division AND d.state = 'INSTALLED' AND d.step_no = 1
      AND NOT EXISTS (SELECT 1 FROM act WHERE act.account_id = a.id)
    ORDER BY d.id DESC LIMIT 2
    """


def receive_certificates(session: Session, division_id: int, *, today: date) -> int:
    """Take in a file of certificates: a new meter's without its end, one that ends soon, one that ends later, one of
    nobody's device; return its job."""
    issued, ends = (today - timedelta(days=5)).isoformat(), (today + timedelta(days=25)).isoformat()
    known = fetch_all(session, _INSTALLED, str, division=division_id)
    rows = [f"Y00012;Q-3001;Namuna metrologiya markazi;{issued};"]
    of_known = zip(known, (ends, (today + timedelta(days=390)).isoformat()), strict=False)
    rows += [f"{serial};Q-300{number};Namuna metrologiya markazi;{issued};{end}" for number, (serial, end) in enumerate(of_known, 2)]
    rows.append(f"YOQ-1;Q-3009;Namuna metrologiya markazi;{issued};{ends}")
    content = "\n".join(["device number;certificate number;organisation;issued on;valid to", *rows]).encode()
    stored = administration.store_file(
        session, division_id=division_id, name="namuna-guvohnomalar.csv", media_type="text/csv", content=content
    )
    return administration.start_job(session, JobKind.CERTIFICATE_IMPORT, division_id=division_id, parameters={"file_id": stored.id})


def plan_verifications(session: Session, division_id: int, *, today: date) -> None:
    """Draw up the plan of the year in which verifications end soon, and that of the next."""
    year = (today + timedelta(days=25)).year
    for number in (year, year + 1):
        plans.draw_up(session, verification.PLAN, plans.YearPlanRequest(division_id, number, f"{number - 1}-yil 20-dekabr, 14-son buyruq"))
