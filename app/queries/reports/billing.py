"""Sales, benefits, bills on hold, how the energy of bills was measured, and tax invoices."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.billing import Component, ExceptionReason, HoldStatus
from app.domain.metering import RegisterCode
from app.domain.reference import ConsumerKind
from app.queries.live import live
from app.queries.names import shown
from app.queries.records import fetch_each
from app.queries.reports import ReportRequest, kind_counts, of_kind, parted, within


class Sales(NamedTuple):
    """Energy and sums of a tariff group's bill lines, by block and zone; charges that are no energy have their sum only."""

    division_id: int
    consumer_kind: ConsumerKind
    tariff_group: str
    component: Component
    block_no: int
    zone: RegisterCode
    energy_thousand_milli: int
    net_tiyin: int
    vat_tiyin: int
    amount_tiyin: int


def sales(session: Session, asked: ReportRequest) -> Iterator[Sales]:
    """Yield consumption and revenue by tariff group, component, block and zone, with what was taken back; without VAT as form 46-ЭЭ has it.

    Source: ``bill_line``.
    """
    statement = f"""
        SELECT x.division_id, x.consumer_kind, coalesce({shown("g")}, '') AS tariff_group, x.component, x.block_no, x.zone,
               x.energy AS energy_thousand_milli, x.amount - x.vat AS net_tiyin, x.vat AS vat_tiyin, x.amount AS amount_tiyin
        FROM (
            SELECT part.part_id AS division_id, c.kind AS consumer_kind, t.tariff_group_id, l.component, l.block_no, l.zone,
                   coalesce(sum(l.quantity_milli) FILTER (WHERE l.component = 'ENERGY'), 0)::bigint AS energy,
                   coalesce(sum(l.vat_tiyin), 0)::bigint AS vat, coalesce(sum(l.amount_tiyin), 0)::bigint AS amount
            FROM bill b {parted("b")} JOIN bill_line l ON l.bill_id = b.id AND l.billing_month = b.billing_month
            JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id
            LEFT JOIN tariff_version v ON v.id = l.tariff_version_id LEFT JOIN tariff t ON t.id = v.tariff_id
            WHERE {within("b.billing_month")} AND {kind_counts("c.kind")}
            GROUP BY part.part_id, c.kind, t.tariff_group_id, l.component, l.block_no, l.zone
        ) x LEFT JOIN tariff_group g ON g.id = x.tariff_group_id
        ORDER BY x.division_id, x.consumer_kind, g.code, x.component, x.block_no, x.zone
        """
    return fetch_each(session, statement, Sales, **asked.parameters)


class FormRow(NamedTuple):
    """A row of form 46-ЭЭ: the energy and the sums of the consumers it gathers; without a code: of those that no row gathers."""

    division_id: int
    row_code: str
    row_name: str
    energy_thousand_milli: int
    net_tiyin: int
    vat_tiyin: int
    amount_tiyin: int


def form_46(session: Session, asked: ReportRequest) -> Iterator[FormRow]:
    """Yield the rows of form 46-ЭЭ: a bill line is in the row of its tariff group, else in that of its kind of consumers, else in none.

    A line without a tariff (a penalty, a subsidy) is in the row of the kind. Which row gathers what is the one of the billing month.
    Supplies have no voltage yet, so rows cannot tell it; when they have, ``report_row`` gets a column of it.

    Source: ``bill``, ``bill_line``, ``report_row`` (shape of 46-ЭЭ, docs.cntd.ru/550849795; codes to be confirmed by the customer).
    """
    statement = f"""
        SELECT x.division_id, coalesce(r.code, '') AS row_code, coalesce(min({shown("r")}), '') AS row_name,
               sum(x.energy)::bigint AS energy_thousand_milli, sum(x.amount - x.vat)::bigint AS net_tiyin, sum(x.vat)::bigint AS vat_tiyin,
               sum(x.amount)::bigint AS amount_tiyin
        FROM (
            SELECT part.part_id AS division_id, b.billing_month, c.kind, t.tariff_group_id,
                   coalesce(sum(l.quantity_milli) FILTER (WHERE l.component = 'ENERGY'), 0) AS energy,
                   coalesce(sum(l.vat_tiyin), 0) AS vat, coalesce(sum(l.amount_tiyin), 0) AS amount
            FROM bill b {parted("b")} JOIN bill_line l ON l.bill_id = b.id AND l.billing_month = b.billing_month
            JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id
            LEFT JOIN tariff_version v ON v.id = l.tariff_version_id LEFT JOIN tariff t ON t.id = v.tariff_id
            WHERE {within("b.billing_month")} AND {kind_counts("c.kind")}
            GROUP BY part.part_id, b.billing_month, c.kind, t.tariff_group_id
        ) x
        LEFT JOIN LATERAL (
            SELECT * FROM report_row r
            WHERE r.report_form = 'FORM_46' AND r.consumer_kind = x.kind
              AND (r.tariff_group_id IS NULL OR r.tariff_group_id = x.tariff_group_id)
              AND r.valid_from <= x.billing_month AND (r.valid_to IS NULL OR r.valid_to > x.billing_month)
            ORDER BY r.tariff_group_id NULLS LAST LIMIT 1
        ) r ON true
        GROUP BY x.division_id, coalesce(r.code, '') ORDER BY x.division_id, coalesce(r.code, '') = '', coalesce(r.code, '')
        """
    return fetch_each(session, statement, FormRow, **asked.parameters)


