"""The search box of a list: rows by what people type, in the columns that the list names.

A column is one of the table's own, a related row, or ``account``: the rows of the accounts that the search of consumers finds, by number,
name, telephone, meter or address. More accounts than ``MOST_ACCOUNTS`` are none: a part of the rows would look like all of them.

Each column is looked up by itself, so that its own index serves it; one condition of them all would read the whole table. Numbers of
documents are found by their beginning. Any part of a text is found in ``SMALL_TABLES`` alone.
"""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, String, and_, cast, false, func, inspect, or_, select, union_all
from sqlalchemy.dialects.postgresql import TSQUERY

from app import labels
from app.domain.accounts.search import AccountSearch, matches, parse
from app.domain.seals import key_of
from app.extensions import db
from app.labels import personal
from app.models.accounts import Account, ServicePoint, Supply
from app.models.billing import TaxInvoice
from app.models.equipment import MeterInstallation
from app.models.seals import Seal
from app.queries.accounts.search import account_ids

MOST_ACCOUNTS = 1000
LONGEST = 100
#: Dictionaries, settings, people of the office and their work: tables that do not grow with accounts, read as a whole.
SMALL_TABLES = frozenset(
    """ab_group ab_role ab_user alert application_kind application_source application_stage application_term approval
    bank benefit brigade campaign department device_kind device_model division division_access held_row
    job_run mahalla maintenance_kind maintenance_plan material material_norm meter_change_reason
    message_contract meter_data_source notice_stop notice_template payment_block payment_contract payment_control payment_file_layout
    penalty_hold planned_outage post prepaid_volume reply_template report_column report_row report_schedule resource seal_kind
    special_day staff_member stock_place street
    substitution tariff tariff_group tariff_version totp_device user_session vat_rate verification_interval verification_plan""".split()
)
_LAST = "\U0010ffff"
_INVOICE = re.compile(r"(?P<before>.*-)?(?P<year>[0-9]{4})-(?P<place>[0-9]{1,9})", re.DOTALL)


class TooManyAccounts(Exception):
    """More accounts match than rows are looked for; the text says so to people."""


def matching(model: Any, columns: Sequence[str], typed: str) -> ColumnElement[bool]:
    """Return the condition that a row has what was typed in one of some columns.

    :raises TooManyAccounts: if the words say too little of an account
    """
    typed = " ".join(typed.replace("\0", "").split())[:LONGEST]
    found = [condition_of(model, column, typed) for column in columns if personal.may_search(column)]
    if len(found) < 2 or model.__tablename__ in SMALL_TABLES:
        return or_(false(), *found)
    (key,) = (getattr(model, inspect(model).get_property_by_column(column).key) for column in inspect(model).primary_key)
    ways: ColumnElement[bool] = key.in_(union_all(*(select(key).where(each) for each in found)))
    return ways


def hint(columns: Sequence[str]) -> str:
    """Return what can be typed: the labels of the columns."""
    accounts_by = _("account by number, name, telephone, meter or address")
    names = [accounts_by if column == "account" else str(labels.COLUMN_LABELS[column]) for column in columns if personal.may_search(column)]
    return ", ".join(dict.fromkeys(name if name[:2].isupper() else name[:1].lower() + name[1:] for name in names))


def condition_of(model: Any, column: str, typed: str) -> ColumnElement[bool]:
    """Return the condition that a row has what was typed in a column.

    :raises TooManyAccounts: if the words say too little of an account
    """
    if column == "account":
        return _of_accounts(model, typed)
    attribute = getattr(model, column)
    if not hasattr(attribute.property, "mapper"):
        return _has(model, attribute, typed)
    related = attribute.property.mapper.class_
    (local,) = attribute.property.local_columns
    names = [getattr(related, name) for name in ("name", "serial_number", "username", "code") if hasattr(related, name)] or [related.number]
    found = select(related.id).where(or_(*(_has(related, name, typed) for name in names)))
    return getattr(model, model.__mapper__.get_property_by_column(local).key).in_(found)


