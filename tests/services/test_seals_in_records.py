"""Seals of supplies switched and of inspection records: put on, taken off and found broken where the record is made."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.acts import ActKind, ActRefused
from app.domain.claims.inspections import EnergyMethod, ViolationKind
from app.domain.seals import SealedPart, SealRefusal, SealRefused, SealState
from app.models.acts import Act
from app.models.administration import Division
from app.models.seals import Inspection
from app.queries import seals as queries
from app.services import seals
from app.services.claims import inspections as claims
from tests.builders import make_home
from tests.services.act_scenario import Office
from tests.services.meter_scenario import Fitter, provided


def refusal(office: Office, finding: claims.Finding) -> SealRefusal:
    with pytest.raises(SealRefused) as found, office.session.begin_nested():
        claims.ask(office.session, finding, today=Fitter(office.session, office.home).today)
    return found.value.refusal


def ordered(office: Office, kind: ActKind, brigade_id: int) -> int:
    """Issue an order about a supply to a brigade."""
    given = {"off_reason": "DEBT", "term_on": "2026-03-25", "note": "", "order_id": None, "brigade_id": brigade_id}
    return int(office.perform(kind, dial=None, **given).result["undo"]["order_id"])


def recorded(office: Office, kind: ActKind, order_id: int, brigade_id: int | None, **given: Any) -> Act:
    """Record that a brigade switched a supply."""
    wanted = {"order_id": order_id, "hour": "10:00", "seal_number": "", "consent": "SIGNED", "witness_1": "", "witness_2": ""}
    return office.perform(kind, dial=None, **wanted | {"brigade_id": brigade_id} | given)


def test_record_of_a_disconnection_seals_the_place_and_the_reconnection_takes_that_seal_off(office: Office) -> None:
    session, fitter = office.session, Fitter(office.session, office.home)
    provided(fitter, "A-1", "A-2")
    brigade_id = fitter.brigade_id()
    order_id = ordered(office, ActKind.ORDER_DISCONNECTION, brigade_id)
    with pytest.raises(ActRefused) as nobody:
        recorded(office, ActKind.DISCONNECT, order_id, None, seal_number="A-1")

    recorded(office, ActKind.DISCONNECT, order_id, brigade_id, seal_number="A-1")
    cut = queries.seals_numbered(session, ["A-1"])["A-1"]
    back = ordered(office, ActKind.ORDER_RECONNECTION, brigade_id)
    act = recorded(office, ActKind.RECONNECT, back, brigade_id, seal_number="A-2", hour="11:00", seals_broken="")

    assert (nobody.value.detail, nobody.value.column) == ("NO_KEEPER A-1", "brigade_id")
    assert (cut.state, cut.sealed_part) == (SealState.APPLIED, SealedPart.SWITCH)
    assert ["seals_removed", ["A-1"]] in act.result["details"]
    now = queries.seals_numbered(session, ["A-1", "A-2"])
    assert [(each.state, each.sealed_part) for each in now.values()] == [("REMOVED", None), ("APPLIED", "TERMINAL_COVER")]
    office.undo(act)
    now = queries.seals_numbered(session, ["A-1", "A-2"])
    assert [(each.state, each.sealed_part) for each in now.values()] == [("APPLIED", "SWITCH"), ("IN_STORE", None)]


def test_inspection_record_ends_its_inspection_and_records_what_was_found_broken(office: Office) -> None:
    session, home = office.session, office.home
    fitter = Fitter(session, home)
    provided(fitter, "A-1")
    fitter.perform(ActKind.EXCHANGE_METER, date(2026, 3, 16), **fitter.exchanged(1800, "NEW"), seals="A-1")
    meter = queries.seals_numbered(session, ["A-1"])["A-1"].device_id or 0
    first = seals.inspections.open_for_event(session, meter, event_id=None, at=datetime(2026, 3, 20, 6, tzinfo=UTC))  # type: ignore[arg-type]
    assert first
    finding = claims.Finding(
        account_id=home.account_id, number="7", drawn_on=date(2026, 4, 10), kind=ViolationKind.TAMPERING, inspector="Inspector",
        period_from=date(2026, 3, 25), period_to=date(2026, 4, 10), method=EnergyMethod.MEASURED, energy_milli=500_000,
        seals_broken="A-1", inspection_id=first.id,
    )  # fmt: skip

    record = claims.ask(session, finding, today=fitter.today)

    opened = session.scalars(select(Inspection).order_by(Inspection.id)).all()
    assert [(each.cause, each.status, each.inspection_record_id) for each in opened] == [
        ("TAMPER_EVENT", "ENDED", record.id),
        ("BROKEN_SEAL", "ENDED", record.id),
    ]
    assert queries.seals_numbered(session, ["A-1"])["A-1"].state == SealState.BROKEN
    later = finding._replace(number="8", drawn_on=date(2026, 4, 20), period_from=date(2026, 4, 10), period_to=date(2026, 4, 20))
    assert refusal(office, later) == SealRefusal.ENDED
    other = make_home(session, session.get_one(Division, home.division_id), 7).account_id
    elsewhere = finding._replace(number="9", inspection_id=None, account_id=other)
    assert refusal(office, elsewhere) == SealRefusal.NOT_ON_IT
