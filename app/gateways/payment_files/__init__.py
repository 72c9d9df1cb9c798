"""Payment files from banks and the post, read by a child process and handed on to PostgreSQL as they come.

``the child`` reads the file under the limits of ``tables``: little memory and time, no input, nothing of our environment.
What comes back are chunks of lines for ``COPY … FROM STDIN`` in text form, with the columns of ``COPY_COLUMNS``; rows
are never held here. If anything is wrong with the whole file, ``Unreadable`` comes out of the chunks, maybe after some of
them: take them in one transaction.
"""

import json
import re
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from app.domain.administration.translations import catalog_text
from app.domain.payments.files import FileTotals, PaymentRowProblem, Profile, StatementAccount
from app.domain.readers import FileProblem
from app.gateways.tables import Unreadable, reading_process
from app.gateways.uploads import FileSpec

#: Order and types of the columns. A row with a problem has no day, but is there, with the amount that is counted.
COPY_COLUMNS: Mapping[str, str] = {
    "row": "int",
    "reference": "text",
    "account_number": "text",
    "amount_tiyin": "bigint",
    "paid_on": "date",
    "payer": "text",
    "phone": "text",
    "purpose": "text",
    "problem": "text",
    "problem_column": "text",
    "problem_value": "text",
}

LARGEST_FILE_BYTES = 512 << 20
#: What the child may answer, at once and in all.
LARGEST_ANSWER_BYTES = 8 << 20
LARGEST_ANSWERS_BYTES = 4 << 30

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}


class Summary(NamedTuple):
    """What is known of a payment file when its last row is read."""

    #: rows handed on, with a problem or not
    rows: int
    rejected: int
    #: all rows, and every amount that could be read, also where something else is wrong with its row
    found: FileTotals
    #: None if the file tells none
    declared: FileTotals | None
    #: the payment file's own number and date; empty and None if the file does not tell them
    payment_file_number: str
    dated_on: date | None
    #: settlement accounts of a statement
    accounts: tuple[StatementAccount, ...]
    #: rows of a statement that are no money of consumers, among those handed on
    left_out: int
    #: names of filled sheets of a workbook that were not read
    unread_sheets: tuple[str, ...] = ()

    @property
    def totals_agree(self) -> bool:
        """Whether the file holds what it declares, as far as it declares anything."""
        return self.found.agree_with(self.declared)


class PaymentFileRow(NamedTuple):
    """A row of a payment file as a try-out shows it."""

    row: int
    reference: str
    account_number: str | None
    amount_tiyin: int | None
    paid_on: date | None
    payer: str | None
    phone: str | None
    purpose: str | None
    problem: PaymentRowProblem | None
    problem_column: str | None
    problem_value: str | None


class FirstRows(NamedTuple):
    """The beginning of a payment file."""

    #: as they stand in the file
    lines: list[str]
    rows: list[PaymentFileRow]
    #: why the profile does not fit the file; None if it does so far
    refusal: Unreadable | None


class PaymentFile:
    """A payment file being read."""

    def __init__(self, answers: Iterator[tuple[bytes, bytes]]) -> None:
        self._answers = answers
        self._summary: Summary | None = None

    @property
    def chunks(self) -> Iterator[bytes]:
        """The lines for COPY in chunks of about a megabyte; they come once.

        :raises Unreadable: if the file is refused, or the process that reads it fails, is killed or takes too long
        """
        lines = 0
        for letter, content in self._answers:
            if letter == b"R":
                lines += content.count(b"\n")
                yield content
            elif letter == b"S":
                with _or_broken():
                    self._summary = _summary_of(content)
        if self._summary is None or self._summary.rows != lines:
            raise Unreadable(FileProblem.UNREADABLE, "reading broke off")

    @property
    def summary(self) -> Summary:
        """What is known after the last chunk, not before."""
        assert self._summary is not None, "the chunks are not read to their end"
        return self._summary


@contextmanager
def reading(path: Path, profile: Profile, *, timeout_s: int = 600) -> Iterator[PaymentFile]:
    """Read a payment file; the process that does it never outlives this block.

    :param timeout_s: for all of it, with what the caller does between chunks
    :raises Unreadable: if the file is too large; everything else comes out of its chunks
    """
    with closing(_answers(path, profile, most_rows=0, timeout_s=timeout_s)) as answers:
        yield PaymentFile(answers)


