"""Bills with their lines and energy, for people."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.billing import BillState, bill_state
from app.domain.calendar import months_after
from app.queries.documents import as_made
from app.queries.holdings import ALWAYS, Holding
from app.queries.live import live
from app.queries.names import shown
from app.queries.records import Choice, fetch_all, fetch_optional


class _Amount(NamedTuple):
    account_id: int
    amount_tiyin: int


def bill_of_month_before(session: Session, ids: list[int], month: date) -> dict[int, int]:
    """Return each account's amount of the bill of the month before, in tiyin."""
    statement = f"SELECT account_id, amount_tiyin FROM bill b WHERE account_id = ANY(:ids) AND billing_month = :month AND {live('b')}"
    return dict(fetch_all(session, statement, _Amount, ids=ids, month=months_after(month, -1)))


def account_numbers(session: Session, ids: list[int]) -> dict[int, str]:
    """Return the numbers of accounts."""
    return dict(fetch_all(session, "SELECT id, number AS name FROM account WHERE id = ANY(:ids)", Choice, ids=ids))


class BillHead(NamedTuple):
    """A bill and whom it is for."""

    id: int
    public_id: str
    account_id: int
    account_number: str
    consumer_name: str
    consumer_kind: str
    language: str
    address: str
    division: str
    billing_month: date
    period_from: date
    period_to: date
    quality: str
    quantity_milli: int
    amount_tiyin: int
    vat_tiyin: int
    issued_on: date
    due_on: date
    unit: str
    created_at: datetime
    cancels_id: int | None
    #: the company it is from; empty: neither the division nor one above it has a STIR
    seller: str | None
    seller_stir: str | None
    seller_account: str | None
    seller_mfo: str | None
    seller_bank: str | None
    contract_number: str | None
    contract_signed_on: date | None
    #: region, district, mahalla, street, house and flat, and the district, in the consumer's language
    full_address: str
    division_named: str
    #: in the reader's language
    division_shown: str
    division_phone: str | None
    seller_address: str | None
    seller_phone: str | None


class BillLineRow(NamedTuple):
    """A line of a bill with its derivation."""

    line_no: int
    kind: str
    for_month: date
    period_from: date
    period_to: date
    tariff: str
    source: str
    block_no: int
    quantity_milli: int
    rate: Decimal
    amount_tiyin: int
    vat_tiyin: int
    component: str
    zone: str
    charge_id: int | None
    #: what the other document computed its amount from
    derivation: dict[str, Any] | None
    #: the step of a month the rate holds for; None: no such step, or it has no end
    lower_milli: int | None
    upper_milli: int | None
    benefit: str | None
    percent: Decimal | None
    benefit_uz_cyrl: str | None = None
    benefit_ru: str | None = None
    #: 0: of no bill, but of a calculation
    bill_id: int = 0


class ConsumptionRow(NamedTuple):
    """The readings a bill is made of."""

    period_from: date
    period_to: date
    quantity_milli: int
    quality: str
    meter: str | None
    earlier_milli: int | None
    later_milli: int | None
    multiplier: Decimal | None
    rolled_over: bool
    #: what the display counts to
    capacity_milli: int | None
    zone: str
    #: 0: of no bill, but of a calculation
    bill_id: int = 0


_HEAD = f"""
    SELECT b.id, b.public_id::text, b.account_id, a.number AS account_number, c.name AS consumer_name, c.kind AS consumer_kind,
           c.language, {as_made.ADDRESS} AS address, d.name AS division, b.billing_month,
           b.period_from, b.period_to, b.quality, b.quantity_milli, b.amount_tiyin, b.vat_tiyin, b.issued_on, b.due_on,
           coalesce(r.unit, 'kWh') AS unit, b.created_at, b.cancels_id, seller.legal_name AS seller, seller.stir AS seller_stir,
           seller.bank_account AS seller_account, seller.mfo AS seller_mfo,
           seller_bank.name AS seller_bank, k.number AS contract_number, k.signed_on AS contract_signed_on,
           {as_made.FULL_ADDRESS} AS full_address, {as_made.consumers_name("d")} AS division_named, {shown("d")} AS division_shown,
           d.phone AS division_phone,
           seller.address AS seller_address, seller.phone AS seller_phone
    FROM bill b {as_made.addressee("b", "b.period_to")} {as_made.region("b.created_at")} {as_made.seller("b")}
    {as_made.contract("b", "b.period_to")}
    WHERE b.id = ANY(:ids)
"""


