"""Versions of tariffs: added, ended, and left as they are once bills were made with them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.domain.calendar import month_start
from app.domain.runs import RunStatus
from app.domain.tariffs import blocks_of
from app.domain.values import RATE_SCALE
from app.models.billing import BillRun
from app.models.tariffs import TariffBlock, TariffVersion


class PricesAlreadyBilled(Exception):
    """Bills were posted for a month in which the version is in force; a further version changes the price."""


def check_unbilled(session: Session, valid_from: date) -> None:
    """Refuse to touch the price of a version that bills may have been made with.

    :raises PricesAlreadyBilled: if a bill run was posted for its first month or a later one
    """
    posted = (RunStatus.POSTED, RunStatus.POSTING)
    later = select(BillRun.id).where(BillRun.status.in_(posted), BillRun.billing_month >= month_start(valid_from)).limit(1)
    if session.scalar(later):
        raise PricesAlreadyBilled


def add_version(session: Session, contents: Mapping[str, Any]) -> int:
    """Add a version with its blocks and return its id; the version it follows ends with the day before it begins.

    :param contents: tariff_id, valid_from, valid_to or nothing, source, and blocks as ``blocks_of`` reads them
    :raises PricesAlreadyBilled: if bills were made for a month it would be in force in
    :raises NotBlocks: if the blocks are none
    """
    tariff_id, begins = int(contents["tariff_id"]), date.fromisoformat(contents["valid_from"])
    check_unbilled(session, begins)
    followed = select(TariffVersion).where(
        TariffVersion.tariff_id == tariff_id,
        TariffVersion.valid_from < begins,
        TariffVersion.valid_to.is_(None) | (TariffVersion.valid_to > begins),
    )
    earlier = session.scalars(followed).one_or_none()
    ends = date.fromisoformat(contents["valid_to"]) if contents.get("valid_to") else None
    if earlier is not None:
        ends = ends or earlier.valid_to
        earlier.valid_to = begins
        session.flush()
    version = TariffVersion(tariff_id=tariff_id, valid_from=begins, valid_to=ends, source=contents["source"])
    session.add(version)
    session.flush()
    _set_blocks(session, version.id, contents["blocks"])
    return version.id


def change_version(session: Session, version_id: int, contents: Mapping[str, Any]) -> None:
    """Change a version that no bill was made with: its document, its blocks, its end.

    :raises PricesAlreadyBilled: if bills were made for a month it is in force in
    """
    version = session.get_one(TariffVersion, version_id)
    named = {"source": contents.get("source", version.source)}
    begins = date.fromisoformat(contents.get("valid_from", version.valid_from.isoformat()))
    if set(contents) & {"blocks", "valid_from", "tariff_id"}:
        check_unbilled(session, min(version.valid_from, begins))
    version.source, version.valid_from = named["source"], begins
    if "valid_to" in contents:
        _end(session, version, contents["valid_to"] and date.fromisoformat(contents["valid_to"]))
    session.flush()
    if "blocks" in contents:
        _set_blocks(session, version_id, contents["blocks"])


def end_version(session: Session, version_id: int, day: date) -> None:
    """Let a version end with the day before; bills made with its later days stand in the way.

    :raises PricesAlreadyBilled: if bills were made for the month of the day or a later one
    """
    _end(session, session.get_one(TariffVersion, version_id), day)
    session.flush()


def _end(session: Session, version: TariffVersion, day: date | None) -> None:
    moves = [each for each in (version.valid_to, day) if each is not None]
    if version.valid_to != day:
        check_unbilled(session, min(moves))
    version.valid_to = day


def _set_blocks(session: Session, version_id: int, text: str) -> None:
    session.execute(delete(TariffBlock).where(TariffBlock.version_id == version_id))
    rows = [
        {
            "version_id": version_id,
            "zone": zone,
            "block_no": number,
            "upper_milli": block.upper_milli,
            "rate": Decimal(block.rate_e4) / RATE_SCALE,
        }
        for zone, blocks in groupby(blocks_of(text), attrgetter("zone"))
        for number, block in enumerate(blocks, 1)
    ]
    session.execute(insert(TariffBlock), rows)
