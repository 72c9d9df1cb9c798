"""Kinds of applications: which may be filed, whether values fit what they ask, their route and their term in working days."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import jsonschema
from sqlalchemy.orm import Session

from app.domain.accounts import AccountStatus
from app.domain.applications import WORKS, AccountNeed, ApplicationRefusal, ApplicationRefused, ApplicationWork, FilingRight
from app.domain.applications.forms import FormField, form_fields, normalized, parse_schema
from app.domain.calendar import working_day_after, working_days_between
from app.domain.identifiers import InvalidIdentifier
from app.domain.readers import Misread
from app.gateways.public_holidays import is_working_day
from app.queries import applications as queries
from app.queries.applications import KindRecord, StageRecord

#: Which accounts a kind is offered on.
_STANDS = {AccountNeed.OPEN: {AccountStatus.OPEN}, AccountNeed.CLOSED: {AccountStatus.CLOSED}}
#: Days in which corrected days are looked for: twice the longest term, holidays included.
_AHEAD = timedelta(days=800)


def is_possible(kind: KindRecord) -> bool:
    """Return whether applications of a kind can be filed: it is switched on, it has a work that is built, and a term holds."""
    return kind.is_active and kind.work is not None and ApplicationWork(kind.work) in WORKS and kind.term_days is not None


def offered(session: Session, on: date) -> list[KindRecord]:
    """Return the kinds of which applications can be filed on a day."""
    return [each for each in queries.kinds(session, on) if is_possible(each)]


def offered_on(session: Session, status: str, on: date) -> list[KindRecord]:
    """Return the kinds the consumer of an account may file himself, as the account stands."""
    found = []
    for each in offered(session, on):
        need = WORKS[ApplicationWork(each.work or "")].account
        if each.filing_right != FilingRight.STAFF and status in _STANDS.get(need, {status}):
            found.append(each)
    return found


def kind_of(session: Session, code: str, on: date) -> KindRecord:
    """Return a kind of which applications can be filed on a day.

    :raises ApplicationRefused: if there is none of that code, it is switched off, or no term holds
    """
    found = queries.kind(session, code, on)
    if found is None:
        raise ApplicationRefused(ApplicationRefusal.UNKNOWN_KIND, code)
    if not found.is_active or found.work is None:
        raise ApplicationRefused(ApplicationRefusal.INACTIVE_KIND, found.name)
    if found.term_days is None:
        raise ApplicationRefused(ApplicationRefusal.NO_TERM, found.name)
    return found


def schema_of(session: Session, schema_text: str, on: date) -> dict[str, Any]:
    """Return a schema whose choices among rows of a dictionary (``x-rows``) are those of a day.

    :raises NotASchema: if it makes no form
    """
    schema = parse_schema(schema_text)
    for rule in schema.get("properties", {}).values():
        if rule.get("x-rows") == "benefit":
            rows = queries.benefits(session, on)
            rule |= {"enum": [each.code for each in rows], "x-words": {each.code: {"uz": each.name} for each in rows}}
    return schema


def fields_of(session: Session, schema_text: str, language: str, on: date) -> list[FormField]:
    """Return the fields of a kind's form.

    :raises NotASchema: if its schema makes no form
    """
    return form_fields(schema_of(session, schema_text, on), language)


def checked(session: Session, schema_text: str, values: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return values that fit a schema, texts as their formats write them.

    :raises ApplicationRefused: naming the first field that does not fit
    """
    schema = schema_of(session, schema_text, on)
    faults = sorted(jsonschema.Draft202012Validator(schema).iter_errors(dict(values)), key=lambda fault: [str(each) for each in fault.path])
    if faults:
        column = str(faults[0].path[0]) if faults[0].path else _named_in(faults[0])
        raise ApplicationRefused(ApplicationRefusal.WRONG_FIELDS, column or faults[0].message[:100], column=column)
    result = dict(values)
    for field in form_fields(schema, ""):
        if isinstance(result.get(field.name), str):
            try:
                result[field.name] = normalized(field, result[field.name])
            except (Misread, InvalidIdentifier) as fault:
                raise ApplicationRefused(ApplicationRefusal.WRONG_FIELDS, field.name, column=field.name) from fault
    return result


def _named_in(fault: jsonschema.ValidationError) -> str | None:
    """Return the property that is missing, or that the schema does not know."""
    if fault.validator == "required":
        return next((name for name in fault.validator_value if name not in fault.instance), None)
    known = fault.schema.get("properties", {}) if isinstance(fault.schema, Mapping) else {}
    return next((str(name) for name in fault.instance if name not in known), None) if isinstance(fault.instance, Mapping) else None


def route(session: Session, kind_id: int, on: date) -> list[StageRecord]:
    """Return the stages of a kind in their order."""
    return queries.stages(session, kind_id, on)


def working(session: Session, start: date) -> Callable[[date], bool]:
    """Return what tells working days from a day on: the office's special days, else the usual calendar."""
    special = queries.special_days(session, start, start + _AHEAD)
    return lambda day: special[day] if day in special else is_working_day(day)


def term_of(session: Session, filed_on: date, days: int) -> date:
    """Return the last day of a term of so many working days; the day of filing is not counted."""
    return working_day_after(filed_on, days, working(session, filed_on))


def prolonged(session: Session, term_on: date, *, since: date, until: date) -> date:
    """Return a term that stood still while the consumer was asked, from one day to another."""
    waited = working_days_between(since, until, working(session, since))
    return working_day_after(term_on, waited, working(session, term_on))
