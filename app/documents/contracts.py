"""Papers of contracts, in the consumer's language and in Russian; the register of a day as a file."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app import labels
from app.documents import downloads, pdf
from app.domain.contracts import ContractPaperKind
from app.queries.contracts import PaperRow, RegisterRow


class Paragraph(NamedTuple):
    """A paragraph of a paper; a level of 0 is plain text."""

    level: int
    text: str


def paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of a paper's text; # and ## begin headlines.

    >>> paragraphs("# Contract\\n\\nText")
    [Paragraph(level=1, text='Contract'), Paragraph(level=0, text='Text')]
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [Paragraph(len(line) - len(line.lstrip("#")), line.lstrip("#").strip()) for line in lines]


def paper_pdf(texts: Mapping[str, str], language: str, *, is_draft: bool = False) -> bytes:
    """Return a paper as PDF, one language after another, the consumer's first.

    :param is_draft: says on each page that nobody has signed it
    """
    order = sorted(texts, key=lambda each: (each == "ru", each))
    return pdf.joined(
        [
            pdf.page("documents/contract.html", each if each in {"uz", "uz_Cyrl", "ru"} else language, paragraphs=paragraphs(texts[each]),
                     is_draft=is_draft)
            for each in order
        ]
    )  # fmt: skip


def paper_name(number: str, paper: PaperRow | None) -> str:
    """Return the name of a paper's file."""
    plain = number.replace("/", "-")
    if paper is None or paper.kind in {ContractPaperKind.OFFER, ContractPaperKind.SUPPLY}:
        return f"{plain}.pdf"
    return f"{plain}-{paper.kind.lower()}-{paper.number}.pdf"


def register_table(rows: Iterable[RegisterRow]) -> tuple[list[str], list[Sequence[object]]]:
    """Return the head and the rows of the register for a file."""
    columns = "number kind state consumer stir division signed_on valid_from valid_to accounts".split()
    head = [str(labels.COLUMN_LABELS[column]) for column in columns]
    return head, [
        [row.number, labels.member_of(type(row.kind), row.kind), labels.member_of(type(row.state), row.state), row.consumer,
         labels.personal.shown(row.stir, "stir") if row.stir else "",
         row.division, _iso(row.signed_on), row.valid_from.isoformat(), _iso(row.valid_to), row.accounts]
        for row in rows
    ]  # fmt: skip


def register_file(rows: Iterable[RegisterRow], kind: str) -> bytes:
    """Return the register as CSV or XLSX."""
    head, table = register_table(rows)
    return downloads.csv_bytes(head, table) if kind == "csv" else downloads.xlsx_bytes(head, table)


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()