def first_rows(path: Path, profile: Profile, limit: int = 20, *, timeout_s: int = 10) -> FirstRows:
    """Return the first rows of a payment file as a profile reads them, and the first lines as they stand.

    :param limit: of each; from 1
    """
    lines: list[str] = []
    rows: list[PaymentFileRow] = []
    refusal = None
    try:
        for letter, content in _answers(path, profile, most_rows=limit, timeout_s=timeout_s):
            if letter == b"L":
                lines = [str(line) for line in json.loads(content)]
            elif letter == b"R":
                rows += map(row_of, content.decode().removesuffix("\n").split("\n"))
    except Unreadable as unreadable:
        refusal = unreadable
    return FirstRows(lines, rows, refusal)


def _answers(path: Path, profile: Profile, *, most_rows: int, timeout_s: int) -> Generator[tuple[bytes, bytes], None, None]:
    """Return the answers of the child, letter and content."""
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise Unreadable(FileProblem.TOO_LARGE, "more than %(limit)s MB", limit=LARGEST_FILE_BYTES >> 20)
    if not path.stat().st_size:
        raise Unreadable(FileProblem.NO_ROWS, "the file is empty")
    command = [sys.executable, "-E", "-s", "-B", "-m", "app.gateways.payment_files.child"]
    told = [str(path.resolve()), json.dumps(profile.to_dict()), str(most_rows), str(timeout_s)]
    left = LARGEST_ANSWERS_BYTES
    with reading_process([*command, *told], timeout_s=timeout_s) as child:
        assert child.stdout is not None
        while len(start := child.stdout.read(5)) == 5:
            size = int.from_bytes(start[1:])
            left -= size
            if size > LARGEST_ANSWER_BYTES or left < 0:
                raise Unreadable(FileProblem.TOO_LARGE, "reading gives too much")
            content = child.stdout.read(size)
            if len(content) < size:
                break  # its status says why
            if start[:1] == b"X":
                with _or_broken():
                    refusal = _refusal_of(content)
                raise refusal
            yield start[:1], content


@contextmanager
def _or_broken() -> Iterator[None]:
    """Take an answer that is none of ours for a broken one."""
    try:
        yield
    except (ValueError, KeyError, TypeError):
        raise Unreadable(FileProblem.UNREADABLE, "reading broke off") from None


def _refusal_of(content: bytes) -> Unreadable:
    said = json.loads(content)
    return Unreadable(FileProblem(said["problem"]), said["detail"], **said["parameters"])


def _summary_of(content: bytes) -> Summary:
    said: dict[str, Any] = json.loads(content)
    declared, dated_on = said["declared"], said["dated_on"]
    return Summary(
        rows=said["rows"],
        rejected=said["rejected"],
        found=FileTotals(*said["found"]),
        declared=FileTotals(*declared) if declared else None,
        payment_file_number=said["payment_file_number"],
        dated_on=date.fromisoformat(dated_on) if dated_on else None,
        accounts=tuple(StatementAccount(*account) for account in said["accounts"]),
        left_out=said["left_out"],
        unread_sheets=tuple(map(str, said["unread_sheets"])),
    )


def row_of(line: str) -> PaymentFileRow:
    """Return the record of a line for COPY."""
    texts = [None if text == r"\N" else _unescaped(text) for text in line.split("\t")]
    row, reference, account_number, amount, paid_on, payer, phone, purpose, problem, column, value = texts
    return PaymentFileRow(
        int(row or 0),
        reference or "",
        account_number,
        None if amount is None else int(amount),
        None if paid_on is None else date.fromisoformat(paid_on),
        payer,
        phone,
        purpose,
        None if problem is None else PaymentRowProblem(problem),
        column,
        value,
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda mark: _ESCAPES.get(mark[1], mark[1]), text)


#: The columns are those of the contract's layout.
PAYMENT_FILES = FileSpec(
    catalog_text("Load a payment file"),
    catalog_text("The same file is taken once. Where its control totals differ, nothing of it is taken."),
    reading,
    suffixes=(),
)
