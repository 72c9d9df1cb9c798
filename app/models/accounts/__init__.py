"""Consumers, their accounts, service points, and the dated link between account and service point."""

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, func, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.accounts import AccountStatus, Heating, Stove
from app.domain.administration.translations import catalog_text
from app.domain.reference import LANGUAGES, ConsumerKind
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Dated, Day, Key, Name, Recorded, described, enum_column, no_overlap, period_rises
from app.models.reference import Resource, Street, TariffGroup


class Consumer(Recorded, Model):
    """Who takes energy under a contract; household and legal consumers share the table."""

    __tablename__ = "consumer"
    __mapper_args__ = {"polymorphic_on": "kind"}
    __table_args__ = (
        Index("consumer_division_id_id_idx", "division_id", "id"),
        Index(
            "consumer_name_idx",
            func.lower(literal_column("name")).label("lower_name"),
            postgresql_using="gin",
            postgresql_ops={"lower_name": "gin_trgm_ops"},
        ),
        Index("consumer_phone_idx", "phone", postgresql_using="gin", postgresql_ops={"phone": "gin_trgm_ops"}),
        # Searches look into these by functions of the database: ``consumers_named``, ``consumers_phoned``.
        Index("consumer_kind_idx", "kind", "id", postgresql_include=["division_id"]),
        Index("consumer_words_idx", func.folded_words(literal_column("name")), postgresql_using="gin"),
        Index(
            "consumer_phone_end_idx",
            func.reverse(literal_column("phone")).label("phone_end"),
            postgresql_ops={"phone_end": "text_pattern_ops"},
        ),
        CheckConstraint(f"language IN {LANGUAGES}", name="consumer_language"),
        CheckConstraint("joined_to_id <> id", name="consumer_joined_to_another"),
        Index("consumer_joined_to_id_idx", "joined_to_id", postgresql_where=text("joined_to_id IS NOT NULL")),
        CheckConstraint(r"phone ~ '^\+998[0-9]{9}$'", name="consumer_phone"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    kind: Mapped[ConsumerKind] = enum_column(ConsumerKind, name="consumer_kind")
    name: Mapped[Name]
    phone: Mapped[str | None] = mapped_column(String(13))
    #: the language of bills and messages
    language: Mapped[str] = mapped_column(String(8), server_default="uz")
    #: where messages of e-mail go
    contact_email: Mapped[str | None] = mapped_column(String(320))
    #: the same consumer's other row, that took over what this one had
    joined_to_id: Mapped[int | None] = mapped_column(ForeignKey("consumer.id"))

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.name


class Account(Recorded, Model):
    """The books kept for one consumer at one place."""

    __tablename__ = "account"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("number ~ '^[0-9]{12,13}$'", name="account_number"),
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="account_period_rises"),
        Index("account_continues_id_idx", "continues_id", postgresql_where=text("continues_id IS NOT NULL")),
        Index("account_division_id_number_idx", "division_id", "number"),
        Index("account_division_id_id_idx", "division_id", "id"),
        Index("account_number_end_idx", func.reverse(literal_column("number"))),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: compared byte by byte, so that an index serves a search by its first digits
    number: Mapped[str] = mapped_column(String(13, collation="C"), unique=True)
    consumer_id: Mapped[int] = mapped_column(ForeignKey("consumer.id"), index=True)
    status: Mapped[AccountStatus] = enum_column(AccountStatus, name="account_status", server_default=AccountStatus.OPEN)
    opened_on: Mapped[Day]
    closed_on: Mapped[date | None] = mapped_column(Date)
    #: the account of the owner before, who kept his debt or advance there
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: what the office should know of it
    remark: Mapped[str | None] = mapped_column(String(300), info=described(catalog_text("Remark")))

    division: Mapped[Division] = relationship()
    consumer: Mapped[Consumer] = relationship()

    def __repr__(self) -> str:
        return self.number


class ServicePoint(Recorded, Model):
    """A place where energy passes to a consumer and is metered."""

    __tablename__ = "service_point"
    facts = frozenset({"division", "resource", "street", "house", "flat", "capacity_milli"})
    __table_args__ = (
        Index("service_point_division_id_id_idx", "division_id", "id"),
        CheckConstraint("capacity_milli BETWEEN 1 AND 10000000000", name="service_point_capacity"),
        CheckConstraint("cadastre_number ~ '^[0-9][0-9:/.-]*[0-9]$'", name="service_point_cadastre_number"),
        Index("service_point_street_id_house_idx", "street_id", "house"),
        Index("service_point_cadastre_number_idx", "cadastre_number", postgresql_where=text("cadastre_number IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id"))
    house: Mapped[str] = mapped_column(String(16))
    flat: Mapped[str | None] = mapped_column(String(16))
    #: connected capacity: the most that can pass in an hour (5 kW: 5.000 kWh an hour), until a term CAPACITY says another
    capacity_milli: Mapped[int] = mapped_column(BigInteger)
    cadastre_number: Mapped[str | None] = mapped_column(String(64))
    heating: Mapped[Heating | None] = enum_column(Heating, name="service_point_heating")
    stove: Mapped[Stove | None] = enum_column(Stove, name="service_point_stove")

    division: Mapped[Division] = relationship()
    resource: Mapped[Resource] = relationship()
    street: Mapped[Street] = relationship()

    def __repr__(self) -> str:
        flat = f"-{self.flat}" if self.flat else ""
        return f"{self.street}, {self.house}{flat}"


class Supply(Recorded, Dated, Model):
    """An account's supply at its service point under a tariff group, for a period; one at a time."""

    __tablename__ = "supply"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("supply_division_id_id_idx", "division_id", "id"),
        no_overlap("supply", "service_point_id"),
        no_overlap("supply_of_account", "account_id"),
        period_rises("supply"),
        Index("supply_present_idx", "service_point_id", postgresql_where=text("valid_to IS NULL")),
        # Bill runs read a supply from the index alone.
        Index(
            "supply_account_id_idx",
            "account_id",
            "valid_from",
            postgresql_include=["valid_to", "service_point_id", "tariff_group_id", "begins_anew"],
        ),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    tariff_group_id: Mapped[int] = mapped_column(ForeignKey("tariff_group.id"))
    #: the account is billed to the day before first: another consumer took it over, or it was closed and reopened
    begins_anew: Mapped[bool] = mapped_column(server_default=text("false"))

    account: Mapped[Account] = relationship()
    service_point: Mapped[ServicePoint] = relationship()
    tariff_group: Mapped[TariffGroup] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} · {self.service_point}"


class UnmeteredSupply(Model):
    """A supply that goes on without a meter and without a norm in its place; kept by triggers, because such supplies are few among all."""

    __tablename__ = "unmetered_supply"
    facts = EVERY_COLUMN
    __table_args__ = (Index("unmetered_supply_division_id_idx", "division_id", "supply_id"),)

    supply_id: Mapped[int] = mapped_column(ForeignKey("supply.id", ondelete="CASCADE"), primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: the first day without a meter
    since: Mapped[Day]
