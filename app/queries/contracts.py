"""Contracts found and shown: one with its accounts, the register of a day, the texts in force."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.contracts import ContractKind, ContractPaperKind, ContractState, ContractStatus, Term, state_on
from app.queries.accounts import CAPACITY
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_one, fetch_optional


class ContractRecord(NamedTuple):
    """A contract."""

    id: int
    division_id: int
    division: str
    number: str
    kind: ContractKind
    status: ContractStatus
    signed_on: date | None
    valid_from: date
    valid_to: date | None
    end_reason: str | None
    consumer_id: int
    consumer_name: str
    consumer_kind: str

    def is_to_be_renewed(self, day: date, notice_days: int) -> bool:
        """Return whether it is in force on a day, nobody ended it yet, and its term ends within so many days."""
        stands = self.status == ContractStatus.SIGNED and self.state(day) == ContractState.IN_FORCE
        return stands and self.valid_to is not None and self.valid_to <= notice_until(day, notice_days)

    def state(self, day: date) -> ContractState:
        """Return where it stands on a day."""
        return state_on(Term(ContractStatus(self.status), self.valid_from, self.valid_to), day)


def notice_until(day: date, notice_days: int) -> date:
    """Return the last end of a term that asks for a decision on a day."""
    return day + timedelta(days=notice_days)


class AccountRow(NamedTuple):
    """An account under a contract, with its terms on a day and what it owes."""

    id: int
    number: str
    valid_from: date
    valid_to: date | None
    address: str
    tariff_group: str | None
    capacity_milli: int | None
    limit_milli: int | None
    demand_milli: int | None
    debt_tiyin: int
    advance_tiyin: int


class PartyRow(NamedTuple):
    """The consumer's side of a contract; what is not known is empty."""

    name: str
    identifier: str | None
    address: str | None
    bank_account: str | None
    mfo: str | None
    bank: str | None
    director: str | None


class PaperRow(NamedTuple):
    """A paper of a contract."""

    id: int
    kind: ContractPaperKind
    number: int
    made_on: date
    texts: Mapping[str, str]
    form: int


_RECORD = f"""
    SELECT k.id, k.division_id, {shown("d")} AS division, k.number, k.kind, k.status, k.signed_on, k.valid_from, k.valid_to, k.end_reason,
           c.id AS consumer_id, c.name AS consumer_name, c.kind AS consumer_kind
    FROM contract k JOIN division d ON d.id = k.division_id JOIN consumer c ON c.id = k.consumer_id
"""
#: Accounts that are under the contract on the day, or last were; those of a draft are there already.
_ACCOUNTS = f"""
    SELECT a.id, a.number, l.valid_from, l.valid_to, concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')) AS address,
           {shown("g")} AS tariff_group,
           {CAPACITY} AS capacity_milli, t.limit_milli, t.demand_milli, coalesce(p.debt_tiyin, 0) AS debt_tiyin,
           coalesce(p.advance_tiyin, 0) AS advance_tiyin
    FROM contract k
    JOIN contract_account l ON l.contract_id = k.id
    JOIN account a ON a.id = l.account_id
    LEFT JOIN LATERAL (SELECT * FROM supply s WHERE s.account_id = a.id ORDER BY s.valid_from DESC LIMIT 1) s ON true
    LEFT JOIN service_point sp ON sp.id = s.service_point_id
    LEFT JOIN street st ON st.id = sp.street_id
    LEFT JOIN tariff_group g ON g.id = s.tariff_group_id
    LEFT JOIN account_position p ON p.account_id = a.id
    LEFT JOIN LATERAL (
        SELECT max(value_milli) FILTER (WHERE kind = 'CONTRACT_LIMIT') AS limit_milli,
               max(value_milli) FILTER (WHERE kind = 'DEMAND') AS demand_milli
        FROM supply_term t WHERE t.account_id = a.id AND t.valid_from <= :on AND (t.valid_to IS NULL OR t.valid_to > :on)
    ) t ON true
    WHERE k.id = :id AND (l.valid_to IS NULL OR l.valid_to > :on OR l.valid_to = k.valid_to)
    ORDER BY a.number, l.valid_from
    """
