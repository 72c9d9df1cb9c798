"""What cards of demo accounts show besides energy and money: homes, residents, a document, a credit note."""

import base64
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.billing.corrections import AdjustmentKind
from app.queries.records import fetch_optional
from app.services.accounts import documents
from app.services.administration import list_views
from app.services.administration.list_views import Owner
from app.services.billing import adjustments

#: A picture of one point.
_PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
_BASIS = "namunaviy yozuv"

_HOMES = """
    UPDATE service_point p
    SET heating = (ARRAY['GAS', 'CENTRAL', 'ELECTRIC', 'SOLID_FUEL'])[1 + p.id % 4],
        stove = CASE WHEN g.code = 'HOUSEHOLD_STOVE' OR p.id % 4 = 2 THEN 'ELECTRIC' ELSE 'GAS' END,
        cadastre_number = '10:' || lpad((p.id % 100)::text, 2, '0') || ':' || lpad((p.id % 90)::text, 2, '0') || ':01:'
            || lpad((p.id % 10000)::text, 4, '0')
    FROM supply s JOIN tariff_group g ON g.id = s.tariff_group_id JOIN account a ON a.id = s.account_id
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD'
    WHERE s.service_point_id = p.id
"""
_REMARK = """
    UPDATE account SET remark = 'Hovlida it bor, nazoratchi oldindan qoʻngʻiroq qilsin'
    WHERE id = (SELECT min(a.id) FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD')
"""
_RESIDENTS = """
    INSERT INTO supply_term (division_id, account_id, kind, value_milli, valid_from, basis)
    SELECT a.division_id, a.id, 'RESIDENTS', 1000 * (1 + a.id % 6), a.opened_on, :basis
    FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' WHERE a.id % 3 = 0
"""
_BILLED = """
    SELECT a.id FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD'
    JOIN account_position p ON p.account_id = a.id AND p.debt_tiyin > 10000000 AND a.closed_on IS NULL ORDER BY a.id LIMIT 1
"""


_OPERATORS = "SELECT id FROM ab_role WHERE name = 'Billing operator'"
_COMPANY = "SELECT id FROM division WHERE parent_id IS NULL ORDER BY id LIMIT 1"


def share_views(session: Session) -> None:
    """Share with the operators of the whole company: the bills of estimated energy, and a table of energy by tariff group and month."""
    owner = Owner(role_id=fetch_optional(session, _OPERATORS, int), division_id=fetch_optional(session, _COMPANY, int))
    query = "_col=account&_col=amount_tiyin&_col=billing_month&_col=quality&_col=quantity_milli&_flt_0_quality=ESTIMATED"
    if owner.role_id:
        list_views.save(session, owner, list_name="BillView", name="Hisoblab yozilgan (taxminiy)", query=query, is_default=False)
        table = "_tbl_across=month&_tbl_down=tariff_group&_tbl_figure=sales.energy_thousand_milli&_tbl_figure=sales.net_tiyin&_tbl_span=3"
        list_views.save(session, owner, list_name="OwnTableView", name="Guruhlar oylar boʻyicha", query=table, is_default=False)


def make_details(session: Session, *, today: date) -> None:
    """Say how homes are heated and how many live there; attach a document, a credit note and a remark to an account."""
    session.execute(text(_HOMES))
    session.execute(text(_REMARK))
    session.execute(text(_RESIDENTS), {"basis": _BASIS})
    account_id = fetch_optional(session, _BILLED, int)
    if account_id is None:
        return
    picture = base64.b64decode(_PICTURE)
    documents.attach(session, account_id, title=f"Kadastr pasporti ({_BASIS})", name="kadastr.png", content=picture)
    wish = adjustments.NoteRequest(AdjustmentKind.CREDIT_NOTE, account_id, 25_000_00, _BASIS, "demo-credit")
    adjustments.adjust(session, wish, today=today)
