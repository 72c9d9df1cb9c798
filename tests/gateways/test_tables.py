import contextlib
import csv
import io
import resource
import struct
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.readers import FileProblem, ReadingFault
from app.domain.readers import code as number_of
from app.gateways import tables_child
from app.gateways.tables import Line, TableRefusal, Unreadable, UploadedTable, columns_of, plain_name, read_table, rows_from

UNREADABLE, OTHER_KIND, TOO_LARGE, NO_HEADER, NO_ROWS = (
    FileProblem.UNREADABLE,
    FileProblem.OTHER_KIND,
    FileProblem.TOO_LARGE,
    FileProblem.NO_HEADER,
    FileProblem.NO_ROWS,
)

RUSSIAN = "лицевой счёт;дата;показание\n170010000012;31.10.2026;12,5\n"

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ONE_CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'
FAR_CELL = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def sheet(rows: str, before: str = "") -> str:
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def text_cell(text: str) -> str:
    return f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'


def members(sheet_xml: str | None, *, state: str = "visible") -> dict[str, str]:
    """Return the parts of the smallest workbook with one sheet."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        f'<sheet name="S" sheetId="1" state="{state}" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    }
    return parts if sheet_xml is None else parts | {"xl/worksheets/sheet1.xml": sheet_xml}


def packed(parts: dict[str, str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def workbook(rows: str, before: str = "", **more: str) -> bytes:
    """Return a workbook of raw rows; ``more`` are further parts below xl/."""
    return packed(members(sheet(rows, before)) | {f"xl/{name}.xml": part for name, part in more.items()})


def written(rows: list[list[object]]) -> bytes:
    """Return a workbook as a spreadsheet writes it."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as book:
        page = book.add_worksheet()
        for row_no, row in enumerate(rows):
            page.write_row(row_no, 0, row)
    return content.getvalue()


def with_macro() -> bytes:
    return packed(members(sheet(text_cell("account"))) | {"xl/vbaProject.bin": "\xd0\xcf\x11\xe0 Sub AutoOpen()"})


def patched(content: bytes, member: str, **fields: int) -> bytes:
    """Return an archive whose local and central headers of a member say something else."""
    local = {"flags": (6, "<H"), "crc": (14, "<L"), "size": (22, "<L")}
    central = {"flags": (8, "<H"), "crc": (16, "<L"), "size": (24, "<L")}
    result = bytearray(content)
    for magic, places, name_at in ((b"PK\x03\x04", local, 30), (b"PK\x01\x02", central, 46)):
        start = content.rindex(member.encode(), 0, None if name_at == 46 else content.index(b"PK\x01\x02")) - name_at
        assert content[start : start + 4] == magic
        for field, value in fields.items():
            at, form = places[field]
            struct.pack_into(form, result, start + at, value)
    return bytes(result)


def lying_about_its_size() -> bytes:
    strings = f'<sst xmlns="{MAIN}">' + "<si><t>x</t></si>" * 6_000_000
    content = workbook(ONE_CELL, sharedStrings=strings)
    return patched(content, "xl/sharedStrings.xml", size=100, crc=zipfile.crc32(strings[:100].encode()))


def strings_bomb(*, noise: bool) -> bytes:
    """Return a workbook with 34 million empty shared strings; noise between them packs less suspiciously."""
    marks = (f"{number * 2654435761 % 4294967296:08x}" if noise else "" for number in range(340_000))
    return workbook(ONE_CELL, sharedStrings=f'<sst xmlns="{MAIN}">{("<si/>" * 100).join(marks)}</sst>')


def one_string_many_times() -> bytes:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"я" * 9_000}</t></si></sst>'
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 8_000))
    return workbook(rows, sharedStrings=strings)


def far_cell_out_of_sight() -> bytes:
    near = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 12_000))
    return workbook(near + FAR_CELL + near)


def repeated_members() -> bytes:
    parts = members(sheet(ONE_CELL))
    content = packed(parts | {"xl/worksheets/sheet2.xml": sheet(FAR_CELL)})
    return content.replace(b"xl/worksheets/sheet2.xml", b"xl/worksheets/sheet1.xml")


