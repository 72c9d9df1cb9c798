"""What holds for accounts beside readings and tariffs: terms, benefits, charges, prepaid volumes, as arrays."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain import billing
from app.domain.billing import COMPONENTS, TERM_KINDS, Benefits, BillingRules, Charges, Prepaid, SupplyTerms, TermKind
from app.domain.calendar import NO_END
from app.domain.metering import Passport
from app.domain.tariffs import ENERGY_ZONES, ZONES, PriceTable
from app.domain.values import Integers
from app.queries import arrays
from app.queries.live import charged, live
from app.queries.records import fetch_all
from app.queries.tariffs import Prices

_DAYS = "- DATE '1970-01-01'"


def made_with(reading: str) -> str:
    """Return the condition that a bill ``b`` may be made with a reading of a register that leaves no consumption.

    Reactive energy and capacity stand in the lines of a bill only; they are those of the days between its readings.
    """
    return (
        f"b.account_id = {reading}.account_id AND b.quality = 'ACTUAL' AND {reading}.read_on BETWEEN b.period_from AND b.period_to AND "
        f"EXISTS (SELECT 1 FROM register g WHERE g.id = {reading}.register_id AND g.code IN ('REACTIVE', 'DEMAND'))"
    )


def kept_to(volume: str, known: str = "true") -> str:
    """Return the SQL of the first day on which a prepaid volume's old price is not kept any more.

    :param known: condition of the withdrawals ``x`` that count
    """
    return (
        f"coalesce((SELECT x.valid_to FROM prepaid_withdrawal x WHERE x.prepaid_volume_id = {volume}.id AND {known} "
        f"ORDER BY x.id DESC LIMIT 1), {volume}.valid_to)"
    )


_TERMS = f"""
    SELECT array_position(CAST(:kinds AS text[]), kind::text) - 1, account_id, valid_from {_DAYS}, coalesce(valid_to {_DAYS}, {NO_END}),
           value_milli, id
    FROM supply_term WHERE account_id = ANY(:ids) ORDER BY 1, 2, 3
"""

_PASSPORTS = (
    "SELECT id, coalesce(passport, '{}') AS passport FROM supply_term WHERE account_id = ANY(:ids) AND kind = 'LOSS_BOUNDARY' ORDER BY id"
)

#: What benefits gave, by the day they began to; a benefit that is kept without versions always gave what it gives.
BENEFIT_VERSIONS = """
    said AS MATERIALIZED (
        SELECT v.row_id AS benefit_id, v.valid_from, v.recorded_at, v.contents ->> 'percent' AS percent,
               v.contents ->> 'limit_milli' AS limit_milli
        FROM reference_version v WHERE v.table_name = 'benefit'
        UNION ALL
        SELECT b.id, '-infinity', '-infinity', b.percent::text, b.limit_milli::text
        FROM benefit b WHERE NOT EXISTS (SELECT 1 FROM reference_version v WHERE v.table_name = 'benefit' AND v.row_id = b.id)
    )
"""


def benefit_stretches(said: str) -> str:
    """Return the SQL of runs of days in which a benefit gave the same: ``benefit_id``, days, percentage in hundredths, limit.

    What a benefit gave first it gave always. A version that changes something else, say the name, begins no run.

    :param said: rows of ``BENEFIT_VERSIONS``
    """
    return f"""
        SELECT benefit_id, CASE WHEN place > 1 THEN valid_from {_DAYS} END AS from_day,
               lead(valid_from {_DAYS}) OVER (PARTITION BY benefit_id ORDER BY place) AS to_day,
               coalesce(percent::numeric, 0) * 100 AS percent_e2, coalesce(limit_milli::bigint, -1) AS limit_milli
        FROM (
            SELECT x.*, row_number() OVER w AS place, lag((percent, limit_milli)) OVER w AS before
            FROM ({said}) x WINDOW w AS (PARTITION BY benefit_id ORDER BY valid_from)
        ) x WHERE place = 1 OR before IS DISTINCT FROM (percent, limit_milli)
    """


#: A benefit of an account ``a`` in a run of days ``d`` of ``benefit_stretches``.
BENEFIT_COLUMNS = f"""
    a.account_id, greatest(a.valid_from {_DAYS}, d.from_day), least(coalesce(a.valid_to {_DAYS}, {NO_END}), d.to_day), d.percent_e2,
    d.limit_milli, a.benefit_id
"""
BENEFIT_HELD = f"coalesce(a.valid_from {_DAYS} < d.to_day, true) AND coalesce(a.valid_to {_DAYS} > d.from_day, true)"

_BENEFITS = f"""
    WITH {BENEFIT_VERSIONS}, held AS MATERIALIZED ({benefit_stretches("SELECT * FROM said")})
    SELECT {BENEFIT_COLUMNS} FROM account_benefit a JOIN held d ON d.benefit_id = a.benefit_id AND {BENEFIT_HELD}
    WHERE a.account_id = ANY(:ids) ORDER BY 1, 2, 6
