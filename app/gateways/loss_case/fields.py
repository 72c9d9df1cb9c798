"""Fields of a file of JSON, read strictly: each error names the place it stands at."""

import json
from typing import Any

#: Largest file, in bytes.
LARGEST_BYTES = 64 * 2**20
#: Largest number of any unit.
LARGEST = 1e12
#: By how much of itself a figure may differ from what others in the case say it is.
_AGREEMENT = 0.005


class WrongCase(ValueError):
    """A file is no loss case; the text says which field is wrong and how."""


class Fields:
    """Fields of one object of a case, each read once; what was not asked for is refused at the end."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise WrongCase(f"{place} is no object")
        self._value: dict[str, Any] = value
        self._place = place
        self._read = set[str]()

    def place(self, name: str) -> str:
        """Return where a field stands."""
        return f"{self._place}.{name}" if self._place else name

    def has(self, name: str) -> bool:
        """Return whether a field is there."""
        return self._value.get(name) is not None

    def take(self, name: str) -> Any:
        """Return a field as it stands.

        :raises WrongCase: if it is missing
        """
        self._read.add(name)
        if not self.has(name):
            raise WrongCase(f"{self.place(name)} is missing")
        return self._value[name]

    def number(self, name: str, default: float | None = None, *, low: float = 0.0, high: float = LARGEST, above: bool = False) -> float:
        """Return a number from ``low`` to ``high``; ``low`` itself only if not ``above``."""
        if default is not None and not self.has(name):
            self._read.add(name)
            return default
        value = self.take(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongCase(f"{self.place(name)} is no number")
        if value < 0 <= low:
            raise WrongCase(f"{self.place(name)} is below zero; for energy and power the direction is reversed")
        if value > high:
            raise WrongCase(f"{self.place(name)} is above {high:g}")
        if value < low or (above and value == low):
            raise WrongCase(f"{self.place(name)} is {value:g}; it is {'above' if above else 'at least'} {low:g}")
        return float(value)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text, or a whole number as a text."""
        if default is not None and not self.has(name):
            self._read.add(name)
            return default
        value = self.take(name)
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            raise WrongCase(f"{self.place(name)} is no name")
        return str(value)

    def whole(self, name: str, default: int) -> int:
        """Return a whole number from 0."""
        value = self.number(name, default)
        if value != int(value):
            raise WrongCase(f"{self.place(name)} is no whole number")
        return int(value)

    def numbers(self, name: str) -> list[float]:
        """Return the numbers of a list, none of them below zero; an empty one if it is missing."""
        self._read.add(name)
        value = self._value.get(name, [])
        if not isinstance(value, list) or any(
            isinstance(each, bool) or not isinstance(each, int | float) or not 0 <= each <= LARGEST for each in value
        ):
            raise WrongCase(f"{self.place(name)} is no list of numbers from 0 to 10^12")
        return [float(each) for each in value]

    def below(self, name: str) -> "Fields":
        """Return the fields of an object."""
        return Fields(self.take(name), self.place(name))

    def rows(self, name: str) -> list["Fields"]:
        """Return the fields of each object of a list."""
        value = self.take(name)
        if not isinstance(value, list):
            raise WrongCase(f"{self.place(name)} is no list")
        return [Fields(each, f"{self.place(name)}[{place}]") for place, each in enumerate(value)]

    def end(self, allowed: frozenset[str] = frozenset()) -> None:
        """Refuse fields nobody asked for."""
        if unknown := sorted(self._value.keys() - self._read - allowed):
            raise WrongCase(f"not understood: {', '.join(map(self.place, unknown))}")


def agree(fields: Fields, name: str, computed: float) -> None:
    """Refuse a figure that others contradict."""
    given = fields.number(name, computed)
    if abs(given - computed) > _AGREEMENT * max(abs(given), abs(computed)):
        raise WrongCase(f"{fields.place(name)} is {given:g}, by the other fields it is {computed:g}")


def parsed(content: bytes) -> dict[str, Any]:
    """Return the object a file holds.

    :raises WrongCase: if it holds none, or a field stands twice in an object
    """
    if len(content) > LARGEST_BYTES:
        raise WrongCase(f"the file is larger than {LARGEST_BYTES // 2**20} MB")
    try:
        value = json.loads(content, object_pairs_hook=_object, parse_constant=_constant)
    except WrongCase:
        raise
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a plain ValueError
        raise WrongCase(f"the file is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise WrongCase("the file holds no object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise WrongCase(f"{name} stands twice in an object")
        found[name] = value
    return found


def _constant(name: str) -> float:
    raise WrongCase(f"{name} is no number")
