"""What movements tell, of devices and of seals alike: which of them stand, what a place kept on a day, and whether the things stand as
their movements left them.

A movement that takes another back stands no more than the one it takes back.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


def stands(alias: str, table: str) -> str:
    """Return the SQL that tells whether a row of a table neither takes another back nor was taken back."""
    return f"{alias}.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM {table} undone WHERE undone.reverses_id = {alias}.id)"


class MovedTable(NamedTuple):
    """Things that movements move.

    :ivar name: their table; a movement names its thing by ``<name>_id``
    :ivar movements: the table of the movements
    :ivar columns: what a movement writes on its thing: the thing's column → what follows ``from_`` and ``to_`` in those of the movement
    """

    name: str
    movements: str
    columns: Mapping[str, str]

    def stands(self, alias: str) -> str:
        """Return the SQL that tells whether a movement stands."""
        return stands(alias, self.movements)

    def last(self, condition: str = "true") -> str:
        """Return the SQL of the last movement of each thing, among those (``m``) that stand and fulfil a condition."""
        thing = f"m.{self.name}_id"
        return f"""
            SELECT DISTINCT ON ({thing}) m.* FROM {self.movements} m WHERE {self.stands("m")} AND {condition}
            ORDER BY {thing}, m.step_no DESC
        """

    def kept(self) -> str:
        """Return the SQL of the last movement of each thing that the warehouse or brigade ``:place`` kept at the end of ``:day``.

        Only things that ever came there are replayed.
        """
        came = f"SELECT c.{self.name}_id FROM {self.movements} c WHERE c.to_stock_place_id = :place AND c.moved_on <= :day"
        replay = self.last(f"m.moved_on <= :day AND m.{self.name}_id IN ({came})")
        return f"SELECT x.* FROM ({replay}) x WHERE x.to_stock_place_id = :place"

    def of_things(self) -> str:
        """Return the rule of the proof of the books that things stand as their last movement left them, and know how many they had."""
        key, columns = f"{self.name}_id", self.columns
        return f"""
            SELECT '{self.name} ' || t.id, t.step_no, coalesce(m.steps, 0)
            FROM {self.name} t
            LEFT JOIN (SELECT {key}, count(*) AS steps FROM {self.movements} GROUP BY {key}) m ON m.{key} = t.id
            LEFT JOIN ({self.last()}) r ON r.{key} = t.id
            WHERE t.step_no <> coalesce(m.steps, 0)
               OR ({_row("t.", columns)}, t.moved_on) IS DISTINCT FROM ({_row("r.to_", columns.values())}, r.moved_on)"""

    def of_movements(self) -> str:
        """Return the rule of the proof of the books that each movement begins where the one before ended, and on no earlier day."""
        ends = self.columns.values()
        before = ", ".join(f"lag(m.to_{end}) OVER chain AS before_{end}" for end in ends)
        return f"""
            SELECT '{self.movements} ' || x.id, 1, 0
            FROM (
                SELECT m.*, {before}, lag(m.moved_on) OVER chain AS before_on
                FROM {self.movements} m WHERE {self.stands("m")} WINDOW chain AS (PARTITION BY m.{self.name}_id ORDER BY m.step_no)
            ) x
            WHERE ({_row("x.from_", ends)}) IS DISTINCT FROM ({_row("x.before_", ends)}) OR x.before_on > x.moved_on"""


def _row(prefix: str, columns: Iterable[str]) -> str:
    """Return columns as the SQL of a row; what is at no kind of place is the same as what was never moved."""
    return ", ".join(f"nullif({prefix}{each}, 'NOWHERE')" if each.endswith("kind") else f"{prefix}{each}" for each in columns)


#: The columns of a place where things are kept or used.
_PLACE = {"state": "state", "stock_place_id": "stock_place_id", "service_point_id": "point_id"}
DEVICES = MovedTable("device", "movement", {**_PLACE, "place_kind": "kind"})
SEALS = MovedTable("seal", "seal_movement", {**_PLACE, "device_id": "device_id", "sealed_part": "part"})
