"""Meters installed, removed and exchanged by acts: what is billed, what is refused, and the counter-act."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal, ActRefused
from app.domain.equipment import DeviceEvent, DevicePlace, PlaceKind, StockPlaceKind
from app.gateways.device_data.events import EventTexts
from app.models.equipment import Device, StockPlace
from app.services import acts, equipment
from app.services.metering.events import take_events
from app.services.metering.judging import limits_on
from app.services.seals import inspections
from tests.builders import bill_month, install, make_district, make_home, owed, read
from tests.services.act_scenario import proved
from tests.services.device_scenario import NOW, device_import
from tests.services.meter_scenario import FEB, JAN, MARCH, Fitter
from tests.services.zoned_meters import make_zoned

VECTORS = {each["id"]: each for each in json.loads(Path("tests/vectors/metering.json").read_text())["vectors"]}
MIDDLE = date(2026, 1, 16)


@pytest.fixture
def fitter(session: Session) -> Fitter:
    """A home whose meter showed 1000 on 1 January."""
    return Fitter(session, make_home(session, make_district(session)))


def refused(refusal: ActRefusal, column: str | None, fitter: Fitter, kind: ActKind, on: date, **given: Any) -> None:
    before = fitter.installations(), fitter.readings()
    with pytest.raises(ActRefused) as caught:
        fitter.perform(kind, on, **given)
    assert (caught.value.refusal, caught.value.column) == (refusal, column)
    assert (fitter.installations(), fitter.readings()) == before


def test_energy_of_a_month_with_an_exchange_is_that_of_both_meters(session: Session) -> None:
    (old, new), expected = VECTORS["M09"]["input"]["segments"], VECTORS["M09"]["expected"]
    fitter = Fitter(session, make_home(session, make_district(session), dial=int(old["prev"])))

    act = fitter.exchange(MIDDLE, int(old["cur"]), "NEW", int(new["prev"]))
    read(session, fitter.present(), date(2026, 1, 31), int(new["cur"]))
    bill_month(session, fitter.home.division_id, JAN)

    assert [(bill[3], bill[4]) for bill in fitter.bills()] == [("ACTUAL", int(expected["kwh"]))]
    assert fitter.installations() == [(fitter.home.serial, JAN, MIDDLE), ("NEW", MIDDLE, None)]
    assert [(row["meter"], row["dial_milli"], row["quantity_milli"]) for row in act.result["counted"]] == [
        (fitter.home.serial, 4_250_000, 150_000),
        ("NEW", 3_000, None),
    ]
    assert [(part["meter"], part["quantity_milli"]) for month in act.result["energy"] for part in month["parts"]] == [
        (fitter.home.serial, 150_000)
    ]


def test_each_meter_counts_by_its_own_ratio(fitter: Fitter) -> None:
    fitter.exchange(MIDDLE, 1100, "NEW", 3, ct_primary=100, ct_secondary=5)
    read(fitter.session, fitter.present(), date(2026, 1, 31), 5)

    bill_month(fitter.session, fitter.home.division_id, JAN)

    assert [bill[4] for bill in fitter.bills()] == [100 + 2 * 20]


def test_zones_of_a_meter_are_closed_and_opened_together(session: Session) -> None:
    registers, total = VECTORS["M07"]["input"]["regs"], VECTORS["M07"]["input"]["total"]
    first = {code.upper(): int(dials[0]) for code, dials in registers.items()} | {"TOTAL": int(total[0])}
    last = {code.upper(): int(dials[1]) for code, dials in registers.items()} | {"TOTAL": int(total[1])}
    fitter = Fitter(session, make_zoned(session, ()))
    fitter.exchange(MIDDLE, 1000, "ZONES", first)

    act = fitter.exchange(date(2026, 1, 31), last, "NEXT", dict.fromkeys(first, 0))

    counted = {row["register"]: row["quantity_milli"] // 1000 for row in act.result["counted"] if not row["is_new"]}
    expected = VECTORS["M07"]["expected"]
    assert counted == {code.upper(): int(expected[code]) for code in ("day", "peak", "night", "total")}


def test_zone_that_is_missing_is_asked_for_and_zones_that_tell_another_story_are_read_again(session: Session) -> None:
    fitter = Fitter(session, make_zoned(session, ("DAY", "NIGHT")))
    night, day = f"reading_{fitter.registers()['NIGHT']}", {"TOTAL": 1200, "DAY": 720}

    missing = {**fitter.closing(day), **fitter.opening("NEW", 0)}
    refused(ActRefusal.READING_MISSING, night, fitter, ActKind.EXCHANGE_METER, MIDDLE, **missing)
    apart = {**fitter.closing(day | {"NIGHT": 500}), **fitter.opening("NEW", 0)}
    refused(ActRefusal.ZONES_APART, "is_sure", fitter, ActKind.EXCHANGE_METER, MIDDLE, **apart)
    opening = {**fitter.closing(day | {"NIGHT": 480}), **fitter.opening("NEW", {"TOTAL": 50, "DAY": 10, "NIGHT": 10})}
    refused(ActRefusal.ZONES_APART, "is_sure", fitter, ActKind.EXCHANGE_METER, MIDDLE, **opening)

    act = fitter.perform(ActKind.EXCHANGE_METER, MIDDLE, **apart, is_sure=True)
    assert act.status == "DONE"


OPENING = {"serial_number": "NEW", "digits": 5, "verified_to": "2034-01-01", "opening": {"TOTAL": 0}}
REFUSALS: list[tuple[str, date, dict[str, Any], ActRefusal, str | None]] = [
    ("dial below the last reading", MIDDLE, {"closing": 999}, ActRefusal.READING_GOES_BACK, "reading_"),
    ("too many digits", MIDDLE, {"closing": 123_456}, ActRefusal.READING_WRONG, "reading_"),
    ("more than the place could take", MIDDLE, {"closing": 90_000}, ActRefusal.READING_REFUSED, "reading_"),
    ("closing missing", MIDDLE, {"readings": {}}, ActRefusal.READING_MISSING, "reading_"),
    ("too many digits of the new one", MIDDLE, {"opening": {"TOTAL": 123_456_000}}, ActRefusal.READING_WRONG, "opening_total"),
    ("a part of a unit that the new one cannot show", MIDDLE, {"opening": {"TOTAL": 500}}, ActRefusal.READING_WRONG, "opening_total"),
    ("secondary of the CT is nothing", MIDDLE, {"ct_secondary": 0}, ActRefusal.RATIO_WRONG, "ct_secondary"),
    ("day to come", date(2026, 4, 21), {}, ActRefusal.FUTURE_DAY, "effective_on"),
    ("day before the supply", date(2025, 12, 31), {}, ActRefusal.NOT_SUPPLIED, "effective_on"),
    ("day on which the meter was installed", JAN, {}, ActRefusal.NO_METER, "effective_on"),
    ("nobody knows the meter and its model", MIDDLE, {"model_id": None}, ActRefusal.UNKNOWN_METER, "model_id"),
    ("display of two digits", MIDDLE, {"digits": 2}, ActRefusal.DIGITS_WRONG, "digits"),
    ("nobody says who took it off", MIDDLE, {"brigade_id": None}, ActRefusal.NO_BRIGADE, "brigade_id"),
    ("nobody says until when it is verified", MIDDLE, {"verified_to": None}, ActRefusal.NO_VERIFICATION, "verified_to"),
    ("verification that ended", MIDDLE, {"verified_to": "2026-01-16"}, ActRefusal.NOT_VERIFIED, "serial_number"),
]


@pytest.mark.parametrize(("on", "given", "refusal", "column"), [each[1:] for each in REFUSALS], ids=[each[0] for each in REFUSALS])
def test_exchange_that_cannot_be_is_refused_beside_its_field(
    fitter: Fitter, on: date, given: dict[str, Any], refusal: ActRefusal, column: str | None
) -> None:
    closing = fitter.closing(given.get("closing", 1100))
    model = fitter.opening("NEW", 0)["model_id"]
    wanted = closing | OPENING | {"model_id": model} | {name: value for name, value in given.items() if name != "closing"}
    beside = f"reading_{fitter.home.register_id}" if column == "reading_" else column

    refused(refusal, beside, fitter, ActKind.EXCHANGE_METER, on, **wanted)


def test_display_that_went_round_is_believed_when_the_place_could_have_taken_so_much(session: Session) -> None:
    case = VECTORS["M02"]["input"]
    fitter = Fitter(session, make_home(session, make_district(session), dial=int(case["prev"])))

    with pytest.raises(ActRefused) as doubtful:
        fitter.exchange(MIDDLE, int(case["cur"]), "NEW")
    act = fitter.exchange(MIDDLE, int(case["cur"]), "NEW", is_sure=True)

    assert doubtful.value.refusal == ActRefusal.READING_DOUBTFUL
    assert act.result["counted"][0]["quantity_milli"] == int(VECTORS["M02"]["expected"]["kwh"]) * 1000


def test_meter_is_not_taken_off_before_it_was_read_last_unless_those_readings_were_not_its(fitter: Fitter) -> None:
    read(fitter.session, fitter.home, date(2026, 1, 25), 1050)
    before = fitter.readings()
    refused(ActRefusal.READ_LATER, "effective_on", fitter, ActKind.REMOVE_METER, MIDDLE, **fitter.closing(1020))

    act = fitter.remove(MIDDLE, 1020, withdraws_later=True)
    assert [row[0] for row in fitter.readings()] == [JAN, MIDDLE]
    fitter.undo(act)

    assert fitter.readings() == before
    assert fitter.installations() == [(fitter.home.serial, JAN, None)]


def test_place_with_a_meter_of_the_same_registers_takes_no_second_one(fitter: Fitter) -> None:
    refused(ActRefusal.METER_THERE, "serial_number", fitter, ActKind.INSTALL_METER, MIDDLE, **fitter.opening("NEW", 0))

    fitter.install(MIDDLE, "BESIDE", {"REACTIVE": 0})

    assert [row[0] for row in fitter.installations()] == sorted([fitter.home.serial, "BESIDE"], key=lambda each: each == "BESIDE")


def test_meter_that_serves_elsewhere_is_not_installed_again(fitter: Fitter) -> None:
    other = make_home(fitter.session, make_district(fitter.session, "1726998"), 2)
    mine = install(fitter.session, make_home_like(fitter), "ELSEWHERE", FEB)

    given = {**fitter.closing(1100), **fitter.opening(mine.serial, 0)}
    refused(ActRefusal.METER_ELSEWHERE, "serial_number", fitter, ActKind.EXCHANGE_METER, MIDDLE, **given)
    foreign = {**fitter.closing(1100), **fitter.opening(other.serial, 0)}
    refused(ActRefusal.FOREIGN_METER, "serial_number", fitter, ActKind.EXCHANGE_METER, MIDDLE, **foreign)


def test_meter_whose_number_stands_under_another_model_is_named(fitter: Fitter) -> None:
    statement = "INSERT INTO device_model (name, resource_id) SELECT 'Another', min(id) FROM resource RETURNING id"
    other = int(fitter.session.scalar(text(statement)) or 0)
    fitter.undo(fitter.exchange(MIDDLE, 1100, "AN-17", 0))
    given = {**fitter.closing(1100), **fitter.opening("an 17", 0)}
    request = fitter.request(ActKind.EXCHANGE_METER, MIDDLE, **given | {"model_id": other})

    with pytest.raises(ActRefused) as caught:
        acts.preview(fitter.session, request, today=fitter.today)

    assert (caught.value.refusal, caught.value.column) == (ActRefusal.OTHER_MODEL, "model_id")
    assert "AN-17" in caught.value.detail
    assert fitter.perform(ActKind.EXCHANGE_METER, MIDDLE, **given | {"model_id": None}).status == "DONE"


def make_home_like(fitter: Fitter) -> Any:
    """Return a home in the same district, whose meter was taken off at the end of January."""
    from app.models.administration import Division  # noqa: PLC0415 - one use

    home = make_home(fitter.session, fitter.session.get_one(Division, fitter.home.division_id), 7)
    fitter.session.execute(text("UPDATE meter_installation SET valid_to = :day WHERE id = :id"), {"day": FEB, "id": home.installation_id})
    return home


def test_meter_of_the_register_is_installed_with_every_register_it_has(fitter: Fitter) -> None:
    removed = fitter.exchange(MIDDLE, 1100, "ZONES", {"TOTAL": 0, "DAY": 0, "NIGHT": 0})
    fitter.undo(removed)

    lacking = {**fitter.closing(1100), **fitter.opening("zo-nes", {"TOTAL": 0, "DAY": 0})}
    refused(ActRefusal.READING_MISSING, "opening_night", fitter, ActKind.EXCHANGE_METER, MIDDLE, **lacking)
    strange = {**fitter.closing(1100), **fitter.opening("ZONES", {"TOTAL": 0, "DAY": 0, "NIGHT": 0, "PEAK": 0})}
    refused(ActRefusal.NO_SUCH_REGISTER, "opening_peak", fitter, ActKind.EXCHANGE_METER, MIDDLE, **strange)

    fitter.exchange(MIDDLE, 1100, "zo-nes", {"TOTAL": 0, "DAY": 0, "NIGHT": 0})
    assert fitter.installations()[-1] == ("ZONES", MIDDLE, None)


def billed(fitter: Fitter) -> tuple[Any, ...]:
    """Bill January by a reading and February and March by estimates, and return how all stands."""
    read(fitter.session, fitter.home, date(2026, 1, 31), 1300)
    for month in (JAN, FEB, MARCH):
        bill_month(fitter.session, fitter.home.division_id, month)
    return stands(fitter)


def stands(fitter: Fitter) -> tuple[Any, ...]:
    return fitter.bills(), owed(fitter.session, fitter.home), fitter.installations(), fitter.readings()


def test_exchange_entered_late_bills_the_months_since_again_and_its_counter_act_gives_everything_back(fitter: Fitter) -> None:
    before = billed(fitter)

    act = fitter.exchange(date(2026, 2, 12), 1400, "LATE", 5)
    after = stands(fitter)
    taken_back = fitter.undo(act)

    assert [bill[3] for bill in before[0]] == ["ACTUAL", "ESTIMATED", "ESTIMATED"]
    assert after[0][1][:5] == (FEB, date(2026, 1, 31), date(2026, 2, 12), "ACTUAL", 100)
    assert after[0] != before[0]
    assert [row["cancels_id"] is not None for row in act.result["bills"]] == [True, True, False, False]
    assert [part["quality"] for month in act.result["energy"] for part in month["parts"]][:1] == ["ACTUAL"]
    assert stands(fitter) == before
    assert proved(fitter.session, fitter.home.division_id, months=4)
    assert taken_back.result["details"]


def test_counter_act_takes_the_readings_of_the_meter_back_that_was_never_there(fitter: Fitter) -> None:
    before = billed(fitter)
    act = fitter.exchange(date(2026, 2, 12), 1400, "LATE", 5)
    read(fitter.session, fitter.present(), date(2026, 4, 10), 90)

    fitter.undo(act)

    assert stands(fitter) == before
    assert proved(fitter.session, fitter.home.division_id, months=4)


def test_gap_between_two_meters_is_estimated(fitter: Fitter) -> None:
    session = fitter.session
    fitter.remove(date(2026, 1, 11), 1100)
    fitter.install(date(2026, 1, 21), "NEW", 7)
    read(session, fitter.present(), date(2026, 1, 31), 107)

    bill_month(session, fitter.home.division_id, JAN)

    rows = session.execute(
        text("SELECT period_from, period_to, quality, quantity_milli / 1000 FROM consumption WHERE account_id = :id ORDER BY 1"),
        {"id": fitter.home.account_id},
    )
    found = [tuple(row) for row in rows]
    assert [(row[0], row[1], row[2]) for row in found] == [
        (JAN, date(2026, 1, 11), "ACTUAL"),
        (date(2026, 1, 11), date(2026, 1, 21), "ESTIMATED"),
        (date(2026, 1, 21), date(2026, 1, 31), "ACTUAL"),
    ]
    assert (found[0][3], found[2][3]) == (100, 100)


def test_chain_of_exchanges_is_undone_from_its_end(fitter: Fitter) -> None:
    first = fitter.exchange(MIDDLE, 1100, "FIRST")
    second = fitter.exchange(MIDDLE + timedelta(days=10), 50, "SECOND")

    with pytest.raises(ActRefused) as late:
        fitter.undo(first)
    fitter.undo(second)
    fitter.undo(first)

    assert late.value.refusal == ActRefusal.LATER_ACT
    assert fitter.installations() == [(fitter.home.serial, JAN, None)]


def test_meters_move_with_the_acts_and_back(fitter: Fitter) -> None:
    act = fitter.exchange(MIDDLE, 1100, "NEW")
    exchanged = fitter.devices()
    fitter.undo(act)

    assert exchanged == [("NEW", "INSTALLED", "SERVICE_POINT"), (fitter.home.serial, "REMOVED", "BRIGADE")]
    assert fitter.devices() == [("NEW", None, None), (fitter.home.serial, "INSTALLED", "SERVICE_POINT")]
    assert proved(fitter.session, fitter.home.division_id, months=1)


def tell_tampering(fitter: Fitter, *, is_false: bool) -> None:
    """Let the meter say that it was interfered with; where that is false, its inspection ends without a record."""
    session, on = fitter.session, date(2026, 1, 10)
    target = device_import(session, fitter.home.division_id)
    source = """
        INSERT INTO meter_data_source (division_id, name, source, login, key_sha256)
        VALUES (:division, 'head-end', 'TELEMETRY', 'head', repeat('0', 64))
        RETURNING id
        """
    target.meter_data_source_id = session.scalar(text(source), {"division": fitter.home.division_id})
    target.idempotency_key, target.reply = "events 1", "{}"
    session.flush()
    rows = [EventTexts(1, fitter.home.serial, "TAMPERED", f"{on}T11:00:00+05:00")]
    assert not take_events(session, target, rows, limits_on(session, on), now=NOW)
    if is_false:
        inspections.end(session, int(session.scalar(text("SELECT id FROM inspection")) or 0), on=on, conclusion="A cat")


@pytest.mark.parametrize("is_told", ["by the cause", "by the meter", "by a meter that was inspected", "by nobody"])
def test_meter_that_was_interfered_with_is_kept_as_evidence_and_given_back_by_a_document(fitter: Fitter, is_told: str) -> None:
    session, more = fitter.session, dict[str, Any]()
    if is_told == "by the cause":
        more = {"reason_id": session.scalar(text("SELECT id FROM meter_change_reason WHERE code = 'TAMPER'"))}
    elif "meter" in is_told:
        tell_tampering(fitter, is_false="inspected" in is_told)
    act = fitter.exchange(MIDDLE, 1100, "NEW", **more)
    device_id = session.scalar(text("SELECT id FROM device WHERE serial_number = :serial"), {"serial": fitter.home.serial})
    kept = fitter.devices()

    if is_told in ("by nobody", "by a meter that was inspected"):
        assert kept[1][1] == "REMOVED"
        return
    assert kept[1] == (fitter.home.serial, "EVIDENCE_HOLD", "BRIGADE")
    store = StockPlace(division_id=fitter.home.division_id, kind=StockPlaceKind.WAREHOUSE, name="Store", keeper="Keeper")
    session.add(store)
    session.flush()
    wanted = equipment.DocumentRequest(
        DeviceEvent.STORE, fitter.home.division_id, MIDDLE, "7", "The case is over", {"devices": [[fitter.home.serial]]}, "release",
        stock_place_id=store.id,
    )  # fmt: skip
    release = equipment.submit(session, wanted, today=fitter.today)
    assert session.get_one(Device, device_id).state == "IN_STORE_USED"
    equipment.submit(session, equipment.reversal_of(release, reason="Not yet", reference="back"), today=fitter.today)
    fitter.undo(act)
    assert fitter.devices()[1] == (fitter.home.serial, "INSTALLED", "SERVICE_POINT")


def test_meter_that_was_not_issued_is_refused_in_the_words_of_its_movement(fitter: Fitter) -> None:
    session = fitter.session
    fitter.exchange(MIDDLE, 1100, "NEW")
    given = fitter.exchanged(50, fitter.home.serial, 1100)

    refused(ActRefusal.NOT_MOVED, "serial_number", fitter, ActKind.EXCHANGE_METER, MIDDLE + timedelta(days=9), **given)
    assert session.scalar(text("SELECT count(*) FROM movement WHERE event = 'INSTALL'")) == 0


def test_removed_meter_that_went_on_is_not_put_back(fitter: Fitter) -> None:
    act = fitter.exchange(MIDDLE, 1100, "NEW")
    session = fitter.session
    device_id = session.scalar(text("SELECT id FROM device WHERE serial_number = :serial"), {"serial": fitter.home.serial})
    store = StockPlace(division_id=fitter.home.division_id, kind=StockPlaceKind.WAREHOUSE, name="Store", keeper="Keeper")
    session.add(store)
    session.flush()
    equipment.move(
        session, int(device_id or 0), DeviceEvent.STORE, on=MIDDLE, today=fitter.today, to=DevicePlace(PlaceKind.WAREHOUSE, store.id)
    )

    with pytest.raises(ActRefused) as late:
        fitter.undo(act)

    assert (late.value.refusal, late.value.detail.split()[0]) == (ActRefusal.NOT_MOVED, "NOT_LAST")
