"""Autonomous divisions: their nodes, what passes between them and the centre, and what went wrong on the way."""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.administration.nodes import PackageDirection, PackageKind
from app.models.administration.divisions import Division
from app.models.columns import BigInt, Key, Name, Recorded, enum_column


class Node(Recorded, Model):
    """A database with a part of the company's work: number 0 is the centre, the others work for a division and all below it."""

    __tablename__ = "node"
    __table_args__ = (CheckConstraint("number BETWEEN 0 AND 8191", name="node_number"), UniqueConstraint("number"))

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[Name]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: Ed25519, 64 hexadecimal digits; packages are checked with it
    public_key: Mapped[str] = mapped_column(String(64))
    #: whether it exchanges by replication; others by package files
    is_linked: Mapped[bool] = mapped_column(Boolean)
    #: when the division came back to the centre; empty while the node works
    dropped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.number} {self.name}"


class NodeSetting(Model):
    """Which node this database is; without a row it is the centre."""

    __tablename__ = "node_setting"
    __table_args__ = (CheckConstraint("id = 1", name="node_setting_one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, server_default=text("1"), autoincrement=False)
    number: Mapped[int] = mapped_column(SmallInteger)


class NodeState(Model):
    """A node's heartbeat: which version of the reference information it works on, and when the last one came."""

    __tablename__ = "node_state"

    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    reference_release: Mapped[BigInt]
    #: bytes of its changes the centre had not confirmed
    waiting_bytes: Mapped[BigInt]
    conflicts: Mapped[int] = mapped_column(Integer)
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ReferenceRelease(Model):
    """A version of the reference information: one transaction that changed it; written by a trigger."""

    __tablename__ = "reference_release"

    number: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    released_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    released_by: Mapped[str] = mapped_column(
        String(64), server_default=text("coalesce(nullif(current_setting('app.actor', true), ''), 'system')")
    )


class SyncConflict(Model):
    """A change from the other side that did not fit here; stays listed until somebody settles it."""

    __tablename__ = "sync_conflict"
    __table_args__ = (Index("sync_conflict_open_idx", "id", postgresql_where=text("settled_at IS NULL")),)

    id: Mapped[Key]
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    subscription: Mapped[str] = mapped_column(String(64))
    subscription_id: Mapped[BigInt]
    #: as PostgreSQL counts them: insert_exists, update_missing, apply_error …
    kind: Mapped[str] = mapped_column(String(48))
    count: Mapped[int] = mapped_column(Integer)
    #: the counter's value when this was written
    total: Mapped[BigInt]
    #: what the database's log says, where it can be read
    detail: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled_by: Mapped[str | None] = mapped_column(String(64))


class SyncCounter(Model):
    """How far a counter of a subscription had come when it was last read."""

    __tablename__ = "sync_counter"

    subscription_id: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    #: as PostgreSQL names it: insert_exists, apply_error_count …
    kind: Mapped[str] = mapped_column(String(48), primary_key=True)
    total: Mapped[BigInt]
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SyncPackage(Recorded, Model):
    """A package file that left or arrived."""

    __tablename__ = "sync_package"
    __table_args__ = (UniqueConstraint("direction", "number", "sha256", name="sync_package_direction_number_sha256_key"),)

    id: Mapped[Key]
    #: the node at the other end
    number: Mapped[int] = mapped_column(SmallInteger)
    direction: Mapped[PackageDirection] = enum_column(PackageDirection, name="sync_package_direction")
    kind: Mapped[PackageKind] = enum_column(PackageKind, name="sync_package_kind")
    #: of the reference information, or the serial number of a node's packages
    version: Mapped[BigInt]
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(Integer)
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
