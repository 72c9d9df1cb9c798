"""Readings of devices from head-ends: a file is read by a child process and handed on in chunks of arrays, however long it is."""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from app.domain.administration.translations import catalog_text
from app.domain.readers import FileProblem
from app.domain.values import Integers
from app.gateways.device_data.columns import SPEC_COLUMNS
from app.gateways.device_data.rows import NUMBERS, DeviceFault, DeviceTexts, read_texts
from app.gateways.tables import Unreadable, reading_process
from app.gateways.uploads import FileSpec

__all__ = [
    "DEVICE_READINGS",
    "DeviceFault",
    "DeviceRows",
    "DeviceTexts",
    "device_rows",
    "read_device_content",
    "read_device_file",
    "rows_of_texts",
]

LARGEST_FILE_BYTES = 256 << 20
MOST_ROWS, CHUNK_ROWS = 5_000_000, 50_000


class DeviceRows(NamedTuple):
    """Readings of devices: parallel arrays, and those that cannot be read.

    :ivar minute: of the moment since 1970 in UTC; −1: a day alone was told
    :ivar register: place among the members of ``RegisterCode``; −1: none is named
    :ivar is_reliable: 0: the device itself doubts it
    :ivar device: place of its device's number among ``serials``
    """

    row_no: Integers
    day: Integers
    minute: Integers
    dial_milli: Integers
    decimals: Integers
    register: Integers
    is_reliable: Integers
    device: Integers
    serials: list[str]
    faults: list[DeviceFault]

    @property
    def last_row(self) -> int:
        """The number of the last row."""
        return max([int(self.row_no[-1]) if len(self.row_no) else 0, *(fault.texts.row_no for fault in self.faults)])

    def serial(self, place: int) -> str:
        """Return the number of a reading's device as it was written."""
        return self.serials[int(self.device[place])]


def device_rows(table: Integers, serials: list[str], faults: list[DeviceFault]) -> DeviceRows:
    """Return readings of a table with a row a reading, in the order of the fields."""
    row_no, day, minute, dial_milli, decimals, register, is_reliable, device = table.reshape(-1, NUMBERS).T
    return DeviceRows(row_no, day, minute, dial_milli, decimals, register, is_reliable, device, serials, faults)


def rows_of_texts(texts: Sequence[DeviceTexts], refused: Sequence[DeviceFault] = ()) -> DeviceRows:
    """Return readings that came as texts.

    :param refused: those of which a text cannot be kept
    """
    numbers: list[tuple[int, ...]] = []
    devices: dict[str, int] = {}
    faults = list(refused)
    for one in texts:
        found = read_texts(one)
        if isinstance(found, DeviceFault):
            faults.append(found)
        else:
            numbers.append((one.row_no, *found[0], devices.setdefault(found[1], len(devices))))
    return device_rows(np.array(numbers, dtype=np.int64), list(devices), faults)


def read_device_file(path: Path, *, chunk_rows: int = CHUNK_ROWS, timeout_s: int = 900) -> Iterator[DeviceRows]:
    """Yield the readings of a CSV or XLSX file in chunks, while the child reads on.

    :raises Unreadable: if the file is refused, or the process that reads it fails, is killed or takes too long
    """
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise Unreadable(FileProblem.TOO_LARGE, "more than %(limit)s MB", limit=LARGEST_FILE_BYTES >> 20)
    command = [sys.executable, "-E", "-s", "-B", "-m", "app.gateways.device_data.child", str(path)]
    rows, said = 0, {}
    with reading_process([*command, str(MOST_ROWS), str(chunk_rows), str(timeout_s)], timeout_s=timeout_s) as child:
        assert child.stdout is not None
        while (said := _said(child.stdout)) and "numbers" in said:
            chunk = _chunk(said, child.stdout)
            rows += len(chunk.row_no) + len(chunk.faults)
            yield chunk
        if "problem" in said:
            raise Unreadable(FileProblem(said["problem"]), said["detail"], **said["parameters"])
        if said.get("rows") != rows:
            raise Unreadable(FileProblem.UNREADABLE, "reading broke off")


def _said(stream: IO[bytes]) -> dict[str, Any]:
    """Return what the child's next line says; nothing if it broke off."""
    line = stream.readline()
    return dict(json.loads(line)) if line.endswith(b"\n") else {}


def _chunk(said: Mapping[str, Any], stream: IO[bytes]) -> DeviceRows:
    """Return the chunk that a line of the child announced.

    :raises Unreadable: if it broke off
    """
    numbers, devices = stream.read(said["numbers"]), stream.read(said["devices"])
    if len(numbers) + len(devices) < said["numbers"] + said["devices"]:
        raise Unreadable(FileProblem.UNREADABLE, "reading broke off")
    faults = [DeviceFault(DeviceTexts(*texts), problem, column) for texts, problem, column in said["faults"]]
    return device_rows(np.frombuffer(numbers, dtype=np.int64), devices.decode().split("\n") if devices else [], faults)


def read_device_content(content: bytes, _name: str = "") -> Iterator[DeviceRows]:
    """Yield the readings of a file's content, as ``read_device_file`` does."""
    with tempfile.NamedTemporaryFile(prefix="upload-") as file:
        file.write(content)
        file.flush()
        yield from read_device_file(Path(file.name))


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