def bill_head(session: Session, bill_id: int) -> BillHead | None:
    """Return a bill and whom it was for when it was made, or None if it is not there (or not the reader's)."""
    return bill_heads(session, [bill_id]).get(bill_id)


def bill_heads(session: Session, ids: Sequence[int]) -> dict[int, BillHead]:
    """Return bills and whom each was for when it was made; one that is not there is left out."""
    return {row.id: row for row in fetch_all(session, _HEAD, BillHead, ids=list(ids))}


def bill_id_of(session: Session, public_id: str, account_id: int, held: Holding) -> int | None:
    """Return the id of an account's bill by what outsiders see of it; None: there is none in the time of its present consumer."""
    statement = """
        SELECT id FROM bill
        WHERE public_id = CAST(:public_id AS uuid) AND account_id = :account_id AND period_to > :held_since
        """
    return fetch_optional(session, statement, int, public_id=public_id, account_id=account_id, held_since=held.since)


_BLOCK = "{0}.version_id = v.id AND {0}.zone = l.zone AND {0}.block_no = {1}"
_LINES = f"""
    SELECT b.id AS bill_id, l.line_no, l.kind, l.for_month, l.period_from, l.period_to, coalesce(t.name, '') AS tariff,
           coalesce(v.source, k.basis, '') AS source,
           l.block_no, l.quantity_milli, l.rate, l.amount_tiyin, l.vat_tiyin, l.component, l.zone, l.charge_id, k.derivation,
           lower.upper_milli AS lower_milli, upper.upper_milli, n.name AS benefit,
           n.name_uz_cyrl AS benefit_uz_cyrl, n.name_ru AS benefit_ru,
           coalesce((
               SELECT (x.contents ->> 'percent')::numeric FROM reference_version x
               WHERE x.table_name = 'benefit' AND x.row_id = l.benefit_id AND x.recorded_at <= b.created_at
                 AND x.valid_from <= l.period_from
               ORDER BY x.valid_from DESC LIMIT 1
           ), n.percent) AS percent
    FROM bill b JOIN bill_line l ON l.bill_id = b.id AND l.billing_month = b.billing_month
    {as_made.row("tariff_version", "v", "v_now.id = l.tariff_version_id", "b.created_at", kind="LEFT JOIN")}
    {as_made.row("tariff", "t", "t_now.id = v.tariff_id", "b.created_at", kind="LEFT JOIN")}
    {as_made.row("tariff_block", "upper", _BLOCK.format("upper_now", "l.block_no"), "b.created_at", kind="LEFT JOIN")}
    {as_made.row("tariff_block", "lower", _BLOCK.format("lower_now", "l.block_no - 1"), "b.created_at", kind="LEFT JOIN")}
    LEFT JOIN billable_charge k ON k.id = l.charge_id
    {as_made.row("benefit", "n", "n_now.id = l.benefit_id", "b.created_at", kind="LEFT JOIN")}
    WHERE b.id = ANY(:ids) ORDER BY b.id, l.line_no
"""


def bill_lines(session: Session, *ids: int) -> list[BillLineRow]:
    """Return the lines of bills, with the names their tariffs and benefits had when each was made."""
    return fetch_all(session, _LINES, BillLineRow, ids=list(ids))


_CONSUMPTION = f"""
    SELECT b.id AS bill_id, c.period_from, c.period_to, c.quantity_milli, c.quality, m.serial_number AS meter,
           e.dial_milli AS earlier_milli, l.dial_milli AS later_milli,
           c.multiplier_numerator::numeric / c.multiplier_denominator AS multiplier, c.rolled_over,
           1000 * (10 ^ g.digits)::bigint AS capacity_milli, c.zone
    FROM bill b JOIN consumption c ON c.bill_id = b.id AND c.billing_month = b.billing_month
    LEFT JOIN reading e ON e.id = c.earlier_reading_id
    LEFT JOIN reading l ON l.id = c.later_reading_id
    {as_made.row("meter_installation", "i", "i_now.id = l.meter_installation_id", "b.created_at", kind="LEFT JOIN")}
    {as_made.row("device", "m", "m_now.id = i.meter_id", "b.created_at", kind="LEFT JOIN")}
    {as_made.row("register", "g", "g_now.id = l.register_id", "b.created_at", kind="LEFT JOIN")}
    WHERE b.id = ANY(:ids) ORDER BY b.id, c.period_from, c.id
"""


