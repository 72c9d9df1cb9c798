"""A believable company for the demo: districts, dictionaries, contracts, and an office with a post and a person a user."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import DivisionLevel
from app.domain.metering import ReadingSource
from app.domain.payments.channels import Channel
from app.domain.payments.layouts import SHIPPED
from app.models.administration import Department, Division, DivisionAccess, Post, StaffMember
from app.models.equipment import DeviceModel
from app.models.metering import MeterDataSource
from app.models.payments import PaymentContract, PaymentFileLayout
from app.models.reference import Bank, Mahalla, Resource, Street
from app.services.administration import place_division
from app.services.demo import rules

#: Posts by the user who holds each: in Uzbek, Uzbek of the Cyrillic script, Russian.
_POSTS = {
    "admin": ("Tizim administratori", "Тизим администратори", "Администратор системы"),
    "supervisor": ("Boʻlim boshligʻi", "Бўлим бошлиғи", "Начальник отдела"),
    "operator": ("Hisob-kitob operatori", "Ҳисоб-китоб оператори", "Оператор расчётов"),
    "cashier": ("Kassir", "Кассир", "Кассир"),
    "inspector": ("Nazoratchi", "Назоратчи", "Контролёр"),
    "editor": ("Maʼlumotnomalar muharriri", "Маълумотномалар муҳаррири", "Редактор справочников"),
    "engineer": ("Muhandis", "Муҳандис", "Инженер"),
    "lawyer": ("Yurist", "Юрист", "Юрист"),
    "auditor": ("Auditor", "Аудитор", "Аудитор"),
    "translator": ("Tarjimon", "Таржимон", "Переводчик"),
}
DEPARTMENT = ("Abonentlar bilan ishlash boʻlimi", "Абонентлар билан ишлаш бўлими", "Отдел по работе с абонентами")
#: (region, code, name, Cyrillic, Russian, share of the accounts); the last month of the second one is left to the user.
DISTRICTS = (
    ("1726", "1726901", "Namuna tumani", "Намуна тумани", "Намунинский район (демо)", 0.6),
    ("1726", "1726902", "Andoza tumani", "Андоза тумани", "Андозинский район (демо)", 0.15),
    ("1718", "1718901", "Bogʻzor tumani", "Боғзор тумани", "Богзарский район (демо)", 0.25),
)
LEFT_TO_USER = "1726902"

_STREETS = (
    "Amir Temur", "Alisher Navoiy", "Mirzo Ulugʻbek", "Bobur", "Gʻafur Gʻulom", "Choʻlpon", "Mustaqillik", "Oʻzbekiston", "Ipak yoʻli",
    "Beruniy", "Ibn Sino", "Forobiy", "Furqat", "Muqimiy", "Zulfiya", "Oybek",
    "Abdulla Qodiriy", "Shota Rustaveli", "Bogʻishamol", "Doʻstlik",
)  # fmt: skip
_MAHALLAS = ("Guliston", "Navbahor", "Yangi hayot", "Obod", "Chorsu", "Markaziy", "Bogʻiston", "Tinchlik")


class District(NamedTuple):
    """A demo district."""

    id: int
    code: str
    branch_code: str
    accounts: int


def make_districts(session: Session, accounts: int) -> list[District]:
    """Add the demo districts to their regions, with streets and mahallas; share the accounts out among them."""
    result, left = [], accounts
    for place, (region, code, name, cyrillic, russian, share) in enumerate(DISTRICTS):
        parent = session.execute(select(Division).where(Division.code == region)).scalar_one()
        district = Division(level=DivisionLevel.DISTRICT, code=code, name=name, name_uz_cyrl=cyrillic, name_ru=russian, parent_id=parent.id)
        place_division(session, district)
        session.add(district)
        session.flush()
        mahallas = [Mahalla(division_id=district.id, name=f"{mahalla} MFY") for mahalla in _MAHALLAS]
        session.add_all(mahallas)
        session.flush()
        session.add_all(
            Street(division_id=district.id, mahalla_id=mahallas[number % len(mahallas)].id, name=f"{street} koʻchasi")
            for number, street in enumerate(_STREETS)
        )
        count = left if place == len(DISTRICTS) - 1 else int(accounts * share)
        left -= count
        result.append(District(district.id, code, district.branch_code or "", count))
    session.flush()
    return result


def make_reference(session: Session) -> None:
    """Add banks and meter models."""
    for mfo, name in (("00450", "Namuna bank"), ("00974", "Andoza bank")):
        session.add(Bank(mfo=mfo, name=name))
    electricity = session.execute(select(Resource).where(Resource.code == "ELECTRICITY")).scalar_one()
    for name, phases in (("Namuna-1F 5(60)A", 1), ("Namuna-3F 5(7.5)A", 3)):
        session.add(DeviceModel(name=name, resource_id=electricity.id, phases=phases))
    session.flush()
    rules.make_reference(session)


def make_source(session: Session, *, login: str, key_sha256: str) -> None:
    """Add a system of telemetry that reads the meters of the city."""
    division_id = session.scalars(select(Division.id).where(Division.code == "1726")).one()
    source = MeterDataSource(
        division_id=division_id, name="ASKUE (demo)", source=ReadingSource.TELEMETRY, login=login, key_sha256=key_sha256
    )
    session.add(source)
    session.flush()


def make_layouts(session: Session) -> None:
    """Give the banks' contracts the layouts that are shipped as examples."""
    for contract_id in session.scalars(select(PaymentContract.id).where(PaymentContract.channel == Channel.BANK)).all():
        session.add_all(
            PaymentFileLayout(payment_contract_id=contract_id, name=name, layout=profile.to_dict()) for name, profile in SHIPPED.items()
        )
    session.flush()


def grant_access(session: Session, user_id: int, code: str, since: date) -> None:
    """Let a user work in a division and all below it."""
    division = session.execute(select(Division).where(Division.code == code)).scalar_one()
    known = select(DivisionAccess.id).where(DivisionAccess.user_id == user_id, DivisionAccess.division_id == division.id)
    if session.scalar(known) is None:
        session.add(DivisionAccess(user_id=user_id, division_id=division.id, valid_from=since))
        session.flush()


def appoint(session: Session, *, user_id: int, name: str, post_code: str, code: str, since: date) -> None:
    """Put a user into a post of his division's department, unless he is in one already."""
    if session.scalar(select(StaffMember.id).where(StaffMember.user_id == user_id)):
        return
    division_id = session.scalars(select(Division.id).where(Division.code == code)).one()
    department = session.scalar(select(Department).where(Department.division_id == division_id))
    if department is None:
        name_uz, cyrillic, russian = DEPARTMENT
        department = Department(division_id=division_id, code="01", name=name_uz, name_uz_cyrl=cyrillic, name_ru=russian, valid_from=since)
    post = session.scalar(select(Post).where(Post.code == post_code.upper())) or _post(post_code)
    session.add_all([department, post])
    session.flush()
    session.add(
        StaffMember(
            division_id=division_id,
            department_id=department.id,
            post_id=post.id,
            user_id=user_id,
            name=name,
            personnel_number=f"{user_id:05}",
            valid_from=since,
        )
    )
    session.flush()


def _post(code: str) -> Post:
    name, cyrillic, russian = _POSTS[code]
    return Post(code=code.upper(), name=name, name_uz_cyrl=cyrillic, name_ru=russian)
