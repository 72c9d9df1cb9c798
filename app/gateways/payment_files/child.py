"""Read one payment file in a process of its own, under limits, and print its rows as COPY wants them.

The package starts it: ``python -m app.gateways.payment_files.child PATH PROFILE MOST_ROWS TIMEOUT_S``. Each answer is a letter,
a length in four bytes and so many bytes: ``R`` whole lines of COPY, ``L`` the first lines of the file as they stand, ``S`` the
summary, ``X`` a refusal. The last one is a summary or a refusal. Whatever a file does to the parsers ends here.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import astuple, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from app.domain.payments.files import Form, PaymentRowProblem, Profile, Unit
from app.gateways.payment_files.camt import camt_rows
from app.gateways.payment_files.one_c import one_c_rows
from app.gateways.payment_files.rows import RowTexts, TextLines, UnreadableRow
from app.gateways.payment_files.statements import StatementEntry, StatementHead
from app.gateways.payment_files.table_rows import Control, Layout, is_filled, raw_text
from app.gateways.payment_files.tables import Cells, Unread, open_text, table_of
from app.gateways.tables_child import confine
from app.gateways.workbooks import WorkbookRefused

MOST_ROWS = 5_000_000
CHUNK_CHARACTERS = 800_000  # about a megabyte, as most letters are of one byte
LONGEST_SHOWN = 500  # of a line shown as it stands


def main(path: str, profile: str, most_rows: str, timeout_s: str) -> None:
    """Print the rows of a payment file, or why it is refused.

    :param most_rows: only so many rows, for a try-out, and the first lines as they stand; 0 is a whole payment file
    """
    confine(int(timeout_s))
    out = sys.stdout.buffer
    try:
        answer(Path(path), Profile.from_dict(json.loads(profile)), out, most_rows=int(most_rows))
    except WorkbookRefused as refused:
        _send_refusal(out, refused)
    except UnicodeError as error:
        _send_refusal(out, WorkbookRefused("UNREADABLE", "not in the encoding of the profile: %(error)s", error=str(error)[:200]))
    except MemoryError:
        _send_refusal(out, WorkbookRefused("TOO_LARGE", "reading takes too much memory"))


def answer(path: Path, profile: Profile, out: BinaryIO, *, most_rows: int = 0) -> None:
    """Write the answers to one file.

    :raises WorkbookRefused: and ``UnicodeError``, ``MemoryError``
    """
    if profile.form is Form.CAMT:
        profile = replace(profile, decimal_separator=".", group_separator="", unit=Unit.SOM, date_format="iso")
    if most_rows:
        _send(out, b"L", json.dumps(list(islice(_first_lines(path, profile), most_rows))).encode())
    lines = TextLines(profile, *{profile.date_format, "iso"} if profile.form is Form.XLSX else {profile.date_format})
    head = StatementHead()
    made = _lines(path, profile, lines, head)
    for chunk in _chunks(islice(made, most_rows or None)):
        _send(out, b"R", chunk)
    if not lines.rows and not most_rows and profile.form not in {Form.ONE_C, Form.CAMT}:
        raise WorkbookRefused("NO_ROWS", "no row of a payment")
    _send(out, b"S", json.dumps(_summary(lines, head)).encode())


def _send(out: BinaryIO, letter: bytes, content: bytes) -> None:
    out.write(letter + len(content).to_bytes(4))
    out.write(content)
    out.flush()


def _send_refusal(out: BinaryIO, refused: WorkbookRefused) -> None:
    _send(out, b"X", json.dumps(refused.told).encode())


def _chunks(lines: Iterator[str]) -> Iterator[bytes]:
    chunk: list[str] = []
    size = 0
    for number, line in enumerate(lines):
        if number >= MOST_ROWS:
            raise WorkbookRefused("TOO_LARGE", "more than %(limit)s rows", limit=MOST_ROWS)
        chunk.append(line)
        size += len(line)
        if size >= CHUNK_CHARACTERS:
            yield "".join(chunk).encode()
            chunk.clear()
            size = 0
    if chunk:
        yield "".join(chunk).encode()


def _summary(lines: TextLines, head: StatementHead) -> dict[str, Any]:
    return {
        "rows": lines.rows,
        "rejected": lines.rejected,
        "found": astuple(lines.found),
        "declared": astuple(head.declared) if head.declared else None,
        "payment_file_number": head.payment_file_number,
        "dated_on": head.dated_on,
        "accounts": head.accounts,
        "left_out": lines.left_out,
        "unread_sheets": head.unread_sheets,
    }


# Lines for COPY


def _lines(path: Path, profile: Profile, lines: TextLines, head: StatementHead) -> Iterator[str]:
    if profile.form is Form.ONE_C:
        return _statement_lines(one_c_rows(path, profile, head), lines)
    if profile.form is Form.CAMT:
        return _statement_lines(camt_rows(path, profile, head), lines)
    return _table_lines(path, profile, lines, head)


def _statement_lines(rows: Iterator[StatementEntry], lines: TextLines) -> Iterator[str]:
    for row in rows:
        if row.reason is not None:
            yield lines.left(row.number, row.texts, row.reason, row.value)
            continue
        try:
            yield lines.line(row.number, row.texts)
        except UnreadableRow as fault:
            yield lines.faulty(row.number, row.texts, fault)


def _table_lines(path: Path, profile: Profile, lines: TextLines, head: StatementHead) -> Iterator[str]:
    """Return the lines of a table; rows in which nothing can be seen are none."""
    table = table_of(path, profile, head.unread_sheets)
    layout = Layout(table.names, profile)
    control = Control(table, layout, profile)
    pick, line = layout.pick, lines.line
    texts: RowTexts = ()
    for row_no, cells in control.payments(table.rows):
        try:
            texts = ()
            _check_cells(cells, layout)
            texts = pick(cells)
            yield line(row_no, texts)
        except UnreadableRow as fault:
            if is_filled(cells):
                yield lines.faulty(row_no, texts, fault)
    head.declared, head.payment_file_number, head.dated_on = control.declared, control.payment_file_number, control.dated_on


def _check_cells(cells: Cells, layout: Layout) -> None:
    """Refuse a row whose cells are not those of the columns.

    :raises UnreadableRow: if it has too few, or more than the header names, or could not be split
    """
    if isinstance(cells, Unread):
        raise UnreadableRow(PaymentRowProblem(cells.fault.value), "", cells[0])
    if len(cells) < layout.needed:
        raise UnreadableRow(PaymentRowProblem.TOO_FEW_COLUMNS, "", raw_text(cells))
    if beyond := layout.beyond(cells):
        raise UnreadableRow(PaymentRowProblem.EXTRA_CELLS, "", beyond)


# Lines as they stand


def _first_lines(path: Path, profile: Profile) -> Iterator[str]:
    """Return the first lines for the eyes of who makes the profile; letters in another encoding show as such."""
    if profile.form in {Form.DBF, Form.XLSX}:
        table = table_of(path, replace(profile, header_rows=0))
        yield from (" | ".join(cells)[:LONGEST_SHOWN] for cells in ([table.names] if table.names else []))
        yield from (" | ".join(cells)[:LONGEST_SHOWN] for _, cells in table.rows)
        return
    with _open_any_text(path, profile) as file:
        while line := file.readline(LONGEST_SHOWN):
            yield line.rstrip("\r\n")


def _open_any_text(path: Path, profile: Profile) -> TextIO:
    if profile.form is Form.CAMT:
        return path.open(encoding="utf-8-sig", errors="replace")
    return open_text(path, profile.encoding, errors="replace")


if __name__ == "__main__":
    main(*sys.argv[1:])
