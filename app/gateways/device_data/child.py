"""Read one file of devices' readings in a process of its own, under limits, and print its rows as numbers.

The package starts it: ``python -m app.gateways.device_data.child PATH MOST_ROWS TIMEOUT_S``. A row that can be read is a line of numbers, a
tab, and the number of its device; one that cannot is ``!`` and JSON; the last line is ``=`` and JSON: the rows, or a refusal.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.gateways.device_data.columns import DEVICE_COLUMNS, NEEDED
from app.gateways.device_data.rows import DeviceFault, DeviceTexts, read_texts
from app.gateways.tables import HEADER_ROWS, Unreadable, UploadedTable, header_place
from app.gateways.tables_child import confine, rows_of
from app.gateways.workbooks import WorkbookRefused

_SHOWN = 64


@dataclass
class _Told:
    rows: int = 0
    most: int = 0


def main(path: str, most_rows: str, timeout_s: str) -> None:
    """Print the rows of a file, or why it is refused."""
    confine(int(timeout_s))
    out = sys.stdout.buffer
    try:
        answer(Path(path), out, most_rows=int(most_rows))
    except WorkbookRefused as refused:
        _end(out, refused.told)
    except Unreadable as unreadable:
        _end(out, {"problem": unreadable.problem, "detail": unreadable.message, "parameters": unreadable.parameters})
    except MemoryError:
        _end(out, WorkbookRefused("TOO_LARGE", "reading takes too much memory").told)


def answer(path: Path, out: BinaryIO, *, most_rows: int) -> None:
    """Write the rows of one file.

    :raises WorkbookRefused: and ``Unreadable``
    """
    told = _Told(most=most_rows)
    out.writelines(line.encode() for line in _lines(rows_of(path, objects=False), told))
    if not told.rows:
        raise WorkbookRefused("NO_ROWS", "nothing below the header")
    _end(out, {"rows": told.rows})


def _end(out: BinaryIO, said: Mapping[str, object]) -> None:
    out.write(b"=" + json.dumps(said).encode() + b"\n")
    out.flush()


def _lines(rows: Iterator[tuple[int, list[str], object]], told: _Told) -> Iterator[str]:
    head = []
    for row in rows:
        if any(row[1]):
            head.append(row)
        if len(head) == HEADER_ROWS:
            break
    if not head:
        raise WorkbookRefused("NO_ROWS", "the file is empty")
    table = UploadedTable(head[0][1], [(number, cells) for number, cells, _ in head[1:]])
    place, columns = header_place(table, DEVICE_COLUMNS, needed=NEEDED)
    at = [columns.get(name, -1) for name in DEVICE_COLUMNS]
    width = len(head[place][1])
    for row in head[place + 1 :]:
        yield from _line(row, at, width, told)
    for row in rows:
        yield from _line(row, at, width, told)


def _line(row: tuple[int, list[str], object], at: Sequence[int], width: int, told: _Told) -> Iterator[str]:
    number, cells, fault = row
    count = len(cells)
    texts = DeviceTexts(number, *[cells[place] if 0 <= place < count else "" for place in at])
    if not fault and not any(texts[1:]):
        return
    told.rows += 1
    if told.rows > told.most:
        raise WorkbookRefused("TOO_LARGE", "more than %(limit)s rows", limit=told.most)
    if fault:
        yield _faulty(DeviceFault(texts, str(fault), ""))
    elif count > width and any(cell.strip() for cell in cells[width:]):
        yield _faulty(DeviceFault(texts, "EXTRA_CELLS", ""))
    else:
        found = read_texts(texts)
        yield _faulty(found) if isinstance(found, DeviceFault) else f"{number} %d %d %d %d %d %d\t%s\n" % (*found[0], found[1])


def _faulty(fault: DeviceFault) -> str:
    texts = [text[:_SHOWN] if isinstance(text, str) else text for text in fault.texts]
    return f"!{json.dumps([texts, fault.problem, fault.column], ensure_ascii=False)}\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
