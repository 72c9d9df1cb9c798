"""Two persons change a dictionary; what was in force on a day stays known."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.reference import ChangeKind, RowFault
from app.gateways.reference_file import DictionaryRow
from app.queries import reference as queries
from app.services import reference as service
from app.services.administration import approvals
from app.services.reference import Draft
from app.services.tariffs import PricesAlreadyBilled
from tests.builders import make_district
from tests.databases import scalar

TODAY = date(2031, 3, 10)
NOW = datetime(2031, 3, 10, 9, tzinfo=UTC)
BANK = {"mfo": "00444", "name": "Sinov bank"}


@pytest.fixture(autouse=True)
def drafter(session: Session) -> None:
    session.execute(text("SELECT set_config('app.actor', 'drafter', true)"))


def ask(session: Session, draft: Draft, today: date = TODAY) -> int:
    return service.propose(session, [draft], subject="a change", basis="no. 1", today=today).id


def grant(session: Session, approval_id: int, by: str = "checker", today: date = TODAY) -> None:
    approvals.decide(session, approval_id, grant=True, by=by, remark=None, today=today, now=NOW)


def add_bank(session: Session, contents: Mapping[str, str] = BANK, valid_from: date = TODAY) -> int:
    grant(session, ask(session, Draft("bank", ChangeKind.ADD, None, contents, valid_from)))
    return int(str(scalar(session, "SELECT id FROM bank WHERE mfo = :mfo", mfo=contents["mfo"])))


def test_a_draft_changes_nothing_and_the_drafter_cannot_approve_it(session: Session) -> None:
    request = ask(session, Draft("bank", ChangeKind.ADD, None, BANK, TODAY))

    with pytest.raises(approvals.SamePerson):
        grant(session, request, by="drafter")

    assert scalar(session, "SELECT count(*) FROM bank WHERE mfo = '00444'") == 0
    assert scalar(session, "SELECT status FROM approval WHERE id = :id", id=request) == "PENDING"


def test_the_database_itself_refuses_one_person_for_both(session: Session) -> None:
    request = ask(session, Draft("bank", ChangeKind.ADD, None, BANK, TODAY))

    with pytest.raises(IntegrityError, match="approval_two_persons"), session.begin_nested():
        session.execute(text("UPDATE approval SET status = 'APPROVED', decided_by = created_by WHERE id = :id"), {"id": request})


def test_approved_change_is_in_force_at_once_when_its_day_has_come(session: Session) -> None:
    bank = add_bank(session)

    grant(session, ask(session, Draft("bank", ChangeKind.CHANGE, bank, {"name": "Yangi bank"}, TODAY)))

    assert queries.row_texts(session, "bank", bank)["name"] == "Yangi bank"
    statuses = session.execute(text("SELECT status FROM reference_change WHERE row_id = :id ORDER BY id"), {"id": bank})
    assert [row[0] for row in statuses] == ["RETIRED", "IN_FORCE"]


def test_change_waits_for_its_day_and_each_day_keeps_what_it_held(session: Session) -> None:
    bank, later = add_bank(session), TODAY + timedelta(days=20)
    grant(session, ask(session, Draft("bank", ChangeKind.CHANGE, bank, {"name": "Keyingi bank"}, later)))

    before = queries.row_texts(session, "bank", bank)["name"]
    waiting = service.put_in_force(session, today=later - timedelta(days=1), now=NOW)
    put = service.put_in_force(session, today=later, now=NOW)

    assert (before, waiting, put) == ("Sinov bank", (0, 0), (1, 0))
    assert service.put_in_force(session, today=later, now=NOW) == (0, 0)
    held = [dict(queries.rows_on(session, "bank", day))[bank]["name"] for day in (TODAY, later - timedelta(days=1), later)]
    assert held == ["Sinov bank", "Sinov bank", "Keyingi bank"]
    assert bank not in dict(queries.rows_on(session, "bank", TODAY - timedelta(days=1)))
    changed = queries.difference(session, "bank", TODAY, later)
    assert [(row_id, old["name"], new["name"]) for row_id, old, new in changed if old and new] == [(bank, "Sinov bank", "Keyingi bank")]


def test_history_tells_who_drafted_who_approved_and_why(session: Session) -> None:
    bank = add_bank(session)

    newest = queries.versions_of(session, "bank", bank)[0]

    assert (newest.approved_by, newest.basis, newest.valid_from, newest.valid_to) == ("checker", "no. 1", TODAY, None)


def test_retired_row_is_no_longer_in_force(session: Session) -> None:
    bank = add_bank(session)

    grant(session, ask(session, Draft("bank", ChangeKind.RETIRE, bank, {}, TODAY + timedelta(days=1))))
    service.put_in_force(session, today=TODAY + timedelta(days=1), now=NOW)

    assert bank in dict(queries.rows_on(session, "bank", TODAY))
    assert bank not in dict(queries.rows_on(session, "bank", TODAY + timedelta(days=1)))


@pytest.mark.parametrize("grant_it", [False, None])
def test_refused_or_withdrawn_change_never_happens(session: Session, grant_it: bool | None) -> None:
    request = ask(session, Draft("bank", ChangeKind.ADD, None, BANK, TODAY))

    if grant_it is None:
        with pytest.raises(approvals.NotYours):
            approvals.withdraw(session, request, by="checker", today=TODAY, now=NOW)
        approvals.withdraw(session, request, by="drafter", today=TODAY, now=NOW)
    else:
        approvals.decide(session, request, grant=False, by="checker", remark="no", today=TODAY, now=NOW)

    with pytest.raises(approvals.AlreadyDecided):
        grant(session, request)
    assert service.put_in_force(session, today=TODAY, now=NOW) == (0, 0)
    assert scalar(session, "SELECT count(*) FROM bank WHERE mfo = '00444'") == 0


def test_drafts_that_cannot_be_are_refused_when_they_are_drafted(session: Session) -> None:
    bank = add_bank(session)

    with pytest.raises(service.NothingChanges):
        ask(session, Draft("bank", ChangeKind.CHANGE, bank, {"name": "Sinov bank"}, TODAY))
    with pytest.raises(service.ChangeInThePast):
        ask(session, Draft("bank", ChangeKind.CHANGE, bank, {"name": "x"}, TODAY - timedelta(days=1)))
    with pytest.raises(IntegrityError, match="bank_mfo_key"), session.begin_nested():
        ask(session, Draft("bank", ChangeKind.ADD, None, BANK, TODAY))
    ask(session, Draft("bank", ChangeKind.CHANGE, bank, {"name": "x"}, TODAY))
    with pytest.raises(service.AlreadyWaits):
        ask(session, Draft("bank", ChangeKind.CHANGE, bank, {"name": "y"}, TODAY))


def version(session: Session, day: str, **more: str) -> Draft:
    contents = {"tariff_id": tariff_of(session), "valid_from": day, "source": "no. 7", "blocks": "=700"} | more
    return Draft("tariff_version", ChangeKind.ADD, None, contents, TODAY)


def test_second_draft_of_a_new_row_with_the_same_key_is_refused_at_once(session: Session) -> None:
    first = ask(session, version(session, "2031-04-01"))

    with pytest.raises(service.AlreadyWaits):
        ask(session, version(session, "2031-04-01", blocks="=800"))
    ask(session, version(session, "2031-05-01"))
    approvals.withdraw(session, first, by="drafter", today=TODAY, now=NOW)
    ask(session, version(session, "2031-04-01", blocks="=800"))


def test_row_that_is_to_get_a_key_that_waits_is_refused_at_once(session: Session) -> None:
    bank = add_bank(session)
    ask(session, Draft("bank", ChangeKind.CHANGE, bank, {"mfo": "00555"}, TODAY))

    with pytest.raises(service.AlreadyWaits):
        ask(session, Draft("bank", ChangeKind.ADD, None, {"mfo": "00555", "name": "Boshqa bank"}, TODAY))


def test_change_of_a_row_that_changed_meanwhile_is_not_written(session: Session) -> None:
    bank = add_bank(session)
    request = ask(session, Draft("bank", ChangeKind.CHANGE, bank, {"name": "Mine"}, TODAY))
    session.execute(text("UPDATE bank SET name = 'Theirs' WHERE id = :id"), {"id": bank})

    with pytest.raises(service.ChangedMeanwhile), session.begin_nested():
        grant(session, request)

    assert queries.row_texts(session, "bank", bank)["name"] == "Theirs"


def tariff_of(session: Session) -> str:
    found = scalar(session, "SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id WHERE g.code = 'HOUSEHOLD'")
    return str(found)


def test_new_tariff_version_ends_the_one_before_and_brings_its_blocks(session: Session) -> None:
    contents = {"tariff_id": tariff_of(session), "valid_from": "2031-04-01", "source": "no. 7", "blocks": "200=700; =900.5"}

    grant(session, ask(session, Draft("tariff_version", ChangeKind.ADD, None, contents, TODAY)))

    rows = session.execute(
        text(
            "SELECT v.valid_to::text, v.id FROM tariff_version v WHERE v.tariff_id = :tariff ORDER BY v.valid_from DESC LIMIT 2"
        ), {"tariff": int(contents["tariff_id"])}
    ).all()  # fmt: skip
    assert [row[0] for row in rows] == [None, "2031-04-01"]
    assert queries.blocks_by_version(session, [rows[0][1]]) == {rows[0][1]: "200=700; =900.5"}
    in_april = dict(queries.rows_on(session, "tariff_version", date(2031, 4, 1)))
    assert rows[0][1] in in_april
    assert rows[1][1] not in in_april


def test_version_that_bills_were_made_with_keeps_its_price(session: Session) -> None:
    district = make_district(session)
    session.execute(
        text("INSERT INTO bill_run (division_id, billing_month, status) VALUES (:id, '2031-04-01', 'POSTED')"), {"id": district.id}
    )
    contents = {"tariff_id": tariff_of(session), "valid_from": "2031-04-01", "source": "no. 7", "blocks": "=1"}

    with pytest.raises(PricesAlreadyBilled):
        ask(session, Draft("tariff_version", ChangeKind.ADD, None, contents, TODAY))


ROWS = [
    DictionaryRow(2, {"division": "1726998", "name": "Namuna MFY"}),
    DictionaryRow(3, {"division": "1726998", "name": "Namuna MFY"}),
    DictionaryRow(4, {"division": "9999999", "name": "Begona MFY"}),
    DictionaryRow(5, {"division": "1726998", "name": ""}),
    DictionaryRow(6, {"division": "1726999", "name": "Qoʻshni MFY"}),
    DictionaryRow(7, {"division": "1726998", "name": "Eski MFY"}),
    DictionaryRow(8, {"division": "1726998", "name": "x" * 201}),
]


def test_tariff_that_bills_were_made_with_stays_that_of_its_group(session: Session) -> None:
    tariff, group = tariff_of(session), str(scalar(session, "SELECT id FROM tariff_group WHERE code = 'LEGAL_BUDGET'"))
    district = make_district(session)
    session.execute(
        text("INSERT INTO bill_run (division_id, billing_month, status) VALUES (:id, '2030-01-01', 'POSTED')"), {"id": district.id}
    )

    with pytest.raises(PricesAlreadyBilled):
        ask(session, Draft("tariff", ChangeKind.CHANGE, int(tariff), {"tariff_group_id": group}, TODAY))


def test_rows_of_a_file_are_drafted_left_or_rejected_with_their_fault(session: Session) -> None:
    mine, _other = make_district(session, "1726998"), make_district(session, "1726999")
    session.execute(text("INSERT INTO mahalla (division_id, name) VALUES (:id, 'Eski MFY')"), {"id": mine.id})

    found = service.read(session, "mahalla", ROWS, valid_from=TODAY, today=TODAY, divisions={mine.id})

    assert [draft.contents["name"] for draft in found.drafts] == ["Namuna MFY"]
    assert found.equal == 1
    assert [(row.row_no, row.column, row.fault) for row in found.rejected] == [
        (3, "name", RowFault.REPEATED),
        (4, "division", RowFault.UNKNOWN_ROW),
        (5, "name", RowFault.EMPTY),
        (6, "division", RowFault.FOREIGN_DIVISION),
        (8, "name", RowFault.BREAKS_RULE),
    ]


@pytest.mark.parametrize(
    ("table", "cells", "column", "fault"),
    [
        ("vat_rate", {"valid_from": "soon", "percent": "12", "source": "x"}, "valid_from", RowFault.NOT_A_DAY),
        ("vat_rate", {"valid_from": "2031-05-01", "percent": "twelve", "source": "x"}, "percent", RowFault.NOT_A_NUMBER),
        ("vat_rate", {"valid_from": "2031-05-01", "percent": "12,345", "source": "x"}, "percent", RowFault.TOO_MANY_DECIMALS),
        ("vat_rate", {"valid_from": "2031-05-01", "percent": "120", "source": "x"}, "percent", RowFault.OUT_OF_RANGE),
        ("vat_rate", {"valid_from": "2031-05-01", "percent": "99", "source": "x"}, "valid_from", RowFault.BREAKS_RULE),
        ("tariff_group", {"code": "A", "name": "A", "consumer_kind": "BOTH"}, "consumer_kind", RowFault.NOT_A_MEMBER),
        (
            "tariff_version",
            {"tariff": "ELECTRICITY / HOUSEHOLD", "valid_from": "2031-05-01", "source": "x", "blocks": "5"},
            "blocks",
            RowFault.NO_BLOCKS,
        ),
        ("device_model", {"name": "M", "device_kind": "METER", "resource": "STEAM", "phases": "1"}, "resource", RowFault.UNKNOWN_ROW),
    ],
)
def test_fault_of_a_cell_is_named(session: Session, table: str, cells: dict[str, str], column: str, fault: RowFault) -> None:
    found = service.read(session, table, [DictionaryRow(2, cells)], valid_from=TODAY, today=TODAY, divisions=set())

    assert [(row.column, row.fault) for row in found.rejected] == [(column, fault)]


def test_limit_of_a_benefit_is_exported_and_read_back(session: Session) -> None:
    cells = {"code": "VETERAN", "name": "Veterans", "percent": "50", "limit_milli": "150,5", "source": "decree no. 9"}

    found = service.read(session, "benefit", [DictionaryRow(2, cells)], valid_from=TODAY, today=TODAY, divisions=set())
    contents = found.drafts[0].contents

    assert contents["limit_milli"] == "150500"
    columns = queries.DICTIONARIES["benefit"].columns
    assert queries.named(session, "benefit", contents, columns, {}) == ["VETERAN", "Veterans", "", "", "50.00", "150.5", "decree no. 9"]


@pytest.mark.parametrize("table", ["resource", "tariff_group", "tariff", "tariff_version", "vat_rate", "bank", "benefit"])
def test_export_read_back_changes_nothing(session: Session, table: str) -> None:
    columns = queries.DICTIONARIES[table].columns
    rows = [
        DictionaryRow(number, dict(zip(columns, queries.named(session, table, held, columns, {}), strict=True)))
        for number, (_row_id, held) in enumerate(queries.rows_on(session, table), 2)
    ]

    found = service.read(session, table, rows, valid_from=TODAY, today=TODAY, divisions=set())

    assert (found.drafts, found.equal, found.rejected) == ([], len(rows), [])


def test_uses_of_a_row_are_counted(session: Session) -> None:
    group = int(str(scalar(session, "SELECT id FROM tariff_group WHERE code = 'HOUSEHOLD'")))

    assert ("tariff", "tariff_group_id", 1) in queries.usages(session, "tariff_group", group)
