"""Readings of devices from head-ends: a file is read by a child process and handed on in chunks of arrays, however long it is."""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from app.domain.administration.translations import catalog_text
from app.domain.readers import FileProblem
from app.domain.values import Integers
from app.gateways.device_data.columns import SPEC_COLUMNS
from app.gateways.device_data.rows import FIELDS, DeviceFault, DeviceTexts, Numbers, read_texts
from app.gateways.tables import Unreadable, reading_process
from app.gateways.uploads import FileSpec

__all__ = [
    "DEVICE_READINGS",
    "FIELDS",
    "DeviceFault",
    "DeviceRows",
    "DeviceTexts",
    "read_device_content",
    "read_device_file",
    "rows_of_texts",
]

LARGEST_FILE_BYTES = 256 << 20
MOST_ROWS, CHUNK_ROWS = 5_000_000, 100_000
_BLOCK = 1 << 20


class DeviceRows(NamedTuple):
    """Readings of devices: parallel arrays, and those that cannot be read.

    :ivar minute: of the moment since 1970 in UTC; −1: a day alone was told
    :ivar register: place among the members of ``RegisterCode``; −1: none is named
    :ivar is_reliable: 0: the device itself doubts it
    """

    row_no: Integers
    day: Integers
    minute: Integers
    dial_milli: Integers
    decimals: Integers
    register: Integers
    is_reliable: Integers
    serial: list[str]
    faults: list[DeviceFault]

    @property
    def last_row(self) -> int:
        """The number of the last row."""
        return max([int(self.row_no[-1]) if len(self.row_no) else 0, *(fault.texts.row_no for fault in self.faults)])


def rows_of_texts(texts: Sequence[DeviceTexts], refused: Sequence[DeviceFault] = ()) -> DeviceRows:
    """Return readings that came as texts.

    :param refused: those of which a text cannot be kept
    """
    numbers: list[tuple[int, Numbers]] = []
    serials, faults = [], list(refused)
    for one in texts:
        found = read_texts(one)
        if isinstance(found, DeviceFault):
            faults.append(found)
        else:
            numbers.append((one.row_no, found[0]))
            serials.append(found[1])
    table = np.array([(row_no, *rest) for row_no, rest in numbers], dtype=np.int64).reshape(-1, 7)
    row_no, day, minute, dial_milli, decimals, register, is_reliable = table.T
    return DeviceRows(row_no, day, minute, dial_milli, decimals, register, is_reliable, serials, faults)


def read_device_file(path: Path, *, chunk_rows: int = CHUNK_ROWS, timeout_s: int = 900) -> Iterator[DeviceRows]:
    """Yield the readings of a CSV or XLSX file in chunks, while the child reads on.

    :raises Unreadable: if the file is refused, or the process that reads it fails, is killed or takes too long
    """
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise Unreadable(FileProblem.TOO_LARGE, "more than %(limit)s MB", limit=LARGEST_FILE_BYTES >> 20)
    command = [sys.executable, "-E", "-s", "-B", "-m", "app.gateways.device_data.child", str(path), str(MOST_ROWS), str(timeout_s)]
    rows = 0
    with reading_process(command, timeout_s=timeout_s) as child:
        assert child.stdout is not None
        lines: list[str] = []
        rest = b""
        while block := child.stdout.read(_BLOCK):
            *whole, rest = (rest + block).split(b"\n")
            lines += map(bytes.decode, whole)
            while len(lines) > chunk_rows:
                yield _chunk(lines[:chunk_rows])
                rows, lines = rows + chunk_rows, lines[chunk_rows:]
        said = json.loads(lines.pop()[1:]) if lines and lines[-1].startswith("=") and not rest else {}
        if "problem" in said:
            raise Unreadable(FileProblem(said["problem"]), said["detail"], **said["parameters"])
        if said.get("rows") != rows + len(lines):
            raise Unreadable(FileProblem.UNREADABLE, "reading broke off")
        yield _chunk(lines)


def read_device_content(content: bytes, _name: str = "") -> Iterator[DeviceRows]:
    """Yield the readings of a file's content, as ``read_device_file`` does."""
    with tempfile.NamedTemporaryFile(prefix="upload-") as file:
        file.write(content)
        file.flush()
        yield from read_device_file(Path(file.name))


def _chunk(lines: Sequence[str]) -> DeviceRows:
    good = [line.split("\t") for line in lines if line[0] != "!"]
    table = np.fromstring(" ".join([numbers for numbers, _ in good]), dtype=np.int64, sep=" ").reshape(-1, 7)
    faults = [_fault(line) for line in lines if line[0] == "!"]
    row_no, day, minute, dial_milli, decimals, register, is_reliable = table.T
    return DeviceRows(row_no, day, minute, dial_milli, decimals, register, is_reliable, [serial for _, serial in good], faults)


def _fault(line: str) -> DeviceFault:
    texts, problem, column = json.loads(line[1:])
    return DeviceFault(DeviceTexts(*texts), problem, column)


DEVICE_READINGS = FileSpec(
    catalog_text("Load a file of devices' readings"),
    catalog_text(
        "CSV or XLSX with a header line: device, register, time, reading, quality. Good readings are recorded at once; doubtful ones wait "
        "in the queue, those of unknown devices are parked."
    ),
    read_device_content,
    SPEC_COLUMNS,
    {"meter_number": "07654321", "read_on": "2026-03-31T23:59:00+05:00", "dial": "12345.6", "register": "TOTAL", "quality": "A"},
)
