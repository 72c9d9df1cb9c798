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
from types import MappingProxyType
from typing import NamedTuple

from app.domain.readers import FileProblem, Misread, ReadingFault, cell

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
#: Units and remarks that may stand behind a column's name, as ``plain_name`` leaves letters.
_REMARKS = frozenset(
    "kwh kvts kvtsoat квтч квтс квтсоат m3 м3 kub куб gcal gkal гкал som сум uzs tiyin тийин percent foiz процент фоиз "
    "зав заводской zavod ddmmyyyy yyyymmdd ддммгггг ддммгг".split()
)


class Unreadable(Exception):
    """A file cannot be read.

    :ivar problem: why, for the person who sent it
    :ivar detail: where and what, in English
    :ivar message: the detail as a message of the catalogs, and ``parameters``, what stands in its places
    """

    def __init__(self, problem: FileProblem, message: str, **parameters: str | int) -> None:
        self.problem, self.message, self.parameters = problem, message, parameters
        self.detail = message % parameters if parameters else message
        super().__init__(f"{problem}: {self.detail}")


class UploadedTable(NamedTuple):
    """The filled rows of a table; the first one is taken for the header."""

    header: list[str]
    #: row as the file or sheet numbers it, from 1, and its cells up to the last filled one
    rows: list[tuple[int, list[str]]]
    #: rows that cannot be read, by number; their beginning is their only cell
    faults: Mapping[int, ReadingFault] = MappingProxyType({})
    #: filled sheets of a workbook that were not read
    further_sheets: tuple[str, ...] = ()


class TableRefusal(NamedTuple):
    """Why a row is not read."""

    fault: ReadingFault
    #: name of the column; empty if the whole row is meant
    column: str
    #: what stands there
    value: str


class Line(NamedTuple):
    """A row below the header."""

    row_no: int
    #: the named columns
    cells: list[str]
    refusal: TableRefusal | None = None


def read_table(
    content: bytes, name: str, *, most_rows: int = 2_000_000, timeout_s: int = 60, objects: bool = False, unread: list[str] | None = None
) -> UploadedTable:
    """Return the rows of an uploaded CSV or XLSX file, told apart by content.

    Days come as ISO dates, numbers of a workbook in plain decimal notation, everything else as it stands there.

    :param name: the file's name, for the traceback only
    :param unread: filled with the names of a workbook's further filled sheets
    :param objects: a JSON list of objects is a table too; its keys are the header, its objects count from 1
    :raises Unreadable: whatever is wrong with the file, and also if reading it kills the child or takes too long
    """
    try:
        table = _table_of(content, "objects" if objects else "table", str(most_rows), timeout_s=timeout_s)
    except Unreadable as unreadable:
        unreadable.add_note(f"in the file {name!r}")
        raise
    if unread is not None:
        unread.extend(table.further_sheets)
    return table


def _table_of(content: bytes, kind: str, most_rows: str, *, timeout_s: int) -> UploadedTable:
    if len(content) > LARGEST_FILE_BYTES:
        raise Unreadable(FileProblem.TOO_LARGE, "more than %(limit)s MB", limit=LARGEST_FILE_BYTES >> 20)
    rows: list[tuple[int, list[str]]] = []
    faults: dict[int, ReadingFault] = {}
    sheets: list[str] = []
    with tempfile.NamedTemporaryFile(prefix="upload-") as file:
        file.write(content)
        file.flush()
        command = [sys.executable, "-E", "-s", "-B", "-m", "app.gateways.tables_child"]
        for row_no, cells, fault in rows_from([*command, file.name, kind, most_rows, str(timeout_s)], timeout_s=timeout_s, sheets=sheets):
            rows.append((row_no, cells))
            if fault:
                faults[row_no] = fault
    if not rows:
        raise Unreadable(FileProblem.NO_ROWS, "the file is empty")
    return UploadedTable(rows[0][1], rows[1:], faults, tuple(sheets))


def rows_from(
    command: Sequence[str], *, timeout_s: int, sheets: list[str] | None = None
) -> Iterator[tuple[int, list[str], ReadingFault | None]]:
    """Run a reading process and return its rows as they come; it never outlives this call.

    :param sheets: filled with the names of sheets that were not read
    :raises Unreadable: if it refuses the file, fails, is killed, takes too long or answers with anything but rows
    """
    with reading_process(command, timeout_s=timeout_s) as child:
        for line in _lines(child):
            match _answer_of(line):
                case [int(row_no), list(cells)] if set(map(type, cells)) == {str}:
                    yield row_no, cells, None
                case [int(row_no), [str(cell)], str(fault)] if fault in set(ReadingFault):
                    yield row_no, [cell], ReadingFault(fault)
                case {"sheets": list(names)} if sheets is not None and set(map(type, names)) == {str}:
                    sheets += names
                case {"problem": str(problem), "detail": str(detail), "parameters": dict(parameters)} if problem in set(FileProblem):
                    raise Unreadable(FileProblem(problem), detail, **parameters)
                case _:
                    raise Unreadable(FileProblem.UNREADABLE, "reading broke off")


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
        raise Unreadable(FileProblem.TOO_LARGE, "not read within %(limit)s s", limit=timeout_s)
    if status:
        raise Unreadable(FileProblem.UNREADABLE, "reading failed with status %(status)s", status=status)


