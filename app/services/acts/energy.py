"""How the energy of a month splits among the meters that counted it, and what each part costs: as billed, or as it would be billed now."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.billing import COMPONENTS, QUALITIES, BillingOutcome
from app.domain.billing.records import ENERGY
from app.domain.calendar import day_of, month_start, months_after
from app.domain.metering import costs
from app.domain.tariffs import ZONES
from app.queries import acts as standing
from app.queries import billing, tariffs
from app.queries.acts import meters as queries
from app.queries.acts.meters import BilledSpan
from app.services.billing import policy_on
from app.services.billing.runs import compute

assert COMPONENTS[ENERGY] == "ENERGY"


class _Part(NamedTuple):
    """Energy in a span, and the reading that closed it."""

    later_reading_id: int
    zone: str
    period_from: date
    period_to: date
    quantity_milli: int
    quality: str


class _Month(NamedTuple):
    """A bill, or what it would be."""

    month: date
    is_billed: bool
    quantity_milli: int
    amount_tiyin: int
    parts: Sequence[_Part]
    charged_tiyin: Mapping[str, int]


def split(session: Session, account_id: int, day: date, *, today: date) -> list[dict[str, Any]]:
    """Return as JSON the bills of a day's month, or what the next would be if it were made now: energy and costs by meter."""
    billed_to = standing.standing(session, account_id).billed_to
    if billed_to is not None and billed_to >= day:
        since = month_start(day)
        return _as_json(session, _billed(session, queries.billed_spans(session, account_id, since, months_after(since, 1))))
    return _as_json(session, _to_bill(session, account_id, day, today))


def _billed(session: Session, spans: Sequence[BilledSpan]) -> Iterable[_Month]:
    charges = queries.zone_charges(session, sorted({each.bill_id for each in spans}))
    for bill_id, rows in groupby(spans, attrgetter("bill_id")):
        found = list(rows)
        parts = [_Part(r.later_reading_id or 0, r.zone, r.period_from, r.period_to, r.quantity_milli, r.quality) for r in found]
        charged = {each.zone: each.amount_tiyin for each in charges if each.bill_id == bill_id}
        yield _Month(found[0].month, True, found[0].bill_quantity_milli, found[0].bill_amount_tiyin, parts, charged)


def _to_bill(session: Session, account_id: int, day: date, today: date) -> Iterable[_Month]:
    """Yield what the engine makes of the account's next month if it is closed by its last reading."""
    billed = standing.standing(session, account_id).billed_month
    month = max(month_start(day), months_after(billed, 1) if billed else month_start(day))
    prices, policy = tariffs.prices(session), policy_on(session, today)._replace(closing_from_day=1)
    chunk = billing.chunk(session, prices, ids=np.array([account_id], dtype=np.int64), month=month, lock=False)
    outcome = compute(chunk, prices, month=month, policy=policy)
    if len(outcome.bills.account):
        quantity, amount = int(outcome.bills.quantity_milli[0]), int(outcome.bills.amount_tiyin[0])
        yield _Month(month, False, quantity, amount, _parts(outcome), _charges(outcome))


def _parts(outcome: BillingOutcome) -> list[_Part]:
    taken = outcome.consumptions
    columns = (taken.later_reading_id, taken.zone, taken.from_day, taken.to_day, taken.quantity_milli, taken.quality)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        _Part(reading, ZONES[zone], day_of(first), day_of(last), quantity, QUALITIES[quality])
        for reading, zone, first, last, quantity, quality in rows
    ]


def _charges(outcome: BillingOutcome) -> dict[str, int]:
    lines = outcome.lines
    of_energy = lines.component == ENERGY
    zones = lines.zone[of_energy]
    return {ZONES[zone]: int(lines.amount_tiyin[of_energy][zones == zone].sum()) for zone in np.unique(zones).tolist()}


def _as_json(session: Session, months: Iterable[_Month]) -> list[dict[str, Any]]:
    found = list(months)
    serials = queries.meters_read(session, sorted({part.later_reading_id for each in found for part in each.parts}))
    result = []
    for each in found:
        amounts = costs([(part.zone, part.quantity_milli) for part in each.parts], each.charged_tiyin)
        parts = [_part_as_json(part, serials, amount) for part, amount in zip(each.parts, amounts, strict=True)]
        plain = {"month": each.month.isoformat(), "is_billed": each.is_billed}
        result.append(plain | {"quantity_milli": each.quantity_milli, "amount_tiyin": each.amount_tiyin, "parts": parts})
    return result


def _part_as_json(part: _Part, serials: Mapping[int, str], amount_tiyin: int) -> dict[str, Any]:
    return {
        "meter": serials.get(part.later_reading_id, ""), "register": part.zone, "quality": part.quality,
        "period_from": part.period_from.isoformat(), "period_to": part.period_to.isoformat(),
        "quantity_milli": part.quantity_milli, "amount_tiyin": amount_tiyin,
    }  # fmt: skip