def dimension_of_a_whole_sheet() -> bytes:
    return packed(members(sheet(ONE_CELL).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')))


LAUGHS = "<!DOCTYPE w [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"
XXE = '<!DOCTYPE w [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'


class Hostile(NamedTuple):
    what: str
    make: Callable[[], bytes]
    #: None if it is read
    problem: FileProblem | None
    #: a cell of the table, or a part of the detail
    seen: str


SHELF = [
    # Texts
    Hostile("empty file", lambda: b"", NO_ROWS, "empty"),
    Hostile("only a byte order mark", lambda: b"\xef\xbb\xbf", NO_ROWS, "empty"),
    Hostile("only blank lines", lambda: b"\r\n  \r\n;;;\r\n", NO_ROWS, "empty"),
    Hostile("a million delimiters", lambda: b";" * 1_000_000, NO_ROWS, "empty"),
    Hostile("only a header", lambda: b"account;date;reading", None, "reading"),
    Hostile("field of 200 KB", lambda: b"account;dial\n1;" + b"7" * 200_000, None, "1 " + "7" * 98),
    Hostile("quoted field of 200 KB", lambda: b'account;dial\n1;"' + b"7\n" * 100_000 + b'"', None, '1;"7'),
    Hostile("row of a million characters", lambda: (b"7" * 9_999 + b";") * 100, None, "7" * 100),
    Hostile("NUL", lambda: b"account;dial\n1;\x002", UNREADABLE, "control"),
    Hostile("escape sequence", lambda: b"account;dial\n1;\x1b[31m2", None, "1 \ufffd[31m2"),
    Hostile("every byte there is", lambda: bytes(range(256)) * 10, UNREADABLE, "known encoding"),
    Hostile("the DOS end of file", lambda: b"account;dial\n1;2\n\x1a", None, "2"),
    Hostile("UTF-8 with its mark", lambda: RUSSIAN.encode("utf-8-sig"), None, "лицевой счёт"),
    Hostile("UTF-16 LE", lambda: b"\xff\xfe" + RUSSIAN.encode("utf-16-le"), None, "показание"),
    Hostile("UTF-16 BE", lambda: b"\xfe\xff" + RUSSIAN.encode("utf-16-be"), None, "показание"),
    Hostile("UTF-16 without its mark", lambda: RUSSIAN.encode("utf-16-le"), UNREADABLE, "control"),
    Hostile("UTF-16 cut in a letter", lambda: RUSSIAN.encode("utf-16")[:-1], UNREADABLE, "control"),
    Hostile("UTF-32", lambda: RUSSIAN.encode("utf-32"), UNREADABLE, "control"),
    Hostile("Windows-1251", lambda: RUSSIAN.encode("cp1251"), None, "лицевой счёт"),
    Hostile("DOS 866", lambda: RUSSIAN.encode("cp866"), None, "лицевой счёт"),
    Hostile("KOI8, read as Windows-1251", lambda: RUSSIAN.encode("koi8-r"), None, "МЙГЕЧПК УЮЈФ"),
    Hostile("mixed encodings", lambda: RUSSIAN.encode() + "170010000013;Ташкент;1\n".encode("cp1251"), UNREADABLE, "line 1 is in UTF-8"),
    Hostile("byte no Windows text has", lambda: "лицевой счёт;дата".encode("cp1251") + b"\x98", UNREADABLE, "known encoding"),
    Hostile("surrogate written as UTF-8", lambda: b"account;dial\n1;\xed\xa0\x80", None, "эаА"),
    Hostile("20,000 columns", lambda: b"1;" * 20_000, TOO_LARGE, "20000 columns"),
    Hostile("NaN", lambda: b"account;dial\n1;NaN", None, "NaN"),
    Hostile("Infinity", lambda: b"account;dial\n1;-Infinity", None, "-Infinity"),
    Hostile("1E+1000000", lambda: b"account;dial\n1;1E+1000000", None, "1E+1000000"),
    Hostile("1_000", lambda: b"account;dial\n1;1_000", None, "1_000"),
    Hostile("Arabic digits", "account;dial\n1;١٢٣".encode, None, "١٢٣"),
    Hostile("number of 5,000 digits", lambda: b"account;dial\n1;" + b"9" * 5_000, None, "9" * 5_000),
    Hostile("apostrophe and markup", lambda: b"account;name\n1;O'<script>alert(1)</script>", None, "O'<script>alert(1)</script>"),
    Hostile("letters that turn the line", "account;name\n1;\u202egnp.exe".encode, None, "\u202egnp.exe"),
    Hostile("three apostrophes", "account;name\n1;Oʻz Oʼz O’z".encode, None, "Oʻz Oʼz O’z"),
    Hostile("formula", lambda: b"account;name\n1;=HYPERLINK(0)+cmd|' /C calc'!A0", None, "=HYPERLINK(0)+cmd|' /C calc'!A0"),
    Hostile("carriage returns only", lambda: b"account;dial\r1;2\r3;4\r", None, "4"),
    Hostile("unclosed quote", lambda: b'account;name\n1;"Oq\n2;Kok\n3;Sariq\n', None, '1;"Oq'),
    Hostile("quote that opens later", lambda: b'account;name\n1;"Oq\n2;"Kok";\n', None, '1;"Oq'),
    Hostile("line breaks in quotes", lambda: b'account;name\n1;"Oq\r\nKok"\n', None, "Oq\r\nKok"),
    # Other files under a table's name
    Hostile("PDF", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", OTHER_KIND, "PDF"),
    Hostile("gzip", lambda: b"\x1f\x8b\x08\x00" + b"\x00" * 40, OTHER_KIND, "gzip"),
    Hostile("old or locked workbook", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504, OTHER_KIND, "old .xls"),
    Hostile("7z", lambda: b"7z\xbc\xaf\x27\x1c" + b"\x00" * 40, OTHER_KIND, "7z"),
    Hostile("RAR", lambda: b"Rar!\x1a\x07\x01\x00", OTHER_KIND, "RAR"),
    Hostile("picture", lambda: b"\x89PNG\r\n\x1a\n", OTHER_KIND, "picture"),
    Hostile("web page", lambda: b"\r\n<!doctype html><table><tr><td>account", OTHER_KIND, "web page"),
    Hostile("XML spreadsheet", lambda: b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', OTHER_KIND, "XML"),
    Hostile("DBF", lambda: b"\x03\x7e\x0a\x1f" + b"\x00" * 100, UNREADABLE, "control"),
    # Workbooks
    Hostile("zip bomb", lambda: workbook(ONE_CELL, big="<a>" + " " * 100_000_000), UNREADABLE, "far more than its size"),
    Hostile(
        "declared size",
        lambda: patched(workbook(ONE_CELL), "xl/worksheets/sheet1.xml", size=500 << 20),
        TOO_LARGE,
        "unpacks to more than 400 MB",
    ),
    Hostile("lying size", lying_about_its_size, UNREADABLE, "damaged"),
    Hostile("shared strings bomb", lambda: strings_bomb(noise=False), UNREADABLE, "far more than its size"),
    Hostile("shared strings bomb of modest ratio", lambda: strings_bomb(noise=True), UNREADABLE, "status -6"),
    Hostile("one long string many times", one_string_many_times, TOO_LARGE, "128 MB of text"),
    Hostile("one cell at the far end", lambda: workbook(FAR_CELL), TOO_LARGE, "1048576 rows and 16384 columns"),
    Hostile("cells at both ends", lambda: workbook(ONE_CELL + FAR_CELL), TOO_LARGE, "1048576 rows and 16384 columns"),
    Hostile("far cell first", lambda: workbook(FAR_CELL + ONE_CELL), TOO_LARGE, "1048576 rows and 16384 columns"),
    Hostile("far cell out of sight", far_cell_out_of_sight, UNREADABLE, "status -6"),
    Hostile("far cell that is only formatted", lambda: workbook(ONE_CELL + FAR_CELL.replace("><v>1</v></c>", "/>")), None, "1"),
    Hostile("cell beyond every sheet", lambda: workbook(ONE_CELL.replace("A1", "ZZZZZZ4294967295")), TOO_LARGE, "spans"),
    Hostile("cell in no row", lambda: workbook(ONE_CELL.replace("A1", "A0")), UNREADABLE, "missing the expected row"),
    Hostile("dimension of a whole sheet", dimension_of_a_whole_sheet, None, "1"),
    Hostile("16,384 columns", lambda: workbook("<row>" + "<c><v>1</v></c>" * 16_384 + "</row>"), TOO_LARGE, "16384 columns"),
    Hostile("billion laughs", lambda: workbook(text_cell("&a11;"), LAUGHS), UNREADABLE, "entities"),
    Hostile("XXE", lambda: workbook(text_cell("&secret;"), XXE), UNREADABLE, "entities"),
    Hostile("unknown entity", lambda: workbook(text_cell("&a11;")), UNREADABLE, "damaged"),
    Hostile("XML 50,000 deep", lambda: workbook("<a>" * 50_000 + text_cell("deep") + "</a>" * 50_000), None, "deep"),
    Hostile("truncated zip", lambda: workbook(ONE_CELL)[:-30], UNREADABLE, "damaged"),
    Hostile("first half of a zip", lambda: workbook(ONE_CELL)[:400], UNREADABLE, "damaged"),
    Hostile("spoiled zip", lambda: workbook(ONE_CELL).replace(b"PK\x01\x02", b"PK\x01\x09", 1), UNREADABLE, "damaged"),
    Hostile("encrypted", lambda: patched(workbook(ONE_CELL), "xl/worksheets/sheet1.xml", flags=1), UNREADABLE, "password"),
    Hostile("no workbook in the zip", lambda: packed({"readings.csv": RUSSIAN}), OTHER_KIND, "no .xlsx"),
    Hostile("empty zip", lambda: packed({}), OTHER_KIND, "no .xlsx"),
    Hostile("document", lambda: packed({"word/document.xml": "<w/>"}), OTHER_KIND, "no .xlsx"),
    Hostile("binary workbook", lambda: packed({"xl/workbook.bin": "\x00"}), OTHER_KIND, "no .xlsx"),
    Hostile("repeated members", repeated_members, UNREADABLE, "repeated"),
    Hostile("3,000 members", lambda: workbook(ONE_CELL, **{f"a{n}": "" for n in range(3_000)}), UNREADABLE, "too many"),
    Hostile("unusual packing", lambda: packed(members(sheet(ONE_CELL)), method=zipfile.ZIP_LZMA), UNREADABLE, "packed in an unusual way"),
    Hostile("member outside", lambda: packed(members(sheet(ONE_CELL)) | {"../../evil.xml": "<a/>"}), None, "1"),
    Hostile("workbook without its sheet", lambda: packed(members(None)), UNREADABLE, "damaged"),
    Hostile("sheet that is no XML", lambda: packed(members("no XML")), UNREADABLE, "damaged"),
    Hostile("sheet cut in the middle", lambda: packed(members(sheet(ONE_CELL)[:-40])), UNREADABLE, "damaged"),
    Hostile("only a hidden sheet", lambda: packed(members(sheet(ONE_CELL), state="hidden")), NO_ROWS, "empty"),
    Hostile("macros", with_macro, None, "account"),
    Hostile("formula with its last value", lambda: workbook('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'), None, "2"),
    Hostile("number that is none", lambda: workbook(ONE_CELL.replace("<v>1", "<v>NaN")), None, "#NUM!"),
    Hostile("number beyond all", lambda: workbook(ONE_CELL.replace("<v>1", "<v>1E+1000000")), None, "#NUM!"),
    Hostile("number of 300 digits", lambda: workbook(ONE_CELL.replace("<v>1", "<v>1E+300")), None, "1E+300"),
    Hostile("NUL in a cell", lambda: workbook(text_cell("a_x0000_b")), None, "a\ufffdb"),
    Hostile("cell of 200 KB", lambda: workbook(text_cell("7" * 200_000)), None, "7" * 100),
    Hostile("shared string that is not there", lambda: workbook('<row r="1"><c r="A1" t="s"><v>9</v></c></row>'), UNREADABLE, "not found"),
]


def spent() -> float:
    """Return the seconds of work of this process and its children so far; a busy machine adds none."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@pytest.mark.parametrize("hostile", SHELF, ids=lambda hostile: hostile.what)
def test_hostile_file_is_refused_or_read_in_time(hostile: Hostile) -> None:
    content = hostile.make()

    started = spent()
    try:
        table: UploadedTable | None = read_table(content, "upload.xlsx", timeout_s=30)
    except Unreadable as unreadable:
        table, problem, detail = None, unreadable.problem, unreadable.detail

    assert spent() - started < 10
    if table is None:
        assert (problem, hostile.seen in detail) == (hostile.problem, True), detail
    else:
        assert hostile.problem is None, table.header[:5]
        assert hostile.seen in [*table.header, *(cell for _, cells in table.rows for cell in cells)]


# Good files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866"])
@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_text_is_read_in_every_encoding_and_with_every_delimiter(encoding: str, mark: str) -> None:
    text = mark.join(["лицевой счёт", "дата", "Показание"]) + "\r\n" + mark.join(["170010000012", "31.10.2026", '"12,5"']) + "\r\n"

    table = read_table(text.encode(encoding), "readings.csv")

    assert table == UploadedTable(["лицевой счёт", "дата", "Показание"], [(2, ["170010000012", "31.10.2026", "12,5"])])


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Readings of October, 2026, north, east\naccount;date;dial\n1;2;3\n4;5;6\n", ["account", "date", "dial"]),
        ("code;name\n1;a, b, c, d\n2;e, f\n", ["code", "name"]),
        ("account;dial\n1;12,5\n2;13,0\n", ["account", "dial"]),
        ('account,name\n1,"a;b;c;d"\n', ["account", "name"]),
        ("account\n1\n2\n", ["account"]),
    ],
)
def test_delimiter_is_not_mistaken(text: str, header: list[str]) -> None:
    table = read_table(text.encode(), "readings.csv")

    assert header in [table.header, *(cells for _, cells in table.rows)]


def test_cells_of_a_workbook_come_back_as_text() -> None:
    cells: list[object] = [170010000012, 12.5, 1e-7, 1e20, 0.1 + 0.2, -3.0, True, date(2026, 10, 31), datetime(2026, 10, 31, 14, 5)]  # noqa: DTZ001

    table = read_table(written([["account"], cells]), "readings.xlsx")

    assert table.rows[0][1] == [
        "170010000012",
        "12.5",
        "0.0000001",
        "1E+20",
        "0.3",
        "-3",
        "TRUE",
        "2026-10-31",
        "2026-10-31 14:05:00",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"\n\naccount;dial\n;;\n1;2;;\n  ;\n3;;4; ;\n",
        written([[], [], ["account", "dial"], ["", ""], ["1", "2", ""], ["  "], ["3", "", "4", " "]]),
    ],
    ids=["text", "workbook"],
)
def test_empty_rows_and_ends_are_dropped_and_rows_keep_their_numbers(content: bytes) -> None:
    table = read_table(content, "upload")

    assert table == UploadedTable(["account", "dial"], [(5, ["1", "2"]), (7, ["3", "", "4"])])


@pytest.mark.parametrize(("content", "name"), [(written([["account"], ["1"]]), "readings.csv"), (b"account\n1\n", "readings.xlsx")])
def test_content_counts_not_the_extension(content: bytes, name: str) -> None:
    assert read_table(content, name) == UploadedTable(["account"], [(2, ["1"])])


def test_hidden_sheets_are_passed_over() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        hidden, shown = book.add_worksheet("old"), book.add_worksheet("new")
        hidden.write(0, 0, "old")
        hidden.hide()
        shown.activate()
        shown.set_first_sheet()
        shown.write(0, 0, "new")

    assert read_table(content.getvalue(), "readings.xlsx").header == ["new"]


def test_workbook_with_its_parts_at_the_root_is_read() -> None:
    parts = members(sheet(text_cell("account")))
    at_root = {name.removeprefix("xl/"): part.replace("xl/workbook.xml", "workbook.xml") for name, part in parts.items()}

    assert read_table(packed(at_root), "readings.xlsx").header == ["account"]


def test_further_filled_sheets_are_named() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name in ("first", "empty", "second"):
            page = book.add_worksheet(name)
            if name != "empty":
                page.write(0, 0, name)

    table = read_table(content.getvalue(), "readings.xlsx")

    assert (table.header, table.further_sheets) == (["first"], ("second",))


def test_rows_are_counted_without_the_header() -> None:
    content = b"account\n1\n2\n3\n"

    assert len(read_table(content, "readings.csv", most_rows=3).rows) == 3
    with pytest.raises(Unreadable, match="more than 2 rows") as caught:
        read_table(content, "readings.csv", most_rows=2)
    assert caught.value.problem == TOO_LARGE


def test_file_of_more_than_the_limit_is_not_even_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))

    with pytest.raises(Unreadable, match="more than 64 MB"):
        read_table(bytes((64 << 20) + 1), "readings.csv")


def test_file_is_named_in_the_traceback() -> None:
    with pytest.raises(Unreadable) as caught:
        read_table(b"", "октябрь.csv")

    assert caught.value.__notes__ == ["in the file 'октябрь.csv'"]


@settings(deadline=None)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='"', exclude_categories=["C", "Z"])), min_size=2)))
def test_text_survives_writing_and_reading(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)

    read = list(tables_child.text_rows(out.getvalue().encode("utf-8-sig")))

    assert read == [(row_no, row, None) for row_no, row in enumerate(rows, 1)]


@settings(deadline=None)
@given(st.binary() | st.binary().map(b"PK\x03\x04".__add__) | st.binary().map(b"\xff\xfe".__add__))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file, contextlib.suppress(tables_child.WorkbookRefused):
        file.write(content)
        file.flush()
        tables_child.write(tables_child.rows_of(Path(file.name), objects=True), io.BytesIO(), most_rows=1000)


# The child process


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("code", "problem", "detail"),
    [
        ("import os; os.kill(os.getpid(), 9)", UNREADABLE, "status -9"),
        ("import os; print('[1,[\"a\"]]', flush=True); os.abort()", UNREADABLE, "status -6"),
        ("import os; os.kill(os.getpid(), 11)", UNREADABLE, "status -11"),
        ("raise SystemExit(3)", UNREADABLE, "status 3"),
        ("import os; os.kill(os.getpid(), 24)", TOO_LARGE, "not read within"),
        ("import time; time.sleep(60)", TOO_LARGE, "not read within 2 s"),
        ("while True: print('[1,[\"a\"]]')", TOO_LARGE, "not read within 2 s"),
        ("while True: print('a' * 100_000, end='')", UNREADABLE, "broke off"),
        ("print('[1,[\"a\"')", UNREADABLE, "broke off"),
        ("import os; os.write(1, b'[1,[\"a'); os.abort()", UNREADABLE, "status -6"),
        ("import os; os.write(1, b'[1,[\"a\"]]')", UNREADABLE, "broke off"),
        ("print('[1,[2]]')", UNREADABLE, "broke off"),
        ("print('[1,[]]')", UNREADABLE, "broke off"),
        ("print('[[1],[\"a\"]]')", UNREADABLE, "broke off"),
        ("print('[' * 100_000)", UNREADABLE, "broke off"),
        ("import os; os.write(1, b'\\xff\\n')", UNREADABLE, "broke off"),
        ('print(\'{"problem":"NO_ROWS","detail":"why","parameters":{}}\')', NO_ROWS, "why"),
        ('print(\'{"problem":"ELSE","detail":"why","parameters":{}}\')', UNREADABLE, "broke off"),
    ],
)
def test_child_that_fails_makes_the_file_unreadable(code: str, problem: FileProblem, detail: str) -> None:
    before = psutil.Process().children()

    with pytest.raises(Unreadable) as caught:
        list(rows_from(python(code), timeout_s=2))

    assert (caught.value.problem, detail in caught.value.detail) == (problem, True), caught.value.detail
    assert psutil.Process().children() == before


def test_parser_that_aborts_takes_only_the_child_along(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    bomb.write_bytes(workbook(ONE_CELL + FAR_CELL))
    code = (
        "import resource, python_calamine; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
        f"python_calamine.load_workbook({str(bomb)!r}).get_sheet_by_index(0)"
    )

    with pytest.raises(Unreadable, match="status -6"):
        list(rows_from(python(code), timeout_s=30))


def test_child_sees_no_secret_and_no_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:secret@localhost/billing")
    code = "import json, os, sys; print(json.dumps([1, ['input:' + sys.stdin.read(), *os.environ, *os.environ.values()]]))"

    [(_, seen, _)] = rows_from(python(code), timeout_s=30)

    assert seen[0] == "input:"
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(seen)
    assert not any("secret" in text for text in seen)


@pytest.fixture
def long_read() -> Iterator[tuple[psutil.Process, Future[UploadedTable]]]:
    """Read a file that takes a while, and show the child that does it once it has confined itself."""
    content = b"account;dial\n" + b"170010000012;12,5\n" * 200_000
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_table, content, "readings.csv")
        yield confined_child(), reading


def confined_child() -> psutil.Process:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.rlimit(psutil.RLIMIT_NOFILE)[0] == tables_child.OPEN_FILES:
                    return child
        time.sleep(0.005)
    raise AssertionError("no child was seen")


def test_killed_child_gives_an_unreadable_file(long_read: tuple[psutil.Process, Future[UploadedTable]]) -> None:
    child, reading = long_read

    child.kill()

    with pytest.raises(Unreadable, match="status -9"):
        reading.result(timeout=60)


def test_child_runs_under_limits_and_sees_no_secret(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    child, reading = request.getfixturevalue("long_read")

    with child.oneshot():
        limits = {limit: child.rlimit(limit) for limit in (psutil.RLIMIT_AS, psutil.RLIMIT_CPU, psutil.RLIMIT_FSIZE, psutil.RLIMIT_NOFILE)}
        environment = child.environ()

    assert limits == {
        psutil.RLIMIT_AS: (1 << 30, 1 << 30),
        psutil.RLIMIT_CPU: (60, 60),
        psutil.RLIMIT_FSIZE: (1 << 20, 1 << 20),
        psutil.RLIMIT_NOFILE: (32, 32),
    }
    assert set(environment) == {"PATH", "LC_ALL"}
    assert len(reading.result(timeout=60).rows) == 200_000


def test_child_dies_when_its_rows_are_no_longer_wanted() -> None:
    before = psutil.Process().children()
    rows = rows_from(python("while True: print('[1,[\"a\"]]')"), timeout_s=30)
    assert next(rows) == (1, ["a"], None)

    rows.close()

    assert psutil.Process().children() == before


@pytest.mark.parametrize("content", [b"account\n1\n", b"", b"\x00", workbook(FAR_CELL)], ids=["good", "empty", "NUL", "bomb"])
def test_nothing_is_left_in_the_temporary_folder(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with contextlib.suppress(Unreadable):
        read_table(content, "upload")

    assert not list(tmp_path.iterdir())


# Columns


@pytest.mark.parametrize("before", [0, 1, 9])
def test_header_may_stand_in_any_of_the_first_ten_rows(before: int) -> None:
    rows = [*([f"title {line}"] for line in range(before)), ["Name", "CODE"], ["Chilonzor", "1726294"]]
    table = UploadedTable(rows[0], list(enumerate(rows[1:], 2)))

    columns = columns_of(table, {"code": ["code"], "name": ["name"]}, needed=["code", "name"])

    assert columns == [Line(before + 2, ["1726294", "Chilonzor"])]


@pytest.mark.parametrize(
    ("rows", "problem", "detail"),
    [
        ([*([f"title {line}"] for line in range(10)), ["code", "name"], ["1", "2"]], NO_HEADER, "missing columns: code, name"),
        ([["code", "title"], ["1", "2"]], NO_HEADER, "missing columns: name"),
        ([["code", "name", "Name"], ["1", "2", "3"]], NO_HEADER, "name stands twice"),
        ([["code", "name"]], NO_ROWS, "nothing below the header"),
        ([["title", "code", "name"], ["total"]], NO_ROWS, "nothing below the header"),
    ],
)
def test_table_without_its_columns_is_refused(rows: list[list[str]], problem: FileProblem, detail: str) -> None:
    table = UploadedTable(rows[0], list(enumerate(rows[1:], 2)))

    with pytest.raises(Unreadable) as caught:
        columns_of(table, {"code": ["code"], "name": ["name"]}, needed=["code", "name"])

    assert (caught.value.problem, caught.value.detail) == (problem, detail)


def test_surest_name_of_a_column_wins_and_missing_cells_are_empty() -> None:
    table = UploadedTable(["account", "account number", "note"], [(2, ["7", " 170010000012 "]), (3, ["8"]), (4, ["", "1", "x"])])

    columns = columns_of(table, {"account": ["account number", "account"], "meter": ["meter"]}, needed=["account"])

    assert columns == [Line(2, ["170010000012", ""]), Line(4, ["1", ""])]


@pytest.mark.parametrize(
    ("cells", "refusal"),
    [
        (["1", "2", "3"], TableRefusal(ReadingFault.EXTRA_CELLS, "", "3")),
        (["1", "2", "", " 3 "], TableRefusal(ReadingFault.EXTRA_CELLS, "", " 3 ")),
        (["1", "#N/A"], TableRefusal(ReadingFault.ERROR_CELL, "dial", "#N/A")),
        (["#ССЫЛКА!", "2"], TableRefusal(ReadingFault.ERROR_CELL, "account", "#ССЫЛКА!")),
        (["2.0261126E+17", "2"], TableRefusal(ReadingFault.LONG_NUMBER, "account", "2.0261126E+17")),
        (["2,02611E+17", "2"], TableRefusal(ReadingFault.LONG_NUMBER, "account", "2,02611E+17")),
        (["1", "2"], None),
        (["1", "2", "", ""], None),
        (["#7", "2"], None),
    ],
)
def test_row_that_lost_something_in_a_spreadsheet_comes_with_its_refusal(cells: list[str], refusal: TableRefusal | None) -> None:
    table = UploadedTable(["account", "dial"], [(2, cells)])

    [line] = columns_of(table, {"account": ["account"], "dial": ["dial"]}, needed=["account", "dial"])

    assert line.refusal == refusal


def test_error_in_a_column_nobody_reads_refuses_nothing() -> None:
    table = UploadedTable(["account", "note"], [(2, ["1", "#N/A"])])

    assert columns_of(table, {"account": ["account"]}, needed=["account"]) == [Line(2, ["1"])]


@pytest.mark.parametrize(
    ("text", "rows", "faults"),
    [
        # A quote that begins a name and ends before its end.
        (
            'account;name;dial\n1;"Ромашка" МЧЖ;5\n2;Oq;6\n',
            [(2, ['1;"Ромашка" МЧЖ;5']), (3, ["2", "Oq", "6"])],
            {2: ReadingFault.BAD_QUOTES},
        ),
        # A quote that is never closed swallows no row below it.
        (
            'account;name\n1;"Oq\n2;Kok\n3;Sariq\n',
            [(2, ['1;"Oq']), (3, ["2", "Kok"]), (4, ["3", "Sariq"])],
            {2: ReadingFault.BAD_QUOTES},
        ),
        # One that another row closes swallows none either.
        (
            'account;name\n1;"Oq\n2;Kok"\n3;Sariq\n',
            [(2, ['1;"Oq']), (3, ["2", 'Kok"']), (4, ["3", "Sariq"])],
            {2: ReadingFault.BAD_QUOTES},
        ),
        # Quotes that match are read, line breaks too.
        ('account;name\n1;"Oq ""Kok"" yo\'l"\n2;"a\nb"\n', [(2, ["1", 'Oq "Kok" yo\'l']), (3, ["2", "a\nb"])], {}),
        ('account;name\n1;OOO "Oq"\n', [(2, ["1", 'OOO "Oq"'])], {}),
        ("account;name\n1;a\x07b\n2;c\n", [(2, ["1 a\ufffdb"]), (3, ["2", "c"])], {2: ReadingFault.CONTROL_CHARACTER}),
        (f"account;name\n1;{'x' * 10_001}\n2;c\n", [(2, ["1 " + "x" * 98]), (3, ["2", "c"])], {2: ReadingFault.TEXT_TOO_LONG}),
    ],
)
def test_bad_row_of_a_text_is_refused_alone(text: str, rows: list[tuple[int, list[str]]], faults: dict[int, ReadingFault]) -> None:
    table = read_table(text.encode(), "readings.csv")

    assert (table.rows, dict(table.faults)) == (rows, faults)


@pytest.mark.parametrize(
    ("header", "plain"),
    [
        ("ACCOUNT_Number", "accountnumber"),
        ("№ Л/С", "лс"),
        ("Показание, кВт·ч", "показание"),
        ("Лицевой счёт (12 цифр)", "лицевойсчет12цифр"),
        ("Показание (предыдущее)", "показаниепредыдущее"),
        ("Показание, предыдущее", "показаниепредыдущее"),
        ("Сумма (сум)", "сумма"),
        ("Показани\u0438\u0306", "показаний"),
        ("Koʻrsatkich", "korsatkich"),
        ("Ko’rsatkich", "korsatkich"),
        ("Кўрсаткич:", "курсаткич"),
        ("ҲИСОБРАҚАМ", "хисобракам"),
    ],
)
def test_names_are_compared_without_what_people_leave_out(header: str, plain: str) -> None:
    assert plain_name(header) == plain


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("170010000012", "170010000012"),
        ("170010000012.0", "170010000012"),
        ("170010000012,00", "170010000012"),
        ("'0170010000012", "0170010000012"),
        (" 17001-0000012 ", "17001-0000012"),
        ('="170010000012"', "170010000012"),
        ("A-12.0", "A-12.0"),
        ("", ""),
    ],
)
def test_number_loses_what_a_spreadsheet_added(text: str, number: str) -> None:
    assert number_of(text) == number