def bill_consumption(session: Session, *ids: int) -> list[ConsumptionRow]:
    """Return the energy bills are made of, with its readings, meters and multipliers as they were when each was made."""
    return fetch_all(session, _CONSUMPTION, ConsumptionRow, ids=list(ids))


class AccountBill(NamedTuple):
    """A bill of an account in a list, with what is still owed of it."""

    id: int
    public_id: str
    billing_month: date
    period_from: date
    period_to: date
    quality: str
    quantity_milli: int
    amount_tiyin: int
    issued_on: date
    due_on: date
    remaining_tiyin: int
    is_withdrawn: bool
    takes_back: bool

    def state(self, today: date) -> BillState:
        """Return what has become of the bill."""
        given = {name: getattr(self, name) for name in ("amount_tiyin", "remaining_tiyin", "due_on", "is_withdrawn", "takes_back")}
        return bill_state(**given, today=today)


_ACCOUNT_BILLS = """
    SELECT b.id, b.public_id::text, b.billing_month, b.period_from, b.period_to, b.quality, b.quantity_milli, b.amount_tiyin, b.issued_on,
           b.due_on, coalesce(d.remaining_tiyin, 0) AS remaining_tiyin, c.id IS NOT NULL AS is_withdrawn,
           b.cancels_id IS NOT NULL AS takes_back
    FROM bill b LEFT JOIN debt d ON d.bill_id = b.id AND d.billing_month = b.billing_month
    LEFT JOIN bill c ON c.cancels_id = b.id AND c.billing_month = b.billing_month
"""


def account_bills(
    session: Session,
    account_id: int,
    *,
    held: Holding = ALWAYS,
    withdrawn: bool = False,
    limit: int = 24,
    skipped: int = 0,
    before: int | None = None,
) -> list[AccountBill]:
    """Return an account's bills, newest first, each with what is still owed.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    :param withdrawn: also those that were taken back
    :param skipped: so many of the newest are left out, as the pages before showed them
    :param before: only those that come after the bill of this id; None: from the newest on
    """
    only = "b.cancels_id IS NULL" if withdrawn else live("b")
    statement = (
        f"{_ACCOUNT_BILLS} WHERE b.account_id = :account_id AND b.period_to > :held_since AND {only} "
        "AND (CAST(:before AS bigint) IS NULL OR (b.billing_month, b.revision, b.id) < "
        "(SELECT o.billing_month, o.revision, o.id FROM bill o WHERE o.id = :before AND o.account_id = :account_id)) "
        "ORDER BY b.billing_month DESC, b.revision DESC, b.id DESC LIMIT :limit OFFSET :skipped"
    )
    page = {"limit": limit, "skipped": skipped, "before": before}
    return fetch_all(session, statement, AccountBill, account_id=account_id, held_since=held.since, **page)


def account_bill(session: Session, bill_id: int) -> AccountBill | None:
    """Return a bill as an account's list shows it."""
    return fetch_optional(session, f"{_ACCOUNT_BILLS} WHERE b.id = :id", AccountBill, id=bill_id)


class MonthEnergy(NamedTuple):
    """An account's energy of a month, with all that was charged for the month."""

    month: date
    quantity_milli: int
    amount_tiyin: int


def consumption_by_month(session: Session, account_id: int, *, since: date, held: Holding = ALWAYS) -> list[MonthEnergy]:
    """Return an account's energy and charges by the month they are for, corrections included; months without a bill are left out.

    Energy is that of the registers: quantities of benefits, of what is above a limit, of reactive energy and of other charges are
    parts of it or none. Together it is what the bills that stand say. This is the one query of consumption by month: the card, the
    portal and their charts show it.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    """
    statement = """
        SELECT l.for_month AS month, coalesce(sum(l.quantity_milli) FILTER (WHERE l.component = 'ENERGY'), 0)::bigint AS quantity_milli,
               sum(l.amount_tiyin)::bigint AS amount_tiyin
        FROM bill b JOIN bill_line l ON l.bill_id = b.id AND l.billing_month = b.billing_month
        WHERE b.account_id = :account_id AND l.for_month >= :since AND b.period_to > :held_since
        GROUP BY l.for_month HAVING bool_or(l.component = 'ENERGY') ORDER BY l.for_month
        """
    return fetch_all(session, statement, MonthEnergy, account_id=account_id, since=since, held_since=held.since)
