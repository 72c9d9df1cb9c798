"""Contracts that come and go with accounts: a standard form for a household, a draft for a legal consumer.

Source: Cabinet of Ministers resolution no. 555 (a connection ends with an offer and a contract), to be confirmed by the customer.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from app.domain.contracts import NUMBER_FORMS, ContractKind, ContractStatus
from app.domain.reference import ConsumerKind
from app.models.accounts import Account
from app.models.contracts import Contract, ContractAccount
from app.queries.administration import value_on
from app.services.contracts.numbers import next_number

_MISSING = text(
    """
    WITH missing AS (
        SELECT a.id, a.division_id, a.consumer_id, a.opened_on, c.kind = 'LEGAL' AS is_draft, extract(year FROM a.opened_on)::int AS year,
               row_number() OVER (PARTITION BY extract(year FROM a.opened_on) ORDER BY a.id) AS place
        FROM account a JOIN consumer c ON c.id = a.consumer_id
        WHERE a.division_id = :division_id AND a.closed_on IS NULL
          AND NOT EXISTS (SELECT 1 FROM contract_account k WHERE k.account_id = a.id AND k.valid_to IS NULL)
    ), taken AS (
        INSERT INTO contract_counter (division_id, year, last_no) SELECT division_id, year, count(*) FROM missing GROUP BY 1, 2
        ON CONFLICT (division_id, year) DO UPDATE SET last_no = contract_counter.last_no + EXCLUDED.last_no
        RETURNING division_id, year, last_no
    ), numbered AS MATERIALIZED (
        SELECT m.*, nextval(pg_get_serial_sequence('contract', 'id')) AS contract_id, coalesce(d.branch_code, d.code) AS branch,
               (t.last_no - max(m.place) OVER (PARTITION BY m.year) + m.place)::text AS no
        FROM missing m JOIN taken t USING (division_id, year) JOIN division d ON d.id = m.division_id
    ), made AS (
        INSERT INTO contract (id, division_id, consumer_id, kind, number, status, signed_on, valid_from)
        SELECT contract_id, division_id, consumer_id, CASE WHEN is_draft THEN 'SUPPLY' ELSE 'OFFER' END,
               replace(replace(replace(:form, '{branch}', branch), '{year}', year::text), '{number}',
                       lpad(no, greatest(:width, length(no)), '0')),
               CASE WHEN is_draft THEN 'DRAFT' ELSE 'SIGNED' END, CASE WHEN NOT is_draft THEN opened_on END, opened_on
        FROM numbered
    )
    INSERT INTO contract_account (division_id, contract_id, account_id, is_draft, valid_from)
    SELECT division_id, contract_id, id, is_draft, opened_on FROM numbered
    """
)


def make_missing_contracts(session: Session, division_id: int, *, today: date) -> int:
    """Make the contracts of a division's open accounts that have none, in one statement; return how many were made."""
    form, width = value_on(session, "contracts.number_form", today), value_on(session, "contracts.number_width", today)
    made = session.execute(_MISSING, {"division_id": division_id, "form": NUMBER_FORMS[form], "width": width})
    return int(made.rowcount)  # type: ignore[attr-defined]


def make_standard_contract(session: Session, account: Account, *, on: date) -> Contract:
    """Put an account under a contract of its consumer from a day on.

    A household's standard form is in force at once. A legal consumer's contract is a draft until it is signed. Whoever had the
    account before leaves his contract first (``leave_contract``).
    """
    is_draft = account.consumer.kind == ConsumerKind.LEGAL
    contract = Contract(
        division_id=account.division_id,
        consumer_id=account.consumer_id,
        kind=ContractKind.SUPPLY if is_draft else ContractKind.OFFER,
        number=next_number(session, account.division_id, on=on),
        status=ContractStatus.DRAFT if is_draft else ContractStatus.SIGNED,
        signed_on=None if is_draft else on,
        valid_from=on,
    )
    session.add(contract)
    session.flush()
    session.add(
        ContractAccount(division_id=account.division_id, contract_id=contract.id, account_id=account.id, is_draft=is_draft, valid_from=on)
    )
    session.flush()
    return contract


