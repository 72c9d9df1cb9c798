"""What the demo has to try: an account of each kind, the last message to it, and a link of one purpose."""

from typing import NamedTuple

from flask import current_app

from app import clock
from app.domain.portal import LinkPurpose
from app.extensions import db, transaction
from app.queries.records import fetch_optional
from app.services import links

_KINDS = {
    "household with debt": "c.kind = 'HOUSEHOLD' AND p.debt_tiyin > 0",
    "household without debt": "c.kind = 'HOUSEHOLD' AND p.debt_tiyin = 0 AND p.advance_tiyin = 0",
    "advance": "p.advance_tiyin > 0",
    "large debtor": "p.debt_tiyin > 40000000",
    "legal": "c.kind = 'LEGAL'",
    "legal with current transformers": (
        "EXISTS (SELECT 1 FROM meter_installation i WHERE i.service_point_id = s.service_point_id AND i.ct_primary > 1)"
    ),
    "electric stove": "g.code = 'HOUSEHOLD_STOVE'",
    "meter exchanged": "(SELECT count(*) FROM meter_installation i WHERE i.service_point_id = s.service_point_id) > 1",
    "meter rolled over": "EXISTS (SELECT 1 FROM consumption x WHERE x.account_id = a.id AND x.rolled_over)",
    "estimated": "p.actual_to < p.billed_to",
}


class _Shown(NamedTuple):
    number: str
    phone: str


def accounts_to_try() -> list[dict[str, str]]:
    """Return an account number for each kind there is an account of; telephones get codes of the portal."""
    result: list[dict[str, str]] = []
    for kind, condition in _KINDS.items():
        statement = f"""
                SELECT a.number, coalesce(c.phone, '') AS phone FROM account a JOIN consumer c ON c.id = a.consumer_id
                JOIN account_position p ON p.account_id = a.id
                JOIN supply s ON s.account_id = a.id JOIN tariff_group g ON g.id = s.tariff_group_id
                WHERE ({condition}) AND c.phone IS NOT NULL AND NOT a.number = ANY(:taken)
                ORDER BY (SELECT code = '1726901' FROM division d WHERE d.id = a.division_id) DESC, a.number LIMIT 1
                """
        row = fetch_optional(db.session(), statement, _Shown, taken=[each["number"] for each in result])
        if row:
            result.append({"kind": kind, **row._asdict()})
    return result


def last_message(number: str) -> str | None:
    """Return the newest message to an account, or to a telephone of nobody's; a code stands in it only while the message waits."""
    statement = """
        SELECT n.text FROM notice n LEFT JOIN account a ON a.id = n.account_id
        WHERE a.number = :number OR (n.account_id IS NULL AND n.phone = :number) ORDER BY n.id DESC LIMIT 1
        """
    return fetch_optional(db.session(), statement, str, number=number)


def make_link(number: str, purpose: LinkPurpose) -> str | None:
    """Make a link of one purpose and return its address; None: there is no such account.

    :param number: of the account; empty: of the first one to try
    """
    chosen = number or accounts_to_try()[0]["number"]
    account_id = fetch_optional(db.session(), "SELECT id FROM account WHERE number = :number", int, number=chosen)
    if account_id is None:
        return None
    terms = links.terms_of(current_app.config)
    with transaction() as session:
        return terms.address_of(links.make(session, account_id, purpose, key=terms.key, now=clock.now()))
