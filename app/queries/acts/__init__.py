"""What acts wrote, and which acts there are."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.queries.live import charged, live
from app.queries.records import fetch_all, fetch_one, fetch_optional


class Written(NamedTuple):
    """The newest rows of accounts before an act, to tell those it writes from them, and how the accounts stood."""

    entries: frozenset[int]
    bills: frozenset[int]
    balance_tiyin: dict[int, int]


#: What bills that were not there before take back and charge, by what is priced; what comes out alike is left out.
_LINES = """
    SELECT d.* FROM (
        SELECT a.number AS account, to_char(l.for_month, 'YYYY-MM-DD') AS month, l.component, coalesce(t.name, '') AS tariff, l.zone,
               l.block_no, (l.rate * 10000)::bigint AS rate_e4,
               coalesce(-sum(l.quantity_milli) FILTER (WHERE b.cancels_id IS NOT NULL), 0)::bigint AS quantity_before_milli,
               coalesce(sum(l.quantity_milli) FILTER (WHERE b.cancels_id IS NULL), 0)::bigint AS quantity_milli,
               coalesce(-sum(l.amount_tiyin) FILTER (WHERE b.cancels_id IS NOT NULL), 0)::bigint AS amount_before_tiyin,
               coalesce(sum(l.amount_tiyin) FILTER (WHERE b.cancels_id IS NULL), 0)::bigint AS amount_tiyin
        FROM bill b JOIN bill_line l ON l.bill_id = b.id AND l.billing_month = b.billing_month JOIN account a ON a.id = b.account_id
        LEFT JOIN tariff_version v ON v.id = l.tariff_version_id LEFT JOIN tariff t ON t.id = v.tariff_id
        WHERE b.account_id = ANY(:ids) AND NOT b.id = ANY(:bills) GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) d WHERE (quantity_before_milli, amount_before_tiyin) <> (quantity_milli, amount_tiyin) ORDER BY 1, 2, 3, 4, 5, 6, 7
    """


class _Owed(NamedTuple):
    account_id: int
    balance_tiyin: int


class _AddedEntry(NamedTuple):
    account: str
    month: str
    debit: str
    credit: str
    document: str
    amount_tiyin: int


class _AddedBill(NamedTuple):
    id: int
    account: str
    month: str
    period_from: str
    period_to: str
    quantity_milli: int
    amount_tiyin: int
    cancels_id: int | None
    is_closed: bool


class _ChangedLine(NamedTuple):
    account: str
    month: str
    component: str
    tariff: str
    zone: str
    block_no: int
    rate_e4: int
    quantity_before_milli: int
    quantity_milli: int
    amount_before_tiyin: int
    amount_tiyin: int


class _Stands(NamedTuple):
    id: int
    number: str
    balance_tiyin: int


def recorded(session: Session, account_ids: Sequence[int]) -> Written:
    """Return the entries and bills of accounts, and debt less advance of each in tiyin."""
    given = {"ids": list(account_ids)}
    entries = fetch_all(session, "SELECT id FROM ledger_entry WHERE account_id = ANY(:ids)", int, **given)
    bills = fetch_all(session, "SELECT id FROM bill WHERE account_id = ANY(:ids)", int, **given)
    owed = "SELECT account_id, debt_tiyin - advance_tiyin AS balance_tiyin FROM account_position WHERE account_id = ANY(:ids)"
    return Written(frozenset(entries), frozenset(bills), dict(fetch_all(session, owed, _Owed, **given)))


def effects(session: Session, account_ids: Sequence[int], before: Written) -> dict[str, Any]:
    """Return, as JSON, the entries and bills of accounts that were not there before, and how the accounts stand now."""
    given = {"ids": sorted(set(account_ids)), "entries": list(before.entries), "bills": list(before.bills)}
    entries = """
            SELECT a.number AS account, to_char(e.billing_month, 'YYYY-MM-DD') AS month, e.debit, e.credit, e.document_kind AS document,
                   sum(e.amount_tiyin)::bigint AS amount_tiyin
            FROM ledger_entry e JOIN account a ON a.id = e.account_id
            WHERE e.account_id = ANY(:ids) AND NOT e.id = ANY(:entries)
            GROUP BY a.number, e.billing_month, e.debit, e.credit, e.document_kind, e.document_id ORDER BY min(e.id)
            """
    bills = """
            SELECT b.id, a.number AS account, to_char(b.billing_month, 'YYYY-MM-DD') AS month,
                   to_char(b.period_from, 'YYYY-MM-DD') AS period_from, to_char(b.period_to, 'YYYY-MM-DD') AS period_to,
                   b.quantity_milli, b.amount_tiyin, b.cancels_id,
                   EXISTS (SELECT 1 FROM accounting_period p WHERE p.division_id = b.division_id AND p.billing_month >= b.billing_month
                           AND p.status = 'CLOSED') AS is_closed
            FROM bill b JOIN account a ON a.id = b.account_id
            WHERE b.account_id = ANY(:ids) AND NOT b.id = ANY(:bills) ORDER BY b.id
            """
    positions = (
        "SELECT a.id, a.number, coalesce(p.debt_tiyin - p.advance_tiyin, 0) AS balance_tiyin FROM account a "
        "LEFT JOIN account_position p ON p.account_id = a.id WHERE a.id = ANY(:ids) ORDER BY a.number"
    )
    return {
        "entries": [row._asdict() for row in fetch_all(session, entries, _AddedEntry, **given)],
        "bills": [row._asdict() for row in fetch_all(session, bills, _AddedBill, **given)],
        "lines": [row._asdict() for row in fetch_all(session, _LINES, _ChangedLine, **given)],
        "positions": [
            {"account": row.number, "before_tiyin": before.balance_tiyin.get(row.id, 0), "after_tiyin": row.balance_tiyin}
            for row in fetch_all(session, positions, _Stands, **given)
        ],
    }


def later_act(session: Session, *, account_id: int | None, consumer_id: int | None, after_id: int) -> int | None:
    """Return the newest act that stands and was made after another one, or None: of the account, or without one of the consumer."""
    return fetch_optional(
        session,
        """
            SELECT max(id) FROM act
            WHERE id > :after_id AND status = 'DONE' AND reverses_id IS NULL
              AND CASE WHEN CAST(:account_id AS bigint) IS NULL THEN account_id IS NULL AND consumer_id = CAST(:consumer_id AS bigint)
                       ELSE account_id = CAST(:account_id AS bigint) END
            """,
        int,
        account_id=account_id,
        consumer_id=consumer_id,
        after_id=after_id,
    )


def latest_day(session: Session, account_id: int, kinds: Sequence[str]) -> date | None:
    """Return the latest day of an account's acts that stand, of some kinds."""
    return fetch_optional(
        session,
        "SELECT max(effective_on) FROM act WHERE account_id = :account_id AND kind = ANY(:kinds) AND status = 'DONE' "
        "AND reverses_id IS NULL",
        date,
        account_id=account_id,
        kinds=list(kinds),
    )