def leave_contract(session: Session, account_id: int, *, on: date, reason: str) -> list[dict[str, Any]]:
    """Take an account out of its contract from a day on; a contract without accounts ends on that day.

    Drafts of the account are withdrawn. An account that would leave on the day it came keeps no trace of having been there.

    :return: how the contracts stood before, as JSON, for ``return_to_contract``
    """
    links = session.scalars(
        select(ContractAccount)
        .where(ContractAccount.account_id == account_id, ContractAccount.valid_to.is_(None) | (ContractAccount.valid_to > on))
        .order_by(ContractAccount.id)
    ).all()
    before = [_state(link) for link in links]
    for link in links:
        contract = link.contract
        if link.is_draft or link.valid_from >= on:
            session.delete(link)
        else:
            link.valid_to = on
        session.flush()
        _end_without_accounts(session, contract, on=on, reason=reason)
    return before


def _state(link: ContractAccount) -> dict[str, Any]:
    contract = link.contract
    return {
        "contract_id": contract.id, "status": contract.status.value, "valid_to": _iso(contract.valid_to), "end_reason": contract.end_reason,
        "link": {"is_draft": link.is_draft, "valid_from": link.valid_from.isoformat(), "valid_to": _iso(link.valid_to)},
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text_of_day: str | None) -> date | None:
    return None if text_of_day is None else date.fromisoformat(text_of_day)


def _end_without_accounts(session: Session, contract: Contract, *, on: date, reason: str) -> None:
    others = select(ContractAccount.id).where(
        ContractAccount.contract_id == contract.id, ContractAccount.valid_to.is_(None) | (ContractAccount.valid_to > on)
    )
    if session.scalar(others.limit(1)) is not None:
        return
    if contract.status == ContractStatus.SIGNED and contract.valid_from < on:
        contract.status, contract.end_reason = ContractStatus.ENDED, reason[:300] or "-"
        contract.valid_to = on if contract.valid_to is None else min(contract.valid_to, on)
    elif contract.status in {ContractStatus.DRAFT, ContractStatus.SIGNED}:
        contract.status = ContractStatus.WITHDRAWN
    session.flush()


def return_to_contract(session: Session, account_id: int, before: Sequence[Mapping[str, Any]]) -> None:
    """Reverse ``leave_contract``: the account is under the contracts it left, and they stand as they stood.

    :param before: what ``leave_contract`` returned
    """
    for state in before:
        contract, link = session.get_one(Contract, state["contract_id"], with_for_update=True), state["link"]
        contract.status, contract.end_reason = ContractStatus(state["status"]), state["end_reason"]
        contract.valid_to, valid_from = _day(state["valid_to"]), date.fromisoformat(link["valid_from"])
        kept = session.scalar(
            select(ContractAccount).where(
                ContractAccount.contract_id == contract.id, ContractAccount.account_id == account_id,
                ContractAccount.valid_from == valid_from,
            )
        )  # fmt: skip
        if kept is None:
            kept = ContractAccount(
                division_id=contract.division_id, contract_id=contract.id, account_id=account_id, is_draft=link["is_draft"],
                valid_from=valid_from,
            )  # fmt: skip
            session.add(kept)
        kept.valid_to = _day(link["valid_to"])
        session.flush()


def unmake_contract(session: Session, contract_id: int) -> None:
    """Reverse ``make_standard_contract``: the contract is withdrawn and has no accounts."""
    contract = session.get_one(Contract, contract_id, with_for_update=True)
    session.execute(delete(ContractAccount).where(ContractAccount.contract_id == contract_id))
    contract.status, contract.end_reason = ContractStatus.WITHDRAWN, None
    session.flush()
