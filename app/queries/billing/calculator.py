"""What the calculator offers, and the words of the tariffs it priced with."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.names import shown
from app.queries.records import fetch_all


class Offer(NamedTuple):
    """A resource and a tariff group that have a price."""

    resource_id: int
    resource: str
    resource_name: str
    unit: str
    tariff_group_id: int
    tariff_group: str
    tariff_group_name: str


class TariffStep(NamedTuple):
    """A step of a tariff version, and the document it stands in."""

    version_id: int
    zone: str
    block_no: int
    tariff: str
    source: str
    lower_milli: int | None
    upper_milli: int | None


class BenefitRow(NamedTuple):
    """A discount the law grants."""

    id: int
    code: str
    name: str
    percent: Decimal
    limit_milli: int | None


def offers(session: Session, on: date) -> list[Offer]:
    """Return what has a tariff in force on a day."""
    statement = f"""
        SELECT r.id AS resource_id, r.code AS resource, {shown("r")} AS resource_name, r.unit, g.id AS tariff_group_id,
               g.code AS tariff_group,
               {shown("g")} AS tariff_group_name
        FROM tariff t JOIN resource r ON r.id = t.resource_id JOIN tariff_group g ON g.id = t.tariff_group_id
        WHERE EXISTS (SELECT 1 FROM tariff_version v WHERE v.tariff_id = t.id AND v.valid_from <= :on
                      AND (v.valid_to IS NULL OR v.valid_to > :on))
        ORDER BY r.id, g.id
        """
    return fetch_all(session, statement, Offer, on=on)


def steps(session: Session, version_ids: list[int]) -> dict[tuple[int, str, int], TariffStep]:
    """Return the steps of tariff versions by version, zone and number."""
    statement = f"""
        SELECT v.id AS version_id, b.zone, b.block_no, {shown("t")} AS tariff, v.source, lower.upper_milli AS lower_milli, b.upper_milli
        FROM tariff_version v JOIN tariff t ON t.id = v.tariff_id JOIN tariff_block b ON b.version_id = v.id
        LEFT JOIN tariff_block lower ON lower.version_id = v.id AND lower.zone = b.zone AND lower.block_no = b.block_no - 1
        WHERE v.id = ANY(:ids)
        """
    return {(step.version_id, step.zone, step.block_no): step for step in fetch_all(session, statement, TariffStep, ids=version_ids)}


def benefits(session: Session) -> list[BenefitRow]:
    """Return the benefits there are."""
    return fetch_all(session, "SELECT id, code, name, percent, limit_milli FROM benefit ORDER BY id", BenefitRow)
