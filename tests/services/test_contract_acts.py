"""Acts about contracts: each makes a paper, changes what bills read, and has a counter-act that gives back what was."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal, ActRefused, ActRequest
from app.domain.billing import TermKind
from app.domain.contracts import ContractPaperKind, ContractStatus
from app.models.acts import Act
from app.models.contracts import Contract, ContractAccount
from app.queries import contracts as queries
from app.services import acts
from tests.builders import SINCE, Home, bill_month, read
from tests.services.contract_scenario import LIMIT, TODAY, act, draft_of, signed, terms
from tests.services.legal_accounts import make_legal


def undo(session: Session, done: Act, today: date = TODAY) -> Act:
    return acts.submit(session, acts.request_of(done, effective_on=today, reason="mistake", reference=f"undo-{done.id}"), today=today)


def state(session: Session, contract: Contract) -> tuple[Any, ...]:
    """Return all that an act about a contract may change, its papers aside."""
    session.expire_all()
    links = session.execute(
        select(ContractAccount.contract_id, ContractAccount.account_id, ContractAccount.is_draft, ContractAccount.valid_from,
               ContractAccount.valid_to).order_by(ContractAccount.contract_id, ContractAccount.account_id)
    ).all()  # fmt: skip
    rows = session.execute(text("SELECT account_id, kind, value_milli, valid_from, valid_to FROM supply_term ORDER BY 1, 2, 4")).all()
    kept = (contract.status, contract.signed_on, contract.valid_from, contract.valid_to, contract.end_reason, contract.draft_terms)
    return kept, [tuple(link) for link in links], [tuple(row) for row in rows]


def test_signed_contract_holds_several_accounts_and_brings_its_limit_where_bills_read_it(session: Session) -> None:
    accounts = make_legal(session, 2)
    contract = draft_of(session, accounts, limit=5_000_000)

    done = act(session, ActKind.SIGN_CONTRACT, contract)

    assert (contract.status, contract.signed_on, contract.draft_terms) == (ContractStatus.SIGNED, TODAY, {})
    assert [terms(session, account) for account in accounts] == [[(LIMIT, 5_000_000, SINCE, None)]] * 2
    assert [row.number for row in queries.accounts_of(session, contract.id, on=TODAY)] == [account.number for account in accounts]
    (paper,) = queries.papers_of(session, contract.id)
    assert (paper.kind, paper.made_on) == (ContractPaperKind.SUPPLY, TODAY)
    assert "10 000 кВт·ч" in paper.texts["ru"]
    assert dict(done.result["details"])["accounts"] == [account.number for account in accounts]


def test_accounts_leave_the_contract_they_had_when_another_is_signed(session: Session) -> None:
    (account,) = make_legal(session)
    first = signed(session, [account])
    second = draft_of(session, [account], on=TODAY)

    act(session, ActKind.SIGN_CONTRACT, second)

    assert (first.status, first.valid_to) == (ContractStatus.ENDED, TODAY)
    in_force = [queries.contract_of_account(session, account.id, on=day) for day in (SINCE, date(2026, 3, 14), TODAY)]
    assert [found and found.id for found in in_force] == [first.id, first.id, second.id]


def test_additional_agreement_changes_a_limit_from_its_day_and_prints_for_ever(session: Session) -> None:
    (account,) = make_legal(session)
    contract = signed(session, [account], limit=5_000_000)

    act(session, ActKind.ANNEX_CONTRACT, contract, contract_account_id=account.id, valid_from="2026-04-01", limit_milli=8_000_000)

    assert terms(session, account) == [(LIMIT, 5_000_000, SINCE, date(2026, 4, 1)), (LIMIT, 8_000_000, date(2026, 4, 1), None)]
    paper = queries.papers_of(session, contract.id)[0]
    assert (paper.kind, paper.number) == (ContractPaperKind.ANNEX, 1)
    assert "8 000" in paper.texts["uz"]
    assert "letter no. 5" in paper.texts["ru"]


def test_limit_of_the_contract_is_the_one_the_bill_is_made_with(session: Session) -> None:
    (account,) = make_legal(session)
    signed(session, [account], limit=100_000)
    home = session.execute(
        text(
            "SELECT i.id AS installation, r.id AS register FROM supply s "
            "JOIN meter_installation i ON i.service_point_id = s.service_point_id "
            "JOIN register r ON r.meter_id = i.meter_id WHERE s.account_id = :id"
        ),
        {"id": account.id},
    ).one()
    read(session, Home(account.id, account.number, account.division_id, 0, home.installation, home.register, ""), date(2026, 1, 31), 1300)

    bill_month(session, account.division_id, SINCE)

    over = session.scalar(text("SELECT sum(quantity_milli) FROM bill_line WHERE component = 'OVER_LIMIT'"))
    assert over == 300_000 - 120_000


def test_days_that_are_billed_are_not_changed(session: Session) -> None:
    (account,) = make_legal(session)
    contract = signed(session, [account], limit=5_000_000)
    session.execute(
        text(
            "INSERT INTO account_position (account_id, division_id, billed_to) VALUES (:id, :division, '2026-03-01') "
            "ON CONFLICT (account_id) DO UPDATE SET billed_to = '2026-03-01'"
        ),
        {"id": account.id, "division": account.division_id},
    )

    with pytest.raises(ActRefused) as refused:
        act(session, ActKind.ANNEX_CONTRACT, contract, contract_account_id=account.id, valid_from="2026-02-01", limit_milli=1)

    assert (refused.value.refusal, refused.value.detail) == (ActRefusal.CONTRACT_BILLED, "2026-03-01")


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (ActKind.SIGN_CONTRACT, {}),
        (ActKind.ANNEX_CONTRACT, {"valid_from": "2026-03-20", "limit_milli": 7_000_000, "demand_milli": 50_000}),
        (ActKind.RENEW_CONTRACT, {"valid_to": "2028-01-01"}),
        (ActKind.END_CONTRACT, {"ends_on": "2026-06-01"}),
    ],
)
def test_counter_act_gives_back_what_was(session: Session, kind: ActKind, parameters: dict[str, Any]) -> None:
    accounts = make_legal(session, 2)
    first = signed(session, accounts, limit=5_000_000)
    contract = draft_of(session, accounts, limit=6_000_000, on=TODAY) if kind == ActKind.SIGN_CONTRACT else first
    if kind == ActKind.ANNEX_CONTRACT:
        parameters = {**parameters, "contract_account_id": accounts[0].id}
    before = state(session, contract)

    done = act(session, kind, contract, **parameters)
    changed = state(session, contract)
    undo(session, done)

    assert changed != before
    assert state(session, contract) == before


def test_ended_contract_leaves_a_draft_so_that_no_account_is_without_one(session: Session) -> None:
    accounts = make_legal(session, 2)
    contract = signed(session, accounts)

    act(session, ActKind.END_CONTRACT, contract, ends_on="2026-06-01")

    found = queries.contract_of_account(session, accounts[0].id, on=date(2026, 6, 1))
    assert (contract.status, contract.valid_to, contract.end_reason) == (ContractStatus.ENDED, date(2026, 6, 1), "letter no. 5")
    assert found is not None
    assert (found.status, found.valid_from) == (ContractStatus.DRAFT, date(2026, 6, 1))
    assert [paper.kind for paper in queries.papers_of(session, contract.id)] == [ContractPaperKind.TERMINATION, ContractPaperKind.SUPPLY]


@pytest.mark.parametrize(
    ("kind", "parameters", "refusal"),
    [
        (ActKind.SIGN_CONTRACT, {}, ActRefusal.CONTRACT_STATE),
        (ActKind.RENEW_CONTRACT, {"valid_to": "2027-01-01"}, ActRefusal.TERM_FALLS),
        (ActKind.END_CONTRACT, {"ends_on": "2026-03-14"}, ActRefusal.TERM_FALLS),
        (ActKind.ANNEX_CONTRACT, {"valid_from": "2026-04-01", "contract_account_id": 0}, ActRefusal.CONTRACT_EMPTY),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    session: Session, kind: ActKind, parameters: dict[str, Any], refusal: ActRefusal
) -> None:
    contract = signed(session, make_legal(session))
    before = state(session, contract)

    with pytest.raises(ActRefused) as refused:
        act(session, kind, contract, **parameters)

    assert refused.value.refusal == refusal
    assert state(session, contract) == before


def test_later_act_is_undone_first(session: Session) -> None:
    contract = draft_of(session, make_legal(session))
    signing = act(session, ActKind.SIGN_CONTRACT, contract, on=SINCE)
    act(session, ActKind.RENEW_CONTRACT, contract, valid_to="2028-01-01")

    with pytest.raises(ActRefused) as refused:
        undo(session, signing)

    assert refused.value.refusal == ActRefusal.LATER_ACT


def test_expired_contract_is_renewed_from_its_old_end(session: Session) -> None:
    contract = signed(session, make_legal(session))
    later = date(2027, 2, 1)

    act(session, ActKind.RENEW_CONTRACT, contract, on=later, today=later, valid_to="2028-01-01")

    assert (contract.status, contract.valid_to) == (ContractStatus.SIGNED, date(2028, 1, 1))


@pytest.mark.parametrize("kind", [TermKind.CONTRACT_LIMIT, TermKind.DEMAND])
@pytest.mark.parametrize("value", [9_000_000, None])
def test_what_the_contract_says_is_changed_by_its_papers_only(session: Session, kind: TermKind, value: int | None) -> None:
    (account,) = make_legal(session)
    contract = signed(session, [account], limit=5_000_000)
    given = {"term": kind.value, "value_milli": value}
    request = ActRequest(ActKind.CHANGE_TERM, contract.division_id, TODAY, "letter no. 5", given, "form", account_id=account.id)
    before = terms(session, account)

    with pytest.raises(ActRefused) as caught:
        acts.submit(session, request, today=TODAY)

    assert (caught.value.refusal, caught.value.detail) == (ActRefusal.TERM_OF_CONTRACT, f"№ {contract.number}")
    assert terms(session, account) == before
