"""Workbooks as rows of values, for the processes that read files under limits.

A workbook is looked at before it is unpacked, as the limits of the process cannot say why they stop it. Calamine reads the
cells. What it does not tell is read from the sheet beside it: errors (``#N/A``) and cells shown as percent. Archives of other
programs are taken as they are: names with back-slashes, and parts outside ``xl/``.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

#: Calamine keeps the whole rectangle around the cells; 8 million of them take half of the memory.
MOST_RECTANGLE = 8_000_000
MOST_MEMBERS = 2_000
MOST_UNPACKED_BYTES = 400 << 20
MOST_RATIO = 200  # of members above a megabyte

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
#: A cell that is not empty: one that is only formatted takes no place.
_CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,7})([0-9]{1,10})["'](?![^>]{0,99}/>)""")
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, KeyError)


class WorkbookRefused(Exception):
    """The file is not read.

    :ivar problem: the value of a member of ``FileProblem``
    :ivar detail: where and what, in English
    :ivar told: the problem, and the detail as a message of the catalogs with what stands in its places
    """

    def __init__(self, problem: str, detail: str, **parameters: str | int) -> None:
        self.problem, self.detail = problem, detail % parameters if parameters else detail
        self.told = {"problem": problem, "detail": detail, "parameters": parameters}
        super().__init__(self.detail)


class Workbook:
    """A workbook and its first filled sheet that can be seen.

    :ivar further_sheets: names of other filled sheets that can be seen
    """

    def __init__(self, path: Path) -> None:
        """Look at a workbook.

        :raises WorkbookRefused: if it is no .xlsx, is locked or damaged, unpacks to too much, or spans too large a rectangle
        """
        with _or_damaged():
            check_workbook(path)
            self._archive = Archive(path)
            self._book = self._archive.opened()
        seen = [
            (number, sheet.name)
            for number, sheet in enumerate(self._book.sheets_metadata)
            if "WorkSheet" in str(sheet.typ) and str(sheet.visible).endswith(".Visible")
        ]
        with _or_damaged():
            filled = [(number, name) for number, name in seen if self._archive.is_filled(number)]
        self._number: int | None = next((number for number, _ in [*filled, *seen]), None)
        self.further_sheets = [name[:100] for number, name in filled[1:]]

    def rows(self) -> Iterator[list[object]]:
        """Return the cells of each row; percents and errors are texts as the sheet shows them.

        :raises WorkbookRefused: if the sheet is damaged
        """
        if self._number is None:
            return
        with _or_damaged():
            marks = self._archive.marks(self._number)
            marked_row, marked = next(marks, (0, {}))
            for row_no, cells in enumerate(self._book.get_sheet_by_index(self._number).iter_rows(), 1):
                if row_no == marked_row:
                    for place, error in marked.items():
                        _mark(cells, place, error)
                    marked_row, marked = next(marks, (0, {}))
                yield cells


def _mark(cells: list[object], place: int, error: str) -> None:
    """Write an error, or a number as percent, as the sheet shows it."""
    if error:
        cells.extend([""] * (place + 1 - len(cells)))
        cells[place] = error
    elif place < len(cells) and type(shown := cells[place]) is float:
        cells[place] = f"{(Decimal(format(shown, '.15g')) * 100).normalize():f}%"


@contextmanager
def _or_damaged() -> Iterator[None]:
    """Refuse a damaged workbook."""
    import python_calamine  # noqa: PLC0415 - a text does not need it

    try:
        yield
    except (*_DAMAGES, python_calamine.CalamineError) as error:
        raise WorkbookRefused("UNREADABLE", "a damaged workbook: %(error)s", error=str(error)[:200]) from None


# What is in the archive


