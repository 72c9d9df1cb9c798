"""Accounts by what people type."""

import sys
import unicodedata
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from app.domain.transliteration import beginnings, fold
from app.models.accounts import Account, Consumer, ServicePoint
from app.models.equipment import Device, DeviceModel
from app.models.reference import Mahalla, Street
from app.queries.accounts import search as queries
from tests.begun import begun, undone
from tests.builders import Home, make_district, make_home


def in_database(session: Session, texts: list[str]) -> list[str]:
    statement = text("SELECT folded(t) FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY u (t, n) ORDER BY n")
    return list(session.scalars(statement, {"texts": texts}))


def test_every_letter_is_folded_alike_here_and_in_the_database(session: Session) -> None:
    letters = [chr(each) for each in range(1, min(sys.maxunicode, 0x3000)) if unicodedata.category(chr(each)) not in {"Cs", "Cn"}]

    assert in_database(session, [f"о{letter}k{letter}е" for letter in letters]) == [fold(f"о{letter}k{letter}е") for letter in letters]


WRITTEN = st.text(alphabet="абвгғдеёжзийкқлмнопрстуўфхҳцчшщъыьэюяabcdeghijkloquxyzş'ʻ -12АЕQXЎ", max_size=30)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(WRITTEN, min_size=1, max_size=20))
def test_every_text_is_folded_alike_here_and_in_the_database(session: Session, texts: list[str]) -> None:
    assert in_database(session, texts) == [fold(each) for each in texts]


def four_homes(session: Session) -> list[Home]:
    """Make four households on like-named streets of two districts."""
    names = ["Gʻofurova Hilola", "Ходжаев Ўктам", "Akhmedov Ergash", "Ли Вера"]
    phones = ["+998901112233", "+998712345678", "+998991234567", None]
    places = [("12", "45"), ("12А", None), ("120", None), ("7/2", "3")]
    districts = [make_district(session, "1726997"), make_district(session, "1726998")]
    for district in districts:
        mahalla = Mahalla(division_id=district.id, name="Oʻrikzor" if district is districts[0] else "Bogʻiston")
        session.add(mahalla)
        session.flush()
        street = session.scalars(select(Street).where(Street.division_id == district.id)).one()
        street.name, street.mahalla_id = "Alisher Navoiy koʻchasi", mahalla.id
    made = [make_home(session, districts[place // 2], 4567 + place * 10000, phone=phones[place]) for place in range(4)]
    for home, name, (house, flat) in zip(made, names, places, strict=True):
        account = session.get_one(Account, home.account_id)
        session.get_one(Consumer, account.consumer_id).name = name
        point = session.get_one(ServicePoint, home.service_point_id)
        point.house, point.flat = house, flat
    session.flush()
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{districts[0].id},{districts[1].id}}}"})
    session.execute(text("SET LOCAL ROLE pcb_web"))
    return made


def found(session: Session, homes: list[Home], typed: str, *, personal: bool = True) -> list[int]:
    """Return the places of the homes that are found."""
    hits = queries.search(session, typed, personal=personal)
    places = {home.account_id: place for place, home in enumerate(homes)}
    assert all(hit.total == len(hits) for hit in hits)
    assert set(session.scalars(select(Account.id).where(Account.id.in_(queries.account_ids(typed, personal=personal, most=1000))))) == {
        hit.id for hit in hits
    }
    return [places[hit.id] for hit in hits]


@pytest.fixture(scope="module")
def begun_homes(engine: Engine) -> Iterator[tuple[Connection, list[Home]]]:
    with begun(engine, four_homes) as made:
        yield made


@pytest.fixture
def session(begun_homes: tuple[Connection, list[Home]]) -> Iterator[Session]:
    """A session that sees the households."""
    with undone(begun_homes[0]) as session:
        yield session


@pytest.fixture
def homes(begun_homes: tuple[Connection, list[Home]]) -> list[Home]:
    """The four households."""
    return begun_homes[1]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("gofurova", [0]), ("Ғофурова", [0]), ("Гофур", [0]), ("g'ofurova h", [0]), ("GʻOFUROVA", [0]), ("hilola Gofurova", [0]),
        ("Ҳилола", [0]), ("xilola", [0]), ("Xo'jayev", [1]), ("Xod", [1]), ("хужаев", [1]), ("Уктам", [1]), ("o‘ktam", [1]), ("Oktam", [1]),
        ("Axmedov", [2]), ("Ахмедов Эргаш", [2]), ("ак", [2]), ("Ak", [2]), ("ergash", [2]), ("yergash", [2]), ("Ергаш", [2]),
        ("li", [3]), ("Li Vera", [3]), ("вера", [3]), ("Lira", []), ("Gofurova Ergash", []), ("%", []), ("'", []), ("_ofurova", []),
    ],
)  # fmt: skip
def test_name_is_found_in_either_script_with_any_mark_in_any_order(
    session: Session, homes: list[Home], typed: str, expected: list[int]
) -> None:
    assert found(session, homes, typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Navoiy", [0, 1, 2, 3]), ("Навои кўчаси", [0, 1, 2, 3]), ("alisher navoiy ko'chasi 12", [0]), ("Navoiy 12-45", [0]),
        ("12/45 навоий", [0]), ("navoiy 12a", [1]), ("Навоий, 12-А", [1]), ("navoiy 120", [2]), ("navoiy 7/2-3", [3]), ("navoiy 7", [3]),
        ("navoiy 7 4", []), ("o'rikzor", [0, 1]), ("Бўғистон", [2, 3]), ("boğiston 120", [2]), ("Navoiy 12 uy 45 xonadon", [0]),
        ("gofurova navoiy", [0]), ("navoiy 12 гофурова", [0]), ("navoiy 12 ahmedov", []), ("Ўрикзор Хўжаев", [1]),
        ("District 1726998 navoiy", [2, 3]),
    ],
)  # fmt: skip
def test_address_is_found_by_street_mahalla_house_and_flat(session: Session, homes: list[Home], typed: str, expected: list[int]) -> None:
    assert found(session, homes, typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("+998 90 111-22-33", [0]), ("90 1112233", [0]), ("8 (90) 111 22 33", [0]), ("112233", [0]), ("22-33", [0]), ("5678", [1]),
        ("998 71 234 56 78", [1]), ("33", []), ("+998901112234", []),
    ],
)  # fmt: skip
def test_telephone_is_found_in_any_form_and_by_its_end(session: Session, homes: list[Home], typed: str, expected: list[int]) -> None:
    assert found(session, homes, typed) == expected