_PARTY = """
    SELECT c.name, coalesce(c.stir, c.pinfl) AS identifier, s.address, c.bank_account, b.mfo, b.name AS bank, c.director
    FROM contract k JOIN consumer c ON c.id = k.consumer_id LEFT JOIN bank b ON b.id = c.bank_id
    LEFT JOIN LATERAL (
        SELECT concat_ws(', ', d.name, st.name, sp.house || coalesce('-' || sp.flat, '')) AS address
        FROM contract_account l JOIN supply s ON s.account_id = l.account_id JOIN service_point sp ON sp.id = s.service_point_id
        JOIN street st ON st.id = sp.street_id JOIN division d ON d.id = sp.division_id
        WHERE l.contract_id = k.id ORDER BY l.valid_from, l.account_id, s.valid_from DESC LIMIT 1
    ) s ON true
    WHERE k.id = :id
    """
_OF_ACCOUNT = """
    WHERE k.id = (
        SELECT l.contract_id FROM contract_account l JOIN contract o ON o.id = l.contract_id
        WHERE l.account_id = :account_id AND o.status <> 'WITHDRAWN'
        ORDER BY l.is_draft OR l.valid_from > :on OR coalesce(l.valid_to <= :on, false), l.valid_from DESC, l.id DESC LIMIT 1
    )
"""


def contract(session: Session, contract_id: int) -> ContractRecord | None:
    """Return a contract, or None if it is not there (or not the reader's)."""
    return _record(fetch_optional(session, f"{_RECORD} WHERE k.id = :id", ContractRecord, id=contract_id))


def contract_of_account(session: Session, account_id: int, *, on: date) -> ContractRecord | None:
    """Return the contract of an account on a day, else the one it had last or will have; None: none was ever made."""
    return _record(fetch_optional(session, _RECORD + _OF_ACCOUNT, ContractRecord, account_id=account_id, on=on))


def _record(found: ContractRecord | None) -> ContractRecord | None:
    return found and found._replace(kind=ContractKind(found.kind), status=ContractStatus(found.status))


def accounts_of(session: Session, contract_id: int, *, on: date) -> list[AccountRow]:
    """Return the accounts under a contract on a day with their terms, or those it had when it ended."""
    return fetch_all(session, _ACCOUNTS, AccountRow, id=contract_id, on=on)


def party(session: Session, contract_id: int) -> PartyRow:
    """Return the consumer of a contract as a side of a paper."""
    return fetch_one(session, _PARTY, PartyRow, id=contract_id)


def place_of(session: Session, division_id: int) -> str:
    """Return where papers of a division are made."""
    return fetch_one(session, "SELECT name FROM division WHERE id = :id", str, id=division_id)


def papers_of(session: Session, contract_id: int) -> list[PaperRow]:
    """Return the papers of a contract, the newest first."""
    statement = "SELECT id, kind, number, made_on, texts, form FROM contract_paper WHERE contract_id = :id ORDER BY made_on DESC, id DESC"
    return [row._replace(kind=ContractPaperKind(row.kind)) for row in fetch_all(session, statement, PaperRow, id=contract_id)]


class _Template(NamedTuple):
    language: str
    body: str


def templates_on(session: Session, kind: ContractPaperKind, on: date) -> dict[str, str]:
    """Return the texts of a kind of paper in force on a day by language; before the first one there is the first."""
    statement = (
        "SELECT DISTINCT ON (language) language, body FROM contract_template WHERE kind = :kind "
        "ORDER BY language, valid_from > :on, abs(valid_from - :on)"
    )
    return dict(fetch_all(session, statement, _Template, kind=kind, on=on))


class RegisterFilter(NamedTuple):
    """Which contracts of a day are wanted; what is empty is not asked for."""

    on: date
    kind: ContractKind | None = None
    state: ContractState | None = None
    division_id: int | None = None
    word: str = ""
    #: only signed contracts in force that end on this day or before
    ends_by: date | None = None


class RegisterRow(NamedTuple):
    """A contract in the register of a day."""

    id: int
    number: str
    kind: ContractKind
    state: ContractState
    consumer: str
    stir: str | None
    division: str
    signed_on: date | None
    valid_from: date
    valid_to: date | None
    accounts: int
    consumer_id: int


