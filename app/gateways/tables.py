"""Uploaded tables, CSV and XLSX, as plain rows of text; a child process under limits does the reading.

Parsers meet files that hang them, fill the memory or abort the process. So the content goes through a temporary file to
``tables_child``, which has little memory and time, no input and no secret in its environment, and only lines of text come
back. A text is UTF-8, UTF-16 with its mark, else Windows-1251 or DOS 866, whichever gives more Cyrillic letters.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from app.domain.metering import FileProblem

LARGEST_FILE_BYTES = 64 << 20
#: What the child may answer, in all and in a line.
LARGEST_ANSWER_BYTES = 128 << 20
LONGEST_LINE_BYTES = 1 << 20
#: A header is looked for in so many filled rows.
HEADER_ROWS = 10

_ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
_APOSTROPHES = "'`´ʻʼʽʹˈ‘’‛′＇"
_LETTERS = str.maketrans("ёқҳўғ", "екхуг", _APOSTROPHES)
_WHOLE = re.compile(r"([0-9]+)[.,]0+")


class Unreadable(Exception):
    """A file cannot be read.

    :ivar problem: why, for the person who sent it
    :ivar detail: where and what, in English
    """

    def __init__(self, problem: FileProblem, detail: str) -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem, self.detail = problem, detail


class Table(NamedTuple):
    """The filled rows of a table; the first one is taken for the header."""

    header: list[str]
    #: row as the file or sheet numbers it, from 1, and its cells up to the last filled one
    rows: list[tuple[int, list[str]]]


def read_table(content: bytes, name: str, *, most_rows: int = 2_000_000, timeout_s: int = 60, objects: bool = False) -> Table:
    """Return the rows of an uploaded CSV or XLSX file, told apart by content.

    Days come as ISO dates, numbers of a workbook in plain decimal notation, everything else as it stands there.

    :param name: the file's name, for the traceback only
    :param objects: a JSON list of objects is a table too; its keys are the header, its objects count from 1
    :raises Unreadable: whatever is wrong with the file, and also if reading it kills the child or takes too long
    """
    try:
        rows = _rows_of(content, "objects" if objects else "table", str(most_rows), timeout_s=timeout_s)
    except Unreadable as unreadable:
        unreadable.add_note(f"in the file {name!r}")
        raise
    return Table(rows[0][1], rows[1:])


def _rows_of(content: bytes, kind: str, most_rows: str, *, timeout_s: int) -> list[tuple[int, list[str]]]:
    if len(content) > LARGEST_FILE_BYTES:
        raise Unreadable(FileProblem.TOO_LARGE, f"more than {LARGEST_FILE_BYTES >> 20} MB")
    with tempfile.NamedTemporaryFile(prefix="upload-") as file:
        file.write(content)
        file.flush()
        command = [sys.executable, "-E", "-s", "-B", "-m", "app.gateways.tables_child"]
        rows = list(rows_from([*command, file.name, kind, most_rows, str(timeout_s)], timeout_s=timeout_s))
    if not rows:
        raise Unreadable(FileProblem.NO_ROWS, "the file is empty")
    return rows


def rows_from(command: Sequence[str], *, timeout_s: int) -> Iterator[tuple[int, list[str]]]:
    """Run a reading process and return its rows as they come; it never outlives this call.

    :raises Unreadable: if it refuses the file, fails, is killed, takes too long or answers with anything but rows
    """
    with reading_process(command, timeout_s=timeout_s) as child:
        for line in _lines(child):
            yield _row_of(line)


@contextmanager
def reading_process(command: Sequence[str], *, timeout_s: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a reading process without input and without our environment; it never outlives this block.

    :raises Unreadable: at the end of the block, if the process failed, was killed or took too long
    """
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=_ROOT, env=_ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        timer = threading.Timer(timeout_s, child.kill)
        timer.start()
        try:
            yield child
            status = child.wait()
        finally:
            timer.cancel()
            child.kill()
    if status == -signal.SIGXCPU or time.monotonic() - started >= timeout_s:
        raise Unreadable(FileProblem.TOO_LARGE, f"not read within {timeout_s} s")
    if status:
        raise Unreadable(FileProblem.UNREADABLE, f"reading failed with status {status}")