class BenefitSums(NamedTuple):
    """What a benefit or a subsidy took off bills."""

    division_id: int
    component: Component
    benefit: str
    accounts: int
    quantity_milli: int
    amount_tiyin: int


def benefits(session: Session, asked: ReportRequest) -> Iterator[BenefitSums]:
    """Yield what benefits and subsidies took off bills, with what was taken back.

    Source: ``bill_line`` of those components.
    """
    statement = f"""
        SELECT x.division_id, x.component, coalesce({shown("f")}, '') AS benefit, x.accounts, x.quantity AS quantity_milli,
               x.amount AS amount_tiyin
        FROM (
            SELECT part.part_id AS division_id, l.component, l.benefit_id, count(DISTINCT l.account_id) AS accounts,
                   coalesce(sum(l.quantity_milli), 0)::bigint AS quantity, coalesce(sum(l.amount_tiyin), 0)::bigint AS amount
            FROM bill b {parted("b")} JOIN bill_line l ON l.bill_id = b.id AND l.billing_month = b.billing_month
            WHERE l.component IN ('BENEFIT', 'SUBSIDY') AND {within("b.billing_month")} AND {of_kind("b")}
            GROUP BY part.part_id, l.component, l.benefit_id
        ) x LEFT JOIN benefit f ON f.id = x.benefit_id
        ORDER BY x.division_id, x.component, f.code
        """
    return fetch_each(session, statement, BenefitSums, **asked.parameters)


class HeldBills(NamedTuple):
    """Bills that were held for a reason, and what became of them."""

    division_id: int
    hold_reason: ExceptionReason
    hold_status: HoldStatus
    bills: int
    quantity_milli: int
    amount_tiyin: int


def holds(session: Session, asked: ReportRequest) -> Iterator[HeldBills]:
    """Yield bills on hold by reason and by what was decided.

    Source: ``bill_hold``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, h.reason AS hold_reason, h.status AS hold_status, count(*) AS bills,
               coalesce(sum(h.quantity_milli), 0)::bigint AS quantity_milli, coalesce(sum(h.amount_tiyin), 0)::bigint AS amount_tiyin
        FROM bill_hold h {parted("h")}
        WHERE {within("h.billing_month")} AND {of_kind("h")}
        GROUP BY part.part_id, h.reason, h.status ORDER BY part.part_id, h.reason, h.status
        """
    return fetch_each(session, statement, HeldBills, **asked.parameters)


class BillQualities(NamedTuple):
    """How the energy of a division's bills that stand was told."""

    division_id: int
    bills: int
    read: int
    estimated: int
    by_norm: int
    losses: int
    quantity_milli: int


def qualities(session: Session, asked: ReportRequest) -> Iterator[BillQualities]:
    """Yield how many bills that stand rest on readings, on estimates, on norms and on calculated losses.

    Source: ``bill``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, count(*) AS bills, count(*) FILTER (WHERE b.quality = 'ACTUAL') AS read,
               count(*) FILTER (WHERE b.quality = 'ESTIMATED') AS estimated, count(*) FILTER (WHERE b.quality = 'NORM') AS by_norm,
               count(*) FILTER (WHERE b.quality = 'LOSSES') AS losses, coalesce(sum(b.quantity_milli), 0)::bigint AS quantity_milli
        FROM bill b {parted("b")}
        WHERE {within("b.billing_month")} AND {live("b")} AND {of_kind("b")}
        GROUP BY part.part_id
        """
    return fetch_each(session, statement, BillQualities, **asked.parameters)


class TaxInvoices(NamedTuple):
    """Tax invoices of a division, and how many of them correct others."""

    division_id: int
    invoices: int
    corrective: int
    net_tiyin: int
    vat_tiyin: int
    amount_tiyin: int


def invoices(session: Session, asked: ReportRequest) -> Iterator[TaxInvoices]:
    """Yield tax invoices by the day they bear.

    Source: ``tax_invoice``.
    """
    statement = f"""
        SELECT part.part_id AS division_id, count(*) AS invoices, count(i.corrects_id) AS corrective,
               coalesce(sum(i.amount_tiyin - i.vat_tiyin), 0)::bigint AS net_tiyin, coalesce(sum(i.vat_tiyin), 0)::bigint AS vat_tiyin,
               coalesce(sum(i.amount_tiyin), 0)::bigint AS amount_tiyin
        FROM tax_invoice i {parted("i")}
        WHERE {within("i.invoiced_on")} AND {of_kind("i")}
        GROUP BY part.part_id
        """
    return fetch_each(session, statement, TaxInvoices, **asked.parameters)
