"""Accounts opened by an act, and double consumers joined; both undone by counter-acts."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal, ActRequest, ActStatus
from app.models.accounts import Account
from app.models.acts import Act
from app.models.contracts import Contract
from app.services import acts, contracts
from app.services.contracts import drafts
from tests.builders import SINCE, bill_month, make_district, make_home, read
from tests.services.act_scenario import APRIL, MARCH, TODAY, _references, proved, refused
from tests.services.contract_scenario import act as contract_act
from tests.services.contract_scenario import signed
from tests.services.legal_accounts import make_legal
from tests.services.opening_scenario import OPENED, opening


def undo(session: Session, act: Act) -> Act:
    request = acts.request_of(act, effective_on=TODAY, reason="a mistake", reference=f"undo {next(_references)}")
    return acts.submit(session, request, today=TODAY)


def test_account_is_opened_and_billed(session: Session) -> None:
    district = make_district(session)

    act = acts.submit(session, opening(session, district.id, f"{district.branch_code}0000077"), today=TODAY)
    bill_month(session, district.id, MARCH)

    assert (act.status, session.scalar(text("SELECT number FROM account WHERE id = :id"), {"id": act.account_id})) == (
        ActStatus.DONE, f"{district.branch_code}0000077",
    )  # fmt: skip
    assert session.scalar(text("SELECT period_from FROM bill WHERE account_id = :id"), {"id": act.account_id}) == OPENED
    assert proved(session, district.id)


def test_account_is_opened_with_all_registers_of_its_meter(session: Session) -> None:
    district = make_district(session)
    request = opening(session, district.id, f"{district.branch_code}0000077", registers={"DAY": 8_000, "NIGHT": 4_000, "REACTIVE": 0})

    act = acts.submit(session, request, today=TODAY)

    statement = text(
        "SELECT g.code, r.dial_milli FROM reading r JOIN register g ON g.id = r.register_id WHERE r.account_id = :id ORDER BY g.id"
    )
    rows = session.execute(statement, {"id": act.account_id})
    assert [tuple(row) for row in rows] == [
        ("TOTAL", 12_000), ("DAY", 8_000), ("NIGHT", 4_000), ("REACTIVE", 0),
    ]  # fmt: skip
    assert dict(act.result["details"])["dials"][2] == "NEW-1 NIGHT: 4.000"
    assert undo(session, act).status == ActStatus.DONE


def test_account_without_a_number_is_given_the_next_of_its_branch(session: Session) -> None:
    district = make_district(session)
    acts.submit(session, opening(session, district.id, f"{district.branch_code}0000077"), today=TODAY)
    request = opening(session, district.id, "", serial_number="NEW-2", flat="2")

    act = acts.submit(session, request, today=TODAY)

    assert dict(act.result["details"])["account_number"] == f"{district.branch_code}0000078"


def test_district_without_a_branch_code_has_no_next_number(session: Session) -> None:
    district = make_district(session)
    district.branch_code = None
    session.flush()

    refused(ActRefusal.NO_NUMBER, lambda: acts.submit(session, opening(session, district.id, ""), today=TODAY))


def test_double_click_opens_one_account(session: Session) -> None:
    district = make_district(session)
    request = opening(session, district.id, f"{district.branch_code}0000077")

    first, again = (acts.submit(session, request, today=TODAY).account_id for _ in range(2))

    assert first == again


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"number": "taken"}, ActRefusal.NUMBER_TAKEN),
        ({"number": "990000000077"}, ActRefusal.FOREIGN_NUMBER),
        ({"serial_number": "taken"}, ActRefusal.METER_TAKEN),
        ({"identifier": "12"}, ActRefusal.WRONG_IDENTIFIER),
        ({"name": ""}, ActRefusal.NO_NEW_OWNER),
    ],
)
def test_opening_is_refused(session: Session, changes: dict[str, str], refusal: ActRefusal) -> None:
    district = make_district(session)
    home = make_home(session, district)
    taken = {"number": home.number, "serial_number": home.serial}
    wanted = {name: taken[name] if value == "taken" else value for name, value in changes.items()}
    request = opening(session, district.id, f"{district.branch_code}0000077", **wanted)

    refused(refusal, lambda: acts.submit(session, request, today=TODAY))

    assert session.scalar(text("SELECT count(*) FROM account")) == 1


def test_counter_act_of_opening_takes_bills_back_and_frees_place_and_meter(session: Session) -> None:
    district = make_district(session)
    act = acts.submit(session, opening(session, district.id, f"{district.branch_code}0000077"), today=TODAY)
    bill_month(session, district.id, MARCH)

    undo(session, act)
    bill_month(session, district.id, APRIL)

    row = session.execute(text("SELECT status, closed_on FROM account WHERE id = :id"), {"id": act.account_id}).one()
    assert tuple(row) == ("CLOSED", OPENED)
    assert session.scalar(text("SELECT sum(amount_tiyin) FROM bill WHERE account_id = :id"), {"id": act.account_id}) == 0
    assert session.scalar(text("SELECT count(*) FROM supply WHERE account_id = :id"), {"id": act.account_id}) == 0
    assert proved(session, district.id)


def joined(session: Session, kept: int, other: int, division_id: int) -> Act:
    request = ActRequest(
        ActKind.JOIN_CONSUMERS, division_id, OPENED, "entered twice", {"other_id": other}, f"join {next(_references)}", consumer_id=kept
    )
    return acts.submit(session, request, today=TODAY)


def pair(session: Session) -> tuple[int, int, int]:
    """Two consumers of a district with an account each; the second one has a JSHSHIR."""
    district = make_district(session)
    homes = [make_home(session, district, serial) for serial in (1, 2)]
    for home in homes:
        read(session, home, date(2026, 2, 1), 1300)
    ids = [int(session.scalar(text("SELECT consumer_id FROM account WHERE id = :id"), {"id": home.account_id}) or 0) for home in homes]
    session.execute(text("UPDATE consumer SET pinfl = '30101199000012' WHERE id = :id"), {"id": ids[1]})
    session.expire_all()
    return district.id, ids[0], ids[1]


def held(session: Session, consumer_id: int) -> tuple[int, str | None]:
    count = session.scalar(text("SELECT count(*) FROM account WHERE consumer_id = :id"), {"id": consumer_id})
    return int(count or 0), session.scalar(text("SELECT pinfl FROM consumer WHERE id = :id"), {"id": consumer_id})


def test_accounts_and_identity_of_the_other_row_go_to_the_one_that_is_kept(session: Session) -> None:
    division, kept, other = pair(session)

    act = joined(session, kept, other, division)

    assert (held(session, kept), held(session, other)) == ((2, "30101199000012"), (0, None))
    assert session.scalar(text("SELECT joined_to_id FROM consumer WHERE id = :id"), {"id": other}) == kept
    assert len(dict(act.result["details"])["accounts"]) == 1
    refused(ActRefusal.JOINED_ALREADY, lambda: joined(session, kept, other, division))


def test_counter_act_gives_the_other_row_back_what_it_had(session: Session) -> None:
    division, kept, other = pair(session)

    undo(session, joined(session, kept, other, division))

    assert (held(session, kept), held(session, other)) == ((1, None), (1, "30101199000012"))


def test_rows_that_are_not_one_consumer_are_not_joined(session: Session) -> None:
    division, kept, other = pair(session)
    firm = session.scalar(text("INSERT INTO consumer (division_id, kind, name) VALUES (:d, 'LEGAL', 'Firm') RETURNING id"), {"d": division})

    refused(ActRefusal.SAME_CONSUMER, lambda: joined(session, kept, kept, division))
    refused(ActRefusal.OTHER_KIND, lambda: joined(session, kept, int(firm or 0), division))
    session.execute(text("UPDATE consumer SET pinfl = '30101199000029' WHERE id = :id"), {"id": kept})
    session.expire_all()
    refused(ActRefusal.OTHER_PERSON, lambda: joined(session, kept, other, division))


def test_account_that_went_elsewhere_since_is_not_taken_from_there(session: Session) -> None:
    division, kept, other = pair(session)
    act = joined(session, kept, other, division)
    session.execute(text("UPDATE account SET consumer_id = :other WHERE consumer_id = :kept"), {"other": other, "kept": kept})
    session.expire_all()

    refused(ActRefusal.CHANGED_MEANWHILE, lambda: undo(session, act))


def contracts_of(session: Session, consumer_id: int) -> list[tuple[str, str, list[int]]]:
    """Numbers and states of a consumer's contracts, with the consumers whose accounts are under each."""
    rows = session.execute(
        text(
            "SELECT k.number, k.status, array_agg(DISTINCT a.consumer_id) FROM contract k "
            "LEFT JOIN contract_account l ON l.contract_id = k.id LEFT JOIN account a ON a.id = l.account_id "
            "WHERE k.consumer_id = :id GROUP BY k.id ORDER BY k.id"
        ),
        {"id": consumer_id},
    )
    return [tuple(row) for row in rows]


