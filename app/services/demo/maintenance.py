"""Demo maintenance: kinds of work with norms, a plan that is approved, orders, works done, put off, cancelled and late."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.equipment import StockPlaceKind
from app.models.equipment import DeviceKind, StockPlace
from app.models.maintenance import MaintenanceKind, MaintenanceWork, Material, MaterialNorm
from app.models.reference import Brigade
from app.queries import maintenance as queries
from app.queries.records import fetch_all
from app.services.equipment import maintenance, plans
from app.services.equipment.maintenance import CarriedOut, WorkOrderRequest
from app.services.once import added

_SOURCE = "Namuna; kompaniya tasdiqlaydi"
_MATERIALS = (
    ("CLAMP", "Siquvchi qisqich", "Сиқувчи қисқич", "Зажим прокалывающий", "dona"),
    ("WIRE_SIP", "SIP 2x16 sim", "СИП 2x16 сим", "Провод СИП 2x16", "m"),
    ("SEAL_WIRE", "Plomba simi", "Пломба сими", "Проволока пломбировочная", "m"),
    ("OIL", "Transformator moyi", "Трансформатор мойи", "Масло трансформаторное", "l"),
)
#: Code, names, kind of device, months or hours between works, thousandths of an hour, and thousandths of each material.
_KINDS: tuple[tuple[str, tuple[str, str, str], str, dict[str, int], int, dict[str, int]], ...] = (
    (
        "METER_CHECK", ("Hisoblagichni joyida tekshirish", "Ҳисоблагични жойида текшириш", "Проверка счётчика на месте"), "METER",
        {"interval_months": 12}, 500, {"SEAL_WIRE": 300},
    ),
    (
        "TRANSFORMER_LOOK", ("Transformatorni koʻzdan kechirish", "Трансформаторни кўздан кечириш", "Осмотр трансформатора"),
        "POWER_TRANSFORMER", {"interval_months": 1}, 2000, {"OIL": 1500},
    ),
    (
        "CABINET_LOOK", ("Shkafni tekshirish", "Шкафни текшириш", "Осмотр шкафа"), "CABINET",
        {"interval_hours": 700}, 1500, {"CLAMP": 2000, "WIRE_SIP": 5000},
    ),
)  # fmt: skip


def make_norms(session: Session) -> None:
    """Write kinds of work of meters, transformers and lines, with the materials of their norms."""
    materials = {}
    for code, name, cyrillic, russian, unit in _MATERIALS:
        materials[code] = added(session, Material(code=code, name=name, name_uz_cyrl=cyrillic, name_ru=russian, unit=unit))
    for code, (name, cyrillic, russian), device_kind, interval, hours, norms in _KINDS:
        kind_id = session.scalars(select(DeviceKind.id).where(DeviceKind.code == device_kind)).one()
        kind = MaintenanceKind(
            code=code, name=name, name_uz_cyrl=cyrillic, name_ru=russian, device_kind_id=kind_id, norm_hours_milli=hours, source=_SOURCE,
            **interval,
        )  # fmt: skip
        added(session, kind)
        session.add_all(
            MaterialNorm(maintenance_kind_id=kind.id, material_id=materials[key].id, quantity_milli=norms[key]) for key in norms
        )
    session.flush()


def draw_up(session: Session, division_id: int, *, today: date) -> int:
    """Draw up the plan of the year; return its number."""
    request = plans.YearPlanRequest(division_id, today.year, f"{today.year - 1}-yil 25-dekabr, 17-son buyruq")
    plan_id: int = plans.draw_up(session, maintenance.PLAN, request).id
    return plan_id


_DUE = "SELECT w.id FROM maintenance_work w WHERE w.maintenance_plan_id = :plan AND w.status = 'PLANNED' ORDER BY w.term_on, w.id"


def work(session: Session, plan_id: int, division_id: int, *, today: date) -> None:
    """Order works of an approved plan, and let each step happen to one: done, put off, cancelled, ordered late."""
    brigade = session.scalars(select(Brigade.id).where(Brigade.division_id == division_id).order_by(Brigade.id).limit(1)).one()
    kept = select(StockPlace.id).where(StockPlace.division_id == division_id, StockPlace.kind == StockPlaceKind.WAREHOUSE)
    warehouse = session.scalars(kept.order_by(StockPlace.id).limit(1)).first()
    due, ordered_on = fetch_all(session, _DUE, int, plan=plan_id), today - timedelta(days=5)
    maintenance.order_works(session, WorkOrderRequest(division_id, brigade, ordered_on, due[:2], "Birinchi koʻcha"), today=ordered_on)
    for place, work_id in enumerate(due[:2]):
        done_on = ordered_on + timedelta(days=1 + place)
        kind_id = session.get_one(MaintenanceWork, work_id).maintenance_kind_id
        used = {each.id: each.norm_milli + 250 * place for each in queries.materials_of(session, kind_id) if each.norm_milli}
        done = CarriedOut(done_on, 1750 + 500 * place, "Nuqson topilmadi", used, warehouse)
        maintenance.carry_out(session, work_id, done, today=done_on)
    maintenance.order_works(session, WorkOrderRequest(division_id, brigade, today, due[2:3]), today=today)
    for work_id in due[3:4]:
        maintenance.postpone(session, work_id, to=today + timedelta(days=40), reason="Eshik yopiq", today=today)
    for work_id in due[5:6]:
        maintenance.cancel(session, work_id, reason="Bino buzilgan", today=today)