def _has(model: Any, attribute: Any, typed: str) -> ColumnElement[bool]:
    """Return the condition that a column holds what was typed.

    A number whole; of names words in any order and script; of telephones the end; of small tables any part; else the beginning.
    """
    if not isinstance(attribute.type, String):
        return attribute == int(typed) if typed.isdecimal() and len(typed) < 19 else false()
    asked, is_small = parse(typed), model.__tablename__ in SMALL_TABLES
    if attribute.key == "phone":
        return _is_phone(model, attribute, asked.phone) if asked.phone else false()
    if attribute.key in {"pinfl", "stir"}:
        return attribute == asked.digits if asked.digits else false()
    if attribute is Seal.number:
        return or_(Seal.number_key == key_of(typed), _begins(attribute, typed))
    if attribute.key == "serial_number" and model.__tablename__ == "device":
        return _is_device(model, typed, asked)
    if attribute.key == "name":
        return _is_named(model, attribute, asked)
    if attribute is TaxInvoice.number:
        return _is_invoice(typed)
    return cast(attribute, String).icontains(typed, autoescape=True) if is_small else _begins(attribute, typed)


def _is_device(model: Any, typed: str, asked: AccountSearch) -> ColumnElement[bool]:
    """Return the condition that a device has a serial number, or bears a seal."""
    ways = [func.devices_sealed(typed), *([func.devices_numbered(asked.serial)] if asked.serial else [])]
    return or_(*(model.id.in_(select(each)) for each in ways))


def _begins(attribute: Any, typed: str) -> ColumnElement[bool]:
    """Return the condition that a text begins so, as typed or in capital letters, by comparisons that its index serves."""
    return or_(*(and_(attribute >= each, attribute < each + _LAST) for each in dict.fromkeys([typed, typed.upper()])))


def _is_phone(model: Any, attribute: Any, ending: str) -> ColumnElement[bool]:
    if model.__tablename__ == "consumer":
        found: ColumnElement[bool] = model.id.in_(select(func.consumers_phoned(ending)))
        return found
    return attribute.endswith(ending, autoescape=True)  # type: ignore[no-any-return]


def _is_invoice(typed: str) -> ColumnElement[bool]:
    """Return the condition that an invoice has a number: its year and its place in the year, and the branch if it was typed."""
    number = _INVOICE.fullmatch(typed)
    if number is None:
        return false()
    is_in_turn = and_(TaxInvoice.year == int(number["year"]), TaxInvoice.sequence_no == int(number["place"]))
    return and_(is_in_turn, TaxInvoice.number == typed) if number["before"] else is_in_turn


def _is_named(model: Any, attribute: Any, asked: AccountSearch) -> ColumnElement[bool]:
    if not asked.words:
        return false()
    words = cast(matches(asked.words), TSQUERY)
    if model.__tablename__ in {"consumer", "street"}:
        return model.id.in_(select(getattr(func, f"{model.__tablename__}s_named")(words)))
    return func.folded_words(attribute).op("@@", is_comparison=True)(words)


def _of_accounts(model: Any, typed: str) -> ColumnElement[bool]:
    """Return the condition that a row is of an account that was found; of places and meters, that they serve it."""
    found = found_accounts(typed)
    places = select(Supply.service_point_id).where(Supply.account_id.in_(found))
    if model is ServicePoint:
        return model.id.in_(places)
    if model is MeterInstallation:
        return model.service_point_id.in_(places)
    return (model.id if model is Account else model.account_id).in_(found)


def found_accounts(typed: str) -> list[int]:
    """Return the accounts that the search of consumers finds.

    :raises TooManyAccounts: if there are more than ``MOST_ACCOUNTS``
    """
    asked = parse(typed)
    if not (asked.digits or asked.words):
        return []
    query = account_ids(typed, personal=personal.may_read(), most=MOST_ACCOUNTS + 1).subquery()
    found = list(db.session.scalars(select(query.c.id)))
    if len(found) > MOST_ACCOUNTS:
        most = labels.number(MOST_ACCOUNTS)
        raise TooManyAccounts(_("More than %(count)s accounts match. Type more of the name, the number or the address.", count=most))
    return found
