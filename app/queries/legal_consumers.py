"""What a legal consumer sees of his account: energy since the month began, his tax invoices, and statements with the answers to them."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.documents import Agreement
from app.queries.holdings import ALWAYS, Holding
from app.queries.records import fetch_all, fetch_one, fetch_optional


class EnergySoFar(NamedTuple):
    """What the meters of an account counted since the first day of a month, up to the last reading."""

    quantity_milli: int
    #: day of the last reading; None: nothing was read since
    read_on: date | None


#: Of each register of energy the dial at the beginning of the month, or the first one after it, and the last dial. A meter with a
#: register of the whole energy is counted by that one, any other by those of its zones.
_ENERGY = """
    SELECT coalesce(sum(mod(l.dial_milli - e.dial_milli + x.capacity_milli, x.capacity_milli) * x.ct_primary * x.vt_primary
                        / (x.ct_secondary * x.vt_secondary)), 0)::bigint AS quantity_milli, max(l.read_on) AS read_on
    FROM (
        SELECT DISTINCT i.id AS installation_id, g.id AS register_id, (1000 * 10 ^ g.digits)::bigint AS capacity_milli,
               i.ct_primary::bigint, i.ct_secondary, i.vt_primary, i.vt_secondary
        FROM supply s
        JOIN meter_installation i ON i.service_point_id = s.service_point_id
            AND daterange(i.valid_from, i.valid_to) && daterange(s.valid_from, s.valid_to) AND coalesce(i.valid_to > :since, true)
        JOIN register g ON g.meter_id = i.meter_id AND (g.code = 'TOTAL' OR g.code IN ('DAY', 'HALF_PEAK', 'PEAK', 'NIGHT')
            AND NOT EXISTS (SELECT FROM register t WHERE t.meter_id = i.meter_id AND t.code = 'TOTAL'))
        WHERE s.account_id = :account_id
    ) x
    JOIN LATERAL (
        SELECT r.dial_milli, r.read_on FROM reading r
        WHERE r.meter_installation_id = x.installation_id AND r.register_id = x.register_id AND r.account_id = :account_id
          AND r.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id)
        ORDER BY r.read_on > :since, abs(r.read_on - :since), r.id DESC LIMIT 1
    ) e ON true
    JOIN LATERAL (
        SELECT r.dial_milli, r.read_on FROM reading r
        WHERE r.meter_installation_id = x.installation_id AND r.register_id = x.register_id AND r.account_id = :account_id
          AND r.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id)
        ORDER BY r.read_on DESC, r.id DESC LIMIT 1
    ) l ON l.read_on > e.read_on
    """


def energy_since(session: Session, account_id: int, since: date) -> EnergySoFar:
    """Return what the meters of an account counted since a day."""
    return fetch_one(session, _ENERGY, EnergySoFar, account_id=account_id, since=since)


class TaxInvoiceRow(NamedTuple):
    """A tax invoice of an account in a list."""

    id: int
    number: str
    invoiced_on: date
    billing_month: date
    amount_tiyin: int
    vat_tiyin: int
    #: the number of the one it corrects
    corrects: str | None


def tax_invoices(
    session: Session, account_id: int, *, held: Holding = ALWAYS, before: int | None = None, limit: int = 24, skipped: int = 0
) -> list[TaxInvoiceRow]:
    """Return an account's tax invoices, newest first.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    :param before: only those with a smaller id; None: from the newest on
    :param skipped: so many of the newest are left out, as the pages before showed them
    """
    statement = """
        SELECT t.id, t.number, t.invoiced_on, b.billing_month, t.amount_tiyin, t.vat_tiyin, o.number AS corrects
        FROM tax_invoice t JOIN bill b ON b.id = t.bill_id LEFT JOIN tax_invoice o ON o.id = t.corrects_id
        WHERE t.account_id = :account_id AND b.period_to > :held_since AND (CAST(:before AS bigint) IS NULL OR t.id < :before)
        ORDER BY t.id DESC LIMIT :limit OFFSET :skipped
        """
    page = {"limit": limit, "skipped": skipped, "before": before}
    return fetch_all(session, statement, TaxInvoiceRow, account_id=account_id, held_since=held.since, **page)


class AnsweredStatement(NamedTuple):
    """A reconciliation statement of an account with the newest answer to it; without one its fields are empty."""

    id: int
    since: date
    until: date
    created_at: datetime
    contents: dict[str, Any]
    agreement: Agreement | None
    answered_on: date | None
    person: str | None
    objection: str | None

    @property
    def closing_tiyin(self) -> int:
        """What the consumer owes at its end; negative: he has paid ahead."""
        return int(self.contents["closing_tiyin"])


_STATEMENTS = """
    SELECT s.id, s.period_from AS since, s.period_to AS until, s.created_at, s.contents, a.agreement, a.answered_on, a.person, a.objection
    FROM account_statement s
    LEFT JOIN LATERAL (SELECT * FROM statement_answer x WHERE x.account_statement_id = s.id ORDER BY x.id DESC LIMIT 1) a ON true
    WHERE s.account_id = :account_id AND s.period_from >= :held_since
    """


def statements(
    session: Session, account_id: int, *, held: Holding = ALWAYS, before: int | None = None, limit: int = 24, skipped: int = 0
) -> list[AnsweredStatement]:
    """Return an account's reconciliation statements, newest first.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    :param before: only those with a smaller id; None: from the newest on
    :param skipped: so many of the newest are left out, as the pages before showed them
    """
    statement = f"{_STATEMENTS} AND (CAST(:before AS bigint) IS NULL OR s.id < :before) ORDER BY s.id DESC LIMIT :limit OFFSET :skipped"
    page = {"limit": limit, "skipped": skipped, "before": before}
    return fetch_all(session, statement, AnsweredStatement, account_id=account_id, held_since=held.since, **page)


def statement(session: Session, account_id: int, statement_id: int, held: Holding = ALWAYS) -> AnsweredStatement | None:
    """Return a statement of an account, or None if it has none of that number.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    """
    asked = {"account_id": account_id, "id": statement_id, "held_since": held.since}
    return fetch_optional(session, f"{_STATEMENTS} AND s.id = :id", AnsweredStatement, **asked)


def tariff_of_account(session: Session, account_id: int) -> "TariffOfAccount | None":
    """Return by which tariff an account is supplied now; None: it has no supply."""
    asked = """
        SELECT r.code AS resource, g.code AS tariff_group FROM supply s JOIN service_point p ON p.id = s.service_point_id
        JOIN resource r ON r.id = p.resource_id JOIN tariff_group g ON g.id = s.tariff_group_id
        WHERE s.account_id = :account_id ORDER BY s.valid_from DESC, s.id DESC LIMIT 1
        """
    return fetch_optional(session, asked, TariffOfAccount, account_id=account_id)


class TariffOfAccount(NamedTuple):
    """Codes of the resource and tariff group of an account."""

    resource: str
    tariff_group: str