class CounterAct(NamedTuple):
    """The counter-act of an act: REQUESTED or DONE."""

    id: int
    status: str


def reversed_by(session: Session, act_id: int) -> CounterAct | None:
    """Return the counter-act of an act that stands or waits, or None."""
    statement = "SELECT id, status FROM act WHERE reverses_id = :id AND status IN ('REQUESTED', 'DONE')"
    return fetch_optional(session, statement, CounterAct, id=act_id)


class ActApproval(NamedTuple):
    """The request for approval of an act."""

    id: int
    status: str
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None


def approval_of(session: Session, act_id: int) -> ActApproval | None:
    """Return the request for approval of an act, or None."""
    statement = (
        "SELECT id, status, decided_by, decided_at, remark FROM approval WHERE kind = 'ACT' AND subject_id = :id ORDER BY id DESC LIMIT 1"
    )
    return fetch_optional(session, statement, ActApproval, id=act_id)


def language_of(session: Session, *, account_id: int | None, consumer_id: int | None) -> str | None:
    """Return the language of the consumer an act is about."""
    if consumer_id is not None:
        return fetch_optional(session, "SELECT language FROM consumer WHERE id = :id", str, id=consumer_id)
    statement = "SELECT c.language FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = :id"
    return fetch_optional(session, statement, str, id=account_id)


