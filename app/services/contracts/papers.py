"""Papers of contracts: texts made from the template in force, and kept as they were made."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.billing import TermKind
from app.domain.contracts import ContractPaperKind, fill, paper_languages, written_day, written_quantity
from app.models.contracts import Contract, ContractPaper
from app.queries import contracts as queries
from app.queries.billing.invoices import seller
from app.queries.contracts import AccountRow, PartyRow


def make_paper(
    session: Session, contract: Contract, kind: ContractPaperKind, *, on: date, more: Mapping[str, str] | None = None
) -> ContractPaper:
    """Make a paper of a contract and keep it.

    :param more: what a paper that changes the contract says beside what stands in it: ``on``, ``reason``, ``changes``
    """
    last = select(func.max(ContractPaper.number)).where(ContractPaper.contract_id == contract.id, ContractPaper.kind == kind)
    number = (session.scalar(last) or 0) + 1
    texts = _texts(session, contract, kind, on=on, more={"paper_number": str(number), **(more or {})})
    paper = ContractPaper(division_id=contract.division_id, contract_id=contract.id, kind=kind, number=number, made_on=on, texts=texts)
    session.add(paper)
    session.flush()
    return paper


def offer_paper(session: Session, contract: Contract) -> ContractPaper:
    """Return the standard form of a household as it was printed first; it is made when it is wanted."""
    made = session.scalar(
        select(ContractPaper).where(ContractPaper.contract_id == contract.id, ContractPaper.kind == ContractPaperKind.OFFER)
    )
    return made or make_paper(session, contract, ContractPaperKind.OFFER, on=contract.valid_from)


def draft_texts(session: Session, contract: Contract, *, on: date) -> dict[str, str]:
    """Return the text a contract would have if it were signed on a day, by language."""
    return _texts(session, contract, ContractPaperKind(contract.kind.value), on=on, more={})


def _texts(session: Session, contract: Contract, kind: ContractPaperKind, *, on: date, more: Mapping[str, str]) -> dict[str, str]:
    bodies = queries.templates_on(session, kind, on)
    values = {**_values(session, contract, on), **more}
    return {language: fill(bodies[language], values) for language in paper_languages(contract.consumer.language, frozenset(bodies))}


def _values(session: Session, contract: Contract, on: date) -> dict[str, str]:
    accounts = [_as_drafted(account, contract) for account in queries.accounts_of(session, contract.id, on=max(on, contract.valid_from))]
    consumer, company = queries.party(session, contract.id), seller(session, contract.division_id)
    values = {
        "number": contract.number, "signed_on": written_day(contract.signed_on or on),
        "valid_from": written_day(contract.valid_from), "valid_to": written_day(contract.valid_to),
        "accounts": ", ".join(account.number for account in accounts), "place": queries.place_of(session, contract.division_id),
        **{name: written_quantity(_sum(getattr(account, column) for account in accounts)) for name, column in _SUMS},
        **_of_consumer(consumer),
    }  # fmt: skip
    if company is not None:
        values |= {
            "seller": company.name, "seller_stir": company.stir or "", "seller_address": company.address or "",
            "seller_bank": _bank(company.bank_account, company.mfo, company.bank), "seller_director": company.director or "",
        }  # fmt: skip
    return values


def _as_drafted(account: AccountRow, contract: Contract) -> AccountRow:
    """Return an account with the terms a draft is to bring it."""
    given = contract.draft_terms.get(str(account.id), {})
    return account._replace(
        limit_milli=given.get(TermKind.CONTRACT_LIMIT, account.limit_milli), demand_milli=given.get(TermKind.DEMAND, account.demand_milli)
    )


#: Variables that are sums over the accounts.
_SUMS = (("capacity", "capacity_milli"), ("limit", "limit_milli"), ("demand", "demand_milli"))


def _sum(parts: object) -> int | None:
    known = [part for part in parts if part is not None]  # type: ignore[attr-defined]
    return sum(known) if known else None


def _of_consumer(consumer: PartyRow) -> dict[str, str]:
    return {
        "consumer": consumer.name,
        "consumer_identifier": consumer.identifier or "",
        "consumer_address": consumer.address or "",
        "consumer_bank": _bank(consumer.bank_account, consumer.mfo, consumer.bank),
        "consumer_director": consumer.director or "",
    }


def _bank(account: str | None, mfo: str | None, name: str | None) -> str:
    return ", ".join(filter(None, [account, mfo and f"MFO {mfo}", name]))