class Archive:
    """The parts of a workbook, by the names that packages have: with slashes, from the root."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = zipfile.ZipFile(path)
        self._members = {_plain(member.filename): member for member in self._zip.infolist()}
        self.book = _book_of(self._text("_rels/.rels"))
        if self.book not in self._members:
            self.book = "xl/workbook.xml"

    def opened(self) -> Any:
        """Return Calamine's workbook; one whose parts lie elsewhere is packed anew, below ``xl/``."""
        import python_calamine  # noqa: PLC0415 - a text does not need it

        if self.book == "xl/workbook.xml":
            return python_calamine.load_workbook(str(self._path))
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in self._members:
                archive.writestr(self._usual(name), self._usual_part(name))
        content.seek(0)
        return python_calamine.load_workbook(content)

    def _usual(self, name: str) -> str:
        folder, _slash, file = self.book.rpartition("/")
        inside = f"{folder}/" if folder else ""
        known = {self.book: "xl/workbook.xml", f"{inside}_rels/{file}.rels": "xl/_rels/workbook.xml.rels"}
        if name in known or name in {"[Content_Types].xml", "_rels/.rels"}:
            return known.get(name, name)
        return f"xl/{name.removeprefix(inside)}"

    def _usual_part(self, name: str) -> bytes:
        part = self._zip.read(self._members[name])
        if name == "_rels/.rels":
            return re.sub(rf'Target="/?{re.escape(self.book)}"'.encode(), b'Target="xl/workbook.xml"', part)
        if not name.endswith(".rels"):
            return part
        folder = self.book.rpartition("/")[0]
        return re.sub(rf'Target="/{re.escape(folder)}/?'.encode(), b'Target="/xl/', part)

    def _text(self, name: str) -> str:
        return self._zip.read(self._members[name]).decode("utf-8", "replace") if name in self._members else ""

    @cached_property
    def _sheets(self) -> list[str]:
        """The part of each sheet, in the order of the workbook."""
        folder, _slash, file = self.book.rpartition("/")
        related = {
            _attribute(element, "Id"): _attribute(element, "Target")
            for element in _elements(self._text(f"{folder}/_rels/{file}.rels".lstrip("/")), "Relationship")
        }
        targets = [related.get(_attribute(element, r"[\w]+:id"), "") for element in _elements(self._text(self.book), "sheet")]
        return [_plain(target if target.startswith("/") else f"{folder}/{target}") for target in targets]

    def _chunks(self, number: int) -> Iterator[bytes]:
        """Return a sheet in pieces that end between rows."""
        member = self._members.get(self._sheets[number]) if number < len(self._sheets) else None
        if member is None:
            return
        rest = b""
        with self._zip.open(member) as file:
            while chunk := file.read(_CHUNK):
                whole, end, rest = (rest + chunk).rpartition(b"row>")
                yield whole + end
        yield rest

    def is_filled(self, number: int) -> bool:
        """Return whether a sheet has a cell with something in it."""
        return any(_VALUE.search(chunk) for chunk in self._chunks(number))

    @cached_property
    def _percent_styles(self) -> frozenset[bytes]:
        """The numbers of the formats that show percent."""
        text = self._text(f"{self.book.rpartition('/')[0]}/styles.xml".lstrip("/"))
        shown = {_attribute(element, "numFmtId"): _attribute(element, "formatCode") for element in _elements(text, "numFmt")}
        percents = {"9", "10", *(key for key, code in shown.items() if "%" in re.sub(r'\\.|&quot;.*?&quot;|"[^"]*"', "", code))}
        formats = _elements(text.partition("cellXfs")[2].partition("cellXfs>")[0], "xf")
        return frozenset(str(at).encode() for at, each in enumerate(formats) if _attribute(each, "numFmtId") in percents)

    def marks(self, number: int) -> Iterator[tuple[int, dict[int, str]]]:
        """Return the rows with errors and percents: the place of each, from 0, and the error, empty for a percent.

        :raises WorkbookRefused: if rows are out of order
        """
        row_no = 0
        for chunk in self._chunks(number):
            if not self._percent_styles and not _ERROR.search(chunk) and not _NUMBERLESS_ROW.search(chunk):
                row_no = max([row_no, *(int(found) for found in _ROW_NUMBER.findall(chunk)[-1:])])
                continue
            for row in _ROW.finditer(chunk):
                told = _ROW_NUMBER.match(row[0])
                before, row_no = row_no, int(told[1]) if told else row_no + 1
                if row_no <= before:
                    raise WorkbookRefused("UNREADABLE", "a damaged workbook: %(error)s", error="rows out of order")
                if marked := self._marks_of(row[0]):
                    yield row_no, marked

    def _marks_of(self, row: bytes) -> dict[int, str]:
        marked = {}
        place = -1
        for found in _ANY_CELL.finditer(row):
            attributes = found[1]
            named = _CELL_NAME.search(attributes)
            place = column_number(named[1]) - 1 if named else place + 1
            if _ERROR.search(attributes):
                said = _TEXT.search(row, found.end())
                marked[place] = said[1].decode("utf-8", "replace")[:20] if said else "#N/A"
            elif (style := _STYLE.search(attributes)) and style[1] in self._percent_styles:
                marked[place] = ""
        return marked