class RegisterOnDay(NamedTuple):
    """A register of a meter that served a place on a day, with its readings around that day."""

    meter_installation_id: int
    register_id: int
    serial_number: str
    code: str
    digits: int
    decimals: int
    dial_milli: int | None  #: read on the day
    before_on: date | None
    before_milli: int | None
    after_on: date | None
    after_milli: int | None


_READ = """
    SELECT x.read_on, x.dial_milli FROM reading x
    WHERE x.meter_installation_id = i.id AND x.register_id = g.id AND x.kind <> 'WITHDRAWAL' AND x.read_on {than} :day
      AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = x.id)
    ORDER BY x.read_on {order}, x.id DESC LIMIT 1
"""


def registers_on(session: Session, service_point_id: int, day: date, *, until: bool) -> list[RegisterOnDay]:
    """Return the registers of the meters of a place around a day.

    :param until: of the meters that served until the day; else of those that serve from it on
    """
    served = (
        "i.valid_from < :day AND coalesce(i.valid_to >= :day, true)"
        if until
        else "i.valid_from <= :day AND coalesce(i.valid_to > :day, true)"
    )
    laterals = [f"LEFT JOIN LATERAL ({_READ.format(than=than, order=order)}) {name} ON true" for name, than, order in
                (("same", "=", "DESC"), ("before", "<", "DESC"), ("after", ">", "ASC"))]  # fmt: skip
    statement = f"""
        SELECT i.id AS meter_installation_id, g.id AS register_id, m.serial_number, g.code, g.digits, g.decimals, same.dial_milli,
               before.read_on AS before_on, before.dial_milli AS before_milli,
               after.read_on AS after_on, after.dial_milli AS after_milli
        FROM meter_installation i JOIN device m ON m.id = i.meter_id JOIN register g ON g.meter_id = m.id {" ".join(laterals)}
        WHERE i.service_point_id = :point AND {served} ORDER BY i.valid_from, i.id, g.code, g.id
        """
    return fetch_all(session, statement, RegisterOnDay, point=service_point_id, day=day)


def last_place(session: Session, account_id: int) -> int | None:
    """Return the service point of an account's last supply, or None."""
    statement = "SELECT service_point_id FROM supply WHERE account_id = :id ORDER BY valid_from DESC LIMIT 1"
    return fetch_optional(session, statement, int, id=account_id)


class AccountState(NamedTuple):
    """How an account stands in its bills and in money."""

    billed_to: date | None
    actual_to: date | None
    billed_month: date | None
    #: debt less advance
    balance_tiyin: int


def standing(session: Session, account_id: int) -> AccountState:
    """Return how an account stands."""
    statement = """
        SELECT billed_to, actual_to, billed_month, debt_tiyin - advance_tiyin AS balance_tiyin FROM account_position WHERE account_id = :id
        """
    return fetch_optional(session, statement, AccountState, id=account_id) or AccountState(None, None, None, 0)


def unbilled_charges(session: Session, account_id: int, *, before_day: date) -> int:
    """Return the sum in tiyin of an account's charges that begin before a day and that no bill asked for yet."""
    statement = f"""
        SELECT coalesce(sum(c.amount_tiyin), 0)::bigint FROM billable_charge c
        WHERE c.account_id = :id AND c.period_from < :before_day
          AND NOT {charged("c")}
        """
    return fetch_one(session, statement, int, id=account_id, before_day=before_day)


def first_month_after(session: Session, account_id: int, day: date) -> date | None:
    """Return the first month whose bill that stands covers days from a day on, or None."""
    statement = f"SELECT min(b.billing_month) FROM bill b WHERE b.account_id = :id AND b.period_from >= :day AND {live('b')}"
    return fetch_optional(session, statement, date, id=account_id, day=day)


def holder_on(session: Session, account_id: int, day: date) -> int | None:
    """Return the consumer who held an account on a day: the old owner of the first change after it, else the present one."""
    statement = """
        SELECT coalesce((
            SELECT consumer_id FROM act
            WHERE account_id = :id AND kind = 'CHANGE_OWNER' AND status = 'DONE' AND reverses_id IS NULL AND effective_on > :day
            ORDER BY effective_on, id LIMIT 1
        ), (SELECT consumer_id FROM account WHERE id = :id))
        """
    return fetch_optional(session, statement, int, id=account_id, day=day)
