"""Reference information: resources, tariff groups, VAT, banks, benefits, brigades, reasons, mahallas and streets."""

from datetime import date
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.reference import ConsumerKind
from app.models.administration import Division
from app.models.columns import Code, Key, Name, NamedInLanguages, Quantity, Recorded, Retirable, enum_column


class Resource(NamedInLanguages, Recorded, Retirable, Model):
    """What is sold: electricity, gas, heat, water."""

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint("quantum_milli > 0", name="resource_quantum_positive"),
        CheckConstraint("catalog_code ~ '^[0-9]{17}$'", name="resource_catalog_code"),
        CheckConstraint("measure_code ~ '^[0-9]{1,8}$'", name="resource_measure_code"),
    )

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    #: kWh, m³, Gcal
    unit: Mapped[str] = mapped_column(String(16))
    #: smallest billable quantity; one unit bills whole units
    quantum_milli: Mapped[Quantity] = mapped_column(server_default=text("1000"))
    #: MXIK, the code of the catalogue tasnif.soliq.uz; a tax invoice cannot be sent without it
    catalog_code: Mapped[str | None] = mapped_column(String(17))
    #: the unit's number in tax invoices
    measure_code: Mapped[str | None] = mapped_column(String(8))


class TariffGroup(NamedInLanguages, Recorded, Retirable, Model):
    """Consumers that share a tariff."""

    __tablename__ = "tariff_group"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    consumer_kind: Mapped[ConsumerKind] = enum_column(ConsumerKind, name="tariff_group_consumer_kind")


class VatRate(Recorded, Model):
    """Value-added tax from a day on."""

    __tablename__ = "vat_rate"
    __table_args__ = (CheckConstraint("percent BETWEEN 0 AND 50", name="vat_rate_percent"),)

    id: Mapped[Key]
    valid_from: Mapped[date] = mapped_column(Date, unique=True)
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    source: Mapped[str] = mapped_column(String(300))

    def __repr__(self) -> str:
        return f"{self.percent} %"


class Bank(Recorded, Retirable, Model):
    """A bank and its code (MFO)."""

    __tablename__ = "bank"
    __table_args__ = (CheckConstraint("mfo ~ '^[0-9]{5}$'", name="bank_mfo"),)

    id: Mapped[Key]
    mfo: Mapped[str] = mapped_column(String(5), unique=True)
    name: Mapped[Name]

    def __repr__(self) -> str:
        return f"{self.mfo} {self.name}"


class Benefit(NamedInLanguages, Recorded, Retirable, Model):
    """A discount the law grants a household."""

    __tablename__ = "benefit"
    __table_args__ = (
        CheckConstraint("percent > 0 AND percent <= 100", name="benefit_percent"),
        CheckConstraint("limit_milli > 0", name="benefit_limit"),
    )

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    #: energy a month it covers, thousandths; empty: all
    limit_milli: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(300))


class Mahalla(Recorded, Retirable, Model):
    """A neighbourhood community."""

    __tablename__ = "mahalla"
    __table_args__ = (
        UniqueConstraint("division_id", "name"),
        Index("mahalla_words_idx", func.folded_words(literal_column("name")), postgresql_using="gin"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    name: Mapped[Name]

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.name


class Brigade(Recorded, Retirable, Model):
    """People of a division who install, exchange and read meters and go out to supplies."""

    __tablename__ = "brigade"
    __table_args__ = (UniqueConstraint("division_id", "name"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    name: Mapped[Name]

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.name


class MeterChangeReason(NamedInLanguages, Recorded, Retirable, Model):
    """Why a meter is installed, removed or exchanged."""

    __tablename__ = "meter_change_reason"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)


class Street(Recorded, Retirable, Model):
    """A street of a district."""

    __tablename__ = "street"
    __table_args__ = (
        UniqueConstraint("division_id", "name"),
        Index("street_name_idx", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        Index("street_words_idx", func.folded_words(literal_column("name")), postgresql_using="gin"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    mahalla_id: Mapped[int | None] = mapped_column(ForeignKey("mahalla.id"), index=True)
    name: Mapped[Name]

    division: Mapped[Division] = relationship()
    mahalla: Mapped[Mahalla | None] = relationship()

    def __repr__(self) -> str:
        return self.name
