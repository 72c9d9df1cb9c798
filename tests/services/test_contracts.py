"""Contracts that come and go with accounts, drafts, numbers, papers."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.billing import TermKind
from app.domain.contracts import ContractKind, ContractPaperKind, ContractState, ContractStatus
from app.models.accounts import Account
from app.models.administration import OperatingParameter
from app.models.contracts import Contract, ContractAccount
from app.queries import contracts as queries
from app.queries.contracts import RegisterFilter
from app.services import contracts as service
from app.services.contracts import drafts
from tests.builders import SINCE, make_district, make_home
from tests.services.legal_accounts import make_legal

TODAY = date(2026, 3, 1)


def links(session: Session, account_id: int) -> list[tuple[str, date, date | None]]:
    rows = session.execute(
        select(Contract.number, ContractAccount.valid_from, ContractAccount.valid_to)
        .join(Contract, Contract.id == ContractAccount.contract_id)
        .where(ContractAccount.account_id == account_id)
        .order_by(ContractAccount.valid_from)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def test_accounts_of_a_district_get_their_contracts_in_one_statement(session: Session) -> None:
    district = make_district(session)
    first, second = make_home(session, district, 1), make_home(session, district, 2)

    made = service.make_missing_contracts(session, district.id, today=TODAY)
    again = service.make_missing_contracts(session, district.id, today=TODAY)

    assert (made, again) == (2, 0)
    assert links(session, first.account_id) == [(f"{district.branch_code}-2026-000001", SINCE, None)]
    assert links(session, second.account_id) == [(f"{district.branch_code}-2026-000002", SINCE, None)]


def test_household_is_under_its_standard_form_at_once_and_a_legal_consumer_under_a_draft(session: Session) -> None:
    home = session.get_one(Account, make_home(session, make_district(session)).account_id)
    (legal,) = make_legal(session, code="1726998")

    offer = service.make_standard_contract(session, home, on=SINCE)
    draft = service.make_standard_contract(session, legal, on=SINCE)

    assert (offer.kind, offer.status, offer.signed_on) == (ContractKind.OFFER, ContractStatus.SIGNED, SINCE)
    assert (draft.kind, draft.status, draft.signed_on) == (ContractKind.SUPPLY, ContractStatus.DRAFT, None)


def test_numbers_follow_one_another_in_a_division_and_year_as_the_office_set(session: Session) -> None:
    district = make_district(session)
    session.add_all(
        OperatingParameter(code=code, valid_from=date(2027, 1, 1), value=value)
        for code, value in (("contracts.number_form", "1"), ("contracts.number_width", "4"))
    )
    session.flush()

    numbers = [service.next_number(session, district.id, on=on) for on in (date(2026, 5, 1), date(2026, 6, 1), date(2027, 1, 1))]

    branch = district.branch_code
    assert numbers == [f"{branch}-2026-000001", f"{branch}-2026-000002", f"0001/{branch}/2027"]


def test_number_that_an_older_contract_bears_is_passed_over(session: Session) -> None:
    home = session.get_one(Account, make_home(session, make_district(session)).account_id)
    contract = service.make_standard_contract(session, home, on=SINCE)
    session.execute(text("UPDATE contract_counter SET last_no = 0"))

    assert service.next_number(session, home.division_id, on=SINCE) != contract.number


def test_account_has_one_signed_contract_at_a_time(session: Session) -> None:
    home = session.get_one(Account, make_home(session, make_district(session)).account_id)
    service.make_standard_contract(session, home, on=SINCE)

    with pytest.raises(Exception, match="contract_account_no_overlap"), session.begin_nested():
        service.make_standard_contract(session, home, on=TODAY)


def test_account_leaves_its_contract_and_comes_back_as_it_was(session: Session) -> None:
    home = session.get_one(Account, make_home(session, make_district(session)).account_id)
    contract = service.make_standard_contract(session, home, on=SINCE)

    before = service.leave_contract(session, home.id, on=TODAY, reason="closed")
    left = (contract.status, contract.valid_to, links(session, home.id))
    service.return_to_contract(session, home.id, before)

    assert left == (ContractStatus.ENDED, TODAY, [(contract.number, SINCE, TODAY)])
    assert (contract.status, contract.valid_to, links(session, home.id)) == (ContractStatus.SIGNED, None, [(contract.number, SINCE, None)])


def test_draft_of_several_accounts_holds_what_each_is_to_have(session: Session) -> None:
    first, second = make_legal(session, 2)
    contract = drafts.open_draft(session, first.consumer_id, first.division_id, on=SINCE)

    drafts.change_draft(
        session, contract.id, valid_from=SINCE, valid_to=date(2027, 1, 1),
        accounts={first.id: {TermKind.CONTRACT_LIMIT: 5_000_000}, second.id: {}},
    )  # fmt: skip

    texts = service.draft_texts(session, contract, on=SINCE)
    assert set(texts) == {"uz", "ru"}
    assert first.number in texts["ru"]
    assert second.number in texts["ru"]
    assert "5 000 кВт·ч" in texts["ru"]
    assert session.scalar(text("SELECT count(*) FROM supply_term")) == 0


@pytest.mark.parametrize(
    ("change", "refusal"),
    [({"valid_to": SINCE}, drafts.TermFalls), ({"accounts": {}}, drafts.NoAccounts), ({"accounts": {0: {}}}, drafts.NotForContract)],
)
def test_draft_that_makes_no_sense_is_refused(session: Session, change: dict[str, object], refusal: type[Exception]) -> None:
    (account,) = make_legal(session)
    contract = drafts.open_draft(session, account.consumer_id, account.division_id, on=SINCE)

    with pytest.raises(refusal):
        drafts.change_draft(
            session, contract.id, **{"valid_from": SINCE, "valid_to": date(2027, 1, 1), "accounts": {account.id: {}}, **change}
        )  # type: ignore[arg-type]


def test_last_draft_of_an_account_without_a_contract_stays(session: Session) -> None:
    (account,) = make_legal(session)
    first = drafts.open_draft(session, account.consumer_id, account.division_id, on=SINCE)

    with pytest.raises(drafts.NoAccounts):
        drafts.withdraw_draft(session, first.id, on=SINCE)
    drafts.open_draft(session, account.consumer_id, account.division_id, on=SINCE)
    drafts.withdraw_draft(session, first.id, on=SINCE)

    assert first.status == ContractStatus.WITHDRAWN


def test_standard_form_prints_the_same_for_ever(session: Session) -> None:
    home = session.get_one(Account, make_home(session, make_district(session)).account_id)
    contract = service.make_standard_contract(session, home, on=SINCE)
    first = service.offer_paper(session, contract)
    session.execute(text("UPDATE consumer SET name = 'Somebody else' WHERE id = :id"), {"id": home.consumer_id})
    session.expire_all()

    again = service.offer_paper(session, contract)

    assert again.texts == first.texts
    assert "Karimov Anvar" in first.texts["uz"]
    with pytest.raises(Exception, match="permission denied"), session.begin_nested():
        session.execute(text("UPDATE contract_paper SET texts = '{}'"))


def test_text_in_force_on_the_day_is_used(session: Session) -> None:
    home = session.get_one(Account, make_home(session, make_district(session)).account_id)
    contract = service.make_standard_contract(session, home, on=TODAY)
    given = {"kind": ContractPaperKind.OFFER, "language": "ru", "source": "order 5", "today": SINCE}
    for day, word in ((date(2026, 2, 1), "New"), (date(2026, 4, 1), "Newer")):
        service.add_template(session, **given, valid_from=day, body=f"{word} {{number}} {{consumer}}")  # type: ignore[arg-type]

    assert service.offer_paper(session, contract).texts["ru"].startswith("New ")


def test_text_of_a_day_that_is_over_is_refused(session: Session) -> None:
    with pytest.raises(service.TemplateInThePast):
        service.add_template(
            session, kind=ContractPaperKind.OFFER, language="ru", valid_from=SINCE, body="{number} {consumer}", source="s", today=TODAY
        )


def test_register_of_a_day_tells_what_was_in_force(session: Session) -> None:
    home = session.get_one(Account, make_home(session, make_district(session)).account_id)
    contract = service.make_standard_contract(session, home, on=SINCE)
    service.leave_contract(session, home.id, on=TODAY, reason="closed")

    def state(on: date) -> list[ContractState]:
        return [row.state for row in queries.register(session, RegisterFilter(on, division_id=home.division_id), limit=10)]

    assert [state(on) for on in (date(2025, 12, 31), SINCE, date(2026, 2, 28), TODAY)] == [
        [ContractState.NOT_BEGUN],
        [ContractState.IN_FORCE],
        [ContractState.IN_FORCE],
        [ContractState.ENDED],
    ]
    for wanted in (
        RegisterFilter(SINCE, word=contract.number),
        RegisterFilter(SINCE, kind=ContractKind.OFFER, state=ContractState.IN_FORCE),
    ):
        assert contract.id in {row.id for row in queries.register(session, wanted, limit=10)}
    assert queries.register_count(session, RegisterFilter(SINCE, word="no such"), limit=10) == 0
