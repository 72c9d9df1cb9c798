"""Column types and constraints that tables share."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from flask_appbuilder import Model
from flask_babel import get_locale
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    Identity,
    MetaData,
    SmallInteger,
    String,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from app.domain.documents import FORM
from app.domain.reference import Names

_NAMES = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
}
metadata: MetaData = Model.metadata
metadata.naming_convention = {**metadata.naming_convention, **_NAMES}

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
BigInt = Annotated[int, mapped_column(BigInteger)]
Money = Annotated[int, mapped_column(BigInteger)]
Quantity = Annotated[int, mapped_column(BigInteger)]
Name = Annotated[str, mapped_column(String(200))]
Code = Annotated[str, mapped_column(String(32))]
Day = Annotated[date, mapped_column(Date)]
#: The form that the paper of a row is printed in, for ever: that of the day it was made.
PaperForm = Annotated[int, mapped_column(SmallInteger, server_default=text(str(FORM)))]

_ACTOR = text("coalesce(nullif(current_setting('app.actor', true), ''), 'system')")


@event.listens_for(Session, "do_orm_execute")
def _read_locked_rows_anew(state: ORMExecuteState) -> None:
    """Read a row that is locked as it is now, also if the session knows it from before it had to wait."""
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is not None:
        state.update_execution_options(populate_existing=True)


#: What a model says of itself as ``facts``: no column of it is ever edited; acts and services write it.
#: A model with some columns that bills, entries or papers depend on names those, as forms do.
EVERY_COLUMN = frozenset({"*"})


def described(label: str) -> dict[str, str]:
    """Return what a column says of itself on which no bill, entry or paper depends, though its table is one of facts.

    The list, the form and the card of the table show it by themselves.

    :param label: what people call it, as a message of the catalogs
    """
    return {"label": label}


def described_columns(model: Any) -> list[str]:
    """Return the columns of a model that say so of themselves."""
    return [column.name for column in model.__table__.columns if "label" in column.info]


def described_labels() -> dict[str, str]:
    """Return the labels that columns say of themselves."""
    return {column.name: column.info["label"] for table in metadata.sorted_tables for column in table.columns if "label" in column.info}


class NamedInLanguages:
    """A name in Uzbek, and in Uzbek of the Cyrillic script and in Russian where somebody wrote it; each reader sees his own."""

    name: Mapped[Name]
    name_uz_cyrl: Mapped[str | None] = mapped_column(String(200))
    name_ru: Mapped[str | None] = mapped_column(String(200))

    @property
    def shown_name(self) -> str:
        """The name in the reader's language."""
        return Names(self.name, self.name_uz_cyrl, self.name_ru).in_language(str(get_locale() or ""))

    def __repr__(self) -> str:
        return self.shown_name


class Recorded:
    """Who made a row, and when; filled by the database, so jobs and bulk loads are covered too."""

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    created_by: Mapped[str] = mapped_column(String(64), server_default=_ACTOR)


class Dated:
    """A half-open period of validity."""

    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Retirable:
    """A row of a dictionary, offered until it is retired; what refers to it stays."""

    retired_on: Mapped[date | None] = mapped_column(Date)


def enum_column(kind: type[StrEnum], *, name: str, **options: Any) -> Mapped[Any]:
    """Return a column that stores an enum's value as text under a CHECK."""
    column_type = Enum(kind, native_enum=False, create_constraint=True, name=name, length=24, validate_strings=True)
    return mapped_column(column_type, **options)


def set_wise(target: str) -> ForeignKey:
    """Return a reference of a mass table: triggers check it once a statement for all rows, in place of a foreign key row by row."""
    return ForeignKey(target, info={"set_wise": True})


def is_in_database(item: Any, _name: str | None, kind: str, _reflected: bool, _counterpart: Any) -> bool:
    """Tell Alembic whether an object of the models is one of the catalogue too: set-wise references are triggers there, views are none."""
    if kind == "table" and item.info.get("is_view"):
        return False
    return kind != "foreign_key_constraint" or not any(each.info.get("set_wise") for each in item.elements)


def changed_members(connection: Connection) -> list[tuple[str, str]]:
    """Return the statements that let columns of enums allow what the models say, each with the one that takes it back.

    Alembic compares no CHECK, so this is added to the revisions it writes.
    """
    stored = {(row.table, row.name): row.rule for row in connection.execute(_CHECKS)}
    changes = []
    for table in metadata.sorted_tables:
        for column in table.columns:
            rule = stored.get((table.name, getattr(column.type, "name", None) or ""))
            if isinstance(column.type, Enum) and rule is not None:
                before, after = sorted(re.findall(r"'(\w+)'", rule)), sorted(column.type.enums)
                if before != after:
                    changes.append((_allow(column, after), _allow(column, before)))
    return changes


_CHECKS = text(
    "SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS rule FROM pg_constraint WHERE contype = 'c'"
)


def _allow(column: Column[Any], members: list[str]) -> str:
    """Return the statement that lets a column of an enum hold these members."""
    name, words = getattr(column.type, "name", ""), ", ".join(f"'{member}'" for member in members)
    return f"ALTER TABLE {column.table.name} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} CHECK ({column.name} IN ({words}))"


def no_overlap(table: str, *columns: str) -> ExcludeConstraint:
    """Return a constraint that forbids overlapping periods for equal values of the columns."""
    equals = [(column, "=") for column in columns]
    return ExcludeConstraint(*equals, (text("daterange(valid_from, valid_to)"), "&&"), name=f"{table}_no_overlap", using="gist")


def period_rises(table: str) -> CheckConstraint:
    """Return a constraint that a period ends after it begins."""
    return CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=f"{table}_period_rises")
