"""Sales, benefits, bills on hold, how the energy of bills was measured, and tax invoices."""

from typing import NamedTuple

from app.domain.billing import Component, ExceptionReason, HoldStatus, VoltageLevel
from app.domain.metering import RegisterCode
from app.domain.reference import ConsumerKind
from app.queries.live import live
from app.queries.names import shown
from app.queries.reports import Documents, kind_counts, of_kind, parted, within


class Sales(NamedTuple):
    """Energy and sums of a tariff group's bill lines, by voltage, block and zone; charges that are no energy have their sum only.

    VAT stands apart, as form 46-ЭЭ has it. The voltage is the one that holds on the first day of the billing month.

    Source: ``bill_line``, ``supply_term``.
    """

    division_id: int
    consumer_kind: ConsumerKind
    tariff_group: str
    voltage_level: VoltageLevel
    component: Component
    block_no: int
    zone: RegisterCode
    energy_thousand_milli: int
    net_tiyin: int
    vat_tiyin: int
    amount_tiyin: int


_LINES = "bill_line l ON l.bill_id = b.id AND l.billing_month = b.billing_month"
#: What every row of a bill tells.
_OF_BILL = """part.part_id AS division_id, b.division_id AS own_id, 'bill' AS row_table, b.id AS row_id, b.account_id,
           b.billing_month AS row_on"""
_SOLD = """CASE WHEN l.component = 'ENERGY' THEN l.quantity_milli ELSE 0 END AS energy_thousand_milli,
           l.amount_tiyin - l.vat_tiyin AS net_tiyin, l.vat_tiyin, l.amount_tiyin"""
SALES = Documents(
    f"""
    WITH named AS MATERIALIZED (
        SELECT v.id, {shown("g")} AS tariff_group
        FROM tariff_version v JOIN tariff t ON t.id = v.tariff_id JOIN tariff_group g ON g.id = t.tariff_group_id
    ), supplied_at AS MATERIALIZED (
        SELECT s.account_id, s.valid_from, s.valid_to,
               CASE WHEN s.value_milli >= 110000 THEN 'HIGH' WHEN s.value_milli >= 27500 THEN 'MIDDLE_1'
                    WHEN s.value_milli >= 1000 THEN 'MIDDLE_2' ELSE 'LOW' END AS voltage_level
        FROM supply_term s WHERE s.kind = 'VOLTAGE'
    )
    SELECT {_OF_BILL}, c.kind AS consumer_kind, coalesce(n.tariff_group, '') AS tariff_group,
           coalesce(o.voltage_level, 'LOW') AS voltage_level, l.component, l.block_no, l.zone, {_SOLD}
    FROM bill b {parted("b")} JOIN {_LINES} JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id
    LEFT JOIN named n ON n.id = l.tariff_version_id
    LEFT JOIN supplied_at o ON o.account_id = b.account_id AND o.valid_from <= b.billing_month
        AND (o.valid_to IS NULL OR o.valid_to > b.billing_month)
    WHERE {within("b.billing_month")} AND {kind_counts("c.kind")}
    """
)


class FormRow(NamedTuple):
    """A row of form 46-ЭЭ: the energy and the sums of the consumers it gathers; without a code: of those that no row gathers.

    A line without a tariff (a penalty, a subsidy) is in the row of the kind. Which row gathers what is the one of the billing month.
    Supplies have no voltage yet, so rows cannot tell it; when they have, ``report_row`` gets a column of it.

    Source: ``bill``, ``bill_line``, ``report_row`` (shape of 46-ЭЭ, docs.cntd.ru/550849795; codes to be confirmed by the customer).
    """

    division_id: int
    row_code: str
    row_name: str
    energy_thousand_milli: int
    net_tiyin: int
    vat_tiyin: int
    amount_tiyin: int


#: The row that each kind and group of consumers is in, month by month.
_GATHERED = f"""
    gathered AS MATERIALIZED (
        SELECT m.month::date AS month, k.kind, g.id AS group_id, r.code, r.name
        FROM generate_series(CAST(:start AS date), CAST(:end AS date) - interval '1 month', interval '1 month') m (month)
        CROSS JOIN unnest(ARRAY['HOUSEHOLD', 'LEGAL']) k (kind)
        CROSS JOIN (SELECT id FROM tariff_group UNION ALL SELECT 0) g
        CROSS JOIN LATERAL (
            SELECT r.code, {shown("r")} AS name FROM report_row r
            WHERE r.report_form = 'FORM_46' AND r.consumer_kind = k.kind AND (r.tariff_group_id IS NULL OR r.tariff_group_id = g.id)
              AND r.valid_from <= m.month AND (r.valid_to IS NULL OR r.valid_to > m.month)
            ORDER BY r.tariff_group_id NULLS LAST LIMIT 1
        ) r
    )"""
