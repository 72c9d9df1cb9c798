"""Demo applications: each kind there is, in several states, with papers, answers and what their acceptance did."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.applications import ApplicationEvent, ApplicationRequest, ApplicationWay, FileGiven
from app.models.administration import Department
from app.models.applications import ApplicationSource, ConsumerApplication
from app.queries.records import fetch_all, fetch_optional
from app.services import applications
from app.services.applications import StepTaken
from app.services.demo.papers import EMPTY_PDF
from app.services.once import added

#: Households of which no act and no order is known, the newest first.
_HOMES = """
    SELECT a.id AS account_id, c.name, c.phone, c.language FROM account a
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' AND c.phone IS NOT NULL
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL AND s.valid_from < :since
    WHERE a.division_id = :division_id AND a.status = 'OPEN' AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id)
      AND NOT EXISTS (SELECT FROM supply_order o WHERE o.account_id = a.id)
      AND NOT EXISTS (SELECT FROM account_benefit b WHERE b.account_id = a.id)
    ORDER BY a.id LIMIT :limit
    """
_DEPARTMENTS = (
    ("CUSTOMERS", "Mijozlar bilan ishlash boʻlimi", "Мижозлар билан ишлаш бўлими", "Отдел по работе с потребителями"),
    ("TECHNICAL", "Texnik boʻlim", "Техник бўлим", "Технический отдел"),
    ("METERS", "Hisoblagichlar boʻlimi", "Ҳисоблагичлар бўлими", "Отдел учёта"),
    ("SALES", "Savdo boʻlimi", "Савдо бўлими", "Отдел сбыта"),
)
#: A household whose account is closed, and one whose supply is off, of the division first.
_CLOSED = """
    SELECT a.id AS account_id, c.name, c.phone, c.language FROM account a
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' AND c.phone IS NOT NULL
    WHERE a.status = 'CLOSED' ORDER BY a.division_id = :division_id DESC, a.id LIMIT 1
    """
_OFF = """
    SELECT a.id AS account_id, c.name, c.phone, c.language FROM account a
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' AND c.phone IS NOT NULL
    JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    JOIN point_state p ON p.service_point_id = s.service_point_id AND p.supply_state = 'OFF' AND p.ends_at IS NULL
        AND p.withdrawn_act_id IS NULL AND p.act_id IS NOT NULL
    WHERE a.status = 'OPEN' AND NOT EXISTS (SELECT FROM supply_order o WHERE o.account_id = a.id AND o.status = 'ISSUED')
    ORDER BY a.division_id = :division_id DESC, a.id LIMIT 1
    """
_WANTED = 17
_E = ApplicationEvent


class _Home(NamedTuple):
    account_id: int
    name: str
    phone: str
    language: str


class _Office:
    """Files applications of a division and moves them on."""

    def __init__(self, session: Session, division_id: int, user_id: int, now: datetime, today: date) -> None:
        self.session, self.division_id, self.user_id, self.now, self.today = session, division_id, user_id, now, today
        self.numbers = count(1)

    def file(self, kind: str, home: _Home | None, days_ago: int, papers: Sequence[str] = (), **given: Any) -> ConsumerApplication:
        who = home or _Home(0, "Yoʻldosheva Malika", "+998901112233", "uz")
        request = ApplicationRequest(
            kind, ApplicationWay.PORTAL if home else ApplicationWay.OFFICE, f"demo {self.division_id} {next(self.numbers)}",
            self.division_id, home.account_id if home else None, who.name, who.phone, given,
            [FileGiven(name, EMPTY_PDF) for name in papers], who.language, is_owner=home is not None,
        )  # fmt: skip
        return applications.file(self.session, request, today=self.today - timedelta(days=days_ago), now=self.now)

    def step(
        self, found: ConsumerApplication, event: ApplicationEvent, reason: str = "", papers: Sequence[str] = ()
    ) -> ConsumerApplication:
        page, title = f"/applications/show/{found.id}", f"№ {found.id} ariza"
        taken = StepTaken(event, reason, [FileGiven(name, EMPTY_PDF) for name in papers], self.user_id, title, page)
        return applications.advance(self.session, found.id, taken, today=self.today, now=self.now)

    def accept(self, found: ConsumerApplication) -> None:
        self.step(found, _E.TAKE)
        taken = StepTaken(_E.ACCEPT, user_id=self.user_id)
        applications.accept(self.session, found.id, taken, basis=f"№ {found.id} ariza", today=self.today, now=self.now)


def receive_applications(session: Session, division_id: int, *, now: datetime, today: date) -> int:
    """File applications of each kind in a billed division and move some on; return how many there are."""
    homes = fetch_all(session, _HOMES, _Home, division_id=division_id, since=today - timedelta(days=90), limit=_WANTED)
    user_id = fetch_optional(session, "SELECT id FROM ab_user WHERE username = 'engineer'", int)
    if len(homes) < _WANTED or user_id is None:
        return 0
    _make_departments(session, division_id, user_id, today)
    office = _Office(session, division_id, user_id, now, today)
    _new_connections(office)
    _of_accounts(office, homes)
    _done(office, homes)
    # A portal of the state that is not let in yet: it has no key.
    session.add(ApplicationSource(division_id=division_id, name="my.gov.uz (demo)", login="my-gov-demo", is_active=False))
    session.flush()
    return next(office.numbers) - 1


def _make_departments(session: Session, division_id: int, user_id: int, today: date) -> None:
    """Give a division the departments of the routes; the engineer works in the technical one."""
    since = today - timedelta(days=400)
    for code, name, cyrillic, russian in _DEPARTMENTS:
        if session.scalar(select(Department.id).where(Department.division_id == division_id, Department.code == code)) is None:
            added(
                session,
                Department(division_id=division_id, code=code, name=name, name_uz_cyrl=cyrillic, name_ru=russian, valid_from=since),
            )
    moved = "UPDATE staff_member SET department_id = d.id FROM department d WHERE user_id = :user_id AND d.code = 'TECHNICAL'"
    session.execute(text(f"{moved} AND d.division_id = :division_id AND staff_member.division_id = d.division_id"),
                    {"user_id": user_id, "division_id": division_id})  # fmt: skip


def _new_connections(office: _Office) -> None:
    """Show a new connection in each of its stages."""
    place = {"capacity": "10", "purpose": "HOME", "house": "14"}
    office.file("NEW_CONNECTION", None, 1, ["kadastr.pdf"], address="Bogʻishamol koʻchasi, 14-uy", **place)
    second = office.file("NEW_CONNECTION", None, 6, ["kadastr.pdf"], address="Bogʻishamol koʻchasi, 16-uy", **place)
    third = office.file("NEW_CONNECTION", None, 12, ["kadastr.pdf"], address="Bogʻishamol koʻchasi, 18-uy", **place)
    for each in (second, third):
        office.step(office.step(each, _E.TAKE), _E.PASS_ON)
        office.step(each, _E.TAKE)
    office.step(third, _E.PASS_ON, papers=["texnik-shartlar.pdf"])
    office.step(third, _E.TAKE)
    office.step(third, _E.RETURN, "Taklifni koʻrib chiqing va rozi ekaningizni yozing.", papers=["taklif.pdf"])


def _of_accounts(office: _Office, homes: Sequence[_Home]) -> None:
    """Leave an application of each kind about an account where people work on it."""
    office.file("METER_EXCHANGE", homes[0], 1, cause="OLD")
    office.accept(office.file("METER_EXCHANGE", homes[1], 2, cause="BROKEN", note="Displey oʻchgan"))
    office.file("VERIFICATION", homes[2], 30, note="Muddati tugayapti")
    office.step(
        office.file("RECALCULATION", homes[3], 3, since=_month_start(office.today), reason="Koʻrsatkich notoʻgʻri yozilgan"), _E.TAKE
    )
    changed = office.file("OWNER_CHANGE", homes[4], 4, ["oldi-sotdi.pdf"], name="Karimov Sherzod", phone="+998935557788")
    office.step(office.step(changed, _E.TAKE), _E.RETURN, "Arizangizga hujjat yetishmaydi. Iltimos, uni qoʻshib yuboring.")
    office.file("MOVE_OUT", homes[5], 0, wanted_on=office.today.isoformat())
    office.file("DISCONNECTION", homes[6], 0, note="Taʼmirlash")
    refused = office.file("RECONNECTION", homes[7], 2)
    office.step(refused, _E.REFUSE, "Elektr taʼminoti oʻchirilmagan.")
    office.file("COMPLAINT", homes[8], 18, about="Kuchlanish past, kechqurun chiroq xira yonadi.")
    office.step(office.file("DATA_CORRECTION", homes[14], 1, phone="+998977001133"), _E.TAKE)
    changed = office.file("OWNER_CHANGE", homes[15], 2, ["oldi-sotdi.pdf"], name="Yusupova Nodira", phone="+998935557799")
    office.step(changed, _E.TAKE)
    if (code := fetch_optional(office.session, _BENEFIT, str)) is not None:
        office.step(office.file("BENEFIT", homes[16], 1, ["guvohnoma.pdf"], benefit=code), _E.TAKE)
    if home := fetch_optional(office.session, _CLOSED, _Home, division_id=office.division_id):
        office.file("MOVE_IN", home, 1)
    if home := fetch_optional(office.session, _OFF, _Home, division_id=office.division_id):
        office.file("RECONNECTION", home, 1)


def _done(office: _Office, homes: Sequence[_Home]) -> None:
    """Show what acceptance did."""
    office.accept(office.file("DISCONNECTION", homes[9], 2, note="Uy sotilmoqda"))
    office.accept(office.file("DATA_CORRECTION", homes[10], 1, phone="+998977001122"))
    if (code := fetch_optional(office.session, _BENEFIT, str)) is not None:
        office.accept(office.file("BENEFIT", homes[11], 1, ["guvohnoma.pdf"], benefit=code))
    answered = office.file("COMPLAINT", homes[12], 5, about="Kvitansiya kech keldi.")
    office.accept(answered)
    office.step(answered, _E.FINISH, "Murojaatingiz tekshirildi, kamchilik bartaraf etildi.")
    office.step(office.file("MOVE_OUT", homes[13], 3), _E.WITHDRAW)


_BENEFIT = "SELECT code FROM benefit WHERE retired_on IS NULL ORDER BY id LIMIT 1"


def _month_start(today: date) -> str:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1).isoformat()
