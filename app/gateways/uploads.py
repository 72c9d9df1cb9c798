"""Kinds of files that people load: what the columns are called in each language, an example, and what reads them; each declared once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from app.domain.administration.translations import catalog_text
from app.gateways.tables import Line, columns_of, read_table

#: What programs take for a table of text or a workbook.
TABLES = (".csv", ".txt", ".xlsx")


class FileColumn(NamedTuple):
    """What a column is called, by language, the surest name first."""

    en: Sequence[str]
    ru: Sequence[str] = ()
    uz: Sequence[str] = ()
    uz_Cyrl: Sequence[str] = ()  # noqa: N815 - the code of the language
    is_needed: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """All its names."""
        return tuple(dict.fromkeys((*self.en, *self.ru, *self.uz, *self.uz_Cyrl)))

    def header(self, language: str) -> str:
        """Return what it is called in a language, else in English.

        >>> FileColumn(("month",), ru=("месяц",)).header("ru"), FileColumn(("month",)).header("kaa")
        ('месяц', 'month')
        """
        return (getattr(self, language, ()) or self.en)[0]


class FileSpec(NamedTuple):
    """A kind of file, declared once beside its reader.

    :param title: the heading of the page that loads it, as a message of the catalogs
    :param hint: what its rows are and what becomes of them, as a message of the catalogs
    :param reader: reads a file's content by its name
    :param columns: our name of a column → what files call it; empty: a layout of its own says it
    :param example: a row by the names of columns
    :param suffixes: what a browser offers to choose from; empty: any file
    :param send: the button's text, as a message of the catalogs
    """

    title: str
    hint: str
    reader: Callable[..., Any]
    columns: Mapping[str, FileColumn] = {}
    example: Mapping[str, str] = {}
    suffixes: Sequence[str] = TABLES
    send: str = catalog_text("Load")

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """What each column may be called."""
        return {name: column.names for name, column in self.columns.items()}

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns a file must have."""
        return tuple(name for name, column in self.columns.items() if column.is_needed)

    def sample(self, language: str) -> tuple[list[str], list[list[str]]]:
        """Return the header and the row of an example in a language."""
        return [column.header(language) for column in self.columns.values()], [[self.example[name] for name in self.columns]]


def read_lines(content: bytes, name: str, spec: FileSpec, *, unread: list[str] | None = None, objects: bool = False) -> list[Line]:
    """Return the rows of a file with the cells of the declared columns, in their order; what stands there is not judged.

    :param unread: filled with the names of a workbook's further filled sheets
    :param objects: a JSON list of objects is read too
    :raises Unreadable: if the file cannot be read, or lacks a column, or has no rows
    """
    return columns_of(read_table(content, name, objects=objects, unread=unread), spec.names, needed=spec.needed)