def _lines(child: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Return whole lines; half a line is a failure only if the child did not say so itself by its status."""
    assert child.stdout is not None
    left = LARGEST_ANSWER_BYTES
    while line := child.stdout.readline(LONGEST_LINE_BYTES):
        left -= len(line)
        if left < 0:
            raise Unreadable(FileProblem.TOO_LARGE, "more than %(limit)s MB of text", limit=LARGEST_ANSWER_BYTES >> 20)
        if line.endswith(b"\n"):
            yield line
        elif len(line) == LONGEST_LINE_BYTES or child.wait() == 0:
            raise Unreadable(FileProblem.UNREADABLE, "reading broke off")


def _answer_of(line: bytes) -> object:
    try:
        answer: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return answer


def columns_of(
    table: UploadedTable, names: Mapping[str, Sequence[str]], *, needed: Collection[str], one_of: Collection[str] = ()
) -> list[Line]:
    """Return the named columns of the rows below the header, in the order of ``names``; a missing column is empty.

    The header is the first of ten filled rows that has the needed columns. Rows empty in all named columns are left out. A row
    that cannot be read, has filled cells beyond the header, or an error or shortened number in a named column, comes with its
    refusal.

    :param names: what a column may be called, the best name first; compared as ``plain_name`` leaves them
    :param one_of: columns of which the header has at least one; empty: none is asked for
    :raises Unreadable: if there is no such header, or two columns have one name, or there are no rows
    """
    best, found = header_place(table, names, needed=needed, one_of=one_of)
    places = {name: found.get(name) for name in names}
    width = len(header_lines(table)[best])
    below = (_line_of(table, row_no, cells, places, width) for row_no, cells in table.rows[best:])
    rows = [line for line in below if line.refusal or any(line.cells)]
    if not rows:
        raise Unreadable(FileProblem.NO_ROWS, "nothing below the header")
    return rows


def header_place(
    table: UploadedTable, names: Mapping[str, Sequence[str]], *, needed: Collection[str], one_of: Collection[str] = ()
) -> tuple[int, dict[str, int]]:
    """Return which of the first filled rows is the header, from 0, and where the named columns stand that it has.

    :raises Unreadable: if none of them is, or two columns have one name
    """
    found = [_places(cells, names) for cells in header_lines(table)]
    best = next((at for at, places in enumerate(found) if not _missing(places, needed, one_of)), None)
    if best is None:
        missing = ", ".join(name for name in names if name in _missing(max(found, key=len), needed, one_of))
        raise Unreadable(FileProblem.NO_HEADER, "missing columns: %(columns)s", columns=missing)
    return best, found[best]


def _missing(places: Collection[str], needed: Collection[str], one_of: Collection[str]) -> list[str]:
    """Return the columns a header lacks; of those of which one is enough, the first."""
    return [*(name for name in needed if name not in places), *([] if set(one_of) & set(places) else list(one_of)[:1])]


def header_lines(table: UploadedTable) -> list[list[str]]:
    """Return the filled rows among which a header is looked for."""
    return [table.header, *(cells for _, cells in table.rows[: HEADER_ROWS - 1])]


def _line_of(table: UploadedTable, row_no: int, cells: list[str], places: Mapping[str, int | None], width: int) -> Line:
    fault = table.faults.get(row_no)
    if fault:
        return Line(row_no, [""] * len(places), TableRefusal(fault, "", cells[0]))
    picked = {name: cells[place].strip() if place is not None and place < len(cells) else "" for name, place in places.items()}
    if beyond := next(filter(str.strip, cells[width:]), ""):
        return Line(row_no, list(picked.values()), TableRefusal(ReadingFault.EXTRA_CELLS, "", beyond))
    return Line(row_no, list(picked.values()), _refusal_of(picked))


def _refusal_of(picked: Mapping[str, str]) -> TableRefusal | None:
    """Return the first column whose cell says that a spreadsheet lost what stood there."""
    for name, text in picked.items():
        try:
            cell(text)
        except Misread as misread:
            return TableRefusal(misread.fault, name, text)
    return None


def _places(cells: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    keys = [plain_name(cell) for cell in cells]
    places = {}
    for name, called in names.items():
        key = next((key for key in map(plain_name, called) if key in keys), None)
        if key is None:
            continue
        if keys.count(key) > 1:
            raise Unreadable(FileProblem.NO_HEADER, "%(column)s stands twice", column=name)
        places[name] = keys.index(key)
    return places


def plain_name(header: str) -> str:
    """Return a column's name as it is compared: small letters and digits, without a unit of measurement behind it.

    Any other remark belongs to the name: a previous reading is none. Apostrophes and the hooks of қ, ҳ, ў, ғ are often not
    typed, ё neither.

    >>> plain_name("№ Счётчика (зав.)"), plain_name("Koʻrsatkich, kVt·soat"), plain_name("Показание (предыдущее)")
    ('счетчика', 'korsatkich', 'показаниепредыдущее')
    """
    start, *remark = re.split(r"[,(\[:]", unicodedata.normalize("NFC", header).casefold(), maxsplit=1)
    letters = [_letters(part) for part in (start, *remark)]
    return letters[0] if letters[0] and set(letters[1:]) <= _REMARKS | {""} else "".join(letters)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.translate(_LETTERS)))