def test_without_personal_data_only_the_whole_telephone_number_finds(session: Session, homes: list[Home]) -> None:
    whole = ["+998 90 111-22-33", "901112233", "998901112233"]

    assert [found(session, homes, typed, personal=False) for typed in whole] == [[0]] * 3
    assert [found(session, homes, typed, personal=False) for typed in ("01112233", "112233", "2233")] == [[]] * 3


def test_number_is_found_whole_by_its_beginning_and_by_its_end(session: Session, homes: list[Home]) -> None:
    number = homes[1].number

    assert [found(session, homes, typed) for typed in (number, f"{number[:4]} {number[4:]}", number[:5] + number[5:], number[-5:])] == [
        [1]
    ] * 4
    assert found(session, homes, number[:5]) == [0, 1]
    assert found(session, homes, number[-4:]) == [0, 1, 2, 3]


def test_meter_is_found_by_part_of_its_number(session: Session, homes: list[Home]) -> None:
    serial = homes[2].serial

    assert found(session, homes, serial) == [2]
    assert found(session, homes, serial[1:]) == [2]


def test_other_divisions_stay_unseen_whatever_is_typed(session: Session, homes: list[Home]) -> None:
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{homes[2].division_id}}}"})

    typed = ["Gofurova", "navoiy", "901112233", homes[0].number, homes[0].serial, "navoiy 12 gofurova"]
    assert [found(session, homes, each) for each in typed] == [[], [2, 3], [], [], [], []]


