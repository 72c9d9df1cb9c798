"""What dated terms and benefits say on a day, and where they cut a bill."""

from typing import NamedTuple

import numpy as np

from app.domain import tariffs
from app.domain.billing.records import TERM_KINDS, Benefits, BillingInput, EarlierTariffs, SupplyTerms, TermKind, chosen
from app.domain.calendar import DAY_BITS, DAY_MASK
from app.domain.values import Flags, Integers, members_of

#: Terms that change what energy costs.
PRICING = (TermKind.FAMILIES, TermKind.CONTRACT_LIMIT, TermKind.DEMAND, TermKind.TG_NORM)
LOSSES = (TermKind.LOSS_PERCENT, TermKind.LOSS_BOUNDARY)
NORM = (TermKind.UNMETERED_NORM,)


class Granted(NamedTuple):
    """The benefit in force for each segment; a percentage of nothing: none."""

    percent_e2: Integers
    limit_milli: Integers
    id: Integers


def of_kinds(terms: SupplyTerms, kinds: tuple[TermKind, ...]) -> SupplyTerms:
    """Return the terms of some kinds."""
    return chosen(terms, np.isin(terms.kind, [TERM_KINDS.index(kind) for kind in kinds]))


def in_force(terms: SupplyTerms, kind: TermKind, account: Integers, day: Integers) -> tuple[Integers, Flags]:
    """Return the value of a kind of term for accounts on days, and where there is one."""
    own = of_kinds(terms, (kind,))
    if not len(own.account):
        return np.zeros(len(account), dtype=np.int64), np.zeros(len(account), dtype=bool)
    at = np.searchsorted((own.account << DAY_BITS) + own.from_day, (account << DAY_BITS) + day, "right") - 1
    found = np.maximum(at, 0)
    holds = (at >= 0) & (own.account[found] == account) & (day < own.to_day[found])
    return np.where(holds, own.value_milli[found], 0), holds


def cuts(rows: SupplyTerms | Benefits) -> Integers:
    """Return the days on which terms or benefits begin and end, as cut keys of their accounts."""
    base = rows.account << DAY_BITS
    return np.concatenate([base + rows.from_day, base + rows.to_day])


def tariff_of(given: BillingInput, account: Integers, day: Integers) -> Integers:
    """Return the tariff of accounts on days."""
    present, earlier = given.accounts.tariff[account], given.rules.earlier
    if not len(earlier.account):
        return present
    at = np.searchsorted((earlier.account << DAY_BITS) + earlier.from_day, (account << DAY_BITS) + day, "right") - 1
    found = np.maximum(at, 0)
    holds = (at >= 0) & (earlier.account[found] == account) & (day < earlier.to_day[found])
    return np.where(holds, earlier.tariff[found], present)


def tariff_cuts(given: BillingInput, billed: Integers) -> Integers:
    """Return the days on which the price of accounts changes, by their own tariffs, as cut keys."""
    table, earlier = given.table, given.rules.earlier
    cuts = tariffs.changes_between(table, given.accounts.tariff[billed], billed)
    if not len(earlier.account):
        return cuts
    account, day = cuts >> DAY_BITS, cuts & DAY_MASK
    present = cuts[tariff_of(given, account, day) == given.accounts.tariff[account]]
    row, day = tariffs.version_days(table, earlier.tariff)
    within = np.clip(day, earlier.from_day[row], earlier.to_day[row])
    before = (earlier.account[row] << DAY_BITS) + within
    return np.concatenate([present, before, _ends(earlier)])


def _ends(earlier: EarlierTariffs) -> Integers:
    return (earlier.account << DAY_BITS) + earlier.to_day


def granted(benefits: Benefits, account: Integers, day: Integers) -> Granted:
    """Return the benefit with the largest percentage in force for accounts on days; of equal ones the first."""
    none = np.zeros(len(account), dtype=np.int64)
    result = Granted(none, none - 1, none.copy())
    if not len(benefits.account):
        return result
    first = np.searchsorted(benefits.account, account, "left")
    count = np.searchsorted(benefits.account, account, "right") - first
    owner, place = members_of(count)
    row = first[owner] + place
    holds = (benefits.from_day[row] <= day[owner]) & (day[owner] < benefits.to_day[row])
    owner, row = owner[holds], row[holds]
    order = np.lexsort((benefits.id[row], -benefits.percent_e2[row], owner))
    owner, row = owner[order], row[order]
    best = np.append(True, owner[1:] != owner[:-1]) if len(owner) else np.zeros(0, dtype=bool)
    owner, row = owner[best], row[best]
    for column, values in zip(result, (benefits.percent_e2, benefits.limit_milli, benefits.id), strict=True):
        column[owner] = values[row]
    return result