_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)(?:\s[^>]*)?>[^<]")
_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s>/])(?:[^>]*/>|[^>]*>.*?(?:</(?:\w+:)?row>|$))", re.DOTALL)
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']([0-9]{1,10})["']""")
_NUMBERLESS_ROW = re.compile(rb"""<(?:\w+:)?row(?![^>]*\sr\s*=)""")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c((?:\s[^>]*)?)/?>")
_CELL_NAME = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,7})[0-9]""")
_STYLE = re.compile(rb"""\ss\s*=\s*["']([0-9]+)["']""")
_TEXT = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]*)<")


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _book_of(relations: str) -> str:
    """Return the part that the package says is its workbook, or the usual one."""
    for element in _elements(relations, "Relationship"):
        if _attribute(element, "Type").endswith("/officeDocument"):
            return _plain(_attribute(element, "Target"))
    return "xl/workbook.xml"


def _elements(text: str, name: str) -> list[str]:
    return re.findall(rf"<(?:\w+:)?{name}\s[^>]*>", text)


def _attribute(element: str, name: str) -> str:
    found = re.search(rf"""\s(?:{name})\s*=\s*(?:"([^"]*)"|'([^']*)')""", element)
    return (found[1] or found[2] or "") if found else ""


# Limits


def check_workbook(path: Path) -> None:
    """Look at a workbook before it is unpacked.

    :raises WorkbookRefused: if it is no .xlsx, is locked, unpacks to too much, or spans too large a rectangle
    :raises zipfile.BadZipFile: and what else a damaged archive raises
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _check_members(members)
        relations = next((archive.read(member) for member in members if _plain(member.filename) == "_rels/.rels"), b"")
        if not {_book_of(relations.decode("utf-8", "replace")).lower(), "xl/workbook.xml"} & {
            _plain(member.filename).lower() for member in members if member.filename.lower().endswith(".xml")
        }:
            raise WorkbookRefused("OTHER_KIND", "an archive, but no .xlsx workbook")
        last_row = last_column = 0
        for member in members:
            row, column = _last_cell(archive, member)
            last_row, last_column = max(last_row, row), max(last_column, column)
    if last_row * last_column > MOST_RECTANGLE:
        raise WorkbookRefused("TOO_LARGE", "the sheet spans %(rows)s rows and %(columns)s columns", rows=last_row, columns=last_column)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = {_plain(member.filename).lower() for member in members}
    if len(members) > MOST_MEMBERS or len(names) < len(members):
        raise WorkbookRefused("UNREADABLE", "an archive with too many or repeated members")
    if any(member.flag_bits & 1 for member in members):
        raise WorkbookRefused("UNREADABLE", "the workbook is locked with a password")
    if any(member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for member in members):
        raise WorkbookRefused("UNREADABLE", "the workbook is packed in an unusual way")
    if sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
        raise WorkbookRefused("TOO_LARGE", "the workbook unpacks to more than %(limit)s MB", limit=MOST_UNPACKED_BYTES >> 20)
    if any(member.file_size > max(_CHUNK, MOST_RATIO * member.compress_size) for member in members):
        raise WorkbookRefused("UNREADABLE", "the workbook unpacks to far more than its size")


def _last_cell(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Return the largest row and column that a member's cells name, from 1.

    Both ends of each megabyte are looked at: a large sheet is regular, and reading it all would take as long as parsing.
    """
    last_row = last_column = 0
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            if b"<!DOCTYPE" in chunk[:_SAMPLE]:
                raise WorkbookRefused("UNREADABLE", "the workbook declares entities")
            sample = chunk[:_SAMPLE] + chunk[max(_SAMPLE, len(chunk) - _SAMPLE) :]
            for letters, row in set(_CELL.findall(sample)):
                last_row, last_column = max(last_row, int(row)), max(last_column, column_number(letters))
    return last_row, last_column


def column_number(letters: bytes) -> int:
    """Return the number of a column: A is 1, XFD is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