"""

_CHARGES = f"""
    SELECT c.account_id, c.id, array_position(CAST(:components AS text[]), c.component::text) - 1, c.period_from {_DAYS},
           c.period_to {_DAYS}, c.quantity_milli, c.amount_tiyin, c.vat_tiyin
    FROM billable_charge c
    WHERE c.account_id = ANY(:ids) AND c.period_from < :month_to
      AND NOT {charged("c")}
    ORDER BY 1, 2
"""

_PREPAID = f"""
    SELECT p.account_id, p.id, p.tariff_version_id, p.valid_from {_DAYS}, {kept_to("p")} {_DAYS},
           p.quantity_milli - coalesce((
               SELECT sum(l.quantity_milli) FROM bill_line l JOIN bill b ON b.id = l.bill_id AND b.billing_month = l.billing_month
               WHERE l.prepaid_id = p.id AND l.component = 'ENERGY' AND {live("b")}
           ), 0)
    FROM prepaid_volume p WHERE p.account_id = ANY(:ids) ORDER BY 1, 4, 2
"""

_ZONE_HISTORY = f"""
    SELECT c.account_id, array_position(CAST(:zones AS text[]), c.zone::text) - 1, sum(c.quantity_milli)
    FROM consumption c JOIN bill b ON b.id = c.bill_id AND b.billing_month = c.billing_month AND {live("b")}
    WHERE c.account_id = ANY(:ids) AND c.quality = 'ACTUAL' AND c.zone <> 'TOTAL' GROUP BY 1, 2
"""


class Statements(NamedTuple):
    """Where each rule is read from."""

    terms: str = _TERMS
    passports: str = _PASSPORTS
    benefits: str = _BENEFITS
    charges: str = _CHARGES
    prepaid: str = _PREPAID
    zone_history: str = _ZONE_HISTORY


NOW = Statements()


def rules_of(session: Session, prices: Prices, ids: Integers, statements: Statements = NOW, **more: Any) -> BillingRules:
    """Return what holds for some accounts, given by ascending id.

    :param statements: what holds now, or what held when a bill was posted
    :param more: further parameters of the statements
    """
    wanted = {"ids": ids, **more}
    terms, passports = _terms(session, ids, statements, wanted)
    benefits = arrays.columns(session, statements.benefits, 6, **wanted)
    charges = arrays.columns(session, statements.charges, 8, components=[*COMPONENTS], **wanted)
    prepaid = arrays.columns(session, statements.prepaid, 6, **wanted)
    for columns in (benefits, charges, prepaid):
        columns[0] = arrays.positions(ids, columns[0])
    known = np.isin(prepaid[2], prices.table.version_id)
    prepaid = [column[known] for column in prepaid]
    prepaid[2] = _places(prices.table, prepaid[2])
    return BillingRules(
        terms,
        Benefits(*benefits),
        Charges(*charges),
        Prepaid(*prepaid),
        _zone_history(session, prices.table, ids, statements, wanted),
        passports,
    )


class _PassportRow(NamedTuple):
    id: int
    passport: dict[str, Any]


def _terms(session: Session, ids: Integers, statements: Statements, wanted: Mapping[str, Any]) -> tuple[SupplyTerms, tuple[Passport, ...]]:
    kind, account, from_day, to_day, value, term_id = arrays.columns(session, statements.terms, 6, kinds=[*TERM_KINDS], **wanted)
    by_passport = np.flatnonzero(kind == TERM_KINDS.index(TermKind.LOSS_BOUNDARY))
    passports: list[Passport] = []
    if len(by_passport):
        rows = fetch_all(session, statements.passports, _PassportRow, **wanted)
        passports = [Passport(**row.passport) for row in rows]
        value[by_passport] = np.searchsorted(np.array([row.id for row in rows]), term_id[by_passport])
    return SupplyTerms(kind, arrays.positions(ids, account), from_day, to_day, value), tuple(passports)


def _places(table: PriceTable, version_ids: Integers) -> Integers:
    """Return where the last segment of each version stands in the table."""
    place = {version_id: index for index, version_id in enumerate(table.version_id.tolist())}
    return np.array([place[version_id] for version_id in version_ids.tolist()], dtype=np.int64)


def _zone_history(session: Session, table: PriceTable, ids: Integers, statements: Statements, wanted: Mapping[str, Any]) -> Integers:
    history = billing.no_rules(len(ids)).zone_history_milli
    if (table.block_count[:, 1:ENERGY_ZONES] > 0).any():
        account, zone, quantity = arrays.columns(session, statements.zone_history, 3, zones=[*ZONES], **wanted)
        history[arrays.positions(ids, account), zone] = quantity
    return history