def test_contracts_of_the_other_row_follow_its_accounts_and_come_back_with_the_counter_act(session: Session) -> None:
    division, kept, other = pair(session)
    for account in session.scalars(select(Account).where(Account.consumer_id.in_([kept, other])).order_by(Account.id)):
        contracts.make_standard_contract(session, account, on=SINCE)
    before = contracts_of(session, kept), contracts_of(session, other)

    act = joined(session, kept, other, division)

    assert contracts_of(session, other) == []
    together = [(number, status, [kept]) for number, status, _ in before[0] + before[1]]
    assert contracts_of(session, kept) == together
    undo(session, act)
    assert (contracts_of(session, kept), contracts_of(session, other)) == before


def test_signed_contract_and_draft_of_a_joined_firm_go_on_under_the_one_that_is_kept(session: Session) -> None:
    first, second = make_legal(session, 2)
    firm = first.consumer_id
    signed(session, [first, second], limit=5_000_000)
    drafts.open_draft(session, firm, first.division_id, on=SINCE)
    again = "INSERT INTO consumer (division_id, kind, name) VALUES (:division, 'LEGAL', 'The same firm') RETURNING id"
    kept = int(session.scalar(text(again), {"division": first.division_id}) or 0)
    before = contracts_of(session, firm)

    act = joined(session, kept, firm, first.division_id)

    assert contracts_of(session, kept) == [(number, status, [kept]) for number, status, _ in before]
    contract = session.scalars(select(Contract).where(Contract.consumer_id == kept, Contract.status == "SIGNED")).one()
    annexed = contract_act(session, ActKind.ANNEX_CONTRACT, contract, contract_account_id=first.id, valid_from="2026-04-01", limit_milli=9)
    assert annexed.status == ActStatus.DONE
    refused(ActRefusal.LATER_ACT, lambda: undo(session, act))
    undo(session, annexed)
    undo(session, act)
    assert contracts_of(session, firm) == before
