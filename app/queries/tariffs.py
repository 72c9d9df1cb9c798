"""Tariffs as the price table the engine works with."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain import tariffs
from app.domain.calendar import NO_END, day_number
from app.domain.tariffs import Block, PriceTable, Version
from app.domain.values import rate_e4_of
from app.models.reference import VatRate
from app.models.tariffs import Tariff, TariffBlock, TariffVersion
from app.queries.names import shown
from app.queries.records import fetch_all


class Prices(NamedTuple):
    """All tariffs: the table, and the place of each (resource, tariff group) in it."""

    table: PriceTable
    places: dict[tuple[int, int], int]


class Proposal(NamedTuple):
    """Blocks that a tariff is to have from a day on."""

    tariff_id: int
    from_day: int
    blocks: tuple[Block, ...]


class HeldVersion(NamedTuple):
    """A version of a tariff with its blocks."""

    id: int
    valid_from: date
    valid_to: date | None
    source: str
    blocks: tuple[Block, ...]


class WaitingDraft(NamedTuple):
    """A version that waits for approval or for its day."""

    approval_id: int
    valid_from: date


def version_before(session: Session, tariff_id: int, day: date) -> HeldVersion | None:
    """Return the version of a tariff in force the day before a day, which a version from that day on follows."""
    before = TariffVersion.valid_to.is_(None) | (TariffVersion.valid_to >= day)
    return _held(session, TariffVersion.tariff_id == tariff_id, TariffVersion.valid_from < day, before)


def version_from(session: Session, tariff_id: int, day: date) -> HeldVersion | None:
    """Return the version of a tariff in force on a day."""
    on = TariffVersion.valid_to.is_(None) | (TariffVersion.valid_to > day)
    return _held(session, TariffVersion.tariff_id == tariff_id, TariffVersion.valid_from <= day, on)


def waiting_drafts(session: Session, tariff_id: int) -> list[WaitingDraft]:
    """Return the new versions of a tariff that wait for approval or for their day, in the order of their days."""
    statement = """
        SELECT c.approval_id, coalesce((c.contents ->> 'valid_from')::date, c.valid_from) AS valid_from FROM reference_change c
        WHERE c.table_name = 'tariff_version' AND c.kind = 'ADD' AND c.status IN ('DRAFT', 'APPROVED')
          AND (c.contents ->> 'tariff_id')::bigint = :tariff_id ORDER BY 2, c.id
    """
    return fetch_all(session, statement, WaitingDraft, tariff_id=tariff_id)


def _held(session: Session, *conditions: ColumnElement[bool]) -> HeldVersion | None:
    found = session.scalar(select(TariffVersion).where(*conditions).order_by(TariffVersion.valid_from.desc()).limit(1))
    if found is None:
        return None
    blocks = tuple(Block(each.upper_milli, rate_e4_of(each.rate), each.zone) for each in found.blocks)
    return HeldVersion(found.id, found.valid_from, found.valid_to, found.source, blocks)


def prices(session: Session, proposal: Proposal | None = None) -> Prices:
    """Return every version of every tariff, cut where the VAT rate changes.

    :param proposal: stands in for the versions of its tariff from its day on
    """
    vat = _vat_periods(session)
    blocks: dict[int, list[Block]] = defaultdict(list)
    for version_id, upper, rate, zone in session.execute(
        select(TariffBlock.version_id, TariffBlock.upper_milli, TariffBlock.rate, TariffBlock.zone).order_by(
            TariffBlock.version_id, TariffBlock.upper_milli.nulls_last(), TariffBlock.id
        )
    ):
        blocks[version_id].append(Block(upper, rate_e4_of(rate), zone))
    versions: dict[int, list[Version]] = defaultdict(list)
    for row in session.execute(
        select(TariffVersion.tariff_id, TariffVersion.id, TariffVersion.valid_from, TariffVersion.valid_to).order_by(
            TariffVersion.tariff_id, TariffVersion.valid_from
        )
    ):
        if blocks[row.id]:
            versions[row.tariff_id] += _cut_by_vat(row.id, row.valid_from, row.valid_to, tuple(blocks[row.id]), vat)
    if proposal:
        versions[proposal.tariff_id] = [part for each in versions[proposal.tariff_id] for part in _proposed(each, proposal)]
    known = session.execute(select(Tariff.id, Tariff.resource_id, Tariff.tariff_group_id).order_by(Tariff.id)).all()
    index = {(row.resource_id, row.tariff_group_id): place for place, row in enumerate(known)}
    return Prices(tariffs.price_table([tuple(versions[row.id]) for row in known]), index)


def _proposed(version: Version, proposal: Proposal) -> list[Version]:
    """Return a version with the proposed blocks from their day on; one that has these blocks already stays whole."""
    end = NO_END if version.to_day is None else version.to_day
    if end <= proposal.from_day or set(version.blocks) == set(proposal.blocks):
        return [version]
    after = version._replace(from_day=max(version.from_day, proposal.from_day), blocks=proposal.blocks)
    return [after] if version.from_day >= proposal.from_day else [version._replace(to_day=proposal.from_day), after]


def vat_percent_e2(session: Session, day: date) -> int:
    """Return the VAT rate of a day in percent · 100."""
    number = day_number(day)
    return next(percent for start, end, percent in _vat_periods(session) if start <= number < end)


def _vat_periods(session: Session) -> list[tuple[int, int, int]]:
    """Return (first day, end day, percent · 100) of each VAT rate; before the first rate there is none."""
    rows = session.execute(select(VatRate.valid_from, VatRate.percent).order_by(VatRate.valid_from)).all()
    starts = [day_number(date(1970, 1, 1)), *(day_number(row.valid_from) for row in rows)]
    percents = [Decimal(0), *(row.percent for row in rows)]
    return [(start, end, int(percent * 100)) for start, end, percent in zip(starts, [*starts[1:], NO_END], percents, strict=True)]


def _cut_by_vat(
    version_id: int, valid_from: date, valid_to: date | None, blocks: tuple[Block, ...], vat: list[tuple[int, int, int]]
) -> list[Version]:
    first, end = day_number(valid_from), NO_END if valid_to is None else day_number(valid_to)
    pieces = [(max(first, start), min(end, stop), percent) for start, stop, percent in vat if start < end and stop > first]
    return [Version(version_id, start, stop, percent, blocks) for start, stop, percent in pieces]


class TariffInForce(NamedTuple):
    """A step of a tariff that is in force, as everybody may read it."""

    #: of the tariff, by resource and tariff group
    place: int
    resource: str
    unit: str
    tariff_group: str
    tariff: str
    source: str
    valid_from: date
    zone: str
    block_no: int
    lower_milli: int | None
    upper_milli: int | None
    rate: Decimal


_IN_FORCE = f"""
    SELECT dense_rank() OVER (ORDER BY r.id, g.id, t.id) AS place, {shown("r")} AS resource, r.unit,
           {shown("g")} AS tariff_group, {shown("t")} AS tariff, v.source,
           v.valid_from, b.zone, b.block_no, lower.upper_milli AS lower_milli, b.upper_milli, b.rate
    FROM tariff t JOIN resource r ON r.id = t.resource_id JOIN tariff_group g ON g.id = t.tariff_group_id
    JOIN tariff_version v ON v.tariff_id = t.id AND v.valid_from <= :on AND (v.valid_to IS NULL OR v.valid_to > :on)
    JOIN tariff_block b ON b.version_id = v.id
    LEFT JOIN tariff_block lower ON lower.version_id = v.id AND lower.zone = b.zone AND lower.block_no = b.block_no - 1
    {{0}}
    ORDER BY r.id, g.id, t.id, b.zone, b.block_no
"""


def in_force(session: Session, on: date) -> list[TariffInForce]:
    """Return every tariff that is in force on a day, step by step."""
    return fetch_all(session, _IN_FORCE.format(""), TariffInForce, on=on)


def in_force_for(session: Session, account_id: int, on: date) -> list[TariffInForce]:
    """Return the tariff by which an account is billed on a day, step by step."""
    supplied = """
        WHERE (t.resource_id, t.tariff_group_id) IN (
            SELECT sp.resource_id, s.tariff_group_id FROM supply s JOIN service_point sp ON sp.id = s.service_point_id
            WHERE s.account_id = :account_id AND s.valid_from <= :on AND (s.valid_to IS NULL OR s.valid_to > :on))
        """
    return fetch_all(session, _IN_FORCE.format(supplied), TariffInForce, account_id=account_id, on=on)