def _lines(child: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Return whole lines; half a line is a failure only if the child did not say so itself by its status."""
    assert child.stdout is not None
    left = LARGEST_ANSWER_BYTES
    while line := child.stdout.readline(LONGEST_LINE_BYTES):
        left -= len(line)
        if left < 0:
            raise Unreadable(FileProblem.TOO_LARGE, f"more than {LARGEST_ANSWER_BYTES >> 20} MB of text")
        if line.endswith(b"\n"):
            yield line
        elif len(line) == LONGEST_LINE_BYTES or child.wait() == 0:
            raise Unreadable(FileProblem.UNREADABLE, "reading broke off")


def _row_of(line: bytes) -> tuple[int, list[str]]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        answer = None
    match answer:
        case [int(row_no), [*cells]] if set(map(type, cells)) == {str}:
            return row_no, cells
        case {"problem": str(problem), "detail": str(detail)} if problem in set(FileProblem):
            raise Unreadable(FileProblem(problem), detail)
    raise Unreadable(FileProblem.UNREADABLE, "reading broke off")


def columns_of(table: Table, names: Mapping[str, Sequence[str]], *, needed: Collection[str]) -> list[tuple[int, list[str]]]:
    """Return the named columns of the rows below the header, in the order of ``names``; a missing column is empty.

    The header is the first of ten filled rows that has the needed columns. Rows empty in all named columns are left out.

    :param names: what a column may be called, the best name first; compared as ``plain_name`` leaves them
    :raises Unreadable: if there is no such header, or two columns have one name, or there are no rows
    """
    lines = [table.header, *(cells for _, cells in table.rows[: HEADER_ROWS - 1])]
    found = [_places(cells, names) for cells in lines]
    best = next((places for places in found if set(needed) <= places.keys()), None)
    if best is None:
        seen = max(found, key=len)
        raise Unreadable(FileProblem.NO_HEADER, ", ".join(name for name in names if name in needed and name not in seen))
    places = [best.get(name) for name in names]
    below = ((row_no, _picked(cells, places)) for row_no, cells in table.rows[found.index(best) :])
    rows = [(row_no, cells) for row_no, cells in below if any(cells)]
    if not rows:
        raise Unreadable(FileProblem.NO_ROWS, "nothing below the header")
    return rows


def _places(cells: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    keys = [plain_name(cell) for cell in cells]
    places = {}
    for name, called in names.items():
        key = next((key for key in map(plain_name, called) if key in keys), None)
        if key is None:
            continue
        if keys.count(key) > 1:
            raise Unreadable(FileProblem.NO_HEADER, f"{name} stands twice")
        places[name] = keys.index(key)
    return places


def _picked(cells: Sequence[str], places: Sequence[int | None]) -> list[str]:
    return [cells[place].strip() if place is not None and place < len(cells) else "" for place in places]


def plain_name(header: str) -> str:
    """Return a column's name as it is compared: small letters and digits up to a unit or remark.

    Apostrophes and the hooks of қ, ҳ, ў, ғ are often not typed, ё neither.

    >>> plain_name("№ Счётчика (зав.)"), plain_name("Koʻrsatkich, kVt·soat")
    ('счетчика', 'korsatkich')
    """
    start = re.split(r"[,(\[:]", unicodedata.normalize("NFC", header).casefold(), maxsplit=1)[0]
    return "".join(filter(str.isalnum, start.translate(_LETTERS)))


def plain_number(text: str) -> str:
    """Return the number of an account or a meter without what spreadsheets add: an apostrophe before, ``.0`` after.

    >>> plain_number("'170010000012"), plain_number("170010000012.0"), plain_number("A-12.0")
    ('170010000012', '170010000012', 'A-12.0')
    """
    bare = text.strip().removeprefix("'")
    whole = _WHOLE.fullmatch(bare)
    return whole[1] if whole else bare
