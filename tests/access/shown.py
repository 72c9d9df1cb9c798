"""What a reader sees of a page: its texts, with the language each is said to be in."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

#: Attributes that a browser shows or reads out.
_SHOWN = {"placeholder", "title", "aria-label", "alt", "label"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: What is not read as words: scripts, styles, names of keys, and what a page says is to stand as it is.
_UNREAD = {"script", "style", "kbd"}
#: Keys of the data of charts that name no words.
_TECHNICAL = {"kind", "addresses", "url", "href", "type"}


class Text(NamedTuple):
    """A text of a page, and the language it is marked with, if another than the page's."""

    text: str
    language: str | None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        #: the open elements: name, language, whether their texts are read, whether they hold JSON
        self.open: list[tuple[str, str | None, bool, bool]] = []
        self.found: list[Text] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = (given.get("lang") if tag != "html" else None) or self._language()
        is_read = self._is_read() and tag not in _UNREAD and given.get("translate") != "no"
        is_button = tag == "input" and given.get("type") in {"submit", "button"}
        for name, value in given.items():
            if value and is_read and (name in _SHOWN or (name == "value" and is_button) or (name.startswith("data-") and " " in value)):
                self.found.append(Text(value.strip(), language))
        if tag not in _VOID:
            self.open.append((tag, language, is_read, given.get("type") == "application/json"))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][3]:
            self.found += [Text(each, self._language()) for each in _strings(json.loads(data))]
        elif data.strip() and self._is_read():
            self.found.append(Text(" ".join(data.split()), self._language()))

    def _language(self) -> str | None:
        return self.open[-1][1] if self.open else None

    def _is_read(self) -> bool:
        return self.open[-1][2] if self.open else True


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in _TECHNICAL:
                yield from _strings(each)


def texts(page: str, language: str) -> list[str]:
    """Return the texts of a page in its language; those marked with another one are left out."""
    reader = _Reader()
    reader.feed(page)
    return [found.text for found in reader.found if found.language in {None, language.replace("_", "-")}]
