"""Read one file of devices' readings in a process of its own, under limits, and print its rows as numbers.

The package starts it: ``python -m app.gateways.device_data.child PATH MOST_ROWS CHUNK_ROWS TIMEOUT_S``. It writes a line of JSON a chunk:
how many bytes of numbers follow, how many of devices' numbers, and the rows that cannot be read. Each row that can is ``NUMBERS`` integers
of 8 bytes; the last of them is the place of its device among the devices of the chunk, which stand a line each. The last line of all tells
how many rows there were, or why the file is refused.
"""

import json
import sys
from array import array
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from app.gateways.device_data.columns import DEVICE_COLUMNS, NEEDED
from app.gateways.device_data.rows import DeviceFault, DeviceTexts, Numbers, read_texts
from app.gateways.tables import HEADER_ROWS, Unreadable, UploadedTable, header_place
from app.gateways.tables_child import TableRow, confine, rows_of
from app.gateways.workbooks import WorkbookRefused

_SHOWN = 64


class _Chunk:
    """Rows that were read and are not written yet."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.devices: dict[str, int] = {}
        self.faults: list[tuple[list[str | int], str, str]] = []
        self.rows = 0

    def add(self, number: int, found: tuple[Numbers, str] | DeviceFault) -> None:
        """Take a row that was read."""
        self.rows += 1
        if isinstance(found, DeviceFault):
            texts = [text[:_SHOWN] if isinstance(text, str) else text for text in found.texts]
            self.faults.append((texts, found.problem, found.column))
        else:
            numbers, serial = found
            self.numbers += (number, *numbers, self.devices.setdefault(serial, len(self.devices)))

    def write(self, out: BinaryIO) -> int:
        """Write the rows, and return how many they are."""
        numbers, devices = array("q", self.numbers).tobytes(), "\n".join(self.devices).encode()
        _say(out, {"numbers": len(numbers), "devices": len(devices), "faults": self.faults})
        out.write(numbers + devices)
        return self.rows


def main(path: str, most_rows: str, chunk_rows: str, timeout_s: str) -> None:
    """Print the rows of a file, or why it is refused."""
    confine(int(timeout_s))
    out = sys.stdout.buffer
    try:
        answer(Path(path), out, most_rows=int(most_rows), chunk_rows=int(chunk_rows))
    except WorkbookRefused as refused:
        _say(out, refused.told)
    except Unreadable as unreadable:
        _say(out, {"problem": unreadable.problem, "detail": unreadable.message, "parameters": unreadable.parameters})
    except MemoryError:
        _say(out, WorkbookRefused("TOO_LARGE", "reading takes too much memory").told)


def answer(path: Path, out: BinaryIO, *, most_rows: int, chunk_rows: int) -> None:
    """Write the rows of one file.

    :raises WorkbookRefused: and ``Unreadable``
    """
    rows, chunk = 0, _Chunk()
    for number, found in _read(rows_of(path, objects=False)):
        chunk.add(number, found)
        if chunk.rows == chunk_rows:
            rows, chunk = rows + chunk.write(out), _Chunk()
        if rows + chunk.rows > most_rows:
            raise WorkbookRefused("TOO_LARGE", "more than %(limit)s rows", limit=most_rows)
    if chunk.rows:
        rows += chunk.write(out)
    if not rows:
        raise WorkbookRefused("NO_ROWS", "nothing below the header")
    _say(out, {"rows": rows})


def _say(out: BinaryIO, said: Mapping[str, object]) -> None:
    out.write(json.dumps(said, ensure_ascii=False).encode() + b"\n")
    out.flush()


def _read(rows: Iterator[TableRow]) -> Iterator[tuple[int, tuple[Numbers, str] | DeviceFault]]:
    """Return each filled row below the header with its number, read."""
    head = list(islice((row for row in rows if any(row[1])), HEADER_ROWS))
    if not head:
        raise WorkbookRefused("NO_ROWS", "the file is empty")
    table = UploadedTable(head[0][1], [(number, cells) for number, cells, _ in head[1:]])
    place, columns = header_place(table, DEVICE_COLUMNS, needed=NEEDED)
    at = [columns.get(name, -1) for name in DEVICE_COLUMNS]
    pick, width, needed = itemgetter(*at), len(head[place][1]), max(at) + 1
    for number, cells, fault in chain(head[place + 1 :], rows):
        # A column that the file does not have is the last cell, which is empty.
        filled = [*cells, ""] if len(cells) >= needed else [*cells, *[""] * (needed + 1 - len(cells))]
        found = _read_row(DeviceTexts(number, *pick(filled)), fault, filled[width:])
        if found is not None:
            yield number, found


def _read_row(texts: DeviceTexts, fault: object, beyond: list[str]) -> tuple[Numbers, str] | DeviceFault | None:
    """Return a row that was read, or why it cannot be; None: there is nothing in it.

    :param beyond: the cells on the right of the header's last
    """
    if fault:
        return DeviceFault(texts, str(fault), "")
    if len(beyond) > 1 and any(cell.strip() for cell in beyond):
        return DeviceFault(texts, "EXTRA_CELLS", "")
    return read_texts(texts) if any(texts[1:]) else None


if __name__ == "__main__":
    main(*sys.argv[1:])
