"""Files of devices' readings: read in a child, handed on in chunks of numbers."""

from pathlib import Path

import pytest

from app.domain.metering import REGISTERS
from app.domain.readers import FileProblem
from app.gateways.device_data import read_device_file
from app.gateways.tables import Unreadable

HEAD = "meter;register;time;reading;quality\n"


def written(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "devices.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_rows_come_as_numbers_with_the_devices_they_name(tmp_path: Path) -> None:
    path = written(tmp_path, "A-1;NIGHT;2026-02-10T23:30:00Z;12,5;E", "00B2;;2026-02-10;7;", "A-1;TOTAL;2026-02-10;100;A")

    (rows,) = read_device_file(path)

    assert rows.serials == ["A-1", "00B2"]
    assert [rows.serial(place) for place in range(3)] == ["A-1", "00B2", "A-1"]
    assert rows.row_no.tolist() == [2, 3, 4]
    assert [REGISTERS[code] if code >= 0 else "" for code in rows.register.tolist()] == ["NIGHT", "", "TOTAL"]
    assert (rows.dial_milli.tolist(), rows.decimals.tolist()) == ([12_500, 7_000, 100_000], [1, 0, 0])
    assert (rows.is_reliable.tolist(), (rows.minute >= 0).tolist()) == ([0, 1, 1], [True, False, False])
    assert rows.day.tolist() == [rows.day[1] + 1, rows.day[1], rows.day[1]]


def test_file_comes_in_chunks_with_its_faults_and_nothing_is_lost(tmp_path: Path) -> None:
    lines = [f"M{number};TOTAL;2026-02-10;{'x' if number % 3 == 0 else number};A" for number in range(10)]

    chunks = list(read_device_file(written(tmp_path, *lines), chunk_rows=4))

    assert [len(chunk.row_no) + len(chunk.faults) for chunk in chunks] == [4, 4, 2]
    assert [fault.texts.row_no for chunk in chunks for fault in chunk.faults] == [2, 5, 8, 11]
    assert sorted(number for chunk in chunks for number in chunk.row_no.tolist()) == [3, 4, 6, 7, 9, 10]
    assert [chunk.last_row for chunk in chunks] == [5, 9, 11]


@pytest.mark.parametrize(
    ("line", "problem", "column"),
    [
        ('"A\n1";TOTAL;2026-02-10;5;A', "CONTROL_CHARACTER", "meter_number"),
        ("A\t1;TOTAL;2026-02-10;5;A", "CONTROL_CHARACTER", "meter_number"),
        (";TOTAL;2026-02-10;5;A", "EMPTY", "meter_number"),
        (f"{'9' * 65};TOTAL;2026-02-10;5;A", "TEXT_TOO_LONG", "meter_number"),
        ("A1;T9;2026-02-10;5;A", "UNKNOWN_REGISTER", "register"),
        ("A1;TOTAL;2026-02-10;5;?", "UNKNOWN_QUALITY", "quality"),
        ("A1;TOTAL;2026-02-10;5;A;6", "EXTRA_CELLS", ""),
        ("A1;TOTAL", "EMPTY", "read_on"),
    ],
)
def test_row_that_cannot_be_read_is_told_with_its_column(tmp_path: Path, line: str, problem: str, column: str) -> None:
    (rows,) = read_device_file(written(tmp_path, line, "B2;TOTAL;2026-02-10;5;A"))

    assert [(fault.problem, fault.column) for fault in rows.faults] == [(problem, column)]
    assert rows.serials == ["B2"]


def test_columns_may_stand_in_any_order_and_some_may_lack(tmp_path: Path) -> None:
    (rows,) = read_device_file(written(tmp_path, "5,2026-02-10,A1", "", ",,", head="reading,time,meter\n"))

    assert (rows.serials, rows.dial_milli.tolist(), rows.register.tolist(), rows.is_reliable.tolist()) == (["A1"], [5000], [-1], [1])


@pytest.mark.parametrize(("head", "problem"), [(HEAD, FileProblem.NO_ROWS), ("meter;dial\n", FileProblem.NO_HEADER)])
def test_file_without_rows_or_columns_is_refused(tmp_path: Path, head: str, problem: FileProblem) -> None:
    with pytest.raises(Unreadable) as refused:
        list(read_device_file(written(tmp_path, head=head)))

    assert refused.value.problem == problem
