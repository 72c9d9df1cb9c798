"""The catalogs of translations that ship with the program: .po files, a folder a language; those of the office and of the console."""

import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

#: The office with the portal, and the console.
DOMAINS = ("messages", "admin")
#: What stands between two parts of a text that the code breaks over lines.
_BROKEN = re.compile(r"\"\s*\n\s*f?\"")


class NotACatalog(Exception):
    """A file is no .po file."""


class CatalogEntry(NamedTuple):
    """A message of the program and its text in a language; one text a plural form."""

    message: str
    source: tuple[str, ...]
    texts: tuple[str, ...]
    #: one of ``DOMAINS``; a message of both is the office's
    domain: str

    @property
    def is_missing(self) -> bool:
        """Whether a form has no text."""
        return not all(self.texts)


class GlossaryTerm(NamedTuple):
    """A word of the glossary with its translations; empty: none is agreed on."""

    name: str
    definition: str
    ru: str
    uz: str


def entries(folder: Path, language: str) -> tuple[CatalogEntry, ...]:
    """Return all messages of a language, those of the console too; texts not yet translated are empty."""
    return _entries(folder, language, tuple(_path(folder, language, domain).stat().st_mtime_ns for domain in DOMAINS))


@lru_cache(maxsize=16)
def _entries(folder: Path, language: str, written_at: tuple[int, ...]) -> tuple[CatalogEntry, ...]:  # noqa: ARG001 - what is kept ends with the files
    found: dict[str, CatalogEntry] = {}
    for domain in DOMAINS:
        catalog = _read(folder, language, domain)
        for message in catalog:
            if message.id:
                entry = _entry(catalog, message.id, message.string, domain)
                found.setdefault(entry.message, entry)
    return tuple(found.values())


def put(folder: Path, language: str, corrected: Mapping[str, Sequence[str]]) -> int:
    """Write corrected texts into a language's catalogs; return how many messages changed."""
    changed: set[str] = set()
    for domain in DOMAINS:
        catalog = _read(folder, language, domain)
        if of_domain := _corrected(catalog, corrected):
            _path(folder, language, domain).write_bytes(_written(catalog))
        changed |= of_domain
    return len(changed)


def exported(folder: Path, language: str, corrected: Mapping[str, Sequence[str]]) -> bytes:
    """Return all messages of a language as one .po file, with corrected texts in their places."""
    whole = _read(folder, language, DOMAINS[0])
    for message in _read(folder, language, DOMAINS[1]):
        if message.id and message.id not in whole:
            whole[message.id] = message
    _corrected(whole, corrected)
    return _written(whole)


def texts_of_file(content: bytes) -> dict[str, tuple[str, ...]]:
    """Return the texts of a .po file by message; what is fuzzy or has no text is left out.

    :raises NotACatalog: if it is none
    """
    try:
        catalog = read_po(io.BytesIO(content), abort_invalid=True)
    except (PoFileError, ValueError, LookupError) as error:
        raise NotACatalog(str(error)) from error
    found = {_key(each.id): _texts(each.string) for each in catalog if each.id and not each.fuzzy}
    return {message: texts for message, texts in found.items() if all(texts)}


def places_of(program: Path, message: str) -> list[str]:
    """Return the files of the program that a message stands in; none: it comes from a library."""
    return [name for name, text in _sources(program).items() if message in text]


@lru_cache
def _sources(program: Path) -> dict[str, str]:
    """Return the files of the program with the texts that the code breaks over lines put together."""
    files = sorted([*program.rglob("*.py"), *program.rglob("*.html")])
    plain = ((str(path.relative_to(program)), path.read_text(encoding="utf-8")) for path in files)
    return {name: _BROKEN.sub("", text).replace('\\"', '"').replace("%%", "%") for name, text in plain}


def terms_in(glossary: Path, message: str) -> list[GlossaryTerm]:
    """Return the words of the glossary that stand in a message."""
    lowered = message.lower()
    return [term for pattern, term in _terms(glossary) if pattern.search(lowered)]


@lru_cache
def _terms(glossary: Path) -> list[tuple[re.Pattern[str], GlossaryTerm]]:
    found = tomllib.loads(glossary.read_text(encoding="utf-8"))["term"]
    terms = [GlossaryTerm(each["name"], each.get("definition", ""), each.get("ru", ""), each.get("uz", "")) for each in found]
    return [(re.compile(rf"\b{re.escape(term.name.partition(' (')[0].lower())}(s|es)?\b"), term) for term in terms]


def _corrected(catalog: Catalog, texts_of: Mapping[str, Sequence[str]]) -> set[str]:
    """Put texts into a catalog; return the messages that changed."""
    changed = set()
    for message in catalog:
        texts = texts_of.get(_key(message.id)) if message.id else None
        if texts and tuple(texts) != _texts(message.string):
            message.string = tuple(texts) if isinstance(message.id, list | tuple) else texts[0]
            message.flags.discard("fuzzy")
            changed.add(_key(message.id))
    return changed


def _written(catalog: Catalog) -> bytes:
    stream = io.BytesIO()
    write_po(stream, catalog, width=130, omit_header=False)
    return stream.getvalue()


def _entry(catalog: Catalog, key: object, string: object, domain: str) -> CatalogEntry:
    source = tuple(str(part) for part in key) if isinstance(key, list | tuple) else (str(key),)
    count = catalog.num_plurals if len(source) > 1 else 1
    texts = _texts(string)
    return CatalogEntry(source[0], source, (*texts, *[""] * count)[:count], domain)


def _key(message: object) -> str:
    return str(message[0]) if isinstance(message, list | tuple) else str(message)


def _texts(string: object) -> tuple[str, ...]:
    return tuple(str(part) for part in string) if isinstance(string, list | tuple) else (str(string or ""),)


def _read(folder: Path, language: str, domain: str) -> Catalog:
    with _path(folder, language, domain).open("rb") as stream:
        return read_po(stream, locale=language)


def _path(folder: Path, language: str, domain: str) -> Path:
    return folder / language / "LC_MESSAGES" / f"{domain}.po"
