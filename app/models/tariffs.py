"""Tariffs, their dated versions and the blocks of a version."""

from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Numeric, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.tariffs import ZONES
from app.models.columns import Dated, Key, NamedInLanguages, Recorded, Retirable, no_overlap, period_rises
from app.models.reference import Resource, TariffGroup


class Tariff(NamedInLanguages, Recorded, Retirable, Model):
    """Prices of one resource for one tariff group."""

    __tablename__ = "tariff"
    __table_args__ = (UniqueConstraint("resource_id", "tariff_group_id"),)

    id: Mapped[Key]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    tariff_group_id: Mapped[int] = mapped_column(ForeignKey("tariff_group.id"))

    resource: Mapped[Resource] = relationship()
    tariff_group: Mapped[TariffGroup] = relationship()
    versions: Mapped[list["TariffVersion"]] = relationship(back_populates="tariff", passive_deletes="all")


class TariffVersion(Recorded, Dated, Model):
    """What a tariff costs in a period, and the document that says so."""

    __tablename__ = "tariff_version"
    __table_args__ = (no_overlap("tariff_version", "tariff_id"), period_rises("tariff_version"))

    id: Mapped[Key]
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id"))
    source: Mapped[str] = mapped_column(String(300))

    tariff: Mapped[Tariff] = relationship(back_populates="versions")
    blocks: Mapped[list["TariffBlock"]] = relationship(back_populates="version", order_by="TariffBlock.id", passive_deletes="all")

    def __repr__(self) -> str:
        return f"{self.tariff} · {self.valid_from:%d.%m.%Y}"


class TariffBlock(Recorded, Model):
    """A step of monthly consumption with its own rate."""

    __tablename__ = "tariff_block"
    __table_args__ = (
        UniqueConstraint("version_id", "zone", "block_no"),
        UniqueConstraint("version_id", "zone", "upper_milli", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"zone IN {ZONES}", name="tariff_block_zone"),
        CheckConstraint("upper_milli > 0", name="tariff_block_upper_positive"),
        CheckConstraint("rate >= 0", name="tariff_block_rate_not_negative"),
    )

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("tariff_version.id"))
    #: register code of what it prices
    zone: Mapped[str] = mapped_column(String(16), server_default="TOTAL")
    block_no: Mapped[int] = mapped_column(SmallInteger)
    #: end of the step, thousandths a month; empty: no end
    upper_milli: Mapped[int | None] = mapped_column(BigInteger)
    #: soʻm per unit, VAT included
    rate: Mapped[Decimal] = mapped_column(Numeric(14, 4))

    version: Mapped[TariffVersion] = relationship(back_populates="blocks")

    def __repr__(self) -> str:
        return f"{self.version} · {self.zone} {self.block_no}"