#: States as the database tells them apart: as ``state_on`` does.
_STATE = """
    CASE WHEN k.status IN ('DRAFT', 'WITHDRAWN') THEN k.status
         WHEN k.valid_to <= :on THEN CASE WHEN k.status = 'ENDED' THEN 'ENDED' ELSE 'EXPIRED' END
         WHEN k.valid_from > :on THEN 'NOT_BEGUN' ELSE 'IN_FORCE' END
"""
_REGISTER = f"""
    FROM contract k JOIN consumer c ON c.id = k.consumer_id JOIN division d ON d.id = k.division_id
    WHERE (CAST(:kind AS text) IS NULL OR k.kind = :kind) AND (CAST(:state AS text) IS NULL OR {_STATE} = :state)
      AND (CAST(:path AS text) IS NULL OR starts_with(d.path, :path))
      AND (CAST(:ends_by AS date) IS NULL OR (k.status = 'SIGNED' AND k.valid_from <= :on AND k.valid_to > :on AND k.valid_to <= :ends_by))
      AND (:word = '' OR starts_with(k.number, :word) OR lower(c.name) LIKE '%' || lower(:word) || '%' OR c.stir = :word)
"""


def register_count(session: Session, wanted: RegisterFilter, *, limit: int) -> int:
    """Return how many contracts the register of a day holds, counted up to ``limit`` and one."""
    counted = f"SELECT count(*) FROM (SELECT 1 {_REGISTER} LIMIT :limit) x"
    return fetch_one(session, counted, int, **_given(session, wanted), limit=limit + 1)


def register(session: Session, wanted: RegisterFilter, *, after: int = 0, limit: int) -> list[RegisterRow]:
    """Return contracts of the register of a day in the order of their ids.

    :param after: the id of the last contract before
    """
    statement = f"""
        SELECT k.id, k.number, k.kind, {_STATE} AS state, c.name AS consumer, c.stir, {shown("d")} AS division, k.signed_on, k.valid_from,
               k.valid_to,
               (SELECT count(*) FROM contract_account l
                WHERE l.contract_id = k.id AND (l.valid_to IS NULL OR l.valid_to > :on)) AS accounts,
               c.id AS consumer_id
        {_REGISTER} AND k.id > :after ORDER BY k.id LIMIT :limit
        """
    rows = fetch_all(session, statement, RegisterRow, **_given(session, wanted), after=after, limit=limit)
    return [row._replace(kind=ContractKind(row.kind), state=ContractState(row.state)) for row in rows]


def _given(session: Session, wanted: RegisterFilter) -> dict[str, Any]:
    path = None
    if wanted.division_id is not None:
        path = fetch_optional(session, "SELECT path FROM division WHERE id = :id", str, id=wanted.division_id)
    return {"on": wanted.on, "kind": wanted.kind, "state": wanted.state, "path": path, "word": wanted.word, "ends_by": wanted.ends_by}


class CommonBalance(NamedTuple):
    """What all accounts under a contract owe together."""

    accounts: int
    debt_tiyin: int
    advance_tiyin: int


def balance_of_account(session: Session, account_id: int, *, on: date) -> CommonBalance:
    """Return how many accounts are under an account's contract on a day and what they owe and have paid ahead together, in tiyin."""
    statement = """
        SELECT count(*) AS accounts, coalesce(sum(p.debt_tiyin), 0)::bigint AS debt_tiyin,
               coalesce(sum(p.advance_tiyin), 0)::bigint AS advance_tiyin
        FROM contract_account own JOIN contract_account l ON l.contract_id = own.contract_id AND NOT l.is_draft
        LEFT JOIN account_position p ON p.account_id = l.account_id
        WHERE own.account_id = :id AND NOT own.is_draft AND own.valid_from <= :on AND (own.valid_to IS NULL OR own.valid_to > :on)
          AND l.valid_from <= :on AND (l.valid_to IS NULL OR l.valid_to > :on)
        """
    return fetch_one(session, statement, CommonBalance, id=account_id, on=on)
