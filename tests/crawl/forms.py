"""Forms of a page as a person finds them: their fields, the buttons that send them, and other values to fill in."""

from datetime import date, timedelta
from html.parser import HTMLParser
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urljoin

#: Names that make a form work; what stands there is sent as it is.
KEPT = frozenset({"csrf_token", "reference", "next"})


class Field(NamedTuple):
    """An input of a form: what stands there, and what could."""

    name: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()
    #: the table whose rows a field looks up
    table: str = ""


class Form(NamedTuple):
    """A form of a page that is posted."""

    address: str
    fields: tuple[Field, ...]
    #: names and values of the buttons that send it
    buttons: tuple[tuple[str, str], ...]


class _Reader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, list[Form]()
        self.forms: dict[str, tuple[str, list[Field], list[tuple[str, str]]]] = {}
        self.current: str | None = None
        self.select: tuple[str, str, list[tuple[str, bool]]] | None = None
        self.area: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        name, owner = own.get("name", ""), own.get("form") or self.current
        if tag == "form":
            self.current = own.get("id") or f"form {len(self.forms)}"
            if own.get("method", "").lower() == "post":
                self.forms[self.current] = (urljoin(self.page, own.get("action", "")), [], [])
        elif tag == "option" and self.select is not None:
            self.select[2].append((own.get("value", ""), "selected" in own))
        elif owner in self.forms and "disabled" not in own:
            self._take(tag, own, name, self.forms[owner])

    def _take(self, tag: str, own: dict[str, str], name: str, form: tuple[str, list[Field], list[tuple[str, str]]]) -> None:
        kind = own.get("type", "text").lower()
        if tag == "button" or (tag == "input" and kind == "submit"):
            if kind != "button":
                form[2].append((name, own.get("value", "")))
        elif tag == "select" and name:
            self.select = (name, own.get("data-lookup", "").rpartition("/")[2].partition("?")[0], [])
            form[1].append(Field(name, "select", ""))
        elif tag == "textarea" and name:
            form[1].append(Field(name, "text", ""))
        elif tag == "input" and name:
            value = own.get("value", "y" if kind == "checkbox" else "")
            chosen = kind not in {"checkbox", "radio"} or "checked" in own
            form[1].append(Field(name, kind, value if chosen else "", (value,) if not chosen else ()))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.current = None
        elif tag == "select" and self.select is not None:
            name, table, options = self.select
            chosen = next((value for value, selected in options if selected), options[0][0] if options else "")
            for _address, fields, _buttons in self.forms.values():
                for place, field in enumerate(fields):
                    if field == Field(name, "select", ""):
                        fields[place] = Field(name, "select", chosen, tuple(value for value, _ in options), table)
            self.select = None


def forms_of(page: str, text: str) -> list[Form]:
    """Return the forms of a page that are posted.

    :param page: its address
    """
    reader = _Reader(page)
    reader.feed(text)
    return [Form(address, tuple(fields), tuple(buttons)) for address, fields, buttons in reader.forms.values()]


def other_value(field: Field, rng: Random, rows: Any, today: date) -> str:
    """Return another value a person could write into a field.

    :param rows: gives a key of a row of a table, or None
    """
    if field.kind == "hidden" or field.name in KEPT:
        return field.value
    if field.kind == "checkbox":
        return "" if field.value else field.choices[0]
    if field.table:
        return str(rows(field.table) or field.value)
    if field.kind in {"select", "radio"}:
        others = [value for value in field.choices if value and value != field.value]
        return rng.choice(others) if others else field.value
    if field.kind == "date" or field.name.endswith(("_on", "valid_from", "valid_to")):
        return (today - timedelta(days=rng.choice([0, 1, 20, 45, 75, 100]))).isoformat()
    return _other_text(field, rng)


def _other_text(field: Field, rng: Random) -> str:
    value = field.value.strip()
    if value.isdecimal() and len(value) > 6:
        return value[:-3] + f"{(int(value[-3:]) + rng.randrange(1, 900)) % 1000:03d}"
    try:
        number = float(value)
    except ValueError:
        return f"{value} {rng.randrange(100)}".strip() if value else rng.choice(["7", "120", "Order no. 7", "+998901112233"])
    return str(rng.choice([int(number) + 1, int(number) * 2 + 1, 3, 40]))
