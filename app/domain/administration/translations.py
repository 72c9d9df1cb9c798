"""What a translated text must keep of its source."""

import re
from collections.abc import Sequence

#: What a browser would take for more than text, and the backslash that ends a text in a script early.
_MARKUP = re.compile(r"[<>\\]|&#?\w+;")
_PLACE = re.compile(r"%\(\w+\)[a-z]|%[sd%]")


class EmptyText(Exception):
    """A translation, or one of its plural forms, says nothing."""


class HoldsMarkup(Exception):
    """A translation holds a tag, an entity or a backslash; texts are text."""


class PlacesDiffer(Exception):
    """A translation lacks places of its source, or has others; the text names those of the source."""


def check_texts(source: Sequence[str], texts: Sequence[str]) -> None:
    """Refuse texts that say nothing or whose places differ from their source's.

    A plural form may leave out the number itself (one row, a row), but names no place the source has not.

    :param source: the English text, and its plural form if it has one
    :raises EmptyText: if a form is empty
    :raises HoldsMarkup: if a form holds a tag, an entity or a backslash
    :raises PlacesDiffer: if a place is missing or unknown
    """
    if not all(text.strip() for text in texts):
        raise EmptyText
    if any(map(holds_markup, texts)):
        raise HoldsMarkup
    wanted = set().union(*(_PLACE.findall(text) for text in source))
    optional = {"%(num)s", "%(num)d"} if len(source) > 1 else set()
    for text in texts:
        found = set(_PLACE.findall(text))
        if not wanted - optional <= found <= wanted or "%" in _PLACE.sub("", text):
            raise PlacesDiffer(", ".join(sorted(wanted)))


def holds_markup(text: str) -> bool:
    """Tell whether a text holds what a browser or a script would take for more than text."""
    return _MARKUP.search(text) is not None


def catalog_text(text: str) -> str:
    """Return a text as it is; the catalogs collect it, and it is translated where it is shown."""
    return text
