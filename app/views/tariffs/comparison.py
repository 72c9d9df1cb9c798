"""Two versions of a tariff side by side, in words: the price of each range of consumption, the change, and what disappears."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _

from app import labels
from app.domain.tariffs import Block
from app.domain.tariffs.grid import change_percent, lost_prices, side_by_side, zones_of
from app.extensions import db
from app.queries import tariffs as queries
from app.queries.tariffs import HeldVersion


class PriceCells(NamedTuple):
    """The price of a range in one zone, in both versions; an empty text: none."""

    now: str
    proposed: str
    change: str


class ComparedVersions(NamedTuple):
    """Two versions side by side."""

    since: date | None
    source: str
    zones: list[str]
    rows: list[tuple[str, list[PriceCells]]]
    warnings: list[str]


def compare(tariff_id: int, blocks: Sequence[Block], *, begins: date, ends: date | None) -> ComparedVersions:
    """Return blocks that are to hold from a day on beside the version in force before it.

    :param ends: the day they end; None: when a later version begins
    """
    held = queries.version_before(db.session(), tariff_id, begins)
    return side_by_side_of(held, blocks, [*_losses(held, blocks, begins), *gap_after(tariff_id, begins, ends)])


def side_by_side_of(held: HeldVersion | None, blocks: Sequence[Block], warnings: list[str]) -> ComparedVersions:
    """Return blocks beside a version, or beside nothing."""
    now = held.blocks if held else ()
    zones = zones_of(now, blocks)
    rows = [
        (_range(step.lower_milli, step.upper_milli), [_cells(step.now, step.proposed, zone) for zone in zones])
        for step in side_by_side(now, blocks)
    ]
    since, source = (held.valid_from, held.source) if held else (None, "")
    return ComparedVersions(since, source, [labels.register(zone) for zone in zones], rows, warnings)


def _losses(held: HeldVersion | None, blocks: Sequence[Block], begins: date) -> list[str]:
    """Return a warning for each price of the version in force that its follower has not."""
    lost = lost_prices(held.blocks if held else (), blocks)
    day = labels.day(begins)
    gone = [_("%(zone)s has a price now and none from %(day)s on.", zone=labels.register(zone), day=day) for zone in lost.zones]
    steps = [
        _("%(zone)s: the step up to %(end)s is gone from %(day)s on.", zone=labels.register(zone), end=labels.quantity(end), day=day)
        for zone, end in lost.steps
    ]
    return gone + steps


def gap_after(tariff_id: int, begins: date, ends: date | None) -> list[str]:
    """Return a warning if a version that begins on a day ends on another, and none follows."""
    follower = queries.version_from(db.session(), tariff_id, ends) if ends else None
    if ends is None or (follower and follower.valid_from > begins):
        return []
    return [_("Nothing is priced from %(day)s on: no version follows.", day=labels.day(ends))]


def _cells(now: Mapping[str, int], proposed: Mapping[str, int], zone: str) -> PriceCells:
    texts = ["" if side.get(zone) is None else labels.rate_e4(side[zone]) for side in (now, proposed)]
    change = change_percent(now.get(zone), proposed.get(zone))
    return PriceCells(*texts, "" if change is None else labels.number(change, "+#,##0.0;-#,##0.0") if change else "0")


def _range(lower_milli: int, upper_milli: int | None) -> str:
    if upper_milli is None:
        return _("above %(lower)s", lower=labels.quantity(lower_milli)) if lower_milli else _("all")
    return f"{labels.quantity(lower_milli)}–{labels.quantity(upper_milli)}"