FORM_46 = Documents(
    f"""
    WITH {_GATHERED}
    SELECT {_OF_BILL}, coalesce(r.code, '') AS row_code, coalesce(r.name, '') AS row_name, {_SOLD}
    FROM bill b {parted("b")} JOIN {_LINES} JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id
    LEFT JOIN tariff_version v ON v.id = l.tariff_version_id LEFT JOIN tariff t ON t.id = v.tariff_id
    LEFT JOIN gathered r ON r.month = b.billing_month AND r.kind = c.kind AND r.group_id = coalesce(t.tariff_group_id, 0)
    WHERE {within("b.billing_month")} AND {kind_counts("c.kind")}
    """
)


class BenefitSums(NamedTuple):
    """What a benefit or a subsidy took off bills.

    Source: ``bill_line`` of those components.
    """

    division_id: int
    component: Component
    benefit: str
    accounts: int
    quantity_milli: int
    amount_tiyin: int


BENEFITS = Documents(
    f"""
    SELECT {_OF_BILL}, l.component, coalesce({shown("f")}, '') AS benefit, 1 AS accounts, l.quantity_milli, l.amount_tiyin
    FROM bill b {parted("b")} JOIN {_LINES} LEFT JOIN benefit f ON f.id = l.benefit_id
    WHERE l.component IN ('BENEFIT', 'SUBSIDY') AND {within("b.billing_month")} AND {of_kind("b")}
    """,
    frozenset({"accounts"}),
)


class HeldBills(NamedTuple):
    """Bills that were held for a reason, and what became of them.

    Source: ``bill_hold``.
    """

    division_id: int
    hold_reason: ExceptionReason
    hold_status: HoldStatus
    bills: int
    quantity_milli: int
    amount_tiyin: int


HOLDS = Documents(
    f"""
    SELECT part.part_id AS division_id, h.division_id AS own_id, 'bill_hold' AS row_table, h.id AS row_id, h.account_id,
           h.billing_month AS row_on, h.reason AS hold_reason, h.status AS hold_status, 1 AS bills, h.quantity_milli, h.amount_tiyin
    FROM bill_hold h {parted("h")}
    WHERE {within("h.billing_month")} AND {of_kind("h")}
    """
)


class BillQualities(NamedTuple):
    """How the energy of a division's bills that stand was told.

    Source: ``bill``.
    """

    division_id: int
    bills: int
    read: int
    estimated: int
    by_norm: int
    losses: int
    quantity_milli: int


QUALITIES = Documents(
    f"""
    SELECT {_OF_BILL}, 1 AS bills, (b.quality = 'ACTUAL')::int AS read, (b.quality = 'ESTIMATED')::int AS estimated,
           (b.quality = 'NORM')::int AS by_norm, (b.quality = 'LOSSES')::int AS losses, b.quantity_milli
    FROM bill b {parted("b")}
    WHERE {within("b.billing_month")} AND {live("b")} AND {of_kind("b")}
    """
)


class TaxInvoices(NamedTuple):
    """Tax invoices of a division, and how many of them correct others.

    Source: ``tax_invoice``.
    """

    division_id: int
    invoices: int
    corrective: int
    net_tiyin: int
    vat_tiyin: int
    amount_tiyin: int


INVOICES = Documents(
    f"""
    SELECT part.part_id AS division_id, i.division_id AS own_id, 'tax_invoice' AS row_table, i.id AS row_id, i.account_id,
           i.invoiced_on AS row_on, 1 AS invoices, (i.corrects_id IS NOT NULL)::int AS corrective,
           i.amount_tiyin - i.vat_tiyin AS net_tiyin, i.vat_tiyin, i.amount_tiyin
    FROM tax_invoice i {parted("i")}
    WHERE {within("i.invoiced_on")} AND {of_kind("i")}
    """
)
