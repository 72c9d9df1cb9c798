"""The document of an application that is filled on a page leaves the rows the same page leaves when nobody filed anything."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind
from app.domain.equipment import DeviceEvent
from app.models.applications import ApplicationKind
from app.models.reference import MeterChangeReason
from app.queries import applications as queries
from app.services import acts, applications, equipment
from app.services.applications import StepTaken, works
from app.services.equipment import DocumentRequest
from tests.services.act_scenario import DAY, NOW, TODAY
from tests.services.application_scenario import _E, _S, Desk
from tests.services.equipment_scenario import CERTIFICATE
from tests.services.meter_scenario import Fitter
from tests.services.opening_scenario import opening

Filled = Mapping[str, Any]
#: What an application itself leaves, beside its work.
_OF_APPLICATIONS = frozenset(
    {"application", "application_step", "application_file", "notice", "task", "task_step", "audit_entry", "alert", "stored_file"}
)
_TABLES = """
    SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND c.column_name = 'division_id' AND t.table_type = 'BASE TABLE' ORDER BY 1
    """
_NEW_EACH_TIME = frozenset({"id", "created_at", "updated_at", "posted_at", "reference", "search_text"})


def _plain(value: Any) -> Any:
    """Return a value without ids, moments and references, which each run gives anew."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key not in _NEW_EACH_TIME and not key.endswith(("_id", "_at"))}
    if not isinstance(value, list):
        return value
    return len(value) if all(isinstance(each, int) for each in value) else [_plain(each) for each in value]


def _rows(desk: Desk) -> dict[str, list[str]]:
    """Return all rows of the division, whatever their table."""
    session, found = desk.session, {}
    for table in session.scalars(text(_TABLES)).all():
        if table not in _OF_APPLICATIONS:
            rows = session.scalars(
                text(f'SELECT to_jsonb(t) FROM "{table}" t WHERE division_id = :division'), {"division": desk.office.home.division_id}
            ).all()
            found[table] = sorted(json.dumps(_plain(row), sort_keys=True) for row in rows)
    found["register"] = sorted(session.scalars(text("SELECT code || ' ' || digits FROM register")).all())
    return found


def _change_owner(desk: Desk, key: str, filled: Filled) -> None:
    given = {"debt": "TAKEN_OVER"} | dict(filled)
    acts.submit(desk.session, desk.office.request(ActKind.CHANGE_OWNER, **given)._replace(reference=key), today=TODAY)


def _close(desk: Desk, key: str, _filled: Filled) -> None:
    acts.submit(desk.session, desk.office.request()._replace(reference=key), today=TODAY)


def _reopen(desk: Desk, key: str, _filled: Filled) -> None:
    request = desk.office.request(ActKind.REOPEN_ACCOUNT, TODAY, dial=1820)
    acts.submit(desk.session, request._replace(reference=key), today=TODAY)


def _exchange(desk: Desk, key: str, filled: Filled) -> None:
    fitter = Fitter(desk.session, desk.office.home)
    request = fitter.request(ActKind.EXCHANGE_METER, DAY, **fitter.exchanged(1800, "NEW-9"), **filled)
    acts.submit(desk.session, request._replace(reference=key), today=TODAY)


def _open(desk: Desk, key: str, filled: Filled) -> None:
    home = desk.office.home
    request = opening(desk.session, home.division_id, f"{home.number[:5]}0000077", **filled)
    acts.submit(desk.session, request._replace(reference=key), today=TODAY)


def _verify(desk: Desk, key: str, filled: Filled) -> None:
    given = {"devices": [line.split(";") for line in filled["devices"].split("\n")], **CERTIFICATE}
    wanted = DocumentRequest(DeviceEvent.VERIFY, desk.office.home.division_id, DAY, "17", "a certificate", given, key)
    equipment.submit(desk.session, wanted, today=TODAY)


