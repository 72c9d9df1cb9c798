"""The catalogs of translations that ship with the program: .po files, a folder a language."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po


class CatalogEntry(NamedTuple):
    """A message of the program and its text in a language; one text a plural form."""

    message: str
    source: tuple[str, ...]
    texts: tuple[str, ...]


def entries(folder: Path, language: str) -> list[CatalogEntry]:
    """Return all messages of a language; texts not yet translated are empty."""
    catalog = _read(folder, language)
    return [_entry(catalog, message.id, message.string) for message in catalog if message.id]


def put(folder: Path, language: str, corrected: Mapping[str, Sequence[str]]) -> int:
    """Write corrected texts into a language's catalog; return how many of its messages changed."""
    catalog, changed = _read(folder, language), 0
    for message in catalog:
        key = message.id if isinstance(message.id, str) else message.id[0] if message.id else ""
        texts = corrected.get(key) if key else None
        if texts and tuple(texts) != _texts(message.string):
            message.string = tuple(texts) if isinstance(message.id, list | tuple) else texts[0]
            message.flags.discard("fuzzy")
            changed += 1
    if changed:
        with _path(folder, language).open("wb") as stream:
            write_po(stream, catalog, width=130, omit_header=False)
    return changed


def _entry(catalog: Catalog, key: object, string: object) -> CatalogEntry:
    source = tuple(str(part) for part in key) if isinstance(key, list | tuple) else (str(key),)
    count = catalog.num_plurals if len(source) > 1 else 1
    texts = _texts(string)
    return CatalogEntry(source[0], source, (*texts, *[""] * count)[:count])


def _texts(string: object) -> tuple[str, ...]:
    return tuple(str(part) for part in string) if isinstance(string, list | tuple) else (str(string or ""),)


def _read(folder: Path, language: str) -> Catalog:
    with _path(folder, language).open("rb") as stream:
        return read_po(stream, locale=language)


def _path(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.po"
