"""Drafts of contracts: nothing depends on them, so they are changed until they are signed or withdrawn."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain.calendar import months_after
from app.domain.contracts import ContractEvent, ContractKind, ContractStatus, Term, next_status, state_on
from app.domain.reference import ConsumerKind
from app.models.accounts import Account, Consumer
from app.models.contracts import Contract, ContractAccount
from app.queries.administration import value_on
from app.services.contracts.numbers import next_number

#: Kind of term → value in thousandths.
DraftTerms = Mapping[str, int]


class NotForContract(Exception):
    """Only a legal consumer's own accounts in the contract's division come under a contract of supply."""


class NoAccounts(Exception):
    """A contract is about one account at least."""


class TermFalls(Exception):
    """A contract ends after it begins."""


def open_draft(session: Session, consumer_id: int, division_id: int, *, on: date) -> Contract:
    """Begin a draft for a legal consumer, with his accounts in a division and the usual term.

    :raises NotForContract: if the consumer is a household
    :raises NoAccounts: if the consumer has no open account there
    """
    consumer = session.get_one(Consumer, consumer_id)
    if consumer.kind != ConsumerKind.LEGAL:
        raise NotForContract
    contract = Contract(
        division_id=division_id, consumer_id=consumer_id, kind=ContractKind.SUPPLY, status=ContractStatus.DRAFT,
        number=next_number(session, division_id, on=on), valid_from=on,
    )  # fmt: skip
    session.add(contract)
    session.flush()
    own = _own_accounts(session, contract)
    change_draft(session, contract.id, valid_from=on, valid_to=usual_end(session, on), accounts={key: {} for key in own})
    return contract


def draft_next(session: Session, contract: Contract, account_ids: Sequence[int], *, on: date) -> Contract:
    """Draft the contract that follows another one for some of its accounts, from a day on."""
    following = Contract(
        division_id=contract.division_id, consumer_id=contract.consumer_id, kind=ContractKind.SUPPLY, status=ContractStatus.DRAFT,
        number=next_number(session, contract.division_id, on=on), valid_from=on, valid_to=usual_end(session, on),
    )  # fmt: skip
    session.add(following)
    session.flush()
    session.add_all(
        ContractAccount(division_id=contract.division_id, contract_id=following.id, account_id=account_id, is_draft=True, valid_from=on)
        for account_id in account_ids
    )
    session.flush()
    return following


def usual_end(session: Session, valid_from: date) -> date:
    """Return where a contract that begins on a day ends, if nothing else is agreed."""
    end = months_after(valid_from.replace(day=1), value_on(session, "contracts.term_months", valid_from))
    return end if valid_from.day == 1 else end.replace(day=min(valid_from.day, 28))


def change_draft(session: Session, contract_id: int, *, valid_from: date, valid_to: date, accounts: Mapping[int, DraftTerms]) -> None:
    """Set the term of a draft, its accounts, and what each is to have.

    :raises StepRefused: if it is no draft
    :raises TermFalls: if it would end before it begins
    :raises NoAccounts: if no account is left
    :raises NotForContract: if an account is another consumer's or in another division
    """
    contract = locked(session, contract_id)
    check_step(contract, ContractEvent.SIGN, valid_from)
    if valid_to <= valid_from:
        raise TermFalls
    if not accounts:
        raise NoAccounts
    if set(accounts) - _own_accounts(session, contract):
        raise NotForContract
    contract.valid_from, contract.valid_to = valid_from, valid_to
    contract.draft_terms = {str(account_id): dict(terms) for account_id, terms in accounts.items() if terms}
    session.execute(delete(ContractAccount).where(ContractAccount.contract_id == contract_id))
    session.add_all(
        ContractAccount(
            division_id=contract.division_id, contract_id=contract_id, account_id=account_id, is_draft=True, valid_from=valid_from
        )
        for account_id in sorted(accounts)
    )
    session.flush()


def withdraw_draft(session: Session, contract_id: int, *, on: date) -> None:
    """Give a draft up; its number is not given again.

    :raises StepRefused: if it is no draft
    :raises NoAccounts: if an account would have no contract at all
    """
    contract = locked(session, contract_id)
    status = check_step(contract, ContractEvent.WITHDRAW, on)
    mine = select(ContractAccount.account_id).where(ContractAccount.contract_id == contract_id)
    covered = select(ContractAccount.account_id).where(
        ContractAccount.account_id.in_(mine), ContractAccount.contract_id != contract_id,
        ContractAccount.valid_to.is_(None) | (ContractAccount.valid_to > on),
    )  # fmt: skip
    if set(session.scalars(mine)) - set(session.scalars(covered)):
        raise NoAccounts
    session.execute(delete(ContractAccount).where(ContractAccount.contract_id == contract_id))
    contract.status = status
    session.flush()


def locked(session: Session, contract_id: int) -> Contract:
    """Return a contract, locked."""
    return session.execute(select(Contract).where(Contract.id == contract_id).with_for_update()).scalar_one()


def check_step(contract: Contract, event: ContractEvent, day: date) -> ContractStatus:
    """Return the status of a contract after an event on a day.

    :raises StepRefused: if the event does not happen to it where it stands
    """
    state = state_on(Term(contract.status, contract.valid_from, contract.valid_to), day)
    return next_status(contract.kind, state, event)


def _own_accounts(session: Session, contract: Contract) -> set[int]:
    own = select(Account.id).where(
        Account.consumer_id == contract.consumer_id, Account.division_id == contract.division_id, Account.closed_on.is_(None)
    )
    return set(session.scalars(own))
