"""Acts about contracts of supply: signed, changed by an additional agreement, renewed, ended; each makes a paper.

Source: Cabinet of Ministers resolution no. 319 of 2024-05-31 (not read): to be confirmed by the customer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.domain.billing import TermKind
from app.domain.contracts import ContractEvent, ContractPaperKind, ContractStatus, StepRefused, written_day, written_quantity
from app.models.accounts import Account
from app.models.acts import Act
from app.models.contracts import Contract, ContractAccount
from app.services.acts.core import performs
from app.services.contracts import leave_contract, make_paper, return_to_contract, unmake_contract
from app.services.contracts.drafts import check_step, draft_next, locked
from app.services.contracts.terms import BilledAlready, LaterTerm, restore_terms, set_term

#: Fields of an additional agreement, and the terms they change.
TERMS = (("limit_milli", TermKind.CONTRACT_LIMIT), ("demand_milli", TermKind.DEMAND))


@contextmanager
def _refused() -> Iterator[None]:
    """Turn what contracts refuse into a refusal of the act."""
    try:
        yield
    except StepRefused as error:
        raise ActRefused(ActRefusal.CONTRACT_STATE, str(error)) from error
    except BilledAlready as error:
        raise ActRefused(ActRefusal.CONTRACT_BILLED, str(error), column="valid_from") from error
    except LaterTerm as error:
        raise ActRefused(ActRefusal.LATER_TERM, str(error), column="valid_from") from error


def _contract(session: Session, act: Act, event: ContractEvent, day: date) -> tuple[Contract, ContractStatus]:
    contract = locked(session, int(act.parameters["contract_id"]))
    return contract, check_step(contract, event, day)


def _undone(session: Session, undone: Act) -> tuple[Contract, dict[str, Any]]:
    """Return the contract of an act, if it stands as the act left it, and what the counter-act needs."""
    contract, undo = locked(session, int(undone.parameters["contract_id"])), undone.result["undo"]
    if (contract.status, _iso(contract.valid_to)) != (undo["status_after"], undo["valid_to_after"]):
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    return contract, undo


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _before(contract: Contract) -> dict[str, Any]:
    return {"status": contract.status.value, "valid_to": _iso(contract.valid_to), "draft_terms": contract.draft_terms}


def _outcome(contract: Contract, before: dict[str, Any], details: dict[str, Any], **undo: Any) -> ActOutcome:
    after = {"status_after": contract.status.value, "valid_to_after": _iso(contract.valid_to)}
    return ActOutcome({"contract": contract.number, **details}, undo={**before, **after, **undo})


def _stand_as(contract: Contract, undo: dict[str, Any]) -> None:
    contract.status, contract.valid_to = ContractStatus(undo["status"]), undo["valid_to"] and date.fromisoformat(undo["valid_to"])
    contract.end_reason = None


def _unsign(session: Session, _counter: Act, undone: Act, _today: date) -> ActOutcome:
    """Make a draft of a contract again; its accounts return to the contracts they had."""
    with _refused():
        contract, undo = _undone(session, undone)
        restore_terms(session, undo["terms"])
        session.execute(delete(ContractAccount).where(ContractAccount.contract_id == contract.id))
        for account_id, left in undo["left"]:
            return_to_contract(session, account_id, left)
        _stand_as(contract, undo)
        contract.signed_on, contract.draft_terms = None, undo["draft_terms"]
        session.flush()
        for account_id, _left in undo["left"]:
            session.add(
                ContractAccount(
                    division_id=contract.division_id, contract_id=contract.id, account_id=account_id, is_draft=True,
                    valid_from=contract.valid_from,
                )
            )  # fmt: skip
        session.flush()
    return ActOutcome({"contract": contract.number})


@performs(ActKind.SIGN_CONTRACT, reverse=_unsign, is_ordered=False)
def sign(session: Session, act: Act, _today: date) -> ActOutcome:
    """Sign a draft: its accounts leave the contracts they had, its terms are theirs from its first day on.

    :raises ActRefused: if it is no draft, has no accounts, or bills rest on its first day
    """
    with _refused():
        contract, status = _contract(session, act, ContractEvent.SIGN, act.effective_on)
        before = _before(contract)
        drafts = session.scalars(select(ContractAccount).where(ContractAccount.contract_id == contract.id)).all()
        account_ids = sorted(link.account_id for link in drafts)
        if not account_ids or (contract.valid_to is not None and contract.valid_to <= act.effective_on):
            raise ActRefused(ActRefusal.CONTRACT_EMPTY)
        for link in drafts:
            session.delete(link)
        session.flush()
        reason = f"№ {contract.number}"
        left = [(account_id, leave_contract(session, account_id, on=contract.valid_from, reason=reason)) for account_id in account_ids]
        session.add_all(
            ContractAccount(
                division_id=contract.division_id, contract_id=contract.id, account_id=account_id, valid_from=contract.valid_from
            )
            for account_id in account_ids
        )
        terms = [
            set_term(
                session, int(account_id), contract.division_id, TermKind(kind), value, on=contract.valid_from, basis=f"№ {contract.number}"
            )
            for account_id, given in contract.draft_terms.items()
            for kind, value in given.items()
        ]
        contract.status, contract.signed_on, contract.draft_terms = status, act.effective_on, {}
        session.flush()
        make_paper(session, contract, ContractPaperKind.SUPPLY, on=act.effective_on)
    details = {"signed_on": act.effective_on.isoformat(), "begins_on": _iso(contract.valid_from), "ends_on": _iso(contract.valid_to)}
    return _outcome(contract, before, {**details, "accounts": _numbers(session, account_ids)}, left=left, terms=terms)


def _take_back_annex(session: Session, _counter: Act, undone: Act, _today: date) -> ActOutcome:
    with _refused():
        contract, undo = _undone(session, undone)
        restore_terms(session, undo["terms"])
    return ActOutcome({"contract": contract.number})


@performs(ActKind.ANNEX_CONTRACT, reverse=_take_back_annex, is_ordered=False)
def annex(session: Session, act: Act, _today: date) -> ActOutcome:
    """Change the terms of an account under a contract from a day on, by an additional agreement.

    :raises ActRefused: if the contract is not in force, nothing would change, or bills rest on the day
    """
    with _refused():
        contract, _status = _contract(session, act, ContractEvent.ANNEX, act.effective_on)
        on, account_id = date.fromisoformat(act.parameters["valid_from"]), int(act.parameters["contract_account_id"])
        under = select(ContractAccount.id).where(
            ContractAccount.contract_id == contract.id, ContractAccount.account_id == account_id, ContractAccount.valid_from <= on,
            ContractAccount.valid_to.is_(None) | (ContractAccount.valid_to > on),
        )  # fmt: skip
        if session.scalar(under) is None:
            raise ActRefused(ActRefusal.CONTRACT_EMPTY)
        changed = {name: act.parameters[name] for name, _kind in TERMS if act.parameters.get(name) is not None}
        if not changed:
            raise ActRefused(ActRefusal.NOTHING_CHANGES)
        terms = [
            set_term(
                session, account_id, contract.division_id, kind, changed[name], on=on, basis=f"№ {contract.number}: {act.reason}"[:300]
            )
            for name, kind in TERMS
            if name in changed
        ]
        (number,) = _numbers(session, [account_id])
        said = f"{number}: " + ", ".join(f"{written_quantity(value)} {_UNITS[name]}" for name, value in changed.items())
        more = {"on": written_day(on), "reason": act.reason, "changes": said}
        make_paper(session, contract, ContractPaperKind.ANNEX, on=act.effective_on, more=more)
    details = {"accounts": [number], "begins_on": on.isoformat(), **changed}
    return _outcome(contract, _before(contract), details, terms=terms)


#: As papers have them, in both languages.
_UNITS = {"limit_milli": "kVt·soat / кВт·ч", "demand_milli": "kVt / кВт"}


def _take_back_renewal(session: Session, _counter: Act, undone: Act, _today: date) -> ActOutcome:
    contract, undo = _undone(session, undone)
    _stand_as(contract, undo)
    session.flush()
    return ActOutcome({"contract": contract.number, "ends_on": _iso(contract.valid_to)})


@performs(ActKind.RENEW_CONTRACT, reverse=_take_back_renewal, is_ordered=False)
def renew(session: Session, act: Act, _today: date) -> ActOutcome:
    """Let a contract go on to a later day.

    :raises ActRefused: if it has no term, or would not end later
    """
    with _refused():
        contract, status = _contract(session, act, ContractEvent.RENEW, act.effective_on)
        before, until = _before(contract), date.fromisoformat(act.parameters["valid_to"])
        if contract.valid_to is None or until <= max(contract.valid_to, act.effective_on):
            raise ActRefused(ActRefusal.TERM_FALLS, column="valid_to")
        more = {"on": written_day(contract.valid_to), "reason": act.reason}
        contract.status, contract.valid_to = status, until
        session.flush()
        make_paper(session, contract, ContractPaperKind.RENEWAL, on=act.effective_on, more=more)
    return _outcome(contract, before, {"ends_on_before": before["valid_to"], "ends_on": _iso(until)})


def _take_back_end(session: Session, _counter: Act, undone: Act, _today: date) -> ActOutcome:
    with _refused():
        contract, undo = _undone(session, undone)
        if undo["following"]:
            if locked(session, undo["following"]).status != ContractStatus.DRAFT:
                raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
            unmake_contract(session, undo["following"])
        for account_id, left in undo["left"]:
            return_to_contract(session, account_id, left)
        _stand_as(contract, undo)
        session.flush()
    return ActOutcome({"contract": contract.number})


@performs(ActKind.END_CONTRACT, reverse=_take_back_end, is_ordered=False)
def end(session: Session, act: Act, _today: date) -> ActOutcome:
    """End a contract on a day: its accounts leave it and get a draft of the next one, since no account is without a contract.

    :raises ActRefused: if it cannot end, or the day is not after it began
    """
    with _refused():
        on = date.fromisoformat(act.parameters["ends_on"])
        contract, status = _contract(session, act, ContractEvent.END, act.effective_on)
        before = _before(contract)
        if on <= contract.valid_from or on < act.effective_on:
            raise ActRefused(ActRefusal.TERM_FALLS, column="ends_on")
        account_ids = sorted(
            session.scalars(
                select(ContractAccount.account_id).where(
                    ContractAccount.contract_id == contract.id, ContractAccount.valid_to.is_(None) | (ContractAccount.valid_to > on)
                )
            )
        )
        make_paper(
            session, contract, ContractPaperKind.TERMINATION, on=act.effective_on, more={"on": written_day(on), "reason": act.reason}
        )
        left = [(account_id, leave_contract(session, account_id, on=on, reason=act.reason)) for account_id in account_ids]
        contract.status, contract.end_reason = status, act.reason
        contract.valid_to = on if contract.valid_to is None else min(contract.valid_to, on)
        session.flush()
        following = draft_next(session, contract, account_ids, on=on) if account_ids else None
    details = {"ends_on": on.isoformat(), "accounts": _numbers(session, account_ids), "next_contract": following and following.number}
    return _outcome(contract, before, details, left=left, following=following and following.id)


def _numbers(session: Session, account_ids: list[int]) -> list[str]:
    return list(session.scalars(select(Account.number).where(Account.id.in_(account_ids)).order_by(Account.number)))