def _new_person(_desk: Desk) -> Filled:
    return {"kind": "HOUSEHOLD", "name": "Olimov Sardor", "identifier": "30101199000013", "phone": "+998935557788", "language": "uz"}


def _new_place(_desk: Desk) -> Filled:
    whose = {"kind": "HOUSEHOLD", "name": "Karimov Aziz", "identifier": None, "phone": "+998901112233", "language": "uz"}
    return whose | {"house": "7", "capacity_milli": 7500}


def _requested(desk: Desk) -> Filled:
    return {"reason_id": desk.session.scalar(select(MeterChangeReason.id).where(MeterChangeReason.code == "REQUEST"))}


def _meter(desk: Desk) -> Filled:
    return {"devices": desk.office.home.serial}


class Case(NamedTuple):
    """How the document of a kind is drawn up, and what staff would type there by hand without an application."""

    draw: Callable[[Desk, str, Filled], None]
    given: dict[str, Any] = {}
    papers: int = 0
    typed: Callable[[Desk], Filled] = lambda _desk: {}
    before: Callable[[Desk], Any] = lambda _desk: None


CASES = {
    "METER_EXCHANGE": Case(_exchange, {"cause": "OLD"}, typed=_requested),
    "VERIFICATION": Case(_verify, typed=_meter, before=lambda desk: equipment.take_over(desk.session, desk.office.home.division_id)),
    "OWNER_CHANGE": Case(
        _change_owner, {"name": "Olimov Sardor", "pinfl": "30101199000013", "phone": "93 555-77-88"}, papers=1, typed=_new_person
    ),
    "MOVE_OUT": Case(_close),
    "MOVE_IN": Case(_reopen, before=lambda desk: desk.office.perform()),
    "NEW_CONNECTION": Case(
        _open, {"address": "Navoiy 7", "house": "7", "capacity": "7,5", "purpose": "HOME", "account_id": None}, papers=1, typed=_new_place
    ),
}


def _accepted(desk: Desk, kind: str, case: Case) -> int:
    """File an application of a kind, let it through its route, and accept it."""
    found = desk.file(kind, files=case.papers, **case.given)
    desk.step(found, _E.TAKE)
    while any(each.stage > found.stage for each in queries.stages(desk.session, found.application_kind_id, TODAY)):
        desk.step(found, _E.PASS_ON, files=1)
        desk.step(found, _E.TAKE)
    papers = desk.request("COMPLAINT", files=1).files if found.stage > 1 else ()
    applications.accept(desk.session, found.id, StepTaken(_E.ACCEPT, files=papers), basis="x", today=TODAY, now=NOW)
    assert found.status == _S.ACCEPTED
    return found.id


@pytest.mark.parametrize("kind", CASES)
def test_page_filled_from_an_application_leaves_the_rows_of_the_page_alone(desk: Desk, kind: str) -> None:
    case, session = CASES[kind], desk.session
    case.before(desk)
    start = _rows(desk)
    with session.begin_nested() as attempt:
        typed = case.typed(desk)
        case.draw(desk, "page alone", typed)
        alone = _rows(desk)
        attempt.rollback()
    session.expire_all()

    application_id = _accepted(desk, kind, case)
    found = works.steps.locked(session, application_id)
    offered = works.page_values(session, found, today=TODAY)
    case.draw(desk, "page filled", {name: offered.get(name) for name in typed})
    works.attach(session, application_id, "page filled", today=TODAY, now=NOW)

    assert _rows(desk) == alone
    assert alone != start
    assert (found.status, found.ended_on) == (_S.DONE, TODAY)


def test_every_kind_with_a_page_has_a_case(session: Session) -> None:
    on_pages = {work for work, rule in works.WORKS.items() if rule.needs_person}

    kinds = session.scalars(select(ApplicationKind.code).where(ApplicationKind.work.in_(on_pages), ApplicationKind.is_active)).all()

    assert set(kinds) == set(CASES)