def test_count_is_of_all_and_pages_follow_each_other(session: Session, homes: list[Home]) -> None:
    pages = [queries.search(session, "navoiy", personal=False, limit=3, skipped=skipped) for skipped in (0, 3)]

    assert [[hit.total for hit in page] for page in pages] == [[4, 4, 4], [4]]
    assert [hit.number for page in pages for hit in page] == [home.number for home in homes]


@pytest.mark.parametrize(
    ("table", "typed", "expected"),
    [
        (
            "street",
            "навоий",
            [("Alisher Navoiy koʻchasi", "Oʻrikzor, District 1726997"), ("Alisher Navoiy koʻchasi", "Bogʻiston, District 1726998")],
        ),
        ("street", "Navoiy boʻgiston", [("Alisher Navoiy koʻchasi", "Bogʻiston, District 1726998")]),
        ("mahalla", "урикзор", [("Oʻrikzor", "District 1726997")]),
        ("consumer", "Уктам", [("Ходжаев Ўктам", "{1} · District 1726997")]),
        ("consumer", "90 111-22-33", [("Gʻofurova Hilola", "{0} · District 1726997")]),
        ("account", "gofurova", [("{0}", "Gʻofurova Hilola · Alisher Navoiy koʻchasi, 12-45 · District 1726997")]),
        ("service_point", "navoiy 7/2", [("Alisher Navoiy koʻchasi, 7/2-3", "Bogʻiston, District 1726998")]),
        ("device", "{serial}", [("{model} {serial}", "Alisher Navoiy koʻchasi, 120, District 1726998")]),
        ("register", "{serial}", [("{model} {serial} TOTAL", "District 1726998")]),
        ("street", "nowhere", []),
        ("mahalla", "123456", []),
        ("street", "%", []),
    ],
)
def test_picker_tells_rows_of_one_name_apart(
    session: Session, homes: list[Home], table: str, typed: str, expected: list[tuple[str, str]]
) -> None:
    numbers, serial = [home.number for home in homes], homes[2].serial
    model = session.scalars(select(DeviceModel.name).join(Device).where(Device.serial_number == serial)).one()

    typed = typed.format(serial=serial)
    offers = queries.offers(session, table, typed, personal=True, today=date(2026, 3, 1), limit=20)

    assert [(each.text, each.more) for each in offers] == [
        (text_.format(*numbers, serial=serial, model=model), more.format(*numbers)) for text_, more in expected
    ]


@pytest.mark.usefixtures("homes")
def test_picker_offers_rows_before_anything_is_typed(session: Session) -> None:
    tables = {"consumer": 4, "mahalla": 2, "street": 2, "device": 4, "register": 4, "service_point": 4, "account": 0}
    assert set(tables) == queries.OFFERED

    assert {table: len(queries.offers(session, table, "", personal=False, today=date(2026, 3, 1), limit=20)) for table in tables} == tables


NAMES = st.lists(st.text(alphabet="абвгдежзийкхшщЎqkhgzdjyesc'ʻoxiulnтр", min_size=1, max_size=12), min_size=1, max_size=3)


@given(NAMES, st.data())
def test_beginnings_of_words_find_a_name_however_far_it_is_typed(names: list[str], data: st.DataObject) -> None:
    words = fold(" ".join(names)).split()
    name = data.draw(st.sampled_from(names))
    typed = name[: data.draw(st.integers(1, len(name)))]

    assert not fold(typed) or any(word.startswith(each) for word in words for each in beginnings(fold(typed)))


def test_what_searches_look_up_by_is_planned_for_the_divisions_of_who_asks(session: Session) -> None:
    rows_found = "proretset AND prorettype = 'bigint'::regtype AND prosrc LIKE '%app_divisions()%'"
    looks = session.execute(text(f"SELECT proname, array_to_string(proconfig, ' ') FROM pg_proc WHERE {rows_found}")).all()

    assert {name for name, _ in looks} >= {"accounts_numbered", "consumers_named", "consumers_phoned", "devices_numbered", "streets_named"}
    assert [name for name, options in looks if "plan_cache_mode=force_custom_plan" not in (options or "")] == []
